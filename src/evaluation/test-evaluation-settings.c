/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "test-common.h"
#include "test-file.h"
#include "str-prefix.h"
#include "authres-settings.h"
#include "resolver-unbound.h"
#include "evaluation-settings.h"
#include "trusted-hosts.h"

struct test_value {
	const char *name;
	const char *value;
};

static const char *test_lookup(void *context, const char *name)
{
	const struct test_value *value = context;

	return value->name != NULL && strcmp(value->name, name) == 0 ?
		value->value : NULL;
}

static void
test_settings(pool_t pool, const char *name, const char *value,
	      struct authres_settings *set_r)
{
	struct test_value test = { name, value };
	const char *const *errors;

	test_assert(authres_settings_parse(pool, test_lookup, NULL, &test,
					   "mx.example.org", "/run", set_r,
					   &errors) == 0);
}

/* Words that authres_settings_parse() would not let through. */
static void
test_words(pool_t pool, const char *name, const char *words,
	   struct authres_settings *set_r)
{
	const char *const **target;

	test_settings(pool, NULL, NULL, set_r);
	target = PTR_OFFSET(set_r, authres_setting_find(name)->offset);
	*target = (void *)p_strsplit_spaces(pool, words, " ,");
}

static bool
hosts_have(const struct trusted_hosts *hosts, const char *address)
{
	struct ip_addr ip;

	if (net_addr2ip(address, &ip) < 0)
		i_unreached();
	return trusted_hosts_has_ip(hosts, &ip);
}

