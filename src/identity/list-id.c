/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "msg-parser.h"
#include "domain-name.h"
#include "list-id.h"

/* Returns the byte behind the closing quote, NULL = there is none. */
static const char *skip_quoted(const char *p)
{
	for (p++; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			return p + 1;
	}
	return NULL;
}

static const char *skip_comment(const char *p)
{
	size_t depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return NULL;
}

/* What stands between < and >, NULL unless there is exactly one such pair and
   nothing but comments behind it: readers must not differ in which they
   take. */
static const char *t_list_id_angle(const char *p)
{
	const char *id = NULL;
	size_t size;

	while (p != NULL && *p != '\0') {
		if (*p == '(') {
			p = skip_comment(p);
			continue;
		}
		if (*p == ' ' || *p == '\t') {
			p++;
			continue;
		}
		if (id != NULL || *p == '>')
			return NULL;
		if (*p == '"') {
			p = skip_quoted(p);
		} else if (*p == '<') {
			size = strcspn(++p, "<>");
			if (p[size] != '>')
				return NULL;
			id = t_strndup(p, size);
			p += size + 1;
		} else {
			p++;
		}
	}
	return p == NULL ? NULL : id;
}

static const char *
list_id_parse(pool_t pool, const struct msg_field *field)
{
	const char *id, *domain, *error;

	id = t_list_id_angle(t_msg_field_value(field));
	if (id == NULL ||
	    domain_to_ascii(t_str_trim(id, " \t"), &domain, &error) < 0 ||
	    domain_label_count(domain) < 2)
		return NULL;
	return p_strdup(pool, domain);
}

const char *list_id_find(pool_t pool, const struct msg_header *header)
{
	const struct msg_field *field = msg_header_find(header, "List-Id", 0);
	const char *domain;

	if (field == NULL || header->limit_reason != NULL ||
	    msg_header_find(header, "List-Id", 1) != NULL)
		return NULL;
	T_BEGIN {
		domain = list_id_parse(pool, field);
	} T_END;
	return domain;
}
