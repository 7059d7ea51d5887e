/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "spf-record.h"
#include "fuzzer.h"

static void check_macro(const struct spf_macro *macro)
{
	unsigned int i, macros = 0;

	for (i = 0; i < macro->part_count; i++) {
		const struct spf_macro_part *part = &macro->parts[i];

		if (part->letter != '\0') {
			macros++;
			i_assert(strchr("slodiphv", part->letter) != NULL);
		} else {
			i_assert(part->text_size > 0);
		}
	}
	i_assert(macros <= AUTHRES_MAX_SPF_MACROS);
}

/* One TXT record */
FUZZ_BEGIN_DATA(const uint8_t *data, size_t size)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	const struct spf_directive *directive;
	struct spf_record record;
	const char *error = NULL;

	if (!spf_record_has_version(data, size))
		;
	else if (spf_record_parse(pool, data, size, &record, &error) < 0)
		i_assert(error != NULL && strlen(error) < 256);
	else {
		i_assert(memchr(data, '\0', size) == NULL);
		i_assert(array_count(&record.directives) <=
			 AUTHRES_MAX_SPF_RECORD_TERMS);
		i_assert((record.redirect_text != NULL) ==
			 (record.redirect.part_count > 0));
		check_macro(&record.redirect);
		check_macro(&record.exp);
		array_foreach(&record.directives, directive) {
			i_assert(directive->ip4_bits <= 32);
			i_assert(directive->ip6_bits <= 128);
			check_macro(&directive->target);
		}
	}
	pool_unref(&pool);
}
FUZZ_END
