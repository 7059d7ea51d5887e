/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "check-result.h"
#include "engine-libspf2.h"
#include "memory-resolver.h"
#include "spf-record.h"
#include "spf-run.h"
#include "spf-zone-generator.h"

#include <stdio.h>

/* The native SPF engine against libspf2 behind its guard, on generated zones.
   Every disagreement has to have a cause that is known: a class below says
   what it is and who is right. To fall in a class, the disagreement has to go
   away when that cause, and nothing else, is taken out of the zone. */

/* at least this many without a record the library must not see */
#define MIN_COMPARED 5000
#define DEFAULT_ZONES 9000
#define MAX_PRINTED 20

/* TRUE if the line was changed; line->name = NULL removes it. */
typedef bool differential_change_t(struct spf_zone_line *line);

struct differential_class {
	const char *name;
	const char *section;
	const char *right;
	differential_change_t *change;
	unsigned int count;
};

struct differential {
	unsigned int zones;
	unsigned int guarded, agreed, disagreed, unknown, several;
	unsigned int words[CHECK_RESULT_COUNT];
};

/* Call change_chr for the bytes of every macro; it returns the byte to write,
   or NUL for none. */
static bool
change_macros(struct spf_zone_line *line,
	      char (*change_chr)(const char *macro, const char *p))
{
	string_t *str = t_str_new(256);
	const char *p = line->data, *macro = NULL;

	if (strcmp(line->type, "TXT") != 0)
		return FALSE;
	for (; *p != '\0'; p++) {
		char chr = *p;

		if (macro == NULL && p[0] == '%' && p[1] == '%') {
			str_append(str, "%%");
			p++;
			continue;
		}
		if (macro == NULL && p[0] == '%' && p[1] == '{') {
			str_append(str, "%{");
			p++;
			macro = p + 1;
			continue;
		}
		if (*p == '}')
			macro = NULL;
		if (macro != NULL)
			chr = change_chr(macro, p);
		if (chr != '\0')
			str_append_c(str, chr);
	}
	if (strcmp(str_c(str), line->data) == 0)
		return FALSE;
	line->data = str_c(str);
	return TRUE;
}

static char change_delimiter_chr(const char *macro ATTR_UNUSED, const char *p)
{
	return *p == ',' || *p == '/' ? '\0' : *p;
}

static bool change_delimiters(struct spf_zone_line *line)
{
	return change_macros(line, change_delimiter_chr);
}

static char change_digit_chr(const char *macro ATTR_UNUSED, const char *p)
{
	return *p >= '0' && *p <= '9' ? '\0' : *p;
}

static bool change_digits(struct spf_zone_line *line)
{
	return change_macros(line, change_digit_chr);
}

static char change_escape_chr(const char *macro, const char *p)
{
	return p == macro && *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p;
}

static bool change_escape(struct spf_zone_line *line)
{
	return change_macros(line, change_escape_chr);
}

static char change_p_chr(const char *macro, const char *p)
{
	return p == macro && (*p == 'p' || *p == 'P') ? 'v' : *p;
}

static bool change_p(struct spf_zone_line *line)
{
	return change_macros(line, change_p_chr);
}

static bool change_zero_prefix(struct spf_zone_line *line)
{
	char *data, *p;
	bool changed = FALSE;

	if (strcmp(line->type, "TXT") != 0)
		return FALSE;
	data = t_strdup_noconst(line->data);
	for (p = data; (p = strstr(p, "/0")) != NULL; p++) {
		if (p[2] == ' ' || p[2] == '\0') {
			p[1] = '1';
			changed = TRUE;
		}
	}
	line->data = data;
	return changed;
}

static bool change_ptr_error(struct spf_zone_line *line)
{
	if (strcmp(line->type, "TIMEOUT") != 0 ||
	    strstr(line->name, ".arpa") == NULL)
		return FALSE;
	line->name = NULL;
	return TRUE;
}

static bool change_ptr_name_error(struct spf_zone_line *line)
{
	if (strcmp(line->type, "PTR") != 0)
		return FALSE;
	line->name = NULL;
	return TRUE;
}

static bool change_many_mx(struct spf_zone_line *line)
{
	if (strcmp(line->type, "MX") != 0 ||
	    strcmp(line->name, "many.test") != 0)
		return FALSE;
	line->name = NULL;
	return TRUE;
}

static bool change_ptr_target(struct spf_zone_line *line)
{
	char *data, *p;

	if (strcmp(line->type, "TXT") != 0 ||
	    (p = strstr(line->data, "ptr:a..test")) == NULL)
		return FALSE;
	data = t_strdup_noconst(line->data);
	while ((p = strstr(data, "ptr:a..test")) != NULL)
		memcpy(p, "ptr:ab.test", strlen("ptr:ab.test"));
	line->data = data;
	return TRUE;
}

static struct differential_class classes[] = {
	{ "prefix length 0 is refused", "5.6, 12", "native",
	  change_zero_prefix, 0 },
	{ "\",\" and \"/\" do not delimit", "7.1", "native",
	  change_delimiters, 0 },
	{ "right-hand parts of a macro", "7.3", "native", change_digits, 0 },
	{ "URL escape of a macro", "7.3", "native", change_escape, 0 },
	{ "first name for p, not the domain's own", "7.3", "native",
	  change_p, 0 },
	{ "PTR trouble ends evaluation", "5.5", "native", change_ptr_error, 0 },
	{ "address trouble of a PTR name ends evaluation", "5.5", "native",
	  change_ptr_name_error, 0 },
	{ "match among more than ten MX names", "4.6.4", "native",
	  change_many_mx, 0 },
	{ "PTR asked although the target is no name", "4.8", "either",
	  change_ptr_target, 0 },
};

