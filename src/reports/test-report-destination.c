/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-text.h"
#include "test-common.h"
#include "test-file.h"
#include "dmarc-settings.h"
#include "test-dns-zone.h"
#include "report-destination.h"

#define RECORD(name, text) \
	"_dmarc." name ". TXT \"v=DMARC1; p=none; " text "\"\n"
#define MAIL(name) name ". MX 10 mx." name ".\n"
/* what blue.example may do at red.test.example */
#define ASKED "blue.example._report._dmarc.red.test.example"
#define BLUE RECORD("blue.example", "") MAIL("red.test.example")

struct test_run {
	pool_t pool;
	enum report_kind kind;
	const char *policy_domain;
	ARRAY_TYPE(report_uri) uris;
	ARRAY_TYPE(report_destination) destinations;
};

static void test_find(struct dns_session *dns, void *context)
{
	static const struct dmarc_settings set = {
		.mode = DMARC_MODE_RFC9989
	};
	struct test_run *run = context;

	report_destinations_find(run->pool, &set, run->kind,
				 run->policy_domain, &run->uris, dns,
				 &run->destinations);
}

/* "address", "!address" refused, "?address" unknown, "address>other". */
static const char *
t_render(const ARRAY_TYPE(report_destination) *destinations)
{
	const struct report_destination *destination;
	string_t *str = t_str_new(128);

	array_foreach(destinations, destination) {
		if (str_len(str) > 0)
			str_append_c(str, ' ');
		switch (destination->permission) {
		case REPORT_PERMISSION_GIVEN:
			break;
		case REPORT_PERMISSION_REFUSED:
			str_append_c(str, '!');
			break;
		case REPORT_PERMISSION_UNKNOWN:
			str_append_c(str, '?');
			break;
		}
		str_append(str, destination->published->address);
		if (destination->uri != NULL &&
		    destination->uri != destination->published)
			str_printfa(str, ">%s", destination->uri->address);
		test_assert((destination->uri != NULL) ==
			    (destination->permission ==
			     REPORT_PERMISSION_GIVEN));
	}
	return str_c(str);
}

