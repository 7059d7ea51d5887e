/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "mail-storage-private.h"
#include "authres-limits.h"
#include "moves-lesson.h"
#include "moves-copies.h"

struct moved_copy {
	/* not committed yet; NULL = the copy is there */
	const struct mailbox_transaction_context *trans;
	struct moves_lesson *lesson;
	char *mailbox;
	/* the original */
	struct mail_namespace *ns;
	char *name;
	uint32_t uid_validity, uid;
};

struct moves_copies {
	/* oldest first */
	ARRAY(struct moved_copy) copies;
};

struct moves_copies *moves_copies_init(void)
{
	struct moves_copies *copies;

	copies = i_new(struct moves_copies, 1);
	i_array_init(&copies->copies, 4);
	return copies;
}

static void moved_copy_free(struct moved_copy *copy)
{
	moves_lesson_free(&copy->lesson);
	i_free(copy->mailbox);
	i_free(copy->name);
}

static void moves_copies_delete(struct moves_copies *copies, unsigned int idx)
{
	moved_copy_free(array_idx_modifiable(&copies->copies, idx));
	array_delete(&copies->copies, idx, 1);
}

void moves_copies_deinit(struct moves_copies **_copies)
{
	struct moves_copies *copies = *_copies;
	struct moved_copy *copy;

	*_copies = NULL;
	array_foreach_modifiable(&copies->copies, copy)
		moved_copy_free(copy);
	array_free(&copies->copies);
	i_free(copies);
}

bool moves_copies_is_empty(const struct moves_copies *copies)
{
	return array_count(&copies->copies) == 0;
}

static uint32_t mailbox_uid_validity(struct mailbox *box)
{
	return mail_index_get_header(box->view)->uid_validity;
}

void moves_copies_add(struct moves_copies *copies, struct mail *src,
		      struct mailbox_transaction_context *trans,
		      struct moves_lesson *lesson)
{
	struct moved_copy *copy;

	if (array_count(&copies->copies) == AUTHRES_MAX_RELEASES)
		moves_copies_delete(copies, 0);
	copy = array_append_space(&copies->copies);
	copy->trans = trans;
	copy->lesson = lesson;
	copy->mailbox = i_strdup(mailbox_get_vname(trans->box));
	copy->ns = mailbox_get_namespace(src->box);
	copy->name = i_strdup(src->box->name);
	copy->uid_validity = mailbox_uid_validity(src->box);
	copy->uid = src->uid;
}

void moves_copies_saved(struct moves_copies *copies,
			const struct mailbox_transaction_context *trans,
			bool committed)
{
	struct moved_copy *copy;
	unsigned int i = 0;

	while (i < array_count(&copies->copies)) {
		copy = array_idx_modifiable(&copies->copies, i);
		if (copy->trans == trans && !committed) {
			moves_copies_delete(copies, i);
			continue;
		}
		if (copy->trans == trans)
			copy->trans = NULL;
		i++;
	}
}

static bool
moved_copy_is_of(const struct moved_copy *copy, struct mailbox *box,
		 const ARRAY_TYPE(seq_range) *uids)
{
	return copy->trans == NULL &&
		copy->ns == mailbox_get_namespace(box) &&
		copy->uid_validity == mailbox_uid_validity(box) &&
		strcmp(copy->name, box->name) == 0 &&
		seq_range_exists(uids, copy->uid);
}

void moves_copies_expunged(struct moves_copies *copies,
			   struct authres_user *auser, struct mailbox *box,
			   const ARRAY_TYPE(seq_range) *uids)
{
	const struct moved_copy *copy;
	unsigned int i = 0;

	while (i < array_count(&copies->copies)) {
		copy = array_idx(&copies->copies, i);
		if (!moved_copy_is_of(copy, box, uids)) {
			i++;
			continue;
		}
		moves_lesson_finish(auser, copy->lesson,
			       copy->mailbox);
		moves_copies_delete(copies, i);
	}
}
