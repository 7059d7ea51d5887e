/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "mail-namespace.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "delivery-record.h"
#include "domain-within.h"
#include "verdict.h"
#include "stored-verdict.h"
#include "verdict-policy.h"
#include "sentence.h"
#include "allowance.h"
#include "authres-user.h"
#include "delivery-allowance.h"
#include "delivery-history.h"
#include "delivery-log.h"
#include "delivery-transaction.h"
#include "delivery.h"

#define TEMPFAIL_REPLY "Temporary internal error"
#define CONFIG_ERROR_REPLY "Temporary configuration error"
#define INTERRUPTED_REPLY "Server restarts, try again"

static bool
mailbox_is_shared(struct mail_user *user, const char *vname)
{
	struct mail_namespace *ns =
		mail_namespace_find(user->namespaces, vname);

	return ns->type != MAIL_NAMESPACE_TYPE_PRIVATE;
}

static bool
settings_require_tempfail(const struct authres_user *auser)
{
	return auser->setting_errors != NULL &&
		auser->set.mode == AUTHRES_MODE_ENFORCE &&
		auser->set.temperror_action ==
		AUTHRES_TEMPERROR_ACTION_TEMPFAIL;
}

static void delivery_decide(struct delivery *delivery)
{
	disposition_decide(delivery->pool, &delivery->query,
			   &delivery->disposition);
	T_BEGIN {
		delivery->reply = p_strdup(delivery->pool, t_sentence_reply(
			delivery->query.verdict, &delivery->disposition));
	} T_END;
}

void delivery_begin(struct authres_user *auser,
		    struct delivery_transaction *trans,
		    const struct delivery_params *params)
{
	struct delivery *delivery;
	pool_t pool;

	i_assert(auser->delivery == NULL);

	pool = pool_alloconly_create("authres delivery", 1024);
	delivery = p_new(pool, struct delivery, 1);
	delivery->pool = pool;
	delivery->trans = trans;
	auser->delivery = delivery;

	if (auser->setting_errors != NULL)
		delivery_log_setting_errors(params->event,
					    auser->setting_errors);
	if (settings_require_tempfail(auser)) {
		delivery->tempfail_reply = CONFIG_ERROR_REPLY;
		return;
	}

	delivery->query.verdict = delivery_transaction_get_verdict(trans,
		params->mail, params->rcpt_to, &auser->set, params->event);
	if (trans->interrupted) {
		delivery->tempfail_reply = INTERRUPTED_REPLY;
		e_info(params->event, "authres: Dovecot was reloaded or "
		       "stopped while the message waited for its verdict -> "
		       "deferred");
		return;
	}
	delivery->query.set = &auser->set;
	delivery->query.can_reject = params->can_reject;
	delivery->query.shared_destination =
		mailbox_is_shared(params->user, params->default_mailbox);
	T_BEGIN {
		delivery->query.allowed_through = p_strdup(pool,
			t_delivery_allowance(auser, delivery->query.verdict,
					     params->event));
	} T_END;
	delivery_decide(delivery);
}

static void delivery_log(struct delivery *delivery, struct event *event)
{
	struct delivery_report report;

	i_zero(&report);
	report.verdict = delivery->query.verdict;
	report.disposition = &delivery->disposition;
	report.log = delivery->query.set->log;
	if (delivery->mailboxes != NULL)
		report.mailboxes = str_c(delivery->mailboxes);
	report.forged_count = delivery->forged_count;
	report.verifier_msecs = delivery->trans->verifier_msecs;
	report.verifier_error = delivery->trans->verifier_error;
	delivery_log_message(event, &report);
}

static void delivery_note_history(struct delivery *delivery)
{
	struct delivery_transaction *trans = delivery->trans;

	if (!trans->request.history || delivery->tempfail_reply != NULL ||
	    delivery->disposition.action == DISPOSITION_TEMPFAIL)
		return;
	delivery_history_note(trans->pool, delivery->query.set,
			      delivery->query.verdict, &delivery->disposition,
			      trans->request.received_time, &trans->history);
}

