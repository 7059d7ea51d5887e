/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "istream.h"
#include "test-common.h"
#include "test-file.h"
#include "str-prefix.h"
#include "authres-limits.h"
#include "authres-settings.h"

#define TEST_HOSTNAME "mx.example.org"
#define TEST_BASE_DIR "/run/dovecot"

struct test_value {
	const char *name;
	const char *value;
};

static const char *test_lookup_none(void *context ATTR_UNUSED,
				    const char *name ATTR_UNUSED)
{
	return NULL;
}

static const char *test_lookup_one(void *context, const char *name)
{
	const struct test_value *one = context;

	return strcmp(one->name, name) == 0 ? one->value : NULL;
}

static int
test_parse(pool_t pool, const char *name, const char *value,
	   struct authres_settings *set_r, const char *const **errors_r)
{
	struct test_value one = { name, value };

	return authres_settings_parse(pool, test_lookup_one, NULL, &one,
				      TEST_HOSTNAME, TEST_BASE_DIR,
				      set_r, errors_r);
}

/* Every field of the struct as text, in the table's order. */
static const char *
test_render(const struct authres_settings *set,
	    const struct authres_setting_def *def)
{
	const void *field = CONST_PTR_OFFSET(set, def->offset);

	switch (def->type) {
	case AUTHRES_SETTING_STR:
	case AUTHRES_SETTING_DICT:
	case AUTHRES_SETTING_SHARED_DICT:
	case AUTHRES_SETTING_CLIENT_SOURCE:
		return *(const char *const *)field;
	case AUTHRES_SETTING_WORDS:
	case AUTHRES_SETTING_SECRETS:
	case AUTHRES_SETTING_HOSTS:
	case AUTHRES_SETTING_DNS_SERVERS:
	case AUTHRES_SETTING_AUTHSERV_IDS:
	case AUTHRES_SETTING_KEYWORDS:
		return t_strarray_join(*(const char *const *const *)field, " ");
	case AUTHRES_SETTING_ENUM:
		return t_strsplit(def->allowed, ":")[*(const unsigned int *)field];
	case AUTHRES_SETTING_BOOL:
		return *(const bool *)field ? "yes" : "no";
	case AUTHRES_SETTING_UINT:
		return t_strdup_printf("%u", *(const unsigned int *)field);
	case AUTHRES_SETTING_TIME_MSECS:
		return t_strdup_printf("%ums", *(const unsigned int *)field);
	}
	i_unreached();
}

