#ifndef DKIM_MAIL_GENERATOR_H
#define DKIM_MAIL_GENERATOR_H

#include "test-signing.h"

/* Signed messages, good and bad, from a seed: fields and bodies with odd white
   space and line ends, signatures and keys with all tags, and changes made on
   the way. */

/* What the engines are known to see differently. Everything else is drawn from
   the seed alone, so that the same message can be had without a feature. */
enum dkim_mail_feature {
	DKIM_MAIL_TAG_ENDS_IN_B		= 0x01,
	DKIM_MAIL_SPACE_AFTER_B		= 0x02,
	DKIM_MAIL_SIGNS_ITSELF		= 0x04,
	DKIM_MAIL_AT_IN_LOCAL_PART	= 0x08,
	DKIM_MAIL_BARE_KEY		= 0x10,
	DKIM_MAIL_UTF8_IN_KEY		= 0x20,
	DKIM_MAIL_TAB_BEFORE_COLON	= 0x40,
	DKIM_MAIL_BARE_CR_IN_HEADER	= 0x80,
	DKIM_MAIL_BARE_CR_IN_BODY	= 0x100
};
#define DKIM_MAIL_FEATURE_COUNT 9

struct dkim_mail_keys {
	struct test_key *rsa, *short_rsa, *ed25519, *other;
};

struct dkim_mail {
	string_t *message;
	/* key records, one for each signature */
	struct test_answer answers[3];
	unsigned int signature_count;
};

/* Which features a seed has by itself. */
unsigned int dkim_mail_features(unsigned int seed);
/* mail_r is on the data stack. */
void dkim_mail_generate(const struct dkim_mail_keys *keys, unsigned int seed,
			unsigned int features, struct dkim_mail *mail_r);

#endif
