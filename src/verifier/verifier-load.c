/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "llist.h"
#include "time-util.h"
#include "authres-limits.h"
#include "evaluation.h"
#include "resolver.h"
#include "verifier-state.h"
#include "verifier-load.h"

/* how often */
#define VERIFIER_CHECK_SILENT_MSECS 200
/* Without an answer for so many times what one takes lately. */
#define VERIFIER_SLOW_FACTOR 2
/* Pressure lasts: it is over only because of what we do against it. */
#define VERIFIER_PRESSURE_SECS 10

/* What strangers may hold of the memory for messages, at admission. */
#define LOAD_STRANGERS_PART 4

/* Requests that count for one of this kind: strangers wait for all others,
   nobody waits for a stranger. */
struct verifier_load {
	unsigned int active, waiting;
	size_t bytes;
};

static void verifier_load_get(struct verifier *verifier, bool trusted,
			      bool strangers, struct verifier_load *load_r)
{
	struct connection *_conn = verifier->connections->connections;

	i_zero(load_r);
	for (; _conn != NULL; _conn = _conn->next) {
		struct verifier_connection *conn =
			container_of(_conn, struct verifier_connection, conn);

		if (conn->trusted ? !trusted : !strangers)
			continue;
		if (conn->state == VERIFIER_STATE_WAITING)
			load_r->waiting++;
		if (conn->evaluation == NULL)
			continue;
		load_r->active++;
		load_r->bytes +=
			I_MAX(evaluation_memory_bytes(conn->evaluation),
			      AUTHRES_MIN_REQUEST_MEMORY_BYTES);
	}
}

size_t verifier_load_bytes(struct verifier *verifier)
{
	struct verifier_load load;

	verifier_load_get(verifier, TRUE, TRUE, &load);
	return load.bytes;
}

static bool verifier_load_has_room(struct verifier *verifier, bool trusted)
{
	struct verifier_load load;
	size_t max_bytes = verifier->set.max_bytes;

	verifier_load_get(verifier, trusted, !trusted, &load);
	if (!trusted)
		max_bytes /= LOAD_STRANGERS_PART;
	/* One is always let in, or nothing would ever move. */
	return load.active == 0 ||
		load.bytes + AUTHRES_MIN_REQUEST_MEMORY_BYTES <= max_bytes;
}

static bool verifier_load_is_high(struct verifier *verifier, bool trusted)
{
	unsigned int limit = verifier->set.client_limit;
	struct verifier_load load;

	verifier_load_get(verifier, TRUE, !trusted, &load);
	return load.waiting > 0 || load.active >= limit - limit / 4 ||
		load.bytes > verifier->set.max_bytes / 2;
}

static bool verifier_load_is_waiting(struct verifier *verifier, bool trusted)
{
	struct verifier_load load;

	verifier_load_get(verifier, trusted, !trusted, &load);
	return load.waiting > 0;
}

static void verifier_load_timeout(struct verifier_connection *conn)
{
	conn->verifier->protocol->fail(conn, "too many messages at once");
}

static void verifier_load_wait(struct verifier_connection *conn)
{
	struct verifier *verifier = conn->verifier;

	conn->state = VERIFIER_STATE_WAITING;
	conn->wait_started = ioloop_timeval;
	connection_input_halt(&conn->conn);
	conn->to = timeout_add_short(conn->request.timeout_msecs,
				     verifier_load_timeout, conn);
	DLLIST2_APPEND(&verifier->waiting_head, &verifier->waiting_tail, conn);
	verifier->waiting_count++;
	verifier->wait_count++;
}

static void verifier_load_unwait(struct verifier_connection *conn)
{
	struct verifier *verifier = conn->verifier;

	i_assert(verifier->waiting_count > 0);
	DLLIST2_REMOVE(&verifier->waiting_head, &verifier->waiting_tail, conn);
	verifier->waiting_count--;
	timeout_remove(&conn->to);
	conn->state = VERIFIER_STATE_CHUNK_SIZE;
}

/* Requests that had no DNS answer for so long; with shorten_msecs they get so
   long in all. */
static unsigned int
verifier_load_silent(struct verifier *verifier, unsigned int silent_msecs,
		     unsigned int shorten_msecs)
{
	struct connection *_conn = verifier->connections->connections;
	unsigned int count = 0;

	for (; _conn != NULL; _conn = _conn->next) {
		struct verifier_connection *conn =
			container_of(_conn, struct verifier_connection, conn);

		if (conn->evaluation == NULL ||
		    evaluation_silent_msecs(conn->evaluation) < silent_msecs)
			continue;
		count++;
		if (shorten_msecs > 0)
			evaluation_shorten(conn->evaluation, shorten_msecs);
	}
	return count;
}

