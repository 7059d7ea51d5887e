/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "evaluation.h"
#include "verdict-policy.h"
#include "config-report-private.h"

/* What a stranger's mail in its name got. */
static void
report_domain(pool_t pool, const struct config_site_domain *domain,
	      bool listed, ARRAY_TYPE(config_row) *rows)
{
	const char *topic = "our own names";
	const struct verdict *verdict = domain->verdict;

	if (verdict == NULL)
		ADD(INFO, topic, domain->name, "not tried: %s", domain->error);
	else if (verdict_policy_is_our_own(verdict))
		ADD(OK, topic, domain->name,
		    "publishes no policy, but a stranger's mail in its name "
		    "needs a pass here (authres_own_domains)");
	else if (verdict_is_unproven(verdict))
		ADD(OK, topic, domain->name,
		    "publishes p=%s: a stranger's mail in its name needs a "
		    "pass, here and elsewhere",
		    dmarc_policy_name(verdict->policy));
	else if (verdict->temperror)
		ADD(INFO, topic, domain->name,
		    "DNS does not tell whether it publishes a policy");
	else if (verdict->dmarc == CHECK_RESULT_PASS)
		ADD(WARNING, topic, domain->name,
		    "its SPF lets every host send, so any stranger passes");
	else if (listed)
		/* its SPF passes for anybody, or DMARC is not checked */
		ADD(WARNING, topic, domain->name,
		    "a stranger's mail in its name is not stopped, though "
		    "authres_own_domains names it: dmarc=%s",
		    check_result_word_name(verdict->dmarc));
	else
		ADD(INFO, topic, domain->name,
		    "publishes %s: strangers can write in its name. "
		    "authres_own_domains stops that here; doveadm authres "
		    "impact -A --own-domains %s tells what it would put into "
		    "Junk", verdict->dmarc == CHECK_RESULT_FAIL ?
		    "p=none" : "no policy", domain->name);
}

void config_report_own(pool_t pool, const struct config_report_query *query,
		       ARRAY_TYPE(config_row) *rows)
{
	const struct own_domains *own = &query->evaluation->dmarc.own;
	const char *value = t_joined(query->set->own_domains);

	if (query->set->own_domains[0] != NULL && own->domains[0] == NULL)
		ADD(WARNING, "authres_own_domains", value,
		    "names no domain of ours");
	else if (own->domains[0] != NULL &&
		 !str_array_find(query->set->checks, "dmarc"))
		ADD(ERROR, "authres_own_domains", value,
		    "authres_checks lacks dmarc: nothing is done");
	else if (own->domains[0] != NULL)
		ADD(OK, "authres_own_domains", value,
		    "mail of strangers in these names and those below them "
		    "needs a pass");
	else
		ADD(INFO, "authres_own_domains", value,
		    "the site's own names are judged by what they publish. "
		    "doveadm authres config --own-domains 'example.org ...' "
		    "tells in which of them strangers can write");
	for (unsigned int i = 0; i < query->site_domain_count; i++) {
		const struct config_site_domain *domain =
			&query->site_domains[i];

		report_domain(pool, domain,
			      own_domains_find(own, domain->name) != NULL,
			      rows);
	}
}
