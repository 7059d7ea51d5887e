#include "lib.h"
#include "authres-settings.h"
#include "released-keywords.h"
#include "test-common.h"

static const struct {
	const char *junk_setting, *phishing_setting;
	const char *keywords, *released, *removed;
	bool is_released;
} tests[] = {
	{ NULL, NULL, "", "$NotJunk NonJunk", "", FALSE },
	{ NULL, NULL, "$AuthFail $Junk Junk", "$AuthFail $NotJunk NonJunk",
	  "$Junk Junk", FALSE },
	{ NULL, NULL, "$junk JUNK $phishing mine", "mine $NotJunk NonJunk",
	  "$junk JUNK $phishing", FALSE },
	{ NULL, NULL, "$NotJunk mine", "$NotJunk mine NonJunk", "", TRUE },
	{ NULL, NULL, "nonjunk", "nonjunk $NotJunk", "", TRUE },
	{ NULL, NULL, "$NotJunk NonJunk", "$NotJunk NonJunk", "", TRUE },
	{ NULL, NULL, "$notJunk $Junk", "$notJunk NonJunk", "$Junk", TRUE },
	{ NULL, NULL, "Junkyard $JunkMail NotJunk",
	  "Junkyard $JunkMail NotJunk $NotJunk NonJunk", "", FALSE },
	/* what the site calls junk */
	{ "Spam", "$Phishing Danger", "spam Danger $Junk x",
	  "x $NotJunk NonJunk", "spam Danger $Junk", FALSE },
	{ "", "", "$Junk", "$NotJunk NonJunk", "$Junk", FALSE },
	/* a setting that makes no sense */
	{ "$NotJunk", NULL, "$NotJunk", "$NotJunk NonJunk", "$NotJunk", TRUE },
};

static const char *lookup_setting(void *context, const char *name)
{
	const unsigned int *idx = context;

	if (strcmp(name, "authres_keyword_junk") == 0)
		return tests[*idx].junk_setting;
	if (strcmp(name, "authres_keyword_phishing") == 0)
		return tests[*idx].phishing_setting;
	return NULL;
}

static void test_released_keywords(void)
{
	struct authres_settings set;
	const char *const *errors, *const *keywords;
	pool_t pool = pool_alloconly_create("test keywords", 4096);

	test_begin("released_keywords()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		(void)authres_settings_parse(pool, lookup_setting, NULL, &i,
			"mx.example", "/run", &set, &errors);
		keywords = t_strsplit_spaces(tests[i].keywords, " ");
		test_assert_strcmp_idx(t_strarray_join(
			released_keywords(pool, &set, keywords), " "),
			tests[i].released, i);
		test_assert_strcmp_idx(t_strarray_join(
			junk_keywords(pool, &set, keywords), " "),
			tests[i].removed, i);
		test_assert_idx(keywords_are_released(keywords) ==
				tests[i].is_released, i);
	}
	pool_unref(&pool);
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_released_keywords,
		NULL
	};
	return test_run(test_functions);
}
