#ifndef SENTENCE_H
#define SENTENCE_H

struct disposition;
struct verdict;

/* One sentence why: for the log, the reply and doveadm. Each is one line of
   ASCII, sanitised, in the data stack, at most AUTHRES_MAX_EXPLANATION_BYTES
   long. */

/* Whatever a user's settings make of it. */
const char *t_sentence_verdict(const struct verdict *verdict);
/* The same, with what the settings changed about the usual action. */
const char *t_sentence_disposition(const struct verdict *verdict,
				   const struct disposition *disposition);
/* Text of the 550 or 451 reply; NULL if the message is accepted. */
const char *t_sentence_reply(const struct verdict *verdict,
			     const struct disposition *disposition);

#endif