static bool
differential_agree(const struct spf_zone *zone, struct spf_outcome *native_r,
		   struct spf_outcome *library_r, pool_t pool)
{
	struct resolver *resolver = spf_zone_resolver(zone);

	(void)spf_run(pool, resolver, &zone->query, check_spf, native_r);
	(void)spf_run(pool, resolver, &zone->query, check_spf_libspf2,
		      library_r);
	resolver_deinit(&resolver);
	return native_r->result == library_r->result &&
		null_strcmp(native_r->explanation,
			    library_r->explanation) == 0;
}

/* Returns FALSE if there is nothing of this class in the zone. */
static bool
differential_change(const struct spf_zone *zone,
		    const struct differential_class *class,
		    struct spf_zone *changed_r)
{
	const struct spf_zone_line *line;
	bool changed = FALSE;

	*changed_r = *zone;
	t_array_init(&changed_r->lines, array_count(&zone->lines));
	array_foreach(&zone->lines, line) {
		struct spf_zone_line copy = *line;

		if (class->change(&copy))
			changed = TRUE;
		if (copy.name != NULL)
			array_push_back(&changed_r->lines, &copy);
	}
	return changed;
}

/* Returns TRUE if the cause is known. */
static bool
differential_classify(struct differential *test, const struct spf_zone *zone,
		      pool_t pool)
{
	struct spf_outcome native, library;
	struct spf_zone changed, all = *zone;
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(classes); i++) {
		if (differential_change(zone, &classes[i], &changed) &&
		    differential_agree(&changed, &native, &library, pool)) {
			classes[i].count++;
			return TRUE;
		}
	}
	for (i = 0; i < N_ELEMENTS(classes); i++) {
		(void)differential_change(&all, &classes[i], &changed);
		all = changed;
	}
	if (!differential_agree(&all, &native, &library, pool))
		return FALSE;
	test->several++;
	return TRUE;
}

/* A record the library does not see: the native engine stood in for it. */
static bool differential_is_guarded(const struct spf_zone *zone)
{
	const struct spf_zone_line *line;
	string_t *str = t_str_new(256);

	array_foreach(&zone->lines, line) {
		size_t size;

		if (strcmp(line->type, "TXT") != 0)
			continue;
		size = strlen(line->data);
		str_truncate(str, 0);
		if (spf_record_has_version((const void *)line->data, size) &&
		    !engine_libspf2_render_record((const void *)line->data,
						  size, str))
			return TRUE;
	}
	return FALSE;
}

static void
differential_print(const struct spf_zone *zone, unsigned int seed,
		   const struct spf_outcome *native,
		   const struct spf_outcome *library)
{
	const struct spf_zone_line *line;

	printf("seed %u: %s, %s from %s\n native:  %s (%s) %s\n"
	       " libspf2: %s (%s) %s\n", seed,
	       net_ip2addr(&zone->query.client_ip), zone->query.helo,
	       zone->query.mail_from,
	       check_result_word_name(native->result),
	       native->reason != NULL ? native->reason : native->mechanism,
	       native->explanation != NULL ? native->explanation : "",
	       check_result_word_name(library->result),
	       library->reason != NULL ? library->reason : "",
	       library->explanation != NULL ? library->explanation : "");
	array_foreach(&zone->lines, line) {
		printf("  %s %s %s\n", line->name, line->type,
		       line->data != NULL ? line->data : "");
	}
}

static void differential_zone(struct differential *test, unsigned int seed)
{
	pool_t pool = pool_alloconly_create("differential", 8192);
	struct spf_outcome native, library;
	struct spf_zone zone;

	spf_zone_generate(pool, seed, &zone);
	if (differential_agree(&zone, &native, &library, pool)) {
		if (differential_is_guarded(&zone))
			test->guarded++;
		else {
			test->agreed++;
			test->words[native.result]++;
		}
	} else {
		test->disagreed++;
		test->words[native.result]++;
		if (!differential_classify(test, &zone, pool) &&
		    test->unknown++ < MAX_PRINTED)
			differential_print(&zone, seed, &native, &library);
	}
	pool_unref(&pool);
}

static void differential_summary(const struct differential *test)
{
	unsigned int i;

	printf("%u zones: %u with a record libspf2 must not see, "
	       "%u alike, %u not\n", test->zones, test->guarded, test->agreed,
	       test->disagreed);
	for (i = 0; i < CHECK_RESULT_COUNT; i++) {
		if (test->words[i] > 0) {
			printf("  %u %s\n", test->words[i],
			       check_result_word_name(i));
		}
	}
	printf("where they differ:\n");
	for (i = 0; i < N_ELEMENTS(classes); i++) {
		printf("  %4u %s: %s is right (RFC 7208 section %s)\n",
		       classes[i].count, classes[i].name, classes[i].right,
		       classes[i].section);
	}
	printf("  %4u several of these\n  %4u unknown\n", test->several,
	       test->unknown);
}

int main(int argc, char *argv[])
{
	struct differential test;
	unsigned int seed, first = 0;

	lib_init();
	i_zero(&test);
	test.zones = DEFAULT_ZONES;
	if ((argc > 1 && str_to_uint(argv[1], &test.zones) < 0) ||
	    (argc > 2 && str_to_uint(argv[2], &first) < 0)) {
		fprintf(stderr, "usage: differential-spf [zones [seed]]\n");
		return 2;
	}
	for (seed = first; seed < first + test.zones; seed++) T_BEGIN {
		differential_zone(&test, seed);
	} T_END;
	differential_summary(&test);
	lib_deinit();
	if (argc == 1 && test.agreed + test.disagreed < MIN_COMPARED) {
		printf("fewer than %u zones were compared\n", MIN_COMPARED);
		return 1;
	}
	return test.unknown > 0 ? 1 : 0;
}
