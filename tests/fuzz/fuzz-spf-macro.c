/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "authres-limits.h"
#include "spf-macro.h"
#include "fuzzer.h"

static void check_text(const char *text)
{
	i_assert(strlen(text) <= AUTHRES_MAX_SPF_EXPLANATION_BYTES);
	for (; *text != '\0'; text++)
		i_assert(*text >= 0x20 && *text <= 0x7e);
}

static void
check_place(const char *text, enum spf_macro_place place,
	    const struct spf_macro_values *values)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct spf_macro macro;
	const char *result, *error = NULL;

	if (spf_macro_parse(pool, text, strlen(text), place, &macro,
			    &error) < 0)
		i_assert(error != NULL);
	else {
		if (spf_macro_expand_text(&macro, values,
					  AUTHRES_MAX_SPF_EXPLANATION_BYTES,
					  &result) == 0)
			check_text(result);
		if (spf_macro_expand_name(&macro, values, &result) == 0) {
			/* longer only when there is no label to cut off */
			i_assert(strlen(result) <= AUTHRES_MAX_DOMAIN_BYTES ||
				 strchr(result, '.') == NULL);
		}
	}
	pool_unref(&pool);
}

/* The lines are a macro string, the local part, the domain and the HELO. */
FUZZ_BEGIN_STR(const char *input)
{
	const char *const *lines = t_strsplit(input, "\n");
	unsigned int count = str_array_length(lines);
	struct spf_macro_values values;
	struct ip_addr ip;

	if (net_addr2ip(strlen(input) % 2 == 0 ? "192.0.2.3" :
			"2001:db8::cb01", &ip) < 0)
		i_unreached();
	i_zero(&values);
	values.client_ip = &ip;
	if (count > 1 && strlen(lines[1]) <= AUTHRES_MAX_LOCAL_PART_BYTES)
		values.local_part = lines[1];
	values.sender_domain = values.domain = count > 2 &&
		strlen(lines[2]) <= AUTHRES_MAX_DOMAIN_BYTES ?
		lines[2] : "example.org";
	if (count > 3 && strlen(lines[3]) <= AUTHRES_MAX_DOMAIN_BYTES)
		values.helo = values.validated_name = lines[3];
	values.now = 1700000000;
	if (count > 0) {
		check_place(lines[0], SPF_MACRO_PLACE_DOMAIN, &values);
		check_place(lines[0], SPF_MACRO_PLACE_MODIFIER, &values);
		check_place(lines[0], SPF_MACRO_PLACE_EXPLANATION, &values);
	}
}
FUZZ_END
