#ifndef REFERENCE_DKIM_H
#define REFERENCE_DKIM_H

#include "dkim-signature.h"
#include "reference-message.h"

struct resolver;
struct dns_session;
struct msg_header;

/* The signatures of DKIM and ARC made and verified in the slow, obvious way on
   a reference_message, independent of src/ but for the reading of signature
   fields. All on the data stack. */

/* Whatever the domain, the first label of a key's name says what DNS has: none,
   temporary trouble, the RSA key of tests/data, or else the ed25519 key. */
struct resolver *reference_resolver_init(void);
/* The result of looking for the key of this signature: pass, permerror or
   temperror. */
enum check_result_word reference_key_result(const struct dkim_signature *sig);

/* RFC 6376 section 3.7: the body hash of sig as base64, and where l= ends. */
struct reference_body {
	const char *hash;
	bool shorter_than_length;
	uoff_t unsigned_bytes;
};
void reference_body_hash(const struct reference_message *message,
			 const struct dkim_signature *sig,
			 struct reference_body *body_r);
/* Is bh= right? */
bool reference_body_good(const struct reference_message *message,
			 const struct dkim_signature *sig);
/* What b= signs. idx: which field of the message sig is. */
string_t *reference_signed_header(const struct reference_message *message,
				  unsigned int idx,
				  const struct dkim_signature *sig);
/* The field with an empty b=, without its CRLF. */
void reference_emptied_field(string_t *dest,
			     const struct reference_field *field,
			     enum canonicalization canonicalization);
bool reference_verify(const struct dkim_signature *sig, const string_t *data);
/* By the ed25519 key, base64. */
const char *t_reference_sign(const string_t *data);

/* Give the field another value of this tag, which it must have. */
void reference_field_set_tag(struct reference_field *field, const char *name,
			     const char *value);
/* The whole message again. */
string_t *reference_message_write(const struct reference_message *message);

/* Our own reading of a message. */
struct fuzz_mail {
	pool_t pool;
	const struct msg_header *header;
	string_t *body;
};
void fuzz_mail_init(struct fuzz_mail *mail_r, const string_t *text);

/* Ask for what is missing; everything is answered at once. */
void fuzz_resolve(struct dns_session *dns);

/* The time of all runs. */
#define FUZZ_NOW 1700000000

#endif
