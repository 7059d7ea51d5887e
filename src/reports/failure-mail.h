#ifndef FAILURE_MAIL_H
#define FAILURE_MAIL_H

struct failure_record;
struct report_name;

/* The mail that is a failure report: RFC 9991 section 4, RFC 6591 section 3,
   RFC 5965 section 2. */

struct failure_mail {
	/* only its id is used: the identity of the report */
	const struct report_name *name;
	/* who reports, as in struct report_mail */
	const char *submitter, *organization;
	const char *from;
	const char *to;
	time_t date;
	/* "authres/1.0" */
	const char *user_agent;
	/* its text has no marks */
	const struct failure_record *record;
};

/* Append the message, lines ended by CRLF, none longer than 998 bytes:
   multipart/report of a few sentences, message/feedback-report and
   text/rfc822-headers. Strings as for report_mail_write(). */
void failure_mail_write(const struct failure_mail *mail, string_t *dest);

#endif
