#ifndef FAILURE_SPOOL_H
#define FAILURE_SPOOL_H

struct failure_spool;

/* Failure reports (RFC 9991) on their way from the plugin to their files
   (failure-files.h): redacted, counted and bounded. What is above a limit is
   thrown away (section 2): they are there to show different failures, not
   each. */

/* Create dir and its key if need be. uid and gid: who is to own them, -1 =
   whoever we are. Returns 0, or -1 and error_r (data stack). */
int failure_spool_open(const char *dir, uid_t uid, gid_t gid,
		       struct failure_spool **spool_r, const char **error_r);
/* *spool may be NULL. */
void failure_spool_close(struct failure_spool **spool);

/* line: of a client, any bytes but NUL. A message counts once. Of those with
   one client and author domain within AUTHRES_FAILURE_KIND_SECS the first has a
   report; the next report says how many there were besides (Incidents, RFC 5965
   section 3.2). A local part becomes the same hash in all reports about an
   author domain and a client, and nowhere else: nobody can compare it with one
   of an address that he has sent mail with. Returns 1 if it waits now, 0 if
   there is no report, -1 if the line is none of ours; then, and if it could not
   be written, error_r (data stack) says why, else it is NULL. */
int failure_spool_add(struct failure_spool *spool, const char *line,
		      time_t now, const char **error_r);

#endif
