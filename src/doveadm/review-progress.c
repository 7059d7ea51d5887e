/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "time-util.h"
#include "mail-storage.h"
#include "review-progress.h"

#include <stdio.h>
#include <unistd.h>

#define PROGRESS_INTERVAL_MSECS 500
/* the clock is looked at once in so many messages */
#define PROGRESS_CLOCK_STEPS 64

struct review_progress {
	const char *vname;
	unsigned int seen, total;
	struct timeval shown;
	bool visible;
};

struct review_progress *review_progress_init(struct mailbox *box)
{
	struct review_progress *progress;
	struct mailbox_status status;

	if (isatty(STDERR_FILENO) == 0 ||
	    mailbox_get_status(box, STATUS_MESSAGES, &status) < 0)
		return NULL;
	progress = i_new(struct review_progress, 1);
	progress->vname = mailbox_get_vname(box);
	progress->total = status.messages;
	i_gettimeofday(&progress->shown);
	return progress;
}

void review_progress_step(struct review_progress *progress)
{
	struct timeval now;

	if (++progress->seen % PROGRESS_CLOCK_STEPS != 0)
		return;
	i_gettimeofday(&now);
	if (timeval_diff_msecs(&now, &progress->shown) <
	    PROGRESS_INTERVAL_MSECS)
		return;
	progress->shown = now;
	progress->visible = TRUE;
	fprintf(stderr, "\r\033[K%s: %u/%u",
		str_sanitize(progress->vname, 60), progress->seen,
		progress->total);
	fflush(stderr);
}

void review_progress_deinit(struct review_progress **_progress)
{
	struct review_progress *progress = *_progress;

	if (progress == NULL)
		return;
	*_progress = NULL;
	if (progress->visible) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	i_free(progress);
}
