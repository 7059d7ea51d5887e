#ifndef PUBLISHED_POLICY_H
#define PUBLISHED_POLICY_H

#include "verdict.h"

/* The DMARC record that held for a message, as its owner published it
   (RFC 9989 section 4.7): what an aggregate report says in policy_published
   (RFC 9990 section 3.1.1.5), and where reports are asked for. It travels from
   the verifier to the history as one text. */

struct published_policy {
	/* RFC 9989's tree walk found it; else RFC 7489's Public Suffix List */
	bool tree_walk;
	/* before t= or pct= lower them */
	enum dmarc_policy policy;
	bool has_subdomain_policy, has_nonexistent_policy;
	/* meaningful only if they were given */
	enum dmarc_policy subdomain_policy;
	enum dmarc_policy nonexistent_policy;
	bool strict_dkim, strict_spf;
	bool test_mode;
	/* pct= of RFC 7489, 100 without */
	unsigned int percent;
	/* 'y', 'n' or 'u' */
	char psd;
	/* fo= as published: "0", "1", "d", "s" separated by ":"; NULL = not
	   given, or something else */
	const char *fo;
	/* rua= and ruf= as published, URIs separated by ",", in printable ASCII
	   without spaces and ";": not parsed, hostile. NULL = not given, or
	   nothing usable. */
	const char *rua, *ruf;
	/* what is wrong with p=, sp= or np=, for people; NULL = nothing */
	const char *defect;
};

/* A record of which nothing is known: p=none. */
void published_policy_init(struct published_policy *policy_r);
/* value: of a tag in a record, any bytes. The usable URIs of rua= or ruf=, as
   many whole ones as fit into AUTHRES_MAX_REPORT_URIS_BYTES; or fo=. NULL =
   none. Data stack. */
const char *t_published_uris(const char *value);
const char *t_published_fo(const char *value);

/* The text of a policy: "p=reject;sp=none;...;rua=mailto:a@example.org", tags
   in a fixed order, printable ASCII of at most
   AUTHRES_MAX_PUBLISHED_POLICY_BYTES; the same for the same policy. Data
   stack. */
const char *t_published_policy_text(const struct published_policy *policy);
/* text: any bytes. Returns 0 and policy_r, whose strings live in pool, or -1 if
   t_published_policy_text() did not write it. */
int published_policy_parse(pool_t pool, const char *text,
			   struct published_policy *policy_r);
/* What makes two reports out of one (RFC 9990 section 3.1): p, sp, np, adkim,
   aspf, fo, t, pct and the method, not where reports go. 16 hex digits. Data
   stack. */
const char *t_published_policy_config(const struct published_policy *policy);

#endif
