#ifndef MEMORY_RESOLVER_H
#define MEMORY_RESOLVER_H

#include "resolver.h"

/* Answers from records that a test adds one by one, for names that no zone
   file can write. Aliases are followed; a circle of them is temporary. */

struct resolver *memory_resolver_init(void);
/* Everything is duplicated. A name that has anything exists; so does a name
   above it. */
void memory_resolver_add(struct resolver *resolver, const char *name,
			 enum dns_type type, const struct dns_record *record);
void memory_resolver_add_cname(struct resolver *resolver, const char *name,
			       const char *target);
/* Questions for which name has no records are not answered. */
void memory_resolver_add_timeout(struct resolver *resolver, const char *name);
/* The name exists. */
void memory_resolver_add_name(struct resolver *resolver, const char *name);

#endif
