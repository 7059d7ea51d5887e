#ifndef RELEASE_H
#define RELEASE_H

struct authres_user;
struct delivered_mail;
struct mail;
struct mail_user;
struct release;

/* What a user says with a move: out of Junk that a message is wanted (release),
   into Junk that it is not (retraction). Both are read from the message when it
   is moved, and have their effect when the move is done. */

/* mail is about to leave Junk, with this record of our delivery. What the
   record, our field and From agree on, and nothing else, will be allowed.
   Never fails: what cannot be read teaches nothing. */
struct release *release_read(struct authres_user *auser, struct mail *mail,
			     const struct delivered_mail *delivered);
/* mail is about to be put into Junk. */
struct release *retraction_read(struct authres_user *auser, struct mail *mail);
void release_free(struct release **release);

/* The message is in mailbox now: allow it, or no more; log it. */
void release_finish(struct authres_user *auser, struct mail_user *user,
		    const struct release *release, const char *mailbox);

#endif
