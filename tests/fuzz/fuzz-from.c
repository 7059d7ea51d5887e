/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "message-address.h"
#include "msg-parser.h"
#include "domain-name.h"
#include "author-domain.h"
#include "fuzzer.h"

static void ignore_body(const unsigned char *data ATTR_UNUSED,
			size_t size ATTR_UNUSED, void *context ATTR_UNUSED)
{
}

static bool author_has(const struct author *author, const char *domain)
{
	return str_array_find(author->domains, domain);
}

/* What Dovecot's own parser reads must be what we read. */
static void check_parser(const struct msg_header *header,
			 const struct author *author)
{
	const struct msg_field *field = msg_header_find(header, "From", 0);
	const char *value = t_msg_field_value(field), *domain, *error;
	struct message_address *addr;

	addr = message_address_parse(pool_datastack_create(),
				     (const unsigned char *)value,
				     strlen(value), UINT_MAX, 0);
	for (; addr != NULL; addr = addr->next) {
		if (addr->domain != NULL &&
		    domain_to_ascii(addr->domain, &domain, &error) == 0)
			i_assert(author_has(author, domain));
	}
}

static void check_header(const struct msg_header *header,
			 void *context ATTR_UNUSED)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct author author;
	const char *const *p, *domain, *error;
	unsigned int count;

	author_find(pool, header, &author);
	count = str_array_length(author.domains);
	i_assert(count <= AUTHRES_MAX_AUTHOR_DOMAINS);
	i_assert(!author.single || !author.multiple);
	i_assert(author.single == (author.reason == NULL));
	if (author.single || author.multiple) {
		i_assert(!author.hides);
		i_assert(header->limit_reason == NULL);
		i_assert(author.single ? count == 1 : count > 1);
		i_assert(msg_header_find(header, "From", 0) != NULL);
		i_assert(msg_header_find(header, "From", 1) == NULL);
		check_parser(header, &author);
	}
	if (author.address != NULL) {
		const char *at = strrchr(author.address, '@');

		i_assert(author.single && at > author.address &&
			 at - author.address <= AUTHRES_MAX_LOCAL_PART_BYTES);
		i_assert(strcmp(at + 1, author.domains[0]) == 0);
	}
	for (p = author.domains; *p != NULL; p++) {
		i_assert(domain_to_ascii(*p, &domain, &error) == 0 &&
			 strcmp(*p, domain) == 0);
		i_assert(!str_array_find(p + 1, *p));
	}
	pool_unref(&pool);
}

/* A header; without a field name it is one From field. */
FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = check_header,
		.body = ignore_body,
	};
	pool_t pool = pool_alloconly_create("fuzz header", 4096);
	struct msg_parser *parser = msg_parser_init(pool, &v, NULL);

	if (size < 4 || strncasecmp((const char *)data, "From", 4) != 0)
		msg_parser_more(parser, (const unsigned char *)"From: ", 6);
	msg_parser_more(parser, data, size);
	msg_parser_finish(parser);
	msg_parser_deinit(&parser);
	pool_unref(&pool);
}
FUZZ_END
