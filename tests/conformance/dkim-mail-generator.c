/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "dkim-mail-generator.h"

struct dkim_mail_generator {
	const struct dkim_mail_keys *keys;
	uint32_t state;
	unsigned int features;
};

static uint32_t draw(struct dkim_mail_generator *gen, uint32_t below)
{
	/* xorshift */
	gen->state ^= gen->state << 13;
	gen->state ^= gen->state >> 17;
	gen->state ^= gen->state << 5;
	return gen->state % below;
}

#define DRAW(gen, list) (list)[draw(gen, N_ELEMENTS(list))]

static uint32_t seed_state(unsigned int seed, uint32_t salt)
{
	uint32_t state = seed * 2654435761U ^ salt;

	return state == 0 ? salt : state;
}

unsigned int dkim_mail_features(unsigned int seed)
{
	struct dkim_mail_generator gen = {
		.state = seed_state(seed, 0x5bd1e995)
	};
	unsigned int features = 0, i;

	for (i = 0; i < DKIM_MAIL_FEATURE_COUNT; i++) {
		if (draw(&gen, 16) == 0)
			features |= 1 << i;
	}
	return features;
}

/* A bare CR only with the feature. */
static void append_part(struct dkim_mail_generator *gen, string_t *dest,
			const char *part, enum dkim_mail_feature bare_cr)
{
	if (strcmp(part, "\r") == 0 && (gen->features & bare_cr) == 0)
		part = "-";
	str_append(dest, part);
}

static void append_value(struct dkim_mail_generator *gen, string_t *dest)
{
	static const char *const parts[] = {
		"word", "two words", " ", "  ", "\t", "\r\n ", "\r\n\t ", "a:b",
		"x;y=z", "\xc3\xa9", "\xff", "=?utf-8?q?x?=", "\r", "\"q\"",
		"<a@example.org>", "(c)", "\x7f", "\x01"
	};
	unsigned int count;

	for (count = draw(gen, 6); count > 0; count--)
		append_part(gen, dest, DRAW(gen, parts),
			    DKIM_MAIL_BARE_CR_IN_HEADER);
}

static void append_field(struct dkim_mail_generator *gen, string_t *dest,
			 const char *name)
{
	static const char *const colons[] = {
		": ", ":", ":\t", " : ", ":\r\n ", "  :"
	};

	str_append(dest, name);
	str_append(dest, DRAW(gen, colons));
	append_value(gen, dest);
	str_append(dest, "\r\n");
}

static const char *const field_names[] = {
	"To", "Cc", "Subject", "Date", "Message-ID", "Received", "Received",
	"X-Loop", "x-loop", "List-ID", "MIME-Version", "To", "SUBJECT", "X"
};

static void append_header(struct dkim_mail_generator *gen, string_t *dest)
{
	unsigned int i, count = draw(gen, 9), from = draw(gen, count + 1);

	for (i = 0; i <= count; i++) {
		if (i == from) {
			str_append(dest, "From: Joe <joe@example.org>\r\n");
			if (draw(gen, 10) == 0)
				append_field(gen, dest, "From");
		} else {
			append_field(gen, dest, DRAW(gen, field_names));
		}
		if (draw(gen, 30) == 0)
			str_append(dest, "no field at all\r\n");
	}
}

static void append_body(struct dkim_mail_generator *gen, string_t *dest)
{
	static const char *const parts[] = {
		"\r\n", "\r\n", "\r\n\r\n", " ", "\t", "  ", "word", "two words",
		"line\r\n", "line \r\n", "\r", "\xff", ".", "\r\n \r\n", "x\r\n"
	};
	unsigned int count;

	count = draw(gen, 5) == 0 ? 0 : draw(gen, 40);
	/* longer than any buffer */
	if (draw(gen, 50) == 0)
		count += 5000;
	for (; count > 0; count--)
		append_part(gen, dest, DRAW(gen, parts),
			    DKIM_MAIL_BARE_CR_IN_BODY);
}

