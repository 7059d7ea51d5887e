/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "istream.h"
#include "ipwd.h"
#include "str.h"
#include "str-sanitize.h"
#include "strescape.h"
#include "restrict-process-size.h"
#include "write-full.h"
#include "doveadm.h"
#include "doveadm-settings.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "service-user.h"
#include "sandbox.h"
#include "resolver.h"
#include "resolver-unbound.h"
#include "resolver-zone.h"
#include "evaluation-settings.h"
#include "offline-place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sysexits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define OFFLINE_MAX_ZONE_BYTES (16 * 1024 * 1024)
#define OFFLINE_USER "dovenull"

static int
offline_zone_open(const char *path, int *fd_r, const char **error_r)
{
	struct stat st;

	*fd_r = open(path, O_RDONLY);
	if (*fd_r == -1)
		*error_r = t_strdup_printf("%s: open() failed: %m", path);
	else if (fstat(*fd_r, &st) < 0)
		*error_r = t_strdup_printf("%s: fstat() failed: %m", path);
	else if (S_ISDIR(st.st_mode))
		*error_r = t_strdup_printf("%s: Is a directory", path);
	else
		return 0;
	i_close_fd(fd_r);
	return EX_DATAERR;
}

static int
offline_zone_read(pool_t pool, struct offline_place *place,
		  const char **error_r)
{
	const char *path = place->zone_file_name;
	struct istream *input;
	const unsigned char *data;
	buffer_t *zone;
	size_t size;
	int fd, ret;

	if ((ret = offline_zone_open(path, &fd, error_r)) != 0)
		return ret;
	ret = EX_DATAERR;
	zone = buffer_create_dynamic(pool, 4096);
	input = i_stream_create_fd_autoclose(&fd, IO_BLOCK_SIZE);
	while (i_stream_read_more(input, &data, &size) > 0) {
		if (size > OFFLINE_MAX_ZONE_BYTES - zone->used)
			break;
		buffer_append(zone, data, size);
		i_stream_skip(input, size);
	}
	if (input->stream_errno != 0)
		*error_r = t_strdup_printf("%s: %s", path,
					   i_stream_get_error(input));
	else if (i_stream_get_data_size(input) > 0)
		*error_r = t_strdup_printf("%s: Zone file is larger than %d "
			"bytes", path, OFFLINE_MAX_ZONE_BYTES);
	else if (memchr(zone->data, '\0', zone->used) != NULL)
		*error_r = t_strdup_printf("%s: Zone file has a NUL byte",
					   path);
	else
		ret = 0;
	i_stream_unref(&input);
	buffer_append_c(zone, '\0');
	place->zone = zone->data;
	return ret;
}

/* The directory in which the verifier lives, too. Without a running Dovecot it
   may be missing. */
static int offline_chroot_dir(pool_t pool, struct offline_place *place,
			      const char **error_r)
{
	char *dir;

	place->chroot_dir = p_strconcat(pool, doveadm_settings->base_dir,
					"/empty", NULL);
	if (geteuid() != 0 || access(place->chroot_dir, X_OK) == 0)
		return 0;
	dir = p_strconcat(pool, doveadm_settings->mail_temp_dir,
			  "/dovecot.doveadm.XXXXXX", NULL);
	if (mkdtemp(dir) == NULL) {
		*error_r = t_strdup_printf("mkdtemp(%s) failed: %m", dir);
		return EX_TEMPFAIL;
	}
	place->chroot_dir = place->temp_dir = dir;
	return 0;
}

/* Where there is no user of our own: the login processes', or where Dovecot is
   not set up, what every system has. */
static const char *offline_user(void)
{
	struct passwd pw;

	return i_getpwnam(OFFLINE_USER, &pw) > 0 ? OFFLINE_USER : "nobody";
}

int offline_place_init(pool_t pool, const struct authres_settings *set,
		       const char *zone_path, struct offline_place *place_r,
		       const char **error_r)
{
	int ret;

	i_zero(place_r);
	place_r->set = set;
	place_r->user = authres_service_user(offline_user());
	place_r->zone_file_name = zone_path;
	if (zone_path != NULL &&
	    (ret = offline_zone_read(pool, place_r, error_r)) != 0)
		return ret;
	return offline_chroot_dir(pool, place_r, error_r);
}

