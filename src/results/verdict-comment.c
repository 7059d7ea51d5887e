/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "strnum.h"
#include "authres-limits.h"
#include "plain-text.h"
#include "verdict.h"
#include "verdict-comment.h"

#include <ctype.h>

/* The comment on the whole field, "(authres: origin=local client=192.0.2.1
   received=2 by=mx.example.org helo=mx.example)": pairs of the table below, in
   its order. A stranger may have written a part of it, so that
   - no byte is in it on which readers differ: a parenthesis, backslash, quote
     or ";", since some split a field at every ";" and end a comment at the
     first parenthesis;
   - a HELO name has no space, and free text comes last: neither can add a
     pair. */

struct comment_kind {
	/* NULL = there is nothing to say. Data stack. */
	const char *(*t_write)(const struct verdict *verdict,
			       const void *member);
	void (*read)(pool_t pool, const char *value, void *member);
};

/* Texts are at most max_bytes long. */
static const char *t_safe_text(const char *text, size_t max_bytes)
{
	static const char unsafe[] = "();\"\\", safe[] = "[],'/";
	char *copy = t_strdup_noconst(t_plain_text(text, max_bytes));
	const char *p;

	for (char *c = copy; *c != '\0'; c++) {
		p = strchr(unsafe, *c);
		if (p != NULL)
			*c = safe[p - unsafe];
	}
	return copy;
}

static bool has_client(const struct verdict *verdict)
{
	return verdict->client_ip.family != 0;
}

static const char *
t_write_origin(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	return verdict->origin == MAIL_ORIGIN_EXTERNAL ? NULL :
		mail_origin_name(verdict->origin);
}

static void
read_origin(pool_t pool ATTR_UNUSED, const char *value, void *member)
{
	(void)mail_origin_parse(value, member);
}

static const char *
t_write_client(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	if (has_client(verdict))
		return net_ip2addr(&verdict->client_ip);
	return verdict->client_reason == NULL && verdict->received_index == 0 ?
		NULL : "unknown";
}

static void
read_client(pool_t pool ATTR_UNUSED, const char *value, void *member)
{
	struct ip_addr *ip = member;

	if (net_addr2ip(value, ip) < 0)
		i_zero(ip);
}

/* That it was a Received field is said by which one it was. */
static const char *
t_write_source(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	if (!has_client(verdict) ||
	    verdict->client_source == CLIENT_SOURCE_NONE ||
	    (verdict->client_source == CLIENT_SOURCE_RECEIVED &&
	     verdict->received_index > 0))
		return NULL;
	return client_source_name(verdict->client_source);
}

static void
read_source(pool_t pool ATTR_UNUSED, const char *value, void *member)
{
	(void)client_source_parse(value, member);
}

static const char *
t_write_received(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	return verdict->received_index == 0 ? NULL :
		dec2str(verdict->received_index);
}

static void
read_received(pool_t pool ATTR_UNUSED, const char *value, void *member)
{
	unsigned int *index = member;

	if (str_to_uint(value, index) < 0)
		*index = 0;
}

/* A shortened name would be another's: one that is too long is left out. */
static const char *
t_write_name(const struct verdict *verdict ATTR_UNUSED, const void *member)
{
	const char *name = *(const char *const *)member;

	return name == NULL || !verdict_domain_is_valid(name) ? NULL : name;
}

static void read_name(pool_t pool, const char *value, void *member)
{
	if (verdict_domain_is_valid(value))
		*(const char **)member = p_strdup(pool, value);
}

static const char *
t_write_by(const struct verdict *verdict, const void *member)
{
	return verdict->received_index == 0 ? NULL :
		t_write_name(verdict, member);
}

static const char *
t_write_forwarder(const struct verdict *verdict,
		  const void *member ATTR_UNUSED)
{
	return verdict->forwarder == NULL ||
		!verdict_forwarder_is_valid(verdict->forwarder) ? NULL :
		verdict->forwarder;
}

static void read_forwarder(pool_t pool, const char *value, void *member)
{
	if (verdict_forwarder_is_valid(value))
		*(const char **)member = p_strdup(pool, value);
}

/* A name or an address literal; every other byte becomes '?'. */
static const char *
t_write_helo(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	char *helo;

	if (verdict->client_helo == NULL || *verdict->client_helo == '\0')
		return NULL;
	helo = t_strdup_noconst(t_plain_text(verdict->client_helo,
					     AUTHRES_MAX_HELO_BYTES));
	for (char *p = helo; *p != '\0'; p++) {
		if (!i_isalnum(*p) && strchr("-._:[]", *p) == NULL)
			*p = '?';
	}
	return helo;
}

static void read_text(pool_t pool, const char *value, void *member)
{
	*(const char **)member = p_strdup(pool, value);
}

static const char *
t_write_note(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	return !has_client(verdict) || verdict->client_reason == NULL ? NULL :
		t_safe_text(verdict->client_reason, AUTHRES_MAX_REASON_BYTES);
}

static const char *
t_write_reason(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	return has_client(verdict) || verdict->client_reason == NULL ? NULL :
		t_safe_text(verdict->client_reason, AUTHRES_MAX_REASON_BYTES);
}

