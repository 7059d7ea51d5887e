#ifndef DOMAIN_WITHIN_H
#define DOMAIN_WITHIN_H

/* TRUE if domain equals parent or ends in "." parent. Both normalized. */
static inline bool ATTR_PURE
domain_is_within(const char *domain, const char *parent)
{
	size_t domain_size = strlen(domain), parent_size = strlen(parent);

	if (domain_size < parent_size)
		return FALSE;
	if (strcmp(domain + (domain_size - parent_size), parent) != 0)
		return FALSE;
	return domain_size == parent_size ||
		(parent_size > 0 &&
		 domain[domain_size - parent_size - 1] == '.');
}

#endif
