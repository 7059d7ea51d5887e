#ifndef REPORT_TARGET_H
#define REPORT_TARGET_H

#include "report-job.h"

/* Which addresses of a record get a report, as far as that is known without
   looking at the report itself. */

/* Ask where it may go, and add a target for each address. uris: the value of
   rua= or ruf=. Returns 0, or -1 and error_r (data stack) if nothing can be
   asked any more. */
int report_job_find_targets(struct report_run *run, struct report_job *job,
			    const char *uris, const char **error_r);
/* Sets ready, or says and remembers why it is not. A failure report that the
   MTA may have is not sent again. Returns 0, or -1 and error_r (data stack) if
   the history failed. */
int report_target_decide(struct report_run *run, struct report_job *job,
			 struct report_target *target, const char **error_r);
/* It gets no report: remember it, and say it. Returns as above. */
int report_target_close(struct report_run *run, struct report_job *job,
			struct report_target *target,
			enum report_progress progress, const char *reason,
			const char **error_r);

#endif
