/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hostpid.h"
#include "sleep.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "history-store.h"
#include "report-lease.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

/* where it is kept: no report is of this day */
#define LEASE_DAY 0
/* longer than a dict takes to fail */
#define LEASE_WAIT_MSECS (AUTHRES_DICT_TIMEOUT_MSECS + 1000)
#define LEASE_KEEP_SECS (AUTHRES_REPORT_LEASE_SECS / 10)

struct report_lease {
	struct history_store *store;
	const char *name;
	time_t written;
};

static int
lease_write(struct history_store *store, const char *name, time_t until,
	    const char **error_r)
{
	const char *text = t_strdup_printf("%s\t%s\t%s", my_hostname,
					   my_pid, dec2str(until));

	return history_store_set_report(store, LEASE_DAY, HISTORY_NO_DOMAIN,
					name, text, error_r);
}

/* Returns 1 and who has it, 0 = nobody or we have it, -1. */
static int
lease_read(struct history_store *store, const char *name, time_t now,
	   const char **owner_r, bool *ours_r, const char **error_r)
{
	const char *text, *const *columns;
	int64_t until;
	pid_t pid;
	int ret;

	*ours_r = FALSE;
	ret = history_store_get_report(store, pool_datastack_create(),
				       LEASE_DAY, HISTORY_NO_DOMAIN,
				       name, &text, error_r);
	if (ret <= 0)
		return ret;
	columns = t_strsplit(text, "\t");
	if (str_array_length(columns) != 3 ||
	    str_to_pid(columns[1], &pid) < 0 ||
	    str_to_int64(columns[2], &until) < 0)
		return 0;
	if (strcmp(columns[0], my_hostname) == 0) {
		*ours_r = pid == getpid();
		if (*ours_r || (kill(pid, 0) < 0 && errno == ESRCH))
			return 0;
	}
	if (until <= now || until > now + AUTHRES_REPORT_LEASE_SECS)
		return 0;
	*owner_r = t_strdup_printf("process %s of %s", columns[1],
				   str_sanitize(columns[0], 80));
	return 1;
}

int report_lease_take(struct history_store *store, enum report_kind kind,
		      struct report_lease **lease_r, const char **error_r)
{
	const char *name = kind == REPORT_KIND_FAILURE ? "failure-lease" :
		"lease";
	const char *owner = "another process";
	time_t now = time(NULL);
	bool ours;
	int ret;

	ret = lease_read(store, name, now, &owner, &ours, error_r);
	if (ret == 0) {
		if (lease_write(store, name, now + AUTHRES_REPORT_LEASE_SECS,
				error_r) < 0)
			return -1;
		i_sleep_msecs(LEASE_WAIT_MSECS);
		ret = lease_read(store, name, now, &owner, &ours, error_r);
		if (ret == 0 && !ours)
			ret = 1;
	}
	if (ret < 0)
		return -1;
	if (ret > 0) {
		*error_r = t_strdup_printf("%s is sending reports", owner);
		return 0;
	}
	*lease_r = i_new(struct report_lease, 1);
	(*lease_r)->store = store;
	(*lease_r)->name = name;
	(*lease_r)->written = now;
	return 1;
}

int report_lease_keep(struct report_lease *lease, const char **error_r)
{
	const char *owner;
	time_t now = time(NULL);
	bool ours;

	if (now < lease->written + LEASE_KEEP_SECS && now >= lease->written)
		return 0;
	if (lease_read(lease->store, lease->name, now, &owner, &ours,
		       error_r) < 0)
		return -1;
	if (!ours) {
		*error_r = "another process has begun to send reports";
		return -1;
	}
	lease->written = now;
	return lease_write(lease->store, lease->name,
			   now + AUTHRES_REPORT_LEASE_SECS, error_r);
}

void report_lease_release(struct report_lease **_lease)
{
	struct report_lease *lease = *_lease;
	const char *error;

	if (lease == NULL)
		return;
	*_lease = NULL;
	/* if that fails: this process will be gone, or the time will pass */
	(void)lease_write(lease->store, lease->name, 0, &error);
	i_free(lease);
}
