/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "fd-util.h"
#include "str.h"
#include "write-full.h"
#include "verdict-wire.h"
#include "domainkeys.h"
#include "phrases.h"
#include "evaluation-settings.h"
#include "offline-checks.h"

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
		offline_place_fail(run->fd, EX_TEMPFAIL,
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
		offline_place_fail(run->fd, EX_TEMPFAIL, t_strdup_printf(
			"Reading the message failed: %m"));
	}
}

void offline_checks_run(const struct offline_checks *checks, int fd)
{
	struct offline_run run;
	const char *error;
	int status;

	i_zero(&run);
	run.checks = checks;
	run.fd = fd;
	run.pool = pool_alloconly_create("offline checks", 4096);
	run.ioloop = io_loop_create();
	status = offline_place_enter(&checks->place, fd, run.pool, &run.set,
				     &run.resolver, &error);
	if (status != 0)
		offline_place_fail(fd, status, error);
	run.evaluation = evaluation_init(&run.set, checks->request,
					 run.resolver, offline_decided, &run);
	fd_set_nonblock(fd, FALSE);
	run.io = io_add(fd, IO_READ, offline_input, &run);
	io_loop_run(run.ioloop);
	i_unreached();
}
