/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "strnum.h"
#include "authres-limits.h"
#include "authres-field.h"
#include "verdict-policy.h"
#include "verdict-field.h"

/* The comments on the whole field:
     (authres: origin=local client=192.0.2.1 source=received line=2 helo=mx)
     (authres: reason=why that client, or why none)
     (authres: upstream=why results of a filter in front were not used)
     (authres: forwarder=mx.example.net)
     (authres: list=lists.example.org)
   helo=, reason= and upstream= take all that follows: a stranger may have
   written it. */

static const char *t_client_comment(const struct verdict *verdict)
{
	string_t *str = t_str_new(128);

	if (verdict->origin == MAIL_ORIGIN_EXTERNAL &&
	    verdict->client_ip.family == 0 && verdict->client_reason == NULL)
		return NULL;
	if (verdict->origin != MAIL_ORIGIN_EXTERNAL)
		str_printfa(str, "origin=%s ",
			    mail_origin_name(verdict->origin));
	str_printfa(str, "client=%s source=%s",
		    verdict->client_ip.family == 0 ? "unknown" :
		    net_ip2addr(&verdict->client_ip),
		    client_source_name(verdict->client_source));
	if (verdict->received_index > 0)
		str_printfa(str, " line=%u", verdict->received_index);
	if (verdict->client_helo != NULL) {
		str_append(str, " helo=");
		str_append_max(str, verdict->client_helo,
			       AUTHRES_MAX_HELO_BYTES);
	}
	return str_c(str);
}

/* NULL if name is none, or too long for a comment: a shortened name would be
   another's. */
static const char *t_name_comment(const char *key, const char *name,
				  bool (*is_valid)(const char *name))
{
	if (name == NULL || !is_valid(name) ||
	    strlen(key) + strlen(name) > AUTHRES_MAX_COMMENT_BYTES)
		return NULL;
	return t_strconcat(key, name, NULL);
}

void verdict_field_write(string_t *dest, const struct verdict *verdict,
			     const char *authserv_id, const char *newline)
{
	const char *comments[6], *client, *name;
	unsigned int count = 0;

	client = t_client_comment(verdict);
	if (client != NULL)
		comments[count++] = client;
	if (verdict->client_reason != NULL) {
		comments[count++] = t_strconcat("reason=",
			verdict->client_reason, NULL);
	}
	if (verdict->upstream_reason != NULL) {
		comments[count++] = t_strconcat("upstream=",
			verdict->upstream_reason, NULL);
	}
	name = t_name_comment("forwarder=", verdict->forwarder,
			      verdict_forwarder_is_valid);
	if (name != NULL)
		comments[count++] = name;
	name = t_name_comment("list=", verdict->list_domain,
			      verdict_domain_is_valid);
	if (name != NULL)
		comments[count++] = name;
	comments[count] = NULL;
	authres_field_write(dest, authserv_id, &verdict->results, comments,
			    newline);
}

static void
read_pair(pool_t pool, const char *key, const char *value,
	  struct verdict *verdict)
{
	if (strcmp(key, "origin") == 0) {
		(void)mail_origin_parse(value, &verdict->origin);
	} else if (strcmp(key, "client") == 0) {
		if (net_addr2ip(value, &verdict->client_ip) < 0)
			i_zero(&verdict->client_ip);
	} else if (strcmp(key, "source") == 0) {
		(void)client_source_parse(value, &verdict->client_source);
	} else if (strcmp(key, "line") == 0) {
		if (str_to_uint(value, &verdict->received_index) < 0)
			verdict->received_index = 0;
	} else if (strcmp(key, "forwarder") == 0) {
		if (verdict_forwarder_is_valid(value))
			verdict->forwarder = p_strdup(pool, value);
	} else if (strcmp(key, "list") == 0) {
		if (verdict_domain_is_valid(value))
			verdict->list_domain = p_strdup(pool, value);
	}
}

