/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "msg-parser.h"
#include "received-shape.h"
#include "client-header.h"

/* HELO, up to the end: a quoted string, or as it is. */
static const char *client_helo_parse(const char *p)
{
	string_t *value = t_str_new(64);
	size_t size = strlen(p);

	if (size < 2 || p[0] != '"' || p[size - 1] != '"')
		return p;
	for (p = t_strndup(p + 1, size - 2); *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		str_append_c(value, *p);
	}
	return str_c(value);
}

static int client_ip_parse(const char *value, struct ip_addr *ip_r)
{
	return received_address_literal(value, ip_r) ||
		received_address(value, ip_r) ? 0 : -1;
}

/* Returns -1 also for a name that comes twice. */
static int
client_header_set(struct client_header *client, const char *name,
		  const char *value)
{
	if (strcmp(name, "ip") == 0) {
		if (client->ip.family != 0)
			return -1;
		/* no SMTP client: a user of the host itself, if auth says so */
		if (*value == '\0')
			return 0;
		return client_ip_parse(value, &client->ip);
	}
	if (strcmp(name, "auth") == 0) {
		if (client->authenticated)
			return -1;
		client->authenticated = *value != '\0';
	} else if (strcmp(name, "key") == 0) {
		if (client->key != NULL)
			return -1;
		client->key = value;
	}
	return 0;
}

static int
client_header_parse(const char *p, struct client_header *client_r)
{
	const char *name, *value;
	size_t size;

	i_zero(client_r);
	if (strchr(p, '=') == NULL)
		return client_ip_parse(p, &client_r->ip);
	while (*(p += strspn(p, " \t")) != '\0') {
		size = strcspn(p, "= \t");
		if (p[size] != '=')
			return -1;
		name = t_str_lcase(t_strndup(p, size));
		p += size + 1;
		if (strcmp(name, "helo") == 0) {
			client_r->helo = client_helo_parse(p);
			break;
		}
		size = strcspn(p, " \t");
		value = t_strndup(p, size);
		p += size;
		if (client_header_set(client_r, name, value) < 0)
			return -1;
	}
	return client_r->ip.family == 0 && !client_r->authenticated ? -1 : 0;
}

static bool
client_header_has_key(const struct client_header *client,
		      const char *const *keys)
{
	size_t size;
	bool found = FALSE;

	if (client->key == NULL)
		return FALSE;
	size = strlen(client->key);
	for (; *keys != NULL; keys++) {
		if (strlen(*keys) == size &&
		    mem_equals_timing_safe(*keys, client->key, size))
			found = TRUE;
	}
	return found;
}

int client_header_find(const struct msg_header *header, const char *name,
		       const char *const *keys, unsigned int boundary,
		       struct client_header *client_r, const char **error_r)
{
	const bool keyed = keys != NULL && keys[0] != NULL;
	const struct msg_field *fields;
	unsigned int i, count, found = 0, unreadable = 0;

	fields = array_get(&header->fields, &count);
	if (!keyed)
		count = I_MIN(count, boundary);
	for (i = 0; i < count; i++) {
		struct client_header client;

		if (strcasecmp(fields[i].name, name) != 0)
			continue;
		if (client_header_parse(t_msg_field_value(&fields[i]),
					&client) < 0)
			unreadable++;
		else if (!keyed || client_header_has_key(&client, keys)) {
			*client_r = client;
			found++;
		}
	}
	/* Who writes another with the key, or above the boundary, is ours. A
	   stranger must not make any of them count less. */
	if (found == 1 && (keyed || unreadable == 0))
		return 0;
	*error_r = t_strdup_printf(
		found > 1 ? "there are several %s fields" :
		unreadable > 0 && !keyed ? "the %s field cannot be read" :
		keyed ? "no %s field has our key" :
		"our MTA added no %s field", name);
	return -1;
}
