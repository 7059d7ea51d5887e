/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "msg-parser.h"
#include "received.h"
#include "identity.h"
#include "fuzzer.h"
#include "identity-find.h"
#include "received-parse.h"

static const char own_lines[] =
	"Return-Path: <a@b>\r\n"
	"Received: from mx ([10.0.0.2])\r\n\tby imap with LMTP\r\n\tid S\r\n"
	"Received: from h (n [192.0.2.1])\r\n\tby mx (Postfix) with ESMTPS id 1\r\n"
	"X: y\r\n";

static void ignore_body(const unsigned char *data ATTR_UNUSED,
			size_t size ATTR_UNUSED, void *context ATTR_UNUSED)
{
}

static void fuzz_settings(pool_t pool, struct identity_settings *set_r)
{
	static const char *const trusted[] = { "10.0.0.0/8", "mx", NULL };
	static const char *const local[] = { "127.0.0.0/8", NULL };
	static const char *const forwarders[] = { "198.51.100.0/24", NULL };
	static const char *const fetch[] = { ".free.fr", "172.16.0.0/12", NULL };
	static const char *const filter_users[] = { "110", "spamd", NULL };
	const char *error;

	i_zero(set_r);
	if (trusted_hosts_parse(pool, trusted, &set_r->trusted_hosts,
				&error) < 0 ||
	    trusted_hosts_parse(pool, local, &set_r->local_networks,
				&error) < 0)
		i_unreached();
	if (trusted_hosts_parse(pool, forwarders, &set_r->trusted_forwarders,
				&error) < 0 ||
	    trusted_hosts_parse(pool, fetch, &set_r->fetch_hosts, &error) < 0)
		i_unreached();
	set_r->filter_users = filter_users;
	set_r->client_header = "X-Client";
}

static void find(pool_t pool, const struct msg_header *header,
		 enum client_source source, struct identity *identity_r)
{
	struct identity_settings set;
	struct verify_request request;

	fuzz_settings(pool, &set);
	set.client_source = source;
	i_zero(&request);
	request.session_id = "S";
	if (net_addr2ip("10.0.0.2", &request.peer_ip) < 0)
		i_unreached();
	identity_find(pool, &set, &request, header, identity_r);

	i_assert(identity_r->reason != NULL);
	i_assert((identity_r->source == CLIENT_SOURCE_NONE) ==
		 (identity_r->client_ip.family == 0));
	i_assert(identity_r->client_ip.family == 0 ||
		 IPADDR_IS_V4(&identity_r->client_ip) ||
		 IPADDR_IS_V6(&identity_r->client_ip));
	i_assert(identity_r->helo == NULL ||
		 strlen(identity_r->helo) <= AUTHRES_MAX_HELO_BYTES);
	i_assert(identity_r->received_index <= AUTHRES_MAX_RECEIVED);
}

/* In any shape: who is not certain is hidden. */
static void check_trusted(pool_t pool, const struct msg_field *field)
{
	static const char *const words[] = { "mx", NULL };
	struct trusted_hosts writers;
	struct received received;
	const char *error = NULL;

	if (trusted_hosts_parse(pool, words, &writers, &error) < 0)
		i_unreached();
	i_assert(strlen(t_received_excerpt(field)) <= 80);
	if (received_parse_trusted(pool, field, &writers, &received,
				   &error) < 0) {
		i_assert(error != NULL);
		return;
	}
	i_assert(!received.masked || received.from_ip.family == 0);
	i_assert(received.masked || !received.masked_by_client);
	i_assert(!received.masked_by_client || !received.authenticated);
}

static void check_fields(pool_t pool, const struct msg_header *header)
{
	const struct msg_field *field;
	struct received received;
	const char *error;

	array_foreach(&header->fields, field) {
		T_BEGIN {
			check_trusted(pool, field);
		} T_END;
		error = NULL;
		if (received_parse(pool, field, &received, &error) < 0) {
			i_assert(error != NULL);
			continue;
		}
		i_assert(received.by != NULL ? received.by[0] != '\0' :
			 received.continues);
		i_assert(received.helo == NULL || received.helo[0] != '\0');
		i_assert(!received.dovecot_lmtp || received.id != NULL);
		i_assert(!(received.local_pickup || received.masked ||
			   received.continues) ||
			 received.from_ip.family == 0);
	}
}

/* As a stranger's header below ours, and as a header of its own. */
static void check_header(const struct msg_header *header, void *context)
{
	const bool *below = context;
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct identity identity;

	find(pool, header, CLIENT_SOURCE_RECEIVED, &identity);
	if (*below) {
		i_assert(identity.origin == MAIL_ORIGIN_EXTERNAL);
		i_assert(strcmp(net_ip2addr(&identity.client_ip),
				"192.0.2.1") == 0);
		i_assert(strcmp(identity.helo, "h") == 0);
		i_assert(identity.received_index == 2);
	} else {
		check_fields(pool, header);
		find(pool, header, CLIENT_SOURCE_HEADER, &identity);
	}
	pool_unref(&pool);
}

static void fuzz_header(const unsigned char *data, size_t size, bool below)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = check_header,
		.body = ignore_body,
	};
	pool_t pool = pool_alloconly_create("fuzz header", 4096);
	struct msg_parser *parser = msg_parser_init(pool, &v, &below);

	if (below) {
		msg_parser_more(parser, (const unsigned char *)own_lines,
				strlen(own_lines));
	}
	msg_parser_more(parser, data, size);
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
	pool_unref(&pool);
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	fuzz_header(data, size, TRUE);
	fuzz_header(data, size, FALSE);
}
FUZZ_END
