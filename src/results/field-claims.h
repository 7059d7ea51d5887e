#ifndef FIELD_CLAIMS_H
#define FIELD_CLAIMS_H

/* Does a field name one of our hosts? For fields that only we may write.

   Readers differ: some know the grammar, some split at ";" or white space,
   some drop comments, quotes or bytes they do not like. So an id of ours is
   looked for as a name with boundaries, in the field as it is and with
   comments removed in each way somebody removes them, and what a reader might
   drop may stand between any two of its letters. Data may be any bytes, ids is
   NULL-terminated. */

typedef bool field_claims_t(const unsigned char *data, size_t size,
			    const char *const *ids);

/* Does one of ids stand in data? */
bool field_has_id(const unsigned char *data, size_t size,
		  const char *const *ids);
/* Does claims() say so of data, or of data without comments? Uses the data
   stack. */
bool field_claims_uncommented(const unsigned char *data, size_t size,
			      const char *const *ids, field_claims_t *claims);
/* Does claims() say so of data, or of data with encoded-words (RFC 2047)
   decoded? */
bool field_claims_decoded(const unsigned char *data, size_t size,
			  const char *const *ids, field_claims_t *claims);

#endif
