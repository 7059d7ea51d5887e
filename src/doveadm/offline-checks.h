#ifndef OFFLINE_CHECKS_H
#define OFFLINE_CHECKS_H

#include "offline-place.h"

struct verify_request;

/* The checks of one message in a process of their own, without the verifier.
   That process reads all hostile bytes, so it lives in an offline place. */

struct offline_checks {
	struct offline_place place;
	const struct verify_request *request;
};

/* For the child after fork: reads the message from fd up to its end, writes
   the reply of verdict-wire.h, and exits with 0, or after a FAIL line with
   EX_DATAERR when the zone file is wrong, else EX_TEMPFAIL. Closes every other
   file but stderr, which gets warnings, and a line if the message has a
   DomainKeys signature. */
void offline_checks_run(const struct offline_checks *checks, int fd)
	ATTR_NORETURN;

#endif
