#ifndef TEST_KEPT_ANSWER_H
#define TEST_KEPT_ANSWER_H

#include "resolver.h"

/* Answers for tests of what keeps them in shared memory. */

/* Anonymous memory that forked processes share; it lasts until the end. */
struct shared_memory *test_kept_memory(size_t bytes);
/* An answer with this text (an address, a name), count times, or with this
   status and no record. Data stack; text must stay. */
const struct dns_answer *
test_kept_answer(enum dns_type type, enum dns_status status, const char *text,
		 unsigned int count);
bool test_kept_answers_equal(enum dns_type type,
			     const struct dns_answer *answer1,
			     const struct dns_answer *answer2);

#endif
