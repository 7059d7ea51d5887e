/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

static bool property_is_sendable(const struct check_property *property)
{
	/* A shortened value could name somebody else: rather none. */
	return wire_ptype_is_valid(property->ptype) &&
		wire_keyword_is_valid(property->name) &&
		strlen(property->value) <= AUTHRES_MAX_PVALUE_BYTES;
}

static void
append_properties(string_t *dest, const struct check_result *result)
{
	const struct check_property *property;
	unsigned int count = 0;

	if (!array_is_created(&result->properties))
		return;
	array_foreach(&result->properties, property) {
		if (!property_is_sendable(property))
			continue;
		if (count++ == AUTHRES_MAX_REPLY_PROPERTIES)
			break;
		wire_append_text(dest, t_strconcat(property->ptype, ".",
						   property->name, NULL),
				 property->value, AUTHRES_MAX_PVALUE_BYTES);
	}
}

static void append_result(string_t *dest, const struct check_result *result)
{
	str_printfa(dest, "RESULT\t%s\t%s", check_method_name(result->method),
		    check_result_word_name(result->result));
	wire_append_text(dest, "comment", result->comment,
			 AUTHRES_MAX_COMMENT_BYTES);
	wire_append_text(dest, "reason", result->reason,
			 AUTHRES_MAX_REASON_BYTES);
	wire_append_text(dest, "upstream", result->upstream,
			 AUTHRES_MAX_COMMENT_BYTES);
	append_properties(dest, result);
	str_append_c(dest, '\n');
}

static void append_name(string_t *dest, const char *key, const char *name)
{
	if (name == NULL)
		return;
	name = t_str_lcase(name);
	if (verdict_domain_is_valid(name))
		wire_append(dest, key, name);
}

/* What was changed would name somebody else: rather none. */
static void append_author_address(string_t *dest, const char *address)
{
	if (address != NULL && verdict_author_address_is_valid(address))
		wire_append_percent(dest, "author_address", address);
}

static void append_forwarder(string_t *dest, const char *forwarder)
{
	if (forwarder == NULL)
		return;
	forwarder = t_str_lcase(forwarder);
	if (verdict_forwarder_is_valid(forwarder))
		wire_append(dest, "forwarder", forwarder);
}

static void append_flag(string_t *dest, const char *key, bool value)
{
	if (value)
		wire_append(dest, key, "yes");
}

/* Where the message came from, in our own words. */
static void append_origin(string_t *dest, const struct verdict *verdict)
{
	wire_append(dest, "origin", mail_origin_name(verdict->origin));
	wire_append(dest, "client_source",
		    client_source_name(verdict->client_source));
	wire_append_ip(dest, "client_ip", &verdict->client_ip);
	wire_append_uint(dest, "received_index", verdict->received_index);
}

static void append_client(string_t *dest, const struct verdict *verdict)
{
	append_origin(dest, verdict);
	append_name(dest, "client_by", verdict->client_by);
	wire_append_text(dest, "client_helo", verdict->client_helo,
			 AUTHRES_MAX_HELO_BYTES);
	wire_append_text(dest, "client_reason", verdict->client_reason,
			 AUTHRES_MAX_REASON_BYTES);
	wire_append_text(dest, "upstream_reason", verdict->upstream_reason,
			 AUTHRES_MAX_REASON_BYTES);
	append_forwarder(dest, verdict->forwarder);
}

/* What decides: words of ours and domains in A-labels. */
static void append_policy(string_t *dest, const struct verdict *verdict)
{
	str_append(dest, "VERDICT");
	wire_append(dest, "dmarc", check_result_word_name(verdict->dmarc));
	wire_append(dest, "policy", dmarc_policy_name(verdict->policy));
	wire_append(dest, "override",
		    override_reason_name(verdict->override_reason));
	append_name(dest, "author_domain", verdict->author_domain);
	append_name(dest, "organizational_domain",
		    verdict->organizational_domain);
	append_name(dest, "policy_domain", verdict->policy_domain);
	append_name(dest, "list_domain", verdict->list_domain);
	append_flag(dest, "bad_author", verdict->bad_author);
	append_flag(dest, "bad_author_enforced", verdict->bad_author_enforced);
	append_flag(dest, "mail_from_spf_pass", verdict->mail_from_spf_pass);
	append_flag(dest, "author_header_signed",
		    verdict->author_header_signed);
	append_flag(dest, "phishing", verdict->phishing);
	append_flag(dest, "temperror", verdict->temperror);
	append_flag(dest, "may_fail", verdict->may_fail);
	append_flag(dest, "may_wait", verdict->may_wait);
}

void verdict_encode(const struct verdict *verdict, string_t *dest)
{
	const struct check_result *result;
	unsigned int count = 0;

	if (array_is_created(&verdict->results)) {
		array_foreach(&verdict->results, result) {
			if (count++ == AUTHRES_MAX_REPLY_RESULTS)
				break;
			append_result(dest, result);
		}
	}
	append_policy(dest, verdict);
	wire_append_text(dest, "override_comment", verdict->override_comment,
			 AUTHRES_MAX_REASON_BYTES);
	append_author_address(dest, verdict->author_address);
	append_client(dest, verdict);
	wire_append_uint(dest, "dns_questions", verdict->dns_questions);
	wire_append_uint(dest, "dns_cached", verdict->dns_cached);
	wire_append_uint(dest, "dns_waves", verdict->dns_waves);
	wire_append_uint(dest, "dns_wait_msecs", verdict->dns_wait_msecs);
	wire_append_uint(dest, "cpu_usecs", verdict->cpu_usecs);
	str_append_c(dest, '\n');
}

/* An entry's word, and for DMARC whose policy it is and what it asks for. */
static void
append_minimal_result(string_t *dest, const struct check_result *result)
{
	enum dmarc_policy policy;
	const char *value;

	str_printfa(dest, "RESULT\t%s\t%s", check_method_name(result->method),
		    check_result_word_name(result->result));
	if (result->method == CHECK_METHOD_DMARC) {
		append_name(dest, "header.from",
			    check_result_property(result, "header", "from"));
		value = check_result_property(result, "policy", "dmarc");
		if (value != NULL && dmarc_policy_parse(value, &policy) == 0) {
			wire_append(dest, "policy.dmarc",
				    dmarc_policy_name(policy));
		}
	}
	str_append_c(dest, '\n');
}

void verdict_encode_minimal(const struct verdict *verdict, string_t *dest)
{
	const struct check_result *result;
	unsigned int count = 0;

	if (array_is_created(&verdict->results)) {
		array_foreach(&verdict->results, result) {
			if (count++ == AUTHRES_MAX_REPLY_RESULTS)
				break;
			append_minimal_result(dest, result);
		}
	}
	append_policy(dest, verdict);
	append_origin(dest, verdict);
	str_append_c(dest, '\n');
}
