/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "istream.h"
#include "str-prefix.h"
#include "config-place.h"

#include <glob.h>

#define CONFIG_MAX_LINE_BYTES (64 * 1024)
#define CONFIG_MAX_INCLUDE_DEPTH 16
#define INCLUDE "!include"
#define INCLUDE_TRY "!include_try"

struct config_search {
	const char *key, *word;
	unsigned int depth;

	const char *place;
	/* place has the word, too */
	bool found;
};

static void search_file(struct config_search *search, const char *path);

static void
search_pattern(struct config_search *search, const char *path,
	       const char *pattern)
{
	const char *slash = strrchr(path, '/');
	glob_t files;
	size_t i;

	if (*pattern != '/' && slash != NULL) {
		pattern = t_strconcat(t_strdup_until(path, slash + 1), pattern,
				      NULL);
	}
	if (glob(pattern, GLOB_BRACE, NULL, &files) != 0)
		return;
	for (i = 0; i < files.gl_pathc && !search->found; i++)
		search_file(search, files.gl_pathv[i]);
	globfree(&files);
}

/* What follows "key =" or "key {", or NULL if the line is of another key. */
static const char *line_value(const char *line, const char *key)
{
	if (!str_has_prefix(line, key))
		return NULL;
	line += strlen(key);
	line += strspn(line, " \t");
	return *line == '=' || *line == '{' ? line : NULL;
}

static bool
search_line(struct config_search *search, const char *path,
	    const char *line, bool *in_block)
{
	const char *value;

	if (*in_block) {
		*in_block = *line != '}';
		value = line;
		if (strstr(line, search->word) == NULL)
			return FALSE;
	} else if (str_has_prefix(line, INCLUDE)) {
		line += str_has_prefix(line, INCLUDE_TRY) ?
			strlen(INCLUDE_TRY) : strlen(INCLUDE);
		search_pattern(search, path, line + strspn(line, " \t"));
		return FALSE;
	} else {
		value = line_value(line, search->key);
		if (value == NULL)
			return FALSE;
		*in_block = *value == '{';
	}
	search->found = strstr(value, search->word) != NULL;
	return TRUE;
}

static void search_file(struct config_search *search, const char *path)
{
	struct istream *input;
	const char *line;
	unsigned int linenum = 0;
	bool in_block = FALSE;

	if (search->depth == CONFIG_MAX_INCLUDE_DEPTH)
		return;
	search->depth++;
	input = i_stream_create_file(path, CONFIG_MAX_LINE_BYTES);
	i_stream_set_return_partial_line(input, TRUE);
	while (!search->found &&
	       (line = i_stream_read_next_line(input)) != NULL) {
		linenum++;
		line += strspn(line, " \t");
		if (search_line(search, path, line, &in_block)) {
			search->place = t_strdup_printf("%s line %u", path,
							linenum);
		}
	}
	i_stream_unref(&input);
	search->depth--;
}

bool config_place_find(const char *path, const char *key, const char *word,
		       const char **place_r)
{
	struct config_search search = { .key = key, .word = word };

	search_file(&search, path);
	*place_r = search.place;
	return search.place != NULL;
}
