/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "domain-name.h"

#include <ctype.h>
#include <idn2.h>

/* A U-label of four-byte characters can be longer than its A-label. */
#define MAX_U_LABEL_DOMAIN_BYTES (4 * AUTHRES_MAX_DOMAIN_BYTES)

static bool domain_is_ascii(const char *domain)
{
	for (; *domain != '\0'; domain++) {
		if ((unsigned char)*domain >= 0x80)
			return FALSE;
	}
	return TRUE;
}

static int domain_check_labels(const char *domain, const char **error_r)
{
	const char *p, *label = domain;

	for (p = domain;; p++) {
		if (*p == '.' || *p == '\0') {
			if (p == label) {
				*error_r = "domain has an empty label";
				return -1;
			}
			if (p - label > AUTHRES_MAX_LABEL_BYTES) {
				*error_r = "domain has a label "
					"longer than 63 bytes";
				return -1;
			}
			if (*p == '\0')
				break;
			label = p + 1;
		} else if (!i_isalnum(*p) && *p != '-' && *p != '_') {
			*error_r = "domain has a byte that is not allowed";
			return -1;
		}
	}
	if (p - domain > AUTHRES_MAX_DOMAIN_BYTES) {
		*error_r = "domain is longer than 253 bytes";
		return -1;
	}
	return 0;
}

static int
domain_convert(const char *domain, const char **domain_r, const char **error_r)
{
	uint8_t *a_labels;
	int ret;

	ret = idn2_lookup_u8((const uint8_t *)domain, &a_labels,
			     IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (ret != IDN2_OK) {
		*error_r = t_strdup_printf("domain is not valid IDNA: %s",
					   idn2_strerror(ret));
		return -1;
	}
	*domain_r = t_strdup((const char *)a_labels);
	idn2_free(a_labels);
	return 0;
}

int domain_to_ascii(const char *domain, const char **domain_r,
		    const char **error_r)
{
	size_t size = strlen(domain);

	if (size == 0) {
		*error_r = "domain is empty";
		return -1;
	}
	if (domain[0] == '[') {
		*error_r = "domain is an address literal";
		return -1;
	}
	if (size > MAX_U_LABEL_DOMAIN_BYTES) {
		*error_r = "domain is longer than 253 bytes";
		return -1;
	}
	if (!domain_is_ascii(domain) &&
	    domain_convert(domain, &domain, error_r) < 0)
		return -1;

	/* Only after the conversion, which has other dots as well. */
	size = strlen(domain);
	if (size > 1 && domain[size - 1] == '.')
		domain = t_strndup(domain, size - 1);
	if (domain_check_labels(domain, error_r) < 0)
		return -1;
	*domain_r = t_str_lcase(domain);
	return 0;
}

static const char *t_label_to_unicode(const char *label)
{
	const char *unicode;
	size_t size = strlen(label);
	char *u_label;

	if (strncmp(label, "xn--", 4) != 0)
		return label;
	/* libidn2 refuses what stands for ASCII, others do not */
	if (size > 5 && label[size - 1] == '-')
		return t_strndup(label + 4, size - 5);
	if (idn2_to_unicode_8z8z(label, &u_label, 0) != IDN2_OK)
		return label;
	unicode = t_strdup(u_label);
	idn2_free(u_label);
	return unicode;
}

const char *t_domain_to_unicode(const char *domain)
{
	const char *const *label = t_strsplit(domain, ".");
	string_t *str = t_str_new(128);

	for (; *label != NULL; label++) {
		str_append(str, t_label_to_unicode(*label));
		if (label[1] != NULL)
			str_append_c(str, '.');
	}
	return str_c(str);
}

unsigned int domain_label_count(const char *domain)
{
	unsigned int count = 1;

	if (*domain == '\0')
		return 0;
	for (; *domain != '\0'; domain++) {
		if (*domain == '.')
			count++;
	}
	return count;
}

const char *domain_last_labels(const char *domain, unsigned int n)
{
	const char *p = domain + strlen(domain);

	if (n == 0)
		return p;
	for (; p > domain; p--) {
		if (p[-1] == '.' && --n == 0)
			return p;
	}
	return domain;
}

bool domain_may_align(const char *domain, const char *const *domains)
{
	const char *end = domain_last_labels(domain, 2);

	for (; *domains != NULL; domains++) {
		if (strcmp(domain_last_labels(*domains, 2), end) == 0)
			return TRUE;
	}
	return FALSE;
}