/* Mail whose DNS servers are dead must not take the places of all other mail in
   the MTA's queue. Where no DNS server answers at all, waiting is all we can
   do. */
static void verifier_load_check_silent(struct verifier *verifier)
{
	static const struct {
		unsigned int requests, silent_msecs, timeout_msecs;
	} levels[VERIFIER_PRESSURE_LEVELS] = {
		{ AUTHRES_HIGH_PRESSURE_SILENT_REQUESTS,
		  AUTHRES_HIGH_PRESSURE_SILENT_MSECS,
		  AUTHRES_HIGH_PRESSURE_SILENT_MSECS },
		{ AUTHRES_PRESSURE_SILENT_REQUESTS,
		  AUTHRES_PRESSURE_SILENT_MSECS,
		  AUTHRES_PRESSURE_TIMEOUT_MSECS },
	};
	const struct resolver *resolver = verifier->set.resolver;
	unsigned int slow_msecs = VERIFIER_SLOW_FACTOR * resolver->answer_msecs;
	struct timeval now;

	i_gettimeofday(&now);
	if (timeval_diff_msecs(&now, &resolver->last_answer) >
	    AUTHRES_PRESSURE_SILENT_MSECS)
		return;
	for (unsigned int i = 0; i < N_ELEMENTS(levels); i++) {
		unsigned int silent_msecs =
			I_MAX(levels[i].silent_msecs, slow_msecs);

		if (verifier_load_silent(verifier, silent_msecs, 0) >=
		    levels[i].requests) {
			verifier->pressure_until[i] =
				ioloop_time + VERIFIER_PRESSURE_SECS;
		}
		if (ioloop_time < verifier->pressure_until[i]) {
			(void)verifier_load_silent(verifier, silent_msecs,
				I_MAX(levels[i].timeout_msecs, slow_msecs));
		}
	}
}

static void verifier_load_admit(struct verifier_connection *conn)
{
	struct verifier *verifier = conn->verifier;

	verifier->active_count++;
	if (verifier->to_silent == NULL) {
		verifier->to_silent =
			timeout_add_short(VERIFIER_CHECK_SILENT_MSECS,
					  verifier_load_check_silent, verifier);
	}
	verifier->protocol->admit(conn);
}

static void verifier_load_admit_waiting(struct verifier *verifier)
{
	struct verifier_connection *conn, *next;
	unsigned int waited_msecs;

	timeout_remove(&verifier->to_admit);
	for (conn = verifier->waiting_head; conn != NULL; conn = next) {
		next = conn->next;
		if (!verifier_load_has_room(verifier, conn->trusted))
			continue;
		verifier_load_unwait(conn);
		waited_msecs = I_MAX(0, timeval_diff_msecs(
			&ioloop_timeval, &conn->wait_started));
		if (waited_msecs >= conn->request.timeout_msecs) {
			verifier_load_timeout(conn);
			continue;
		}
		conn->request.timeout_msecs -= waited_msecs;
		connection_input_resume(&conn->conn);
		verifier_load_admit(conn);
	}
}

void verifier_load_request(struct verifier_connection *conn)
{
	struct verifier *verifier = conn->verifier;

	verifier->request_count++;
	if (conn->request.timeout_msecs > AUTHRES_PRESSURE_TIMEOUT_MSECS &&
	    verifier_load_is_high(verifier, conn->trusted))
		conn->request.timeout_msecs = AUTHRES_PRESSURE_TIMEOUT_MSECS;

	if (verifier_load_is_waiting(verifier, conn->trusted) ||
	    !verifier_load_has_room(verifier, conn->trusted))
		verifier_load_wait(conn);
	else
		verifier_load_admit(conn);
}

void verifier_load_forget(struct verifier_connection *conn)
{
	struct verifier *verifier = conn->verifier;

	if (conn->state == VERIFIER_STATE_WAITING) {
		verifier_load_unwait(conn);
		return;
	}
	i_assert(verifier->active_count > 0);
	if (--verifier->active_count == 0)
		timeout_remove(&verifier->to_silent);
	/* Not from here: we stand in the callback of another request. */
	if (verifier->waiting_count > 0 && verifier->to_admit == NULL) {
		verifier->to_admit = timeout_add_short(
			0, verifier_load_admit_waiting, verifier);
	}
}
