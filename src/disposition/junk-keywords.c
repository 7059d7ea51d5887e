/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "junk-keywords.h"

/* "Junk" and "NonJunk" are Thunderbird's and Roundcube's, "NotJunk" Apple's */
static const char *const junk_words[] = { "$Junk", "Junk", NULL };
static const char *const released_words[] = {
	"$NotJunk", "NonJunk", "NotJunk", NULL
};
static const char *const phishing_words[] = { "$Phishing", NULL };

/* the registered one, and the one that clients without it show */
static const char *const released_add[] = { "$NotJunk", "NonJunk", NULL };

struct junk_keywords_change
t_junk_keywords_released(const struct authres_settings *set)
{
	const char *const *const lists[] = {
		junk_words, phishing_words,
		set->keyword_junk, set->keyword_phishing
	};
	struct junk_keywords_change change;
	ARRAY_TYPE(const_string) words;

	t_array_init(&words, 8);
	for (unsigned int i = 0; i < N_ELEMENTS(lists); i++)
		array_append(&words, lists[i], str_array_length(lists[i]));
	array_append_zero(&words);
	change.remove = array_front(&words);
	change.add = released_add;
	return change;
}

struct junk_keywords_change
junk_keywords_filed(const struct authres_settings *set)
{
	struct junk_keywords_change change;

	change.remove = released_words;
	change.add = set->keyword_junk;
	return change;
}

static void
add_once(ARRAY_TYPE(const_string) *keywords, const char *keyword)
{
	const char *const *added;

	array_foreach(keywords, added) {
		if (strcasecmp(*added, keyword) == 0)
			return;
	}
	array_push_back(keywords, &keyword);
}

const char *const *
junk_keywords_changed(pool_t pool, const struct junk_keywords_change *change,
		      const char *const *keywords)
{
	ARRAY_TYPE(const_string) kept;
	const char *const *added;

	p_array_init(&kept, pool, 8);
	for (; *keywords != NULL; keywords++) {
		if (!str_array_icase_find(change->remove, *keywords))
			add_once(&kept, *keywords);
	}
	for (added = change->add; *added != NULL; added++)
		add_once(&kept, *added);
	array_append_zero(&kept);
	return array_front(&kept);
}

static bool
has_one_of(const char *const *keywords, const char *const *words)
{
	for (; *keywords != NULL; keywords++) {
		if (str_array_icase_find(words, *keywords))
			return TRUE;
	}
	return FALSE;
}

bool junk_keywords_say_junk(const char *const *keywords)
{
	return has_one_of(keywords, junk_words) &&
		!has_one_of(keywords, released_words);
}

bool junk_keywords_say_released(const char *const *keywords)
{
	return has_one_of(keywords, released_words) &&
		!has_one_of(keywords, junk_words);
}

bool junk_keywords_say_phishing(const char *const *keywords,
				const struct authres_settings *set)
{
	return has_one_of(keywords, phishing_words) ||
		has_one_of(keywords, set->keyword_phishing);
}
