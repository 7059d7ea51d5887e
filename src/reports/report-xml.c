/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "unichar.h"
#include "net.h"
#include "authres-limits.h"
#include "published-policy.h"
#include "history-row.h"
#include "report-name.h"
#include "report-xml.h"

#include <ctype.h>
#include <libxml/xmlwriter.h>

#define XML_NAMESPACE "urn:ietf:params:xml:ns:dmarc-2.0"
#define XML_MAX_TEXT_BYTES 1024

struct report_xml {
	xmlTextWriterPtr writer;
	report_xml_output_t *output;
	void *context;
	enum authres_report_form form;
	enum report_detail detail;
};

static int report_xml_write(void *context, const char *data, int size)
{
	struct report_xml *xml = context;

	xml->output(xml->context, data, size);
	return size;
}

static int report_xml_close(void *context ATTR_UNUSED)
{
	return 0;
}

static void xml_start(struct report_xml *xml, const char *name)
{
	(void)xmlTextWriterStartElement(xml->writer, (const xmlChar *)name);
}

static void xml_end(struct report_xml *xml)
{
	(void)xmlTextWriterEndElement(xml->writer);
}

static void
xml_text(struct report_xml *xml, const char *name, const char *text)
{
	(void)xmlTextWriterWriteElement(xml->writer, (const xmlChar *)name,
					(const xmlChar *)text);
}

static void
xml_number(struct report_xml *xml, const char *name, uint64_t number)
{
	xml_text(xml, name, dec2str(number));
}

/* One line of what XML 1.0 takes (section 2.2), and of these nothing that would
   be written as an entity: some readers keep only the text behind the last. */
static const char *t_line(const char *text)
{
	string_t *str = t_str_new(128);
	unichar_t c;
	int size;

	for (; *text != '\0' && str_len(str) < XML_MAX_TEXT_BYTES - 4;
	     text += size) {
		size = uni_utf8_get_char(text, &c);
		if (size <= 0) {
			size = 1;
			str_append_c(str, '?');
		} else if (c < 0x20 || (c >= 0x7f && c < 0xa0) ||
			   c == 0xfffe || c == 0xffff)
			str_append_c(str, ' ');
		else if (c == '<' || c == '>' || c == '&')
			str_append_c(str, '?');
		else if (c == '"')
			str_append_c(str, '\'');
		else
			str_append_data(str, text, size);
	}
	return str_c(str);
}

static void
xml_line(struct report_xml *xml, const char *name, const char *text)
{
	if (text != NULL && *(text = t_line(text)) != '\0')
		xml_text(xml, name, text);
}

static void
xml_metadata(struct report_xml *xml, const struct report_xml_head *head)
{
	xml_start(xml, "report_metadata");
	xml_line(xml, "org_name", head->organization);
	xml_line(xml, "email", head->email);
	xml_text(xml, "report_id", head->name->id);
	xml_start(xml, "date_range");
	xml_number(xml, "begin", head->name->begin);
	xml_number(xml, "end", head->name->end);
	xml_end(xml);
	xml_line(xml, "error", head->error);
	if (xml->form == AUTHRES_REPORT_FORM_RFC9990)
		xml_line(xml, "generator", head->generator);
	xml_end(xml);
}

/* As published, with defaults; sp of RFC 7489 has one, too. */
static void
xml_policy(struct report_xml *xml, const struct report_xml_head *head)
{
	const struct published_policy *policy = head->policy;
	bool old = xml->form == AUTHRES_REPORT_FORM_RFC7489;

	xml_start(xml, "policy_published");
	xml_text(xml, "domain", head->policy_domain);
	if (!old)
		xml_text(xml, "discovery_method",
			 policy->tree_walk ? "treewalk" : "psl");
	if (old) {
		xml_text(xml, "adkim", policy->strict_dkim ? "s" : "r");
		xml_text(xml, "aspf", policy->strict_spf ? "s" : "r");
	}
	xml_text(xml, "p", dmarc_policy_name(policy->policy));
	if (policy->has_subdomain_policy || old) {
		xml_text(xml, "sp", dmarc_policy_name(
			policy->has_subdomain_policy ?
			policy->subdomain_policy : policy->policy));
	}
	if (old)
		xml_number(xml, "pct", I_MIN(policy->percent, 100));
	else if (policy->has_nonexistent_policy)
		xml_text(xml, "np",
			 dmarc_policy_name(policy->nonexistent_policy));
	xml_text(xml, "fo", policy->fo == NULL ? "0" : policy->fo);
	if (!old) {
		xml_text(xml, "adkim", policy->strict_dkim ? "s" : "r");
		xml_text(xml, "aspf", policy->strict_spf ? "s" : "r");
		xml_text(xml, "testing", policy->test_mode ? "y" : "n");
	}
	xml_end(xml);
}

struct report_xml *
report_xml_init(const struct report_xml_head *head,
		report_xml_output_t *output, void *context)
{
	struct report_xml *xml = i_new(struct report_xml, 1);
	xmlOutputBufferPtr buffer;

	xml->output = output;
	xml->context = context;
	xml->form = head->form;
	xml->detail = head->detail;
	buffer = xmlOutputBufferCreateIO(report_xml_write, report_xml_close,
					 xml, NULL);
	xml->writer = buffer == NULL ? NULL : xmlNewTextWriter(buffer);
	if (xml->writer == NULL)
		i_fatal_status(FATAL_OUTOFMEM, "xmlNewTextWriter() failed");
	(void)xmlTextWriterSetIndent(xml->writer, 1);
	(void)xmlTextWriterStartDocument(xml->writer, "1.0", "UTF-8", NULL);
	xml_start(xml, "feedback");
	if (head->form == AUTHRES_REPORT_FORM_RFC9990)
		(void)xmlTextWriterWriteAttribute(xml->writer,
			(const xmlChar *)"xmlns",
			(const xmlChar *)XML_NAMESPACE);
	xml_text(xml, "version", "1.0");
	T_BEGIN {
		xml_metadata(xml, head);
		xml_policy(xml, head);
	} T_END;
	return xml;
}

