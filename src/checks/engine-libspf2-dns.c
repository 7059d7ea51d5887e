/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "net.h"
#include "str.h"
#include "authres-limits.h"
#include "dns-session.h"
#include "engine-libspf2.h"
#include "engine-libspf2-private.h"

static SPF_dns_rr_t *
engine_answer(struct engine_libspf2 *engine, const char *name, ns_type type,
	      SPF_dns_stat_t status)
{
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(&engine->layer, name, type, 0,
					       status);

	if (rr == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "libspf2: Out of memory");
	return rr;
}

static void engine_answer_add(SPF_dns_rr_t *rr, const void *data, size_t size)
{
	char *dest;

	/* The library reads text up to its NUL. */
	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, size + 1) != SPF_E_SUCCESS)
		i_fatal_status(FATAL_OUTOFMEM, "libspf2: Out of memory");
	dest = (char *)rr->rr[rr->num_rr++];
	memcpy(dest, data, size);
	dest[size] = '\0';
}

static int engine_dns_type(ns_type type, enum dns_type *type_r)
{
	switch (type) {
	case ns_t_a:
		*type_r = DNS_TYPE_A;
		return 0;
	case ns_t_aaaa:
		*type_r = DNS_TYPE_AAAA;
		return 0;
	case ns_t_mx:
		*type_r = DNS_TYPE_MX;
		return 0;
	case ns_t_ptr:
		*type_r = DNS_TYPE_PTR;
		return 0;
	case ns_t_txt:
		*type_r = DNS_TYPE_TXT;
		return 0;
	default:
		return -1;
	}
}

static void engine_stop(struct engine_libspf2 *engine, const char *reason)
{
	if (engine->permerror == NULL)
		engine->permerror = p_strdup(engine->pool, reason);
}

/* Is this address question for a name that mx, ptr or p just found? They are
   asked in order. */
static bool
engine_question_follows(struct engine_libspf2 *engine, const char *name,
			enum dns_type type)
{
	const char *const *followers;
	unsigned int i, count;

	if (type == DNS_TYPE_A || type == DNS_TYPE_AAAA) {
		followers = array_get(&engine->followers, &count);
		i = engine->next_follower;
		if (i < count && strcasecmp(followers[i], name) == 0) {
			engine->next_follower++;
			return TRUE;
		}
	}
	array_clear(&engine->followers);
	engine->next_follower = 0;
	return FALSE;
}

/* Count the question if it is that of a term. Returns FALSE if it is one too
   many. */
static bool
engine_count_term(struct engine_libspf2 *engine, const char *name)
{
	struct spf_evaluation *evaluation = &engine->evaluation;

	if (evaluation->term_lookups == AUTHRES_MAX_SPF_TERMS) {
		engine_stop(engine, t_strdup_printf(
			"more than %u terms that need DNS, last %s",
			AUTHRES_MAX_SPF_TERMS, name));
		return FALSE;
	}
	evaluation->term_lookups++;
	return TRUE;
}

static void engine_count_void(struct engine_libspf2 *engine, const char *name)
{
	struct spf_evaluation *evaluation = &engine->evaluation;

	if (evaluation->void_lookups == AUTHRES_MAX_SPF_VOID_LOOKUPS) {
		engine_stop(engine, t_strdup_printf(
			"more than %u terms without DNS records, last %s",
			AUTHRES_MAX_SPF_VOID_LOOKUPS, name));
	} else {
		evaluation->void_lookups++;
	}
}

static void
engine_add_txt(struct engine_libspf2 *engine, const struct dns_answer *answer,
	       SPF_dns_rr_t *rr)
{
	const struct dns_record *record;
	string_t *text = t_str_new(256);

	array_foreach(&answer->records, record) {
		if (!spf_record_has_version(record->text, record->text_size))
			continue;
		str_truncate(text, 0);
		if (!engine_libspf2_render_record(record->text,
						  record->text_size, text)) {
			engine->unsafe = TRUE;
			return;
		}
		engine_answer_add(rr, str_data(text), str_len(text));
	}
}

