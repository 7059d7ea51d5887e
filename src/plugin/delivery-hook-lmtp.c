/* Copyright (c) authres authors, see the included COPYING file */

#include "lmtp-common.h"
#include "lmtp-recipient.h"
#include "module-context.h"
#include "smtp-address.h"
#include "smtp-common.h"
#include "smtp-server-private.h"
#include "authres-user.h"
#include "delivery.h"
#include "delivery-transaction.h"
#include "delivery-hook-lmtp.h"

/* These are symbols of the lmtp binary: in all others there is nothing to
   hook. */
#pragma weak lmtp_client_created_hook_set
#pragma weak lmtp_module_register

#define LMTP_HOOK_CONTEXT_REQUIRE(obj) \
	MODULE_CONTEXT_REQUIRE(obj, lmtp_hook_module)

struct lmtp_hook_client {
	union lmtp_module_context module_ctx;

	/* Made for the first recipient; dropped whenever the server drops its
	   own, so that no message can see another one's verdict. */
	struct delivery_transaction *trans;
	/* conn_proxy_data_updated is ours: XCLIENT may say the address that the
	   connection has anyway */
	struct smtp_server_callbacks callbacks;
	const struct smtp_server_callbacks *super_callbacks;
	bool xclient;
};

static MODULE_CONTEXT_DEFINE_INIT(lmtp_hook_module,
				  &lmtp_module_register);

static lmtp_client_created_func_t *next_client_created;

static struct delivery_transaction *
lmtp_hook_create(struct client *client,
			struct smtp_server_transaction *smtp_trans)
{
	const struct lmtp_hook_client *lclient =
		LMTP_HOOK_CONTEXT_REQUIRE(client);
	struct delivery_transaction *trans;
	struct verify_request *request;
	struct smtp_proxy_data proxy_data;

	trans = delivery_transaction_init(VERIFY_PROTOCOL_LMTP);
	request = &trans->request;
	/* MAIL FROM:<> has an address without local part */
	delivery_transaction_set_mail_from(trans, smtp_trans->mail_from);
	request->session_id = p_strdup(trans->pool, smtp_trans->id);
	request->peer_ip = client->real_remote_ip;

	smtp_server_connection_get_proxy_data(client->conn, &proxy_data);
	if (smtp_server_connection_is_trusted(client->conn) &&
	    proxy_data.source_ip.family != 0 && lclient->xclient) {
		request->xclient_ip = proxy_data.source_ip;
		request->xclient_helo = p_strdup(trans->pool, proxy_data.helo);
	}
	return trans;
}

/* Returns FALSE if the recipient was answered 550: this cannot be done from
   the deliver hook. */
static bool
lmtp_hook_begin(struct authres_user *auser,
		       struct delivery_transaction *trans,
		       struct lmtp_recipient *lrcpt,
		       struct lmtp_local_deliver_context *lldctx)
{
	struct smtp_server_recipient *rcpt = lrcpt->rcpt;
	struct delivery_params params;
	struct event *event;
	bool rejected;

	event = event_create(rcpt->event);
	event_drop_parent_log_prefixes(event, 3);

	i_zero(&params);
	params.user = lldctx->rcpt_user;
	params.mail = lldctx->src_mail;
	params.rcpt_to = smtp_address_encode(rcpt->path);
	params.default_mailbox = lldctx->rcpt_default_mailbox;
	params.can_reject = TRUE;
	params.event = event;
	delivery_begin(auser, trans, &params);

	rejected = delivery_is_rejected(auser->delivery);
	if (rejected) {
		smtp_server_recipient_reply(rcpt, 550, "5.7.1", "%s",
			delivery_get_reply(auser->delivery));
		delivery_finish(auser, FALSE, event);
	}
	event_unref(&event);
	return !rejected;
}

static int
lmtp_hook_local_deliver(struct client *client,
			       struct lmtp_recipient *lrcpt,
			       struct smtp_server_cmd_ctx *cmd,
			       struct smtp_server_transaction *smtp_trans,
			       struct lmtp_local_deliver_context *lldctx)
{
	struct lmtp_hook_client *lclient =
		LMTP_HOOK_CONTEXT_REQUIRE(client);
	struct authres_user *auser = authres_user_get(lldctx->rcpt_user);
	bool begun = TRUE;
	int ret = -1;

	if (lclient->trans == NULL) {
		lclient->trans = lmtp_hook_create(client, smtp_trans);
		/* later recipients may be given the first one's copy */
		lclient->trans->received_mail = lldctx->src_mail;
	}
	if (auser != NULL) T_BEGIN {
		begun = lmtp_hook_begin(auser, lclient->trans, lrcpt,
					       lldctx);
	} T_END;
	if (begun) {
		ret = lclient->module_ctx.super.
			local_deliver(client, lrcpt, cmd, smtp_trans, lldctx);
		if (auser != NULL && auser->delivery != NULL) {
			e_error(lrcpt->rcpt->event, "authres: Another plugin "
				"delivered the message before it was tagged");
			delivery_finish(auser, TRUE, lrcpt->rcpt->event);
		}
	}
	return ret;
}

static void
lmtp_hook_trans_free(struct client *client,
			    struct smtp_server_transaction *smtp_trans)
{
	struct lmtp_hook_client *lclient =
		LMTP_HOOK_CONTEXT_REQUIRE(client);

	delivery_transaction_deinit(&lclient->trans);
	lclient->module_ctx.super.trans_free(client, smtp_trans);
}

static void lmtp_hook_client_destroy(struct client *client)
{
	struct lmtp_hook_client *lclient =
		LMTP_HOOK_CONTEXT_REQUIRE(client);

	delivery_transaction_deinit(&lclient->trans);
	lclient->module_ctx.super.destroy(client);
}

static void
lmtp_hook_proxy_data_updated(void *context,
				    const struct smtp_proxy_data *data)
{
	struct client *client = context;
	struct lmtp_hook_client *lclient =
		LMTP_HOOK_CONTEXT_REQUIRE(client);

	lclient->xclient = TRUE;
	if (lclient->super_callbacks->conn_proxy_data_updated != NULL)
		lclient->super_callbacks->
			conn_proxy_data_updated(context, data);
}

static void lmtp_hook_client_created(struct client **_client)
{
	struct client *client = *_client;
	struct lmtp_hook_client *lclient;

	lclient = p_new(client->pool, struct lmtp_hook_client, 1);
	lclient->module_ctx.super = client->v;
	client->v.local_deliver = lmtp_hook_local_deliver;
	client->v.trans_free = lmtp_hook_trans_free;
	client->v.destroy = lmtp_hook_client_destroy;
	lclient->super_callbacks = client->conn->callbacks;
	lclient->callbacks = *client->conn->callbacks;
	lclient->callbacks.conn_proxy_data_updated =
		lmtp_hook_proxy_data_updated;
	client->conn->callbacks = &lclient->callbacks;
	MODULE_CONTEXT_SET(client, lmtp_hook_module, lclient);

	if (next_client_created != NULL)
		next_client_created(_client);
}

void delivery_hook_lmtp_init(void)
{
	if (lmtp_client_created_hook_set == NULL)
		return;
	next_client_created =
		lmtp_client_created_hook_set(lmtp_hook_client_created);
}

void delivery_hook_lmtp_deinit(void)
{
	if (lmtp_client_created_hook_set == NULL)
		return;
	lmtp_client_created_hook_set(next_client_created);
}
