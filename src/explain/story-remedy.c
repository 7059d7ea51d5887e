/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "address-kind.h"
#include "verdict-policy.h"
#include "phrases.h"
#include "story.h"

static bool is_about(const struct check_result *result, const char *domain)
{
	const char *name = t_check_result_domain(result);

	return name != NULL && domain != NULL && strcasecmp(name, domain) == 0;
}

/* A signature of the author that nearly did it, or NULL. */
static const struct check_result *
find_author_signature(const struct verdict *verdict)
{
	const struct check_result *result;

	array_foreach(&verdict->results, result) {
		if (result->method == CHECK_METHOD_DKIM &&
		    result->result != CHECK_RESULT_PASS &&
		    is_about(result, verdict->author_domain))
			return result;
	}
	return NULL;
}

/* No host with an address of its own is known, such as behind NAT or a proxy in
   front of our MTA: no SPF record can name it. */
static bool client_is_nobody(const struct verdict *verdict)
{
	const struct ip_addr *ip = &verdict->client_ip;

	/* a filter in front of us knew who it was */
	if (ip->family == 0)
		return verdict_find(verdict, CHECK_METHOD_SPF) == NULL;
	return ip_is_private(ip) || ip_is_loopback(ip);
}

static void append_remedy_of_fail(string_t *str, const struct verdict *verdict)
{
	const struct check_result *spf, *dkim;
	const char *author = t_phrase_author(verdict);

	str_append(str, "It would have passed ");
	spf = verdict_find(verdict, CHECK_METHOD_SPF);
	if (client_is_nobody(verdict)) {
		str_printfa(str, "if this site saw which host sent it (no "
			    "change to the SPF record of %s helps until then)",
			    author);
	} else if (spf != NULL && spf->result != CHECK_RESULT_PASS &&
	    is_about(spf, verdict->author_domain)) {
		str_printfa(str, "if %s allowed host %s in its SPF record",
			    author, net_ip2addr(&verdict->client_ip));
	} else {
		str_printfa(str, "with an envelope sender of %s and a host in "
			    "the SPF record of %s", author, author);
	}
	dkim = find_author_signature(verdict);
	if (dkim == NULL) {
		str_printfa(str, ", or with an intact DKIM signature of %s",
			    author);
	} else if (dkim->result == CHECK_RESULT_FAIL) {
		str_printfa(str, ", or if nobody had changed it after %s "
			    "signed it", author);
	} else {
		str_printfa(str, ", or with a usable DKIM signature of %s",
			    author);
	}
	str_append_c(str, '.');
}

void story_remedy_write(string_t *str, const struct verdict *verdict)
{
	if (verdict->origin != MAIL_ORIGIN_EXTERNAL)
		return;
	if (verdict->bad_author) {
		str_append(str, "\nIt would have passed with a From field that "
			   "names one author, and with SPF or DKIM to prove "
			   "that the author's domain sent it.");
	} else if (verdict->dmarc == CHECK_RESULT_FAIL) {
		str_append_c(str, '\n');
		append_remedy_of_fail(str, verdict);
	} else if (verdict->dmarc == CHECK_RESULT_TEMPERROR) {
		str_append(str, "\nThis says nothing against the message: it "
			   "was not known then whether it passes.");
		if (verdict->may_fail) {
			str_append(str, " It would have passed if DNS had "
				   "answered for all its names, and SPF or "
				   "DKIM had proven its author.");
		}
	}
	if (verdict->client_source == CLIENT_SOURCE_NONE &&
	    verdict->dmarc == CHECK_RESULT_TEMPERROR &&
	    verdict->client_reason != NULL) {
		str_append(str, " To make the host known next time, an "
			   "administrator must list all mail servers of the "
			   "site in authres_trusted_hosts.");
	}
}
