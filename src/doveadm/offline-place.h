#ifndef OFFLINE_PLACE_H
#define OFFLINE_PLACE_H

struct authres_settings;
struct evaluation_settings;
struct resolver;

/* A process of its own for what reads hostile bytes, without the verifier but
   in its sandbox: the checks of one message (offline-checks.h), questions about
   report destinations (offline-destinations.h), and about a domain
   (offline-domain.h). */

struct offline_place {
	const struct authres_settings *set;
	/* answers DNS; NULL = ask the configured servers */
	const char *zone;
	/* its name, for error messages */
	const char *zone_file_name;
	/* to become when root, and an empty directory to live in */
	const char *user;
	const char *chroot_dir;
	/* the same if we had to make it */
	const char *temp_dir;
};

/* zone_path: a zone file (resolver-zone.h), read to its end; NULL = none. set
   and zone_path must live as long as place_r, the rest is in pool. Returns 0,
   or an exit code of sysexits.h and error_r (data stack). */
int offline_place_init(pool_t pool, const struct authres_settings *set,
		       const char *zone_path, struct offline_place *place_r,
		       const char **error_r);
void offline_place_deinit(struct offline_place *place);

/* fork(), with a socket between both: fd_r is this process's end of it, pid_r 0
   in the child. Returns 0, or -1 and error_r (data stack). */
int offline_place_fork(pid_t *pid_r, int *fd_r, const char **error_r);
/* For the child after that: close every file but keep_fd and stderr, open what
   is needed, become the user and enter the sandbox. The ioloop must be the
   child's own. Wrong settings are warned about. Returns 0, or the exit code the
   child must end with and error_r (data stack). */
int offline_place_enter(const struct offline_place *place, int keep_fd,
			pool_t pool, struct evaluation_settings *set_r,
			struct resolver **resolver_r, const char **error_r);
/* Write "FAIL\treason\n" to fd and end the child with status. */
void offline_place_fail(int fd, int status, const char *reason) ATTR_NORETURN;

#endif
