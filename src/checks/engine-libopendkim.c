/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "str.h"
#include "canonicalize-body.h"
#include "body-hash.h"
#include "msg-parser.h"
#include "known-reasons.h"
#include "dns-session.h"
#include "dkim-key.h"
#include "check-dkim-private.h"
#include "engine-libopendkim.h"

#include <stdbool.h>
#include <opendkim/dkim.h>

/* The library looks at every piece as a whole: small ones cost it much. */
#define ENGINE_BODY_BUFFER_BYTES 16384

/* A signature that the library verifies. */
struct engine_signature {
	struct dkim_check_signature *signature;
	/* the key record, NUL-terminated; NULL = the library must not ask */
	const char *record;
};

/* How many bytes a canonical body has, for l=. */
struct engine_body_length {
	struct canonical_body *body;
	uoff_t bytes;
};

struct engine_libopendkim {
	struct dkim_check *check;
	/* NULL: no signature is for the library */
	DKIM_LIB *lib;
	DKIM *dkim;

	/* in the order the library has them */
	ARRAY(struct engine_signature) signatures;
	struct engine_body_length lengths[CANONICALIZATION_RELAXED + 1];
	buffer_t *body;
	bool body_done;
};

static void engine_decide(struct engine_libopendkim *engine,
			  struct dkim_check_signature *signature,
			  enum check_result_word result, const char *reason)
{
	check_dkim_decide(engine->check, signature, result, reason);
}

/* The tag as the library decodes it runs over its end from there. */
static bool auid_is_quoted_to_end(const char *auid)
{
	size_t size = strlen(auid);

	return strchr(auid + (size < 2 ? 0 : size - 2), '=') != NULL;
}

static bool has_8bit(const struct msg_field *field)
{
	size_t i;

	for (i = 0; i < field->size; i++) {
		if (field->data[i] >= 0x80)
			return TRUE;
	}
	return FALSE;
}

/* Returns NULL, or why the library must not see this signature. comparisons:
   what is left of them. */
static const char *
guard_signature(const struct engine_libopendkim *engine,
		const struct dkim_signature *sig, size_t *comparisons)
{
	const char *auid = t_tag_list_compact(&sig->tags, "i");
	const char *names = t_tag_list_compact(&sig->tags, "h");
	size_t cost;

	if (engine->check->header->has_nul)
		return "header has a NUL byte";
	if (has_8bit(sig->field))
		return "signature has UTF-8, too new for libopendkim";
	if (auid != NULL && (strlen(auid) > ENGINE_LIBOPENDKIM_MAX_AUID_BYTES ||
			     auid_is_quoted_to_end(auid)))
		return "tag i is too unusual for libopendkim";
	if (sig->timestamp != -1 &&
	    sig->timestamp < ENGINE_LIBOPENDKIM_MIN_TIMESTAMP)
		return "tag t is too early for libopendkim";
	if (strlen(names) > ENGINE_LIBOPENDKIM_MAX_NAMES_BYTES)
		return "tag h is too long for libopendkim";
	cost = str_array_length(sig->signed_names) *
		(array_count(&engine->check->header->fields) + 1);
	if (cost > *comparisons)
		return "too many fields and names for libopendkim";
	*comparisons -= cost;
	return NULL;
}

static void engine_choose(struct engine_libopendkim *engine)
{
	size_t comparisons = ENGINE_LIBOPENDKIM_MAX_COMPARISONS;
	struct dkim_check_signature *signature;
	struct engine_signature *chosen;
	const char *reason;

	array_foreach_modifiable(&engine->check->signatures, signature) {
		if (signature->decided)
			continue;
		reason = guard_signature(engine, &signature->sig, &comparisons);
		if (reason != NULL) {
			engine_decide(engine, signature, CHECK_RESULT_POLICY,
				      reason);
			continue;
		}
		chosen = array_append_space(&engine->signatures);
		chosen->signature = signature;
	}
}

static struct engine_signature *
engine_signature_find(struct engine_libopendkim *engine, DKIM *dkim,
		      DKIM_SIGINFO *siginfo)
{
	DKIM_SIGINFO **list;
	int i, count;

	if (dkim_getsiglist(dkim, &list, &count) != DKIM_STAT_OK)
		return NULL;
	for (i = 0; i < count; i++) {
		if (list[i] == siginfo &&
		    (unsigned int)i < array_count(&engine->signatures))
			return array_idx_modifiable(&engine->signatures, i);
	}
	return NULL;
}

