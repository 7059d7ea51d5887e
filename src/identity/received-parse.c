/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "str-sanitize.h"
#include "msg-parser.h"
#include "trusted-hosts.h"
#include "received-shape.h"
#include "received-parse.h"

#include <ctype.h>

/* A line this long was broken by an MTA on its way, wherever its limit was
   (RFC 5321 section 4.5.3.1.6), not by who wrote it. */
#define BROKEN_LINE_MIN_BYTES 512
/* What a reason shows of a field. */
#define EXCERPT_MAX_BYTES 80

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
	received_parse_yahoo,
	received_parse_yahoo_internal,
	received_parse_fetchmail,
	received_parse_getmail,
};

static const char unknown_shape[] = "has an unknown format";

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

/* A NUL becomes another control character. broken_r: a line break was left
   out, or with keep_broken was not. */
static const char *
t_received_value(const struct msg_field *field, bool keep_broken,
		 bool *broken_r)
{
	string_t *value = t_str_new(field->size);
	size_t i, line_start = 0;

	*broken_r = FALSE;
	for (i = field->value_offset; i < field->size; i++) {
		if (field->data[i] == '\r' && field->size - i > 1 &&
		    field->data[i + 1] == '\n') {
			size_t next = i + 2;

			i++;
			if (!line_was_broken(next - 2 - line_start,
					     field->data + next,
					     field->size - next))
				str_append_c(value, '\n');
			else {
				*broken_r = TRUE;
				if (keep_broken)
					str_append_c(value, '\n');
				i++;
			}
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
	received->envelope_from = p_strdup(pool, received->envelope_from);
	received->by = p_strdup(pool, received->by);
	received->protocol = p_strdup(pool, received->protocol);
	received->id = p_strdup(pool, received->id);
}

/* How many names in writers stand behind a "by". */
static unsigned int
received_count_writers(const char *text, const struct trusted_hosts *writers)
{
	struct received_cursor cursor;
	const char *by;
	unsigned int count = 0;

	for (; *text != '\0'; text++) {
		if ((*text != 'b' && *text != 'B') || i_isalnum(text[-1]))
			continue;
		T_BEGIN {
			cursor.p = text;
			if (received_next_keyword(&cursor, "by") &&
			    received_next_word(&cursor, &by) &&
			    trusted_hosts_has_name(writers, by))
				count++;
		} T_END;
	}
	return count;
}

/* Did the writer of this write another line? A program may break its line where
   a client wrote spaces, or let parentheses through: what a client says then
   looks like one of our shapes. But the program's own "by" is there, below the
   client's line or behind the shape. */
static bool
received_is_doubtful(const char *text, const char *behind,
		     const struct trusted_hosts *writers)
{
	const char *lf = strchr(text, '\n');

	return received_count_writers(behind, writers) > 0 ||
		(lf != NULL && received_count_writers(lf + 1, writers) > 1);
}

static void
received_mask_doubtful(struct received *received)
{
	i_zero(&received->from_ip);
	received->authenticated = received->fetched = FALSE;
	received->local_pickup = received->continues = FALSE;
	received->dovecot_lmtp = FALSE;
	received->masked = received->masked_by_client = TRUE;
}

/* writers NULL = whoever wrote it. */
static int
received_parse_shapes(pool_t pool, const struct msg_field *field,
		      const struct trusted_hosts *writers,
		      struct received *received_r, const char **error_r)
{
	unsigned int i;
	bool found = FALSE, broken;

	*error_r = unknown_shape;
	T_BEGIN {
		struct received_cursor cursor;
		const char *value = t_received_value(field, FALSE, &broken);

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
		if (!found)
			i_zero(received_r);
		else {
			received_finish(pool, received_r);
			if (received_r->protocol != NULL &&
			    received_protocol_is_authenticated(
					received_r->protocol))
				received_r->authenticated = TRUE;
			if (writers != NULL && received_r->by != NULL &&
			    received_is_doubtful(value, cursor.p, writers))
				received_mask_doubtful(received_r);
		}
	} T_END;
	return found ? 0 : -1;
}

int received_parse(pool_t pool, const struct msg_field *field,
		   struct received *received_r, const char **error_r)
{
	return received_parse_shapes(pool, field, NULL, received_r, error_r);
}

static bool
parse_renamed_postfix(const char *value, const struct trusted_hosts *writers,
		      struct received *received_r)
{
	struct received_cursor cursor = { .p = value };

	i_zero(received_r);
	return received_parse_renamed_local(&cursor, received_r) &&
		trusted_hosts_has_name(writers, received_r->by);
}

/* Was the break of a long line the writer's own? Then what it joins may be
   words of his: the field is his all the same. */
static bool
received_parse_broken(const struct msg_field *field,
		      const struct trusted_hosts *writers,
		      struct received *received_r)
{
	const char *value;
	bool broken;

	value = t_received_value(field, TRUE, &broken);
	if (!broken || !received_parse_general(value, writers, received_r))
		return FALSE;
	received_mask_doubtful(received_r);
	return TRUE;
}

int received_parse_trusted(pool_t pool, const struct msg_field *field,
			   const struct trusted_hosts *writers,
			   struct received *received_r, const char **error_r)
{
	bool found, broken;

	if (received_parse_shapes(pool, field, writers, received_r,
				  error_r) == 0)
		return 0;
	if (*error_r == unknown_shape) {
		*error_r = "has an unknown format and names no trusted host "
			"after 'by'";
	}
	T_BEGIN {
		const char *value = t_received_value(field, FALSE, &broken);

		found = parse_renamed_postfix(value, writers, received_r) ||
			received_parse_general(value, writers, received_r) ||
			received_parse_broken(field, writers, received_r);
		if (!found)
			i_zero(received_r);
		else {
			/* the rest is not certain to be the writer's */
			received_r->protocol =
				received_usable(received_r->protocol);
			received_r->id = received_usable(received_r->id);
			received_finish(pool, received_r);
		}
	} T_END;
	return found ? 0 : -1;
}

const char *t_received_excerpt(const struct msg_field *field)
{
	static const char *const ends[] = { ";", " id ", " for " };
	const char *value, *p, *end;
	bool broken;

	value = t_received_value(field, TRUE, &broken);
	value = t_str_replace(t_str_replace(value, '\n', ' '), '\t', ' ');
	for (p = value; *p != '\0'; p++) {
		if (strncasecmp(p, "by ", 3) == 0 &&
		    (p == value || p[-1] == ' '))
			break;
	}
	if (*p != '\0')
		value = p;
	value += strspn(value, " ");
	for (unsigned int i = 0; i < N_ELEMENTS(ends); i++) {
		end = strstr(value, ends[i]);
		if (end != NULL)
			value = t_strdup_until(value, end);
	}
	return str_sanitize(t_str_trim(value, " "), EXCERPT_MAX_BYTES);
}
