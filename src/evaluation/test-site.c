/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "resolver-zone.h"
#include "evaluation.h"
#include "test-site.h"

void test_site_settings(pool_t pool, struct evaluation_settings *set_r)
{
	static const char *const trusted[] =
		{ "127.0.0.0/8", "mx.example.fr", NULL };
	static const char *const local[] = { "127.0.0.0/8", NULL };
	static const char *const nobody[] = { NULL };
	const char *error;

	i_zero(set_r);
	set_r->checks = 1U << CHECK_METHOD_SPF | 1U << CHECK_METHOD_DKIM |
		1U << CHECK_METHOD_ARC | 1U << CHECK_METHOD_DMARC;
	if (trusted_hosts_parse(pool, trusted, &set_r->identity.trusted_hosts,
				&error) < 0 ||
	    trusted_hosts_parse(pool, local, &set_r->identity.local_networks,
				&error) < 0)
		i_unreached();
	set_r->dkim.min_key_bits = 1024;
	set_r->hostname = "mx.example.fr";
	set_r->overrides.arc_trusted_sealers = nobody;
	set_r->overrides.trusted_lists = nobody;
}

struct resolver *test_site_resolver(const char *zone)
{
	struct resolver *resolver;
	const char *error;

	if (resolver_zone_init(zone, "test", &resolver, &error) < 0)
		i_panic("zone: %s", error);
	return resolver;
}

void test_site_request(const char *mail_from, struct verify_request *request_r)
{
	i_zero(request_r);
	request_r->protocol = VERIFY_PROTOCOL_LDA;
	request_r->mail_from = mail_from;
	request_r->received_time = 1790000000;
	request_r->timeout_msecs = 5000;
}

void test_site_evaluate(const struct evaluation_settings *set,
			const struct verify_request *request,
			struct resolver *resolver, const char *message,
			evaluation_callback_t *callback, void *context)
{
	struct ioloop *ioloop = io_loop_create();
	struct evaluation *evaluation;

	evaluation = evaluation_init(set, request, resolver, callback, context);
	evaluation_more(evaluation, (const unsigned char *)message,
			strlen(message));
	evaluation_finish(evaluation);
	io_loop_run(ioloop);
	evaluation_deinit(&evaluation);
	io_loop_destroy(&ioloop);
}