void delivery_finish(struct authres_user *auser, bool failed,
		     struct event *event)
{
	struct delivery *delivery = auser->delivery;

	auser->delivery = NULL;
	if (delivery->tempfail_reply == NULL)
		delivery_log(delivery, event);
	if (!failed)
		delivery_note_history(delivery);
	delivery_transaction_deinit(&delivery->own_trans);
	pool_unref(&delivery->pool);
}

bool delivery_is_rejected(const struct delivery *delivery)
{
	return delivery->tempfail_reply == NULL &&
		delivery->disposition.action == DISPOSITION_REJECT;
}

const char *delivery_get_reply(const struct delivery *delivery)
{
	if (delivery->tempfail_reply != NULL)
		return delivery->tempfail_reply;
	return delivery->reply != NULL ? delivery->reply : TEMPFAIL_REPLY;
}

bool delivery_is_junk(const struct delivery *delivery)
{
	return delivery->tempfail_reply == NULL &&
		delivery->disposition.action == DISPOSITION_JUNK;
}

const char *const *delivery_get_keywords(const struct delivery *delivery)
{
	return delivery->disposition.keywords;
}

/* What a release of mail that failed will be compared with, and what proves
   that no stranger made it. */
static void
mark_failed(const struct verdict *verdict, struct delivery_record *delivered)
{
	struct allowance allowance;

	delivered->flags = DELIVERY_RECORD_FAILED;
	if (!disposition_may_be_allowed(verdict) ||
	    !allowance_of_message(pool_datastack_create(), verdict,
				  verdict->author_address, &allowance))
		return;
	delivered->allowance_digest = allowance_digest(&allowance);
	/* a forwarder is named only where the author's SPF passes for the
	   client that it saw */
	if (allowance.kind == ALLOWANCE_FORWARDER ||
	    verdict->author_header_signed)
		delivered->flags |= DELIVERY_RECORD_PROVEN;
}

/* A stranger's own mail to a list of his own is no reason to trust the list. */
static bool list_is_of_author(const struct verdict *verdict)
{
	return verdict->organizational_domain == NULL ||
		domain_is_within(verdict->list_domain,
				 verdict->organizational_domain);
}

static void
mark_passed(const struct verdict *verdict, struct delivery_record *delivered)
{
	struct allowance list;

	if (verdict->origin != MAIL_ORIGIN_EXTERNAL || verdict->bad_author ||
	    verdict->dmarc != CHECK_RESULT_PASS ||
	    !allowance_of_answered_list(pool_datastack_create(),
					verdict->list_domain, &list) ||
	    list_is_of_author(verdict))
		return;
	delivered->flags = DELIVERY_RECORD_LIST_PASSED;
	delivered->allowance_digest = allowance_digest(&list);
}

void delivery_mark_saved(const struct delivery *delivery, struct mail *mail)
{
	const struct verdict *verdict = delivery->query.verdict;
	struct delivery_record delivered;

	if (delivery->tempfail_reply != NULL)
		return;
	i_zero(&delivered);
	T_BEGIN {
		if (verdict_is_unproven(verdict))
			mark_failed(verdict, &delivered);
		else
			mark_passed(verdict, &delivered);
	} T_END;
	delivered.flags |=
		authserv_id_digest(delivery->query.set->authserv_ids[0])
		<< DELIVERY_RECORD_NAME_SHIFT;
	delivery_record_set(mail, &delivered);
}

void delivery_add_mailbox(struct delivery *delivery, const char *vname)
{
	if (delivery->mailboxes == NULL)
		delivery->mailboxes = str_new(delivery->pool, 64);
	else
		str_append(delivery->mailboxes, ", ");
	str_append(delivery->mailboxes, vname);
}

void delivery_give_up_junk(struct delivery *delivery)
{
	delivery->query.shared_destination = TRUE;
	delivery_decide(delivery);
	if (delivery->mailboxes != NULL)
		str_truncate(delivery->mailboxes, 0);
	delivery->mailboxes = NULL;
}