static void test_evaluation_settings_defaults(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct authres_settings set;
	struct evaluation_settings eval;
	struct resolver_unbound_settings resolver;
	const char *const *errors;

	test_begin("evaluation settings: defaults");
	test_settings(pool, NULL, NULL, &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(errors[0] == NULL);
	test_assert(eval.checks == (1U << CHECK_METHOD_SPF |
				    1U << CHECK_METHOD_DKIM |
				    1U << CHECK_METHOD_ARC |
				    1U << CHECK_METHOD_DMARC));
	test_assert_strcmp(eval.hostname, "mx.example.org");
	test_assert(hosts_have(&eval.identity.trusted_hosts, "127.1.2.3"));
	test_assert(hosts_have(&eval.identity.trusted_hosts, "::1"));
	test_assert(!hosts_have(&eval.identity.trusted_hosts, "10.0.0.1"));
	test_assert(trusted_hosts_has_name(&eval.identity.trusted_hosts,
					   "mx.example.org"));
	test_assert(hosts_have(&eval.identity.local_networks, "127.0.0.1"));
	test_assert(!trusted_hosts_has_name(&eval.identity.local_networks,
					    "mx.example.org"));
	test_assert(eval.identity.client_source == CLIENT_SOURCE_NONE);
	test_assert(eval.dkim.min_key_bits == 1024);
	test_assert(eval.dkim.key_cache == NULL);
	test_assert(eval.dmarc.mode == DMARC_MODE_RFC9989);

	test_assert(evaluation_settings_resolver(pool, &set, &resolver,
						 &errors) == 0);
	test_assert(resolver.servers[0] == NULL);
	test_assert(!resolver.dnssec);
	test_assert(resolver.cache_bytes > 0);
	pool_unref(&pool);
	test_end();
}

static void test_evaluation_settings_values(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct authres_settings set;
	struct evaluation_settings eval;
	const char *const *errors;

	test_begin("evaluation settings: values");
	test_settings(pool, "authres_checks", "arc", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(eval.checks == 1U << CHECK_METHOD_ARC);

	test_settings(pool, "authres_client_source", "xclient", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(eval.identity.client_source == CLIENT_SOURCE_XCLIENT);
	test_settings(pool, "authres_client_source", "received", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(eval.identity.client_source == CLIENT_SOURCE_RECEIVED);
	test_settings(pool, "authres_client_source", "header:X-Client", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(eval.identity.client_source == CLIENT_SOURCE_HEADER);
	test_assert_strcmp(eval.identity.client_header, "X-Client");
	test_settings(pool, "authres_fetch_hosts", ".free.fr 172.20.0.0/16",
		      &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(hosts_have(&eval.identity.fetch_hosts, "172.20.1.2"));
	test_assert(trusted_hosts_has_name(&eval.identity.fetch_hosts,
					   "mx12.free.fr"));
	test_settings(pool, "authres_filter_users", "110 spamd", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(str_array_find(eval.identity.filter_users, "spamd"));
	test_assert(eval.identity.client_header_keys == NULL);

	test_settings(pool, "authres_dmarc_mode", "rfc7489", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(eval.dmarc.mode == DMARC_MODE_RFC7489);
	test_assert(eval.dmarc.psl != NULL);
	evaluation_settings_deinit(&eval);
	test_assert(eval.dmarc.psl == NULL);
	test_settings(pool, "authres_spf_engine", "libspf2", &set);
#ifdef HAVE_LIBSPF2
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(eval.spf_engine == SPF_ENGINE_LIBSPF2);
#else
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) < 0);
	test_assert(eval.spf_engine == SPF_ENGINE_NATIVE);
#endif
	test_settings(pool, "authres_dkim_engine", "libopendkim", &set);
#ifdef HAVE_LIBOPENDKIM
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(eval.dkim_engine == DKIM_ENGINE_LIBOPENDKIM);
#else
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) < 0);
	test_assert(eval.dkim_engine == DKIM_ENGINE_NATIVE);
#endif

	test_settings(pool, "authres_trusted_hosts", "2001:db8::/32 relay.a",
		      &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	test_assert(hosts_have(&eval.identity.trusted_hosts, "2001:db8::5"));
	test_assert(!hosts_have(&eval.identity.trusted_hosts, "127.0.0.1"));
	test_assert(trusted_hosts_has_name(&eval.identity.trusted_hosts,
					   "relay.a"));
	test_assert(!hosts_have(&eval.identity.trusted_forwarders,
				"192.0.2.1"));

	test_settings(pool, "authres_trusted_forwarders",
		      "192.0.2.0/24 .forward.example", &set);
	(void)evaluation_settings_init(pool, &set, &eval, &errors);
	test_assert(hosts_have(&eval.identity.trusted_forwarders,
			       "192.0.2.1"));
	test_assert(trusted_hosts_has_name(&eval.identity.trusted_forwarders,
					   "mx.forward.example"));
	pool_unref(&pool);
	test_end();
}

/* Sender ID is off unless its word stands there. */
static void test_evaluation_settings_checks(void)
{
	static const struct {
		const char *value;
		unsigned int checks;
	} tests[] = {
		{ "", 0 },
		{ "spf dkim arc dmarc", 1U << CHECK_METHOD_SPF |
		  1U << CHECK_METHOD_DKIM | 1U << CHECK_METHOD_ARC |
		  1U << CHECK_METHOD_DMARC },
		{ "senderid", 1U << CHECK_METHOD_SENDER_ID },
		{ "spf senderid", 1U << CHECK_METHOD_SPF |
		  1U << CHECK_METHOD_SENDER_ID },
	};
	unsigned int i;

	test_begin("evaluation settings: checks");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		pool_t pool = pool_alloconly_create("test", 1024);
		struct authres_settings set;
		struct evaluation_settings eval;
		const char *const *errors;

		test_settings(pool, "authres_checks", tests[i].value, &set);
		test_assert_idx(evaluation_settings_init(pool, &set, &eval,
							 &errors) == 0, i);
		test_assert_idx(eval.checks == tests[i].checks, i);
		pool_unref(&pool);
	}
	test_end();
}

static void test_evaluation_settings_domains(void)
{
	static const struct {
		const char *value;
		/* joined, NULL = refused */
		const char *domains;
		const char *bad;
	} tests[] = {
		{ "lists.example.org", "lists.example.org", NULL },
		{ "Lists.Example.ORG. b\xc3\xbc" "cher.example",
		  "lists.example.org xn--bcher-kva.example", NULL },
		{ "a_b.example", "a_b.example", NULL },
		{ "a.example org", NULL, "\"org\"" },
		{ "<dev.example.org>", NULL, "<dev.example.org>" },
		{ "dev@lists.example.org", NULL, "dev@lists.example.org" },
		{ ".example.org", NULL, ".example.org" },
		{ "*.example.org", NULL, "*.example.org" },
		{ "a..example", NULL, "a..example" },
		{ "192.0.2.1", NULL, "192.0.2.1" },
		{ "2001:db8::1", NULL, "2001:db8::1" },
		{ "192.0.2.0/24", NULL, "192.0.2.0/24" },
		{ "a.example;b.example", NULL, "a.example;b.example" },
	};
	static const char *const names[] = {
		"authres_arc_trusted_sealers", "authres_trusted_lists"
	};

	test_begin("evaluation settings: domains");
	for (unsigned int i = 0; i < N_ELEMENTS(names); i++)
	for (unsigned int j = 0; j < N_ELEMENTS(tests); j++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 1024);
		struct authres_settings set;
		struct evaluation_settings eval;
		const char *const *errors, *const *domains;
		int ret;

		test_settings(pool, names[i], tests[j].value, &set);
		ret = evaluation_settings_init(pool, &set, &eval, &errors);
		domains = i == 0 ? eval.overrides.arc_trusted_sealers :
			eval.overrides.trusted_lists;
		if (tests[j].domains != NULL) {
			test_assert_idx(ret == 0, j);
			test_assert_strcmp_idx(t_strarray_join(domains, " "),
					       tests[j].domains, j);
		} else {
			test_assert_idx(ret < 0 && domains[0] == NULL, j);
			test_assert_idx(str_has_prefix(errors[0], names[i]) &&
				strstr(errors[0], tests[j].bad) != NULL &&
				errors[1] == NULL, j);
		}
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_evaluation_settings_own_domains(void)
{
	static const struct {
		const char *value;
		/* NULL = refused */
		const char *domains, *exceptions;
	} tests[] = {
		{ "", "", "" },
		{ "Example.ORG b\xc3\xbc" "cher.example",
		  "example.org xn--bcher-kva.example", "" },
		{ "example.org !shop.example.org a.example",
		  "example.org a.example", "shop.example.org" },
		{ "!shop.example.org", "", "shop.example.org" },
		{ "org", NULL, NULL },
		{ ".example.org", NULL, NULL },
		{ "*.example.org", NULL, NULL },
		{ "a@example.org", NULL, NULL },
		{ "192.0.2.1", NULL, NULL },
	};

	test_begin("evaluation settings: own domains");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 1024);
		struct authres_settings set;
		struct evaluation_settings eval;
		const struct own_domains *own = &eval.dmarc.own;
		const char *const *errors;
		int ret;

		test_settings(pool, "authres_own_domains", tests[i].value,
			      &set);
		ret = evaluation_settings_init(pool, &set, &eval, &errors);
		if (tests[i].domains == NULL) {
			test_assert_idx(ret < 0 && own->domains[0] == NULL &&
				str_has_prefix(errors[0],
					       "authres_own_domains"), i);
		} else {
			test_assert_idx(ret == 0, i);
			test_assert_strcmp_idx(
				t_strarray_join(own->domains, " "),
				tests[i].domains, i);
			test_assert_strcmp_idx(
				t_strarray_join(own->exceptions, " "),
				tests[i].exceptions, i);
		}
		pool_unref(&pool);
	} T_END;
	test_end();
}

static void test_evaluation_settings_forwarder_names(void)
{
	pool_t pool = pool_alloconly_create("test", 1024);
	struct authres_settings set;
	struct evaluation_settings eval;
	const char *const *errors;

	test_begin("evaluation settings: forwarders by name alone");
	test_settings(pool, "authres_trusted_forwarders",
		      "mx.forward.example", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) < 0);
	test_assert(str_has_prefix(errors[0], "authres_trusted_forwarders: "));
	test_assert(errors[1] == NULL);
	test_settings(pool, "authres_trusted_forwarders",
		      "mx.forward.example 192.0.2.1", &set);
	test_assert(evaluation_settings_init(pool, &set, &eval, &errors) == 0);
	pool_unref(&pool);
	test_end();
}

static void test_evaluation_settings_bad_hosts(void)
{
	static const char *const names[] = {
		"authres_trusted_hosts", "authres_local_networks"
	};
	static const char *const values[] = {
		"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129",
		"10.0.0.0/8/8", "10.0.0.1/8x"
	};
	unsigned int i, j;

	test_begin("evaluation settings: hosts that are none");
	for (i = 0; i < N_ELEMENTS(names); i++)
	for (j = 0; j < N_ELEMENTS(values); j++) {
		pool_t pool = pool_alloconly_create("test", 1024);
		struct authres_settings set;
		struct evaluation_settings eval;
		const char *const *errors;

		test_words(pool, names[i], values[j], &set);
		test_assert_idx(evaluation_settings_init(
			pool, &set, &eval, &errors) == -1, j);
		test_assert_idx(str_array_length(errors) == 1, j);
		test_assert_idx(str_has_prefix(errors[0], names[i]), j);
		test_assert_idx(strstr(errors[0], values[j]) != NULL, j);
		test_assert_idx(strstr(errors[0], "using \"127.0.0.0/8 ::1")
				!= NULL, j);
		/* nobody is trusted who was not meant */
		test_assert_idx(hosts_have(i == 0 ?
					   &eval.identity.trusted_hosts :
					   &eval.identity.local_networks,
					   "127.0.0.1"), j);
		test_assert_idx(!hosts_have(i == 0 ?
					    &eval.identity.trusted_hosts :
					    &eval.identity.local_networks,
					    "10.0.0.1"), j);
		pool_unref(&pool);
	}
	test_end();
}

static void test_evaluation_settings_resolver(void)
{
	static const struct {
		const char *value;
		bool good;
	} tests[] = {
		{ "192.0.2.1", TRUE },
		{ "192.0.2.1@5353 2001:db8::1, ::1@53", TRUE },
		{ "", TRUE },
		{ "192.0.2.1@0", FALSE },
		{ "192.0.2.1@65536", FALSE },
		{ "192.0.2.1@", FALSE },
		{ "192.0.2.1@53@53", FALSE },
		{ "192.0.2.1:53", FALSE },
		{ "dns.example.org", FALSE },
		{ "192.0.2.1 @53", FALSE },
		{ "192.0.2.256", FALSE },
	};
	unsigned int i;

	test_begin("evaluation settings: DNS servers");
	for (i = 0; i < N_ELEMENTS(tests); i++) {
		pool_t pool = pool_alloconly_create("test", 1024);
		struct authres_settings set;
		struct resolver_unbound_settings resolver;
		const char *const *errors;

		test_words(pool, "authres_dns_servers", tests[i].value,
			      &set);
		test_assert_idx(evaluation_settings_resolver(
			pool, &set, &resolver, &errors) ==
			(tests[i].good ? 0 : -1), i);
		if (tests[i].good) {
			test_assert_idx(errors[0] == NULL, i);
			test_assert_idx(resolver.servers == set.dns_servers, i);
		} else {
			test_assert_idx(str_has_prefix(
				errors[0], "authres_dns_servers: "), i);
			test_assert_idx(resolver.servers[0] == NULL, i);
		}
		pool_unref(&pool);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_evaluation_settings_defaults,
		test_evaluation_settings_values,
		test_evaluation_settings_checks,
		test_evaluation_settings_domains,
		test_evaluation_settings_own_domains,
		test_evaluation_settings_forwarder_names,
		test_evaluation_settings_bad_hosts,
		test_evaluation_settings_resolver,
		NULL
	};
	return test_run(test_functions);
}
