/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "domain-name.h"
#include "trusted-hosts.h"

/* A name, or "." and what it has to end in. */
static int
trusted_name_parse(pool_t pool, const char *word, const char **name_r,
		   const char **error_r)
{
	const char *prefix = *word == '.' ? "." : "";

	if (domain_to_ascii(word + strlen(prefix), name_r, error_r) < 0)
		return -1;
	*name_r = p_strconcat(pool, prefix, *name_r, NULL);
	return 0;
}

int trusted_hosts_parse(pool_t pool, const char *const *words,
			struct trusted_hosts *hosts_r, const char **error_r)
{
	ARRAY(struct ip_net) networks;
	ARRAY_TYPE(const_string) names;
	const char *name, *error;
	struct ip_net *net;

	i_zero(hosts_r);
	p_array_init(&networks, pool, 4);
	p_array_init(&names, pool, 4);
	for (; *words != NULL; words++) {
		if (word_is_network(*words)) {
			net = array_append_space(&networks);
			if (word_parse_network(*words, net) < 0) {
				*error_r = t_strdup_printf(
					"'%s' is not a network", *words);
				return -1;
			}
		} else if (trusted_name_parse(pool, *words, &name,
					      &error) == 0) {
			array_push_back(&names, &name);
		} else {
			*error_r = t_strdup_printf(
				"'%s' is neither a network nor a host name: %s",
				*words, error);
			return -1;
		}
	}
	array_append_zero(&names);
	hosts_r->names = array_front(&names);
	hosts_r->networks = array_get(&networks, &hosts_r->network_count);
	return 0;
}

bool trusted_hosts_has_ip(const struct trusted_hosts *hosts,
			  const struct ip_addr *ip)
{
	unsigned int i;

	for (i = 0; i < hosts->network_count; i++) {
		if (net_is_in_network(ip, &hosts->networks[i].ip,
				      hosts->networks[i].bits))
			return TRUE;
	}
	return FALSE;
}

bool trusted_hosts_has_name_in(const struct trusted_hosts *hosts,
			       const char *domain)
{
	const char *const *names = hosts->names;

	if (names == NULL || domain_label_count(domain) < 2)
		return FALSE;
	for (; *names != NULL; names++) {
		if (domain_is_within(**names == '.' ? *names + 1 : *names,
				     domain))
			return TRUE;
	}
	return FALSE;
}

bool trusted_hosts_has_name(const struct trusted_hosts *hosts,
			    const char *name)
{
	const char *const *names = hosts->names, *domain, *error;
	bool found = FALSE;

	if (names == NULL || name == NULL)
		return FALSE;
	T_BEGIN {
		if (domain_to_ascii(name, &domain, &error) < 0)
			domain = "";
		for (; *domain != '\0' && *names != NULL && !found; names++) {
			found = **names != '.' ? strcmp(*names, domain) == 0 :
				strcmp(*names + 1, domain) != 0 &&
				domain_is_within(domain, *names + 1);
		}
	} T_END;
	return found;
}
