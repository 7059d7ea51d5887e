/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "net.h"
#include "test-text.h"
#include "test-common.h"
#include "test-file.h"
#include "history-row.h"
#include "published-policy.h"
#include "report-name.h"
#include "report-xml.h"

#include <unistd.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#define TEST_DOMAIN "shop.example"

static xmlSchemaPtr schemas[2];

static void test_output(void *context, const void *data, size_t size)
{
	str_append_data((string_t *)context, data, size);
}

static void
test_schema_error(void *context ATTR_UNUSED, const char *format, ...)
	ATTR_FORMAT(2, 3);
static void
test_schema_error(void *context ATTR_UNUSED, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
}

/* No schema: what can be said of any XML. */
static bool test_is_valid(enum authres_report_form form, string_t *text)
{
	xmlDocPtr doc = xmlReadMemory(str_c(text), str_len(text), "report",
				      NULL, XML_PARSE_NONET);
	xmlSchemaValidCtxtPtr ctx;
	int ret = -1;

	if (doc != NULL && schemas[form] == NULL)
		ret = 0;
	else if (doc != NULL) {
		ctx = xmlSchemaNewValidCtxt(schemas[form]);
		xmlSchemaSetValidErrors(ctx, test_schema_error,
					test_schema_error, NULL);
		ret = xmlSchemaValidateDoc(ctx, doc);
		xmlSchemaFreeValidCtxt(ctx);
	}
	xmlFreeDoc(doc);
	return ret == 0;
}

static void test_head_init(struct report_xml_head *head_r,
			   struct report_name *name,
			   struct published_policy *policy)
{
	i_zero(name);
	name->id = "5f0c2e9a7b1d48e6a3c9f1d20b7e6a54";
	name->begin = 1752278400;
	name->end = 1752364799;
	published_policy_init(policy);
	policy->tree_walk = TRUE;
	policy->policy = DMARC_POLICY_QUARANTINE;
	i_zero(head_r);
	head_r->organization = "Example Hosting";
	head_r->email = "postmaster@example.net";
	head_r->generator = "authres 1.0";
	head_r->policy_domain = TEST_DOMAIN;
	head_r->name = name;
	head_r->policy = policy;
}

static void test_row_init(struct history_row *row_r)
{
	i_zero(row_r);
	row_r->policy_domain = TEST_DOMAIN;
	row_r->header_from = TEST_DOMAIN;
	row_r->envelope_from = "list.example.org";
	row_r->dmarc = CHECK_RESULT_FAIL;
	if (net_addr2ip("192.0.2.7", &row_r->source_ip) < 0)
		i_unreached();
	row_r->dkim_count = 1;
	row_r->dkim[0].domain = TEST_DOMAIN;
	row_r->dkim[0].selector = "s1";
	row_r->dkim[0].result = CHECK_RESULT_FAIL;
	row_r->dkim[0].human_result = "body hash did not verify";
	row_r->spf.domain = "list.example.org";
	row_r->spf.result = CHECK_RESULT_PASS;
}

static string_t *
t_write(const struct report_xml_head *head, const struct history_row *row)
{
	string_t *text = t_str_new(2048);
	struct report_xml *xml = report_xml_init(head, test_output, text);

	test_assert(report_xml_takes_row(row));
	report_xml_add(xml, row, 41);
	report_xml_finish(&xml);
	test_assert(xml == NULL);
	return text;
}