bool report_xml_takes_row(const struct history_row *row)
{
	return row->event == HISTORY_EVENT_DELIVERED &&
		row->source_ip.family != 0 &&
		strcmp(row->policy_domain, HISTORY_NO_DOMAIN) != 0 &&
		report_domain_is_valid(row->header_from);
}

static const char *
reason_name(const struct report_xml *xml, enum history_reason reason)
{
	if (xml->form == AUTHRES_REPORT_FORM_RFC9990)
		return reason == HISTORY_REASON_SAMPLED_OUT ? "other" :
			history_reason_name(reason);
	return reason == HISTORY_REASON_POLICY_TEST_MODE ? "other" :
		history_reason_name(reason);
}

static void
xml_evaluated(struct report_xml *xml, const struct history_row *row)
{
	enum history_disposition disposition = row->disposition;
	const char *reason = reason_name(xml, row->reason);

	/* the older form has no word for it */
	if (disposition == HISTORY_DISPOSITION_PASS &&
	    xml->form == AUTHRES_REPORT_FORM_RFC7489)
		disposition = HISTORY_DISPOSITION_NONE;
	xml_start(xml, "policy_evaluated");
	xml_text(xml, "disposition", history_disposition_name(disposition));
	xml_text(xml, "dkim", row->dkim_aligned ? "pass" : "fail");
	xml_text(xml, "spf", row->spf_aligned ? "pass" : "fail");
	if (reason != NULL) {
		xml_start(xml, "reason");
		xml_text(xml, "type", reason);
		xml_line(xml, "comment", row->reason_comment);
		xml_end(xml);
	}
	xml_end(xml);
}

static void
xml_identifiers(struct report_xml *xml, const struct history_row *row)
{
	xml_start(xml, "identifiers");
	xml_text(xml, "header_from", row->header_from);
	if (report_domain_is_valid(row->envelope_from))
		xml_text(xml, "envelope_from", row->envelope_from);
	else if (xml->form == AUTHRES_REPORT_FORM_RFC7489)
		xml_text(xml, "envelope_from", "");
	xml_end(xml);
}

/* For whatever asks why: only where the result does. */
static void
xml_human_result(struct report_xml *xml, enum check_result_word result,
		 const char *text)
{
	if (xml->detail == REPORT_DETAIL_ALL &&
	    (result == CHECK_RESULT_FAIL || result == CHECK_RESULT_TEMPERROR ||
	     result == CHECK_RESULT_PERMERROR))
		xml_line(xml, "human_result", text);
}

static void
xml_dkim(struct report_xml *xml, const struct history_dkim *dkim)
{
	const char *selector = t_str_lcase(dkim->selector);

	if (!report_domain_is_valid(dkim->domain) ||
	    !report_domain_is_valid(selector) ||
	    !check_method_has_result(CHECK_METHOD_DKIM, dkim->result))
		return;
	xml_start(xml, "dkim");
	xml_text(xml, "domain", dkim->domain);
	xml_text(xml, "selector", selector);
	xml_text(xml, "result", check_result_word_name(dkim->result));
	xml_human_result(xml, dkim->result, dkim->human_result);
	xml_end(xml);
}

/* There is always one: readers drop a report with a record that has nothing
   here. */
static void xml_spf(struct report_xml *xml, const struct history_row *row)
{
	const struct history_spf *spf = &row->spf;
	enum check_result_word result = spf->result;
	const char *domain = spf->domain;

	if (!report_domain_is_valid(domain)) {
		domain = report_domain_is_valid(row->envelope_from) ?
			row->envelope_from : row->header_from;
		result = CHECK_RESULT_NONE;
	} else if (!check_method_has_result(CHECK_METHOD_SPF, result) ||
		   result == CHECK_RESULT_POLICY)
		result = CHECK_RESULT_NONE;
	xml_start(xml, "spf");
	xml_text(xml, "domain", domain);
	xml_text(xml, "scope", "mfrom");
	xml_text(xml, "result", check_result_word_name(result));
	if (xml->form == AUTHRES_REPORT_FORM_RFC9990)
		xml_human_result(xml, result, spf->human_result);
	xml_end(xml);
}

void report_xml_add(struct report_xml *xml, const struct history_row *row,
		    uint64_t count)
{
	struct ip_addr ip;

	i_assert(report_xml_takes_row(row) && count > 0);
	if (net_ipv6_mapped_ipv4_convert(&row->source_ip, &ip) < 0)
		ip = row->source_ip;
	T_BEGIN {
		xml_start(xml, "record");
		xml_start(xml, "row");
		xml_text(xml, "source_ip", net_ip2addr(&ip));
		xml_number(xml, "count", count);
		xml_evaluated(xml, row);
		xml_end(xml);
		xml_identifiers(xml, row);
		xml_start(xml, "auth_results");
		for (unsigned int i = 0; i < row->dkim_count; i++) {
			if (xml->detail < REPORT_DETAIL_PASSING_SIGNATURES ||
			    i == 0 || row->dkim[i].result == CHECK_RESULT_PASS)
				xml_dkim(xml, &row->dkim[i]);
		}
		xml_spf(xml, row);
		xml_end(xml);
		xml_end(xml);
	} T_END;
}

void report_xml_finish(struct report_xml **_xml)
{
	struct report_xml *xml = *_xml;

	*_xml = NULL;
	(void)xmlTextWriterEndDocument(xml->writer);
	xmlFreeTextWriter(xml->writer);
	i_free(xml);
}
