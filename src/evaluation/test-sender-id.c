/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "ioloop.h"
#include "test-site.h"
#include "test-common.h"
#include "test-file.h"
#include "resolver.h"
#include "evaluation.h"

/* Sender ID among the other checks: where its entry stands, what it costs, and
   that nothing else looks at it. */

static const char test_zone[] =
"$ORIGIN example.\n"
"$TTL 300\n"
"author	TXT	\"v=spf1 ip4:192.0.2.1 -all\"\n"
"_dmarc.author	TXT	\"v=DMARC1; p=reject\"\n"
"pra	TXT	\"spf2.0/pra include:more.pra.example -all\"\n"
"pra	TXT	\"v=spf1 -all\"\n"
"more.pra	TXT	\"spf2.0/pra ip4:192.0.2.2 -all\"\n"
"soft.pra	TXT	\"v=spf1 ~all\"\n"
"dead.pra	TIMEOUT\n";

/* Asks the zone, and counts the names of the PRA's domain. */
struct counting_resolver {
	struct resolver resolver;
	struct resolver *zone;
	unsigned int pra_questions;
};

static struct resolver_request *
counting_ask(struct resolver *_resolver,
	     const struct resolver_question *question,
	     resolver_callback_t *callback, void *context)
{
	struct counting_resolver *resolver =
		container_of(_resolver, struct counting_resolver, resolver);

	if (strstr(question->name, "pra.example") != NULL)
		resolver->pra_questions++;
	return resolver_ask(resolver->zone, question, callback, context);
}

static void counting_deinit(struct resolver *resolver ATTR_UNUSED)
{
}

static const struct resolver_vfuncs counting_vfuncs = {
	.deinit = counting_deinit, .ask = counting_ask
};

#define RECEIVED_FROM(ip) \
	"Received: from helo.example (rdns.example [" ip "])\n" \
	"\tby mx.example.fr (Postfix) with ESMTPS id 4XyZ1t0Qz6z9sT\n" \
	"\tfor <alice@example.fr>; Sun, 22 Nov 2026 10:00:00 +0100 (CET)\n"
#define PRA_OF(address) \
	"Sender: " address "\nFrom: bob@author.example\n\nHi\n"

static const struct sender_id_case {
	const char *message;
	/* entries without and with Sender ID, the values that it sets, and
	   what DMARC makes of the message */
	const char *without, *with;
	/* about the domain of the PRA */
	unsigned int pra_questions;
} sender_id_cases[] = {
	/* the order of the entries */
	{ RECEIVED_FROM("192.0.2.2") PRA_OF("x@pra.example"),
	  "dmarc=fail spf=fail spf=none dkim=none arc=none p=reject phishing",
	  "dmarc=fail spf=fail spf=none sender-id=pass(sender=pra.example) "
	  "dkim=none arc=none p=reject phishing", 2 },
	/* a pass of From itself proves nothing either */
	{ RECEIVED_FROM("192.0.2.1") "From: bob@author.example\n\nHi\n",
	  "dmarc=pass spf=pass spf=none dkim=none arc=none",
	  "dmarc=pass spf=pass spf=none sender-id=pass(from=author.example) "
	  "dkim=none arc=none", 0 },
	/* a fail takes nothing away */
	{ RECEIVED_FROM("192.0.2.1") PRA_OF("x@pra.example"),
	  "dmarc=pass spf=pass spf=none dkim=none arc=none",
	  "dmarc=pass spf=pass spf=none sender-id=fail(sender=pra.example) "
	  "dkim=none arc=none", 2 },
	{ RECEIVED_FROM("192.0.2.1") PRA_OF("x@nowhere.pra.example"),
	  "dmarc=pass spf=pass spf=none dkim=none arc=none",
	  "dmarc=pass spf=pass spf=none "
	  "sender-id=fail(sender=nowhere.pra.example) "
	  "dkim=none arc=none", 1 },
	{ RECEIVED_FROM("192.0.2.1") PRA_OF("x@dead.pra.example"),
	  "dmarc=pass spf=pass spf=none dkim=none arc=none",
	  "dmarc=pass spf=pass spf=none "
	  "sender-id=temperror(sender=dead.pra.example) "
	  "dkim=none arc=none", 1 },
	/* no PRA, no question */
	{ RECEIVED_FROM("192.0.2.1") PRA_OF("x@pra.example, y@pra.example"),
	  "dmarc=pass spf=pass spf=none dkim=none arc=none",
	  "dmarc=pass spf=pass spf=none sender-id=permerror "
	  "dkim=none arc=none", 0 },
	/* the client is not known: left out, as SPF */
	{ PRA_OF("x@pra.example"),
	  "dmarc=temperror dkim=none arc=none",
	  "dmarc=temperror dkim=none arc=none", 0 },
	/* the client hides: no entry, and the policy stays on */
	{ "Received: from helo.example (x [192.0)\n"
	  "\tby mx.example.fr (8.17.1.9/8.17.1.9) with ESMTP id 1;\n"
	  "\tSun, 22 Nov 2026 10:00:00 +0100\n" PRA_OF("x@pra.example"),
	  "dmarc=fail dkim=none arc=none p=reject",
	  "dmarc=fail dkim=none arc=none p=reject", 0 },
	/* mail of our own users is not checked */
	{ "Received: from laptop (x.example [198.51.100.9])\n"
	  "\t(Authenticated sender: bob)\n"
	  "\tby mx.example.fr (Postfix) with ESMTPSA id 1B2C3D4E5F;\n"
	  "\tSun, 22 Nov 2026 10:00:02 +0100 (CET)\n" PRA_OF("x@pra.example"),
	  "auth=pass", "auth=pass", 0 },
	/* resent by a host that may */
	{ RECEIVED_FROM("192.0.2.2") "Resent-From: x@pra.example\n"
	  "From: bob@author.example\n\nHi\n",
	  "dmarc=fail spf=fail spf=none dkim=none arc=none p=reject phishing",
	  "dmarc=fail spf=fail spf=none "
	  "sender-id=pass(resent-from=pra.example) "
	  "dkim=none arc=none p=reject phishing", 2 },
	{ RECEIVED_FROM("192.0.2.2") PRA_OF("x@soft.pra.example"),
	  "dmarc=fail spf=fail spf=none dkim=none arc=none p=reject phishing",
	  "dmarc=fail spf=fail spf=none "
	  "sender-id=softfail(sender=soft.pra.example) "
	  "dkim=none arc=none p=reject phishing", 1 },
};

