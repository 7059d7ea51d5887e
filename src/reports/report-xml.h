#ifndef REPORT_XML_H
#define REPORT_XML_H

#include "authres-settings.h"

struct history_row;
struct published_policy;
struct report_name;

/* The XML of an aggregate report: RFC 9990 section 3.1.1, or for readers that
   know nothing newer RFC 7489 appendix C. Everything in it is text of
   strangers, made fit for XML 1.0. */

enum report_detail {
	REPORT_DETAIL_ALL,
	/* for reports that are too large: no human_result, ... */
	REPORT_DETAIL_NO_HUMAN_RESULTS,
	/* ...and of signatures only the first that pass, or the first one */
	REPORT_DETAIL_PASSING_SIGNATURES,

	REPORT_DETAIL_COUNT
};

struct report_xml_head {
	enum authres_report_form form;
	enum report_detail detail;
	/* for people; not empty */
	const char *organization;
	/* who answers mail */
	const char *email;
	const struct report_name *name;
	/* what is wrong with the record; NULL = nothing */
	const char *error;
	/* "authres 1.0" */
	const char *generator;
	/* A-labels */
	const char *policy_domain;
	const struct published_policy *policy;
};

struct report_xml;
typedef void report_xml_output_t(void *context, const void *data, size_t size);

/* output is called with the document piece by piece. head is read only during
   the call. */
struct report_xml *
report_xml_init(const struct report_xml_head *head,
		report_xml_output_t *output, void *context);
/* TRUE if a row has what a record needs: a source_ip, a header_from, a policy
   domain of its own, and is about messages that were delivered. */
bool report_xml_takes_row(const struct history_row *row);
/* One that it takes; count is not 0. */
void report_xml_add(struct report_xml *xml, const struct history_row *row,
		    uint64_t count);
/* The end of the document. One without records is not valid. */
void report_xml_finish(struct report_xml **xml);

#endif
