#ifndef MOVE_KEYWORDS_H
#define MOVE_KEYWORDS_H

#include "mail-storage.h"

struct authres_settings;
struct mail_save_context;

/* Keywords that a message gets and loses with a move. */

struct move_keywords {
	/* NULL-terminated, data stack */
	const char *const *remove;
	const char *const *add;
};

/* Out of Junk: the junk keywords off, $NotJunk on. */
struct move_keywords
t_move_keywords_released(const struct authres_settings *set);
/* Into Junk: the other way round. */
struct move_keywords t_move_keywords_junk(const struct authres_settings *set);

/* Change what is about to be saved. */
void move_keywords_save(struct mail_save_context *ctx,
			const struct move_keywords *change);

typedef void update_keywords_func_t(struct mail *mail,
				    enum modify_type modify_type,
				    struct mail_keywords *keywords);
/* Change a message that is there, by means of update. */
void move_keywords_update(struct mail *mail, update_keywords_func_t *update,
			  const struct move_keywords *change);

/* A client says with these keywords that a message is (not) junk. */
bool move_keywords_say_released(struct mailbox *box,
				const struct mail_keywords *keywords);
bool move_keywords_say_junk(struct mailbox *box,
			    const struct mail_keywords *keywords);
/* mail is marked as phishing, by $Phishing or what the settings have for
   it. */
bool move_keywords_say_phishing(struct mail *mail,
				const struct authres_settings *set);

#endif
