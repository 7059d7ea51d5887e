/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "str-sanitize.h"
#include "authres-limits.h"
#include "verdict-policy.h"
#include "disposition.h"
#include "phrases.h"
#include "log-line.h"

static void
append_method(string_t *str, const struct verdict *verdict,
	      enum check_method method, bool reason)
{
	const struct check_result *result;

	result = verdict_find_best(verdict, method);
	if (result == NULL)
		return;
	str_printfa(str, "%s=%s ", check_method_name(method),
		    check_result_word_name(result->result));
	/* DNS did not answer, and what it had said before was used */
	if (check_result_is_stale(result))
		str_append(str, "(stale) ");
	if (reason && result->reason != NULL &&
	    result->result != CHECK_RESULT_PASS) {
		str_append_c(str, '(');
		phrase_append(str, result->reason);
		str_append(str, ") ");
	}
}

static void append_policy(string_t *str, const struct verdict *verdict)
{
	if (verdict->dmarc == CHECK_RESULT_FAIL ||
	    (verdict->may_fail && !verdict->bad_author))
		str_printfa(str, "p=%s%s ", dmarc_policy_name(verdict->policy),
			    verdict_policy_is_our_own(verdict) ?
			    "(our own domain)" : "");
	if (verdict->bad_author) {
		str_printfa(str, "from=bad%s ", verdict->bad_author_enforced ?
			    "(enforced)" : "");
	} else if (verdict->author_domain != NULL) {
		str_append(str, "from=");
		phrase_append(str, verdict->author_domain);
		str_append_c(str, ' ');
	}
}

static void
append_override(string_t *str, const struct disposition *disposition)
{
	if (disposition->override_reason == OVERRIDE_REASON_NONE)
		return;
	str_printfa(str, "override=%s ",
		    override_reason_name(disposition->override_reason));
	if (disposition->override_comment != NULL) {
		str_append_c(str, '(');
		phrase_append(str, disposition->override_comment);
		str_append(str, ") ");
	}
}

static bool
result_is_repeated(const struct verdict *verdict,
		   const struct check_result *result)
{
	const struct check_result *other;

	array_foreach(&verdict->results, other) {
		if (other == result)
			break;
		if (other->method == result->method)
			return TRUE;
	}
	return FALSE;
}

/* "upstream=dmarc(mx.example.org),spf(mx.example.org) " */
static void append_upstream(string_t *str, const struct verdict *verdict)
{
	const struct check_result *result;
	const char *prefix = "upstream=";

	if (!array_is_created(&verdict->results))
		return;
	array_foreach(&verdict->results, result) {
		if (result->upstream == NULL ||
		    result_is_repeated(verdict, result))
			continue;
		str_printfa(str, "%s%s(", prefix,
			    check_method_name(result->method));
		phrase_append(str, result->upstream);
		str_append_c(str, ')');
		prefix = ",";
	}
	if (*prefix == ',')
		str_append_c(str, ' ');
	if (verdict->upstream_reason != NULL) {
		str_append(str, "upstream-unused=(");
		phrase_append(str, verdict->upstream_reason);
		str_append(str, ") ");
	}
}

static void append_client(string_t *str, const struct verdict *verdict)
{
	if (verdict->origin != MAIL_ORIGIN_EXTERNAL)
		str_printfa(str, "origin=%s ",
			    mail_origin_name(verdict->origin));
	if (verdict->client_ip.family != 0) {
		str_printfa(str, "ip=%s(%s) ", net_ip2addr(&verdict->client_ip),
			    client_source_name(verdict->client_source));
	} else {
		str_append(str, "ip=unknown ");
	}
}

static void
append_destination(string_t *str, enum disposition_action action,
		   const char *mailbox)
{
	switch (action) {
	case DISPOSITION_REJECT:
		str_append(str, " -> rejected");
		return;
	case DISPOSITION_TEMPFAIL:
		str_append(str, " -> deferred");
		return;
	case DISPOSITION_KEEP:
	case DISPOSITION_JUNK:
		break;
	}
	if (mailbox != NULL) {
		str_append(str, " -> ");
		/* the only text that is ours, and it may be UTF-8 */
		str_sanitize_append(str, mailbox, AUTHRES_MAX_PHRASE_BYTES);
	}
}

const char *t_log_line(const struct verdict *verdict,
				   const struct disposition *disposition,
				   const char *mailbox)
{
	string_t *str = t_str_new(256);
	enum check_method method;

	for (method = 0; method < CHECK_METHOD_COUNT; method++) {
		if (method != CHECK_METHOD_DMARC) {
			append_method(str, verdict, method,
				      method == CHECK_METHOD_DKIM);
		}
	}
	/* why it fails is told by the others */
	append_method(str, verdict, CHECK_METHOD_DMARC,
		      verdict->dmarc != CHECK_RESULT_FAIL);
	append_policy(str, verdict);
	append_override(str, disposition);
	append_upstream(str, verdict);
	append_client(str, verdict);
	str_printfa(str, "dns=%uq/%uw/%ums", verdict->dns_questions,
		    verdict->dns_waves, verdict->dns_wait_msecs);
	append_destination(str, disposition->action, mailbox);
	return str_c(str);
}
