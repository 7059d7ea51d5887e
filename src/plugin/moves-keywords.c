/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "moves-keywords.h"

const char *const *
t_move_keywords_names(struct mailbox *box, const struct mail_keywords *keywords)
{
	ARRAY_TYPE(const_string) names;

	t_array_init(&names, 8);
	for (unsigned int i = 0; keywords != NULL && i < keywords->count; i++) {
		const char *name = array_idx_elem(
			mail_index_get_keywords(box->index), keywords->idx[i]);

		array_push_back(&names, &name);
	}
	array_append_zero(&names);
	return array_front(&names);
}

void move_keywords_save(struct mail_save_context *ctx,
			const struct junk_keywords_change *change)
{
	struct mailbox *box = ctx->transaction->box;
	struct mail_keywords *old = ctx->data.keywords;

	ctx->data.keywords = mailbox_keywords_create_valid(box,
		junk_keywords_changed(pool_datastack_create(), change,
				      t_move_keywords_names(box, old)));
	if (old != NULL)
		mailbox_keywords_unref(&old);
}

void move_keywords_update(struct mail *mail, update_keywords_func_t *update,
			  const struct junk_keywords_change *change)
{
	ARRAY_TYPE(keyword_indexes) removed;
	const char *const *words = mail_get_keywords(mail);
	struct mail_keywords *keywords;
	unsigned int idx;

	/* only what is there: a name that is looked up to be removed would
	   take one of Maildir's 26 */
	t_array_init(&removed, 8);
	for (; *words != NULL; words++) {
		if (str_array_icase_find(change->remove, *words) &&
		    mail_index_keyword_lookup(mail->box->index, *words, &idx))
			array_push_back(&removed, &idx);
	}
	if (array_count(&removed) > 0) {
		keywords = mailbox_keywords_create_from_indexes(mail->box,
								&removed);
		update(mail, MODIFY_REMOVE, keywords);
		mailbox_keywords_unref(&keywords);
	}
	keywords = mailbox_keywords_create_valid(mail->box, change->add);
	if (keywords->count > 0)
		update(mail, MODIFY_ADD, keywords);
	mailbox_keywords_unref(&keywords);
}
