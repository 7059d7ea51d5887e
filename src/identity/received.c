#include "lib.h"
#include "str.h"
#include "msg-parser.h"
#include "received.h"

static bool (*const received_shapes[])(struct received_cursor *cursor,
				       struct received *received_r) = {
	received_parse_postfix,
	received_parse_dovecot,
};

static void skip_wsp(struct received_cursor *cursor)
{
	while (*cursor->p == ' ' || *cursor->p == '\t')
		cursor->p++;
}

bool received_next_word(struct received_cursor *cursor, const char **word_r)
{
	size_t size;

	skip_wsp(cursor);
	size = strcspn(cursor->p, " \t();");
	if (size == 0)
		return FALSE;
	*word_r = t_strndup(cursor->p, size);
	cursor->p += size;
	return TRUE;
}

bool received_next_keyword(struct received_cursor *cursor, const char *keyword)
{
	size_t size;

	skip_wsp(cursor);
	size = strcspn(cursor->p, " \t();");
	if (size != strlen(keyword) ||
	    strncasecmp(cursor->p, keyword, size) != 0)
		return FALSE;
	cursor->p += size;
	return TRUE;
}

bool received_next_comment(struct received_cursor *cursor,
			   const char **content_r)
{
	const char *p;
	size_t depth = 0;

	skip_wsp(cursor);
	if (*cursor->p != '(')
		return FALSE;
	for (p = cursor->p; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			break;
	}
	if (*p == '\0')
		return FALSE;
	*content_r = t_strdup_until(cursor->p + 1, p);
	cursor->p = p + 1;
	return TRUE;
}

bool received_address_literal(const char *str, struct ip_addr *ip_r)
{
	struct ip_addr ip4;
	size_t size = strlen(str);
	bool ip6;

	if (size < 2 || str[0] != '[' || str[size - 1] != ']')
		return FALSE;
	str = t_strndup(str + 1, size - 2);
	ip6 = strncasecmp(str, "IPv6:", 5) == 0;
	if (ip6)
		str += 5;
	/* no port, no scope, no second pair of brackets */
	if (str[strspn(str, "0123456789abcdefABCDEF:.")] != '\0' ||
	    net_addr2ip(str, ip_r) < 0)
		return FALSE;
	if (ip6 && ip_r->family != AF_INET6)
		return FALSE;
	if (net_ipv6_mapped_ipv4_convert(ip_r, &ip4) == 0)
		*ip_r = ip4;
	return TRUE;
}

bool received_protocol_is_authenticated(const char *protocol)
{
	static const char *const protocols[] = {
		"ESMTPA", "ESMTPSA", "LMTPA", "LMTPSA",
		"UTF8SMTPA", "UTF8SMTPSA", "UTF8LMTPA", "UTF8LMTPSA",
		NULL
	};

	return str_array_icase_find(protocols, protocol);
}

/* Unfolded. A NUL becomes another control character, to be refused. */
static const char *t_received_value(const struct msg_field *field)
{
	string_t *value = t_str_new(field->size);
	size_t i;

	for (i = field->value_offset; i < field->size; i++) {
		if (field->data[i] == '\r' && field->size - i > 1 &&
		    field->data[i + 1] == '\n')
			i++;
		else
			str_append_c(value, field->data[i] == '\0' ? '\001' :
				     field->data[i]);
	}
	return str_c(value);
}

static bool has_control_char(const char *p, const char *end)
{
	for (; p < end; p++) {
		unsigned char c = *p;

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return TRUE;
	}
	return FALSE;
}

int received_parse(pool_t pool, const struct msg_field *field,
		   struct received *received_r, const char **error_r)
{
	unsigned int i;
	bool found = FALSE, control_char = FALSE;

	if (field->size > AUTHRES_MAX_RECEIVED_BYTES) {
		*error_r = "is too long";
		return -1;
	}
	T_BEGIN {
		struct received_cursor cursor;
		const char *value = t_received_value(field);

		for (i = 0; i < N_ELEMENTS(received_shapes) && !found; i++) {
			i_zero(received_r);
			cursor.p = value;
			found = received_shapes[i](&cursor, received_r);
		}
		/* what stands behind the shape may hold an address of the
		   client's choice, and is not read */
		control_char = found && has_control_char(value, cursor.p);
		if (found) {
			received_r->helo = p_strdup(pool, received_r->helo);
			received_r->by = p_strdup(pool, received_r->by);
			received_r->protocol =
				p_strdup(pool, received_r->protocol);
			received_r->id = p_strdup(pool, received_r->id);
		}
	} T_END;
	if (control_char) {
		*error_r = "has a control character";
		return -1;
	}
	if (!found) {
		*error_r = "has a shape we do not know";
		return -1;
	}
	return 0;
}