static void test_report_xml_9990(void)
{
	static const char expected[] =
"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
"<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n"
" <version>1.0</version>\n"
" <report_metadata>\n"
"  <org_name>Example Hosting</org_name>\n"
"  <email>postmaster@example.net</email>\n"
"  <report_id>5f0c2e9a7b1d48e6a3c9f1d20b7e6a54</report_id>\n"
"  <date_range>\n"
"   <begin>1752278400</begin>\n"
"   <end>1752364799</end>\n"
"  </date_range>\n"
"  <error>p= is missing</error>\n"
"  <generator>authres 1.0</generator>\n"
" </report_metadata>\n"
" <policy_published>\n"
"  <domain>shop.example</domain>\n"
"  <discovery_method>treewalk</discovery_method>\n"
"  <p>quarantine</p>\n"
"  <sp>reject</sp>\n"
"  <fo>0</fo>\n"
"  <adkim>r</adkim>\n"
"  <aspf>s</aspf>\n"
"  <testing>n</testing>\n"
" </policy_published>\n"
" <record>\n"
"  <row>\n"
"   <source_ip>192.0.2.7</source_ip>\n"
"   <count>41</count>\n"
"   <policy_evaluated>\n"
"    <disposition>none</disposition>\n"
"    <dkim>fail</dkim>\n"
"    <spf>fail</spf>\n"
"    <reason>\n"
"     <type>mailing_list</type>\n"
"     <comment>list.example.org</comment>\n"
"    </reason>\n"
"   </policy_evaluated>\n"
"  </row>\n"
"  <identifiers>\n"
"   <header_from>shop.example</header_from>\n"
"   <envelope_from>list.example.org</envelope_from>\n"
"  </identifiers>\n"
"  <auth_results>\n"
"   <dkim>\n"
"    <domain>shop.example</domain>\n"
"    <selector>s1</selector>\n"
"    <result>fail</result>\n"
"    <human_result>body hash did not verify</human_result>\n"
"   </dkim>\n"
"   <spf>\n"
"    <domain>list.example.org</domain>\n"
"    <scope>mfrom</scope>\n"
"    <result>pass</result>\n"
"   </spf>\n"
"  </auth_results>\n"
" </record>\n"
"</feedback>\n";
	struct report_xml_head head;
	struct report_name name;
	struct published_policy policy;
	struct history_row row;
	string_t *text;

	/* sections 3.1.1.1 to 3.1.1.14 */
	test_begin("report_xml: RFC 9990");
	test_head_init(&head, &name, &policy);
	head.error = "p= is missing";
	policy.has_subdomain_policy = TRUE;
	policy.subdomain_policy = DMARC_POLICY_REJECT;
	policy.strict_spf = TRUE;
	test_row_init(&row);
	row.reason = HISTORY_REASON_MAILING_LIST;
	row.reason_comment = "list.example.org";
	text = t_write(&head, &row);
	test_assert_strcmp(str_c(text), expected);
	test_assert(test_is_valid(head.form, text));
	test_end();
}

static void test_report_xml_7489(void)
{
	struct report_xml_head head;
	struct report_name name;
	struct published_policy policy;
	struct history_row row;
	string_t *text;

	/* appendix C */
	test_begin("report_xml: RFC 7489");
	test_head_init(&head, &name, &policy);
	head.form = AUTHRES_REPORT_FORM_RFC7489;
	head.error = "x";
	policy.percent = 30;
	policy.has_nonexistent_policy = TRUE;
	policy.test_mode = TRUE;
	test_row_init(&row);
	row.envelope_from = NULL;
	row.spf.result = CHECK_RESULT_FAIL;
	row.spf.human_result = "y";
	text = t_write(&head, &row);
	test_assert(test_is_valid(head.form, text));
	test_assert(strstr(str_c(text), "<feedback>\n") != NULL);
	test_assert(strstr(str_c(text), "<sp>quarantine</sp>") != NULL);
	test_assert(strstr(str_c(text), "<pct>30</pct>") != NULL);
	test_assert(strstr(str_c(text), "<envelope_from></envelope_from>") !=
		    NULL);
	test_assert(strstr(str_c(text), "<np>") == NULL);
	test_assert(strstr(str_c(text), "generator") == NULL);
	test_end();
}

