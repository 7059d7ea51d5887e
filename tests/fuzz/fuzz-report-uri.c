/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "domain-name.h"
#include "report-uri.h"
#include "fuzzer.h"

static void check_printable(const char *text)
{
	for (; *text != '\0'; text++)
		i_assert(*text >= ' ' && *text < 0x7f);
}

/* The value of rua= or ruf=: whoever owns a domain writes it, and we send mail
   there. */
FUZZ_BEGIN_STR(const char *value)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	ARRAY_TYPE(report_uri) uris;
	ARRAY_TYPE(const_string) ignored;
	const struct report_uri *uri;
	const char *const *sentence, *at;

	p_array_init(&uris, pool, 4);
	p_array_init(&ignored, pool, 4);
	report_uris_parse(pool, value, &uris, &ignored);
	i_assert(array_count(&uris) <= AUTHRES_MAX_REPORT_URIS);
	array_foreach(&uris, uri) {
		check_printable(uri->address);
		i_assert(strlen(uri->address) <=
			 AUTHRES_MAX_REPORT_ADDRESS_BYTES);
		at = strrchr(uri->address, '@');
		i_assert(at != NULL && at > uri->address &&
			 strcmp(at + 1, uri->domain) == 0);
		i_assert(domain_label_count(uri->domain) >= 2);
	}
	array_foreach(&ignored, sentence)
		check_printable(*sentence);
	pool_unref(&pool);
}
FUZZ_END
