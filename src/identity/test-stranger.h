#ifndef TEST_STRANGER_H
#define TEST_STRANGER_H

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

#endif
