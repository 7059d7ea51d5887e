/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "spf-record.h"
#include "engine-libspf2.h"

/* The library asks for the explanation of every fail only if the record has
   one; the name is never asked for. */
#define ENGINE_LIBSPF2_EXP " exp=explanation.invalid"

static bool engine_libspf2_macro_is_safe(const struct spf_macro *macro)
{
	unsigned int i, count = 0;

	for (i = 0; i < macro->part_count; i++) {
		const struct spf_macro_part *part = &macro->parts[i];

		if (part->letter == '\0')
			continue;
		/* hostile input */
		if (part->reverse && part->url_escape)
			return FALSE;
		count++;
	}
	return count <= ENGINE_LIBSPF2_MAX_TERM_MACROS;
}

static bool
engine_libspf2_render_term(const char *prefix, const char *text,
			   const struct spf_macro *macro, string_t *dest)
{
	if (strlen(text) > ENGINE_LIBSPF2_MAX_TERM_BYTES ||
	    !engine_libspf2_macro_is_safe(macro))
		return FALSE;
	str_append_c(dest, ' ');
	str_append(dest, prefix);
	str_append(dest, text);
	return TRUE;
}

static const char *engine_libspf2_qualifier(enum check_result_word result)
{
	switch (result) {
	case CHECK_RESULT_FAIL:
		return "-";
	case CHECK_RESULT_SOFTFAIL:
		return "~";
	case CHECK_RESULT_NEUTRAL:
		return "?";
	default:
		return "+";
	}
}

bool engine_libspf2_render_record(const unsigned char *text, size_t size,
				  string_t *dest)
{
	const struct spf_directive *directive;
	struct spf_record record;
	const char *error;
	bool safe = TRUE;
	pool_t pool;

	if (size > ENGINE_LIBSPF2_MAX_RECORD_BYTES)
		return FALSE;
	pool = pool_alloconly_create("libspf2 record", 2048);
	str_append(dest, "v=spf1");
	safe = spf_record_parse(pool, text, size, &record, &error) == 0;
	if (safe) {
		array_foreach(&record.directives, directive) {
			safe = safe && engine_libspf2_render_term(
				engine_libspf2_qualifier(directive->result),
				directive->text, &directive->target, dest);
		}
		if (record.redirect_text != NULL) {
			safe = safe && engine_libspf2_render_term("",
				record.redirect_text, &record.redirect, dest);
		}
	}
	str_append(dest, ENGINE_LIBSPF2_EXP);
	pool_unref(&pool);
	return safe;
}
