/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-settings.h"
#include "junk-keywords.h"
#include "test-common.h"
#include "test-file.h"

static const struct {
	const char *junk_setting, *phishing_setting;
	const char *keywords;
	/* what is left when it is taken back, and when it is called junk */
	const char *released, *filed;
	bool says_junk, says_released, says_phishing;
} tests[] = {
	{ NULL, NULL, "", "$NotJunk NonJunk", "$Junk Junk",
	  FALSE, FALSE, FALSE },
	{ NULL, NULL, "$AuthFail $Junk Junk", "$AuthFail $NotJunk NonJunk",
	  "$AuthFail $Junk Junk", TRUE, FALSE, FALSE },
	{ NULL, NULL, "$junk JUNK $phishing mine", "mine $NotJunk NonJunk",
	  "$junk JUNK $phishing mine", TRUE, FALSE, TRUE },
	{ NULL, NULL, "$NotJunk mine", "$NotJunk mine NonJunk",
	  "mine $Junk Junk", FALSE, TRUE, FALSE },
	{ NULL, NULL, "nonjunk", "nonjunk $NotJunk", "$Junk Junk",
	  FALSE, TRUE, FALSE },
	{ NULL, NULL, "NotJunk", "NotJunk $NotJunk NonJunk", "$Junk Junk",
	  FALSE, TRUE, FALSE },
	{ NULL, NULL, "$NotJunk NonJunk", "$NotJunk NonJunk", "$Junk Junk",
	  FALSE, TRUE, FALSE },
	/* RFC 9051 section 2.3.2: both are neither */
	{ NULL, NULL, "$notJunk $Junk", "$notJunk NonJunk", "$Junk Junk",
	  FALSE, FALSE, FALSE },
	{ NULL, NULL, "Junkyard $JunkMail",
	  "Junkyard $JunkMail $NotJunk NonJunk",
	  "Junkyard $JunkMail $Junk Junk", FALSE, FALSE, FALSE },
	/* what the site calls junk */
	{ "Spam", "$Phishing Danger", "spam danger $Junk x",
	  "x $NotJunk NonJunk", "spam danger $Junk x", TRUE, FALSE, TRUE },
	{ "", "", "$Junk", "$NotJunk NonJunk", "$Junk", TRUE, FALSE, FALSE },
	{ "", "", "NonJunk", "NonJunk $NotJunk", "", FALSE, TRUE, FALSE },
	/* a setting that makes no sense */
	{ "$NotJunk", NULL, "$NotJunk", "$NotJunk NonJunk", "$NotJunk",
	  FALSE, TRUE, FALSE },
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

static void test_junk_keywords(void)
{
	struct authres_settings set;
	struct junk_keywords_change released, filed;
	const char *const *errors, *const *keywords;
	pool_t pool = pool_alloconly_create("test keywords", 4096);

	test_begin("junk keywords");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		(void)authres_settings_parse(pool, lookup_setting, NULL, &i,
			"mx.example", "/run", &set, &errors);
		keywords = t_strsplit_spaces(tests[i].keywords, " ");
		released = t_junk_keywords_released(&set);
		filed = junk_keywords_filed(&set);
		test_assert_strcmp_idx(t_strarray_join(
			junk_keywords_changed(pool, &released, keywords), " "),
			tests[i].released, i);
		test_assert_strcmp_idx(t_strarray_join(
			junk_keywords_changed(pool, &filed, keywords), " "),
			tests[i].filed, i);
		test_assert_idx(junk_keywords_say_junk(keywords) ==
				tests[i].says_junk, i);
		test_assert_idx(junk_keywords_say_released(keywords) ==
				tests[i].says_released, i);
		test_assert_idx(junk_keywords_say_phishing(keywords, &set) ==
				tests[i].says_phishing, i);
	}
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_junk_keywords,
		NULL
	};
	return test_run(test_functions);
}
