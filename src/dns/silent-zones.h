#ifndef SILENT_ZONES_H
#define SILENT_ZONES_H

/* What was not answered lately, see resolver-unbound.h: names, and the zones
   (the last three labels) of several such names. */

struct silent_zones;

struct silent_zones *silent_zones_init(void);
void silent_zones_deinit(struct silent_zones **zones);

/* This name was not answered. name: as of dns_name_normalize(). */
void silent_zones_add(struct silent_zones *zones, const char *name, time_t now);
/* This one was: its zone is not silent. */
void silent_zones_remove(struct silent_zones *zones, const char *name);
/* TRUE if silent_names_have() this name; whole: or if its zone left two names
   without an answer less than AUTHRES_DNS_SILENT_SECS ago. */
bool silent_zones_have(const struct silent_zones *zones, const char *name,
		       bool whole, time_t now);

#endif