static void append_names(struct dkim_mail_generator *gen, string_t *dest)
{
	static const char *const separators[] = {
		":", " : ", ":\r\n ", ":\r\n\t", " :"
	};
	static const char *const from_names[] = {
		"From", "from", "FROM", "From:From", "From:To:From"
	};
	unsigned int count;

	for (count = draw(gen, 6); count > 0; count--) {
		str_append(dest, DRAW(gen, field_names));
		str_append(dest, DRAW(gen, separators));
	}
	if (draw(gen, 40) != 0)
		str_append(dest, DRAW(gen, from_names));
	else
		str_append(dest, "Sender");
	for (count = draw(gen, 4); count > 0; count--) {
		str_append(dest, DRAW(gen, separators));
		str_append(dest, DRAW(gen, field_names));
	}
	if ((gen->features & DKIM_MAIL_SIGNS_ITSELF) != 0)
		str_append(dest, ":DKIM-Signature");
}

static const char *t_identity(struct dkim_mail_generator *gen)
{
	static const char *const identities[] = {
		"", "", "", "", "", "", "", "", "", "", "", "", "", "",
		"i=@example.org", "i=@example.org", "i=@example.org",
		"i=@example.org", "i=joe@example.org",
		"i=@sub.example.org", "i=joe@a.b.EXAMPLE.org", "i=@example.net",
		"i=j=6Fe@example.org", "i=@org", "i=joe", "i=@badexample.org"
	};
	const char *identity = DRAW(gen, identities);

	return (gen->features & DKIM_MAIL_AT_IN_LOCAL_PART) != 0 ?
		"i=\"joe=40x\"@example.org" : identity;
}

/* Tags in any order, with white space around them. */
static const char *
t_join_tags(struct dkim_mail_generator *gen, ARRAY_TYPE(const_string) *tags)
{
	static const char *const separators[] = {
		"; ", ";", ";\r\n ", " ; ", ";\t", ";\r\n\t\t"
	};
	string_t *text = t_str_new(512);
	const char *const *tag;

	str_append(text, draw(gen, 2) == 0 ? " " : "\r\n\t");
	while (array_count(tags) > 0) {
		unsigned int i = draw(gen, array_count(tags));
		const char *separator = DRAW(gen, separators);

		/* drawn for a tag that is not there as well, so that what
		   follows does not depend on features */
		tag = array_idx(tags, i);
		if ((*tag)[0] != '\0') {
			str_append(text, *tag);
			str_append(text, separator);
		}
		array_delete(tags, i, 1);
	}
	return str_c(text);
}

static const char *
t_signature_tags(struct dkim_mail_generator *gen, const char *algorithm,
		 unsigned int idx)
{
	static const char *const canonicalizations[] = {
		"", "c=simple", "c=relaxed", "c=simple/simple",
		"c=simple/relaxed", "c=relaxed/simple", "c=relaxed/relaxed",
		"c=relaxed/relaxed", "c=relaxed/relaxed", "c=relaxed/relaxed",
		"c=simple/relaxed", "c=relaxed/simple", "c=simple/simple",
		"c=relaxed/simple", "c=relaxed", "c=simple",
		"c=Relaxed/Simple", "c=nowsp"
	};
	static const char *const lengths[] = {
		"", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "",
		"l=0", "l=5", "l=40", "l=99999", "l=x"
	};
	static const char *const times[] = {
		"", "", "", "", "", "", "", "", "", "", "", "",
		"t=1699999999", "t=1699999998", "t=1699999997",
		"t=1699990000; x=1700000600", "t=1699990000; x=1700000600",
		"x=1699000000", "t=1700001000", "t=0", "t=5", "t=-1",
		"t=1699999999; x=1699999999"
	};
	static const char *const others[] = {
		"", "", "", "", "", "", "q=dns/txt", "q=dns/txt", "q=http",
		"z=From:joe|To:x", "z=From:joe|To:x", "y=1", "y=2", "r=y",
		"a1_=x", "zz=zz", "v=1", "q=http:dns/txt"
	};
	string_t *names = t_str_new(128);
	ARRAY_TYPE(const_string) tags;
	const char *list[] = {
		draw(gen, 60) == 0 ? "" : "v=1",
		t_strconcat("a=", algorithm, NULL),
		draw(gen, 60) == 0 ? "d=example.net" : "d=example.org",
		t_strdup_printf("s=s%u", idx), DRAW(gen, canonicalizations),
		DRAW(gen, lengths), DRAW(gen, times), DRAW(gen, others),
		draw(gen, 60) == 0 ? "bh=AAAA" : "bh=$H", t_identity(gen),
		(gen->features & DKIM_MAIL_TAG_ENDS_IN_B) != 0 ?
			"xb=something" : "", NULL
	};
	const char *text;
	unsigned int i;

	append_names(gen, names);
	t_array_init(&tags, 16);
	text = t_strconcat("h=", str_c(names), NULL);
	array_push_back(&tags, &text);
	for (i = 0; list[i] != NULL; i++)
		array_push_back(&tags, &list[i]);
	return t_strconcat(t_join_tags(gen, &tags),
			   (gen->features & DKIM_MAIL_SPACE_AFTER_B) != 0 ?
			   "b =$B" : "b=$B",
			   draw(gen, 4) == 0 ? ";" : "", NULL);
}

