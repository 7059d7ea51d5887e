/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-history.h"
#include "test-text.h"

/* a message that came through a list (RFC 9990 section 3.1.6) */
#define SAMPLE_DATA \
	"1\tdelivered\t6f9a6f0e8d7c5b4a\tfail\tnone\tn\tn\tmailing_list\t" \
	"list.example.org\t192.0.2.7\tshop.example\tlist.example.org\tn\ty\t" \
	"list.example.org\tpass\t\t" \
	"shop.example\ts1\tfail\tbody hash did not verify"
#define NO_DOMAIN_DATA \
	"1\tdelivered\t\tnone\tnone\tn\tn\t\t\t\t\t\tn\ty\t\tnone\t"

/* what a local user may say */
#define TAKEN_BACK(reason_and_ip, flags_and_spf) \
	"1\ttaken-back\t\tfail\tquarantine\tn\tn\t" reason_and_ip \
	"\tx.example\t\t" flags_and_spf

static void test_data(void)
{
	static const char *const datas[] = {
		SAMPLE_DATA,
		NO_DOMAIN_DATA,
		/* no client, null reverse-path, nothing evaluated */
		"1\tdelivered\t0123456789abcdef\ttemperror\tquarantine\tn\tn\t"
		"other\tDNS failure\t\tx.example\t\ty\tn\t\tnone\t",
		TAKEN_BACK("mailing_list\tlist.example.org\t192.0.2.7",
			   "n\tn\t\tnone\t"),
		TAKEN_BACK("trusted_forwarder\t192.0.2.9\t",
			   "n\tn\t\tnone\t"),
		TAKEN_BACK("\t\t", "n\tn\t\tnone\t"),
		"1\tdelivered\t0123456789abcdef\tpass\tpass\ty\ty\t\t\t"
		"2001:db8::1\tx.example\tx.example\tn\ty\tx.example\tpass\t\t"
		"x.example\ta.b\tpass\t\ty.example\tc\tpolicy\ttest key",
	};
	struct history_row row;

	test_begin("history row: data (RFC 9990 3.1.1.7)");
	for (unsigned int i = 0; i < N_ELEMENTS(datas); i++) {
		test_assert_idx(history_row_parse(pool_datastack_create(),
						  datas[i], &row) == 0, i);
		test_assert_idx(strcmp(t_history_row_data(&row),
				       datas[i]) == 0, i);
	}
	test_assert(row.dkim_aligned && row.spf_aligned);
	test_assert(row.dkim_count == 2);
	test_assert_strcmp(row.dkim[1].selector, "c");
	test_assert_strcmp(row.dkim[1].human_result, "test key");
	test_assert(row.dkim[0].human_result == NULL);
	test_assert_strcmp(net_ip2addr(&row.source_ip), "2001:db8::1");
	test_assert(strlen(t_history_row_hash(SAMPLE_DATA)) == 32);
	test_assert(strcmp(t_history_row_hash(SAMPLE_DATA),
			   t_history_row_hash(NO_DOMAIN_DATA)) != 0);
	test_end();
}

