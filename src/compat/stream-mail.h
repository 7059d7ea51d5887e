#ifndef STREAM_MAIL_H
#define STREAM_MAIL_H

/* A stream presented as a mail, for mail_deliver_context.src_mail. */

struct istream;
struct mail;
struct mail_user;
struct stream_mail;

/* Open input as the only mail of a raw mailbox. original: the mail that it is
   made of, which must not be used as long as source lives: its mailbox reads
   input meanwhile, with the original's time and envelope sender. If that is no
   raw mailbox, one is made with the system settings of user, the recipient, the
   original's time (or now) and mail_from: the envelope sender without <>, ""
   when there is none.
   Takes a reference to input. Returns 0, or -1 and error_r (data stack). */
int stream_mail_open(struct mail_user *user, struct mail *original,
		     struct istream *input, const char *mail_from,
		     struct stream_mail **source_r, const char **error_r);
/* Must be called before the mail that input was made from is freed. */
void stream_mail_close(struct stream_mail **source);

/* Lives as long as source. */
struct mail *stream_mail_get(struct stream_mail *source);

#endif
