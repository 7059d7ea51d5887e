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