static void test_authres_settings_defaults(void)
{
	static const struct test_value defaults[] = {
		{ "authres_authserv_id", "mx.example.org" },
		{ "authres_checks", "spf dkim arc dmarc" },
		{ "authres_trusted_hosts", "127.0.0.0/8 ::1 mx.example.org" },
		{ "authres_local_networks", "127.0.0.0/8 ::1" },
		{ "authres_client_source", "auto" },
		{ "authres_client_header_key", "" },
		{ "authres_filter_users", "" },
		{ "authres_fetch_hosts", "" },
		{ "authres_upstream_authserv_ids", "" },
		{ "authres_upstream_below", "no" },
		{ "authres_dns_servers", "" },
		{ "authres_dnssec", "no" },
		{ "authres_timeout", "10000ms" },
		{ "authres_temperror_wait", "14400000ms" },
		{ "authres_stale_policy", "604800000ms" },
		{ "authres_dmarc_mode", "rfc9989" },
		{ "authres_dkim_min_key_bits", "1024" },
		{ "authres_spf_engine", "native" },
		{ "authres_dkim_engine", "native" },
		{ "authres_arc_trusted_sealers", "" },
		{ "authres_trusted_forwarders", "" },
		{ "authres_trusted_lists", "" },
		{ "authres_own_domains", "" },
		{ "authres_seccomp", "yes" },
		{ "authres_history", "" },
		{ "authres_history_days", "90" },
		{ "authres_report_from", "" },
		{ "authres_report_form", "rfc9990" },
		{ "authres_report_max", "1000" },
		{ "authres_report_never", "" },
		{ "authres_failure_reports", "0" },
		{ "authres_mode", "enforce" },
		{ "authres_quarantine_action", "junk" },
		{ "authres_reject_action", "junk" },
		{ "authres_temperror_action", "auto" },
		{ "authres_junk_mailbox", "\\Junk" },
		{ "authres_junk_sieve", "skip" },
		{ "authres_log", "all" },
		{ "authres_keyword_pass", "$AuthPass" },
		{ "authres_keyword_fail", "$AuthFail" },
		{ "authres_keyword_temperror", "$AuthTempError" },
		{ "authres_keyword_override", "$AuthOverride" },
		{ "authres_keyword_junk", "$Junk Junk" },
		{ "authres_keyword_phishing", "" },
		{ "authres_keyword_methods", "" },
		{ "authres_learn", "lists" },
		{ "authres_allow_days", "365" },
		{ "authres_dict", "file:~/.dovecot.authres" },
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	const struct authres_setting_def *def = authres_setting_defs();
	struct authres_settings set;
	const char *const *errors;
	unsigned int i;

	test_begin("authres settings: defaults");
	test_assert(authres_settings_parse(pool, test_lookup_none, NULL, NULL,
					   TEST_HOSTNAME, TEST_BASE_DIR,
					   &set, &errors) == 0);
	test_assert(errors[0] == NULL);
	test_assert_strcmp(set.hostname, TEST_HOSTNAME);
	test_assert_strcmp(set.socket_path, "/run/dovecot/authres");
	for (i = 0; i < N_ELEMENTS(defaults) && def[i].name != NULL; i++) {
		test_assert_strcmp_idx(def[i].name, defaults[i].name, i);
		test_assert_strcmp_idx(test_render(&set, &def[i]),
				       defaults[i].value, i);
	}
	test_assert(i == N_ELEMENTS(defaults) && def[i].name == NULL);
	pool_unref(&pool);
	test_end();
}

static void test_authres_settings_good(void)
{
	static const struct {
		const char *name, *value, *parsed;
	} tests[] = {
		{ "authres_authserv_id", "a.example", "a.example" },
		{ "authres_authserv_id", "a.example,%{hostname}",
		  "a.example mx.example.org" },
		{ "authres_checks", " dkim,,  spf ", "dkim spf" },
		{ "authres_checks", "", "" },
		{ "authres_checks", "senderid", "senderid" },
		{ "authres_trusted_hosts", "10.0.0.0/8\t%{hostname}",
		  "10.0.0.0/8 mx.example.org" },
		{ "authres_trusted_hosts", "", "" },
		{ "authres_trusted_hosts", "192.0.2.1 2001:db8::/32 .a.example",
		  "192.0.2.1 2001:db8::/32 .a.example" },
		{ "authres_dns_servers", "192.0.2.1@5353, ::1",
		  "192.0.2.1@5353 ::1" },
		{ "authres_trusted_lists", "b\xc3\xbc" "cher.example",
		  "b\xc3\xbc" "cher.example" },
		{ "authres_client_source", "xclient", "xclient" },
		{ "authres_client_source", "header:X-Client", "header:X-Client" },
		{ "authres_client_header_key", "0123456789abcde/,A+=._-0123456789",
		  "0123456789abcde/ A+=._-0123456789" },
		{ "authres_fetch_hosts", ".free.fr 172.20.0.0/16",
		  ".free.fr 172.20.0.0/16" },
		{ "authres_upstream_below", "yes", "yes" },
		{ "authres_upstream_below", "YES", "yes" },
		{ "authres_dnssec", "yes", "yes" },
		{ "authres_timeout", "100ms", "100ms" },
		{ "authres_timeout", "1500ms", "1500ms" },
		{ "authres_timeout", "10 secs", "10000ms" },
		{ "authres_timeout", "7", "7000ms" },
		{ "authres_timeout", "2 mins", "120000ms" },
		{ "authres_timeout", "120s", "120000ms" },
		{ "authres_stale_policy", "0", "0ms" },
		{ "authres_stale_policy", "12h", "43200000ms" },
		{ "authres_stale_policy", "30d", "2592000000ms" },
		{ "authres_dkim_min_key_bits", "2048", "2048" },
		{ "authres_dkim_min_key_bits", "16384", "16384" },
		{ "authres_mode", "off", "off" },
		{ "authres_reject_action", "reject", "reject" },
		{ "authres_junk_mailbox", "Spam/authres", "Spam/authres" },
		{ "authres_keyword_junk", "", "" },
		{ "authres_keyword_pass", "$label1, ok", "$label1 ok" },
		{ "authres_keyword_pass",
		  "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij",
		  "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij" },
		{ "authres_keyword_methods", "spf dkim", "spf dkim" },
		{ "authres_learn", "no", "no" },
		{ "authres_report_from", "Example Hosting <a@example.org>",
		  "Example Hosting <a@example.org>" },
		{ "authres_history_days", "7", "7" },
		{ "authres_report_form", "rfc7489", "rfc7489" },
		{ "authres_report_max", "1000000", "1000000" },
		{ "authres_report_never", "x.example, a@y.example",
		  "x.example a@y.example" },
		{ "authres_failure_reports", "10000", "10000" },
		{ "authres_allow_days", "1", "1" },
		{ "authres_allow_days", "3650", "3650" },
		{ "authres_dict", "proxy::authres", "proxy::authres" },
		{ "authres_dict", "", "" },
	};
	unsigned int i;

	test_begin("authres settings: good values");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);
		struct authres_settings set;
		const char *const *errors;

		test_assert_idx(test_parse(pool, tests[i].name, tests[i].value,
					   &set, &errors) == 0, i);
		test_assert_idx(errors[0] == NULL, i);
		test_assert_strcmp_idx(
			test_render(&set, authres_setting_find(tests[i].name)),
			tests[i].parsed, i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

#define ERR(name, shown, allowed, used) \
	"authres_"name": \""shown"\" is not allowed here; allowed: "allowed \
	" - using \""used"\""
#define CHECKS "spf, dkim, arc, dmarc, senderid"
#define HOSTS "networks such as 192.0.2.0/24, 2001:db8::/32, and host names"
#define SERVERS "addresses such as 192.0.2.1, 192.0.2.1@5353"
#define KEYWORDS "IMAP keywords of at most 50 bytes"
#define IDS "one or more host names in printable ASCII"
#define TIME "100ms to 120000ms"
#define SECRETS "words of 16 or more letters, digits and ./+=_-"
#define SOURCES "auto, xclient, received, header:NAME"

/* str_sanitize_utf8() of 2.3 lets it through */
#if DOVECOT_PREREQ(2,4,0)
#  define SHOWN_DEL "\xef\xbf\xbd"
#else
#  define SHOWN_DEL "\x7f"
#endif

static void test_authres_settings_bad(void)
{
	static const struct {
		const char *name, *value, *error;
	} tests[] = {
		{ "authres_mode", "foo",
		  ERR("mode", "foo", "enforce, tag, off", "enforce") },
		{ "authres_mode", "",
		  ERR("mode", "", "enforce, tag, off", "enforce") },
		{ "authres_mode", "Tag",
		  ERR("mode", "Tag", "enforce, tag, off", "enforce") },
		{ "authres_mode", "enforce:tag",
		  ERR("mode", "enforce:tag", "enforce, tag, off", "enforce") },
		{ "authres_mode", "%{hostname}",
		  ERR("mode", "%{hostname}", "enforce, tag, off", "enforce") },
		{ "authres_checks", "spf dikm dmarc",
		  ERR("checks", "dikm", CHECKS, "spf dkim arc dmarc") },
		{ "authres_checks", "spf:dkim",
		  ERR("checks", "spf:dkim", CHECKS, "spf dkim arc dmarc") },
		{ "authres_checks", "%{hostname}",
		  ERR("checks", "%{hostname}", CHECKS, "spf dkim arc dmarc") },
		{ "authres_trusted_hosts", "\xff",
		  ERR("trusted_hosts", "\xef\xbf\xbd", HOSTS,
		      "127.0.0.0/8 ::1 mx.example.org") },
		{ "authres_trusted_hosts", "a\x1b[2Jb",
		  ERR("trusted_hosts", "a\xef\xbf\xbd[2Jb", HOSTS,
		      "127.0.0.0/8 ::1 mx.example.org") },
		{ "authres_trusted_hosts", "::1 10.0.0.0/33",
		  ERR("trusted_hosts", "10.0.0.0/33", HOSTS,
		      "127.0.0.0/8 ::1 mx.example.org") },
		{ "authres_trusted_hosts", "10.0.1",
		  ERR("trusted_hosts", "10.0.1", HOSTS,
		      "127.0.0.0/8 ::1 mx.example.org") },
		{ "authres_local_networks", "fe80::/129",
		  ERR("local_networks", "fe80::/129", HOSTS,
		      "127.0.0.0/8 ::1") },
		{ "authres_trusted_forwarders", "a.example 1::2::3",
		  ERR("trusted_forwarders", "1::2::3", HOSTS, "") },
		{ "authres_dns_servers", "192.0.2.1 dns.example",
		  ERR("dns_servers", "dns.example", SERVERS, "") },
		{ "authres_dns_servers", "192.0.2.1@0",
		  ERR("dns_servers", "192.0.2.1@0", SERVERS, "") },
		{ "authres_dns_servers", "192.0.2.1@65536",
		  ERR("dns_servers", "192.0.2.1@65536", SERVERS, "") },
		{ "authres_authserv_id", "",
		  ERR("authserv_id", "", IDS, TEST_HOSTNAME) },
		{ "authres_authserv_id", " , ",
		  ERR("authserv_id", " , ", IDS, TEST_HOSTNAME) },
		{ "authres_authserv_id", "b\xc3\xbc" "cher",
		  ERR("authserv_id", "b\xc3\xbc" "cher", IDS, TEST_HOSTNAME) },
		{ "authres_client_header_key", "0123456789abcde",
		  ERR("client_header_key", "(not shown)", SECRETS, "") },
		{ "authres_client_header_key", "0123456789abcdef 0123456789abc\"def",
		  ERR("client_header_key", "(not shown)", SECRETS, "") },
		{ "authres_client_header_key", "0123456789abcdef\x01",
		  ERR("client_header_key", "(not shown)", SECRETS, "") },
		{ "authres_client_source", "header:",
		  ERR("client_source", "header:", SOURCES, "auto") },
		{ "authres_client_source", "header:X Y",
		  ERR("client_source", "header:X Y", SOURCES, "auto") },
		{ "authres_client_source", "header:X:Y",
		  ERR("client_source", "header:X:Y", SOURCES, "auto") },
		{ "authres_client_source", "Header:X",
		  ERR("client_source", "Header:X", SOURCES, "auto") },
		{ "authres_dnssec", "1", ERR("dnssec", "1", "yes, no", "no") },
		{ "authres_dnssec", "on", ERR("dnssec", "on", "yes, no", "no") },
		{ "authres_dnssec", "", ERR("dnssec", "", "yes, no", "no") },
		{ "authres_timeout", "0", ERR("timeout", "0", TIME, "10s") },
		{ "authres_timeout", "99ms", ERR("timeout", "99ms", TIME, "10s") },
		{ "authres_timeout", "121s", ERR("timeout", "121s", TIME, "10s") },
		{ "authres_timeout", "-5s", ERR("timeout", "-5s", TIME, "10s") },
		{ "authres_timeout", "10 lightyears",
		  ERR("timeout", "10 lightyears", TIME, "10s") },
		{ "authres_timeout", "4294968",
		  ERR("timeout", "4294968", TIME, "10s") },
		{ "authres_timeout", "4294967301",
		  ERR("timeout", "4294967301", TIME, "10s") },
		{ "authres_timeout", "4294968s",
		  ERR("timeout", "4294968s", TIME, "10s") },
		{ "authres_timeout", "7102w",
		  ERR("timeout", "7102w", TIME, "10s") },
		{ "authres_timeout", "18446744073709551626s",
		  ERR("timeout", "18446744073709551626s", TIME, "10s") },
		{ "authres_timeout", "", ERR("timeout", "", TIME, "10s") },
		{ "authres_stale_policy", "31d",
		  ERR("stale_policy", "31d", "0ms to 30d", "7d") },
		{ "authres_stale_policy", "-1d",
		  ERR("stale_policy", "-1d", "0ms to 30d", "7d") },
		{ "authres_timeout", "infinite",
		  ERR("timeout", "infinite", TIME, "10s") },
		{ "authres_dkim_min_key_bits", "1023",
		  ERR("dkim_min_key_bits", "1023", "1024 to 16384", "1024") },
		{ "authres_dkim_min_key_bits", "1024s",
		  ERR("dkim_min_key_bits", "1024s", "1024 to 16384", "1024") },
		{ "authres_dkim_min_key_bits", "4294968320",
		  ERR("dkim_min_key_bits", "4294968320", "1024 to 16384",
		      "1024") },
		{ "authres_junk_mailbox", "",
		  ERR("junk_mailbox", "",
		      "a special use such as \\Junk, or a mailbox name",
		      "\\Junk") },
		{ "authres_keyword_pass", "$A(",
		  ERR("keyword_pass", "$A(", KEYWORDS, "$AuthPass") },
		{ "authres_keyword_pass", "ok \\Seen",
		  ERR("keyword_pass", "\\Seen", KEYWORDS, "$AuthPass") },
		{ "authres_keyword_pass", "%{hostname}",
		  ERR("keyword_pass", "%{hostname}", KEYWORDS, "$AuthPass") },
		{ "authres_keyword_pass", "a]",
		  ERR("keyword_pass", "a]", KEYWORDS, "$AuthPass") },
		{ "authres_keyword_pass", "a\x7f",
		  ERR("keyword_pass", "a"SHOWN_DEL, KEYWORDS, "$AuthPass") },
		{ "authres_keyword_junk",
		  "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijk",
		  ERR("keyword_junk",
		      "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijk",
		      KEYWORDS, "$Junk Junk") },
		{ "authres_learn", "yes",
		  ERR("learn", "yes", "lists, no", "lists") },
		{ "authres_history_days", "6",
		  ERR("history_days", "6", "7 to 36500", "90") },
		{ "authres_report_form", "rfc7490",
		  ERR("report_form", "rfc7490", "rfc9990, rfc7489",
		      "rfc9990") },
		{ "authres_report_max", "0",
		  ERR("report_max", "0", "1 to 1000000", "1000") },
		{ "authres_failure_reports", "yes",
		  ERR("failure_reports", "yes", "0 to 10000", "0") },
		{ "authres_allow_days", "0",
		  ERR("allow_days", "0", "1 to 3650", "365") },
		{ "authres_allow_days", "3651",
		  ERR("allow_days", "3651", "1 to 3650", "365") },
		{ "authres_allow_days", "30d",
		  ERR("allow_days", "30d", "1 to 3650", "365") },
		{ "authres_keyword_methods", "$SPFFail",
		  ERR("keyword_methods", "$SPFFail", CHECKS, "") },
	};
	unsigned int i;

	test_begin("authres settings: wrong values");
	for (i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);
		const struct authres_setting_def *def;
		struct authres_settings set, default_set;
		const char *const *errors, *const *none;

		test_assert_idx(test_parse(pool, tests[i].name, tests[i].value,
					   &set, &errors) == -1, i);
		test_assert_idx(str_array_length(errors) == 1, i);
		test_assert_strcmp_idx(errors[0], tests[i].error, i);
		/* and the default is used, for it and for all others */
		(void)authres_settings_parse(pool, test_lookup_none, NULL,
					     NULL, TEST_HOSTNAME,
					     TEST_BASE_DIR, &default_set,
					     &none);
		for (def = authres_setting_defs(); def->name != NULL; def++)
			test_assert_strcmp_idx(test_render(&set, def),
					       test_render(&default_set, def),
					       i);
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_authres_settings_hostile_sizes(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct authres_settings set;
	const char *const *errors;
	string_t *value = t_str_new(1024 * 1024);
	unsigned int i;

	test_begin("authres settings: hostile sizes");
	/* one word too many */
	for (i = 0; i <= AUTHRES_MAX_SETTING_WORDS; i++)
		str_append(value, "a ");
	test_assert(test_parse(pool, "authres_trusted_lists", str_c(value),
			       &set, &errors) == -1);
	test_assert(set.trusted_lists[0] == NULL);
	str_truncate(value, str_len(value) - 2);
	test_assert(test_parse(pool, "authres_trusted_lists", str_c(value),
			       &set, &errors) == 0);
	test_assert(str_array_length(set.trusted_lists) ==
		    AUTHRES_MAX_SETTING_WORDS);
	/* a value as large as can be: refused, and the error stays short */
	while (str_len(value) <= AUTHRES_MAX_SETTING_BYTES)
		str_append(value, "$AuthPass ");
	test_assert(test_parse(pool, "authres_keyword_pass", str_c(value),
			       &set, &errors) == -1);
	test_assert(errors[0] != NULL && strlen(errors[0]) < 300);
	test_assert(test_parse(pool, "authres_junk_mailbox", str_c(value),
			       &set, &errors) == -1);
	test_assert_strcmp(set.junk_mailbox, "\\Junk");
	pool_unref(&pool);
	test_end();
}

static void test_authres_settings_hostname(void)
{
	static const char *const bad_hostnames[] = {
		NULL, "", "a b", "a\nb", "b\xc3\xbc" "cher"
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct authres_settings set;
	const char *const *errors;
	unsigned int i;

	test_begin("authres settings: hostname that cannot be used");
	for (i = 0; i < N_ELEMENTS(bad_hostnames); i++) {
		test_assert_idx(authres_settings_parse(
			pool, test_lookup_none, NULL, NULL, bad_hostnames[i],
			TEST_BASE_DIR, &set, &errors) == 0, i);
		test_assert_strcmp_idx(set.hostname, "localhost", i);
		test_assert_strcmp_idx(set.authserv_ids[0], "localhost", i);
		test_assert_idx(set.authserv_ids[1] == NULL, i);
	}
	pool_unref(&pool);
	test_end();
}

static const char *
test_lookup_user(void *context ATTR_UNUSED, const char *name)
{
	if (strcmp(name, "authres_mode") == 0)
		return "tag";
	if (strcmp(name, "authres_authserv_id") == 0)
		return "user.example";
	return strcmp(name, "authres_dnssec") == 0 ? "nonsense" : NULL;
}

static void test_authres_settings_user(void)
{
	pool_t pool = pool_alloconly_create("test", 4096);
	struct test_value global = { "authres_mode", "off" };
	struct authres_settings set;
	const char *const *errors;

	test_begin("authres settings: a user's values");
	test_assert(authres_settings_parse(pool, test_lookup_one,
					   test_lookup_user, &global,
					   TEST_HOSTNAME, TEST_BASE_DIR,
					   &set, &errors) == 0);
	test_assert(set.mode == AUTHRES_MODE_TAG);
	test_assert_strcmp(authres_mode_word(set.mode), "tag");
	test_assert_strcmp(set.authserv_ids[0], TEST_HOSTNAME);
	pool_unref(&pool);
	test_end();
}

static void test_authres_settings_unknown(void)
{
	test_begin("authres settings: unknown names");
	test_assert(authres_setting_is_unknown("authres_mod"));
	test_assert(authres_setting_is_unknown("authres_"));
	test_assert(authres_setting_is_unknown("authres_modes"));
	test_assert(!authres_setting_is_unknown("authres_mode"));
	test_assert(!authres_setting_is_unknown("authres_client_ip"));
	test_assert(!authres_setting_is_unknown("authres_client_helo"));
	test_assert(!authres_setting_is_unknown("authres"));
	test_assert(!authres_setting_is_unknown("sieve"));
	test_assert(!authres_setting_is_unknown(""));
	test_end();
}

/* conf.d names every setting with its default, in a comment:
   "  #authres_mode = enforce". */
static void test_authres_settings_conf(void)
{
	const struct authres_setting_def *def = authres_setting_defs();
	struct istream *input = i_stream_create_file(CONF_PATH, 4096);
	const char *line;

	test_begin("authres settings: conf.d names the same");
	while ((line = i_stream_read_next_line(input)) != NULL) T_BEGIN {
		const char *name, *value;

		while (*line == ' ' || *line == '\t')
			line++;
		value = strchr(line, '=');
		if (value != NULL &&
		    (str_has_prefix(line, "#authres_") ||
		     str_has_prefix(line, "authres_"))) {
			name = t_str_trim(t_strdup_until(line, value), " #");
			test_assert(*line == '#');
			test_assert_strcmp(name, def->name);
			if (def->name != NULL) {
				test_assert_strcmp(t_str_trim(value + 1, " \t"),
						   def->default_value);
				def++;
			}
		}
	} T_END;
	test_assert(input->stream_errno == 0);
	test_assert_strcmp(def->name, NULL);
	i_stream_unref(&input);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_authres_settings_defaults,
		test_authres_settings_good,
		test_authres_settings_bad,
		test_authres_settings_hostile_sizes,
		test_authres_settings_hostname,
		test_authres_settings_user,
		test_authres_settings_unknown,
		test_authres_settings_conf,
		NULL
	};
	return test_run(test_functions);
}
