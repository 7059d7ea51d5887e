/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-msg-header.h"

static void
test_msg_header_done(const struct msg_header *header, void *context)
{
	const struct msg_header **header_r = context;

	*header_r = header;
}

static void test_msg_body(const unsigned char *data ATTR_UNUSED,
			  size_t size ATTR_UNUSED, void *context ATTR_UNUSED)
{
}

const struct msg_header *
test_msg_header_parse(pool_t pool, const void *data, size_t size)
{
	static const struct msg_parser_vfuncs v = {
		.header_done = test_msg_header_done,
		.body = test_msg_body,
	};
	const struct msg_header *header = NULL;
	struct msg_header *copy;
	struct msg_parser *parser;

	parser = msg_parser_init(pool, &v, &header);
	msg_parser_more(parser, data, size);
	msg_parser_finish(parser);
	copy = p_new(pool, struct msg_header, 1);
	*copy = *header;
	msg_parser_deinit(&parser);
	return copy;
}