static const char *
t_key_record(struct dkim_mail_generator *gen, const struct test_key *key,
	     const char *k)
{
	static const char *const records[] = {
		"v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P",
		"v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P",
		"v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P",
		"v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P", "v=DKIM1; $K; p=$P",
		"v=DKIM1;$K;p=$P;", "$K; p=$P", "p=$P; $K",
		"v=DKIM1; $K; t=y; p=$P", "v=DKIM1; $K; t=s; p=$P",
		"v=DKIM1; $K; t=y:s; p=$P", "v=DKIM1; $K; s=email; p=$P",
		"v=DKIM1; $K; s=*; h=sha256; p=$P", "$K; h=sha1; p=$P",
		"$K; h=sha1:sha256; p=$P", "$K; s=other; p=$P", "$K; p=",
		"$K; n=a note; p=$P", "v=DKIM2; $K; p=$P", "k=dsa; p=$P",
		"v=DKIM1; $K; g=*; p=$P", "v=DKIM1 ; $K ; p= $P ;"
	};
	const char *record = DRAW(gen, records);
	bool bare = (gen->features & DKIM_MAIL_BARE_KEY) != 0 &&
		key != gen->keys->ed25519;

	record = t_test_replace(record, "$K", k);
	record = t_test_replace(record, "$P",
		bare ? t_test_key_p_bare(key) : t_test_key_p(key));
	if ((gen->features & DKIM_MAIL_UTF8_IN_KEY) != 0) {
		/* at the end, where a last semicolon may stand already */
		size_t size = strlen(record);

		record = t_strconcat(record, record[size - 1] == ';' ?
				     " " : "; ", "u=\xc3\xa9", NULL);
	}
	return record;
}

/* Returns the signature fields with one more on top. */
static const char *
t_add_signature(struct dkim_mail_generator *gen, const char *signatures,
		const char *message, struct dkim_mail *mail)
{
	struct test_answer *answer = &mail->answers[mail->signature_count];
	const struct test_key *key = gen->keys->rsa, *record_key;
	const char *algorithm = "rsa-sha256", *k = "k=rsa", *tags;

	switch (draw(gen, 48)) {
	case 0: case 1: case 2: case 3: case 4: case 5:
	case 10: case 11: case 12: case 13: case 14: case 15:
		key = gen->keys->ed25519;
		algorithm = "ed25519-sha256";
		k = "k=ed25519";
		break;
	case 6:
		key = gen->keys->short_rsa;
		break;
	case 7:
		algorithm = "rsa-sha1";
		break;
	case 8:
		algorithm = "ed25519-sha256";
		break;
	case 9:
		algorithm = "RSA-SHA256";
		break;
	}
	record_key = draw(gen, 30) == 0 ? gen->keys->other : key;
	if (record_key == gen->keys->other)
		k = "k=rsa";
	tags = t_signature_tags(gen, algorithm, mail->signature_count);

	answer->name = t_strdup_printf("s%u._domainkey.example.org",
				       mail->signature_count);
	answer->texts[0] = t_key_record(gen, record_key, k);
	switch (draw(gen, 60)) {
	case 0:
		answer->status = DNS_STATUS_TEMPORARY;
		break;
	case 1:
		answer->status = DNS_STATUS_NXDOMAIN;
		break;
	case 2:
		answer->texts[1] = "v=DKIM1; p=";
		break;
	}
	mail->signature_count++;
	message = t_strconcat(signatures, message, NULL);
	return t_strconcat(t_test_sign(key, message, "DKIM-Signature", tags),
			   signatures, NULL);
}

