#ifndef HISTORY_ROW_H
#define HISTORY_ROW_H

#include "authres-limits.h"
#include "net.h"
#include "published-policy.h"

/* What the history knows of messages: those that agree in everything are one
   row, and rows are counted. A row has what an aggregate report says of a
   message (RFC 9990 sections 3.1.1.7 to 3.1.1.14) and what statistics ask
   for: no address, no recipient, no Message-ID. */

/* The policy domain of rows of messages for which no policy record was found
   or looked for. They are no part of any report and only have event, dmarc,
   disposition, reason without comment and flags, so that strangers cannot make
   many of them. */
#define HISTORY_NO_DOMAIN "-"

enum history_event {
	/* messages that were delivered or refused */
	HISTORY_EVENT_DELIVERED,
	/* messages that their recipients took back from Junk, as these say
	   (history-taken-back.h): for statistics, never part of a report.
	   policy_domain is the Author Domain, config is "", reason and
	   reason_comment are the list or forwarder that it came through */
	HISTORY_EVENT_TAKEN_BACK
};

/* What was done (RFC 9990 section 3.1.1.9): of several recipients, the
   strictest. Mail filed in Junk is HISTORY_DISPOSITION_QUARANTINE. */
enum history_disposition {
	HISTORY_DISPOSITION_NONE,
	/* DMARC passed, and there was a policy to apply otherwise; the form of
	   RFC 7489 has "none" instead */
	HISTORY_DISPOSITION_PASS,
	HISTORY_DISPOSITION_QUARANTINE,
	HISTORY_DISPOSITION_REJECT
};

/* Why that is not what the policy asks for (RFC 9990 section 3.1.6). */
enum history_reason {
	HISTORY_REASON_NONE,
	HISTORY_REASON_LOCAL_POLICY,
	HISTORY_REASON_MAILING_LIST,
	HISTORY_REASON_OTHER,
	HISTORY_REASON_POLICY_TEST_MODE,
	HISTORY_REASON_TRUSTED_FORWARDER,
	/* pct= of RFC 7489, whose form alone knows the word */
	HISTORY_REASON_SAMPLED_OUT
};

/* One result of a DKIM signature or SPF. human_result: printable ASCII without
   "<", ">" and "&", at most AUTHRES_MAX_HUMAN_RESULT_BYTES; NULL = none. */
struct history_dkim {
	/* A-labels, lower case */
	const char *domain;
	/* as a domain is written */
	const char *selector;
	enum check_result_word result;
	const char *human_result;
};

struct history_spf {
	/* of the MAIL FROM, or HELO for the null reverse-path; NULL = SPF was
	   not evaluated */
	const char *domain;
	enum check_result_word result;
	const char *human_result;
};

struct history_row {
	/* days since 1970-01-01 UTC, of the verdict */
	unsigned int day;
	/* where the record was found; HISTORY_NO_DOMAIN = nowhere */
	const char *policy_domain;

	/* from here on: what history_row_data() writes */
	enum history_event event;
	/* t_published_policy_config(); "" with HISTORY_NO_DOMAIN */
	const char *config;
	enum check_result_word dmarc;
	enum history_disposition disposition;
	/* aligned pass as DMARC saw it, whatever overrode it */
	bool dkim_aligned, spf_aligned;
	enum history_reason reason;
	/* printable ASCII without "<", ">" and "&", at most
	   AUTHRES_MAX_COMMENT_BYTES; NULL = none */
	const char *reason_comment;
	/* the SPF client; family 0 = no trustworthy one: such a row is no part
	   of a report (RFC 9990 needs source_ip) */
	struct ip_addr source_ip;
	/* Author Domain, A-labels; NULL = with HISTORY_NO_DOMAIN */
	const char *header_from;
	/* domain of MAIL FROM, A-labels; NULL = null reverse-path, or not
	   known */
	const char *envelope_from;
	/* a report, bounce or automatic answer: no reason to send a report */
	bool automatic;
	/* for one recipient at least, it was delivered, and not to Junk */
	bool outside_junk;
	/* aligned ones first */
	struct history_dkim dkim[AUTHRES_MAX_HISTORY_SIGNATURES];
	unsigned int dkim_count;
	struct history_spf spf;
};

/* The canonical text of a row, tab-separated, its version first: what the
   store keeps as data. The same for rows that agree in all but day and policy
   domain. The row must be one that history_row_is_valid(). Data stack. */
const char *t_history_row_data(const struct history_row *row);
/* data: any bytes. Fills row_r but for day and policy_domain; strings live in
   pool. Returns 0, or -1 if t_history_row_data() did not write it. */
int history_row_parse(pool_t pool, const char *data,
		      struct history_row *row_r);
/* The key of a row among those of its day and policy domain: 32 hex digits,
   SHA-256 of its data. Data stack. */
const char *t_history_row_hash(const char *data);
/* TRUE if all members are what is said above. */
bool history_row_is_valid(const struct history_row *row);
/* text made fit for reason_comment and human_result, NULL if nothing is left.
   Data stack. */
const char *t_history_text(const char *text, size_t max_bytes);
/* TRUE if selector can be in a row; a signature with another one is left
   out. */
bool history_selector_is_valid(const char *selector);

/* The words of RFC 9990: "quarantine", "mailing_list"; NULL for
   HISTORY_REASON_NONE. */
const char *history_disposition_name(enum history_disposition disposition);
const char *history_reason_name(enum history_reason reason);

/* One message, as the plugin tells of it: a line for the recorder and its
   spool. */
struct history_record {
	struct history_row row;
	/* of the policy domain; without meaning for HISTORY_NO_DOMAIN */
	struct published_policy policy;
	/* evaluation_message_number(): the same for all deliveries of one
	   message; 0 = not known */
	uint64_t message_number;
};

/* Append the line without LF, at most AUTHRES_MAX_HISTORY_ROW_BYTES. */
void history_record_encode(const struct history_record *record, string_t *dest);
/* line: any bytes but NUL. Strings live in pool. Returns 0, or -1 and error_r
   (a literal). */
int history_record_decode(pool_t pool, const char *line,
			  struct history_record *record_r,
			  const char **error_r);

#endif
