#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include "report-state.h"
#include "published-policy.h"

struct authres_settings;
struct history_store;
struct destinations_child;
struct submission;
struct report_lease;

/* Sends the aggregate reports of a day, one domain after the other, and
   remembers in the history what was done, before and after each mail: what is
   interrupted goes on with the next run, with the same reports. */

/* What happens to the report about a domain to one address. */
struct report_news {
	unsigned int day;
	const char *domain;
	/* address, or "-" where none is the reason */
	const char *destination;
	/* in the report; 0 = was not looked at */
	uint64_t messages;
	/* "sent", "refused", ...; of a dry run "send", ... */
	const char *action;
	/* a sentence */
	const char *reason;
};
typedef void report_news_callback_t(const struct report_news *news,
				    void *context);
typedef void report_progress_callback_t(void *context);

struct report_run {
	const struct authres_settings *set;
	struct history_store *store;
	struct destinations_child *child;
	/* both NULL: a dry run, which sends and writes nothing */
	struct submission *submission;
	struct report_lease *lease;
	/* who reports: From, its domain, and a name or NULL */
	const char *from, *submitter, *organization;
	const char *generator;
	/* parent of events */
	struct event *event;
	/* only about this one; NULL = all */
	const char *only_domain;
	time_t now;
	report_news_callback_t *news;
	/* a domain is done */
	report_progress_callback_t *progress;
	void *context;

	/* mails that may still be sent */
	unsigned int left;
	/* how often in a row the MTA did not take a mail, for now or for good;
	   above a limit the run ends, since then it is not about the
	   addresses */
	unsigned int failed_count, refused_count;
	/* so far */
	unsigned int sent, domain_count, domain_total;
};

/* A policy of the day for which reports are asked. */
struct report_policy {
	const char *domain, *config;
	struct published_policy policy;
};
ARRAY_DEFINE_TYPE(report_policy, struct report_policy);

/* Failure reports have this in the place of a configuration, and their id
   behind it. dest: of history_iter_next_report(). */
#define REPORT_FAILURE_CONFIG "f:"
bool report_dest_is_failure(const char *dest);

/* Aggregate reports that were sent within the last 24 hours, as the history
   knows them. Returns 0, or -1 and error_r (data stack). */
int report_run_count_sent(struct report_run *run, unsigned int *count_r,
			  const char **error_r);
/* All domains of a day. Returns 0, or -1 and error_r (data stack) if it had to
   stop; what was done until then is remembered. */
int report_run_day(struct report_run *run, unsigned int day,
		   const char **error_r);
/* A day that is no longer open: what was not sent never will be. Returns as
   above. */
int report_run_give_up(struct report_run *run, unsigned int day,
		       const char **error_r);
/* report_run_day() for one domain; policies, of one or more configurations, are
   all of that domain (report-domain.c). */
int report_run_domain(struct report_run *run, unsigned int day,
		      const struct report_policy *policies,
		      unsigned int count, const char **error_r);

#endif
