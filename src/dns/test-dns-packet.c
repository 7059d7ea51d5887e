/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "str.h"
#include "authres-limits.h"
#include "dns-packet.h"
#include "test-dns-message.h"
#include "test-dns-answer.h"
#include "test-common.h"
#include "test-file.h"

static const char *
parse(const buffer_t *buf, const char *name, enum dns_type type)
{
	struct dns_answer answer;
	unsigned char *copy;
	string_t *shown = t_str_new(128);
	pool_t pool = pool_alloconly_create("test answer", 1024);

	/* a copy of just that size, so that reading behind it is seen */
	copy = i_malloc(I_MAX(buf->used, 1));
	memcpy(copy, buf->data, buf->used);
	dns_packet_parse(pool, copy, buf->used, name, type, &answer);
	i_free(copy);
	test_dns_answer_append(shown, &answer);
	pool_unref(&pool);
	return str_c(shown);
}

static void build_a(buffer_t *buf)
{
	test_dns_a(buf, "Example.ORG", "192.0.2.1");
	test_dns_a(buf, "example.org", "192.0.2.2");
	/* not ours: another owner, another type, another class */
	test_dns_a(buf, "other.example.org", "192.0.2.3");
	test_dns_a(buf, "example.org", "2001:db8::1");
	test_dns_a(buf, "example.org", "192.0.2.4");
	test_dns_set16(buf, buf->used - 12, ns_c_chaos);
}

static void build_compressed(buffer_t *buf)
{
	/* owner: a pointer to the question; data: a pointer into it */
	static const unsigned char record[] =
		"\xc0\x0c" "\0\x0f" "\0\x01" "\0\0\0\x05" "\0\x09"
		"\0\x0a" "\x04mail" "\xc0\x0c";

	test_dns_set16(buf, 6, 1);
	buffer_append(buf, record, sizeof(record) - 1);
}

static void build_pointer_loop(buffer_t *buf)
{
	test_dns_set16(buf, 6, 1);
	size_t offset = buf->used;
	static const unsigned char record[] =
		"\0\0" "\0\x01" "\0\x01" "\0\0\0\x05" "\0\x04" "abcd";

	buffer_append(buf, record, sizeof(record) - 1);
	test_dns_set16(buf, offset, 0xc000 | offset);
}

static void build_pointer_loop_data(buffer_t *buf)
{
	test_dns_mx(buf, "example.org", 10, "a");
	/* "\1a\0" becomes "\1" and a pointer to itself */
	size_t offset = buf->used - 3;

	test_dns_set16(buf, offset + 1, 0xc000 | offset);
}

static void build_mx(buffer_t *buf)
{
	test_dns_mx(buf, "example.org", 10, "Mail.Example.ORG");
	/* RFC 7505 */
	test_dns_mx(buf, "example.org", 0, "");
	/* names that we cannot express are left out */
	test_dns_mx(buf, "example.org", 5, "a\\.b.example.org");
	test_dns_mx(buf, "example.org", 5, "a\\000b.example.org");
	test_dns_mx(buf, "example.org", 5, "a\\255b.example.org");
	test_dns_mx(buf, "example.org", 65535, "a\\\\b\\032@c.example.org");
}

static void build_mx_short(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_mx, 300, "\0\x0a", 2);
}

static void build_mx_one_byte(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_mx, 300, "\0", 1);
}

static void build_mx_trailing(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_mx, 300, "\0\x0a\1a\0x", 6);
}

static void build_ptr(buffer_t *buf)
{
	test_dns_host(buf, "1.2.0.192.in-addr.arpa", ns_t_ptr, "host.example.org");
}

static void build_txt(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_txt, 300,
			"\x07v=spf1 \0\x04-all", 14);
	test_dns_record(buf, "example.org", ns_t_txt, 60, "\0", 1);
	test_dns_record(buf, "example.org", ns_t_txt, 90, "\2\xff\xfe", 3);
}

static void build_txt_empty(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_txt, 300, "", 0);
}

static void build_txt_overrun(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_txt, 300, "\5abcd", 5);
}

static void build_a_short(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_a, 300, "abc", 3);
}

static void build_a_long(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_a, 300, "abcde", 5);
}

