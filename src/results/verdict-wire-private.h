#ifndef VERDICT_WIRE_PRIVATE_H
#define VERDICT_WIRE_PRIVATE_H

#include "net.h"
#include "verdict.h"

/* The values both messages of the protocol are made of. */

/* TRUE if text is printable ASCII of at most max_bytes. */
bool wire_text_is_valid(const char *text, size_t max_bytes);
/* TRUE if keyword is a Keyword (RFC 5321 section 4.1.2): letters, digits and
   "-", at most AUTHRES_MAX_PROPERTY_NAME_BYTES. */
bool wire_keyword_is_valid(const char *keyword);
/* TRUE for the ptypes of RFC 8601 section 2.3 and its registry. */
bool wire_ptype_is_valid(const char *ptype);
/* These return 0, or -1 if value is not spelled exactly as it is written. */
int wire_uint_parse(const char *value, unsigned int *num_r);
int wire_ip_parse(const char *value, struct ip_addr *ip_r);
/* The value that wire_append_percent() wrote, on the data stack. */
int wire_percent_parse(const char *value, const char **value_r);

/* Append <tab> key=value. */
void wire_append(string_t *dest, const char *key, const char *value);
void wire_append_uint(string_t *dest, const char *key, uintmax_t value);
/* As plain_text_append() does. NULL appends nothing. */
void wire_append_text(string_t *dest, const char *key, const char *text,
		      size_t max_bytes);
/* "%" and all bytes but printable ASCII as "%" and two upper case hex
   digits. */
void wire_append_percent(string_t *dest, const char *key, const char *value);
/* Family 0 appends nothing. */
void wire_append_ip(string_t *dest, const char *key, const struct ip_addr *ip);

struct verdict_decoder {
	pool_t pool;
	ARRAY_TYPE(check_result) results;
	/* all bytes so far; of the line that has no end yet */
	size_t size, checked;
	string_t *line;
	struct verdict_history history;
	bool history_seen;
	/* the VERDICT line was seen, or a line was refused */
	bool ended;
	/* bytes came behind it */
	bool more;
	bool fail;
};

/* args: the HISTORY line without its first word. Returns 0, or -1. */
int verdict_history_decode(pool_t pool, const char *const *args,
			   struct verdict_history *history_r);
/* args: the REPORT line without its first word. Returns 0, or -1, also if
   there was no HISTORY with a record before. */
int verdict_failure_decode(pool_t pool, const char *const *args,
			   struct verdict_history *history);
/* One line of a reply, without its LF. Returns as verdict_decoder_more()
   does. */
int verdict_decode_line(struct verdict_decoder *decoder, const char *line,
			struct verdict *verdict_r, const char **error_r);

#endif
