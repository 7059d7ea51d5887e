/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "resolver.h"
#include "resolver-zone.h"
#include "fuzzer.h"

static void answered(const struct dns_answer *answer, void *context)
{
	unsigned int *count = context;

	i_assert((answer->status == DNS_STATUS_TEMPORARY) ==
		 (answer->reason != NULL));
	(*count)++;
}

FUZZ_BEGIN_STR(const char *text)
{
	static const char *const names[] = {
		"example.org", "a.example.org", "a.b.c.example.org", "x"
	};
	struct resolver *resolver;
	const char *error;
	unsigned int count = 0;

	if (resolver_zone_init(text, "zone", &resolver, &error) < 0)
		i_assert(strncmp(error, "zone:", 5) == 0);
	else {
		for (unsigned int i = 0; i < N_ELEMENTS(names); i++) {
			struct resolver_question question;

			i_zero(&question);
			question.name = names[i];
			question.type = DNS_TYPE_TXT;
			(void)resolver_ask(resolver, &question, answered,
					   &count);
			question.type = DNS_TYPE_MX;
			(void)resolver_ask(resolver, &question, answered,
					   &count);
		}
		i_assert(count == 2 * N_ELEMENTS(names));
		resolver_deinit(&resolver);
	}
}
FUZZ_END
