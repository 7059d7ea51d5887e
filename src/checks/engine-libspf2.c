/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "str-sanitize.h"
#include "net.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "spf-check-host.h"
#include "spf-explain.h"
#include "spf-identity.h"
#include "engine-libspf2.h"
#include "engine-libspf2-private.h"

/* Called for every fail, those of included records too; the last one is that
   of the message. The text in *buffer is not used. */
static SPF_errcode_t
engine_get_exp(SPF_server_t *server, const char *domain ATTR_UNUSED,
	       char **buffer ATTR_UNUSED, size_t *size ATTR_UNUSED)
{
	struct engine_libspf2 *engine =
		(struct engine_libspf2 *)server->resolver;

	engine->fail_domain = p_strdup(engine->pool,
				       engine->request->cur_dom);
	return SPF_E_SUCCESS;
}

static enum check_result_word
engine_result(struct engine_libspf2 *engine, SPF_response_t *response,
	      SPF_errcode_t error, const char **reason_r)
{
	enum check_result_word result;

	*reason_r = NULL;
	switch (SPF_response_result(response)) {
	case SPF_RESULT_NONE:
		return CHECK_RESULT_NONE;
	case SPF_RESULT_NEUTRAL:
		return CHECK_RESULT_NEUTRAL;
	case SPF_RESULT_PASS:
		return CHECK_RESULT_PASS;
	case SPF_RESULT_FAIL:
		return CHECK_RESULT_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return CHECK_RESULT_SOFTFAIL;
	case SPF_RESULT_TEMPERROR:
		result = CHECK_RESULT_TEMPERROR;
		break;
	case SPF_RESULT_INVALID:
		result = error == SPF_E_DNS_ERROR ? CHECK_RESULT_TEMPERROR :
			CHECK_RESULT_PERMERROR;
		break;
	default:
		result = CHECK_RESULT_PERMERROR;
		break;
	}
	if (result == CHECK_RESULT_TEMPERROR && engine->temperror != NULL)
		*reason_r = engine->temperror;
	else
		*reason_r = p_strdup(engine->pool, SPF_strerror(error));
	return result;
}

static const char *engine_explain(struct engine_libspf2 *engine)
{
	const struct dns_answer *answer;
	const struct dns_record *record;
	struct spf_record parsed;
	struct spf_host host;
	const char *domain, *error;

	if (engine->fail_domain == NULL ||
	    dns_name_normalize(engine->fail_domain, &domain) < 0)
		return NULL;
	answer = dns_session_lookup(engine->evaluation.dns, domain,
				    DNS_TYPE_TXT);
	i_zero(&host);
	host.domain = domain;
	host.result = CHECK_RESULT_FAIL;
	host.unknown = dns_session_run_incomplete(engine->evaluation.dns);
	array_foreach(&answer->records, record) {
		if (spf_record_has_version(record->text, record->text_size) &&
		    spf_record_parse(engine->pool, record->text,
				     record->text_size, &parsed, &error) == 0)
			host.exp = parsed.exp;
	}
	return spf_explain(&engine->evaluation, &host);
}

static SPF_errcode_t
engine_query(struct engine_libspf2 *engine, const struct spf_query *query,
	     const struct spf_identity *identity, SPF_response_t **response_r)
{
	const struct spf_macro_values *values = &engine->evaluation.values;
	SPF_response_t *response = NULL;
	SPF_server_t *server;
	SPF_errcode_t error;

	/* NULL = ignored */
	SPF_warning_handler = NULL;
	SPF_info_handler = NULL;
	SPF_debug_handler = NULL;

	server = SPF_server_new_dns(&engine->layer, 0);
	if (server == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "libspf2: Out of memory");
	SPF_server_set_sanitize(server, 1);
	SPF_server_set_rec_dom(server, query->receiver != NULL ?
			       query->receiver : "unknown");
	/* the default one has macros */
	SPF_server_set_explanation(server, "none", &response);
	SPF_response_free(response);

	engine->request = SPF_request_new(server);
	if (IPADDR_IS_V4(&identity->client_ip)) {
		SPF_request_set_ipv4(engine->request,
				     identity->client_ip.u.ip4);
	} else {
		SPF_request_set_ipv6(engine->request,
				     identity->client_ip.u.ip6);
	}
	SPF_request_set_helo_dom(engine->request, values->helo != NULL ?
				 values->helo : "unknown");
	SPF_request_set_env_from(engine->request,
		t_strconcat(identity->local_part, "@", identity->domain,
			    NULL));
	*response_r = NULL;
	error = SPF_request_query_mailfrom(engine->request, response_r);
	if (*response_r == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "libspf2: Out of memory");
	SPF_request_free(engine->request);
	engine->request = NULL;
	SPF_server_free(server);
	return error;
}