/* All keys were fetched and checked before. */
static DKIM_CBSTAT engine_key_lookup(DKIM *dkim, DKIM_SIGINFO *siginfo,
				     unsigned char *buf, size_t size)
{
	struct engine_libopendkim *engine = dkim_get_user_context(dkim);
	const struct engine_signature *signature =
		engine_signature_find(engine, dkim, siginfo);

	if (signature == NULL || signature->record == NULL)
		return DKIM_CBSTAT_NOTFOUND;
	if (i_strocpy((char *)buf, signature->record, size) < 0)
		return DKIM_CBSTAT_NOTFOUND;
	return DKIM_CBSTAT_CONTINUE;
}

/* The library compares t= and x= with the clock instead of the message's
   receive time. They were judged before: choose a drift with which its own
   arithmetic finds nothing wrong with them. */
static uint64_t engine_clock_drift(const struct engine_libopendkim *engine)
{
	const struct engine_signature *signature;
	uint64_t drift = (uint64_t)1 << 62;

	array_foreach(&engine->signatures, signature) {
		int64_t timestamp = signature->signature->sig.timestamp;

		/* it subtracts it from t= without a sign */
		if (timestamp != -1 && (uint64_t)timestamp < drift)
			drift = timestamp;
	}
	return drift;
}

static DKIM_LIB *engine_lib_init(const struct engine_libopendkim *engine)
{
	unsigned int flags = DKIM_LIBFLAGS_BADSIGHANDLES |
		DKIM_LIBFLAGS_DELAYSIGPROC;
	uint64_t drift = engine_clock_drift(engine);
	/* short keys are judged where all engines are */
	unsigned int min_key_bits = 0;
	DKIM_LIB *lib = dkim_init(NULL, NULL);

	if (lib == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "libopendkim: no memory");
	if (dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS,
			 &flags, sizeof(flags)) != DKIM_STAT_OK ||
	    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT,
			 &drift, sizeof(drift)) != DKIM_STAT_OK ||
	    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_MINKEYBITS,
			 &min_key_bits, sizeof(min_key_bits)) != DKIM_STAT_OK)
		i_panic("libopendkim: options are not what they were");
	(void)dkim_set_key_lookup(lib, engine_key_lookup);
	return lib;
}

static bool engine_wants_field(const struct engine_libopendkim *engine,
			       const struct msg_field *field)
{
	const struct engine_signature *signature;

	if (field->name[0] == '\0')
		return FALSE;
	if (strcasecmp(field->name, "DKIM-Signature") != 0)
		return TRUE;
	array_foreach(&engine->signatures, signature) {
		if (signature->signature->sig.field == field)
			return TRUE;
	}
	return FALSE;
}

/* Returns -1 if the library refuses something. */
static int engine_feed_header(struct engine_libopendkim *engine)
{
	static unsigned char extra_field[] = "x y: z";
	const struct msg_field *field;
	size_t size;

	array_foreach(&engine->check->header->fields, field) {
		if (!engine_wants_field(engine, field))
			continue;
		/* it writes its own final CRLF */
		size = field->size - 2;
		if (dkim_header(engine->dkim,
				(unsigned char *)field->data, size) !=
		    DKIM_STAT_OK)
			return -1;
	}
	/* its arrays of fields are as long as it has seen fields: this is one
	   that no name in h= can mean */
	if (dkim_header(engine->dkim, extra_field, sizeof(extra_field) - 1) !=
	    DKIM_STAT_OK)
		return -1;
	return dkim_eoh(engine->dkim) == DKIM_STAT_OK ? 0 : -1;
}

static void engine_refused(struct engine_libopendkim *engine)
{
	const struct engine_signature *signature;
	const char *error = dkim_geterror(engine->dkim);

	array_foreach(&engine->signatures, signature) {
		engine_decide(engine, signature->signature,
			      CHECK_RESULT_PERMERROR, t_strdup_printf(
			"libopendkim: %s", error == NULL ? "refused" : error));
	}
	array_clear(&engine->signatures);
}

static void count_body(const unsigned char *data ATTR_UNUSED, size_t size,
		       void *context)
{
	struct engine_body_length *length = context;

	length->bytes += size;
}

static void engine_init_lengths(struct engine_libopendkim *engine)
{
	const struct engine_signature *signature;

	array_foreach(&engine->signatures, signature) {
		const struct dkim_signature *sig = &signature->signature->sig;
		struct engine_body_length *length =
			&engine->lengths[sig->body_canonicalization];

		if (sig->body_length == BODY_HASH_WHOLE || length->body != NULL)
			continue;
		length->body = i_new(struct canonical_body, 1);
		canonical_body_init(length->body, sig->body_canonicalization,
				    count_body, length);
	}
}

