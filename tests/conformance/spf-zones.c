/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "check-result.h"
#include "memory-resolver.h"
#include "spf-run.h"
#include "spf-zone-generator.h"

#include <stdio.h>

/* Prints generated zones and what the native engine says of them, for
   second-opinion-spf, in the lines of spf-suite-lines. */

static const char *zones_escape(const char *src)
{
	string_t *str = t_str_new(128);

	for (; *src != '\0'; src++) {
		if (*src < 0x20 || *src > 0x7e || *src == '\\')
			str_printfa(str, "\\x%02x", (unsigned char)*src);
		else
			str_append_c(str, *src);
	}
	return str_c(str);
}

static void zones_print(unsigned int seed)
{
	pool_t pool = pool_alloconly_create("spf zones", 8192);
	const struct spf_zone_line *line;
	struct resolver *resolver;
	struct spf_outcome outcome;
	struct spf_zone zone;

	spf_zone_generate(pool, seed, &zone);
	resolver = spf_zone_resolver(&zone);
	(void)spf_run(pool, resolver, &zone.query, check_spf, &outcome);
	printf("S\t%u\n", seed);
	array_foreach(&zone.lines, line) {
		printf("Z\t%s\t%s", zones_escape(line->name), line->type);
		if (line->data != NULL)
			printf("\t%s", zones_escape(line->data));
		printf("\n");
	}
	printf("T\t%u\t%s\t%s\t%s\t%s\t%s\t%s\n", seed,
	       outcome.reason != NULL ? zones_escape(outcome.reason) : "",
	       zones_escape(zone.query.helo),
	       net_ip2addr(&zone.query.client_ip),
	       zones_escape(zone.query.mail_from),
	       check_result_word_name(outcome.result),
	       outcome.explanation == NULL ? "DEFAULT" :
	       t_strconcat("=", zones_escape(outcome.explanation), NULL));
	resolver_deinit(&resolver);
	pool_unref(&pool);
}

int main(int argc, char *argv[])
{
	unsigned int seed, count = 1000, first = 0;

	lib_init();
	if ((argc > 1 && str_to_uint(argv[1], &count) < 0) ||
	    (argc > 2 && str_to_uint(argv[2], &first) < 0)) {
		fprintf(stderr, "usage: spf-zones [zones [seed]]\n");
		return 2;
	}
	for (seed = first; seed < first + count; seed++) T_BEGIN {
		zones_print(seed);
	} T_END;
	printf("E\t%u\n", count);
	lib_deinit();
	return 0;
}
