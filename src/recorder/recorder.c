/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "ioloop.h"
#include "str.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "history-day.h"
#include "history-store.h"
#include "movers.h"
#include "recent-messages.h"
#include "row-limits.h"
#include "spool.h"
#include "recorder.h"

#define MIN_RETRY_MSECS 1000
/* an error that goes on is told again after so long */
#define ERROR_AGAIN_SECS 60
#define MAX_LOGGED_LINE_BYTES 80

struct recorder_waiter {
	recorder_callback_t *callback;
	void *context;
};
ARRAY_DEFINE_TYPE(recorder_waiter, struct recorder_waiter);

struct recorder {
	struct spool *spool;
	struct history_store *store;
	struct recent_messages *recent;
	struct movers *movers;
	struct row_limits *limits;
	struct event *event;

	/* up to where the spool is in the store; not known before the store
	   was asked, and after every commit that did not succeed */
	uint64_t position;
	bool position_known;
	/* nothing new is begun */
	bool ending;
	/* a lookup or commit is under way... */
	bool busy;
	/* ...the batch ends here, with so many messages */
	uint64_t batch_end;
	unsigned int batch_count;
	/* ...and forgets the days before this one; 0 = none */
	unsigned int batch_drop;
	unsigned int keep_days;
	/* days before it are forgotten */
	unsigned int dropped_before;

	struct timeout *to_load;
	/* to_load waits for what becomes of somebody's commit */
	bool settling;
	unsigned int retry_msecs;
	ARRAY_TYPE(recorder_waiter) waiters;

	uint64_t taken, stored, lost;
	char *error;
	time_t error_time;
	/* of lost */
	uint64_t lost_told;
	time_t lost_time;
};

static void recorder_load(struct recorder *recorder);

static void recorder_load_in(struct recorder *recorder, unsigned int msecs)
{
	if (recorder->ending)
		io_loop_stop(current_ioloop);
	else if (recorder->to_load == NULL && !recorder->busy &&
		 recorder->store != NULL)
		recorder->to_load = timeout_add(msecs, recorder_load, recorder);
}

static void recorder_set_error(struct recorder *recorder, const char *error)
{
	bool same = null_strcmp(error, recorder->error) == 0;

	if (error != NULL && (!same || ioloop_time - recorder->error_time >=
			      ERROR_AGAIN_SECS)) {
		e_error(recorder->event, "authres_history: %s - messages wait "
			"in the spool", error);
		recorder->error_time = ioloop_time;
	}
	if (same)
		return;
	if (error == NULL)
		e_info(recorder->event, "authres_history: works again");
	i_free(recorder->error);
	recorder->error = i_strdup(error);
}

struct recorder *recorder_init(struct spool *spool,
			       struct history_store *store,
			       unsigned int keep_days, const char *error)
{
	struct recorder *recorder = i_new(struct recorder, 1);

	recorder->spool = spool;
	recorder->store = store;
	recorder->keep_days = keep_days;
	recorder->recent = recent_messages_init();
	recorder->movers = movers_init();
	recorder->limits = row_limits_init();
	recorder->event = event_create(NULL);
	event_set_append_log_prefix(recorder->event, "");
	recorder->retry_msecs = MIN_RETRY_MSECS;
	i_array_init(&recorder->waiters, 4);
	if (error != NULL)
		recorder_set_error(recorder, error);
	/* A process before us may have a commit under way: it is known what
	   became of it a little later. */
	if (spool != NULL && spool_begin(spool) != spool_end(spool)) {
		recorder->settling = TRUE;
		recorder_load_in(recorder, AUTHRES_HISTORY_SETTLE_MSECS);
	}
	return recorder;
}

bool recorder_settle(struct recorder *recorder)
{
	struct timeout *to;

	recorder->ending = TRUE;
	if (!recorder->busy)
		return TRUE;
	to = timeout_add(AUTHRES_HISTORY_SETTLE_MSECS, io_loop_stop,
			 current_ioloop);
	io_loop_run(current_ioloop);
	timeout_remove(&to);
	return !recorder->busy;
}

void recorder_deinit(struct recorder **_recorder)
{
	struct recorder *recorder = *_recorder;

	*_recorder = NULL;
	i_assert(!recorder->busy);
	timeout_remove(&recorder->to_load);
	recent_messages_deinit(&recorder->recent);
	movers_deinit(&recorder->movers);
	row_limits_deinit(&recorder->limits);
	event_unref(&recorder->event);
	array_free(&recorder->waiters);
	i_free(recorder->error);
	i_free(recorder);
}

