/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "domain-name.h"
#include "list-id.h"
#include "srs-address.h"
#include "fuzzer.h"

static void ignore_body(const unsigned char *data ATTR_UNUSED,
			size_t size ATTR_UNUSED, void *context ATTR_UNUSED)
{
}

static void check_domain(const char *domain)
{
	const char *again, *error;

	if (domain == NULL)
		return;
	i_assert(strlen(domain) <= AUTHRES_MAX_DOMAIN_BYTES);
	i_assert(domain_label_count(domain) >= 2);
	i_assert(domain_to_ascii(domain, &again, &error) == 0 &&
		 strcmp(domain, again) == 0);
}

static void check_header(const struct msg_header *header,
			 void *context ATTR_UNUSED)
{
	pool_t pool = pool_alloconly_create("fuzz", 256);
	const char *domain = list_id_find(pool, header);

	check_domain(domain);
	i_assert(domain == NULL ||
		 (msg_header_find(header, "List-Id", 0) != NULL &&
		  msg_header_find(header, "List-Id", 1) == NULL));
	pool_unref(&pool);
}

/* The value of a List-Id field with all that follows, and a reverse-path. */
FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = check_header,
		.body = ignore_body,
	};
	pool_t pool = pool_alloconly_create("fuzz header", 4096);
	struct msg_parser *parser = msg_parser_init(pool, &v, NULL);

	msg_parser_more(parser, (const unsigned char *)"List-Id: ", 9);
	msg_parser_more(parser, data, size);
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
	pool_unref(&pool);

	check_domain(t_srs_sender_domain(t_strndup(data, size)));
}
FUZZ_END
