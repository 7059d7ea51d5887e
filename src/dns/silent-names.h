#ifndef SILENT_NAMES_H
#define SILENT_NAMES_H

/* Names whose questions were not answered lately, see resolver-unbound.h. */

struct silent_names;

struct silent_names *silent_names_init(void);
void silent_names_deinit(struct silent_names **names);

/* name: as of dns_name_normalize(). Ignored if it is a top-level domain. */
void silent_names_add(struct silent_names *names, const char *name, time_t now);
/* An answer came for it after all. */
void silent_names_remove(struct silent_names *names, const char *name);
/* TRUE if name or a name above it was added less than
   AUTHRES_DNS_SILENT_SECS ago. */
bool silent_names_have(const struct silent_names *names, const char *name,
		       time_t now);

#endif