struct engine_libopendkim *engine_libopendkim_init(struct dkim_check *check)
{
	struct engine_libopendkim *engine = i_new(struct engine_libopendkim, 1);
	DKIM_STAT status;

	engine->check = check;
	p_array_init(&engine->signatures, check->pool, 4);
	T_BEGIN {
		engine_choose(engine);
	} T_END;
	if (array_count(&engine->signatures) == 0)
		return engine;
	engine->lib = engine_lib_init(engine);
	engine->dkim = dkim_verify(engine->lib,
				   (const unsigned char *)"authres", NULL,
				   &status);
	if (engine->dkim == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "libopendkim: no memory");
	(void)dkim_set_user_context(engine->dkim, engine);
	engine->body = buffer_create_dynamic(default_pool,
					     ENGINE_BODY_BUFFER_BYTES);
	if (engine_feed_header(engine) < 0)
		engine_refused(engine);
	engine_init_lengths(engine);
	return engine;
}

static void engine_flush_body(struct engine_libopendkim *engine)
{
	if (array_count(&engine->signatures) == 0 || engine->body->used == 0)
		return;
	if (dkim_body(engine->dkim,
		      buffer_get_modifiable_data(engine->body, NULL),
		      engine->body->used) != DKIM_STAT_OK)
		engine_refused(engine);
	buffer_set_used_size(engine->body, 0);
}

void engine_libopendkim_more(struct engine_libopendkim *engine,
			     const unsigned char *data, size_t size)
{
	unsigned int i;
	size_t part;

	if (array_count(&engine->signatures) == 0)
		return;
	for (i = 0; i < N_ELEMENTS(engine->lengths); i++) {
		if (engine->lengths[i].body != NULL)
			canonical_body_more(engine->lengths[i].body,
					    data, size);
	}
	for (; size > 0; data += part, size -= part) {
		part = ENGINE_BODY_BUFFER_BYTES - engine->body->used;
		part = I_MIN(part, size);
		buffer_append(engine->body, data, part);
		if (engine->body->used == ENGINE_BODY_BUFFER_BYTES)
			engine_flush_body(engine);
	}
}

void engine_libopendkim_cut(struct engine_libopendkim *engine,
			    const char *reason)
{
	check_dkim_cut(engine->check, reason);
	array_clear(&engine->signatures);
}

static void engine_body_finish(struct engine_libopendkim *engine)
{
	unsigned int i;

	if (engine->body_done)
		return;
	engine->body_done = TRUE;
	engine_flush_body(engine);
	for (i = 0; i < N_ELEMENTS(engine->lengths); i++) {
		if (engine->lengths[i].body != NULL)
			canonical_body_finish(engine->lengths[i].body);
	}
}

/* The key, or the result without one. Returns FALSE if it is not known yet. */
static bool engine_get_key(struct engine_libopendkim *engine,
			   struct engine_signature *signature,
			   struct dns_session *dns)
{
	const struct dkim_settings *set = engine->check->set;
	const struct dkim_signature *sig = &signature->signature->sig;
	struct dkim_signature_outcome *outcome = &signature->signature->outcome;
	const struct dns_answer *answer;
	const struct dns_record *record;
	enum check_result_word result;
	struct dkim_key key;
	const char *reason;
	int ret;

	answer = check_dkim_lookup_key(signature->signature, dns);
	if (dns_answer_is_placeholder(answer))
		return FALSE;
	outcome->stale = answer->stale;
	ret = dkim_key_get(answer, sig, set->key_cache, &key, &result, &reason);
	outcome->test_key = key.test;
	outcome->key_bits = key.bits;
	public_key_unref(&key.key);
	if (ret < 0) {
		engine_decide(engine, signature->signature, result, reason);
		return TRUE;
	}
	record = array_front(&answer->records);
	if (record->text_size > ENGINE_LIBOPENDKIM_MAX_RECORD_BYTES) {
		engine_decide(engine, signature->signature, CHECK_RESULT_POLICY,
			      "key record is too long for libopendkim");
	} else {
		signature->record = p_strndup(engine->check->pool, record->text,
					      record->text_size);
	}
	return TRUE;
}

static enum check_result_word result_of_error(int error)
{
	switch (error) {
	case DKIM_SIGERROR_OK:
	case DKIM_SIGERROR_UNKNOWN:
	case DKIM_SIGERROR_BADSIG:
		return CHECK_RESULT_FAIL;
	default:
		return CHECK_RESULT_PERMERROR;
	}
}

