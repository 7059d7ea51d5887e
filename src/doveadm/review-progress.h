#ifndef REVIEW_PROGRESS_H
#define REVIEW_PROGRESS_H

struct mailbox;
struct review_progress;

/* Show on standard error how many messages of a mailbox have been looked at,
   when it is a terminal and it takes a while. Returns NULL if
   there is nobody to look. */
struct review_progress *review_progress_init(struct mailbox *box);
/* Another message has been looked at. */
void review_progress_step(struct review_progress *progress);
/* Clears the line. *progress may be NULL. */
void review_progress_deinit(struct review_progress **progress);

#endif
