/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "event-filter.h"
#include "str.h"
#include "str-sanitize.h"
#include "check-result.h"
#include "verdict-policy.h"
#include "disposition.h"
#include "log-line.h"
#include "sentence.h"
#include "authres-user.h"
#include "delivery-log.h"

#define EVENT_FIELD_MAX_CHARS 128

static char *setting_errors_told;

static const char *event_text(const char *text)
{
	return text == NULL ? NULL : str_sanitize(text, EVENT_FIELD_MAX_CHARS);
}

static void
event_passthrough_add(struct event_passthrough *e, const char *key,
		      const char *value)
{
	if (value != NULL && *value != '\0')
		e->add_str(key, event_text(value));
}

static bool filter_says_nothing(struct event_filter *filter)
{
	string_t *text;
	bool empty;

	if (filter == NULL)
		return TRUE;
	/* the stats process sends its filter even when no metric asks */
	T_BEGIN {
		text = t_str_new(128);
		event_filter_export(filter, text);
		empty = str_len(text) == 0;
	} T_END;
	return empty;
}

/* FALSE if neither a metric nor a log filter can ask for the fields of our
   events: making them is a fifth of what a delivery costs. */
static bool events_are_watched(struct event *parent)
{
	return event_want_debug(parent) ||
		!filter_says_nothing(event_get_global_debug_send_filter()) ||
		!filter_says_nothing(event_get_global_debug_log_filter()) ||
		!filter_says_nothing(event_get_global_core_log_filter());
}

static struct event *log_event_create(struct event *parent)
{
	struct event *event = event_create(parent);

	event_add_category(event, &event_category_authres);
	return event;
}

static void
delivery_log_check(struct event *event, const struct check_result *result)
{
	struct event_passthrough *e = event_create_passthrough(event)->
		set_name("authres_check_finished")->
		add_str("method", check_method_name(result->method))->
		add_str("result", check_result_word_name(result->result));
	const char *domain = t_check_result_domain(result);

	if (result->method == CHECK_METHOD_DKIM) {
		event_passthrough_add(e, "selector",
			check_result_property(result, "header", "s"));
	}
	event_passthrough_add(e, "domain", domain);
	event_passthrough_add(e, "reason", result->reason);
	event_passthrough_add(e, "upstream", result->upstream);
	e_debug(e->event(), "authres: %s=%s%s%s%s%s",
		check_method_name(result->method),
		check_result_word_name(result->result),
		domain == NULL ? "" : " domain=",
		domain == NULL ? "" : event_text(domain),
		result->reason == NULL ? "" : " reason=",
		result->reason == NULL ? "" : event_text(result->reason));
}

void delivery_log_checks(struct event *parent, const struct verdict *verdict)
{
	const struct check_result *result;
	struct event *event;

	if (!array_is_created(&verdict->results) ||
	    !events_are_watched(parent))
		return;
	event = log_event_create(parent);
	array_foreach(&verdict->results, result) T_BEGIN {
		delivery_log_check(event, result);
	} T_END;
	event_unref(&event);
}

static void
event_passthrough_add_results(struct event_passthrough *e,
			      const struct verdict *verdict)
{
	const struct check_result *result;
	enum check_method method;

	e->add_str("dmarc", check_result_word_name(verdict->dmarc));
	for (method = 0; method < CHECK_METHOD_COUNT; method++) {
		if (method == CHECK_METHOD_DMARC ||
		    check_method_setting(method) == NULL)
			continue;
		result = verdict_find(verdict, method);
		if (result != NULL) {
			e->add_str(check_method_setting(method),
				   check_result_word_name(result->result));
		}
	}
}

static void
event_passthrough_add_client(struct event_passthrough *e,
			     const struct verdict *verdict)
{
	e->add_str("origin", mail_origin_name(verdict->origin));
	e->add_str("client_source", client_source_name(verdict->client_source));
	if (verdict->client_ip.family != 0)
		e->add_str("client_ip", net_ip2addr(&verdict->client_ip));
}

static void
event_passthrough_add_work(struct event_passthrough *e,
			   const struct delivery_report *report)
{
	e->add_int("verifier_msecs", report->verifier_msecs);
	e->add_int("dns_questions", report->verdict->dns_questions);
	e->add_int("dns_cached", report->verdict->dns_cached);
	e->add_int("dns_waves", report->verdict->dns_waves);
	e->add_int("dns_wait_msecs", report->verdict->dns_wait_msecs);
	e->add_int("forged_fields", report->forged_count);
	event_passthrough_add(e, "error", report->verifier_error);
}

static bool report_is_logged(const struct delivery_report *report)
{
	if (report->log == AUTHRES_LOG_FAILURES) {
		return report->disposition->action != DISPOSITION_KEEP ||
			report->verdict->dmarc == CHECK_RESULT_FAIL ||
			report->verdict->dmarc == CHECK_RESULT_TEMPERROR ||
			report->verdict->dmarc == CHECK_RESULT_PERMERROR;
	}
	return report->log != AUTHRES_LOG_NONE;
}

static void
event_passthrough_add_message(struct event_passthrough *e,
			      const struct delivery_report *report)
{
	const struct verdict *verdict = report->verdict;
	const struct disposition *disposition = report->disposition;

	event_passthrough_add_results(e, verdict);
	if (verdict->dmarc == CHECK_RESULT_FAIL ||
	    (verdict->may_fail && !verdict->bad_author))
		e->add_str("policy", dmarc_policy_name(verdict->policy));
	if (verdict_policy_is_our_own(verdict))
		e->add_str("own_domain", "yes");
	e->add_str("disposition", disposition_action_name(disposition->action));
	e->add_str("override_reason",
		   override_reason_name(disposition->override_reason));
	event_passthrough_add(e, "author_domain", verdict->author_domain);
	event_passthrough_add(e, "mailbox", report->mailboxes);
	event_passthrough_add_client(e, verdict);
	event_passthrough_add_work(e, report);
}

void delivery_log_message(struct event *parent,
			  const struct delivery_report *report)
{
	const struct verdict *verdict = report->verdict;
	const struct disposition *disposition = report->disposition;
	struct event *event = log_event_create(parent);
	struct event_passthrough *e = event_create_passthrough(event)->
		set_name("authres_message_finished");

	if (events_are_watched(parent))
		event_passthrough_add_message(e, report);
	T_BEGIN {
		const char *line = t_log_line(verdict, disposition,
					      report->mailboxes);

		if (report_is_logged(report))
			e_info(e->event(), "authres: %s", line);
		else
			e_debug(e->event(), "authres: %s", line);
	} T_END;
	T_BEGIN {
		e_debug(event, "authres: why: %s",
			t_sentence_disposition(verdict, disposition));
	} T_END;
	event_unref(&event);
}

void delivery_log_setting_errors(struct event *event,
				 const char *const *errors)
{
	const char *text;

	text = t_strdup_printf("authres: %s", t_strarray_join(errors, "; "));
	if (null_strcmp(setting_errors_told, text) == 0)
		return;
	i_free(setting_errors_told);
	setting_errors_told = i_strdup(text);
	e_error(event, "%s", text);
}

void delivery_log_deinit(void)
{
	i_free(setting_errors_told);
}