static void
engine_fill_outcome(pool_t pool, struct engine_libspf2 *engine,
		    SPF_response_t *response, SPF_errcode_t error,
		    struct spf_outcome *outcome)
{
	const char *reason;

	if (engine->permerror != NULL) {
		outcome->result = CHECK_RESULT_PERMERROR;
		reason = engine->permerror;
	} else {
		outcome->result = engine_result(engine, response, error,
						&reason);
	}
	if (outcome->result == CHECK_RESULT_FAIL)
		outcome->explanation = p_strdup(pool, engine_explain(engine));
	outcome->reason = p_strdup(pool, str_sanitize(reason,
					AUTHRES_MAX_REASON_BYTES));
	outcome->term_lookups = engine->evaluation.term_lookups;
	outcome->void_lookups = engine->evaluation.void_lookups;
}

static bool engine_is_printable(const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value < 0x20 || *value > 0x7e)
			return FALSE;
	}
	return TRUE;
}

static bool engine_may_see(const struct spf_query *query,
			   const struct spf_identity *identity)
{
	struct ip_addr loopback4;
	const struct ip_addr *ip = &identity->client_ip;

	if (identity->local_part == NULL ||
	    !engine_is_printable(identity->local_part) ||
	    (query->helo != NULL && !engine_is_printable(query->helo)))
		return FALSE;
	loopback4.family = AF_INET;
	loopback4.u.ip4.s_addr = htonl(INADDR_LOOPBACK);
	return IPADDR_IS_V4(ip) ? !net_is_in_network(ip, &loopback4, 8) :
		!IN6_IS_ADDR_LOOPBACK(&ip->u.ip6);
}

/* Returns FALSE if the library must not see something. */
static bool
engine_check(pool_t pool, const struct spf_query *query,
	     const struct spf_identity *identity, struct dns_session *dns,
	     struct spf_outcome *outcome_r)
{
	struct engine_libspf2 engine;
	SPF_response_t *response;
	SPF_errcode_t error;

	i_zero(outcome_r);
	outcome_r->result = CHECK_RESULT_NONE;
	outcome_r->helo_identity = identity->helo;
	if (identity->domain == NULL)
		return TRUE;
	if (!engine_may_see(query, identity))
		return FALSE;
	outcome_r->domain = p_strdup(pool, identity->domain);

	i_zero(&engine);
	engine.layer.lookup = engine_libspf2_lookup;
	engine.layer.get_exp = engine_get_exp;
	engine.layer.name = "authres";
	engine.pool = pool_alloconly_create("libspf2 engine", 2048);
	p_array_init(&engine.followers, engine.pool, 8);
	engine.evaluation.pool = engine.pool;
	engine.evaluation.dns = dns;
	spf_identity_macro_values(query, identity, &engine.evaluation.values);
	error = engine_query(&engine, query, identity, &response);
	if (!engine.unsafe) {
		engine_fill_outcome(pool, &engine, response, error,
				    outcome_r);
	}
	SPF_response_free(response);
	pool_unref(&engine.pool);
	return !engine.unsafe;
}

void check_spf_libspf2(pool_t pool, const struct spf_query *query,
		       struct dns_session *dns, struct spf_outcome *outcome_r)
{
	struct spf_identity identity;
	bool seen;

	T_BEGIN {
		spf_identity_mail_from(query, &identity);
		seen = engine_check(pool, query, &identity, dns, outcome_r);
	} T_END;
	if (!seen)
		check_spf(pool, query, dns, outcome_r);
}

void check_spf_helo_libspf2(pool_t pool, const struct spf_query *query,
			    struct dns_session *dns,
			    struct spf_outcome *outcome_r)
{
	struct spf_identity identity;
	bool seen;

	T_BEGIN {
		spf_identity_helo(query, &identity);
		seen = engine_check(pool, query, &identity, dns, outcome_r);
	} T_END;
	if (!seen)
		check_spf_helo(pool, query, dns, outcome_r);
}