static const struct {
	const char *zone, *policy_domain, *rua, *destinations;
	/* of the first one; NULL = does not matter */
	const char *reason;
} tests[] = {
	/* RFC 9990 section 4: the same organization needs no question */
	{ RECORD("shop.example", "") MAIL("shop.example"), "shop.example",
	  "mailto:a@shop.example", "a@shop.example",
	  "shop.example is of the same organization" },
	{ RECORD("shop.example", "") MAIL("reports.shop.example"),
	  "shop.example", "mailto:a@reports.shop.example",
	  "a@reports.shop.example", NULL },
	{ RECORD("shop.example", "") RECORD("eu.shop.example", "")
	  MAIL("shop.example"), "eu.shop.example", "mailto:a@shop.example",
	  "a@shop.example", NULL },
	/* a public suffix domain has no customers of the same organization */
	{ RECORD("city.example", "psd=y") RECORD("a.city.example", "")
	  MAIL("b.city.example"), "a.city.example",
	  "mailto:a@b.city.example", "!a@b.city.example", NULL },
	/* another organization is asked */
	{ BLUE ASKED ". TXT v=DMARC1\n", "blue.example",
	  "mailto:a@red.test.example", "a@red.test.example",
	  "red.test.example takes reports about blue.example" },
	{ BLUE, "blue.example", "mailto:a@red.test.example",
	  "!a@red.test.example", ASKED " has no TXT record" },
	{ BLUE ASKED ". A 192.0.2.1\n", "blue.example",
	  "mailto:a@red.test.example", "!a@red.test.example",
	  ASKED " has no TXT record" },
	{ BLUE ASKED ". SERVFAIL\n", "blue.example",
	  "mailto:a@red.test.example", "?a@red.test.example", NULL },
	{ BLUE ASKED ". TIMEOUT\n", "blue.example",
	  "mailto:a@red.test.example", "?a@red.test.example", NULL },
	{ BLUE ASKED ". CNAME ok.test.example.\n"
	  "ok.test.example. TXT v=DMARC1\n", "blue.example",
	  "mailto:a@red.test.example", "a@red.test.example", NULL },
	{ BLUE "*._report._dmarc.red.test.example. TXT v=DMARC1\n",
	  "blue.example", "mailto:a@red.test.example", "a@red.test.example",
	  NULL },
	/* what counts as yes */
	{ BLUE ASKED ". TXT \"v=DMARC1;\"\n", "blue.example",
	  "mailto:a@red.test.example", "a@red.test.example", NULL },
	{ BLUE ASKED ". TXT \"v=dmarc1\"\n", "blue.example",
	  "mailto:a@red.test.example", "!a@red.test.example",
	  ASKED " has no TXT record with v=DMARC1" },
	{ BLUE ASKED ". TXT \"p=none; v=DMARC1\"\n", "blue.example",
	  "mailto:a@red.test.example", "!a@red.test.example", NULL },
	{ BLUE ASKED ". TXT \"v=DMARC12\"\n", "blue.example",
	  "mailto:a@red.test.example", "!a@red.test.example", NULL },
	{ BLUE ASKED ". TXT v=DMARC1\n" ASKED ". TXT v=DMARC1\n"
	  ASKED ". TXT junk\n", "blue.example", "mailto:a@red.test.example",
	  "a@red.test.example", NULL },
	{ BLUE ASKED ". TXT \"v=DM\" \"ARC1\"\n", "blue.example",
	  "mailto:a@red.test.example", "a@red.test.example", NULL },
	/* what else it may say */
	{ BLUE ASKED ". TXT \"v=DMARC1; rua=mailto:z@red.test.example\"\n",
	  "blue.example", "mailto:a@red.test.example",
	  "a@red.test.example>z@red.test.example",
	  "red.test.example takes reports about blue.example there" },
	{ BLUE ASKED ". TXT \"v=DMARC1; rua=mailto:z@red.test.example,"
	  "mailto:y@red.test.example\"\n", "blue.example",
	  "mailto:a@red.test.example",
	  "a@red.test.example>z@red.test.example "
	  "a@red.test.example>y@red.test.example", NULL },
	{ BLUE MAIL("other.example")
	  ASKED ". TXT \"v=DMARC1; rua=mailto:z@other.example\"\n",
	  "blue.example", "mailto:a@red.test.example",
	  "!a@red.test.example",
	  "red.test.example wants them at another host, other.example" },
	{ BLUE MAIL("other.example")
	  ASKED ". TXT \"v=DMARC1; rua=mailto:z@red.test.example,"
	  "mailto:z@other.example\"\n", "blue.example",
	  "mailto:a@red.test.example", "!a@red.test.example", NULL },
	{ BLUE ASKED ". TXT \"v=DMARC1; rua=\"\n", "blue.example",
	  "mailto:a@red.test.example", "a@red.test.example", NULL },
	{ BLUE ASKED ". TXT \"v=DMARC1; rua=https://red.test.example\"\n",
	  "blue.example", "mailto:a@red.test.example", "a@red.test.example",
	  NULL },
	{ BLUE ASKED ". TXT \"v=DMARC1; ruf=mailto:z@red.test.example\"\n",
	  "blue.example", "mailto:a@red.test.example", "a@red.test.example",
	  NULL },
	/* each URI by itself */
	{ BLUE MAIL("blue.example") ASKED ". SERVFAIL\n", "blue.example",
	  "mailto:a@no.example,mailto:a@blue.example,"
	  "mailto:a@red.test.example",
	  "!a@no.example a@blue.example ?a@red.test.example", NULL },
	/* a host without mail: RFC 5321 section 5.1, RFC 7505 */
	{ RECORD("shop.example", "") "shop.example. MX 0 .\n", "shop.example",
	  "mailto:a@shop.example", "!a@shop.example",
	  "shop.example takes no mail" },
	{ RECORD("shop.example", ""), "shop.example",
	  "mailto:a@mail.shop.example", "!a@mail.shop.example", NULL },
	{ RECORD("shop.example", "") "shop.example. A 192.0.2.1\n",
	  "shop.example", "mailto:a@shop.example", "a@shop.example", NULL },
	{ RECORD("shop.example", "") "shop.example. AAAA 2001:db8::1\n",
	  "shop.example", "mailto:a@shop.example", "a@shop.example", NULL },
	/* what is not known is left to the MTA */
	{ RECORD("shop.example", "") "mx.shop.example. SERVFAIL\n",
	  "shop.example", "mailto:a@mx.shop.example", "a@mx.shop.example",
	  NULL },
	/* whose organization it is is not known */
	{ "_dmarc.shop.example. SERVFAIL\n" MAIL("b.shop.example"),
	  "a.shop.example", "mailto:a@b.shop.example", "?a@b.shop.example",
	  "whose organization b.shop.example is of is not known now" },
	{ "", "shop.example", "", "", NULL },
};

