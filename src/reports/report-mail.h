#ifndef REPORT_MAIL_H
#define REPORT_MAIL_H

struct report_name;

/* The mail that carries a report: RFC 9990 section 3.5.2. */

struct report_mail {
	const struct report_name *name;
	/* who reports: a domain, and for people any text or NULL */
	const char *submitter, *organization;
	const char *from;
	const char *policy_domain;
	/* one address, so that owners do not see each other */
	const char *to;
	time_t date;
	/* the compressed report */
	const buffer_t *gzip;
};

/* Append the From field; organization may be NULL. */
void report_mail_write_from(const char *organization, const char *from,
			    string_t *dest);
/* Append the message, lines ended by CRLF: multipart/mixed of a few sentences
   and the report. All strings must be printable ASCII without CR and LF, but
   organization, which may be UTF-8. */
void report_mail_write(const struct report_mail *mail, string_t *dest);

#endif
