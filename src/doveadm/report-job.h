#ifndef REPORT_JOB_H
#define REPORT_JOB_H

#include "report-destination.h"
#include "report-name.h"
#include "report-run.h"
#include "report-xml.h"

struct history_row;

/* One report, mailed to each address: about a domain, a day and a configuration
   (written once), or about a failure (failure-run.h), which has a configuration
   and a name of its own. */

struct report_target {
	/* where it goes, or what the record names */
	const char *address;
	/* form of RFC 7489; 0 = no limit */
	uint64_t max_bytes;
	const struct report_destination *destination;
	struct report_state state;
	struct report_contact contact;
	/* a mail has to be sent */
	bool ready;
};
ARRAY_DEFINE_TYPE(report_target, struct report_target);

struct report_job {
	pool_t pool;
	enum report_kind kind;
	const struct report_policy *policy;
	unsigned int day;
	struct report_name name;
	ARRAY_TYPE(report_target) targets;
	/* sentences about rua= */
	ARRAY_TYPE(const_string) ignored;

	/* the file, compressed; what is known of its rows */
	buffer_t *file;
	bool fits;
	uint64_t messages;
	/* one of them is neither report nor bounce nor automatic answer */
	bool has_cause;

	struct report_xml *xml;
	struct report_gzip *gzip;
};

/* Begin the file anew. */
void report_job_begin(const struct report_run *run, struct report_job *job,
		      enum report_detail detail);
/* A row of this configuration. */
void report_job_add(struct report_job *job, const struct history_row *row,
		    uint64_t count);
/* Sets fits. */
void report_job_end(struct report_job *job);

/* Mail the file to a target that is ready. Returns as below. */
int report_job_mail(struct report_run *run, struct report_job *job,
		    struct report_target *target, const char **error_r);
/* Send this mail to a target that is ready, claim it before and remember the
   result. Returns 0, or -1 and error_r (data stack) if nothing more may be
   sent. */
int report_job_submit(struct report_run *run, struct report_job *job,
		      struct report_target *target, const string_t *mail,
		      const char **error_r);
/* Remember what was done, unless it is a dry run. */
int report_job_set_state(struct report_run *run, const struct report_job *job,
			 struct report_target *target,
			 enum report_progress progress, const char *reason,
			 const char **error_r);
/* Tell the user. */
void report_job_tell(const struct report_run *run,
		     const struct report_job *job,
		     const struct report_target *target, const char *action,
		     const char *reason);
/* The name of its state in the history: each configuration has a report of its
   own. address NULL: a mark that all is done. Data stack. */
const char *t_report_job_dest(const struct report_job *job,
			      const char *address);

#endif
