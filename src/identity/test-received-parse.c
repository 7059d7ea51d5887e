/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-msg-header.h"
#include "received-parse.h"
#include "test-received-parse.h"
#include "test-common.h"

int test_received_parse(pool_t pool, const void *value, size_t size,
			struct received *received_r)
{
	return test_received_parse_by(pool, value, size, NULL, received_r);
}

int test_received_parse_by(pool_t pool, const void *value, size_t size,
			   const struct trusted_hosts *writers,
			   struct received *received_r)
{
	string_t *str = t_str_new(size + 32);
	const struct msg_header *header;
	const char *error = NULL;
	int ret;

	str_append(str, "Received: ");
	str_append_data(str, value, size);
	str_append(str, "\r\n");
	header = test_msg_header_parse(pool, str_data(str), str_len(str));
	test_assert(array_count(&header->fields) == 1);
	ret = writers == NULL ?
		received_parse(pool, array_front(&header->fields), received_r,
			       &error) :
		received_parse_trusted(pool, array_front(&header->fields),
				       writers, received_r, &error);
	test_assert(ret == 0 || error != NULL);
	return ret;
}

static const char *t_flags(const struct received *received)
{
	return t_strconcat(received->authenticated ? "a" : "",
			   received->continues ? "c" : "",
			   received->dovecot_lmtp ? "d" : "",
			   received->fetched ? "f" : "",
			   received->masked ? "m" : "",
			   received->masked_by_client ? "h" : "",
			   received->local_pickup ? "p" : "", NULL);
}

void test_received_cases(const struct received_test *tests,
			 unsigned int count)
{
	test_received_cases_by(tests, count, NULL);
}

void test_received_cases_by(const struct received_test *tests,
			    unsigned int count,
			    const struct trusted_hosts *writers)
{
	for (unsigned int i = 0; i < count; i++) T_BEGIN {
		const struct received_test *test = &tests[i];
		pool_t pool = pool_alloconly_create("test", 4096);
		struct received received;
		bool known = test->flags != NULL;
		int ret;

		ret = test_received_parse_by(pool, test->value,
					     strlen(test->value), writers,
					     &received);
		test_assert_idx((ret == 0) == known, i);
		if (ret == 0 && known) {
			test_assert_strcmp_idx(received.by, test->by, i);
			test_assert_strcmp_idx(received.helo, test->helo, i);
			test_assert_strcmp_idx(net_ip2addr(&received.from_ip),
					       test->ip, i);
			test_assert_strcmp_idx(received.protocol,
					       test->protocol, i);
			test_assert_strcmp_idx(received.id, test->id, i);
			test_assert_strcmp_idx(t_flags(&received),
					       test->flags, i);
			test_assert_strcmp_idx(
				received.local_user != NULL ?
				received.local_user : received.verified_name,
				test->name, i);
		} else if (ret == 0 || known) {
			i_error("%s", test->value);
		}
		pool_unref(&pool);
	} T_END;
}