/* RFC 9990 section 3.1.6, RFC 7489 appendix C: words of each form */
static void test_report_xml_words(void)
{
	static const struct {
		enum history_disposition disposition;
		enum history_reason reason;
		const char *text[2];
	} tests[] = {
		{ HISTORY_DISPOSITION_PASS, HISTORY_REASON_NONE,
		  { "pass", "none" } },
		{ HISTORY_DISPOSITION_NONE, HISTORY_REASON_LOCAL_POLICY,
		  { "none local_policy", "none local_policy" } },
		{ HISTORY_DISPOSITION_QUARANTINE,
		  HISTORY_REASON_POLICY_TEST_MODE,
		  { "quarantine policy_test_mode", "quarantine other" } },
		{ HISTORY_DISPOSITION_REJECT, HISTORY_REASON_NONE,
		  { "reject", "reject" } },
		{ HISTORY_DISPOSITION_NONE, HISTORY_REASON_TRUSTED_FORWARDER,
		  { "none trusted_forwarder", "none trusted_forwarder" } },
		{ HISTORY_DISPOSITION_NONE, HISTORY_REASON_MAILING_LIST,
		  { "none mailing_list", "none mailing_list" } },
		{ HISTORY_DISPOSITION_NONE, HISTORY_REASON_SAMPLED_OUT,
		  { "none other", "none sampled_out" } },
		{ HISTORY_DISPOSITION_NONE, HISTORY_REASON_OTHER,
		  { "none other", "none other" } },
	};
	struct report_xml_head head;
	struct report_name name;
	struct published_policy policy;
	struct history_row row;
	const char *const *words;
	string_t *text;
	unsigned int i, form;

	test_begin("report_xml: words");
	test_head_init(&head, &name, &policy);
	for (form = 0; form < 2; form++) {
		for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
			head.form = form;
			test_row_init(&row);
			row.disposition = tests[i].disposition;
			row.reason = tests[i].reason;
			text = t_write(&head, &row);
			test_assert_idx(test_is_valid(form, text), i);
			words = t_strsplit(tests[i].text[form], " ");
			test_assert_idx(strstr(str_c(text), t_strdup_printf(
				"<disposition>%s</disposition>", words[0])) !=
				NULL, i);
			test_assert_idx((strstr(str_c(text), "<reason>") !=
					 NULL) == (words[1] != NULL), i);
			test_assert_idx(words[1] == NULL ||
				strstr(str_c(text), t_strdup_printf(
					"<type>%s</type>", words[1])) != NULL,
				i);
		} T_END;
	}
	test_end();
}

static void test_report_xml_addresses(void)
{
	static const struct {
		const char *ip, *text;
	} tests[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "2001:DB8::1", "2001:db8::1" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
	};
	struct report_xml_head head;
	struct report_name name;
	struct published_policy policy;
	struct history_row row;
	string_t *text;
	unsigned int i;

	test_begin("report_xml: source_ip");
	test_head_init(&head, &name, &policy);
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		test_row_init(&row);
		test_assert(net_addr2ip(tests[i].ip, &row.source_ip) == 0);
		text = t_write(&head, &row);
		test_assert_idx(test_is_valid(head.form, text), i);
		test_assert_idx(strstr(str_c(text), t_strdup_printf(
			"<source_ip>%s</source_ip>", tests[i].text)) != NULL,
			i);
	} T_END;
	test_end();
}

/* A reader throws away what is not in the form (section 3.1.1): whatever
   strangers have written, it is. */
static void test_report_xml_hostile(void)
{
	static const char *const texts[] = {
		"</comment>", "a<b>&amp;\"'", "\x01\x1f\x7f", "]]>",
		"\xff\xfe", "\xef\xbf\xbe", "\xc2\x85", "\xed\xa0\x80",
		"a\tb\r\nc", "<!DOCTYPE x>", "\xf4\x90\x80\x80", "\xc3",
		("b\xc3\xbc" "cher")
	};
	struct report_xml_head head;
	struct report_name name;
	struct published_policy policy;
	struct history_row row;
	string_t *text;
	unsigned int i, form;

	test_begin("report_xml: hostile text");
	for (i = 0; i < N_ELEMENTS(texts); i++) {
		for (form = 0; form < 2; form++) T_BEGIN {
			test_head_init(&head, &name, &policy);
			head.form = form;
			head.organization = t_strconcat("o", texts[i], NULL);
			head.error = texts[i];
			test_row_init(&row);
			row.reason = HISTORY_REASON_OTHER;
			row.reason_comment = texts[i];
			row.envelope_from = texts[i];
			row.dkim_count = 2;
			row.dkim[0].selector = texts[i];
			row.dkim[1].domain = texts[i];
			row.dkim[1].selector = "s";
			row.dkim[1].result = CHECK_RESULT_FAIL;
			row.spf.domain = texts[i];
			row.spf.result = CHECK_RESULT_FAIL;
			row.spf.human_result = texts[i];
			text = t_write(&head, &row);
			test_assert_idx(test_is_valid(form, text), i);
			test_assert_idx(strstr(str_c(text), "<dkim>\n") ==
					NULL, i);
			test_assert_idx(strchr(str_c(text), '&') == NULL, i);
		} T_END;
	}
	/* long */
	test_head_init(&head, &name, &policy);
	head.error = t_repeat("\xc3\xbc", 5000);
	test_row_init(&row);
	test_assert(test_is_valid(head.form, t_write(&head, &row)));
	test_end();
}

