#ifndef RELEASE_ALLOW_H
#define RELEASE_ALLOW_H

/* What releasing a message allows its recipient, when the administrator says
   so. */

struct allowance;
struct release_lesson;
struct review_user;

/* Allow mail of this kind from now on; the administrator's word is the proof.
   lesson: of the message, before it moved. Returns TRUE, allowance_r and text_r
   "list:lists.example.org", or FALSE and text_r "no: why"; an error of the dict
   is logged and becomes the command's exit code. text_r: data stack. */
bool release_allowance_add(struct review_user *ruser,
			   const struct release_lesson *lesson,
			   struct allowance *allowance_r, const char **text_r);

#endif
