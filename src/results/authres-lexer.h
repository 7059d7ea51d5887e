#ifndef AUTHRES_LEXER_H
#define AUTHRES_LEXER_H

/* The tokens of an Authentication-Results field, RFC 8601 section 2.2: CFWS,
   keywords, values. Pull style; nothing is read twice, nothing recurses. */

struct authres_lexer {
	const unsigned char *data, *end;
	/* a comment was skipped that holds another comment, a quoted-pair or a
	   quote: readers may disagree about where it ends */
	bool comment_is_complex;
};

/* size bytes at data, folded or not. */
void authres_lexer_init(struct authres_lexer *lexer,
			const unsigned char *data, size_t size);
static inline bool authres_lexer_at_end(const struct authres_lexer *lexer)
{
	return lexer->data == lexer->end;
}

/* Skip folding white space. */
void authres_lexer_skip_fws(struct authres_lexer *lexer);
/* Read the comment that begins at "(". Its text is appended to dest (may be
   NULL) unfolded (a line break and the white space behind it are one space),
   without the outer parentheses and quoted-pair backslashes.
   Returns -1 if it does not end. */
int authres_lexer_comment(struct authres_lexer *lexer, string_t *dest);
/* Skip CFWS. Returns -1 if a comment does not end. */
int authres_lexer_skip_cfws(struct authres_lexer *lexer);

/* Skip chr and return TRUE, or return FALSE if it does not stand here. */
bool authres_lexer_char(struct authres_lexer *lexer, char chr);
/* Letters, digits, "-" and "_" (RFC 5321 Keyword and what filters write).
   Returns FALSE if there are none. */
bool authres_lexer_keyword(struct authres_lexer *lexer, string_t *dest);
/* Read the quoted-string that begins at '"', unescaped and unfolded. Returns
   -1 if it does not end. */
int authres_lexer_quoted_string(struct authres_lexer *lexer, string_t *dest);
/* An authserv-id: a quoted-string, or anything up to white space, "=" or one
   of ;()"\. May append nothing. */
int authres_lexer_id(struct authres_lexer *lexer, string_t *dest);
/* A pvalue: as above, but with "=", and a quoted local part stays quoted. */
int authres_lexer_pvalue(struct authres_lexer *lexer, string_t *dest);

#endif