static void test_data_refused(void)
{
#define BEGIN "1\tdelivered\t0123456789abcdef\t"
#define FROM "\tx.example\tx.example\tn\ty\t"
#define SPF "x.example\tpass\t"
#define SIGNATURE "\tx.example\ts\tpass\t"
	const char *const datas[] = {
		"",
		"1",
		"2\t" NO_DOMAIN_DATA,
		NO_DOMAIN_DATA "\t",
		NO_DOMAIN_DATA "\ta\tb\tpass",
		/* details without a policy domain */
		"1\tdelivered\t\tnone\tnone\ty\tn\t\t\t\t\t\tn\ty\t\tnone\t",
		"1\tdelivered\t\tnone\tnone\tn\tn\t\t\t192.0.2.1\t\t\tn\ty\t\t"
		"none\t",
		BEGIN "fail\tjunk\tn\tn\t\t\t192.0.2.1" FROM SPF,
		BEGIN "broken\tnone\tn\tn\t\t\t192.0.2.1" FROM SPF,
		BEGIN "fail\tnone\tx\tn\t\t\t192.0.2.1" FROM SPF,
		BEGIN "fail\tnone\tn\tn\tforwarded\t\t192.0.2.1" FROM SPF,
		BEGIN "fail\tnone\tn\tn\tother\ta<b\t192.0.2.1" FROM SPF,
		BEGIN "fail\tnone\tn\tn\tother\ta\x01\t192.0.2.1" FROM SPF,
		/* a comment on nothing */
		BEGIN "fail\tnone\tn\tn\t\tx\t192.0.2.1" FROM SPF,
		BEGIN "fail\tnone\tn\tn\t\t\t192.0.2" FROM SPF,
		BEGIN "fail\tnone\tn\tn\t\t\t192.0.2.1\tX.example\t\tn\ty\t"
		SPF,
		BEGIN "fail\tnone\tn\tn\t\t\t192.0.2.1" FROM
		"x example\tpass\t",
		BEGIN "fail\tnone\tn\tn\t\t\t192.0.2.1" FROM
		"x.example\tsoft\t",
		/* no result of DKIM */
		BEGIN "fail\tnone\tn\tn\t\t\t192.0.2.1" FROM SPF
		"\tx.example\ts\tsoftfail\t",
		BEGIN "fail\tnone\tn\tn\t\t\t192.0.2.1" FROM SPF
		"\tx.example\ta\"<b\tpass\t",
		"1\tdelivered\t0123456789abcdeF\tfail\tnone\tn\tn\t\t\t"
		"192.0.2.1" FROM SPF,
		t_strconcat(BEGIN "fail\tnone\tn\tn\t\t\t192.0.2.1" FROM SPF,
			    t_repeat(SIGNATURE,
				     AUTHRES_MAX_HISTORY_SIGNATURES + 1),
			    NULL),
		/* what a local user may not say */
		TAKEN_BACK("other\tDNS failure\t192.0.2.7",
			   "n\tn\t\tnone\t"),
		TAKEN_BACK("mailing_list\t\t", "n\tn\t\tnone\t"),
		TAKEN_BACK("mailing_list\tthe list\t", "n\tn\t\tnone\t"),
		TAKEN_BACK("\tlist.example.org\t", "n\tn\t\tnone\t"),
		TAKEN_BACK("\t\t", "n\ty\t\tnone\t"),
		TAKEN_BACK("\t\t", "y\tn\t\tnone\t"),
		TAKEN_BACK("\t\t", "n\tn\tx.example\tpass\t"),
		TAKEN_BACK("\t\t", "n\tn\t\tnone\t" SIGNATURE),
		"1\ttaken-back\t0123456789abcdef\tfail\tquarantine\tn\tn\t\t\t"
		"\tx.example\t\tn\tn\t\tnone\t",
		"1\ttaken-back\t\tfail\treject\tn\tn\t\t\t\tx.example\t\tn\tn\t"
		"\tnone\t",
		t_repeat("a", AUTHRES_MAX_HISTORY_ROW_BYTES + 1),
	};
	struct history_row row;

	test_begin("history row: refused data");
	test_assert(history_row_parse(pool_datastack_create(), t_strconcat(
		BEGIN "fail\tnone\tn\tn\t\t\t192.0.2.1" FROM SPF,
		t_repeat(SIGNATURE, AUTHRES_MAX_HISTORY_SIGNATURES), NULL),
		&row) == 0);
	for (unsigned int i = 0; i < N_ELEMENTS(datas); i++) {
		test_assert_idx(history_row_parse(pool_datastack_create(),
						  datas[i], &row) < 0, i);
	}
	test_end();
}

