/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "unichar.h"
#include "authres-limits.h"
#include "tag-list.h"
#include "reference-message.h"
#include "fuzzer.h"

#include <ctype.h>

static const char *t_unfolded(const unsigned char *data, size_t size)
{
	return t_str_trim(t_strndup(data, size), " \t\r\n");
}

static bool is_tag_name(const char *name)
{
	if (!i_isalpha(*name))
		return FALSE;
	for (; *name != '\0'; name++) {
		if (!i_isalnum(*name) && *name != '_')
			return FALSE;
	}
	return TRUE;
}

/* Is this what RFC 6376 section 3.2 and RFC 8616 call a tag list? Line ends
   within one are CRLF. */
static bool is_tag_list(const unsigned char *data, size_t size)
{
	const char *text, *const *list, *equals, *p;
	string_t *names = t_str_new(size + 2);
	unsigned int count = 0;

	if (memchr(data, '\0', size) != NULL)
		return FALSE;
	text = t_strndup(data, size);
	str_append_c(names, ';');
	for (list = t_strsplit(text, ";"); *list != NULL; list++) {
		for (p = *list; *p != '\0'; p++) {
			if (p[0] == '\r' && p[1] == '\n')
				p++;
			else if ((unsigned char)*p < ' ' && *p != '\t')
				return FALSE;
			else if (*p == 0x7f)
				return FALSE;
		}
		if (!uni_utf8_str_is_valid(*list))
			return FALSE;
		/* behind the last semicolon nothing need follow */
		if (*t_str_trim(*list, " \t\r\n") == '\0' &&
		    list[1] == NULL && count > 0)
			break;
		equals = strchr(*list, '=');
		if (equals == NULL)
			return FALSE;
		p = t_str_trim(t_strdup_until(*list, equals), " \t\r\n");
		if (!is_tag_name(p) || ++count > AUTHRES_MAX_TAGS ||
		    strstr(str_c(names), t_strconcat(";", p, ";", NULL)) != NULL)
			return FALSE;
		str_printfa(names, "%s;", p);
	}
	return count > 0;
}

static void check_tag(const ARRAY_TYPE(tag) *tags, const struct tag *tag,
		      const unsigned char *data, size_t size)
{
	const char *compact = t_tag_list_compact(tags, tag->name);
	size_t offset, value_size, end;

	i_assert(is_tag_name(tag->name));
	/* no name stands twice */
	i_assert(tag_list_find(tags, tag->name) == tag);
	i_assert(tag->value_offset <= size &&
		 tag->value_size <= size - tag->value_offset);
	end = tag->value_offset + tag->value_size;
	i_assert(end == size || data[end] == ';');
	i_assert(tag->value_offset > 0 && data[tag->value_offset - 1] == '=');
	i_assert(reference_tag_find(data, size, tag->name, &offset,
				    &value_size));
	i_assert(offset == tag->value_offset);
	i_assert(value_size == tag->value_size);
	i_assert(strcmp(t_unfolded(data + offset, value_size),
			tag->value) == 0);
	i_assert(strpbrk(compact, " \t\r\n") == NULL);
	i_assert(strlen(compact) <= strlen(tag->value));
}

/* What was read says the same when it is written and read again. */
static void check_round_trip(pool_t pool, const ARRAY_TYPE(tag) *tags)
{
	ARRAY_TYPE(tag) again;
	string_t *text = t_str_new(256);
	const struct tag *tag, *other;
	const char *error;

	array_foreach(tags, tag)
		str_printfa(text, "%s=%s;", tag->name, tag->value);
	if (tag_list_parse(pool, str_data(text), str_len(text),
			   &again, &error) < 0)
		i_panic("%s: %s", error, str_c(text));
	i_assert(array_count(&again) == array_count(tags));
	array_foreach(tags, tag) {
		other = tag_list_find(&again, tag->name);
		i_assert(other != NULL &&
			 strcmp(other->value, tag->value) == 0);
	}
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	ARRAY_TYPE(tag) tags;
	const struct tag *tag;
	const char *error = NULL;
	int ret;

	ret = tag_list_parse(pool, data, size, &tags, &error);
	i_assert((ret == 0) == (error == NULL));
	i_assert((ret == 0) == is_tag_list(data, size));
	i_assert(array_count(&tags) <= AUTHRES_MAX_TAGS);
	if (ret == 0) {
		array_foreach(&tags, tag) T_BEGIN {
			check_tag(&tags, tag, data, size);
		} T_END;
		check_round_trip(pool, &tags);
	}
	pool_unref(&pool);
}
FUZZ_END
