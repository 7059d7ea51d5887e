/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "msg-parser.h"
#include "arc-set.h"

#include <ctype.h>

struct arc_collector {
	pool_t pool;
	struct arc_chain *chain;
	const char *reason;
};

/* CFWS of RFC 5322 section 3.2.2. Returns -1 if a comment does not end. */
static int skip_cfws(const unsigned char **p, const unsigned char *end)
{
	unsigned int depth = 0;

	for (; *p < end; (*p)++) {
		if (**p == '(') {
			depth++;
		} else if (depth > 0) {
			if (**p == ')')
				depth--;
			else if (**p == '\\' && end - *p > 1)
				(*p)++;
		} else if (**p != ' ' && **p != '\t' &&
			   **p != '\r' && **p != '\n') {
			break;
		}
	}
	return depth == 0 ? 0 : -1;
}

/* 1*2DIGIT from 1 to 50, section 4.2.1 */
static int instance_parse(const char *text, unsigned int *instance_r)
{
	if (strlen(text) > 2 || str_to_uint(text, instance_r) < 0 ||
	    *instance_r < 1 || *instance_r > AUTHRES_MAX_ARC_INSTANCES)
		return -1;
	return 0;
}

/* The instance of an ARC-Authentication-Results field and what follows it
   (section 4.1.1). Returns 0, or -1 when there is none from 1 to 50. */
static int
authentication_results_split(const struct msg_field *field,
			     unsigned int *instance_r,
			     const unsigned char **payload_r,
			     size_t *payload_size_r)
{
	const unsigned char *p = field->data + field->value_offset;
	const unsigned char *end = field->data + field->size, *digits;

	if (skip_cfws(&p, end) < 0 || p == end || *p != 'i')
		return -1;
	p++;
	if (skip_cfws(&p, end) < 0 || p == end || *p != '=')
		return -1;
	p++;
	if (skip_cfws(&p, end) < 0)
		return -1;
	for (digits = p; p < end && i_isdigit(*p); p++) ;
	/* counted here, so that a long number is not copied */
	if (p - digits > 2 ||
	    instance_parse(t_strdup_until(digits, p), instance_r) < 0 ||
	    skip_cfws(&p, end) < 0 || p == end || *p != ';')
		return -1;
	*payload_r = p + 1;
	*payload_size_r = end - (p + 1);
	return 0;
}

static struct arc_set *
collect_set(struct arc_collector *collector, unsigned int instance)
{
	struct arc_chain *chain = collector->chain;

	if (instance > chain->count)
		chain->count = instance;
	return &chain->sets[instance - 1];
}

static int collect_fail(struct arc_collector *collector, const char *reason)
{
	collector->reason = reason;
	return -1;
}

static int collect_authentication_results(struct arc_collector *collector,
					  const struct msg_field *field)
{
	struct arc_set *set;
	const unsigned char *payload;
	unsigned int instance;
	size_t size;

	if (authentication_results_split(field, &instance,
					     &payload, &size) < 0) {
		return collect_fail(collector, t_strdup_printf(
			"ARC-Authentication-Results does not begin with an "
			"instance from 1 to %u", AUTHRES_MAX_ARC_INSTANCES));
	}
	set = collect_set(collector, instance);
	if (set->authentication_results != NULL) {
		return collect_fail(collector, t_strdup_printf(
			"two ARC-Authentication-Results for i=%u", instance));
	}
	set->authentication_results = field;
	set->payload = payload;
	set->payload_size = size;
	return 0;
}

static const char *t_bad_instance(const char *name, const struct tag *tag)
{
	if (tag == NULL)
		return t_strdup_printf("%s without instance", name);
	return t_strdup_printf("%s: tag i is not a number from 1 to %u", name,
			       AUTHRES_MAX_ARC_INSTANCES);
}

static int collect_signature(struct arc_collector *collector,
			     const struct msg_field *field,
			     enum dkim_signature_kind kind)
{
	struct dkim_signature sig, *dest;
	enum check_result_word result;
	struct arc_set *set;
	const struct tag *tag;
	const char *reason = NULL;
	unsigned int instance;

