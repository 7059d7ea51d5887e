#ifndef RECORDER_H
#define RECORDER_H

struct history_store;
struct recorder;
struct spool;

/* What happened to messages, from the plugin's line to the store: counted once,
   written to the spool, and from there in batches to the store. Each batch says
   how far the spool is written, in the same transaction: whatever is killed in
   between, the store knows what it has. */

/* spool: NULL = there is none, and everything is lost. store: NULL = it stays
   in the spool. keep_days: what is older is forgotten once a day, when there is
   something to write. error: why, or NULL. */
struct recorder *recorder_init(struct spool *spool,
			       struct history_store *store,
			       unsigned int keep_days, const char *error);
/* Nothing may be under way (recorder_settle()). */
void recorder_deinit(struct recorder **recorder);
/* Wait AUTHRES_HISTORY_SETTLE_MSECS at most for what the store is asked.
   Returns FALSE if it did not answer: then store and recorder cannot be freed,
   and the process has to end as it is. */
bool recorder_settle(struct recorder *recorder);

/* line: of a client, any bytes but NUL. Returns 0, or -1 if it is none of
   ours: then nobody should hear that client any more. */
int recorder_add(struct recorder *recorder, const char *line);

/* The same of the local user uid, who may only say that a message was taken
   back from Junk, and is counted (movers.h): today, once per line. Without a
   store nothing is kept. */
int recorder_add_taken_back(struct recorder *recorder, uid_t uid,
			    const char *line);

/* Write everything now. callback is called once, when the spool is empty or the
   store has failed, perhaps before this returns. */
typedef void recorder_callback_t(void *context);
void recorder_flush(struct recorder *recorder, recorder_callback_t *callback,
		    void *context);
/* Forget the callbacks with this context. */
void recorder_abandon(struct recorder *recorder, void *context);

struct recorder_status {
	/* bytes that wait in the spool */
	uint64_t waiting_bytes;
	/* messages since the process began: taken, counted in the store, and
	   lost since there was no room for them or they made no sense */
	uint64_t taken, stored, lost;
	/* what is wrong with spool or store; NULL = nothing */
	const char *error;
};
void recorder_get_status(const struct recorder *recorder,
			 struct recorder_status *status_r);

#endif
