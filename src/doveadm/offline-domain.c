/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "fd-util.h"
#include "ioloop.h"
#include "str.h"
#include "strescape.h"
#include "write-full.h"
#include "authres-settings.h"
#include "dns-session.h"
#include "evaluation-settings.h"
#include "domain-review.h"
#include "offline-place.h"
#include "offline-domain.h"

#include <sysexits.h>
#include <unistd.h>

struct domain_run {
	struct domain_review_query query;
	int fd;
	/* of one run */
	pool_t pool;
	struct dns_session *dns;
	struct timeout *to;
};

static void ATTR_NORETURN
domain_reply(struct domain_run *run, const ARRAY_TYPE(config_row) *rows,
	     bool temporary)
{
	string_t *reply = t_str_new(4096);
	const struct config_row *row;

	array_foreach(rows, row) {
		str_printfa(reply, "R\t%u\t", row->state);
		str_append_tabescaped(reply, row->topic);
		str_append_c(reply, '\t');
		str_append_tabescaped(reply, row->value);
		str_append_c(reply, '\t');
		str_append_tabescaped(reply, row->explanation);
		str_append_c(reply, '\n');
	}
	str_printfa(reply, "END\t%d\n", temporary ? 1 : 0);
	if (write_full(run->fd, str_data(reply), str_len(reply)) < 0)
		_exit(EX_TEMPFAIL);
	_exit(0);
}

static void domain_run(void *context)
{
	struct domain_run *run = context;
	ARRAY_TYPE(config_row) rows;
	bool temporary;

	p_clear(run->pool);
	dns_session_begin_run(run->dns);
	p_array_init(&rows, run->pool, 32);
	domain_review(run->pool, &run->query, run->dns, &rows, &temporary);
	if (dns_session_run_incomplete(run->dns))
		dns_session_resolve(run->dns, domain_run, run);
	else
		domain_reply(run, &rows, temporary);
}

static void domain_expire(struct domain_run *run)
{
	timeout_remove(&run->to);
	dns_session_expire(run->dns, "no answer in time");
}

void offline_domain_run(const struct offline_place *place,
			const struct domain_review_query *query, int fd)
{
	pool_t pool = pool_alloconly_create("offline domain", 8192);
	struct ioloop *ioloop = io_loop_create();
	struct evaluation_settings set;
	struct resolver *resolver;
	struct domain_run run;
	const char *error;
	int status;

	i_zero(&run);
	run.query = *query;
	run.fd = fd;
	status = offline_place_enter(place, fd, pool, &set, &resolver, &error);
	if (status != 0)
		offline_place_fail(fd, status, error);
	fd_set_nonblock(fd, FALSE);
	run.query.dmarc = &set.dmarc;
	run.query.min_key_bits = set.dkim.min_key_bits;
	run.pool = pool_alloconly_create("domain review", 16384);
	run.dns = dns_session_init(pool, resolver);
	run.to = timeout_add(place->set->timeout_msecs, domain_expire, &run);
	domain_run(&run);
	io_loop_run(ioloop);
	i_unreached();
}
