/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "str.h"
#include "hex-binary.h"
#include "check-result.h"
#include "check-spf.h"
#include "memory-resolver.h"
#include "spf-run.h"

#include <stdio.h>
#include <unistd.h>

/* Runs the cases that spf-suite-lines prints, read from standard input. */

struct spf_suite {
	struct resolver *resolver;
	char *scenario;
	unsigned int line_number;
	unsigned int cases, wrong_results;
	unsigned int explanations, wrong_explanations;
	unsigned int expected_cases;
};

/* "\xHH" to bytes; size_r because of NULs */
static char *suite_unescape(const char *src, size_t *size_r)
{
	char *dest = t_malloc0(strlen(src) + 1), *p = dest;
	buffer_t *byte = t_buffer_create(1);

	while (*src != '\0') {
		if (*src != '\\') {
			*p++ = *src++;
			continue;
		}
		buffer_set_used_size(byte, 0);
		if (src[1] != 'x' ||
		    hex_to_binary(t_strndup(src + 2, 2), byte) < 0)
			i_fatal("bad escape: %s", src);
		*p++ = *(const char *)byte->data;
		src += 4;
	}
	*size_r = p - dest;
	return dest;
}

static void suite_zone_line(struct spf_suite *suite, const char *const *args)
{
	struct dns_record record;
	enum dns_type type;
	const char *name;
	size_t size;

	i_zero(&record);
	name = suite_unescape(args[0], &size);
	if (strcmp(args[1], "TIMEOUT") == 0) {
		memory_resolver_add_timeout(suite->resolver, name);
		return;
	}
	if (strcmp(args[1], "NAME") == 0) {
		memory_resolver_add_name(suite->resolver, name);
		return;
	}
	if (strcmp(args[1], "CNAME") == 0) {
		memory_resolver_add_cname(suite->resolver, name, args[2]);
		return;
	}
	for (type = 0; type <= DNS_TYPE_TXT; type++) {
		if (strcmp(args[1], dns_type_name(type)) == 0)
			break;
	}
	switch (type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
		if (net_addr2ip(args[2], &record.ip) < 0)
			i_fatal("bad address: %s", args[2]);
		break;
	case DNS_TYPE_MX:
	case DNS_TYPE_PTR:
		record.name = suite_unescape(args[2], &size);
		break;
	case DNS_TYPE_TXT:
		record.text = (const unsigned char *)
			suite_unescape(args[2], &record.text_size);
		break;
	default:
		i_fatal("bad record type: %s", args[1]);
	}
	memory_resolver_add(suite->resolver, name, type, &record);
}

static void
suite_compare(struct spf_suite *suite, const char *const *args,
	      const char *explanation, const struct spf_outcome *outcome)
{
	const char *result = check_result_word_name(outcome->result);

	suite->cases++;
	if (!str_array_find(t_strsplit(args[5], ","), result)) {
		suite->wrong_results++;
		printf("%s: %s (%s): %s, not %s (%s)\n", suite->scenario,
		       args[0], args[1], result, args[5],
		       outcome->reason != NULL ? outcome->reason : "");
	}
	if (*explanation == '\0')
		return;
	suite->explanations++;
	explanation = *explanation == '=' ? explanation + 1 : NULL;
	if (null_strcmp(outcome->explanation, explanation) != 0) {
		suite->wrong_explanations++;
		printf("%s: %s (%s): explanation \"%s\", not \"%s\"\n",
		       suite->scenario, args[0], args[1],
		       outcome->explanation != NULL ?
		       outcome->explanation : "",
		       explanation != NULL ? explanation : "");
	}
}

static void suite_test_line(struct spf_suite *suite, const char *const *args)
{
	pool_t pool = pool_alloconly_create("spf suite case", 4096);
	struct spf_query query = {
		.receiver = "receiver.example",
		.now = 1700000000,
	};
	struct spf_outcome outcome;
	size_t size;

	query.helo = suite_unescape(args[2], &size);
	if (net_addr2ip(args[3], &query.client_ip) < 0)
		i_fatal("bad client address: %s", args[3]);
	query.mail_from = suite_unescape(args[4], &size);
	(void)spf_run(pool, suite->resolver, &query, check_spf, &outcome);
	suite_compare(suite, args, suite_unescape(args[6], &size), &outcome);
	pool_unref(&pool);
}

static void suite_scenario_line(struct spf_suite *suite, const char *text)
{
	char *scenario = i_strdup(text);

	i_free(suite->scenario);
	suite->scenario = scenario;
	resolver_deinit(&suite->resolver);
	suite->resolver = memory_resolver_init();
}

static void suite_line(struct spf_suite *suite, const char *line)
{
	const char *const *args = t_strsplit(line, "\t");
	unsigned int count = str_array_length(args);

	if (strcmp(args[0], "S") == 0 && count == 2)
		suite_scenario_line(suite, args[1]);
	else if (strcmp(args[0], "Z") == 0 && count >= 3)
		suite_zone_line(suite, args + 1);
	else if (strcmp(args[0], "T") == 0 && count == 8)
		suite_test_line(suite, args + 1);
	else if (strcmp(args[0], "E") == 0 && count == 2) {
		if (str_to_uint(args[1], &suite->expected_cases) < 0)
			i_fatal("bad count: %s", line);
	} else {
		i_fatal("bad line: %s", line);
	}
}

int main(void)
{
	struct spf_suite suite;
	struct istream *input;
	const char *line;

	lib_init();
	i_zero(&suite);
	input = i_stream_create_fd(STDIN_FILENO, 1024 * 1024);
	while ((line = i_stream_read_next_line(input)) != NULL) T_BEGIN {
		suite_line(&suite, line);
	} T_END;
	i_stream_destroy(&input);
	resolver_deinit(&suite.resolver);
	i_free(suite.scenario);
	printf("%u of %u results, %u of %u explanations\n",
	       suite.cases - suite.wrong_results, suite.cases,
	       suite.explanations - suite.wrong_explanations,
	       suite.explanations);
	lib_deinit();
	if (suite.cases == 0 || suite.cases != suite.expected_cases) {
		printf("%u cases were expected\n", suite.expected_cases);
		return 1;
	}
	return suite.wrong_results + suite.wrong_explanations > 0 ? 1 : 0;
}
