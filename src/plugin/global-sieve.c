/* Copyright (c) authres authors, see the included COPYING file */

#include "sieve-library.h"
#include "ostream.h"
#include "ostream-null.h"
#include "str-sanitize.h"
#include "lda-settings.h"
#include "mail-deliver.h"
#include "mail-storage.h"
#include "mail-user.h"
#include "mail-duplicate.h"
#include "global-sieve.h"

#pragma weak mail_deliver_get_return_address

#define NOT_SENT "not sent for mail that goes to Junk " \
	"(authres_junk_sieve=global)"
#define SCRIPTS_TEMPFAIL_REPLY "Sieve scripts cannot be had now"
#define RUN_TEMPFAIL_REPLY "Sieve scripts could not be run to the end"

struct global_sieve {
	struct sieve_library lib;
	struct mail_deliver_context *ctx;
	struct sieve_instance *svinst;
	struct sieve_error_handler *ehandler;

	/* before, then after */
	ARRAY_TYPE(sieve_script) scripts;
	/* none or one */
	ARRAY_TYPE(sieve_script) discard_scripts;

	struct sieve_message_data message;
	struct sieve_script_env env;
	struct sieve_exec_status status;
	struct sieve_multiscript *multiscript;
	struct sieve_script *last_script;
	/* a script wanted to send mail */
	bool unsent;
};

static void *
smtp_start(const struct sieve_script_env *env ATTR_UNUSED,
	   const struct smtp_address *mail_from ATTR_UNUSED)
{
	struct ostream *output = o_stream_create_null();

	o_stream_set_no_error_handling(output, TRUE);
	return output;
}

static void
smtp_add_rcpt(const struct sieve_script_env *env ATTR_UNUSED,
	      void *handle ATTR_UNUSED,
	      const struct smtp_address *rcpt_to ATTR_UNUSED)
{
}

static struct ostream *
smtp_send(const struct sieve_script_env *env ATTR_UNUSED, void *handle)
{
	return handle;
}

static void
smtp_abort(const struct sieve_script_env *env ATTR_UNUSED, void *handle)
{
	struct ostream *output = handle;

	o_stream_destroy(&output);
}

/* A permanent failure: a redirect that fails leaves the message where it was
   kept, one that may be tried again would come back for ever. */
static int
smtp_finish(const struct sieve_script_env *env, void *handle,
	    const char **error_r)
{
	struct global_sieve *sieve = env->script_context;

	smtp_abort(env, handle);
	sieve->unsent = TRUE;
	*error_r = NOT_SENT;
	return 0;
}

static struct mail_deliver_context *
script_get_delivery(const struct sieve_script_env *env)
{
	struct global_sieve *sieve = env->script_context;

	return sieve->ctx;
}

static int
reject_mail(const struct sieve_script_env *env,
	    const struct smtp_address *recipient ATTR_UNUSED,
	    const char *reason ATTR_UNUSED)
{
	struct global_sieve *sieve = env->script_context;

	sieve->unsent = TRUE;
	e_info(sieve->ctx->event, "authres: Sieve's rejection "NOT_SENT);
	return -1;
}

static void *duplicate_begin(const struct sieve_script_env *env)
{
	return mail_duplicate_transaction_begin(
		script_get_delivery(env)->dup_db);
}

static void duplicate_commit(void **_trans)
{
	struct mail_duplicate_transaction *trans = *_trans;

	*_trans = NULL;
	mail_duplicate_transaction_commit(&trans);
}

static void duplicate_rollback(void **_trans)
{
	struct mail_duplicate_transaction *trans = *_trans;

	*_trans = NULL;
	mail_duplicate_transaction_rollback(&trans);
}

static enum sieve_duplicate_check_result
duplicate_check(void *trans, const struct sieve_script_env *env,
		const void *id, size_t id_size)
{
	switch (mail_duplicate_check(trans, id, id_size,
				     env->user->username)) {
	case MAIL_DUPLICATE_CHECK_RESULT_EXISTS:
		return SIEVE_DUPLICATE_CHECK_RESULT_EXISTS;
	case MAIL_DUPLICATE_CHECK_RESULT_NOT_FOUND:
		return SIEVE_DUPLICATE_CHECK_RESULT_NOT_FOUND;
	case MAIL_DUPLICATE_CHECK_RESULT_LOCK_TIMEOUT:
	case MAIL_DUPLICATE_CHECK_RESULT_DEADLOCK:
		return SIEVE_DUPLICATE_CHECK_RESULT_TEMP_FAILURE;
	case MAIL_DUPLICATE_CHECK_RESULT_IO_ERROR:
	case MAIL_DUPLICATE_CHECK_RESULT_TOO_MANY_LOCKS:
		break;
	}
	return SIEVE_DUPLICATE_CHECK_RESULT_FAILURE;
}

static void
duplicate_mark(void *trans, const struct sieve_script_env *env,
	       const void *id, size_t id_size, time_t expires)
{
	mail_duplicate_mark(trans, id, id_size, env->user->username, expires);
}

