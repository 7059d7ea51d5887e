#ifndef ZONE_TOKEN_H
#define ZONE_TOKEN_H

/* The words of a master file, RFC 1035 section 5.1. */

enum zone_token_type {
	/* a word or quoted character-string */
	ZONE_TOKEN_WORD,
	/* the end of an entry; inside parentheses there is none */
	ZONE_TOKEN_EOL,
	ZONE_TOKEN_EOF,
	ZONE_TOKEN_ERROR
};

struct zone_tokenizer {
	const char *p;
	/* of the last token */
	unsigned int line;
	unsigned int next_line;
	bool in_parentheses;

	/* WORD: as written, escapes included, quotes not */
	const char *word;
	size_t word_size;
	bool quoted;
	/* WORD: white space stood before it, and the last token was EOL */
	bool indented;
	bool at_line_start;
	/* ERROR */
	const char *error;
};

/* text must live as long as the tokenizer. */
void zone_tokenizer_init(struct zone_tokenizer *tok_r, const char *text);
enum zone_token_type zone_tokenizer_next(struct zone_tokenizer *tok);

/* Append the word with "\X" and "\DDD" undone. Returns 0, or -1 if an escape is
   not complete or above 255. */
int zone_token_unescape(const struct zone_tokenizer *tok, buffer_t *dest);

#endif
