/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "resolver.h"

static const char *const dns_type_names[] = {
	[DNS_TYPE_A] = "A",
	[DNS_TYPE_AAAA] = "AAAA",
	[DNS_TYPE_MX] = "MX",
	[DNS_TYPE_PTR] = "PTR",
	[DNS_TYPE_TXT] = "TXT",
};

struct resolver_request *
resolver_ask(struct resolver *resolver,
	     const struct resolver_question *question,
	     resolver_callback_t *callback, void *context)
{
	struct resolver_request *request;

	request = resolver->v.ask(resolver, question, callback, context);
	if (request != NULL)
		request->resolver = resolver;
	return request;
}

void resolver_cancel(struct resolver_request **_request)
{
	struct resolver_request *request = *_request;

	if (request == NULL)
		return;
	*_request = NULL;
	request->resolver->v.cancel(request);
}

void resolver_deinit(struct resolver **_resolver)
{
	struct resolver *resolver = *_resolver;

	if (resolver == NULL)
		return;
	*_resolver = NULL;
	resolver->v.deinit(resolver);
}

const char *dns_type_name(enum dns_type type)
{
	i_assert((unsigned int)type < N_ELEMENTS(dns_type_names));
	return dns_type_names[type];
}

int dns_name_normalize(const char *name, const char **name_r)
{
	size_t i, size = strlen(name), label_size = 0;

	if (size > 0 && name[size - 1] == '.')
		size--;
	if (size == 0 || size > AUTHRES_MAX_DOMAIN_BYTES)
		return -1;

	for (i = 0; i < size; i++) {
		unsigned char c = name[i];

		if (c == '.') {
			if (label_size == 0)
				return -1;
			label_size = 0;
			continue;
		}
		if (c < 0x20 || c > 0x7e ||
		    ++label_size > AUTHRES_MAX_LABEL_BYTES)
			return -1;
	}
	if (label_size == 0)
		return -1;
	*name_r = t_str_lcase(t_strndup(name, size));
	return 0;
}

void dns_answer_set_temporary(struct dns_answer *answer, pool_t pool,
			      const char *reason)
{
	answer->status = DNS_STATUS_TEMPORARY;
	answer->secure = FALSE;
	answer->reason = reason;
	if (array_is_created(&answer->records))
		array_clear(&answer->records);
	else
		p_array_init(&answer->records, pool, 1);
}

const char *dns_ip_reverse_name(const struct ip_addr *ip)
{
	const unsigned char *bytes;
	string_t *str;
	unsigned int i;

	if (ip->family == AF_INET) {
		bytes = (const void *)&ip->u.ip4;
		return t_strdup_printf("%u.%u.%u.%u.in-addr.arpa",
				       bytes[3], bytes[2], bytes[1], bytes[0]);
	}
	i_assert(ip->family == AF_INET6);
	bytes = (const void *)&ip->u.ip6;
	str = t_str_new(80);
	for (i = sizeof(ip->u.ip6); i > 0; i--) {
		str_printfa(str, "%x.%x.", bytes[i - 1] & 0x0f,
			    bytes[i - 1] >> 4);
	}
	str_append(str, "ip6.arpa");
	return str_c(str);
}
