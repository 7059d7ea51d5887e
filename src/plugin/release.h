#ifndef RELEASE_H
#define RELEASE_H

struct authres_user;
struct delivered_mail;
struct mail;
struct mail_user;
struct release;

/* What a user says of a message: by a move out of Junk that it is wanted
   (release), into Junk that it is not (retraction), by an answer that its list
   is one (answer). All are read from the message when it happens, and have
   their effect when that is done. */

/* mail is about to leave Junk, with this record of our delivery: it teaches what
   release-lesson.h says. Never fails: what cannot be read teaches nothing. */
struct release *release_read(struct authres_user *auser, struct mail *mail,
			     const struct delivered_mail *delivered);
/* mail is about to be put into Junk. */
struct release *retraction_read(struct authres_user *auser, struct mail *mail);
/* mail was answered; delivered has DELIVERED_MAIL_LIST_PASSED. */
struct release *answer_read(struct authres_user *auser, struct mail *mail,
			    const struct delivered_mail *delivered);
void release_free(struct release **release);

/* It is done, the message is in mailbox: allow it, or no more; log it. */
void release_finish(struct authres_user *auser, struct mail_user *user,
		    const struct release *release, const char *mailbox);

#endif