/* The first byte of a random place that has this text becomes another. */
static const char *
t_change_text(struct dkim_mail_generator *gen, const char *message,
	      const char *from, const char *to)
{
	const char *start = message + draw(gen, strlen(message)), *p;

	p = strstr(start, from);
	if (p == NULL)
		p = strstr(message, from);
	if (p == NULL)
		return message;
	return t_strconcat(t_strdup_until(message, p), to, p + strlen(from),
			   NULL);
}

/* What happens to mail on its way. Signatures are left alone here: their
   length depends on features. */
static const char *
t_change_mail(struct dkim_mail_generator *gen, const char *message)
{
	switch (draw(gen, 40)) {
	case 0:
		return t_change_text(gen, message, "o", "0");
	case 1:
		return t_change_text(gen, message, " ", "  ");
	case 2:
		return t_change_text(gen, message, "\r\n ", " ");
	case 3:
		return t_change_text(gen, message, " ", "\r\n\t");
	case 4:
		return t_strconcat(message, "\r\n\r\n", NULL);
	case 5:
		return t_strconcat(message, "-- \r\na footer\r\n", NULL);
	case 6:
		return t_strconcat("Received: from x\r\n by y\r\n", message,
				   NULL);
	case 7:
		return t_strconcat("From: other@example.com\r\n", message, NULL);
	case 8:
		return t_change_text(gen, message, "Subject", "subject");
	case 9:
		return t_change_text(gen, message, "\r\nTo", "\r\nX-To");
	case 10:
		return t_test_replace(message, "\t", "        ");
	case 11:
		return t_change_text(gen, message, "line", "line ");
	case 12:
		return t_change_text(gen, message, "a", "b");
	default:
		return message;
	}
}

void dkim_mail_generate(const struct dkim_mail_keys *keys, unsigned int seed,
			unsigned int features, struct dkim_mail *mail_r)
{
	struct dkim_mail_generator gen = {
		.keys = keys,
		.state = seed_state(seed, 0x9747b28c),
		.features = features
	};
	string_t *text = t_str_new(1024);
	const char *message, *signatures = "";
	unsigned int count, change;

	i_zero(mail_r);
	append_header(&gen, text);
	if (draw(&gen, 20) != 0) {
		str_append(text, "\r\n");
		append_body(&gen, text);
	}
	message = str_c(text);
	count = draw(&gen, 5) == 0 ? 2 + draw(&gen, 2) : 1;
	for (; count > 0; count--)
		signatures = t_add_signature(&gen, signatures, message, mail_r);
	message = t_change_mail(&gen, message);
	change = draw(&gen, 16);
	if (change == 0) {
		/* what relays do to long fields */
		signatures = t_test_replace(signatures, "; ", ";\r\n\t");
	}
	if ((features & DKIM_MAIL_TAB_BEFORE_COLON) != 0)
		message = t_strconcat("X-Tab\t: y\r\n", message, NULL);
	message = t_strconcat(signatures, message, NULL);
	if (change == 1)
		message = t_test_replace(message, "\r\n", "\n");
	mail_r->message = t_str_new(strlen(message) + 1);
	str_append(mail_r->message, message);
}