/* Nobody must fill the log. */
static void recorder_tell_lost(struct recorder *recorder, const char *why)
{
	struct event_passthrough *e;

	if (ioloop_time - recorder->lost_time < ERROR_AGAIN_SECS)
		return;
	e = event_create_passthrough(recorder->event)->
		set_name("authres_history_lost")->
		add_int("messages", recorder->lost - recorder->lost_told);
	e_error(e->event(), "authres_history: %"PRIu64" messages lost: %s",
		recorder->lost - recorder->lost_told, why);
	recorder->lost_told = recorder->lost;
	recorder->lost_time = ioloop_time;
}

static void recorder_lose(struct recorder *recorder, const char *why)
{
	recorder->lost++;
	recorder_tell_lost(recorder, why);
}

static void
recorder_spool(struct recorder *recorder, const char *line)
{
	const char *error;

	if (recorder->spool == NULL)
		recorder_lose(recorder, recorder->error);
	else if (spool_append(recorder->spool, line, &error) < 0)
		recorder_lose(recorder, error);
	else
		recorder_load_in(recorder, AUTHRES_HISTORY_FLUSH_MSECS);
}

int recorder_add(struct recorder *recorder, const char *line)
{
	struct history_record record;
	const char *error;

	if (history_record_decode(pool_datastack_create(), line, &record,
				  &error) < 0) {
		e_error(recorder->event, "authres_history: %s: %s", error,
			str_sanitize(line, MAX_LOGGED_LINE_BYTES));
		return -1;
	}
	if (record.row.event == HISTORY_EVENT_DELIVERED &&
	    !recent_messages_add(recorder->recent, record.message_number,
				 ioloop_time))
		return 0;
	recorder->taken++;
	recorder_spool(recorder, line);
	return 0;
}

int recorder_add_taken_back(struct recorder *recorder, uid_t uid,
			    const char *line)
{
	struct history_record record;
	string_t *text = t_str_new(256);
	const char *error;
	int ret;

	/* who may write anything must not fill the log */
	if (history_record_decode(pool_datastack_create(), line, &record,
				  &error) < 0 ||
	    record.row.event != HISTORY_EVENT_TAKEN_BACK)
		return -1;
	if (recorder->store == NULL)
		return 0;
	ret = movers_count(recorder->movers, uid, ioloop_time);
	if (ret < 0) {
		e_warning(recorder->event, "authres_history: uid %s says that "
			  "more mail was taken back from Junk than is counted "
			  "in an hour - the rest is not", dec2str(uid));
	}
	if (ret <= 0)
		return 0;
	record.row.day = history_day(ioloop_time);
	record.message_number = 0;
	history_record_encode(&record, text);
	recorder->taken++;
	recorder_spool(recorder, str_c(text));
	return 0;
}

/* From the spool to the store */

static void recorder_tell_waiters(struct recorder *recorder)
{
	const struct recorder_waiter *first;
	struct recorder_waiter waiter;

	while (array_count(&recorder->waiters) > 0) {
		first = array_front(&recorder->waiters);
		waiter = *first;
		array_pop_front(&recorder->waiters);
		waiter.callback(waiter.context);
	}
}

static void
recorder_failed(struct recorder *recorder, unsigned int min_msecs,
		const char *error)
{
	recorder->busy = FALSE;
	recorder->position_known = FALSE;
	recorder->settling = min_msecs > 0;
	recorder_set_error(recorder, error);
	recorder_load_in(recorder, I_MAX(recorder->retry_msecs, min_msecs));
	recorder->retry_msecs = I_MIN(recorder->retry_msecs * 2,
				      AUTHRES_HISTORY_MAX_RETRY_MSECS);
	recorder_tell_waiters(recorder);
}

static void
recorder_position_found(int ret, uint64_t position, const char *error,
			void *context)
{
	struct recorder *recorder = context;

	if (ret < 0) {
		recorder_failed(recorder, 0, error);
		return;
	}
	recorder->busy = FALSE;
	recorder->position = ret == 0 ? 0 : position;
	recorder->position_known = TRUE;
	recorder_load_in(recorder, 0);
}

static void
recorder_committed(enum history_commit result, const char *error,
		   void *context)
{
	struct recorder *recorder = context;

	switch (result) {
	case HISTORY_COMMIT_OK:
		break;
	case HISTORY_COMMIT_FAILED:
		recorder_failed(recorder, 0, error);
		return;
	case HISTORY_COMMIT_UNCERTAIN:
		recorder_failed(recorder, AUTHRES_HISTORY_SETTLE_MSECS, error);
		return;
	}
	recorder->busy = FALSE;
	recorder->stored += recorder->batch_count;
	recorder->position = recorder->batch_end;
	if (recorder->batch_drop > 0)
		recorder->dropped_before = recorder->batch_drop;
	recorder->retry_msecs = MIN_RETRY_MSECS;
	recorder_set_error(recorder, NULL);
	spool_release(recorder->spool, recorder->position);
	recorder_load_in(recorder, 0);
}

