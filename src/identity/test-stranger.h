#ifndef TEST_STRANGER_H
#define TEST_STRANGER_H

#include "received.h"

struct trusted_hosts;

/* What a stranger chooses: HELO, name in DNS, ident, envelope. */

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct stranger {
	unsigned int state;
	const char *ip;
};

unsigned int test_random(struct stranger *stranger, unsigned int max);
/* Any bytes but NUL, CR and LF: those end a command. */
const char *stranger_text(struct stranger *stranger, unsigned int max_bytes);

/* What programs make of it. */
const char *replaced(const char *text, const char *bad, bool keep_control,
		     char by);
const char *kept(const char *text, const char *good);
const char *word(const char *text, const char *good);
/* As an MTA on the way to us breaks lines that are too long. */
const char *stranger_lines_broken(const char *text);

/* How a program's fields are written and what must hold of what is read. */
struct stranger_program {
	/* what is behind "Received: ", of the program idx of the caller's
	   table; on the data stack */
	const char *(*write)(struct stranger *stranger, unsigned int idx);
	/* NULL = received_parse(), else received_parse_trusted() */
	const struct trusted_hosts *writers;
	bool (*is_right)(const struct received *received, const char *ip,
			 unsigned int idx);
};

/* Let strangers of four addresses write 2000 fields by the program idx; a field
   that is not read, or not right, fails the test and is shown. */
void test_stranger_fields(struct stranger *stranger,
			  const struct stranger_program *program,
			  unsigned int idx);

#endif
