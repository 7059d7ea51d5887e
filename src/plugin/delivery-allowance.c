/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "time-util.h"
#include "authres-limits.h"
#include "disposition.h"
#include "allowance-dict.h"
#include "authres-user.h"
#include "delivery-allowance.h"

static time_t dict_silent_until;

/* Returns 1 if the user allows such mail through that list or forwarder. */
static int
find_allowance(struct allowance_dict *dict, const struct verdict *verdict,
	       enum allowance_kind kind, const char **through_r,
	       const char **error_r)
{
	struct allowance allowance;
	int ret;

	if (!allowance_from_verdict(pool_datastack_create(), verdict, kind,
				    verdict->author_address, &allowance))
		return 0;
	ret = allowance_dict_find(dict, &allowance, ioloop_time, error_r);
	if (ret <= 0)
		return ret;
	*through_r = t_allowance_through(&allowance);
	return allowance_dict_renew(dict, &allowance, ioloop_time,
				    error_r) < 0 ? -1 : 1;
}

const char *
t_delivery_allowance(struct authres_user *auser, const struct verdict *verdict,
		     struct event *event)
{
	struct allowance_dict *dict;
	const char *through = NULL, *error;
	struct timeval begin;
	int ret;

	if (!disposition_may_be_allowed(verdict))
		return NULL;
	io_loop_time_refresh();
	if (ioloop_time < dict_silent_until)
		return NULL;
	begin = ioloop_timeval;
	dict = authres_user_get_allowances(auser);
	ret = find_allowance(dict, verdict, ALLOWANCE_LIST, &through, &error);
	if (ret == 0) {
		ret = find_allowance(dict, verdict, ALLOWANCE_FORWARDER,
				     &through, &error);
	}
	if (ret < 0) {
		authres_user_dict_failed(event, error);
		io_loop_time_refresh();
		if (timeval_diff_msecs(&ioloop_timeval, &begin) >=
						AUTHRES_DICT_SLOW_MSECS)
			dict_silent_until = ioloop_time +
				AUTHRES_DICT_SILENT_SECS;
	}
	return through;
}
