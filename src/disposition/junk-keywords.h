#ifndef JUNK_KEYWORDS_H
#define JUNK_KEYWORDS_H

struct authres_settings;

/* The keywords that call a message junk, phishing, or neither (RFC 9051 section
   2.3.2, and what clients used before it), and what a message loses and gets
   when somebody takes it back or calls it junk: the same whether a user moves
   it in IMAP or an administrator releases it. Lists are NULL-terminated; case
   does not count. */

struct junk_keywords_change {
	/* data stack, or constant */
	const char *const *remove;
	const char *const *add;
};

/* Taken back: $Junk, Junk, $Phishing and what authres_keyword_junk and
   authres_keyword_phishing name go, $NotJunk and NonJunk come. Data stack. */
struct junk_keywords_change
t_junk_keywords_released(const struct authres_settings *set);
/* Called junk: $NotJunk, NonJunk and NotJunk go, what authres_keyword_junk
   names comes. Lives as long as set. */
struct junk_keywords_change
junk_keywords_filed(const struct authres_settings *set);
/* keywords after change, without duplicates. The list lives in pool, the words
   where they were. */
const char *const *
junk_keywords_changed(pool_t pool, const struct junk_keywords_change *change,
		      const char *const *keywords);

/* Somebody says with keywords that a message is junk ($Junk, Junk), or that it
   is none ($NotJunk, NonJunk, NotJunk). Both at once say nothing. */
bool junk_keywords_say_junk(const char *const *keywords);
bool junk_keywords_say_released(const char *const *keywords);
/* They call it phishing: $Phishing, or what authres_keyword_phishing names. */
bool junk_keywords_say_phishing(const char *const *keywords,
				const struct authres_settings *set);

#endif
