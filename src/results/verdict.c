/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "unicode-text.h"
#include "verdict.h"

#include <ctype.h>

static const char *const dmarc_policy_names[] = {
	"none", "quarantine", "reject"
};
_Static_assert(N_ELEMENTS(dmarc_policy_names) == DMARC_POLICY_REJECT + 1,
	       "a name for every value");

/* RFC 9990, PolicyOverrideType; sampled_out is RFC 7489's */
static const char *const override_reason_names[] = {
	"none", "local_policy", "trusted_forwarder", "mailing_list",
	"policy_test_mode", "sampled_out"
};
_Static_assert(N_ELEMENTS(override_reason_names) ==
	       OVERRIDE_REASON_SAMPLED_OUT + 1,
	       "a name for every value");

static const char *const client_source_names[] = {
	"none", "xclient", "arguments", "environment", "header", "received"
};
_Static_assert(N_ELEMENTS(client_source_names) == CLIENT_SOURCE_RECEIVED + 1,
	       "a name for every value");

static const char *const mail_origin_names[] = {
	"external", "authenticated", "local"
};
_Static_assert(N_ELEMENTS(mail_origin_names) == MAIL_ORIGIN_LOCAL + 1,
	       "a name for every value");

/* Returns the index of name, or -1. */
static int
name_find(const char *const *names, unsigned int count, const char *name)
{
	for (unsigned int i = 0; i < count; i++) {
		if (strcasecmp(names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

const char *dmarc_policy_name(enum dmarc_policy policy)
{
	i_assert(policy < N_ELEMENTS(dmarc_policy_names));
	return dmarc_policy_names[policy];
}

int dmarc_policy_parse(const char *name, enum dmarc_policy *policy_r)
{
	int idx = name_find(dmarc_policy_names,
			    N_ELEMENTS(dmarc_policy_names), name);

	if (idx < 0)
		return -1;
	*policy_r = (enum dmarc_policy)idx;
	return 0;
}

const char *override_reason_name(enum override_reason reason)
{
	i_assert(reason < N_ELEMENTS(override_reason_names));
	return override_reason_names[reason];
}

int override_reason_parse(const char *name, enum override_reason *reason_r)
{
	int idx = name_find(override_reason_names,
			    N_ELEMENTS(override_reason_names), name);

	if (idx < 0)
		return -1;
	*reason_r = (enum override_reason)idx;
	return 0;
}

const char *client_source_name(enum client_source source)
{
	i_assert(source < N_ELEMENTS(client_source_names));
	return client_source_names[source];
}

int client_source_parse(const char *name, enum client_source *source_r)
{
	int idx = name_find(client_source_names,
			    N_ELEMENTS(client_source_names), name);

	if (idx < 0)
		return -1;
	*source_r = (enum client_source)idx;
	return 0;
}

const char *mail_origin_name(enum mail_origin origin)
{
	i_assert(origin < N_ELEMENTS(mail_origin_names));
	return mail_origin_names[origin];
}

int mail_origin_parse(const char *name, enum mail_origin *origin_r)
{
	int idx = name_find(mail_origin_names,
			    N_ELEMENTS(mail_origin_names), name);

	if (idx < 0)
		return -1;
	*origin_r = (enum mail_origin)idx;
	return 0;
}

bool verdict_domain_is_valid(const char *domain)
{
	size_t len = 0;

	for (; *domain != '\0'; domain++) {
		if (!(i_isalnum(*domain) || *domain == '-' || *domain == '.' ||
		      *domain == '_') || i_isupper(*domain) ||
		    len++ == AUTHRES_MAX_DOMAIN_BYTES)
			return FALSE;
	}
	return len > 0;
}

bool verdict_forwarder_is_valid(const char *forwarder)
{
	struct ip_addr ip;

	if (verdict_domain_is_valid(forwarder))
		return TRUE;
	/* net_addr2ip() knows more spellings than net_ip2addr() writes */
	return net_addr2ip(forwarder, &ip) == 0 &&
		strcmp(net_ip2addr(&ip), forwarder) == 0;
}

bool verdict_author_address_is_valid(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && at > address &&
		at - address <= AUTHRES_MAX_LOCAL_PART_BYTES &&
		verdict_domain_is_valid(at + 1) &&
		unicode_text_is_visible(address);
}

void verdict_init_temperror(pool_t pool, struct verdict *verdict_r,
			    const char *reason)
{
	struct check_result *result;

	i_zero(verdict_r);
	p_array_init(&verdict_r->results, pool, 1);
	result = array_append_space(&verdict_r->results);
	result->method = CHECK_METHOD_DMARC;
	result->result = CHECK_RESULT_TEMPERROR;
	result->reason = p_strdup(pool, reason);
	verdict_r->dmarc = CHECK_RESULT_TEMPERROR;
	verdict_r->temperror = TRUE;
}

const struct check_result *
verdict_find(const struct verdict *verdict, enum check_method method)
{
	const struct check_result *result;

	if (!array_is_created(&verdict->results))
		return NULL;
	array_foreach(&verdict->results, result) {
		if (result->method == method)
			return result;
	}
	return NULL;
}

const struct check_result *
verdict_find_best(const struct verdict *verdict, enum check_method method)
{
	const struct check_result *result, *best = NULL;

	if (!array_is_created(&verdict->results))
		return NULL;
	array_foreach(&verdict->results, result) {
		if (result->method != method)
			continue;
		/* several dmarc entries are not alternatives: the first is
		   the strictest */
		if (result->result == CHECK_RESULT_PASS &&
		    method != CHECK_METHOD_DMARC &&
		    (best == NULL || best->result != CHECK_RESULT_PASS))
			best = result;
		if (best == NULL)
			best = result;
	}
	return best;
}