static void
batch_add_line(struct recorder *recorder, struct history_batch *batch,
	       const char *line)
{
	struct history_record record;
	const char *error;

	if (*line == '\0')
		return;
	if (history_record_decode(pool_datastack_create(), line, &record,
				  &error) < 0) {
		/* a disk that was full, or a loss of power */
		recorder_lose(recorder, "a damaged line in the spool");
		return;
	}
	row_limits_apply(recorder->limits, &record.row);
	history_batch_add(batch, &record);
}

/* Up to AUTHRES_MAX_HISTORY_BATCH lines. */
static void
batch_fill(struct recorder *recorder, struct history_batch *batch,
	   const unsigned char *data, size_t size)
{
	const unsigned char *lf;

	for (unsigned int i = 0; i < AUTHRES_MAX_HISTORY_BATCH &&
	     (lf = memchr(data, '\n', size)) != NULL; i++) {
		T_BEGIN {
			batch_add_line(recorder, batch,
				       t_strdup_until(data, lf));
		} T_END;
		recorder->batch_end += lf + 1 - data;
		size -= lf + 1 - data;
		data = lf + 1;
	}
}

static void
recorder_drop_old(struct recorder *recorder, struct history_batch *batch)
{
	unsigned int today = history_day(ioloop_time);

	recorder->batch_drop = 0;
	if (today <= recorder->keep_days ||
	    recorder->dropped_before == today - recorder->keep_days)
		return;
	recorder->batch_drop = today - recorder->keep_days;
	history_batch_drop_before(batch, recorder->batch_drop);
}

/* Returns as spool_read() does. */
static int recorder_commit(struct recorder *recorder, const char **error_r)
{
	struct history_batch *batch;
	string_t *data = str_new(default_pool, AUTHRES_MAX_SPOOL_READ_BYTES);
	int ret;

	ret = spool_read(recorder->spool, &recorder->position,
			 AUTHRES_MAX_SPOOL_READ_BYTES, data, error_r);
	if (ret > 0) {
		batch = history_batch_init(recorder->store);
		recorder->batch_end = recorder->position;
		batch_fill(recorder, batch, str_data(data), str_len(data));
		recorder->batch_count = history_batch_count(batch);
		history_batch_set_spool(batch, spool_id(recorder->spool),
					recorder->batch_end);
		recorder_drop_old(recorder, batch);
		recorder->busy = TRUE;
		history_batch_commit_async(&batch, recorder_committed,
					   recorder);
	}
	str_free(&data);
	return ret;
}

static void recorder_load(struct recorder *recorder)
{
	const char *error;
	int ret;

	timeout_remove(&recorder->to_load);
	recorder->settling = FALSE;
	if (recorder->busy)
		return;
	if (!recorder->position_known) {
		recorder->busy = TRUE;
		history_store_spool_get_async(recorder->store,
					      spool_id(recorder->spool),
					      recorder_position_found,
					      recorder);
		return;
	}
	ret = recorder_commit(recorder, &error);
	if (ret < 0)
		recorder_failed(recorder, 0, error);
	else if (ret == 0)
		recorder_tell_waiters(recorder);
}

void recorder_flush(struct recorder *recorder, recorder_callback_t *callback,
		    void *context)
{
	struct recorder_waiter waiter = { callback, context };

	if (recorder->spool == NULL || recorder->store == NULL) {
		callback(context);
		return;
	}
	array_push_back(&recorder->waiters, &waiter);
	if (recorder->settling)
		return;
	timeout_remove(&recorder->to_load);
	recorder_load_in(recorder, 0);
}

void recorder_abandon(struct recorder *recorder, void *context)
{
	const struct recorder_waiter *waiter;

	array_foreach(&recorder->waiters, waiter) {
		if (waiter->context == context) {
			array_delete(&recorder->waiters, array_foreach_idx(
				&recorder->waiters, waiter), 1);
			break;
		}
	}
}

void recorder_get_status(const struct recorder *recorder,
			 struct recorder_status *status_r)
{
	i_zero(status_r);
	if (recorder->spool != NULL) {
		status_r->waiting_bytes = spool_end(recorder->spool) -
			I_MAX(recorder->position,
			      spool_begin(recorder->spool));
	}
	status_r->taken = recorder->taken;
	status_r->stored = recorder->stored;
	status_r->lost = recorder->lost;
	status_r->error = recorder->error;
}