void offline_place_deinit(struct offline_place *place)
{
	if (place->temp_dir != NULL && rmdir(place->temp_dir) < 0)
		i_error("rmdir(%s) failed: %m", place->temp_dir);
	place->temp_dir = NULL;
}

void offline_place_fail(int fd, int status, const char *reason)
{
	string_t *line = t_str_new(256);

	str_append(line, "FAIL\t");
	str_append_tabescaped(line, str_sanitize(reason, 512));
	str_append_c(line, '\n');
	(void)write_full(fd, str_data(line), str_len(line));
	_exit(status);
}

int offline_place_fork(pid_t *pid_r, int *fd_r, const char **error_r)
{
	int fds[2], own;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0) {
		*error_r = t_strdup_printf("socketpair() failed: %m");
		return -1;
	}
	*pid_r = fork();
	if (*pid_r == (pid_t)-1) {
		*error_r = t_strdup_printf("fork() failed: %m");
		i_close_fd(&fds[0]);
		i_close_fd(&fds[1]);
		return -1;
	}
	own = *pid_r == 0 ? 1 : 0;
	i_close_fd(&fds[1 - own]);
	*fd_r = fds[own];
	return 0;
}

/* Nothing of doveadm's stays open: not its connections, not its input. */
static int offline_close_files(int keep_fd, const char **error_r)
{
	rlim_t limit;
	int null_fd;

	if (restrict_get_fd_limit(&limit) < 0 || limit > 65536)
		limit = 65536;
	for (int fd = STDERR_FILENO + 1; fd < (int)limit; fd++) {
		if (fd != keep_fd)
			(void)close(fd);
	}
	null_fd = open("/dev/null", O_RDWR);
	if (null_fd == -1 || dup2(null_fd, STDIN_FILENO) < 0 ||
	    dup2(null_fd, STDOUT_FILENO) < 0) {
		*error_r = "Can't open /dev/null";
		return -1;
	}
	(void)close(null_fd);
	return 0;
}

/* All that needs files. Wrong settings were reported by doveadm already, or
   are now; their defaults are used, as the verifier does. */
static int
offline_open_files(const struct offline_place *place, pool_t pool,
		   struct evaluation_settings *set_r,
		   struct resolver **resolver_r, const char **error_r)
{
	struct resolver_unbound_settings resolver_set;
	const char *const *errors;

	(void)evaluation_settings_init(pool, place->set, set_r, &errors);
	for (; *errors != NULL; errors++)
		i_warning("%s", *errors);
	if (place->zone != NULL)
		return 0;

	(void)evaluation_settings_resolver(pool, place->set, &resolver_set,
					   &errors);
	for (; *errors != NULL; errors++)
		i_warning("%s", *errors);
	return resolver_unbound_init(&resolver_set, resolver_r, error_r);
}

static int
offline_enter_sandbox(const struct offline_place *place, const char **error_r)
{
	struct sandbox_state state;

	if (sandbox_drop_root(place->user, place->chroot_dir, error_r) < 0)
		return -1;
	if (sandbox_enter(AUTHRES_MAX_OPEN_FILES, place->set->seccomp,
			  &state, error_r) < 0) {
		/* as in the verifier: what the kernel does not have is no
		   reason not to work, the rest is */
		if (!state.limits)
			return -1;
		i_warning("%s", *error_r);
	}
	return 0;
}

int offline_place_enter(const struct offline_place *place, int keep_fd,
			pool_t pool, struct evaluation_settings *set_r,
			struct resolver **resolver_r, const char **error_r)
{
	if (offline_close_files(keep_fd, error_r) < 0 ||
	    offline_open_files(place, pool, set_r, resolver_r, error_r) < 0 ||
	    offline_enter_sandbox(place, error_r) < 0)
		return EX_TEMPFAIL;
	if (place->zone != NULL &&
	    resolver_zone_init(place->zone, place->zone_file_name, resolver_r,
			       error_r) < 0)
		return EX_DATAERR;
	return 0;
}