static void
engine_add_records(struct engine_libspf2 *engine,
		   const struct dns_answer *answer, enum dns_type type,
		   SPF_dns_rr_t *rr)
{
	const struct dns_record *record;

	if (type == DNS_TYPE_TXT) {
		engine_add_txt(engine, answer, rr);
		return;
	}
	array_foreach(&answer->records, record) {
		const char *name;

		switch (type) {
		case DNS_TYPE_A:
			engine_answer_add(rr, &record->ip.u.ip4,
					  sizeof(record->ip.u.ip4));
			continue;
		case DNS_TYPE_AAAA:
			engine_answer_add(rr, &record->ip.u.ip6,
					  sizeof(record->ip.u.ip6));
			continue;
		case DNS_TYPE_PTR:
			if (rr->num_rr == AUTHRES_MAX_SPF_PTR_NAMES)
				return;
			break;
		default:
			break;
		}
		engine_answer_add(rr, record->name, strlen(record->name));
		name = p_strdup(engine->pool, record->name);
		array_push_back(&engine->followers, &name);
	}
}

static SPF_dns_rr_t *
engine_placeholder(struct engine_libspf2 *engine, const char *name,
		   ns_type ns_type)
{
	static const char neutral[] = "v=spf1 ?all exp=explanation.invalid";
	SPF_dns_rr_t *rr;

	if (ns_type != ns_t_txt)
		return engine_answer(engine, name, ns_type, NO_DATA);
	rr = engine_answer(engine, name, ns_type, NETDB_SUCCESS);
	engine_answer_add(rr, neutral, strlen(neutral));
	return rr;
}

static SPF_dns_rr_t *
engine_lookup_name(struct engine_libspf2 *engine, const char *name,
		   ns_type ns_type, enum dns_type type, bool term)
{
	const struct dns_answer *answer;
	const char *normalized;
	SPF_dns_rr_t *rr;

	if (dns_name_normalize(name, &normalized) < 0)
		return engine_answer(engine, name, ns_type, HOST_NOT_FOUND);
	answer = dns_session_lookup(engine->evaluation.dns, normalized, type);
	if (dns_answer_is_placeholder(answer))
		return engine_placeholder(engine, name, ns_type);
	switch (answer->status) {
	case DNS_STATUS_ANSWER:
		rr = engine_answer(engine, name, ns_type, NETDB_SUCCESS);
		engine_add_records(engine, answer, type, rr);
		/* no TXT record was one of SPF */
		if (rr->num_rr == 0)
			rr->herrno = NO_DATA;
		return rr;
	case DNS_STATUS_TEMPORARY:
		engine->temperror = p_strdup_printf(engine->pool, "%s %s: %s",
			dns_type_name(type), normalized, answer->reason);
		return engine_answer(engine, name, ns_type, TRY_AGAIN);
	case DNS_STATUS_NODATA:
	case DNS_STATUS_NXDOMAIN:
		break;
	}
	if (term && type != DNS_TYPE_TXT)
		engine_count_void(engine, normalized);
	return engine_answer(engine, name, ns_type,
			     answer->status == DNS_STATUS_NODATA ? NO_DATA :
			     HOST_NOT_FOUND);
}

SPF_dns_rr_t *
engine_libspf2_lookup(SPF_dns_server_t *layer, const char *name,
		      ns_type ns_type, int should_cache)
{
	struct engine_libspf2 *engine = (struct engine_libspf2 *)layer;
	SPF_dns_rr_t *rr = NULL;
	enum dns_type type;
	bool term;

	if (engine_dns_type(ns_type, &type) < 0)
		return engine_answer(engine, name, ns_type, NO_DATA);
	T_BEGIN {
		/* Only the p macro asks for PTR without caching. */
		term = !engine_question_follows(engine, name, type) &&
			(type != DNS_TYPE_PTR || should_cache != 0);
		if (type == DNS_TYPE_TXT && !engine->first_record_asked) {
			engine->first_record_asked = TRUE;
			term = FALSE;
		}
		if (term && engine->permerror == NULL)
			(void)engine_count_term(engine, name);
		if (engine->permerror == NULL && !engine->unsafe) {
			rr = engine_lookup_name(engine, name, ns_type, type,
						term);
		}
		/* Temporary trouble is what makes the library stop. */
		if (engine->permerror != NULL || engine->unsafe) {
			if (rr != NULL)
				SPF_dns_rr_free(rr);
			rr = engine_answer(engine, name, ns_type, TRY_AGAIN);
		}
	} T_END;
	return rr;
}
