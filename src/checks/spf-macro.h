#ifndef SPF_MACRO_H
#define SPF_MACRO_H

#include "net.h"

/* Macro strings of SPF, RFC 7208 section 7: parsed once, with the syntax
   checked, and expanded as often as needed. */

enum spf_macro_place {
	/* domain-spec of a mechanism, redirect= or exp= (section 7.1): ends in
	   a macro or a top-level label; c, r and t are refused (section 7.2) */
	SPF_MACRO_PLACE_DOMAIN,
	/* value of an unknown modifier: any macro-string, also empty */
	SPF_MACRO_PLACE_MODIFIER,
	/* explain-string (section 6.2): spaces are fine */
	SPF_MACRO_PLACE_EXPLANATION
};

/* Literal text when letter is 0, else one macro-expand. */
struct spf_macro_part {
	/* the literal text, or the delimiters to split at (none: "."); points
	   into the parsed text */
	const char *text;
	unsigned int text_size;
	/* s l o d i p h c r t v */
	char letter;
	/* written in upper case: URL-escape the value */
	bool url_escape:1;
	bool reverse:1;
	/* how many right-hand parts to use, 0 = all */
	unsigned int keep;
};

struct spf_macro {
	const struct spf_macro_part *parts;
	unsigned int part_count;
	/* p occurs: validated_name must be found before expanding */
	bool uses_p;
};

/* What the letters stand for (section 7.2). NULL is allowed only where said. */
struct spf_macro_values {
	/* s, l: NULL = has bytes that no macro can match (RFC 8616 section
	   4), or is too long: then whatever includes it matches nothing */
	const char *local_part;
	/* o */
	const char *sender_domain;
	/* d */
	const char *domain;
	/* i, c, v: IPv4-mapped addresses are IPv4 by now */
	const struct ip_addr *client_ip;
	/* p: NULL = "unknown" */
	const char *validated_name;
	/* h: NULL = "unknown" */
	const char *helo;
	/* r: NULL = "unknown" */
	const char *receiver;
	/* t */
	time_t now;
};

/* text: any bytes; it must live as long as macro_r, whose parts are in pool.
   More than AUTHRES_MAX_SPF_MACROS macros are refused. Returns 0, or -1 and
   error_r (static or data stack). */
int spf_macro_parse(pool_t pool, const char *text, size_t size,
		    enum spf_macro_place place, struct spf_macro *macro_r,
		    const char **error_r);

/* Expand to a target-name: lower case, without the trailing dot, and cut on
   the left, label by label, to 253 bytes (section 7.3). It need not be a
   valid name. Returns 0 and name_r (data stack), or -1 if it cannot be
   expanded (local_part). */
int spf_macro_expand_name(const struct spf_macro *macro,
			  const struct spf_macro_values *values,
			  const char **name_r);

/* Expand to an explanation, cut at max_size bytes; anything that is not
   printable ASCII becomes "?". Returns 0 and text_r (data stack), or -1 if it
   cannot be expanded (local_part). */
int spf_macro_expand_text(const struct spf_macro *macro,
			  const struct spf_macro_values *values,
			  size_t max_size, const char **text_r);

#endif
