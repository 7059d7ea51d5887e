#ifndef VERDICT_COMMENT_H
#define VERDICT_COMMENT_H

struct verdict;

/* What our Authentication-Results field says besides results, in its one
   comment on the whole field (authres-field.h): where the client address was
   found, which forwarder and list passed the message on, and what was not
   used. */

/* Pairs "client=192.0.2.1 received=2 by=mx.example", without the prefix; at
   most AUTHRES_MAX_FIELD_COMMENT_BYTES of printable ASCII, none of ();"\. NULL
   = there is nothing to say. Data stack. */
const char *t_verdict_comment(const struct verdict *verdict);
/* Fill the same members of verdict from any comment. What is not written like
   that, or not in that order, is ignored; strings live in pool. */
void verdict_comment_read(pool_t pool, const char *comment,
			  struct verdict *verdict);

#endif
