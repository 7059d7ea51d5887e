#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "history-row.h"

/* The history in a dict: any SQL database that Dovecot's dict service can ask.
   doc/history has the tables and the maps. Keys, all below
   shared/authres/ (a value in [] is of another column of the same row):

     data/DAY/DOMAIN/HASH       a row's data, written
     count/DAY/DOMAIN/HASH      its counter, incremented
     row/DAY/DOMAIN/HASH        read: data [count]
     policy/DAY/DOMAIN/CONFIG   t_published_policy_text()
     report/DAY/DOMAIN/DEST     what was done about a report to DEST
     suppress/DEST              why DEST gets none at present
     spool/ID                   how far the spool ID of a host is in the store
     day-rows/DAY, day-policies/DAY, day-reports/DAY    unset: drops a day

   A store that fails returns its error and nothing else happens. */

struct dict;
struct history_store;
struct history_batch;
struct history_iter;

/* dict: open, not owned, must live longer. */
struct history_store *history_store_init(struct dict *dict);
void history_store_deinit(struct history_store **store);

/* Writing. A batch becomes one transaction: all of it is counted, or nothing.
   Rows that are alike are counted together, and keys are written in their
   order, so that two writers do not wait for each other in a circle. */
struct history_batch *history_batch_init(struct history_store *store);
/* record is copied. */
void history_batch_add(struct history_batch *batch,
		       const struct history_record *record);
/* Remember, in the same transaction, how far a spool is written. id: letters,
   digits and "-"; position: whatever history_store_spool_get() is to return. */
void history_batch_set_spool(struct history_batch *batch, const char *id,
			     uint64_t position);
/* Forget, in the same transaction, the days before day: at most
   HISTORY_DROP_DAYS of them, since it is done every day. */
#define HISTORY_DROP_DAYS 31
void history_batch_drop_before(struct history_batch *batch, unsigned int day);
/* How many records are in it, and how many rows they make. */
unsigned int history_batch_count(const struct history_batch *batch);
unsigned int history_batch_rows(const struct history_batch *batch);

enum history_commit {
	HISTORY_COMMIT_OK,
	/* nothing is written */
	HISTORY_COMMIT_FAILED,
	/* written or not: history_store_spool_get() knows, as soon as the
	   store is sure */
	HISTORY_COMMIT_UNCERTAIN
};
/* error: NULL with OK; lives until the callback returns. */
typedef void history_commit_callback_t(enum history_commit result,
				       const char *error, void *context);
/* Write it and free it. callback is called once, perhaps before this returns.
   The store's dict must stay until then. */
void history_batch_commit_async(struct history_batch **batch,
				history_commit_callback_t *callback,
				void *context);
/* The same, waiting. error_r (data stack) unless OK. */
enum history_commit history_batch_commit(struct history_batch **batch,
					 const char **error_r);
void history_batch_abort(struct history_batch **batch);

/* Returns 1 and position_r, 0 if the store knows nothing of this spool, -1 and
   error_r (data stack). */
int history_store_spool_get(struct history_store *store, const char *id,
			    uint64_t *position_r, const char **error_r);
/* The same by callback: ret and error as above; called once, perhaps before
   this returns. */
typedef void history_spool_callback_t(int ret, uint64_t position,
				      const char *error, void *context);
void history_store_spool_get_async(struct history_store *store,
				   const char *id,
				   history_spool_callback_t *callback,
				   void *context);

/* Reading, one entry at a time however many there are, ordered by domain. All
   entries of the day, or those of domain; NULL = of all domains. Rows and
   policies that make no sense are skipped and counted. */
struct history_iter *
history_store_rows(struct history_store *store, unsigned int day,
		   const char *domain);
/* Returns FALSE at the end. row_r and its strings live until the next call. */
bool history_iter_next_row(struct history_iter *iter,
			   const struct history_row **row_r,
			   uint64_t *count_r);
struct history_iter *
history_store_policies(struct history_store *store, unsigned int day,
		       const char *domain);
/* config_r is that of the rows for which the policy held. If rua= or ruf=
   changed within the day, the newest. */
bool history_iter_next_policy(struct history_iter *iter, const char **domain_r,
			      const char **config_r,
			      const struct published_policy **policy_r);
/* What was done about reports: dest and state as history_store_set_report()
   wrote them. */
struct history_iter *
history_store_reports(struct history_store *store, unsigned int day,
		      const char *domain);
bool history_iter_next_report(struct history_iter *iter, const char **domain_r,
			      const char **dest_r, const char **state_r);
struct history_iter *history_store_suppressed(struct history_store *store);
bool history_iter_next_suppressed(struct history_iter *iter,
				  const char **dest_r, const char **state_r);
/* How many entries were skipped so far. */
unsigned int history_iter_skipped(const struct history_iter *iter);
/* Returns 0, or -1 and error_r (data stack): then what was read is not all. */
int history_iter_deinit(struct history_iter **iter, const char **error_r);

/* The state of the report of a day about domain to dest, and of a destination
   that is suppressed. dest: at most 320 bytes, any but NUL; state: text of the
   caller, at most 1000 bytes. get returns 1 and state_r (pool), 0 if there is
   none, -1 and error_r; set and unset return 0, or -1 and error_r (data
   stack). */
int history_store_get_report(struct history_store *store, pool_t pool,
			     unsigned int day, const char *domain,
			     const char *dest, const char **state_r,
			     const char **error_r);
int history_store_set_report(struct history_store *store, unsigned int day,
			     const char *domain, const char *dest,
			     const char *state, const char **error_r);
int history_store_get_suppressed(struct history_store *store, pool_t pool,
				 const char *dest, const char **state_r,
				 const char **error_r);
int history_store_set_suppressed(struct history_store *store, const char *dest,
				 const char *state, const char **error_r);
int history_store_unset_suppressed(struct history_store *store,
				   const char *dest, const char **error_r);

/* Forget rows, policies and reports of a day. Returns 0, or -1 and error_r. */
int history_store_drop_day(struct history_store *store, unsigned int day,
			   const char **error_r);

#endif
