#ifndef CHECKS_CHILD_H
#define CHECKS_CHILD_H

struct istream;
struct offline_checks;
struct verdict;

/* Fork, run offline_checks_run() on the message, and read its verdict, of which
   no byte is trusted. message is read from where it stands up to its end.
   Strings of verdict_r live in pool. Returns 0, or an exit code of sysexits.h
   and error_r (data stack, sanitised): EX_DATAERR if zone or message cannot be
   read, else EX_TEMPFAIL. Waits at most checks->request->timeout_msecs and a
   little more. */
int checks_child_run(pool_t pool, const struct offline_checks *checks,
		     struct istream *message, struct verdict *verdict_r,
		     const char **error_r);

#endif
