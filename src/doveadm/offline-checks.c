/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "fd-util.h"
#include "str.h"
#include "str-sanitize.h"
#include "strescape.h"
#include "restrict-process-size.h"
#include "write-full.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "sandbox.h"
#include "verdict-wire.h"
#include "domainkeys.h"
#include "phrases.h"
#include "resolver.h"
#include "resolver-unbound.h"
#include "resolver-zone.h"
#include "evaluation-settings.h"
#include "offline-checks.h"

#include <fcntl.h>
#include <unistd.h>
#include <sysexits.h>

struct offline_run {
	const struct offline_checks *checks;
	int fd;
	pool_t pool;
	struct ioloop *ioloop;
	struct io *io;

	struct evaluation_settings set;
	struct resolver *resolver;
	struct evaluation *evaluation;
};

static void ATTR_NORETURN
offline_fail(struct offline_run *run, int status, const char *reason)
{
	string_t *line = t_str_new(256);

	str_append(line, "FAIL\t");
	str_append_tabescaped(line, str_sanitize(reason, 512));
	str_append_c(line, '\n');
	(void)write_full(run->fd, str_data(line), str_len(line));
	_exit(status);
}

/* Nothing of doveadm's stays open: not its connections, not its input. */
static void offline_close_files(struct offline_run *run)
{
	rlim_t limit;
	int null_fd;

	if (restrict_get_fd_limit(&limit) < 0 || limit > 65536)
		limit = 65536;
	for (int fd = STDERR_FILENO + 1; fd < (int)limit; fd++) {
		if (fd != run->fd)
			(void)close(fd);
	}
	null_fd = open("/dev/null", O_RDWR);
	if (null_fd == -1 || dup2(null_fd, STDIN_FILENO) < 0 ||
	    dup2(null_fd, STDOUT_FILENO) < 0)
		offline_fail(run, EX_TEMPFAIL, "Can't open /dev/null");
	(void)close(null_fd);
}

/* All that needs files. Wrong settings were reported by doveadm already, or
   are now; their defaults are used, as the verifier does. */
static void offline_open_files(struct offline_run *run)
{
	struct resolver_unbound_settings resolver_set;
	const char *const *errors, *error;

	(void)evaluation_settings_init(run->pool, run->checks->set, &run->set,
				       &errors);
	for (; *errors != NULL; errors++)
		i_warning("%s", *errors);
	if (run->checks->zone != NULL)
		return;

	(void)evaluation_settings_resolver(run->pool, run->checks->set,
					   &resolver_set, &errors);
	for (; *errors != NULL; errors++)
		i_warning("%s", *errors);
	if (resolver_unbound_init(&resolver_set, &run->resolver, &error) < 0)
		offline_fail(run, EX_TEMPFAIL, error);
}

static void offline_enter_sandbox(struct offline_run *run)
{
	struct sandbox_state state;
	const char *error;

	if (sandbox_drop_root(run->checks->user, run->checks->chroot_dir,
			      &error) < 0)
		offline_fail(run, EX_TEMPFAIL, error);
	if (sandbox_enter(AUTHRES_MAX_OPEN_FILES, run->checks->set->seccomp,
			  &state, &error) < 0) {
		/* as in the verifier: what the kernel does not have is no
		   reason not to work, the rest is */
		if (!state.limits)
			offline_fail(run, EX_TEMPFAIL, error);
		i_warning("%s", error);
	}
}

/* For people who expect its result. */
static void offline_notice_domainkeys(struct offline_run *run)
{
	const struct msg_header *header =
		evaluation_get_header(run->evaluation);
	const char *domain;

	if (header != NULL && domainkeys_find(header, &domain))
		i_info("authres verify: %s", t_phrase_domainkeys(domain));
}

static void offline_decided(const struct verdict *verdict, void *context)
{
	struct offline_run *run = context;
	string_t *reply = t_str_new(1024);

	if (verdict->unjudged)
		offline_fail(run, EX_TEMPFAIL,
			     "The header did not come in time");
	offline_notice_domainkeys(run);
	verdict_encode(verdict, reply);
	if (write_full(run->fd, str_data(reply), str_len(reply)) < 0)
		_exit(EX_TEMPFAIL);
	_exit(0);
}

static void offline_input(struct offline_run *run)
{
	unsigned char buf[8192];
	ssize_t ret = read(run->fd, buf, sizeof(buf));

	if (ret > 0)
		evaluation_more(run->evaluation, buf, ret);
	else if (ret == 0) {
		io_remove(&run->io);
		evaluation_finish(run->evaluation);
	} else if (errno != EAGAIN && errno != EINTR) {
		offline_fail(run, EX_TEMPFAIL, t_strdup_printf(
			"Reading the message failed: %m"));
	}
}

void offline_checks_run(const struct offline_checks *checks, int fd)
{
	struct offline_run run;
	const char *error;

	i_zero(&run);
	run.checks = checks;
	run.fd = fd;
	run.pool = pool_alloconly_create("offline checks", 4096);
	offline_close_files(&run);
	run.ioloop = io_loop_create();
	offline_open_files(&run);
	offline_enter_sandbox(&run);

	if (checks->zone != NULL &&
	    resolver_zone_init(checks->zone, checks->zone_file_name,
			       &run.resolver, &error) < 0)
		offline_fail(&run, EX_DATAERR, error);
	run.evaluation = evaluation_init(&run.set, checks->request,
					 run.resolver, offline_decided, &run);
	fd_set_nonblock(fd, FALSE);
	run.io = io_add(fd, IO_READ, offline_input, &run);
	io_loop_run(run.ioloop);
	i_unreached();
}
