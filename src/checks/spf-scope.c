/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "spf-record.h"
#include "spf-scope.h"

#include <ctype.h>

#define SPF2_PREFIX "spf2."

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), which any scope is. */
static size_t scope_name_size(const unsigned char *p, const unsigned char *end)
{
	const unsigned char *start = p;

	if (p == end || !i_isalpha(*p))
		return 0;
	while (p < end && (i_isalnum(*p) || *p == '-' || *p == '_' ||
			   *p == '.'))
		p++;
	return p - start;
}

size_t spf_scope_version_size(const unsigned char *text, size_t size,
			      const char *scope)
{
	const unsigned char *p = text, *end, *digits;
	size_t name_size;
	bool found = FALSE;

	end = memchr(text, ' ', size);
	if (end == NULL)
		end = text + size;
	if ((size_t)(end - p) < strlen(SPF2_PREFIX) ||
	    i_memcasecmp(p, SPF2_PREFIX, strlen(SPF2_PREFIX)) != 0)
		return 0;
	digits = p += strlen(SPF2_PREFIX);
	while (p < end && i_isdigit(*p))
		p++;
	if (p == digits || p == end || *p != '/')
		return 0;
	do {
		name_size = scope_name_size(++p, end);
		if (name_size == 0)
			return 0;
		if (name_size == strlen(scope) &&
		    i_memcasecmp(p, scope, name_size) == 0)
			found = TRUE;
		p += name_size;
	} while (p < end && *p == ',');
	return found && p == end ? p - text : 0;
}

int spf_select_record(const struct dns_answer *answer, const char *scope,
		      struct spf_selection *selection_r)
{
	struct spf_selection spf1 = { .version = "v=spf1" };
	struct spf_selection spf2 = { .version = "spf2.0" };
	unsigned int spf1_count = 0, spf2_count = 0, count;
	const struct dns_record *record;
	size_t version_size;

	array_foreach(&answer->records, record) {
		if (spf_record_has_version(record->text, record->text_size)) {
			spf1.record = record;
			spf1.version_size = strlen(spf1.version);
			spf1_count++;
			continue;
		}
		if (scope == NULL)
			continue;
		version_size = spf_scope_version_size(record->text,
						      record->text_size, scope);
		if (version_size > 0) {
			spf2.record = record;
			spf2.version_size = version_size;
			spf2_count++;
		}
	}
	*selection_r = spf2_count > 0 ? spf2 : spf1;
	count = spf2_count > 0 ? spf2_count : spf1_count;
	return count > 1 ? -1 : (int)count;
}
