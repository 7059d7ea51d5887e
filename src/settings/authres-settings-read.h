#ifndef AUTHRES_SETTINGS_READ_H
#define AUTHRES_SETTINGS_READ_H

#include "authres-settings.h"

struct master_service;

/* Read the settings of all users from Dovecot's configuration, in a process
   that serves no user (the verifier): on 2.3 those of the global plugin { }.
   Needs the configuration socket or file, so call it before privileges are
   dropped. Also initializes Dovecot's own settings of service.
   Returns 0 and fills set_r; errors_r (pool, NULL-terminated) holds a sentence
   for each wrong value and each unknown authres_* name. Returns -1 and error_r
   (data stack) if the configuration could not be read at all. */
int authres_settings_read(pool_t pool, struct master_service *service,
			  struct authres_settings *set_r,
			  const char *const **errors_r, const char **error_r);

#endif