static void
test_destinations(enum report_kind kind, const char *zone,
		  const char *policy_domain, const char *rua,
		  const char *destinations, const char *reason,
		  unsigned int i)
{
	struct test_run run;
	const struct report_destination *first;
	ARRAY_TYPE(const_string) ignored;
	unsigned int questions;

	i_zero(&run);
	run.pool = pool_alloconly_create("test", 4096);
	run.kind = kind;
	run.policy_domain = policy_domain;
	p_array_init(&run.uris, run.pool, 2);
	p_array_init(&ignored, run.pool, 2);
	report_uris_parse(run.pool, rua, &run.uris, &ignored);
	(void)test_dns_zone_run(run.pool, zone, test_find, &run, &questions);
	test_assert_strcmp_idx(t_render(&run.destinations), destinations, i);
	if (reason != NULL) {
		first = array_front(&run.destinations);
		test_assert_strcmp_idx(first->reason, reason, i);
	}
	pool_unref(&run.pool);
}

static void test_report_destinations(void)
{
	test_begin("report_destinations_find");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_destinations(REPORT_KIND_AGGREGATE, tests[i].zone,
				  tests[i].policy_domain, tests[i].rua,
				  tests[i].destinations, tests[i].reason, i);
	} T_END;
	test_end();
}

/* RFC 9991 section 5: the consent for one kind says nothing of another
   address for the other. */
static void test_report_destinations_kinds(void)
{
	static const char zone[] = BLUE ASKED ". TXT \"v=DMARC1; "
		"rua=mailto:rua@red.test.example; "
		"ruf=mailto:ruf@red.test.example\"\n";
	static const char only_rua[] = BLUE ASKED ". TXT \"v=DMARC1; "
		"rua=mailto:rua@red.test.example\"\n";

	test_begin("report_destinations_find: rua= and ruf=");
	test_destinations(REPORT_KIND_AGGREGATE, zone, "blue.example",
			  "mailto:x@red.test.example",
			  "x@red.test.example>rua@red.test.example", NULL, 0);
	test_destinations(REPORT_KIND_FAILURE, zone, "blue.example",
			  "mailto:x@red.test.example",
			  "x@red.test.example>ruf@red.test.example", NULL, 1);
	test_destinations(REPORT_KIND_FAILURE, only_rua, "blue.example",
			  "mailto:x@red.test.example", "x@red.test.example",
			  NULL, 2);
	test_destinations(REPORT_KIND_FAILURE, BLUE, "blue.example",
			  "mailto:x@red.test.example", "!x@red.test.example",
			  NULL, 3);
	test_end();
}

static void test_report_destinations_long(void)
{
	const char *domain = t_strconcat(t_repeat("abcdefghi.", 19),
					 "blue.example", NULL);
	const char *host = t_strconcat(t_repeat("abcdefghi.", 4),
				       "red.example", NULL);

	test_begin("report_destinations_find: long names");
	test_destinations(REPORT_KIND_AGGREGATE, "", domain,
			  t_strconcat("mailto:a@", host, NULL),
			  t_strconcat("!a@", host, NULL),
			  "both names are too long to be asked for", 0);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_report_destinations,
		test_report_destinations_kinds,
		test_report_destinations_long,
		NULL
	};
	return test_run(test_functions);
}
