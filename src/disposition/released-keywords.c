#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "released-keywords.h"

/* RFC 9051 section 2.3.2 and the registry; without "$" they are Thunderbird's
   and Roundcube's */
static const char *const registered_junk[] = {
	"$Junk", "Junk", "$Phishing", NULL
};
static const char *const registered_not_junk[] = {
	"$NotJunk", "NonJunk", NULL
};

static bool
is_junk(const struct authres_settings *set, const char *keyword)
{
	return str_array_icase_find(registered_junk, keyword) ||
		str_array_icase_find(set->keyword_junk, keyword) ||
		str_array_icase_find(set->keyword_phishing, keyword);
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

static const char *const *
filter(pool_t pool, const struct authres_settings *set,
       const char *const *keywords, bool junk)
{
	ARRAY_TYPE(const_string) kept;
	const char *const *not_junk = registered_not_junk;

	p_array_init(&kept, pool, 8);
	for (; *keywords != NULL; keywords++) {
		if (is_junk(set, *keywords) == junk)
			add_once(&kept, *keywords);
	}
	for (; !junk && *not_junk != NULL; not_junk++)
		add_once(&kept, *not_junk);
	array_append_zero(&kept);
	return array_front(&kept);
}

const char *const *
released_keywords(pool_t pool, const struct authres_settings *set,
		  const char *const *keywords)
{
	return filter(pool, set, keywords, FALSE);
}

const char *const *
junk_keywords(pool_t pool, const struct authres_settings *set,
	      const char *const *keywords)
{
	return filter(pool, set, keywords, TRUE);
}

bool keywords_are_released(const char *const *keywords)
{
	for (; *keywords != NULL; keywords++) {
		if (str_array_icase_find(registered_not_junk, *keywords))
			return TRUE;
	}
	return FALSE;
}