static void build_aaaa_short(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_aaaa, 300, "abcd", 4);
}

static void build_chain(buffer_t *buf)
{
	/* in any order */
	test_dns_a(buf, "c.example.org", "192.0.2.3");
	test_dns_a(buf, "b.example.org", "192.0.2.2");
	test_dns_host(buf, "b.example.org", ns_t_cname, "c.example.org");
	test_dns_host(buf, "Example.org", ns_t_cname, "B.example.org");
}

static void build_chain_elsewhere(buffer_t *buf)
{
	/* nobody asked for this owner */
	test_dns_host(buf, "x.example.org", ns_t_cname, "c.example.org");
	test_dns_a(buf, "c.example.org", "192.0.2.3");
}

static void build_chain_loop(buffer_t *buf)
{
	test_dns_host(buf, "example.org", ns_t_cname, "b.example.org");
	test_dns_host(buf, "b.example.org", ns_t_cname, "example.org");
}

static void build_chain_odd_target(buffer_t *buf)
{
	test_dns_host(buf, "example.org", ns_t_cname, "a\\.b.example.org");
	test_dns_a(buf, "a\\.b.example.org", "192.0.2.3");
}

static void build_chain_root(buffer_t *buf)
{
	test_dns_host(buf, "example.org", ns_t_cname, "");
}

static void build_chain_bad_data(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_cname, 300, "\5ab", 3);
}

static void build_chain_long(buffer_t *buf)
{
	for (unsigned int i = 0; i < AUTHRES_MAX_CNAME_CHAIN; i++) {
		test_dns_host(buf, i == 0 ? "example.org" :
			      t_strdup_printf("n%u", i), ns_t_cname,
			      t_strdup_printf("n%u", i + 1));
	}
	test_dns_a(buf, t_strdup_printf("n%u", AUTHRES_MAX_CNAME_CHAIN),
		   "192.0.2.3");
}

static void build_chain_too_long(buffer_t *buf)
{
	build_chain_long(buf);
	test_dns_host(buf, "x", ns_t_cname, "y");
}

static void build_soa(buffer_t *buf)
{
	test_dns_soa(buf, "example.org", 3600, 300);
}

static void build_soa_low_ttl(buffer_t *buf)
{
	test_dns_soa(buf, "example.org", 60, 300);
}

static void build_alias_soa(buffer_t *buf)
{
	test_dns_host(buf, "example.org", ns_t_cname, "b.example.org");
	test_dns_soa(buf, "example.org", 3600, 900);
}

static void build_huge_ttl(buffer_t *buf)
{
	test_dns_record(buf, "example.org", ns_t_a, 0x80000000, "abcd", 4);
}

static void build_many(buffer_t *buf)
{
	for (unsigned int i = 0; i <= AUTHRES_MAX_DNS_RECORDS; i++)
		test_dns_a(buf, "example.org", "192.0.2.1");
}

static void build_query(buffer_t *buf)
{
	test_dns_set16(buf, 2, 0x0100);
}

static void build_truncated(buffer_t *buf)
{
	test_dns_a(buf, "example.org", "192.0.2.1");
	test_dns_set16(buf, 2, TEST_DNS_ANSWER_FLAGS | TEST_DNS_TC_FLAG);
}

static void build_wrong_count(buffer_t *buf)
{
	test_dns_a(buf, "example.org", "192.0.2.1");
	test_dns_set16(buf, 6, 2);
}

static void build_huge_count(buffer_t *buf)
{
	test_dns_set16(buf, 6, 65535);
}

static void build_trailing(buffer_t *buf)
{
	test_dns_a(buf, "example.org", "192.0.2.1");
	buffer_append_c(buf, 0);
}

static void build_no_question(buffer_t *buf)
{
	test_dns_set16(buf, 4, 0);
	buffer_set_used_size(buf, 12);
	test_dns_a(buf, "example.org", "192.0.2.1");
}

static void build_header_only(buffer_t *buf)
{
	buffer_set_used_size(buf, 12);
}

static void build_short_header(buffer_t *buf)
{
	buffer_set_used_size(buf, 11);
}

static void build_nothing(buffer_t *buf)
{
	buffer_set_used_size(buf, 0);
}

