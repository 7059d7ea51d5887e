#ifndef RELEASE_ALLOW_H
#define RELEASE_ALLOW_H

/* What releasing a message allows its recipient, when the administrator says
   so. */

struct review_mail;
struct review_user;
struct verdict;

struct release_allowance {
	/* its author's address */
	const char *author;
	/* why it allows nothing, a half sentence about the message; NULL = it
	   may */
	const char *why;
};

/* Read from rmail, before it moves. Strings live in ruser->pool. */
void release_allowance_read(struct review_user *ruser,
			    const struct review_mail *rmail,
			    struct release_allowance *allowance_r);
/* Allow mail of this kind from now on. verdict is the message's. Returns TRUE and text_r "list:lists.example.org", or
   FALSE and text_r "no: why"; an error of the dict is logged and becomes the
   command's exit code. text_r: data stack. */
bool release_allowance_add(struct review_user *ruser,
			   const struct verdict *verdict,
			   const struct release_allowance *allowance,
			   const char **text_r);

#endif