static const char *
amend_log_message(const struct sieve_script_env *env,
		  enum log_type log_type ATTR_UNUSED, const char *message)
{
	return t_sieve_library_log_message(script_get_delivery(env), message);
}

static int global_sieve_init_env(struct global_sieve *sieve)
{
	struct mail_deliver_context *ctx = sieve->ctx;
	struct sieve_message_data *message = &sieve->message;
	struct sieve_script_env *env = &sieve->env;
	const char *error;

	if (sieve->lib.sieve_script_env_init(env, ctx->rcpt_user, &error) < 0) {
		e_error(ctx->event, "authres: Can't run Sieve: %s", error);
		return -1;
	}
	env->default_mailbox = ctx->rcpt_default_mailbox;
	env->mailbox_autocreate = ctx->set->lda_mailbox_autocreate;
	env->mailbox_autosubscribe = ctx->set->lda_mailbox_autosubscribe;
	env->script_context = sieve;
	env->smtp_start = smtp_start;
	env->smtp_add_rcpt = smtp_add_rcpt;
	env->smtp_send = smtp_send;
	env->smtp_abort = smtp_abort;
	env->smtp_finish = smtp_finish;
	env->reject_mail = reject_mail;
	env->duplicate_transaction_begin = duplicate_begin;
	env->duplicate_transaction_commit = duplicate_commit;
	env->duplicate_transaction_rollback = duplicate_rollback;
	env->duplicate_check = duplicate_check;
	env->duplicate_mark = duplicate_mark;
	env->result_amend_log_message = amend_log_message;
	env->exec_status = &sieve->status;

	message->mail = ctx->src_mail;
	message->auth_user = ctx->rcpt_user->username;
	message->envelope.mail_from = mail_deliver_get_return_address(ctx);
	message->envelope.mail_params = &ctx->mail_params;
	message->envelope.rcpt_to = ctx->rcpt_to;
	message->envelope.rcpt_params = &ctx->rcpt_params;
	(void)mail_get_message_id(message->mail, &message->id);
	return 0;
}

/* Returns TRUE if the next script's turn comes, too. */
static bool
global_sieve_run_binary(struct global_sieve *sieve, struct sieve_binary *sbin,
			bool discard)
{
	const struct sieve_library *lib = &sieve->lib;

	if (!discard)
		return lib->sieve_multiscript_run(
			sieve->multiscript, sbin, sieve->ehandler,
			sieve->ehandler, SIEVE_EXECUTE_FLAG_LOG_RESULT);
	lib->sieve_multiscript_run_discard(
		sieve->multiscript, sbin, sieve->ehandler,
		sieve->ehandler, SIEVE_EXECUTE_FLAG_LOG_RESULT);
	return FALSE;
}

static bool
global_sieve_binary_is_damaged(struct global_sieve *sieve,
			       struct sieve_binary *sbin)
{
	const struct sieve_library *lib = &sieve->lib;

	return lib->sieve_is_loaded(sbin) &&
		lib->sieve_multiscript_status(sieve->multiscript) ==
			SIEVE_EXEC_BIN_CORRUPT;
}

/* Returns 1 if the next script's turn comes, 0 if the sequence ends here, -1 if
   the script could not be run. */
static int
global_sieve_run_script(struct global_sieve *sieve, struct sieve_script *script,
			bool discard, enum sieve_error *code_r)
{
	const struct sieve_library *lib = &sieve->lib;
	struct sieve_binary *sbin;
	enum sieve_error save_code;
	bool recompile = FALSE, more;

	lib->sieve_resource_usage_init(&sieve->status.resource_usage);
	for (;;) {
		sbin = sieve_library_open(lib, script, sieve->ehandler,
					  recompile, code_r);
		if (sbin == NULL)
			return *code_r == SIEVE_ERROR_NOT_FOUND ? 1 : -1;
		/* Nobody but the administrator may be able to write it there.
		   The sieve plugin says so for all other mail. */
		(void)lib->sieve_save(sbin, FALSE, &save_code);
		more = global_sieve_run_binary(sieve, sbin, discard);
		if (recompile || !global_sieve_binary_is_damaged(sieve, sbin))
			break;
		lib->sieve_close(&sbin);
		recompile = TRUE;
	}
	lib->sieve_close(&sbin);
	return more ? 1 : 0;
}

/* Sets sieve->last_script. Returns -1 if it could not be run. */
static int
global_sieve_run_scripts(struct global_sieve *sieve, enum sieve_error *code_r)
{
	struct sieve_script *script;
	int ret = 1;

	array_foreach_elem(&sieve->scripts, script) {
		sieve->last_script = script;
		ret = global_sieve_run_script(sieve, script, FALSE, code_r);
		if (ret <= 0)
			break;
	}
	if (ret == 0 && array_count(&sieve->discard_scripts) > 0 &&
	    sieve->lib.sieve_multiscript_will_discard(sieve->multiscript)) {
		script = array_idx_elem(&sieve->discard_scripts, 0);
		sieve->last_script = script;
		ret = global_sieve_run_script(sieve, script, TRUE, code_r);
	}
	return ret < 0 ? -1 : 0;
}

