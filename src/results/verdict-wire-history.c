/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "strescape.h"
#include "failure-text.h"
#include "published-policy.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

static void append_field(string_t *dest, const char *value)
{
	str_append_c(dest, '\t');
	if (value != NULL)
		str_append_tabescaped(dest, value);
}

/* The other end refuses everything else, and no stranger's byte may make it
   refuse the verdict on his message: rather nothing. */
static const char *sendable_domain(const char *domain)
{
	return domain != NULL && verdict_domain_is_valid(domain) ?
		domain : NULL;
}

static const char *sendable_policy(const char *text)
{
	struct published_policy policy;

	return text != NULL &&
		published_policy_parse(pool_datastack_create(), text,
				       &policy) == 0 ? text : NULL;
}

void verdict_history_encode(const struct verdict_history *history,
			    string_t *dest)
{
	const char *published = sendable_policy(history->published);

	str_printfa(dest, "HISTORY\t%"PRIx64"\t%s%s%s",
		    history->message_number,
		    history->dkim_aligned ? "d" : "",
		    history->spf_aligned ? "s" : "",
		    history->automatic ? "a" : "");
	append_field(dest, sendable_domain(history->envelope_from));
	append_field(dest, published == NULL ? NULL :
		     dmarc_policy_name(history->published_policy));
	append_field(dest, published);
	str_append_c(dest, '\n');
	if (history->failure != NULL && published != NULL &&
	    failure_text_is_valid(history->failure))
		str_printfa(dest, "REPORT\t%s\n", history->failure);
}

/* TRUE if letter is next; *p is moved behind it. */
static bool parse_flag(const char **p, char letter)
{
	if (**p != letter)
		return FALSE;
	*p += 1;
	return TRUE;
}

static int
decode_published(pool_t pool, const char *policy, const char *text,
		 struct verdict_history *history)
{
	struct published_policy published;

	if (*text == '\0')
		return *policy == '\0' ? 0 : -1;
	history->published = p_strdup(pool, text);
	return dmarc_policy_parse(policy, &history->published_policy) < 0 ||
		strcmp(dmarc_policy_name(history->published_policy),
		       policy) != 0 ?
		-1 : published_policy_parse(pool, text, &published);
}

int verdict_failure_decode(pool_t pool, const char *const *args,
			   struct verdict_history *history)
{
	const char *text = t_strarray_join(args, "\t");

	if (history->published == NULL || history->failure != NULL ||
	    !failure_text_is_valid(text))
		return -1;
	history->failure = p_strdup(pool, text);
	return 0;
}

int verdict_history_decode(pool_t pool, const char *const *args,
			   struct verdict_history *history_r)
{
	const char *flags;

	i_zero(history_r);
	if (str_array_length(args) != 5 ||
	    str_to_uint64_hex(args[0], &history_r->message_number) < 0)
		return -1;
	flags = args[1];
	history_r->dkim_aligned = parse_flag(&flags, 'd');
	history_r->spf_aligned = parse_flag(&flags, 's');
	history_r->automatic = parse_flag(&flags, 'a');
	if (*flags != '\0')
		return -1;
	if (*args[2] != '\0') {
		if (!verdict_domain_is_valid(args[2]))
			return -1;
		history_r->envelope_from = p_strdup(pool, args[2]);
	}
	return decode_published(pool, args[3], args[4], history_r);
}