static const char *
t_write_upstream(const struct verdict *verdict, const void *member ATTR_UNUSED)
{
	return verdict->upstream_reason == NULL ? NULL :
		t_safe_text(verdict->upstream_reason, AUTHRES_MAX_REASON_BYTES);
}

static const struct comment_kind
	origin_kind = { t_write_origin, read_origin },
	client_kind = { t_write_client, read_client },
	source_kind = { t_write_source, read_source },
	received_kind = { t_write_received, read_received },
	by_kind = { t_write_by, read_name },
	forwarder_kind = { t_write_forwarder, read_forwarder },
	name_kind = { t_write_name, read_name },
	helo_kind = { t_write_helo, read_text },
	note_kind = { t_write_note, read_text },
	reason_kind = { t_write_reason, read_text },
	upstream_kind = { t_write_upstream, read_text };

#define MEMBER(name) offsetof(struct verdict, name)

static const struct comment_pair {
	const char *key;
	/* of struct verdict */
	size_t member;
	const struct comment_kind *kind;
	/* free text: takes what follows up to the next such key, spaces too */
	bool last;
} comment_pairs[] = {
	{ "origin", MEMBER(origin), &origin_kind, FALSE },
	/* "unknown" if it was looked for */
	{ "client", MEMBER(client_ip), &client_kind, FALSE },
	/* where it was found, unless a Received field tells it: */
	{ "source", MEMBER(client_source), &source_kind, FALSE },
	/* this one, counted from the top */
	{ "received", MEMBER(received_index), &received_kind, FALSE },
	/* who wrote that */
	{ "by", MEMBER(client_by), &by_kind, FALSE },
	{ "forwarder", MEMBER(forwarder), &forwarder_kind, FALSE },
	{ "list", MEMBER(list_domain), &name_kind, FALSE },
	{ "helo", MEMBER(client_helo), &helo_kind, FALSE },
	/* what else is to be known of the client */
	{ "note", MEMBER(client_reason), &note_kind, TRUE },
	/* why there is none */
	{ "reason", MEMBER(client_reason), &reason_kind, TRUE },
	/* why results of a filter in front were not used */
	{ "upstream", MEMBER(upstream_reason), &upstream_kind, TRUE },
};

/* Where a text ends that the pair at idx begins: before " key=" of a later pair
   with text. Returns NULL if nothing else follows. */
static const char *t_find_text_end(unsigned int idx, const char *text)
{
	const char *p, *end = NULL;

	for (idx++; idx < N_ELEMENTS(comment_pairs); idx++) {
		p = strstr(text, t_strconcat(" ", comment_pairs[idx].key, "=",
					     NULL));
		if (p != NULL && (end == NULL || p < end))
			end = p;
	}
	return end;
}

/* No text says what another key would. */
static const char *t_text_without_keys(unsigned int idx, const char *text)
{
	char *copy = t_strdup_noconst(text);
	const char *end;

	while ((end = t_find_text_end(idx, copy)) != NULL)
		copy[strcspn(end, "=") + (end - copy)] = ':';
	return copy;
}

const char *t_verdict_comment(const struct verdict *verdict)
{
	string_t *str = t_str_new(256);
	const char *value;

	for (unsigned int i = 0; i < N_ELEMENTS(comment_pairs); i++) {
		const struct comment_pair *pair = &comment_pairs[i];

		value = pair->kind->t_write(verdict,
			CONST_PTR_OFFSET(verdict, pair->member));
		if (value == NULL)
			continue;
		if (pair->last)
			value = t_text_without_keys(i, value);
		if (str_len(str) > 0)
			str_append_c(str, ' ');
		str_printfa(str, "%s=%s", pair->key, value);
	}
	return str_len(str) == 0 ? NULL : str_c(str);
}

/* Returns N_ELEMENTS(comment_pairs) if there is no such key from start on. */
static unsigned int find_pair(unsigned int start, const char *key)
{
	for (; start < N_ELEMENTS(comment_pairs); start++) {
		if (strcmp(comment_pairs[start].key, key) == 0)
			break;
	}
	return start;
}

void verdict_comment_read(pool_t pool, const char *comment,
			  struct verdict *verdict)
{
	const char *key, *value, *end;
	unsigned int i, start = 0;

	while ((value = strchr(comment, '=')) != NULL) {
		key = t_strdup_until(comment, value++);
		i = find_pair(start, key);
		end = i < N_ELEMENTS(comment_pairs) &&
			comment_pairs[i].last ?
			t_find_text_end(i, value) : strchr(value, ' ');
		if (end == NULL)
			end = value + strlen(value);
		if (i < N_ELEMENTS(comment_pairs)) {
			comment_pairs[i].kind->read(pool,
				t_strdup_until(value, end),
				PTR_OFFSET(verdict, comment_pairs[i].member));
			start = i + 1;
		}
		if (*end == '\0')
			break;
		comment = end + 1;
	}
	if (!has_client(verdict)) {
		verdict->client_source = CLIENT_SOURCE_NONE;
	} else if (verdict->client_source == CLIENT_SOURCE_NONE &&
		   verdict->received_index > 0) {
		verdict->client_source = CLIENT_SOURCE_RECEIVED;
	}
}
