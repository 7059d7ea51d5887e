/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "mail-storage-private.h"
#include "delivery-record.h"

static uint32_t register_ext(struct mail_index *index)
{
	return mail_index_ext_register(index, DELIVERY_RECORD_EXT_NAME, 0,
				       sizeof(struct delivery_record),
				       sizeof(uint32_t));
}

bool delivery_record_get(struct mail *mail, struct delivery_record *delivered_r)
{
	struct mail_index_map *map;
	const void *data;
	uint32_t ext_id, hdr_size;
	uint16_t record_size, record_align;
	bool expunged;

	i_zero(delivered_r);
	/* an index without any such record does not get the extension */
	if (!mail_index_ext_lookup(mail->box->index, DELIVERY_RECORD_EXT_NAME,
				   &ext_id))
		return FALSE;
	mail_index_lookup_ext_full(mail->transaction->view, mail->seq, ext_id,
				   &map, &data, &expunged);
	if (data == NULL)
		return FALSE;
	mail_index_ext_get_size(map, ext_id, &hdr_size, &record_size,
				&record_align);
	if (record_size < sizeof(*delivered_r))
		return FALSE;
	memcpy(delivered_r, data, sizeof(*delivered_r));
	return (delivered_r->flags & DELIVERY_RECORD_FAILED) != 0;
}

void delivery_record_set(struct mail *mail,
			const struct delivery_record *delivered)
{
	mail_index_update_ext(mail->transaction->itrans, mail->seq,
			      register_ext(mail->box->index), delivered, NULL);
}

uint32_t delivery_record_last_seq(struct mailbox_transaction_context *trans)
{
	return mail_index_view_get_messages_count(trans->view);
}

void delivery_record_set_last(struct mailbox_transaction_context *trans,
			      const struct delivery_record *delivered)
{
	mail_index_update_ext(trans->itrans, delivery_record_last_seq(trans),
			      register_ext(trans->box->index), delivered, NULL);
}
