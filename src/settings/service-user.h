#ifndef SERVICE_USER_H
#define SERVICE_USER_H

#include "ipwd.h"

/* The user of our own, which packages make: the verifier's, and nobody
   else's. */
#define AUTHRES_SERVICE_USER "authres"

/* That user if the system has it, else fallback. Asks the system's user
   database. */
static inline const char *authres_service_user(const char *fallback)
{
	struct passwd pw;

	return i_getpwnam(AUTHRES_SERVICE_USER, &pw) > 0 && pw.pw_uid != 0 ?
		AUTHRES_SERVICE_USER : fallback;
}

#endif