static void build_none(buffer_t *buf ATTR_UNUSED)
{
}

#define MALFORMED "temporary (malformed DNS answer)"

static void test_dns_packet_parse(void)
{
	static const struct {
		void (*build)(buffer_t *buf);
		enum dns_type type;
		unsigned int rcode;
		const char *output;
	} tests[] = {
		{ build_a, DNS_TYPE_A, 0, "answer 192.0.2.1 192.0.2.2 ttl=300" },
		{ build_a, DNS_TYPE_AAAA, 0, "answer 2001:db8::1 ttl=300" },
		{ build_a, DNS_TYPE_MX, 0, "nodata" },
		/* RFC 1035 section 4.1.4 */
		{ build_compressed, DNS_TYPE_MX, 0,
		  "answer 10:mail.example.org ttl=5" },
		{ build_pointer_loop, DNS_TYPE_A, 0, MALFORMED },
		{ build_pointer_loop_data, DNS_TYPE_MX, 0, MALFORMED },
		{ build_mx, DNS_TYPE_MX, 0,
		  "answer 10:mail.example.org 0: 65535:a\\b @c.example.org "
		  "ttl=300" },
		{ build_mx_short, DNS_TYPE_MX, 0, MALFORMED },
		{ build_mx_one_byte, DNS_TYPE_MX, 0, MALFORMED },
		{ build_mx_trailing, DNS_TYPE_MX, 0, MALFORMED },
		/* RFC 7208 section 3.3 */
		{ build_txt, DNS_TYPE_TXT, 0,
		  "answer [v=spf1 -all] [] [\xff\xfe] ttl=60" },
		{ build_txt_empty, DNS_TYPE_TXT, 0, MALFORMED },
		{ build_txt_overrun, DNS_TYPE_TXT, 0, MALFORMED },
		{ build_a_short, DNS_TYPE_A, 0, MALFORMED },
		{ build_a_long, DNS_TYPE_A, 0, MALFORMED },
		{ build_aaaa_short, DNS_TYPE_AAAA, 0, MALFORMED },
		{ build_chain, DNS_TYPE_A, 0,
		  "answer+alias 192.0.2.3 ttl=300" },
		{ build_chain, DNS_TYPE_TXT, 0, "nodata+alias ttl=300" },
		{ build_chain_elsewhere, DNS_TYPE_A, 0, "nodata ttl=300" },
		{ build_chain_loop, DNS_TYPE_A, 0,
		  "temporary+alias (CNAME loop)" },
		{ build_chain_odd_target, DNS_TYPE_A, 0,
		  "nodata+alias ttl=300" },
		{ build_chain_root, DNS_TYPE_A, 0, "nodata+alias ttl=300" },
		{ build_chain_bad_data, DNS_TYPE_A, 0, MALFORMED },
		{ build_chain_long, DNS_TYPE_A, 0,
		  "answer+alias 192.0.2.3 ttl=300" },
		{ build_chain_too_long, DNS_TYPE_A, 0,
		  "temporary (too many CNAME records)" },
		/* RFC 2308 section 5 */
		{ build_soa, DNS_TYPE_A, 3, "nxdomain ttl=300" },
		{ build_soa, DNS_TYPE_A, 0, "nodata ttl=300" },
		{ build_soa_low_ttl, DNS_TYPE_A, 3, "nxdomain ttl=60" },
		{ build_alias_soa, DNS_TYPE_A, 3, "nxdomain+alias ttl=300" },
		{ build_none, DNS_TYPE_A, 3, "nxdomain" },
		{ build_none, DNS_TYPE_A, 0, "nodata" },
		/* RFC 2181 section 8 */
		{ build_huge_ttl, DNS_TYPE_A, 0, "answer 97.98.99.100" },
		{ build_many, DNS_TYPE_A, 0,
		  "temporary (too many DNS records)" },
		{ build_a, DNS_TYPE_A, 1,
		  "temporary (DNS server reports a format error)" },
		{ build_a, DNS_TYPE_A, 2, "temporary (DNS server failure)" },
		{ build_a, DNS_TYPE_A, 5,
		  "temporary (DNS server refused the question)" },
		{ build_a, DNS_TYPE_A, 9, "temporary (DNS error code 9)" },
		{ build_truncated, DNS_TYPE_A, 0,
		  "temporary (truncated DNS answer)" },
		{ build_query, DNS_TYPE_A, 0, MALFORMED },
		{ build_wrong_count, DNS_TYPE_A, 0, MALFORMED },
		{ build_huge_count, DNS_TYPE_A, 0, MALFORMED },
		{ build_trailing, DNS_TYPE_A, 0, MALFORMED },
		{ build_no_question, DNS_TYPE_A, 0, MALFORMED },
		{ build_header_only, DNS_TYPE_A, 0, MALFORMED },
		{ build_short_header, DNS_TYPE_A, 0, MALFORMED },
		{ build_nothing, DNS_TYPE_A, 0, MALFORMED },
	};
	static const unsigned int types[] = {
		ns_t_a, ns_t_aaaa, ns_t_mx, ns_t_ptr, ns_t_txt
	};

	test_begin("dns_packet_parse()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		buffer_t *buf = t_buffer_create(1024);

		test_dns_begin(buf, 1, TEST_DNS_ANSWER_FLAGS | tests[i].rcode,
			       "example.org", types[tests[i].type]);
		tests[i].build(buf);
		test_assert_strcmp_idx(parse(buf, "example.org", tests[i].type),
				       tests[i].output, i);
	} T_END;
	test_end();
}