static void test_report_xml_takes_row(void)
{
	struct history_row row;

	test_begin("report_xml_takes_row");
	test_row_init(&row);
	test_assert(report_xml_takes_row(&row));
	/* no trustworthy client: no source_ip */
	row.source_ip.family = 0;
	test_assert(!report_xml_takes_row(&row));
	test_row_init(&row);
	row.event = HISTORY_EVENT_TAKEN_BACK;
	test_assert(!report_xml_takes_row(&row));
	test_row_init(&row);
	row.policy_domain = HISTORY_NO_DOMAIN;
	test_assert(!report_xml_takes_row(&row));
	test_row_init(&row);
	row.header_from = NULL;
	test_assert(!report_xml_takes_row(&row));
	row.header_from = "A.example";
	test_assert(!report_xml_takes_row(&row));
	row.header_from = "a..example";
	test_assert(!report_xml_takes_row(&row));
	row.header_from = "-a.example";
	test_assert(!report_xml_takes_row(&row));
	test_end();
}

/* How often part is in text. */
static unsigned int test_count(string_t *text, const char *part)
{
	const char *p = str_c(text);
	unsigned int count = 0;

	for (; (p = strstr(p, part)) != NULL; p++)
		count++;
	return count;
}

/* From large to small; readers need auth_results with something in it. */
static void test_report_xml_detail(void)
{
	static const struct {
		unsigned int dkim, human_result;
	} tests[REPORT_DETAIL_COUNT] = {
		{ 5, 4 }, { 5, 0 }, { 3, 0 }
	};
	struct report_xml_head head;
	struct report_name name;
	struct published_policy policy;
	struct history_row row;
	string_t *text;
	unsigned int i;

	test_begin("report_xml: detail");
	test_row_init(&row);
	for (i = 0; i < 5; i++) {
		row.dkim[i] = row.dkim[0];
		row.dkim[i].result = i == 2 || i == 4 ? CHECK_RESULT_PASS :
			CHECK_RESULT_FAIL;
	}
	row.dkim_count = 5;
	row.spf.result = CHECK_RESULT_PERMERROR;
	row.spf.human_result = "too many DNS lookups";
	for (i = 0; i < REPORT_DETAIL_COUNT; i++) T_BEGIN {
		test_head_init(&head, &name, &policy);
		head.detail = i;
		text = t_write(&head, &row);
		test_assert_idx(test_is_valid(head.form, text), i);
		test_assert_idx(test_count(text, "<dkim>\n") == tests[i].dkim,
				i);
		test_assert_idx(test_count(text, "<human_result>") ==
				tests[i].human_result, i);
	} T_END;
	/* SPF was not evaluated and there is no signature */
	test_row_init(&row);
	row.dkim_count = 0;
	row.spf.domain = NULL;
	text = t_write(&head, &row);
	test_assert(test_is_valid(head.form, text));
	test_assert(test_count(text, "<result>none</result>") == 1);
	test_end();
}

static xmlSchemaPtr test_schema(const char *name)
{
	const char *path = t_strconcat(TEST_SUITES_DIR, "/", name, NULL);
	xmlSchemaParserCtxtPtr ctx;
	xmlSchemaPtr schema;

	if (access(path, R_OK) < 0) {
		printf("report_xml: no %s: not validated\n", path);
		return NULL;
	}
	ctx = xmlSchemaNewParserCtxt(path);
	schema = xmlSchemaParse(ctx);
	xmlSchemaFreeParserCtxt(ctx);
	if (schema == NULL)
		i_fatal("%s is no schema", path);
	return schema;
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_report_xml_9990,
		test_report_xml_7489,
		test_report_xml_words,
		test_report_xml_addresses,
		test_report_xml_hostile,
		test_report_xml_takes_row,
		test_report_xml_detail,
		NULL
	};
	int ret;

	schemas[AUTHRES_REPORT_FORM_RFC9990] =
		test_schema("dmarc-aggregate.xsd");
	schemas[AUTHRES_REPORT_FORM_RFC7489] =
		test_schema("dmarc-aggregate-rfc7489.xsd");
	ret = test_run(test_functions);
	xmlSchemaFree(schemas[0]);
	xmlSchemaFree(schemas[1]);
	xmlCleanupParser();
	return ret;
}
