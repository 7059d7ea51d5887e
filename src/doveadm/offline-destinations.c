/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "fd-util.h"
#include "ioloop.h"
#include "istream.h"
#include "str.h"
#include "strescape.h"
#include "write-full.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "dns-session.h"
#include "evaluation-settings.h"
#include "report-destination.h"
#include "offline-place.h"
#include "offline-destinations.h"

#include <sysexits.h>
#include <unistd.h>

/* a tag, a domain and what is kept of URIs, escaped */
#define MAX_QUESTION_BYTES \
	(2 * (AUTHRES_MAX_DOMAIN_BYTES + AUTHRES_MAX_REPORT_URIS_BYTES) + 6)

struct destinations_run {
	const struct offline_place *place;
	int fd;
	pool_t set_pool;
	struct evaluation_settings set;
	struct resolver *resolver;
	struct istream *input;
	struct io *io;

	/* of one question */
	pool_t pool;
	enum report_kind kind;
	const char *policy_domain;
	ARRAY_TYPE(report_uri) uris;
	ARRAY_TYPE(const_string) ignored;
	struct dns_session *dns;
	struct timeout *to;
};

static void destinations_input(struct destinations_run *run);

static void append_address(string_t *reply, const struct report_uri *uri)
{
	str_append_c(reply, '\t');
	if (uri != NULL)
		str_append_tabescaped(reply, uri->address);
	str_printfa(reply, "\t%"PRIu64, uri == NULL ? 0 : uri->max_bytes);
}

static void
destinations_reply(struct destinations_run *run,
		   const ARRAY_TYPE(report_destination) *destinations)
{
	string_t *reply = t_str_new(1024);
	const struct report_destination *destination;
	const char *sentence;

	array_foreach_elem(&run->ignored, sentence) {
		str_append(reply, "I\t");
		str_append_tabescaped(reply, sentence);
		str_append_c(reply, '\n');
	}
	array_foreach(destinations, destination) {
		str_printfa(reply, "D\t%u", destination->permission);
		append_address(reply, destination->published);
		append_address(reply, destination->uri);
		str_append_c(reply, '\t');
		str_append_tabescaped(reply, destination->reason);
		str_append_c(reply, '\n');
	}
	str_append(reply, "END\n");
	if (write_full(run->fd, str_data(reply), str_len(reply)) < 0)
		_exit(EX_TEMPFAIL);
}

static void destinations_find(void *context)
{
	struct destinations_run *run = context;
	ARRAY_TYPE(report_destination) destinations;

	dns_session_begin_run(run->dns);
	report_destinations_find(run->pool, &run->set.dmarc, run->kind,
				 run->policy_domain, &run->uris, run->dns,
				 &destinations);
	if (dns_session_run_incomplete(run->dns)) {
		dns_session_resolve(run->dns, destinations_find, run);
		return;
	}
	T_BEGIN {
		destinations_reply(run, &destinations);
	} T_END;
	timeout_remove(&run->to);
	dns_session_deinit(&run->dns);
	pool_unref(&run->pool);
	run->io = io_add_istream(run->input, destinations_input, run);
	i_stream_set_input_pending(run->input, TRUE);
}

static void destinations_expire(struct destinations_run *run)
{
	timeout_remove(&run->to);
	dns_session_expire(run->dns, "no answer in time");
}

static void
destinations_question(struct destinations_run *run, const char *const *columns)
{
	if (str_array_length(columns) != 3)
		_exit(EX_SOFTWARE);
	io_remove(&run->io);
	run->pool = pool_alloconly_create("destinations", 8192);
	run->kind = strcmp(columns[0], "ruf") == 0 ? REPORT_KIND_FAILURE :
		REPORT_KIND_AGGREGATE;
	run->policy_domain = p_strdup(run->pool, columns[1]);
	p_array_init(&run->uris, run->pool, AUTHRES_MAX_REPORT_URIS);
	p_array_init(&run->ignored, run->pool, 4);
	report_uris_parse(run->pool, columns[2], &run->uris, &run->ignored);
	run->dns = dns_session_init(run->pool, run->resolver);
	run->to = timeout_add(run->place->set->timeout_msecs,
			      destinations_expire, run);
	destinations_find(run);
}

static void destinations_input(struct destinations_run *run)
{
	const char *line = i_stream_read_next_line(run->input);

	if (line != NULL) {
		T_BEGIN {
			destinations_question(run,
				t_strsplit_tabescaped(line));
		} T_END;
	} else if (run->input->eof || run->input->stream_errno != 0) {
		_exit(0);
	}
}

void offline_destinations_run(const struct offline_place *place, int fd)
{
	struct destinations_run run;
	struct ioloop *ioloop = io_loop_create();
	const char *error;
	int status;

	i_zero(&run);
	run.place = place;
	run.fd = fd;
	run.set_pool = pool_alloconly_create("offline destinations", 4096);
	status = offline_place_enter(place, fd, run.set_pool, &run.set,
				     &run.resolver, &error);
	if (status != 0)
		offline_place_fail(fd, status, error);
	fd_set_nonblock(fd, FALSE);
	run.input = i_stream_create_fd(fd, MAX_QUESTION_BYTES);
	run.io = io_add_istream(run.input, destinations_input, &run);
	io_loop_run(ioloop);
	i_unreached();
}
