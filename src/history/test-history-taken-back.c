/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "history-taken-back.h"

#define TIME (20281 * 86400 + 5)

static void test_taken_back(void)
{
	static const struct {
		const char *author, *list, *forwarder, *client;
		/* policy domain, code and comment, client */
		const char *expected;
	} tests[] = {
		{ "x.example", NULL, NULL, "192.0.2.7",
		  "x.example//192.0.2.7" },
		{ "x.example", "list.example.org", "fwd.example", NULL,
		  "x.example/mailing_list: list.example.org/" },
		{ "x.example", NULL, "192.0.2.9", "2001:db8::1",
		  "x.example/trusted_forwarder: 192.0.2.9/2001:db8::1" },
		/* no author: no details */
		{ NULL, "list.example.org", NULL, "192.0.2.7", "-//" },
		/* what no field of ours says, but a message might */
		{ "X example", NULL, NULL, "192.0.2.7", "-//" },
		{ "x.example", "<script>", NULL, "192.0.2.7", "-//" },
		{ "-", NULL, NULL, NULL, "-//" },
	};

	test_begin("history: taken back");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		struct verdict verdict = {
			.dmarc = CHECK_RESULT_FAIL,
			.author_domain = tests[i].author,
			.list_domain = tests[i].list,
			.forwarder = tests[i].forwarder,
		};
		struct history_record record, decoded;
		const struct history_row *row = &record.row;
		const char *error;
		string_t *line = t_str_new(256);

		if (tests[i].client != NULL &&
		    net_addr2ip(tests[i].client, &verdict.client_ip) < 0)
			i_unreached();
		history_taken_back_record(&verdict, TIME, &record);
		test_assert_strcmp_idx(t_strdup_printf("%s/%s%s%s/%s",
			row->policy_domain,
			row->reason == HISTORY_REASON_NONE ? "" :
			history_reason_name(row->reason),
			row->reason_comment == NULL ? "" : ": ",
			row->reason_comment == NULL ? "" : row->reason_comment,
			row->source_ip.family == 0 ? "" :
			net_ip2addr(&row->source_ip)), tests[i].expected, i);
		test_assert_idx(row->day == 20281, i);
		history_record_encode(&record, line);
		test_assert_idx(history_record_decode(pool_datastack_create(),
			str_c(line), &decoded, &error) == 0, i);
		test_assert_idx(decoded.row.event == HISTORY_EVENT_TAKEN_BACK,
				i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_taken_back,
		NULL
	};
	return test_run(test_functions);
}
