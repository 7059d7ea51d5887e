#ifndef OFFLINE_CHECKS_H
#define OFFLINE_CHECKS_H

struct authres_settings;
struct verify_request;

/* The checks of one message in a process of their own, without the verifier.
   That process reads all hostile bytes, so it lives in the verifier's
   sandbox. */

struct offline_checks {
	const struct authres_settings *set;
	const struct verify_request *request;
	/* answers DNS; NULL = ask the configured servers */
	const char *zone;
	/* its name, for error messages */
	const char *zone_file_name;
	/* to become when root, and an empty directory to live in */
	const char *user;
	const char *chroot_dir;
};

/* For the child after fork: reads the message from fd up to its end, writes
   the reply of verdict-wire.h, and exits with 0, or after a FAIL line with
   EX_DATAERR when the zone file is wrong, else EX_TEMPFAIL. Closes every other
   file but stderr, which gets warnings, and a line if the message has a
   DomainKeys signature. */
void offline_checks_run(const struct offline_checks *checks, int fd)
	ATTR_NORETURN;

#endif