struct sender_id_run {
	string_t *summary;
};

static void run_callback(const struct verdict *verdict, void *context)
{
	struct sender_id_run *run = context;
	const struct check_result *result;
	const struct check_property *property;

	array_foreach(&verdict->results, result) {
		str_printfa(run->summary, "%s=%s",
			    check_method_name(result->method),
			    check_result_word_name(result->result));
		if (result->method == CHECK_METHOD_SENDER_ID &&
		    array_is_created(&result->properties)) {
			property = array_front(&result->properties);
			str_printfa(run->summary, "(%s=%s)", property->name,
				    property->value);
		}
		str_append_c(run->summary, ' ');
	}
	if (verdict->dmarc == CHECK_RESULT_FAIL) {
		str_printfa(run->summary, "p=%s ",
			    dmarc_policy_name(verdict->policy));
	}
	if (verdict->phishing)
		str_append(run->summary, "phishing ");
	str_truncate(run->summary, str_len(run->summary) - 1);
	io_loop_stop(current_ioloop);
}

static void evaluate(struct counting_resolver *resolver, const char *message,
		     bool sender_id, struct sender_id_run *run_r)
{
	struct evaluation_settings set;
	struct verify_request request;
	pool_t pool = pool_alloconly_create("test", 1024);

	test_site_settings(pool, &set);
	if (sender_id)
		set.checks |= 1U << CHECK_METHOD_SENDER_ID;
	test_site_request("bob@author.example", &request);

	resolver->pra_questions = 0;
	run_r->summary = t_str_new(256);
	test_site_evaluate(&set, &request, &resolver->resolver, message,
			   run_callback, run_r);
	pool_unref(&pool);
}

static void test_sender_id(void)
{
	struct counting_resolver resolver = {
		.resolver.v = counting_vfuncs,
		.zone = test_site_resolver(test_zone),
	};
	struct sender_id_run run;
	unsigned int i;

	test_begin("evaluation with Sender ID");
	for (i = 0; i < N_ELEMENTS(sender_id_cases); i++) T_BEGIN {
		const struct sender_id_case *test = &sender_id_cases[i];

		evaluate(&resolver, test->message, FALSE, &run);
		test_assert_strcmp_idx(str_c(run.summary), test->without, i);
		test_assert_idx(resolver.pra_questions == 0, i);
		evaluate(&resolver, test->message, TRUE, &run);
		test_assert_strcmp_idx(str_c(run.summary), test->with, i);
		test_assert_idx(resolver.pra_questions ==
				test->pra_questions, i);
	} T_END;
	resolver_deinit(&resolver.zone);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_sender_id,
		NULL
	};
	return test_run(test_functions);
}
