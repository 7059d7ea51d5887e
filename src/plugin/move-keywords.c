/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "authres-settings.h"
#include "move-keywords.h"

/* RFC 9051 section 2.3.2, and what clients used before it. */
static const char *const released_words[] = {
	"$NotJunk", "NonJunk", "NotJunk", NULL
};
static const char *const junk_words[] = { "$Junk", "Junk", NULL };

static const char *const phishing_words[] = { "$Phishing", NULL };

struct move_keywords t_move_keywords_released(const struct authres_settings *set)
{
	static const char *const add[] = { "$NotJunk", NULL };
	const char *const *const lists[] = {
		junk_words, phishing_words,
		set->keyword_junk, set->keyword_phishing
	};
	struct move_keywords change;
	ARRAY_TYPE(const_string) words;

	t_array_init(&words, 8);
	for (unsigned int i = 0; i < N_ELEMENTS(lists); i++)
		array_append(&words, lists[i], str_array_length(lists[i]));
	array_append_zero(&words);
	change.remove = array_front(&words);
	change.add = add;
	return change;
}

struct move_keywords t_move_keywords_junk(const struct authres_settings *set)
{
	struct move_keywords change;

	change.remove = released_words;
	change.add = set->keyword_junk;
	return change;
}

static const char *keyword_name(struct mailbox *box, unsigned int idx)
{
	return array_idx_elem(mail_index_get_keywords(box->index), idx);
}

static bool
has_one_of(struct mailbox *box, const struct mail_keywords *keywords,
	   const char *const *words)
{
	for (unsigned int i = 0; i < keywords->count; i++) {
		if (str_array_icase_find(words,
					 keyword_name(box, keywords->idx[i])))
			return TRUE;
	}
	return FALSE;
}

void move_keywords_save(struct mail_save_context *ctx,
			const struct move_keywords *change)
{
	struct mailbox *box = ctx->transaction->box;
	struct mail_keywords *old = ctx->data.keywords, *added;
	ARRAY_TYPE(keyword_indexes) indexes;

	t_array_init(&indexes, 8);
	for (unsigned int i = 0; old != NULL && i < old->count; i++) {
		const char *name = keyword_name(box, old->idx[i]);

		if (!str_array_icase_find(change->remove, name) &&
		    !str_array_icase_find(change->add, name))
			array_push_back(&indexes, &old->idx[i]);
	}
	added = mailbox_keywords_create_valid(box, change->add);
	array_append(&indexes, added->idx, added->count);
	mailbox_keywords_unref(&added);
	ctx->data.keywords =
		mailbox_keywords_create_from_indexes(box, &indexes);
	if (old != NULL)
		mailbox_keywords_unref(&old);
}

void move_keywords_update(struct mail *mail, update_keywords_func_t *update,
			  const struct move_keywords *change)
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

bool move_keywords_say_released(struct mailbox *box,
				const struct mail_keywords *keywords)
{
	return has_one_of(box, keywords, released_words) &&
		!has_one_of(box, keywords, junk_words);
}

bool move_keywords_say_junk(struct mailbox *box,
			    const struct mail_keywords *keywords)
{
	return has_one_of(box, keywords, junk_words) &&
		!has_one_of(box, keywords, released_words);
}

bool move_keywords_say_phishing(struct mail *mail,
				const struct authres_settings *set)
{
	const char *const *words = mail_get_keywords(mail);

	for (; *words != NULL; words++) {
		if (str_array_icase_find(phishing_words, *words) ||
		    str_array_icase_find(set->keyword_phishing, *words))
			return TRUE;
	}
	return FALSE;
}
