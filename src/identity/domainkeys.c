/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "tag-list.h"
#include "domain-name.h"
#include "msg-parser.h"
#include "domainkeys.h"

const char *t_domainkeys_domain(const char *value)
{
	ARRAY_TYPE(tag) tags;
	const char *domain, *error;
	char *p;

	value = p = t_strdup_noconst(value);
	for (; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			return NULL;
		/* readers of mailboxes unfold in several ways */
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	}
	if (tag_list_parse(pool_datastack_create(),
			   (const unsigned char *)value, strlen(value), &tags,
			   &error) < 0)
		return NULL;
	domain = t_tag_list_compact(&tags, "d");
	if (domain == NULL || domain_to_ascii(domain, &domain, &error) < 0 ||
	    domain_label_count(domain) < 2)
		return NULL;
	return domain;
}

bool domainkeys_find(const struct msg_header *header, const char **domain_r)
{
	const struct msg_field *field =
		msg_header_find(header, DOMAINKEYS_FIELD_NAME, 0);

	if (field == NULL)
		return FALSE;
	*domain_r = t_domainkeys_domain(t_msg_field_value(field));
	return TRUE;
}
