#ifndef FAILURE_RUN_H
#define FAILURE_RUN_H

struct report_run;

/* Sends the failure reports (RFC 9991) that wait on this host, the oldest
   first, each once to each address: unlike an aggregate report, one that the
   MTA may have is never sent again. What is done is remembered in the history
   as for other reports, so limits hold for all hosts that share it. */

/* run->left: mails that may still be sent; the caller has counted.
   dir: failure-files.h. Returns 0, or -1 and error_r (data stack) if it had to
   stop. */
int report_run_failures(struct report_run *run, const char *dir,
			const char **error_r);
/* Failure reports that were sent within the last hour, by all hosts. Returns 0,
   or -1 and error_r (data stack). */
int report_run_count_failures(struct report_run *run, unsigned int *count_r,
			      const char **error_r);

#endif
