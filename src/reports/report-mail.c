/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "base64.h"
#include "buffer.h"
#include "str.h"
#include "strescape.h"
#include "mail-date.h"
#include "message-header-encode.h"
#include "report-name.h"
#include "history-day.h"
#include "report-mail.h"

#define BASE64_COLUMNS 76

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return FALSE;
	}
	return TRUE;
}

void report_mail_write_from(const char *organization, const char *from,
			    string_t *dest)
{
	str_append(dest, "From: ");
	if (organization == NULL) {
		str_append(dest, from);
	} else {
		if (is_ascii(organization))
			str_printfa(dest, "\"%s\"", str_escape(organization));
		else
			message_header_encode(organization, dest);
		str_printfa(dest, "\r\n <%s>", from);
	}
	str_append(dest, "\r\n");
}

static void report_mail_header(const struct report_mail *mail,
			       const char *boundary, string_t *dest)
{
	report_mail_write_from(mail->organization, mail->from, dest);
	str_printfa(dest,
		"To: %s\r\n"
		"Subject: %s\r\n"
		"Date: %s\r\n"
		"Message-ID: <%s>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"Precedence: bulk\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=\"%s\"\r\n"
		"\r\n",
		mail->to, mail->name->subject,
		t_mail_date(mail->date),
		t_report_message_id(mail->name, mail->submitter, mail->to),
		boundary);
}

/* No URL and no domain but the two: these sentences are mail, too, and some
   filter reads them. */
static void report_mail_text(const struct report_mail *mail, string_t *dest)
{
	str_printfa(dest,
		"Content-Type: text/plain; charset=us-ascii\r\n"
		"\r\n"
		"This is a DMARC aggregate report (RFC 9990).\r\n"
		"\r\n"
		"Domain:    %s\r\n"
		"Submitter: %s\r\n"
		"Day (UTC): %s\r\n"
		"Report-ID: %s\r\n"
		"\r\n"
		"Your DMARC record asks for it with rua=.\r\n",
		mail->policy_domain, mail->submitter,
		t_history_day_text(history_day(mail->name->begin)),
		mail->name->id);
}

static void report_mail_attachment(const struct report_mail *mail,
				   string_t *dest)
{
	struct base64_encoder encoder;

	str_printfa(dest,
		"Content-Type: application/gzip;\r\n name=\"%s\"\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment;\r\n filename=\"%s\"\r\n"
		"\r\n", mail->name->file_name, mail->name->file_name);
	base64_encode_init(&encoder, &base64_scheme, BASE64_ENCODE_FLAG_CRLF,
			   BASE64_COLUMNS);
	(void)base64_encode_more(&encoder, mail->gzip->data, mail->gzip->used,
				 NULL, dest);
	(void)base64_encode_finish(&encoder, dest);
}

void report_mail_write(const struct report_mail *mail, string_t *dest)
{
	/* nothing in the parts can look like it */
	const char *boundary = t_strconcat("=_", mail->name->id, NULL);

	report_mail_header(mail, boundary, dest);
	str_printfa(dest, "--%s\r\n", boundary);
	report_mail_text(mail, dest);
	str_printfa(dest, "\r\n--%s\r\n", boundary);
	report_mail_attachment(mail, dest);
	str_printfa(dest, "\r\n--%s--\r\n", boundary);
}
