#ifndef RELEASED_KEYWORDS_H
#define RELEASED_KEYWORDS_H

struct authres_settings;

/* The keywords of a message that was called junk and is none. */

/* All of keywords (NULL-terminated) but those that call a message junk or
   phishing ($Junk, Junk, $Phishing and what authres_keyword_junk and
   authres_keyword_phishing name), and $NotJunk and NonJunk. Without
   duplicates. The list lives in pool, the words where they were. */
const char *const *
released_keywords(pool_t pool, const struct authres_settings *set,
		  const char *const *keywords);
/* The words of keywords that released_keywords() removes. In pool,
   NULL-terminated. */
const char *const *
junk_keywords(pool_t pool, const struct authres_settings *set,
	      const char *const *keywords);
/* TRUE if somebody said that this message is not junk: $NotJunk or NonJunk is
   among keywords. */
bool keywords_are_released(const char *const *keywords);

#endif
