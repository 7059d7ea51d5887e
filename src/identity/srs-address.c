/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "domain-name.h"
#include "srs-address.h"

#define MICROSOFT_PREFIX "+SRS="

static bool is_separator(char c)
{
	return c == '=' || c == '+' || c == '-';
}

/* Returns what stands behind "part=", NULL = part is empty or missing. */
static const char *skip_part(const char *p)
{
	const char *end = strchr(p, '=');

	return end == NULL || end == p ? NULL : end + 1;
}

/* Returns "hash=time=domain=local-part", NULL = it is not rewritten. */
static const char *srs_payload(const char *local_part)
{
	const char *p;

	if (strncasecmp(local_part, "SRS0", 4) == 0 &&
	    is_separator(local_part[4]))
		return local_part + 5;
	if (strncasecmp(local_part, "SRS1", 4) == 0 &&
	    is_separator(local_part[4])) {
		p = skip_part(local_part + 5);
		if (p != NULL)
			p = skip_part(p);
		return p != NULL && is_separator(*p) ? p + 1 : NULL;
	}
	p = strstr(local_part, MICROSOFT_PREFIX);
	return p == NULL ? NULL : p + strlen(MICROSOFT_PREFIX);
}

/* "SRS1=hash=first-forwarder==hash=time=domain=local-part": the SRS0 address
   that the second forwarder was given. NULL = it is none. */
static const char *t_srs1_sender(const char *local_part)
{
	const char *forwarder, *end, *domain, *error;

	if (strncasecmp(local_part, "SRS1", 4) != 0 ||
	    !is_separator(local_part[4]))
		return NULL;
	forwarder = skip_part(local_part + 5);
	end = forwarder == NULL ? NULL : strchr(forwarder, '=');
	if (end == NULL || !is_separator(end[1]) ||
	    domain_to_ascii(t_strdup_until(forwarder, end), &domain,
			    &error) < 0)
		return NULL;
	return t_strdup_printf("SRS0%s@%s", end + 1, domain);
}

const char *t_srs_sender(const char *mail_from)
{
	const char *at = strrchr(mail_from, '@'), *p, *domain, *sender;

	domain = t_srs_sender_domain(mail_from);
	if (domain == NULL)
		return NULL;
	p = t_strdup_until(mail_from, at);
	sender = t_srs1_sender(p);
	if (sender != NULL)
		return sender;
	p = strchr(skip_part(skip_part(srs_payload(p))), '=');
	return t_strdup_printf("%s@%s", p + 1, domain);
}

const char *t_srs_sender_domain(const char *mail_from)
{
	const char *at = strrchr(mail_from, '@'), *p, *end, *domain, *error;

	if (at == NULL)
		return NULL;
	p = srs_payload(t_strdup_until(mail_from, at));
	if (p != NULL)
		p = skip_part(p);
	if (p != NULL)
		p = skip_part(p);
	end = p == NULL ? NULL : strchr(p, '=');
	if (end == NULL || end[1] == '\0' ||
	    domain_to_ascii(t_strdup_until(p, end), &domain, &error) < 0 ||
	    domain_label_count(domain) < 2)
		return NULL;
	return domain;
}