/* Only these three together are a pass. */
static bool siginfo_is_good(DKIM_SIGINFO *siginfo)
{
	return dkim_sig_geterror(siginfo) == DKIM_SIGERROR_OK &&
		(dkim_sig_getflags(siginfo) & DKIM_SIGFLAG_PASSED) != 0 &&
		dkim_sig_getbh(siginfo) == DKIM_SIGBH_MATCH;
}

static void engine_read_result(struct engine_libopendkim *engine,
			       struct dkim_check_signature *signature,
			       DKIM_SIGINFO *siginfo)
{
	const struct dkim_signature *sig = &signature->sig;
	uoff_t bytes = engine->lengths[sig->body_canonicalization].bytes;
	bool header_good, body_bad;
	int error = dkim_sig_geterror(siginfo);

	header_good = (dkim_sig_getflags(siginfo) & DKIM_SIGFLAG_PASSED) != 0;
	body_bad = dkim_sig_getbh(siginfo) == DKIM_SIGBH_MISMATCH;
	if (siginfo_is_good(siginfo)) {
		if (sig->body_length < bytes) {
			signature->outcome.unsigned_body_bytes =
				body_hash_bytes_left(bytes, sig->body_length);
		}
		check_dkim_decide_good(engine->check, signature);
	} else if (header_good && body_bad) {
		if (sig->body_length == BODY_HASH_WHOLE ||
		    sig->body_length <= bytes) {
			check_dkim_note_body_changed(engine->check, signature);
		}
		engine_decide(engine, signature, CHECK_RESULT_FAIL,
			      known_change_reason(KNOWN_CHANGE_BODY));
	} else if (result_of_error(error) == CHECK_RESULT_FAIL) {
		engine_decide(engine, signature, CHECK_RESULT_FAIL,
			      known_change_reason(KNOWN_CHANGE_HEADER));
	} else {
		engine_decide(engine, signature, CHECK_RESULT_PERMERROR,
			t_strdup_printf("libopendkim: %s",
					dkim_sig_geterrorstr(error)));
	}
}

static void engine_run(struct engine_libopendkim *engine)
{
	struct engine_signature *signatures;
	DKIM_SIGINFO **list;
	unsigned int i, count;
	int list_count;

	signatures = array_get_modifiable(&engine->signatures, &count);
	if (dkim_getsiglist(engine->dkim, &list, &list_count) != DKIM_STAT_OK ||
	    (unsigned int)list_count != count) {
		engine_refused(engine);
		return;
	}
	for (i = 0; i < count; i++) {
		if (signatures[i].record == NULL)
			dkim_sig_ignore(list[i]);
	}
	/* what it returns is about the first signature only */
	(void)dkim_eom(engine->dkim, NULL);
	for (i = 0; i < count; i++) {
		if (!signatures[i].signature->decided) {
			engine_read_result(engine, signatures[i].signature,
					   list[i]);
		}
	}
	array_clear(&engine->signatures);
}

static void engine_verify(struct engine_libopendkim *engine,
			  struct dns_session *dns)
{
	struct engine_signature *signature;
	bool known = TRUE;

	engine_body_finish(engine);
	if (array_count(&engine->signatures) == 0)
		return;
	array_foreach_modifiable(&engine->signatures, signature) {
		if (signature->record == NULL &&
		    !signature->signature->decided &&
		    !engine_get_key(engine, signature, dns))
			known = FALSE;
	}
	/* it can be asked only once */
	if (known)
		engine_run(engine);
}

void engine_libopendkim_verify(struct engine_libopendkim *engine,
			       struct dns_session *dns,
			       ARRAY_TYPE(dkim_signature_outcome) *outcomes_r)
{
	const struct dkim_check_signature *signature;

	T_BEGIN {
		engine_verify(engine, dns);
	} T_END;
	p_array_init(outcomes_r, engine->check->pool,
		     I_MAX(array_count(&engine->check->signatures), 1));
	array_foreach(&engine->check->signatures, signature)
		array_push_back(outcomes_r, &signature->outcome);
}

void engine_libopendkim_deinit(struct engine_libopendkim **_engine)
{
	struct engine_libopendkim *engine = *_engine;
	unsigned int i;

	*_engine = NULL;
	if (engine == NULL)
		return;
	if (engine->dkim != NULL)
		(void)dkim_free(engine->dkim);
	if (engine->lib != NULL)
		dkim_close(engine->lib);
	for (i = 0; i < N_ELEMENTS(engine->lengths); i++)
		i_free(engine->lengths[i].body);
	if (engine->body != NULL)
		buffer_free(&engine->body);
	i_free(engine);
}
