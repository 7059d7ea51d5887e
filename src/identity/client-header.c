#include "lib.h"
#include "str.h"
#include "msg-parser.h"
#include "client-header.h"

/* A word or a quoted string with quoted pairs. */
static int client_value_parse(const char **p, const char **value_r,
			      bool *quoted_r)
{
	string_t *value;
	size_t size;

	*quoted_r = **p == '"';
	if (!*quoted_r) {
		size = strcspn(*p, " \t\"");
		*value_r = t_strndup(*p, size);
		*p += size;
	} else {
		value = t_str_new(64);
		for (*p += 1; **p != '"'; *p += 1) {
			if (**p == '\\')
				*p += 1;
			if (**p == '\0')
				return -1;
			str_append_c(value, **p);
		}
		*p += 1;
		*value_r = str_c(value);
	}
	return **p == '\0' || **p == ' ' || **p == '\t' ? 0 : -1;
}

static int client_ip_parse(const char *value, struct ip_addr *ip_r)
{
	struct ip_addr ip4;
	size_t size = strlen(value);

	if (value[0] == '[' && size > 1 && value[size - 1] == ']')
		value = t_strndup(value + 1, size - 2);
	if (strncasecmp(value, "IPv6:", 5) == 0)
		value += 5;
	if (value[strspn(value, "0123456789abcdefABCDEF:.")] != '\0' ||
	    net_addr2ip(value, ip_r) < 0)
		return -1;
	if (net_ipv6_mapped_ipv4_convert(ip_r, &ip4) == 0)
		*ip_r = ip4;
	return 0;
}

/* Returns -1 also for a key that comes twice, and for anything behind a bare
   helo: the client may have written it. */
static int
client_header_set(struct client_header *client, const char *key,
		  const char *value, const char *rest)
{
	if (strcmp(key, "ip") == 0) {
		if (client->ip.family != 0)
			return -1;
		return client_ip_parse(value, &client->ip);
	}
	if (strcmp(key, "helo") == 0) {
		if (client->helo != NULL || rest[strspn(rest, " \t")] != '\0')
			return -1;
		client->helo = value;
	} else if (strcmp(key, "auth") == 0) {
		if (client->authenticated)
			return -1;
		client->authenticated = *value != '\0';
	}
	return 0;
}

static int
client_header_parse(const char *p, struct client_header *client_r)
{
	const char *key, *value;
	size_t size;
	bool quoted;

	i_zero(client_r);
	if (strchr(p, '=') == NULL)
		return client_ip_parse(p, &client_r->ip);
	while (*(p += strspn(p, " \t")) != '\0') {
		size = strcspn(p, "= \t\"");
		if (p[size] != '=')
			return -1;
		key = t_str_lcase(t_strndup(p, size));
		p += size + 1;
		if (client_value_parse(&p, &value, &quoted) < 0 ||
		    client_header_set(client_r, key, value,
				      quoted ? "" : p) < 0)
			return -1;
	}
	return client_r->ip.family == 0 ? -1 : 0;
}

int client_header_find(const struct msg_header *header, const char *name,
		       struct client_header *client_r, const char **error_r)
{
	const struct msg_field *field = msg_header_find(header, name, 0);

	if (field == NULL) {
		*error_r = t_strdup_printf("there is no field %s", name);
		return -1;
	}
	if (msg_header_find(header, name, 1) != NULL) {
		*error_r = t_strdup_printf("field %s stands twice", name);
		return -1;
	}
	if (field->size > AUTHRES_MAX_RECEIVED_BYTES ||
	    client_header_parse(t_msg_field_value(field), client_r) < 0) {
		*error_r = t_strdup_printf("field %s cannot be read", name);
		return -1;
	}
	return 0;
}
