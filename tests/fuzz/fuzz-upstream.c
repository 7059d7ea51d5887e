/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "msg-parser.h"
#include "identity.h"
#include "author-domain.h"
#include "upstream-results.h"
#include "fuzzer.h"

/* The input is what a stranger puts into the header, below our Received; and
   once more the value of a field that the filter wrote above it. */

#define RECEIVED "Received: from h (n [192.0.2.1]) by mx (Postfix) id 1\r\n"
#define FIELD "Authentication-Results:"

static const char upstream_field[] =
	FIELD " mx.example.org; dmarc=fail header.from=bank.example;"
	" spf=fail smtp.mailfrom=bob@bank.example; dkim=none\r\n";

static void
header_done(const struct msg_header *header, void *context)
{
	const struct msg_header **header_p = context;

	*header_p = header;
}

static void ignore_body(const unsigned char *data ATTR_UNUSED,
			size_t size ATTR_UNUSED, void *context ATTR_UNUSED)
{
}

static const struct msg_parser_vfuncs parser_vfuncs = {
	.header_done = header_done,
	.body = ignore_body
};

/* boundary: index of our Received. */
static void
read_results(pool_t pool, const buffer_t *message, unsigned int boundary,
	     bool below, struct upstream_results *results_r)
{
	static const char *const ids[] =
		{ "mx.example.org", "filter.example.org", NULL };
	static const char *const domains[] = { "bank.example", NULL };
	const struct upstream_settings set =
		{ .authserv_ids = ids, .below = below };
	const struct author author = { .domains = domains, .single = TRUE };
	const struct msg_header *header = NULL;
	struct identity identity;
	struct msg_parser *parser;

	parser = msg_parser_init(pool, &parser_vfuncs, &header);
	msg_parser_more(parser, message->data, message->used);
	msg_parser_finish(parser);
	i_assert(header != NULL);

	i_zero(&identity);
	identity.mail_from = "bob@bank.example";
	identity.boundary_field = identity.own_field = boundary;
	upstream_results_find(pool, &set, header, &identity, &author,
			      UINT_MAX, results_r);
	msg_parser_deinit(&parser);
}

static bool is_unused(const struct upstream_results *results)
{
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		if (results->authserv_ids[i] != NULL)
			return FALSE;
	}
	return TRUE;
}

/* Nothing below the boundary is ever believed: what stands above it is used
   as it is, or nothing. */
static void
check_stranger(pool_t pool, const unsigned char *data, size_t size)
{
	struct upstream_results results;
	buffer_t *message = buffer_create_dynamic(pool, size + 512);

	buffer_append(message, RECEIVED, strlen(RECEIVED));
	buffer_append(message, data, size);
	read_results(pool, message, 0, FALSE, &results);
	i_assert(is_unused(&results));

	buffer_set_used_size(message, 0);
	buffer_append(message, upstream_field, strlen(upstream_field));
	buffer_append(message, RECEIVED, strlen(RECEIVED));
	buffer_append(message, data, size);
	read_results(pool, message, 1, FALSE, &results);
	if (is_unused(&results)) {
		i_assert(results.reason != NULL);
		return;
	}
	i_assert(results.dmarc == CHECK_RESULT_FAIL);
	i_assert(results.mail_from_spf.result == CHECK_RESULT_FAIL);
	i_assert(array_count(&results.dkim) == 0);
	i_assert(!upstream_results_have(&results, CHECK_METHOD_ARC));
}

static void check_usable(const struct upstream_results *results)
{
	const struct dkim_signature_outcome *signature;

	if (upstream_results_have(results, CHECK_METHOD_SPF)) {
		i_assert(results->mail_from_spf.result !=
			 CHECK_RESULT_TEMPERROR);
		i_assert(results->mail_from_spf.domain != NULL &&
			 results->mail_from_spf.domain[0] != '\0');
	}
	if (upstream_results_have(results, CHECK_METHOD_DKIM)) {
		i_assert(array_count(&results->dkim) <=
			 AUTHRES_MAX_DKIM_SIGNATURES);
		array_foreach(&results->dkim, signature) {
			i_assert(signature->result != CHECK_RESULT_TEMPERROR &&
				 signature->result != CHECK_RESULT_NONE);
			i_assert(signature->result != CHECK_RESULT_PASS ||
				 signature->sdid != NULL);
		}
	}
	if (upstream_results_have(results, CHECK_METHOD_DMARC)) {
		i_assert(results->dmarc == CHECK_RESULT_PASS ||
			 results->dmarc == CHECK_RESULT_FAIL ||
			 results->dmarc == CHECK_RESULT_NONE);
		i_assert(results->dmarc != CHECK_RESULT_FAIL ||
			 (upstream_results_have(results, CHECK_METHOD_SPF) &&
			  upstream_results_have(results, CHECK_METHOD_DKIM)));
	}
}

/* Whatever the filter writes, what is used makes sense. What is believed below
   would be believed above as well. */
static void
check_field(pool_t pool, const unsigned char *data, size_t size)
{
	struct upstream_results above, below;
	buffer_t *message = buffer_create_dynamic(pool, size + 512);

	buffer_append(message, FIELD, strlen(FIELD));
	buffer_append(message, data, size);
	/* one field, without an end of the header in it */
	for (size_t i = strlen(FIELD); i < message->used; i++) {
		unsigned char *p = buffer_get_modifiable_data(message, NULL);

		if (p[i] == '\n')
			p[i] = ' ';
	}
	buffer_append(message, "\r\n", 2);
	buffer_append(message, RECEIVED, strlen(RECEIVED));
	read_results(pool, message, 1, FALSE, &above);
	check_usable(&above);

	buffer_insert(message, 0, RECEIVED, strlen(RECEIVED));
	read_results(pool, message, 0, TRUE, &below);
	check_usable(&below);
	for (unsigned int i = 0; i < CHECK_METHOD_COUNT; i++) {
		i_assert(below.authserv_ids[i] == NULL ||
			 above.authserv_ids[i] != NULL);
	}
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	pool_t pool = pool_alloconly_create("fuzz", 4096);

	T_BEGIN {
		check_stranger(pool, data, size);
		check_field(pool, data, size);
	} T_END;
	pool_unref(&pool);
}
FUZZ_END
