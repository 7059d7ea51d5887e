#ifndef TEST_SIGNING_H
#define TEST_SIGNING_H

#include "msg-parser.h"
#include "resolver.h"

/* A signer for tests: slow, obvious, and independent of the verifier except
   for the canonicalization of single fields and bodies. */

struct test_key;

struct test_key *test_key_rsa(unsigned int bits);
struct test_key *test_key_ed25519(void);
void test_key_free(struct test_key **key);
/* base64 of SubjectPublicKeyInfo, RSAPublicKey, or the 32 bytes */
const char *t_test_key_p(const struct test_key *key);
const char *t_test_key_p_bare(const struct test_key *key);
/* base64 */
const char *t_test_key_sign(const struct test_key *key,
			    const void *data, size_t size);

struct test_message {
	const struct msg_header *header;
	/* CRLF line ends */
	string_t *body;
};
void test_message_parse(pool_t pool, const void *data, size_t size,
			struct test_message *message_r);
/* Feed to body hashes in pieces. */
struct body_hash_set;
void test_message_hash_body(const struct test_message *message,
			    struct body_hash_set *hashes);

/* The value of a tag in a template, without white space around it. */
const char *t_test_tag(const char *tags, const char *name);
/* All or one replaced. */
const char *t_test_replace(const char *text, const char *from, const char *to);

/* A signature field: tags is the text behind the colon, in which $H becomes
   the body hash and $B the signature. Returns the field with CRLF. */
const char *t_test_sign(const struct test_key *key, const char *message,
			const char *field_name, const char *tags);
/* The same, with data before the signature field instead of what h= selects:
   for ARC-Seal. */
const char *t_test_sign_data(const struct test_key *key, const char *before,
			     const char *field_name, const char *tags);

/* A resolver with a table. */
struct test_answer {
	const char *name;
	enum dns_status status;
	/* one record for each, NULL-terminated */
	const char *texts[3];
	/* size of texts[0] if it holds NUL, else 0 */
	size_t size;
	/* the answer comes when asked twice: see test_resolver_release() */
	bool slow;
};
struct resolver *
test_resolver_init(const struct test_answer *answers, unsigned int count);
/* Answer what is slow. */
void test_resolver_release(struct resolver *resolver);
unsigned int test_resolver_questions(struct resolver *resolver);

#endif
