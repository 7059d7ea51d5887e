#ifndef SUBMISSION_H
#define SUBMISSION_H

struct master_service;
struct submission;

/* Mail of our own, for doveadm: handed to the MTA of submission_host, or else
   to sendmail_path, as Sieve hands on mail. */

/* As Dovecot's configuration has it. */
struct submission_settings {
	const char *hostname, *submission_host, *sendmail_path;
	const char *submission_ssl;
	unsigned int submission_timeout_secs;
};

/* set must live as long as submission_r. Dovecot 2.4 reads its settings by
   itself. Returns 0, or -1 and error_r (data stack). */
int submission_init(struct master_service *service,
		    const struct submission_settings *set,
		    struct submission **submission_r, const char **error_r);
/* mail_from and rcpt_to: "local@domain", valid for SMTP. mail: the message
   with CRLF. Waits, for submission_timeout at most. Returns 1 = the MTA has
   taken it, 0 = it refuses it for good, -1 = not now or not known; error_r
   (data stack) has what it said. */
int submission_send(struct submission *submission, const char *mail_from,
		    const char *rcpt_to, const string_t *mail,
		    const char **error_r);
/* Where mail is handed to, for people: "submission_host mx:25". Data stack. */
const char *t_submission_place(const struct submission *submission);
void submission_deinit(struct submission **submission);

#endif
