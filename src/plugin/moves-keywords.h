#ifndef MOVES_KEYWORDS_H
#define MOVES_KEYWORDS_H

#include "mail-storage.h"
#include "junk-keywords.h"

struct mail_save_context;

/* junk-keywords.h on messages that a user moves or marks. */

/* Change what is about to be saved. */
void move_keywords_save(struct mail_save_context *ctx,
			const struct junk_keywords_change *change);

typedef void update_keywords_func_t(struct mail *mail,
				    enum modify_type modify_type,
				    struct mail_keywords *keywords);
/* Change a message that is there, by means of update. */
void move_keywords_update(struct mail *mail, update_keywords_func_t *update,
			  const struct junk_keywords_change *change);

/* The words of keywords, NULL-terminated. Data stack. */
const char *const *
t_move_keywords_names(struct mailbox *box,
		      const struct mail_keywords *keywords);

#endif
