/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "verify-request.h"
#include "delivery-lda.h"

/* The value of a bad address in the log. */
#define MAX_LOGGED_ADDRESS_BYTES 80

struct lda_argument_names {
	bool environment;
	const char *ip, *helo, *login;
};

static const struct lda_argument_names lda_argument_names[] = {
	{ FALSE, "authres_client_ip", "authres_client_helo",
	  "authres_client_login" },
	{ TRUE, "AUTHRES_CLIENT_IP", "AUTHRES_CLIENT_HELO",
	  "AUTHRES_CLIENT_LOGIN" },
	{ TRUE, "CLIENT_ADDRESS", "CLIENT_HELO", "SASL_USERNAME" },
};

static const char *
lookup_environment(const char *name)
{
	return getenv(name);
}

/* Returns NULL if value says nothing. */
static const char *known_value(const char *value)
{
	if (value == NULL || *value == '\0' ||
	    strcasecmp(value, "unknown") == 0)
		return NULL;
	return value;
}

static int parse_address(const char *value, struct ip_addr *ip_r)
{
	if (strncasecmp(value, "IPv6:", 5) == 0) {
		return net_addr2ip(value + 5, ip_r) < 0 ||
			ip_r->family != AF_INET6 ? -1 : 0;
	}
	if (net_addr2ip(value, ip_r) < 0)
		return -1;
	/* it also takes 192.0.2, octal numbers and blanks at the end */
	return ip_r->family == AF_INET &&
		strcmp(net_ip2addr(ip_r), value) != 0 ? -1 : 0;
}

static bool
read_arguments(pool_t pool, lda_argument_lookup_t *lookup,
	       const struct lda_argument_names *names, struct event *event,
	       struct verify_request *request)
{
	const char *ip = known_value(lookup(names->ip));
	const char *login = lookup(names->login);

	if (ip != NULL && parse_address(ip, &request->argument_ip) < 0) {
		e_error(event, "authres: %s%s is not an IP address: %s - "
			"ignored", names->ip,
			names->environment ? " in the environment" : "",
			str_sanitize(ip, MAX_LOGGED_ADDRESS_BYTES));
		i_zero(&request->argument_ip);
	}
	request->argument_authenticated = login != NULL && *login != '\0';
	if (request->argument_ip.family == 0 &&
	    !request->argument_authenticated)
		return FALSE;
	request->argument_environment = names->environment;
	if (request->argument_ip.family != 0) {
		request->argument_helo =
			p_strdup(pool, known_value(lookup(names->helo)));
	}
	return TRUE;
}

void delivery_lda_read(pool_t pool, lda_argument_lookup_t *settings,
			struct event *event, struct verify_request *request)
{
	for (unsigned int i = 0; i < N_ELEMENTS(lda_argument_names); i++) {
		const struct lda_argument_names *names = &lda_argument_names[i];

		if (read_arguments(pool, names->environment ?
				   lookup_environment : settings, names, event,
				   request))
			break;
	}
}
