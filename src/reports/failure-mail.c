/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "mail-date.h"
#include "authres-limits.h"
#include "failure-record.h"
#include "failure-text.h"
#include "report-mail.h"
#include "report-name.h"
#include "failure-mail.h"


static void failure_mail_header(const struct failure_mail *mail,
				const char *boundary, string_t *dest)
{
	report_mail_write_from(mail->organization, mail->from, dest);
	str_printfa(dest,
		"To: %s\r\n"
		"Subject: DMARC failure report for\r\n %s\r\n"
		"Date: %s\r\n"
		"Message-ID: <%s>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"Precedence: bulk\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/report;\r\n"
		" report-type=feedback-report; boundary=\"%s\"\r\n"
		"\r\n",
		mail->to, mail->record->author_domain,
		t_mail_date(mail->date),
		t_report_message_id(mail->name, mail->submitter, mail->to),
		boundary);
}

/* IPv6 as in an address literal (RFC 5965 section 3.2). */
static const char *t_source_ip(const struct ip_addr *ip)
{
	return t_strconcat(IPADDR_IS_V4(ip) ? "" : "IPv6:", net_ip2addr(ip),
			   NULL);
}

static void
failure_mail_text(const struct failure_mail *mail, string_t *dest)
{
	const struct failure_record *record = mail->record;

	str_printfa(dest,
		"Content-Type: text/plain; charset=us-ascii\r\n"
		"\r\n"
		"This is a DMARC failure report (RFC 9991).\r\n"
		"\r\n"
		"Domain:    %s\r\n"
		"Submitter: %s\r\n"
		"Source IP: %s\r\n"
		"Arrival:   %s\r\n"
		"Messages:  %u\r\n"
		"\r\n"
		"Your DMARC record asks for it with ruf=. Keyed hashes\r\n"
		"stand for the local parts of addresses; recipients,\r\n"
		"subject and body are left out.\r\n",
		record->author_domain, mail->submitter,
		net_ip2addr(&record->source_ip),
		t_mail_date(record->time), record->incidents);
}

/* Folded at its spaces: RFC 5322 section 2.2.3. */
static void
write_field(const char *name, const char *value, string_t *dest)
{
	const char *const *words = t_strsplit(value, " ");
	size_t column = strlen(name) + 1;

	str_printfa(dest, "%s:", name);
	for (; *words != NULL; words++) {
		/* a line of nothing but spaces would be no fold */
		if (column + 1 + strlen(*words) > AUTHRES_FOLD_COLUMNS &&
		    **words != '\0') {
			str_append(dest, "\r\n");
			column = 0;
		}
		str_printfa(dest, " %s", *words);
		column += 1 + strlen(*words);
	}
	str_append(dest, "\r\n");
}

/* The fields of the text that are for this part. */
static void
write_fields(const struct failure_mail *mail, enum failure_part part,
	     string_t *dest)
{
	const char *const *columns = t_strsplit(mail->record->text, "\t");
	const char *name, *value;

	for (; *columns != NULL; columns++) {
		value = strstr(*columns, ": ") + 2;
		name = t_strdup_until(*columns, value - 2);
		if (failure_field_find(name)->part != part)
			continue;
		/* RFC 8601 section 2.2: who says so */
		if (strcmp(name, "Authentication-Results") == 0)
			value = t_strdup_printf("%s; %s", mail->submitter,
						value);
		write_field(name, value, dest);
	}
}

static void
failure_mail_feedback(const struct failure_mail *mail, string_t *dest)
{
	const struct failure_record *record = mail->record;

	str_printfa(dest,
		"Content-Type: message/feedback-report\r\n"
		"\r\n"
		"Feedback-Type: auth-failure\r\n"
		"User-Agent: %s\r\n"
		"Version: 1\r\n",
		mail->user_agent);
	write_fields(mail, FAILURE_PART_FEEDBACK, dest);
	str_printfa(dest,
		"Reported-Domain: %s\r\n"
		"Delivery-Result: %s\r\n"
		"Arrival-Date: %s\r\n"
		"Source-IP: %s\r\n"
		"Incidents: %u\r\n"
		"Reporting-MTA: dns; %s\r\n",
		record->author_domain, failure_delivery_name(record->delivery),
		t_mail_date(record->time),
		t_source_ip(&record->source_ip), record->incidents,
		mail->submitter);
}

void failure_mail_write(const struct failure_mail *mail, string_t *dest)
{
	/* nothing in the parts can look like it */
	const char *boundary = t_strconcat("=_", mail->name->id, NULL);

	i_assert(failure_text_is_valid(mail->record->text) &&
		 failure_text_is_redacted(mail->record->text));
	failure_mail_header(mail, boundary, dest);
	str_printfa(dest, "--%s\r\n", boundary);
	failure_mail_text(mail, dest);
	str_printfa(dest, "\r\n--%s\r\n", boundary);
	failure_mail_feedback(mail, dest);
	str_printfa(dest, "\r\n--%s\r\n"
		    "Content-Type: text/rfc822-headers\r\n\r\n", boundary);
	write_fields(mail, FAILURE_PART_HEADER, dest);
	str_printfa(dest, "\r\n--%s--\r\n", boundary);
}