static void
read_comment(pool_t pool, const char *comment, struct verdict *verdict)
{
	const char *key, *value, *end;

	while ((value = strchr(comment, '=')) != NULL) {
		key = t_strdup_until(comment, value++);
		if (strcmp(key, "reason") == 0) {
			verdict->client_reason = p_strdup(pool, value);
			return;
		}
		if (strcmp(key, "upstream") == 0) {
			verdict->upstream_reason = p_strdup(pool, value);
			return;
		}
		if (strcmp(key, "helo") == 0) {
			verdict->client_helo = p_strdup(pool, value);
			return;
		}
		end = strchr(value, ' ');
		if (end == NULL) {
			read_pair(pool, key, value, verdict);
			return;
		}
		read_pair(pool, key, t_strdup_until(value, end), verdict);
		comment = end + 1;
	}
}

/* "mailing_list: lists.example.org" */
static const char *
read_override_comment(const char *text, enum override_reason reason)
{
	const char *name = override_reason_name(reason);
	size_t len = strlen(name);

	if (text == NULL || strncmp(text, name, len) != 0)
		return text;
	if (text[len] == '\0')
		return NULL;
	return strncmp(text + len, ": ", 2) == 0 ? text + len + 2 : text;
}

static void
read_dmarc(const struct check_result *result, struct verdict *verdict)
{
	const char *policy, *reason;

	policy = check_result_property(result, "policy", "dmarc");
	reason = check_result_property(result, "policy", "override-reason");
	verdict->dmarc = result->result;
	if (policy != NULL)
		(void)dmarc_policy_parse(policy, &verdict->policy);
	if (reason != NULL &&
	    override_reason_parse(reason, &verdict->override_reason) == 0 &&
	    verdict->override_reason != OVERRIDE_REASON_NONE) {
		verdict->override_comment = read_override_comment(
			result->reason, verdict->override_reason);
	}
	verdict->temperror = result->result == CHECK_RESULT_TEMPERROR;
	/* else it would not say which policy that is */
	verdict->may_fail = verdict->temperror && policy != NULL &&
		verdict->policy != DMARC_POLICY_NONE;
	verdict->author_domain =
		check_result_property(result, "header", "from");
	verdict->bad_author = result->result == CHECK_RESULT_PERMERROR &&
		verdict->author_domain == NULL;
	if (verdict->bad_author) {
		verdict->bad_author_enforced =
			verdict->policy != DMARC_POLICY_NONE;
		verdict->policy = DMARC_POLICY_NONE;
	}
}

/* Another domain that can be read in a bad From. */
static void
read_other_dmarc(const struct check_result *result, struct verdict *verdict)
{
	enum dmarc_policy policy;
	const char *value;

	value = check_result_property(result, "policy", "dmarc");
	if (!verdict->bad_author || value == NULL ||
	    dmarc_policy_parse(value, &policy) < 0 ||
	    policy == DMARC_POLICY_NONE)
		return;
	if (result->result == CHECK_RESULT_FAIL)
		verdict->bad_author_enforced = TRUE;
	else if (result->result == CHECK_RESULT_TEMPERROR)
		verdict->may_fail = TRUE;
}

void verdict_field_read(pool_t pool, const struct authres_field *field,
			    struct verdict *verdict_r)
{
	const struct check_result *result;
	const char *const *comment;
	bool dmarc_seen = FALSE;

	i_zero(verdict_r);
	verdict_r->results = field->results;
	array_foreach(&field->results, result) {
		if (result->method == CHECK_METHOD_DMARC) {
			if (dmarc_seen)
				read_other_dmarc(result, verdict_r);
			else
				read_dmarc(result, verdict_r);
			dmarc_seen = TRUE;
		} else if (result->method == CHECK_METHOD_SPF &&
			   result->result == CHECK_RESULT_PASS &&
			   check_result_property(result, "smtp",
						 "mailfrom") != NULL) {
			verdict_r->mail_from_spf_pass = TRUE;
		}
	}
	for (comment = field->comments; *comment != NULL; comment++)
		read_comment(pool, *comment, verdict_r);
}
