/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "authres-limits.h"
#include "check-result.h"
#include "dns-session.h"
#include "fuzz-spf-zone.h"

/* A chain of includes is as long as the terms allow, then a name for the last
   of them, and one for the explanation with its p macro. */
#define FUZZ_MAX_WAVES (AUTHRES_MAX_SPF_TERMS * 3 + 5)

struct fuzz_resolver {
	struct resolver resolver;
	ARRAY_TYPE(dns_record) txt;
	struct ip_addr client_ip;
};

static void fuzz_add_addresses(struct fuzz_resolver *resolver,
			       unsigned int hash, enum dns_type type,
			       struct dns_answer *answer)
{
	struct dns_record *record = array_append_space(&answer->records);
	int family = type == DNS_TYPE_A ? AF_INET : AF_INET6;

	record->ip.family = family;
	if (hash % 4 == 0 && resolver->client_ip.family == family)
		record->ip = resolver->client_ip;
}

static void fuzz_add_names(unsigned int hash, struct dns_answer *answer)
{
	unsigned int i;

	for (i = 0; i < hash % 13; i++) {
		struct dns_record *record =
			array_append_space(&answer->records);

		record->name = i == 7 ? "" :
			t_strdup_printf("%u.test", (hash >> 4) % 5 + i);
	}
}

static void fuzz_add_txt(struct fuzz_resolver *resolver, const char *name,
			 struct dns_answer *answer)
{
	const struct dns_record *txt;
	unsigned int number, count;
	const char *p;

	txt = array_get(&resolver->txt, &count);
	if (str_parse_uint(name, &number, &p) == 0 && strcmp(p, ".test") == 0 &&
	    number < count)
		array_push_back(&answer->records, &txt[number]);
}

static struct resolver_request *
fuzz_resolver_ask(struct resolver *_resolver,
		  const struct resolver_question *question,
		  resolver_callback_t *callback, void *context)
{
	struct fuzz_resolver *resolver =
		container_of(_resolver, struct fuzz_resolver, resolver);
	enum dns_type type = question->type;
	unsigned int hash = str_hash(question->name) + type;
	struct dns_answer answer;

	i_zero(&answer);
	t_array_init(&answer.records, 4);
	if (type == DNS_TYPE_TXT)
		fuzz_add_txt(resolver, question->name, &answer);
	else if (hash % 16 == 1) {
		answer.status = DNS_STATUS_TEMPORARY;
		answer.reason = "trouble";
	} else if (hash % 8 > 2) {
		if (type == DNS_TYPE_A || type == DNS_TYPE_AAAA)
			fuzz_add_addresses(resolver, hash, type, &answer);
		else
			fuzz_add_names(hash, &answer);
	}
	if (array_is_empty(&answer.records) &&
	    answer.status != DNS_STATUS_TEMPORARY) {
		answer.status = hash % 2 == 0 ? DNS_STATUS_NODATA :
			DNS_STATUS_NXDOMAIN;
	}
	callback(&answer, context);
	return NULL;
}

static void fuzz_resolver_deinit(struct resolver *resolver ATTR_UNUSED)
{
}

static const struct resolver_vfuncs fuzz_resolver_vfuncs = {
	.ask = fuzz_resolver_ask,
	.deinit = fuzz_resolver_deinit,
};

static void fuzz_resolved(void *context ATTR_UNUSED)
{
}

static void fuzz_check_outcome(const struct spf_outcome *outcome)
{
	const char *p;
	bool error = outcome->result == CHECK_RESULT_TEMPERROR ||
		outcome->result == CHECK_RESULT_PERMERROR;

	i_assert(outcome->result != CHECK_RESULT_POLICY);
	i_assert((outcome->reason != NULL) == error);
	i_assert(outcome->explanation == NULL ||
		 outcome->result == CHECK_RESULT_FAIL);
	i_assert(outcome->term_lookups <= AUTHRES_MAX_SPF_TERMS);
	i_assert(outcome->void_lookups <= AUTHRES_MAX_SPF_VOID_LOOKUPS);
	i_assert((outcome->mechanism == NULL) ==
		 (outcome->mechanism_domain == NULL));
	if (outcome->reason != NULL)
		i_assert(strlen(outcome->reason) <= AUTHRES_MAX_REASON_BYTES);
	if (outcome->mechanism != NULL) {
		i_assert(strlen(outcome->mechanism) <=
			 AUTHRES_MAX_COMMENT_BYTES);
	}
	if (outcome->explanation != NULL) {
		p = outcome->explanation;
		i_assert(strlen(p) <= AUTHRES_MAX_SPF_EXPLANATION_BYTES);
		for (; *p != '\0'; p++)
			i_assert(*p >= 0x20 && *p <= 0x7e);
	}
}

static void fuzz_run(pool_t pool, struct fuzz_resolver *resolver,
		     const struct spf_query *query, fuzz_spf_check_t *check)
{
	struct dns_session *dns = dns_session_init(pool, &resolver->resolver);
	struct check_result result;
	struct spf_outcome outcome;
	unsigned int waves = 0;

	for (;;) {
		dns_session_begin_run(dns);
		check(pool, query, dns, &outcome);
		if (!dns_session_run_incomplete(dns))
			break;
		i_assert(++waves <= FUZZ_MAX_WAVES);
		dns_session_resolve(dns, fuzz_resolved, NULL);
	}
	i_assert(dns_session_questions(dns) <= AUTHRES_MAX_DNS_NAMES);
	fuzz_check_outcome(&outcome);
	check_spf_report(pool, query, &outcome, &result);
	i_assert(result.result == outcome.result);
	dns_session_deinit(&dns);
}

/* The next line with a NUL behind it; it may hold others. Returns FALSE at the
   end. */
static bool fuzz_next_line(const unsigned char **data,
			   const unsigned char *end,
			   const unsigned char **line_r, size_t *size_r)
{
	const unsigned char *lf;
	unsigned char *line;

	if (*data == end)
		return FALSE;
	lf = memchr(*data, '\n', end - *data);
	if (lf == NULL)
		lf = end;
	*size_r = lf - *data;
	line = t_malloc_no0(*size_r + 1);
	memcpy(line, *data, *size_r);
	line[*size_r] = '\0';
	*line_r = line;
	*data = lf == end ? end : lf + 1;
	return TRUE;
}

void fuzz_spf_zone(const unsigned char *data, size_t size,
		   fuzz_spf_check_t *check)
{
	const unsigned char *end = data + size, *line;
	struct fuzz_resolver resolver;
	struct dns_record *record;
	struct spf_query query;
	pool_t pool;

	i_zero(&query);
	i_zero(&resolver);
	resolver.resolver.v = fuzz_resolver_vfuncs;
	t_array_init(&resolver.txt, 16);
	if (!fuzz_next_line(&data, end, &line, &size) ||
	    net_addr2ip((const char *)line, &query.client_ip) < 0)
		return;
	resolver.client_ip = query.client_ip;
	if (fuzz_next_line(&data, end, &line, &size))
		query.helo = (const char *)line;
	if (fuzz_next_line(&data, end, &line, &size))
		query.mail_from = (const char *)line;
	while (fuzz_next_line(&data, end, &line, &size)) {
		record = array_append_space(&resolver.txt);
		record->text = line;
		record->text_size = size;
	}
	pool = pool_alloconly_create("fuzz", 4096);
	fuzz_run(pool, &resolver, &query, check);
	pool_unref(&pool);
}
