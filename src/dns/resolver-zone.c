/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "zone-file.h"
#include "resolver-zone.h"

struct zone_resolver {
	struct resolver resolver;
	pool_t pool;
	struct zone zone;
};

/* The name itself, or the wildcard that stands for it (RFC 4592 section
   3.3.1): "*" below its closest existing ancestor. NULL = does not exist. */
static const struct zone_name *zone_find(struct zone *zone, const char *name)
{
	struct zone_name *entry = hash_table_lookup(zone->names, name);
	const char *parent;

	if (entry != NULL || *name == '\0')
		return entry;
	do {
		parent = strchr(name, '.');
		name = parent = parent == NULL ? "" : parent + 1;
		entry = hash_table_lookup(zone->names, parent);
	} while (entry == NULL && *name != '\0');
	return hash_table_lookup(zone->names, *parent == '\0' ? "*" :
				 t_strconcat("*.", parent, NULL));
}

static void zone_answer_records(const struct zone_name *entry,
				enum dns_type type, struct dns_answer *answer)
{
	const struct zone_record *record;

	array_foreach(&entry->records, record) {
		if (record->type != type)
			continue;
		if (array_count(&answer->records) == AUTHRES_MAX_DNS_RECORDS) {
			dns_answer_set_temporary(answer,
						 pool_datastack_create(),
						 "too many records");
			return;
		}
		answer->ttl_secs = record->ttl_secs;
		array_push_back(&answer->records, &record->record);
	}
	answer->status = array_count(&answer->records) > 0 ?
		DNS_STATUS_ANSWER : DNS_STATUS_NODATA;
}

static void zone_answer(struct zone *zone, const char *name,
			enum dns_type type, struct dns_answer *answer)
{
	const struct zone_name *entry;
	const char *trouble = NULL;

	for (unsigned int i = 0; i <= AUTHRES_MAX_CNAME_CHAIN; i++) {
		entry = zone_find(zone, name);
		if (entry == NULL) {
			answer->status = DNS_STATUS_NXDOMAIN;
			return;
		}
		switch (entry->trouble) {
		case ZONE_TROUBLE_SERVFAIL:
			trouble = "server failure";
			break;
		case ZONE_TROUBLE_TIMEOUT:
			trouble = "no answer";
			break;
		case ZONE_TROUBLE_NONE:
			if (entry->cname == NULL) {
				zone_answer_records(entry, type, answer);
				return;
			}
			answer->alias = TRUE;
			name = entry->cname;
			continue;
		}
		break;
	}
	if (trouble == NULL)
		trouble = "CNAME chain too long";
	dns_answer_set_temporary(answer, pool_datastack_create(), trouble);
}

static struct resolver_request *
zone_resolver_ask(struct resolver *_resolver,
		  const struct resolver_question *question,
		  resolver_callback_t *callback, void *context)
{
	struct zone_resolver *resolver =
		container_of(_resolver, struct zone_resolver, resolver);
	struct dns_answer answer;

	T_BEGIN {
		i_zero(&answer);
		t_array_init(&answer.records, 8);
		zone_answer(&resolver->zone, question->name, question->type,
			    &answer);
		callback(&answer, context);
	} T_END;
	return NULL;
}

static void zone_resolver_cancel(struct resolver_request *request ATTR_UNUSED)
{
	/* ask() never returns one */
	i_unreached();
}

static void zone_resolver_deinit(struct resolver *_resolver)
{
	struct zone_resolver *resolver =
		container_of(_resolver, struct zone_resolver, resolver);

	hash_table_destroy(&resolver->zone.names);
	pool_unref(&resolver->pool);
}

static const struct resolver_vfuncs zone_resolver_vfuncs = {
	.deinit = zone_resolver_deinit,
	.ask = zone_resolver_ask,
	.cancel = zone_resolver_cancel,
};

int resolver_zone_init(const char *text, const char *file_name,
		       struct resolver **resolver_r, const char **error_r)
{
	struct zone_resolver *resolver;
	pool_t pool;

	pool = pool_alloconly_create("zone resolver", 4096);
	resolver = p_new(pool, struct zone_resolver, 1);
	resolver->pool = pool;
	resolver->resolver.v = zone_resolver_vfuncs;
	if (zone_file_parse(pool, text, file_name, &resolver->zone,
			    error_r) < 0) {
		zone_resolver_deinit(&resolver->resolver);
		return -1;
	}
	*resolver_r = &resolver->resolver;
	return 0;
}
