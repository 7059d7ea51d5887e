#ifndef FORGED_FIELDS_H
#define FORGED_FIELDS_H

/* Authentication-Results fields that claim one of our authserv-ids although
   we did not write them (RFC 8601 section 5). And what an MTA of ours
   writes for us alone, authres_client_source=header:NAME, with whatever else
   has that name. The header is read here as a stream of bytes:
   no parser's limit on size, number or length of fields applies, and memory
   stays below twice AUTHRES_MAX_FIELD_BYTES whatever the message holds.

   A field is what begins at the start of a line, or after a bare CR, which
   some readers take for a line end. White space before the colon, folding
   (before the colon too), comments and case do not hide it. White space at
   the very start of the message would continue the field that is put in
   front of it, so such lines are forged, too. */

struct istream;
struct ostream;

struct forged_fields {
	/* how many were found (and left out of output) */
	unsigned int count;
	/* the same for fields with the name client_header */
	unsigned int client_count;
	/* offset of the empty line that ends the header, or of the end of the
	   message when there is none */
	uoff_t header_end;
	/* the first line ends with CRLF */
	bool crlf;
};

struct forged_fields_query {
	/* NULL-terminated; NULL = do not look for the former */
	const char *const *authserv_ids;
	/* NULL = no such field */
	const char *client_header;
};

/* Read the header in input from offset 0. The caller seeks afterwards.
   output: NULL, or gets all bytes before header_end that belong to no forged
   field, unchanged; its errors are left to the caller.
   Returns 0, or -1 and error_r (data stack) if input cannot be read. */
int forged_fields_scan(struct istream *input,
		       const struct forged_fields_query *query,
		       struct ostream *output,
		       struct forged_fields *fields_r, const char **error_r);

#endif
