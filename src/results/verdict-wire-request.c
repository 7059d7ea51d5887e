/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "strescape.h"
#include "strnum.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

static const char *const verify_protocol_names[] = {
	"lmtp", "lda", "doveadm"
};
_Static_assert(N_ELEMENTS(verify_protocol_names) ==
	       VERIFY_PROTOCOL_DOVEADM + 1, "a name for every value");

static void
append_limited(string_t *dest, const char *key, const char *value,
	       size_t max_bytes)
{
	if (value == NULL)
		return;
	/* A shortened path would be somebody else's: above the limit it is
	   one without a domain, which nothing can pass for. */
	wire_append(dest, key, strlen(value) <= max_bytes ? value : "?");
}

/* FALSE appends nothing. */
static void append_flag(string_t *dest, const char *key, bool flag)
{
	if (flag)
		wire_append(dest, key, "yes");
}

void verify_request_encode(const struct verify_request *request, string_t *dest)
{
	str_append(dest, "VERIFY");
	wire_append(dest, "protocol", verify_protocol_names[request->protocol]);
	append_limited(dest, "mail_from", request->mail_from,
		       AUTHRES_MAX_PATH_BYTES);
	append_limited(dest, "rcpt_to", request->rcpt_to,
		       AUTHRES_MAX_PATH_BYTES);
	wire_append_ip(dest, "argument_ip", &request->argument_ip);
	append_limited(dest, "argument_helo", request->argument_helo,
		       AUTHRES_MAX_HELO_BYTES);
	append_flag(dest, "argument_environment",
		    request->argument_environment);
	append_flag(dest, "argument_authenticated",
		    request->argument_authenticated);
	wire_append_ip(dest, "peer_ip", &request->peer_ip);
	wire_append_ip(dest, "xclient_ip", &request->xclient_ip);
	append_limited(dest, "xclient_helo", request->xclient_helo,
		       AUTHRES_MAX_HELO_BYTES);
	append_limited(dest, "session_id", request->session_id,
		       AUTHRES_MAX_SESSION_ID_BYTES);
	wire_append_uint(dest, "received_time",
			 request->received_time < 0 ? 0 :
			 (uintmax_t)request->received_time);
	wire_append_uint(dest, "timeout_msecs", request->timeout_msecs);
	append_flag(dest, "history", request->history);
	append_flag(dest, "failure", request->failure);
	append_flag(dest, "minimal", request->minimal);
	append_flag(dest, "tell_alive", request->tell_alive);
	str_append_c(dest, '\n');
}

static int
decode_string(pool_t pool, const char *value, size_t max_bytes,
	      const char **dest)
{
	if (*dest != NULL || strlen(value) > max_bytes)
		return -1;
	*dest = p_strdup(pool, value);
	return 0;
}

static int decode_ip(const char *value, struct ip_addr *dest)
{
	if (dest->family != 0)
		return -1;
	return wire_ip_parse(value, dest);
}

static int decode_flag(const char *value, bool *dest)
{
	if (*dest || strcmp(value, "yes") != 0)
		return -1;
	*dest = TRUE;
	return 0;
}

static int
decode_protocol(const char *value, struct verify_request *request)
{
	for (unsigned int i = 0; i < N_ELEMENTS(verify_protocol_names); i++) {
		if (strcmp(verify_protocol_names[i], value) == 0) {
			request->protocol = (enum verify_protocol)i;
			return 0;
		}
	}
	return -1;
}

/* Returns 1 = known and good, 0 = unknown, -1 = bad value */
static int
decode_pair(pool_t pool, const char *key, const char *value,
	    struct verify_request *request)
{
	int ret = 0;

	if (strcmp(key, "protocol") == 0)
		ret = decode_protocol(value, request);
	else if (strcmp(key, "mail_from") == 0)
		ret = decode_string(pool, value, AUTHRES_MAX_PATH_BYTES,
				    &request->mail_from);
	else if (strcmp(key, "rcpt_to") == 0)
		ret = decode_string(pool, value, AUTHRES_MAX_PATH_BYTES,
				    &request->rcpt_to);
	else if (strcmp(key, "argument_ip") == 0)
		ret = decode_ip(value, &request->argument_ip);
	else if (strcmp(key, "argument_helo") == 0)
		ret = decode_string(pool, value, AUTHRES_MAX_HELO_BYTES,
				    &request->argument_helo);
	else if (strcmp(key, "argument_environment") == 0)
		ret = decode_flag(value, &request->argument_environment);
	else if (strcmp(key, "argument_authenticated") == 0)
		ret = decode_flag(value, &request->argument_authenticated);
	else if (strcmp(key, "peer_ip") == 0)
		ret = decode_ip(value, &request->peer_ip);
	else if (strcmp(key, "xclient_ip") == 0)
		ret = decode_ip(value, &request->xclient_ip);
	else if (strcmp(key, "xclient_helo") == 0)
		ret = decode_string(pool, value, AUTHRES_MAX_HELO_BYTES,
				    &request->xclient_helo);
	else if (strcmp(key, "session_id") == 0)
		ret = decode_string(pool, value, AUTHRES_MAX_SESSION_ID_BYTES,
				    &request->session_id);
	else if (strcmp(key, "received_time") == 0)
		ret = str_to_time(value, &request->received_time);
	else if (strcmp(key, "timeout_msecs") == 0)
		ret = wire_uint_parse(value, &request->timeout_msecs);
	else if (strcmp(key, "history") == 0)
		ret = decode_flag(value, &request->history);
	else if (strcmp(key, "failure") == 0)
		ret = decode_flag(value, &request->failure);
	else if (strcmp(key, "minimal") == 0)
		ret = decode_flag(value, &request->minimal);
	else if (strcmp(key, "tell_alive") == 0)
		ret = decode_flag(value, &request->tell_alive);
	else
		return 0;
	return ret < 0 ? -1 : 1;
}

static int
request_is_complete(const struct verify_request *request,
		    unsigned int protocols, const char **error_r)
{
	if (protocols != 1) {
		*error_r = "protocol= is missing or repeated";
		return -1;
	}
	if (request->received_time < 0) {
		*error_r = "received_time= is before the epoch";
		return -1;
	}
	if (request->timeout_msecs == 0 ||
	    request->timeout_msecs > AUTHRES_MAX_TIMEOUT_MSECS) {
		*error_r = "timeout_msecs= is missing or out of range";
		return -1;
	}
	return 0;
}

int verify_request_decode(pool_t pool, const char *const *args,
			  struct verify_request *request_r,
			  const char **error_r)
{
	unsigned int protocols = 0;

	i_zero(request_r);
	for (; *args != NULL; args++) {
		const char *value = strchr(*args, '=');
		const char *key;

		if (value == NULL) {
			*error_r = "argument without '='";
			return -1;
		}
		key = t_strdup_until(*args, value++);
		if (strcmp(key, "protocol") == 0)
			protocols++;
		if (decode_pair(pool, key, value, request_r) < 0) {
			*error_r = t_strdup_printf("bad value of %s=", key);
			return -1;
		}
	}
	return request_is_complete(request_r, protocols, error_r);
}