/* Returns as a deliver hook. */
static int global_sieve_result(struct global_sieve *sieve, int status)
{
	struct mail_deliver_context *ctx = sieve->ctx;
	struct mail_storage *storage = sieve->status.last_storage;
	const char *name =
		sieve_library_script_name(&sieve->lib, sieve->last_script);
	enum mail_error error = MAIL_ERROR_NONE;

	if (status == SIEVE_EXEC_OK)
		return 1;
	if (status == SIEVE_EXEC_FAILURE) {
		/* anybody can send mail that a script wants to answer */
		e_log(ctx->event,
		      sieve->unsent ? LOG_TYPE_INFO : LOG_TYPE_ERROR,
		      "authres: Sieve script %s failed - kept in %s", name,
		      str_sanitize(ctx->rcpt_default_mailbox, 80));
		return 1;
	}
	if (storage != NULL && sieve->status.store_failed)
		(void)mail_storage_get_last_error(storage, &error);
	if (status == SIEVE_EXEC_TEMP_FAILURE && error != MAIL_ERROR_TEMP &&
	    ctx->tempfail_error == NULL)
		ctx->tempfail_error = RUN_TEMPFAIL_REPLY;
	if (error != MAIL_ERROR_NOQUOTA)
		e_error(ctx->event, "authres: Sieve script %s failed, and "
			"nothing was kept", name);
	return -1;
}

static int global_sieve_execute(struct global_sieve *sieve)
{
	const struct sieve_library *lib = &sieve->lib;
	enum sieve_error code = SIEVE_ERROR_NONE;
	int ret, status = SIEVE_EXEC_OK;

	if (global_sieve_init_env(sieve) < 0)
		return 0;
	sieve->multiscript = lib->sieve_multiscript_start_execute(
		sieve->svinst, &sieve->message, &sieve->env);
	ret = global_sieve_run_scripts(sieve, &code);
	if (ret < 0 && code == SIEVE_ERROR_TEMP_FAILURE)
		status = SIEVE_EXEC_TEMP_FAILURE;
	else if (ret < 0)
		e_error(sieve->ctx->event, "authres: Sieve script %s cannot be "
			"run, nor those that follow - kept in %s",
			sieve_library_script_name(lib, sieve->last_script),
			str_sanitize(sieve->ctx->rcpt_default_mailbox, 80));
	status = lib->sieve_multiscript_finish(
		&sieve->multiscript, sieve->ehandler,
		SIEVE_EXECUTE_FLAG_LOG_RESULT, status);
	if (ret < 0 && status == SIEVE_EXEC_FAILURE)
		status = SIEVE_EXEC_OK;
	return global_sieve_result(sieve, status);
}

static int global_sieve_get_scripts(struct global_sieve *sieve)
{
	static const enum sieve_library_script kinds[] = {
		SIEVE_LIBRARY_SCRIPT_BEFORE, SIEVE_LIBRARY_SCRIPT_AFTER,
		SIEVE_LIBRARY_SCRIPT_DISCARD
	};
	const char *error;
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(kinds); i++) {
		if (sieve_library_get_scripts(
				&sieve->lib, sieve->ctx, sieve->svinst,
				kinds[i],
				kinds[i] == SIEVE_LIBRARY_SCRIPT_DISCARD ?
				&sieve->discard_scripts : &sieve->scripts,
				&error) == 0)
			continue;
		e_error(sieve->ctx->event, "authres: Can't get Sieve scripts: "
			"%s - not delivered", error);
		sieve->ctx->tempfail_error = SCRIPTS_TEMPFAIL_REPLY;
		return -1;
	}
	return 0;
}

static void
global_sieve_unref_scripts(struct global_sieve *sieve,
			   ARRAY_TYPE(sieve_script) *scripts)
{
	struct sieve_script *script;

	array_foreach_elem(scripts, script)
		sieve->lib.sieve_script_unref(&script);
}

int global_sieve_run(struct mail_deliver_context *ctx,
		     struct mail_storage **storage_r)
{
	struct global_sieve sieve;
	int ret;

	i_zero(&sieve);
	sieve.ctx = ctx;
	if (!sieve_library_find(&sieve.lib))
		return 0;
	if (sieve_library_init(&sieve.lib, ctx, &sieve.svinst) < 0)
		return 0;
	T_BEGIN {
		sieve.ehandler = sieve_library_error_handler(
			&sieve.lib, ctx, sieve.svinst);
		t_array_init(&sieve.scripts, 8);
		t_array_init(&sieve.discard_scripts, 1);
		ret = global_sieve_get_scripts(&sieve);
		if (ret == 0 && array_count(&sieve.scripts) > 0) {
			ret = global_sieve_execute(&sieve);
			ctx->tried_default_save =
				sieve.status.tried_default_save;
			*storage_r = sieve.status.last_storage;
		}
		global_sieve_unref_scripts(&sieve, &sieve.scripts);
		global_sieve_unref_scripts(&sieve, &sieve.discard_scripts);
		sieve.lib.sieve_error_handler_unref(&sieve.ehandler);
		sieve.lib.sieve_deinit(&sieve.svinst);
	} T_END;
	return ret;
}
