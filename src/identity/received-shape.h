#ifndef RECEIVED_SHAPE_H
#define RECEIVED_SHAPE_H

#include "received.h"

/* How the shapes of Received are told apart, though HELO, the name in DNS,
   ident (RFC 1413), a certificate and the envelope are the client's choice and
   not every MTA cleans them:

   - A shape is known by what its writer says of himself in the by clause, such
     as "(Postfix)". With most MTAs that clause begins a line of its own, and
     no client can write a line break: what it says on the line of the from
     clause cannot be taken for a by clause.
   - On that line the address is read from where the writer puts it: from the
     end of the line, or from its begin, whichever the client cannot shift.
   - Shapes written on one line are read only where the writer lets nothing of
     the client's through but words, or where there is no client.

   What the client says is never a reason to refuse a field: HELO and name are
   left out if they cannot be used. */

struct trusted_hosts;

struct received_cursor {
	/* Unfolded: "\n" stands for CRLF, and only where the writer broke the
	   line. NUL-terminated. */
	const char *p;
};

/* All of these skip white space and line breaks first, advance only when they
   return TRUE, and give data stack memory. A word ends at white space, a line
   break, "(", ")" or ";". */
bool received_next_word(struct received_cursor *cursor, const char **word_r);
bool received_next_keyword(struct received_cursor *cursor, const char *keyword);
/* The inside of one balanced comment. */
bool received_next_comment(struct received_cursor *cursor,
			   const char **content_r);
/* The rest of a line without white space at its ends, and the line break
   behind it; FALSE if the field ends with this line. Skips white space only,
   no line break. */
bool received_next_line(struct received_cursor *cursor, const char **line_r);
/* Do words on this line begin with prefix? Nothing is advanced. */
bool received_line_begins(const struct received_cursor *cursor,
			  const char *prefix);
/* Does the line end here, and the next one begin with prefix? */
bool received_next_line_begins(const struct received_cursor *cursor,
			       const char *prefix);
/* "by" and a word. */
bool received_next_by(struct received_cursor *cursor,
		      struct received *received_r);
/* "with" and a word. */
bool received_next_with(struct received_cursor *cursor,
			struct received *received_r);
/* "id" and a word. */
bool received_next_id(struct received_cursor *cursor,
		      struct received *received_r);

/* The line "from HELO (NAME [192.0.2.1])", or with "([192.0.2.1])", read from
   both ends. name_r is NULL if it is not one word, or none. */
bool received_next_client_line(struct received_cursor *cursor,
			       struct received *received_r,
			       const char **name_r);

/* "192.0.2.1", "2001:db8::1" or "IPv6:2001:db8::1" and nothing else; "%" and a
   scope may follow. */
bool received_address(const char *str, struct ip_addr *ip_r);
/* The same in brackets. */
bool received_address_literal(const char *str, struct ip_addr *ip_r);
/* What a client said, or NULL if it is empty or holds control characters. */
const char *received_usable(const char *str);
/* ESMTPA, ESMTPSA and the like, RFC 3848, RFC 6531 section 4.3. */
bool received_protocol_is_authenticated(const char *protocol);

/* The rule for lines of no shape below, written by one of the names in writers.
   text: as in a cursor. Returns TRUE, or FALSE if no "by" has such a name
   behind it. What is not certain about the client is masked: by the client if
   there is no one address that must be its own, otherwise by the writer. Data
   stack memory. */
bool received_parse_general(const char *text,
			    const struct trusted_hosts *writers,
			    struct received *received_r);

/* Postfix whose mail_name is another: "by HOST (NAME, from userid 1000) id ID",
   and without user ID. For writers we were told to believe: other programs
   might write it and hide a client. */
bool received_parse_renamed_local(struct received_cursor *cursor,
				  struct received *received_r);

/* The shapes. Each returns TRUE, or FALSE if the field is not of its shape. */
typedef bool received_shape_t(struct received_cursor *cursor,
			      struct received *received_r);
received_shape_t received_parse_amavis;
received_shape_t received_parse_courier;
received_shape_t received_parse_dovecot;
received_shape_t received_parse_exim;
received_shape_t received_parse_exim_local;
received_shape_t received_parse_fetchmail;
received_shape_t received_parse_getmail;
received_shape_t received_parse_google;
received_shape_t received_parse_google_internal;
received_shape_t received_parse_halon;
received_shape_t received_parse_haraka;
received_shape_t received_parse_microsoft;
received_shape_t received_parse_mox;
received_shape_t received_parse_opensmtpd;
received_shape_t received_parse_opensmtpd_masked;
received_shape_t received_parse_postfix;
received_shape_t received_parse_postfix_local;
received_shape_t received_parse_qmail;
received_shape_t received_parse_qmail_queue;
received_shape_t received_parse_sendmail;
received_shape_t received_parse_sendmail_local;
received_shape_t received_parse_yahoo;
received_shape_t received_parse_yahoo_internal;

#endif