static void test_record(void)
{
	struct history_record record, decoded;
	const char *error;
	string_t *line = t_str_new(256);

	test_begin("history record");
	test_history_record(&record, 20281, "shop.example", "192.0.2.7");
	record.message_number = 0xfedcba9876543210;
	history_record_encode(&record, line);
	test_assert(strchr(str_c(line), '\n') == NULL);
	test_assert(history_record_decode(pool_datastack_create(), str_c(line),
					  &decoded, &error) == 0);
	test_assert(decoded.row.day == 20281);
	test_assert_strcmp(decoded.row.policy_domain, "shop.example");
	test_assert(decoded.message_number == record.message_number);
	test_assert_strcmp(t_history_row_data(&decoded.row),
			   t_history_row_data(&record.row));
	test_assert_strcmp(t_published_policy_text(&decoded.policy),
			   t_published_policy_text(&record.policy));

	/* each shorter one is refused, or is another valid one */
	for (size_t size = 0; size < str_len(line); size++) T_BEGIN {
		const char *cut = t_strndup(str_c(line), size);

		if (history_record_decode(pool_datastack_create(), cut,
					  &decoded, &error) == 0) {
			string_t *again = t_str_new(256);

			history_record_encode(&decoded, again);
			test_assert_strcmp(str_c(again), cut);
		}
	} T_END;
	test_end();
}

static void test_record_refused(void)
{
	const char *const lines[] = {
		"",
		"MESSAGE",
		"MESSAGE\t1\t-\t0\t",
		"ROW\t1\t-\t0\t\t" NO_DOMAIN_DATA,
		"MESSAGE\t-1\t-\t0\t\t" NO_DOMAIN_DATA,
		"MESSAGE\t1\tx.example\t0\t\t" NO_DOMAIN_DATA,
		"MESSAGE\t1\t-\tx\t\t" NO_DOMAIN_DATA,
		"MESSAGE\t1\t-\t0\tp=none\t" NO_DOMAIN_DATA,
		/* taken back: its author's domain, and no policy */
		"MESSAGE\t1\ty.example\t0\t\t"
		TAKEN_BACK("\t\t", "n\tn\t\tnone\t"),
		"MESSAGE\t1\tx.example\t0\tmethod=psl;p=none;adkim=r;aspf=r;"
		"t=n;pct=100;psd=u\t"
		TAKEN_BACK("\t\t", "n\tn\t\tnone\t"),
		/* another configuration than the policy's */
		"MESSAGE\t1\tshop.example\t0\tmethod=psl;p=none;adkim=r;aspf=r;"
		"t=n;pct=100;psd=u\t" SAMPLE_DATA,
		t_repeat("\t", AUTHRES_MAX_HISTORY_ROW_BYTES + 1),
	};
	struct history_record record;
	const char *error;

	test_begin("history record: refused lines");
	test_assert(history_record_decode(pool_datastack_create(),
		"MESSAGE\t1\t-\t0\t\t" NO_DOMAIN_DATA, &record, &error) == 0);
	for (unsigned int i = 0; i < N_ELEMENTS(lines); i++) {
		error = NULL;
		test_assert_idx(history_record_decode(pool_datastack_create(),
			lines[i], &record, &error) < 0, i);
		test_assert_idx(error != NULL, i);
	}
	test_end();
}

static void test_words(void)
{
	static const struct {
		const char *text, *fit;
	} texts[] = {
		{ NULL, NULL }, { "", NULL },
		{ "a<b>&c\r\n", "a?b??c??" },
		{ "\xc3\xa4", "??" },
		{ "0123456789", "01234567" },
	};
	static const struct {
		const char *selector;
		bool valid;
	} selectors[] = {
		{ "s1", TRUE }, { "a.b_c", TRUE }, { "", FALSE },
		{ "a\"<b", FALSE }, { "A", FALSE }, { "a b", FALSE },
	};

	test_begin("history row: texts of strangers");
	for (unsigned int i = 0; i < N_ELEMENTS(texts); i++) {
		test_assert_idx(null_strcmp(t_history_text(texts[i].text, 8),
					    texts[i].fit) == 0, i);
	}
	for (unsigned int i = 0; i < N_ELEMENTS(selectors); i++) {
		test_assert_idx(history_selector_is_valid(
			selectors[i].selector) == selectors[i].valid, i);
	}
	test_assert(history_reason_name(HISTORY_REASON_NONE) == NULL);
	test_assert_strcmp(history_reason_name(HISTORY_REASON_SAMPLED_OUT),
			   "sampled_out");
	test_assert_strcmp(history_disposition_name(HISTORY_DISPOSITION_REJECT),
			   "reject");
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_data,
		test_data_refused,
		test_record,
		test_record_refused,
		test_words,
		NULL
	};
	return test_run(test_functions);
}
