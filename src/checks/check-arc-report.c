/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "net.h"
#include "check-arc.h"

static const char *
arc_comment(pool_t pool, const struct arc_outcome *outcome)
{
	const struct arc_set_outcome *newest;

	if (outcome->newest_instance == 0)
		return NULL;
	if (array_count(&outcome->sets) == 0)
		return p_strdup_printf(pool, "i=%u", outcome->newest_instance);
	newest = array_back(&outcome->sets);
	return p_strdup_printf(pool, "i=%u sealed by %s",
			       outcome->newest_instance, newest->sealer);
}

void check_arc_report(pool_t pool, const struct arc_outcome *outcome,
		      const struct ip_addr *client_ip,
		      struct check_result *result_r)
{
	i_zero(result_r);
	result_r->method = CHECK_METHOD_ARC;
	result_r->result = outcome->result;
	result_r->reason = p_strdup(pool, outcome->reason);
	result_r->comment = arc_comment(pool, outcome);
	if (outcome->stale)
		check_result_set_stale(pool, result_r);
	if (outcome->result == CHECK_RESULT_NONE)
		return;
	if (client_ip != NULL && client_ip->family != 0) {
		check_result_add_property(pool, result_r, "smtp", "remote-ip",
					  net_ip2addr(client_ip));
	}
	if (outcome->result == CHECK_RESULT_PASS) {
		check_result_add_property(pool, result_r, "header",
			"oldest-pass", dec2str(outcome->oldest_pass));
	}
}
