/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hash.h"
#include "authres-limits.h"
#include "memory-resolver.h"

struct memory_name {
	ARRAY_TYPE(dns_record) records[DNS_TYPE_TXT + 1];
	const char *cname;
	bool timeout;
};

struct memory_resolver {
	struct resolver resolver;
	pool_t pool;
	HASH_TABLE(const char *, struct memory_name *) names;
};

static struct memory_resolver *memory_resolver(struct resolver *resolver)
{
	return container_of(resolver, struct memory_resolver, resolver);
}

static struct memory_name *
memory_resolver_name(struct memory_resolver *resolver, const char *name)
{
	struct memory_name *entry;
	const char *key, *parent;

	name = t_str_lcase(name);
	entry = hash_table_lookup(resolver->names, name);
	if (entry != NULL)
		return entry;
	entry = p_new(resolver->pool, struct memory_name, 1);
	key = p_strdup(resolver->pool, name);
	hash_table_insert(resolver->names, key, entry);
	parent = strchr(name, '.');
	if (parent != NULL)
		(void)memory_resolver_name(resolver, parent + 1);
	return entry;
}

static void memory_answer(struct memory_resolver *resolver, const char *name,
			  enum dns_type type, struct dns_answer *answer)
{
	const struct memory_name *entry;
	unsigned int i;

	for (i = 0; i <= AUTHRES_MAX_CNAME_CHAIN; i++) {
		entry = hash_table_lookup(resolver->names, name);
		if (entry == NULL) {
			answer->status = DNS_STATUS_NXDOMAIN;
			return;
		}
		if (entry->cname == NULL)
			break;
		answer->alias = TRUE;
		name = entry->cname;
	}
	if (i > AUTHRES_MAX_CNAME_CHAIN) {
		answer->status = DNS_STATUS_TEMPORARY;
		answer->reason = "CNAME chain too long";
	} else if (array_is_created(&entry->records[type])) {
		answer->status = DNS_STATUS_ANSWER;
		array_append_array(&answer->records, &entry->records[type]);
	} else if (entry->timeout) {
		answer->status = DNS_STATUS_TEMPORARY;
		answer->reason = "no answer";
	} else {
		answer->status = DNS_STATUS_NODATA;
	}
}

static struct resolver_request *
memory_resolver_ask(struct resolver *resolver,
		    const struct resolver_question *question,
		    resolver_callback_t *callback, void *context)
{
	struct dns_answer answer;

	T_BEGIN {
		i_zero(&answer);
		t_array_init(&answer.records, 8);
		memory_answer(memory_resolver(resolver), question->name,
			      question->type, &answer);
		callback(&answer, context);
	} T_END;
	return NULL;
}

static void memory_resolver_cancel(struct resolver_request *request ATTR_UNUSED)
{
	/* ask() never returns one */
	i_unreached();
}

static void memory_resolver_deinit(struct resolver *_resolver)
{
	struct memory_resolver *resolver = memory_resolver(_resolver);

	hash_table_destroy(&resolver->names);
	pool_unref(&resolver->pool);
}

static const struct resolver_vfuncs memory_resolver_vfuncs = {
	.deinit = memory_resolver_deinit,
	.ask = memory_resolver_ask,
	.cancel = memory_resolver_cancel,
};

struct resolver *memory_resolver_init(void)
{
	pool_t pool = pool_alloconly_create("memory resolver", 4096);
	struct memory_resolver *resolver =
		p_new(pool, struct memory_resolver, 1);

	resolver->pool = pool;
	resolver->resolver.v = memory_resolver_vfuncs;
	hash_table_create(&resolver->names, pool, 0, str_hash, strcmp);
	return &resolver->resolver;
}

void memory_resolver_add(struct resolver *_resolver, const char *name,
			 enum dns_type type, const struct dns_record *record)
{
	struct memory_resolver *resolver = memory_resolver(_resolver);
	struct memory_name *entry = memory_resolver_name(resolver, name);
	struct dns_record copy = *record;

	if (!array_is_created(&entry->records[type]))
		p_array_init(&entry->records[type], resolver->pool, 2);
	if (copy.name != NULL) {
		copy.name = p_strdup(resolver->pool,
				     t_str_lcase(record->name));
	}
	if (copy.text != NULL) {
		copy.text = p_memdup(resolver->pool, record->text,
				     record->text_size + 1);
	}
	array_push_back(&entry->records[type], &copy);
}

void memory_resolver_add_cname(struct resolver *_resolver, const char *name,
			       const char *target)
{
	struct memory_resolver *resolver = memory_resolver(_resolver);

	memory_resolver_name(resolver, name)->cname =
		p_strdup(resolver->pool, t_str_lcase(target));
}

void memory_resolver_add_timeout(struct resolver *resolver, const char *name)
{
	memory_resolver_name(memory_resolver(resolver), name)->timeout = TRUE;
}

void memory_resolver_add_name(struct resolver *resolver, const char *name)
{
	(void)memory_resolver_name(memory_resolver(resolver), name);
}
