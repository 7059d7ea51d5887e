/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "env-util.h"
#include "test-common.h"
#include "test-file.h"
#include "verify-request.h"
#include "delivery-lda.h"

#define TEST_MAX_VALUES 4

struct test_value {
	const char *name, *value;
};

static const struct test_value *test_settings;

static const char *test_setting(const char *name)
{
	for (unsigned int i = 0; i < TEST_MAX_VALUES; i++) {
		if (test_settings[i].name != NULL &&
		    strcmp(test_settings[i].name, name) == 0)
			return test_settings[i].value;
	}
	return NULL;
}

static const struct {
	struct test_value settings[TEST_MAX_VALUES];
	struct test_value environment[TEST_MAX_VALUES];
	const char *ip, *helo;
	bool environment_used, authenticated;
	/* part of the error that is logged */
	const char *error;
} tests[] = {
	{ .ip = "" },
	{ .settings = { { "authres_client_ip", "192.0.2.1" },
			{ "authres_client_helo", "mx.example.org" } },
	  .ip = "192.0.2.1", .helo = "mx.example.org" },
	{ .settings = { { "authres_client_ip", "2001:db8::1" } },
	  .ip = "2001:db8::1" },
	/* pipe(8) */
	{ .settings = { { "authres_client_ip", "IPv6:2001:db8::1" } },
	  .ip = "2001:db8::1" },
	{ .settings = { { "authres_client_ip", "ipv6:2001:db8::1" } },
	  .ip = "2001:db8::1" },
	{ .settings = { { "authres_client_ip", "192.0.2.1" },
			{ "authres_client_login", "bob" } },
	  .ip = "192.0.2.1", .authenticated = TRUE },
	{ .settings = { { "authres_client_login", "bob" } },
	  .ip = "", .authenticated = TRUE },
	/* no SMTP client: what ${client_address} and others become */
	{ .settings = { { "authres_client_ip", "" },
			{ "authres_client_helo", "" },
			{ "authres_client_login", "" } },
	  .ip = "" },
	{ .settings = { { "authres_client_ip", "unknown" },
			{ "authres_client_helo", "unknown" } },
	  .ip = "" },
	{ .settings = { { "authres_client_ip", "192.0.2.1" },
			{ "authres_client_helo", "unknown" } },
	  .ip = "192.0.2.1" },
	/* nobody without a client says HELO */
	{ .settings = { { "authres_client_helo", "mx.example.org" } },
	  .ip = "" },

	{ .environment = { { "CLIENT_ADDRESS", "192.0.2.2" },
			   { "CLIENT_HELO", "mx2.example.org" } },
	  .ip = "192.0.2.2", .helo = "mx2.example.org",
	  .environment_used = TRUE },
	{ .environment = { { "CLIENT_ADDRESS", "IPv6:2001:db8::2" },
			   { "SASL_USERNAME", "bob" } },
	  .ip = "2001:db8::2", .environment_used = TRUE,
	  .authenticated = TRUE },
	{ .environment = { { "SASL_USERNAME", "" },
			   { "CLIENT_ADDRESS", "" }, { "CLIENT_HELO", "" } },
	  .ip = "" },
	{ .environment = { { "AUTHRES_CLIENT_IP", "192.0.2.3" },
			   { "AUTHRES_CLIENT_HELO", "mx3.example.org" } },
	  .ip = "192.0.2.3", .helo = "mx3.example.org",
	  .environment_used = TRUE },
	{ .environment = { { "AUTHRES_CLIENT_LOGIN", "bob" } },
	  .ip = "", .environment_used = TRUE, .authenticated = TRUE },
	/* one of them counts, alone */
	{ .settings = { { "authres_client_ip", "192.0.2.1" } },
	  .environment = { { "AUTHRES_CLIENT_HELO", "mx3.example.org" },
			   { "CLIENT_ADDRESS", "192.0.2.2" },
			   { "SASL_USERNAME", "bob" } },
	  .ip = "192.0.2.1" },
	{ .environment = { { "AUTHRES_CLIENT_IP", "192.0.2.3" },
			   { "CLIENT_HELO", "mx2.example.org" },
			   { "SASL_USERNAME", "bob" } },
	  .ip = "192.0.2.3", .environment_used = TRUE },
	/* HELO is any text */
	{ .environment = { { "CLIENT_ADDRESS", "192.0.2.2" },
			   { "CLIENT_HELO", "%{x $y\t([10.0.0.1])\x80" } },
	  .ip = "192.0.2.2", .helo = "%{x $y\t([10.0.0.1])\x80",
	  .environment_used = TRUE },

	/* wrong ones */
	{ .settings = { { "authres_client_ip", "mx.example.org" },
			{ "authres_client_helo", "mx.example.org" } },
	  .ip = "", .error = "authres_client_ip is not an IP address: "
			     "mx.example.org - ignored" },
	{ .settings = { { "authres_client_ip", "[192.0.2.1]" } },
	  .ip = "", .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "IPv6:192.0.2.1" } },
	  .ip = "", .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "IPv6:" } },
	  .ip = "", .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "192.0.2.1 " } },
	  .ip = "", .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "192.0.2" } },
	  .ip = "", .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "0300.0.2.1" } },
	  .ip = "", .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "192.0.2.1/24" } },
	  .ip = "", .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "x\n\x1b[2J" } },
	  .ip = "", .error = "address: x??[2J - ignored" },
	{ .environment = { { "CLIENT_ADDRESS", "192.0.2" "x" } },
	  .ip = "", .error = "CLIENT_ADDRESS in the environment is not an IP "
			     "address: 192.0.2x - ignored" },
	/* a wrong address leaves the login, or the next to say something */
	{ .settings = { { "authres_client_ip", "x" },
			{ "authres_client_login", "bob" } },
	  .environment = { { "CLIENT_ADDRESS", "192.0.2.2" } },
	  .ip = "", .authenticated = TRUE, .error = "not an IP address" },
	{ .settings = { { "authres_client_ip", "x" } },
	  .environment = { { "CLIENT_ADDRESS", "192.0.2.2" } },
	  .ip = "192.0.2.2", .environment_used = TRUE,
	  .error = "not an IP address" },
};

static void test_delivery_lda(void)
{
	struct event *event = event_create(NULL);

	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		struct verify_request request;
		const struct test_value *value;

		test_begin(t_strdup_printf("lda arguments %u", i));
		i_zero(&request);
		env_clean();
		for (unsigned int j = 0; j < TEST_MAX_VALUES; j++) {
			value = &tests[i].environment[j];
			if (value->name != NULL)
				env_put(value->name, value->value);
		}
		test_settings = tests[i].settings;
		if (tests[i].error != NULL)
			test_expect_error_string(tests[i].error);
		delivery_lda_read(pool_datastack_create(), test_setting,
				   event, &request);
		test_expect_no_more_errors();
		test_assert_strcmp(request.argument_ip.family == 0 ? "" :
				   net_ip2addr(&request.argument_ip),
				   tests[i].ip);
		test_assert_strcmp(request.argument_helo, tests[i].helo);
		test_assert(request.argument_environment ==
			    tests[i].environment_used);
		test_assert(request.argument_authenticated ==
			    tests[i].authenticated);
		test_end();
	} T_END;
	event_unref(&event);
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_delivery_lda,
		NULL
	};
	return test_run(test_functions);
}
