#ifndef REPORT_NAME_H
#define REPORT_NAME_H

/* What a report is called and what period it is about: RFC 9990 sections
   3.1.1.4, 3.5.1 and 3.5.2. */

struct report_name_key {
	/* of the day: since 1970-01-01 UTC */
	unsigned int day;
	/* who reports, about which domain: A-labels */
	const char *submitter, *policy_domain;
	/* published_policy_config(): a report has one configuration */
	const char *config;
};

struct report_name {
	/* Report-ID: 32 hex digits, the same whenever the report is made */
	const char *id;
	/* "submitter!domain!begin!end!id.xml.gz" */
	const char *file_name;
	/* value of the Subject field, folded with CRLF, no CRLF at its end */
	const char *subject;
	/* first and last second, since 1970 */
	time_t begin, end;
};

/* Strings live in pool. */
void report_name_init(pool_t pool, const struct report_name_key *key,
		      struct report_name *name_r);
/* "ID.N@submitter" without brackets: the same for the same report to the same
   address, and for no other. Data stack. */
const char *
t_report_message_id(const struct report_name *name, const char *submitter,
		    const char *address);
/* MAIL FROM for the same: ID and N in the local part of from behind "+", so
   that a bounce says which address is dead. from itself where that would be
   too long. Data stack. */
const char *
t_report_mail_from(const struct report_name *name, const char *from,
		   const char *address);

/* TRUE if name is what readers take for a domain name: A-labels, lower case,
   no trailing dot. NULL and any bytes are fine. */
bool report_domain_is_valid(const char *name);

/* A day as t_history_day_text() writes it; returns -1 if it is no date since
   1970. */
int report_day_parse(const char *text, unsigned int *day_r);

#endif