	(void)dkim_signature_parse(collector->pool, field, kind, &sig,
				   &result, &reason);
	tag = tag_list_find(&sig.tags, "i");
	if (tag == NULL || instance_parse(tag->value, &instance) < 0) {
		return collect_fail(collector, t_bad_instance(
			kind == DKIM_SIGNATURE_ARC_SEAL ?
			"ARC-Seal" : "ARC-Message-Signature", tag));
	}
	set = collect_set(collector, instance);
	dest = kind == DKIM_SIGNATURE_ARC_SEAL ?
		&set->seal : &set->message_signature;
	if (dest->field != NULL) {
		return collect_fail(collector, t_strdup_printf(
			"two %s for i=%u", field->name, instance));
	}
	*dest = sig;
	if (kind == DKIM_SIGNATURE_ARC_MESSAGE) {
		set->message_signature_error =
			p_strdup(collector->pool, reason);
	} else if (reason != NULL) {
		return collect_fail(collector, t_strdup_printf(
			"ARC-Seal i=%u: %s", instance, reason));
	}
	return 0;
}

static int collect_field(struct arc_collector *collector,
			 const struct msg_field *field)
{
	if (strcasecmp(field->name, "ARC-Seal") == 0) {
		return collect_signature(collector, field,
					 DKIM_SIGNATURE_ARC_SEAL) < 0 ? -1 : 1;
	}
	if (strcasecmp(field->name, "ARC-Message-Signature") == 0) {
		return collect_signature(collector, field,
				DKIM_SIGNATURE_ARC_MESSAGE) < 0 ? -1 : 1;
	}
	if (strcasecmp(field->name, "ARC-Authentication-Results") == 0) {
		return collect_authentication_results(collector, field) < 0 ?
			-1 : 1;
	}
	return 0;
}

/* Section 5.2 step 3 A and B. */
static int check_complete(struct arc_collector *collector)
{
	const struct arc_set *set;
	const char *missing;
	unsigned int i;

	for (i = 0; i < collector->chain->count; i++) {
		set = &collector->chain->sets[i];
		if (set->authentication_results == NULL)
			missing = "ARC-Authentication-Results";
		else if (set->message_signature.field == NULL)
			missing = "ARC-Message-Signature";
		else if (set->seal.field == NULL)
			missing = "ARC-Seal";
		else
			continue;
		return collect_fail(collector, t_strdup_printf(
			"no %s for i=%u", missing, i + 1));
	}
	return 0;
}

/* Section 5.2 step 2 and step 3 C, section 4.1.3. */
static int check_seal(struct arc_collector *collector, unsigned int instance)
{
	const struct dkim_signature *seal =
		&collector->chain->sets[instance - 1].seal;
	const struct tag *cv = tag_list_find(&seal->tags, "cv");
	const char *expected = instance == 1 ? "none" : "pass";

	if (strcasecmp(cv->value, "fail") == 0) {
		return collect_fail(collector, t_strdup_printf(
			"chain was already broken at i=%u", instance));
	}
	if (strcasecmp(cv->value, expected) != 0) {
		return collect_fail(collector, t_strdup_printf(
			"ARC-Seal i=%u: tag cv is not %s", instance, expected));
	}
	if (tag_list_find(&seal->tags, "h") != NULL) {
		return collect_fail(collector, t_strdup_printf(
			"ARC-Seal i=%u: tag h is not allowed", instance));
	}
	return 0;
}

static int check_seals(struct arc_collector *collector)
{
	unsigned int instance;

	for (instance = collector->chain->count; instance > 0; instance--) {
		if (check_seal(collector, instance) < 0)
			return -1;
	}
	return 0;
}

int arc_chain_collect(pool_t pool, const struct msg_header *header,
		      struct arc_chain *chain_r, const char **reason_r)
{
	struct arc_collector collector = {
		.pool = pool,
		.chain = chain_r,
	};
	const struct msg_field *field;
	bool found = FALSE;
	int ret;

	i_zero(chain_r);
	array_foreach(&header->fields, field) {
		if (strncasecmp(field->name, "ARC-", 4) != 0)
			continue;
		if (chain_r->sets == NULL) {
			chain_r->sets = p_new(pool, struct arc_set,
					      AUTHRES_MAX_ARC_INSTANCES);
		}
		/* the first broken field ends it: at most three fields for
		   each instance are read */
		ret = collect_field(&collector, field);
		if (ret < 0) {
			*reason_r = collector.reason;
			return -1;
		}
		if (ret > 0)
			found = TRUE;
	}
	if (!found)
		return 0;
	if (check_complete(&collector) < 0 || check_seals(&collector) < 0) {
		*reason_r = collector.reason;
		return -1;
	}
	return 1;
}
