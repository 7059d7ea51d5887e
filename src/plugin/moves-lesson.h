#ifndef MOVES_LESSON_H
#define MOVES_LESSON_H

struct authres_user;
struct delivery_record;
struct mail;
struct moves_lesson;

/* What a user says of a message: by a move out of Junk that it is wanted
   (release), into Junk that it is not (retraction), by an answer that its list
   is one (answer). All are read from the message when it happens, and have
   their effect when that is done. */

/* mail is about to leave Junk, with this record of our delivery: it teaches
   what release-lesson.h says. Never fails: what cannot be read teaches
   nothing. */
struct moves_lesson *
moves_lesson_release(struct authres_user *auser, struct mail *mail,
		     const struct delivery_record *delivered);
/* mail is about to be put into Junk. */
struct moves_lesson *
moves_lesson_retraction(struct authres_user *auser, struct mail *mail);
/* mail was answered; delivered has DELIVERY_RECORD_LIST_PASSED. */
struct moves_lesson *
moves_lesson_answer(struct authres_user *auser, struct mail *mail,
		    const struct delivery_record *delivered);
void moves_lesson_free(struct moves_lesson **lesson);

/* It is done, the message is in mailbox: allow it, or no more; log it. */
void moves_lesson_finish(struct authres_user *auser,
			 const struct moves_lesson *lesson,
			 const char *mailbox);

#endif