static void test_dns_packet_question(void)
{
	buffer_t *buf = t_buffer_create(1024);

	test_begin("dns_packet_parse() other question");
	test_dns_begin(buf, 1, TEST_DNS_ANSWER_FLAGS, "example.org", ns_t_a);
	build_a(buf);
	test_assert_strcmp(parse(buf, "example.net", DNS_TYPE_A), MALFORMED);
	test_assert_strcmp(parse(buf, "example.org", DNS_TYPE_TXT), MALFORMED);
	test_dns_begin(buf, 1, TEST_DNS_ANSWER_FLAGS,
		       "1.2.0.192.in-addr.arpa", ns_t_ptr);
	build_ptr(buf);
	test_assert_strcmp(parse(buf, "1.2.0.192.in-addr.arpa", DNS_TYPE_PTR),
			   "answer 0:host.example.org ttl=300");
	test_dns_begin(buf, 1, TEST_DNS_ANSWER_FLAGS, "a\\\\b\\032c\\@d.org",
		       ns_t_a);
	test_dns_a(buf, "a\\\\b\\032c\\@d.org", "192.0.2.1");
	test_assert_strcmp(parse(buf, "a\\b c@d.org", DNS_TYPE_A),
			   "answer 192.0.2.1 ttl=300");
	test_end();
}

static void test_dns_packet_cut(void)
{
	buffer_t *buf = t_buffer_create(1024);
	const char *whole = "answer+alias 192.0.2.3 ttl=300";
	size_t size;

	/* Every prefix is refused, every changed byte is survived. */
	test_begin("dns_packet_parse() cut and changed");
	test_dns_begin(buf, 1, TEST_DNS_ANSWER_FLAGS, "example.org", ns_t_a);
	build_chain(buf);
	size = buf->used;
	test_assert_strcmp(parse(buf, "example.org", DNS_TYPE_A), whole);
	for (size_t i = 0; i < size; i++) T_BEGIN {
		buffer_t *part = t_buffer_create(1024);

		buffer_append(part, buf->data, i);
		test_assert_strcmp_idx(parse(part, "example.org", DNS_TYPE_A),
				       MALFORMED, i);
	} T_END;
	for (size_t i = 0; i < size; i++) {
		for (unsigned int j = 0; j < 256; j++) T_BEGIN {
			buffer_t *changed = t_buffer_create(1024);
			unsigned char c = j;

			buffer_append(changed, buf->data, size);
			buffer_write(changed, i, &c, 1);
			test_assert_idx(*parse(changed, "example.org",
					       DNS_TYPE_A) != '\0', i);
		} T_END;
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_dns_packet_parse,
		test_dns_packet_question,
		test_dns_packet_cut,
		NULL
	};
	return test_run(test_functions);
}
