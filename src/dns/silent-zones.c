/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "silent-names.h"
#include "silent-zones.h"

#define SILENT_ZONE_LABELS 3

struct silent_zones {
	struct silent_names *names;
	/* zones by how often */
	struct silent_names *once, *twice;
};

struct silent_zones *silent_zones_init(void)
{
	struct silent_zones *zones = i_new(struct silent_zones, 1);

	zones->names = silent_names_init();
	zones->once = silent_names_init();
	zones->twice = silent_names_init();
	return zones;
}

void silent_zones_deinit(struct silent_zones **_zones)
{
	struct silent_zones *zones = *_zones;

	*_zones = NULL;
	silent_names_deinit(&zones->names);
	silent_names_deinit(&zones->once);
	silent_names_deinit(&zones->twice);
	i_free(zones);
}

/* The last three labels; NULL if there are fewer, for these may be everybody's
   ("co.uk"). */
static const char *silent_zone(const char *name)
{
	const char *p = name + strlen(name);
	unsigned int dots = 0;

	while (p > name) {
		if (p[-1] == '.' && ++dots == SILENT_ZONE_LABELS)
			return p;
		p--;
	}
	return dots + 1 == SILENT_ZONE_LABELS ? name : NULL;
}

void silent_zones_add(struct silent_zones *zones, const char *name, time_t now)
{
	const char *zone = silent_zone(name);

	if (zone != NULL && !silent_names_have(zones->names, name, now)) {
		silent_names_add(silent_names_have(zones->once, zone, now) ?
				 zones->twice : zones->once, zone, now);
	}
	silent_names_add(zones->names, name, now);
}

void silent_zones_remove(struct silent_zones *zones, const char *name)
{
	const char *zone = silent_zone(name);

	silent_names_remove(zones->names, name);
	if (zone != NULL) {
		silent_names_remove(zones->once, zone);
		silent_names_remove(zones->twice, zone);
	}
}

bool silent_zones_have(const struct silent_zones *zones, const char *name,
		       bool whole, time_t now)
{
	return silent_names_have(zones->names, name, now) ||
		(whole && silent_names_have(zones->twice, name, now));
}
