/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "config-report-private.h"

/* Fewer messages tell nothing of the configuration. The log waits for more of
   them, since nobody asked it. */
#define CONFIG_MIN_MESSAGES 5

/* All verifier processes together; of what is only one, the last. */
struct mail_counts {
	unsigned int messages, unknown, local, inside, srs, relay;
	const char *unknown_reason, *srs_domain, *relay_ip;
};

static unsigned int status_count(const char *const *status, const char *key)
{
	unsigned int count;

	return str_to_uint(config_status_value(status, key), &count) < 0 ?
		0 : I_MIN(count, 1000 * 1000);
}

static void
status_text(const char *const *status, const char *key, const char **text)
{
	const char *value = config_status_value(status, key);

	if (*value != '\0')
		*text = value;
}

static void
mail_counts_get(const struct config_report_query *query,
		struct mail_counts *counts_r)
{
	const char *const *const *status;

	i_zero(counts_r);
	counts_r->unknown_reason = counts_r->srs_domain = "none";
	counts_r->relay_ip = "";
	for (status = query->verifiers; *status != NULL; status++) {
		counts_r->messages += status_count(*status, "mail");
		counts_r->unknown += status_count(*status, "mail_unknown");
		counts_r->local += status_count(*status, "mail_local");
		counts_r->inside += status_count(*status, "mail_inside");
		counts_r->srs += status_count(*status, "mail_srs");
		counts_r->relay += status_count(*status, "mail_relay");
		status_text(*status, "mail_unknown_reason",
			    &counts_r->unknown_reason);
		status_text(*status, "mail_srs_domain", &counts_r->srs_domain);
		status_text(*status, "mail_relay_ip", &counts_r->relay_ip);
	}
}

static const char *
t_of_all(unsigned int count, const struct mail_counts *counts)
{
	return t_strdup_printf("%u of %u", count, counts->messages);
}

static void
report_clients(pool_t pool, const struct mail_counts *counts,
	       const char *topic, ARRAY_TYPE(config_row) *rows)
{
	unsigned int most = counts->messages - counts->messages / 10;

	if (counts->unknown > counts->messages / 2)
		ADD(WARNING, topic, t_of_all(counts->unknown, counts),
		    "had no trustworthy client address, so SPF was not "
		    "checked for them. Last reason: %s. See "
		    "authres_trusted_hosts",
		    counts->unknown_reason);
	if (counts->inside > 0 && counts->inside + counts->unknown >= most)
		ADD(WARNING, topic, t_of_all(counts->inside, counts),
		    "came to our MTA from our own host and were not judged. If "
		    "this is not our own mail, NAT or a container's port "
		    "proxy hides who sent it: see doc/containers.md");
	if (counts->local >= most)
		ADD(WARNING, topic, t_of_all(counts->local, counts),
		    "were handed over by local users and not judged. If a "
		    "filter puts mail back with sendmail(1), add its user to "
		    "authres_filter_users");
	if (counts->relay > counts->messages / 2)
		ADD(WARNING, topic, t_of_all(counts->relay, counts),
		    "came from %s, which passes on mail for others. If you "
		    "know it as an MTA of ours, add it to "
		    "authres_trusted_hosts", counts->relay_ip);
}

static void
report_senders(pool_t pool, const struct mail_counts *counts,
	       const char *topic, ARRAY_TYPE(config_row) *rows)
{
	if (counts->srs > counts->messages / 2)
		ADD(WARNING, topic, t_of_all(counts->srs, counts),
		    "had a sender that SRS rewrote to %s. If this is our own "
		    "SRS (PostSRSd), add this domain to "
		    "authres_trusted_hosts: otherwise SPF is checked for it, "
		    "not for the sender's domain", counts->srs_domain);
}

void config_report_traffic(pool_t pool,
			   const struct config_report_query *query,
			   ARRAY_TYPE(config_row) *rows)
{
	const char *topic = "mail of the last hour";
	struct mail_counts counts;
	unsigned int count = array_count(rows);

	if (query->verifier_error != NULL)
		return;
	mail_counts_get(query, &counts);
	if (counts.messages < CONFIG_MIN_MESSAGES) {
		ADD(INFO, topic, dec2str(counts.messages),
		    "too few messages to tell whether their clients are found: "
		    "try again after %u messages from outside",
		    CONFIG_MIN_MESSAGES);
		return;
	}
	report_clients(pool, &counts, topic, rows);
	report_senders(pool, &counts, topic, rows);
	if (array_count(rows) == count)
		ADD(OK, topic, dec2str(counts.messages),
		    "their clients were found, or they are our own");
}
