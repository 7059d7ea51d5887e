#include "lib.h"
#include "str.h"
#include "msg-parser.h"
#include "received-shape.h"

/* A line this long was broken by an MTA on its way, wherever its limit was
   (RFC 5321 section 4.5.3.1.6), not by who wrote it. */
#define BROKEN_LINE_MIN_BYTES 512

static received_shape_t *const received_shapes[] = {
	received_parse_postfix,
	received_parse_postfix_local,
	received_parse_exim,
	received_parse_exim_local,
	received_parse_dovecot,
	received_parse_sendmail,
	received_parse_sendmail_local,
	received_parse_opensmtpd,
	received_parse_opensmtpd_masked,
	received_parse_amavis,
	received_parse_haraka,
	received_parse_halon,
	received_parse_mox,
	received_parse_courier,
	received_parse_qmail,
	received_parse_qmail_queue,
	received_parse_google,
	received_parse_google_internal,
	received_parse_microsoft,
	received_parse_fetchmail,
	received_parse_getmail,
};

static bool word_has_control_char(const char *word)
{
	const unsigned char *p;

	if (word == NULL)
		return FALSE;
	for (p = (const void *)word; *p != '\0'; p++) {
		if (*p < ' ' || *p == 0x7f)
			return TRUE;
	}
	return FALSE;
}

/* TRUE if the line break in front of data was put in by an MTA on the way that
   limits lines, such as Postfix does with CRLF and a space: a client may send
   a HELO so long. qmail and Courier begin the lines that follow with two. */
static bool
line_was_broken(size_t line_bytes, const unsigned char *data, size_t size)
{
	static const char *const begins[] = { "by ", "(TLS: ", "(AUTH: " };
	size_t i, j, length;

	if (line_bytes < BROKEN_LINE_MIN_BYTES || size < 2 || data[0] != ' ')
		return FALSE;
	if (data[1] != ' ' && data[1] != '\t')
		return TRUE;
	for (i = 1; i < size && (data[i] == ' ' || data[i] == '\t'); i++) ;
	for (j = 0; j < N_ELEMENTS(begins); j++) {
		length = strlen(begins[j]);
		if (size - i >= length &&
		    memcmp(data + i, begins[j], length) == 0)
			return FALSE;
	}
	return TRUE;
}

/* A NUL becomes another control character. */
static const char *t_received_value(const struct msg_field *field)
{
	string_t *value = t_str_new(field->size);
	size_t i, line_start = 0;

	for (i = field->value_offset; i < field->size; i++) {
		if (field->data[i] == '\r' && field->size - i > 1 &&
		    field->data[i + 1] == '\n') {
			size_t next = i + 2;

			i++;
			if (line_was_broken(next - 2 - line_start,
					    field->data + next,
					    field->size - next))
				i++;
			else
				str_append_c(value, '\n');
			line_start = next;
		} else if (field->data[i] == '\0' || field->data[i] == '\n') {
			str_append_c(value, '\001');
		} else {
			str_append_c(value, field->data[i]);
		}
	}
	return str_c(value);
}

static void
received_finish(pool_t pool, struct received *received)
{
	received->helo = p_strdup(pool, received_usable(received->helo));
	received->verified_name =
		p_strdup(pool, received_usable(received->verified_name));
	received->local_user =
		p_strdup(pool, received_usable(received->local_user));
	received->by = p_strdup(pool, received->by);
	received->protocol = p_strdup(pool, received->protocol);
	received->id = p_strdup(pool, received->id);
	if (received->protocol != NULL &&
	    received_protocol_is_authenticated(received->protocol))
		received->authenticated = TRUE;
}

int received_parse(pool_t pool, const struct msg_field *field,
		   struct received *received_r, const char **error_r)
{
	unsigned int i;
	bool found = FALSE;

	*error_r = "has a shape we do not know";
	T_BEGIN {
		struct received_cursor cursor;
		const char *value = t_received_value(field);

		for (i = 0; i < N_ELEMENTS(received_shapes) && !found; i++) {
			i_zero(received_r);
			cursor.p = value;
			found = received_shapes[i](&cursor, received_r);
		}
		/* no client chooses these */
		if (found && (word_has_control_char(received_r->by) ||
			      word_has_control_char(received_r->protocol) ||
			      word_has_control_char(received_r->id))) {
			*error_r = "has a control character";
			found = FALSE;
		}
		if (found)
			received_finish(pool, received_r);
		else
			i_zero(received_r);
	} T_END;
	return found ? 0 : -1;
}
