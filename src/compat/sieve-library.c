/* Copyright (c) authres authors, see the included COPYING file */

#include "sieve-library.h"
#include "str.h"
#include "lda-settings.h"
#include "mail-deliver.h"
#include "mail-storage.h"
#include "mail-storage-settings.h"
#include "mail-user.h"
#include "var-expand.h"

#include <dlfcn.h>

/* of libdovecot-lda, which our module does without elsewhere */
#pragma weak mail_deliver_ctx_get_log_var_expand_table

/* "sieve_before99"; Sieve itself has no limit, a mistake should have one. */
#define SIEVE_MAX_NUMBERED_SETTINGS 99
/* Sieve 0.5 may tell the last error again and again. */
#define SIEVE_MAX_MISSING_SCRIPTS 99

bool sieve_library_find(struct sieve_library *library_r)
{
	i_zero(library_r);
#define FUNCTION(name) \
	library_r->name = (__typeof__(name) *)dlsym(RTLD_DEFAULT, #name); \
	if (library_r->name == NULL) \
		return FALSE;
	SIEVE_LIBRARY_FUNCTIONS(FUNCTION)
#undef FUNCTION
	return TRUE;
}

static void
sieve_environment_get(struct mail_deliver_context *ctx,
		      struct sieve_environment *env_r)
{
	struct mail_user *user = ctx->rcpt_user;

	i_zero(env_r);
	env_r->username = user->username;
	(void)mail_user_get_home(user, &env_r->home_dir);
	env_r->hostname = user->set->hostname;
	env_r->base_dir = user->set->base_dir;
	env_r->temp_dir = user->set->mail_temp_dir;
	env_r->event_parent = ctx->event;
	env_r->flags = SIEVE_FLAG_HOME_RELATIVE;
	env_r->location = SIEVE_ENV_LOCATION_MDA;
	env_r->delivery_phase = SIEVE_DELIVERY_PHASE_DURING;
}

#if DOVECOT_PREREQ(2,4,0)

static bool user_wants_debug(struct mail_user *user)
{
	return user->set->mail_debug;
}

int sieve_library_init(const struct sieve_library *lib,
		       struct mail_deliver_context *ctx,
		       struct sieve_instance **svinst_r)
{
	struct sieve_environment env;

	sieve_environment_get(ctx, &env);
	return lib->sieve_init(&env, NULL, ctx,
			       user_wants_debug(ctx->rcpt_user), svinst_r);
}

static int
sieve_library_get_discard(const struct sieve_library *lib,
			  struct sieve_instance *svinst,
			  ARRAY_TYPE(sieve_script) *scripts,
			  const char **error_r)
{
	struct sieve_script *script;
	enum sieve_error code;

	if (lib->sieve_script_create_open(svinst, SIEVE_SCRIPT_CAUSE_DELIVERY,
					  "discard", NULL, &script, &code,
					  error_r) < 0)
		return code == SIEVE_ERROR_TEMP_FAILURE ? -1 : 0;
	array_push_back(scripts, &script);
	return 0;
}

int sieve_library_get_scripts(const struct sieve_library *lib,
			      struct mail_deliver_context *ctx ATTR_UNUSED,
			      struct sieve_instance *svinst,
			      enum sieve_library_script kind,
			      ARRAY_TYPE(sieve_script) *scripts,
			      const char **error_r)
{
	struct sieve_script_sequence *sequence;
	struct sieve_script *script;
	enum sieve_error code;
	int ret;

	if (kind == SIEVE_LIBRARY_SCRIPT_DISCARD)
		return sieve_library_get_discard(lib, svinst, scripts, error_r);
	if (lib->sieve_script_sequence_create(
			svinst, lib->sieve_get_event(svinst),
			SIEVE_SCRIPT_CAUSE_DELIVERY,
			kind == SIEVE_LIBRARY_SCRIPT_BEFORE ?
			"before" : "after", &sequence, &code, error_r) < 0)
		return code == SIEVE_ERROR_NOT_FOUND ? 0 : -1;
	while ((ret = lib->sieve_script_sequence_next(sequence, &script, &code,
						      error_r)) > 0)
		array_push_back(scripts, &script);
	if (ret < 0)
		*error_r = t_strdup(*error_r);
	lib->sieve_script_sequence_free(&sequence);
	return ret;
}

struct sieve_binary *
sieve_library_open(const struct sieve_library *lib,
		   struct sieve_script *script,
		   struct sieve_error_handler *ehandler, bool recompile,
		   enum sieve_error *error_code_r)
{
	struct sieve_binary *sbin;
	int ret;

	lib->sieve_error_handler_reset(ehandler);
	if (recompile)
		ret = lib->sieve_compile_script(script, ehandler, 0, &sbin,
						error_code_r);
	else
		ret = lib->sieve_open_script(script, ehandler, 0, &sbin,
					     error_code_r);
	return ret < 0 ? NULL : sbin;
}

const char *sieve_library_script_name(const struct sieve_library *lib,
				      const struct sieve_script *script)
{
	return lib->sieve_script_label(script);
}

const char *t_sieve_library_log_message(struct mail_deliver_context *ctx,
					const char *message)
{
	const struct var_expand_params params = {
		.table = mail_deliver_ctx_get_log_var_expand_table(ctx,
								   message),
	};
	string_t *str = t_str_new(256);
	const char *error;

	if (var_expand(str, ctx->set->deliver_log_format, &params, &error) < 0)
		return message;
	return str_c(str);
}

#else

static bool user_wants_debug(struct mail_user *user)
{
	return user->mail_debug;
}

static const char *get_setting(void *context, const char *name)
{
	struct mail_deliver_context *ctx = context;
	const char *value = mail_user_plugin_getenv(ctx->rcpt_user, name);

	if (value == NULL && strcmp(name, "recipient_delimiter") == 0)
		value = ctx->set->recipient_delimiter;
	return value;
}

static const struct sieve_callbacks sieve_callbacks = {
	.get_setting = get_setting,
};

int sieve_library_init(const struct sieve_library *lib,
		       struct mail_deliver_context *ctx,
		       struct sieve_instance **svinst_r)
{
	struct sieve_environment env;

	sieve_environment_get(ctx, &env);
	*svinst_r = lib->sieve_init(&env, &sieve_callbacks, ctx,
				    user_wants_debug(ctx->rcpt_user));
	return *svinst_r == NULL ? -1 : 0;
}

/* Returns -1 if a later attempt may have another result. */
static int
sieve_library_get_sequence(const struct sieve_library *lib,
			   struct sieve_instance *svinst, const char *location,
			   ARRAY_TYPE(sieve_script) *scripts)
{
	struct sieve_script_sequence *sequence;
	struct sieve_script *script;
	enum sieve_error code;
	unsigned int missing_count = 0;

	sequence = lib->sieve_script_sequence_create(svinst, location, &code);
	if (sequence == NULL)
		return code == SIEVE_ERROR_TEMP_FAILURE ? -1 : 0;
	while (missing_count < SIEVE_MAX_MISSING_SCRIPTS) {
		code = SIEVE_ERROR_NONE;
		script = lib->sieve_script_sequence_next(sequence, &code);
		if (script != NULL)
			array_push_back(scripts, &script);
		else if (code == SIEVE_ERROR_NONE ||
			 code == SIEVE_ERROR_TEMP_FAILURE)
			break;
		else
			missing_count++;
	}
	lib->sieve_script_sequence_free(&sequence);
	return code == SIEVE_ERROR_TEMP_FAILURE ? -1 : 0;
}

static int
sieve_library_get_discard(const struct sieve_library *lib,
			  struct sieve_instance *svinst, const char *location,
			  ARRAY_TYPE(sieve_script) *scripts)
{
	struct sieve_script *script;
	enum sieve_error code;

	script = lib->sieve_script_create_open(svinst, location, NULL, &code);
	if (script == NULL)
		return code == SIEVE_ERROR_TEMP_FAILURE ? -1 : 0;
	array_push_back(scripts, &script);
	return 0;
}

int sieve_library_get_scripts(const struct sieve_library *lib,
			      struct mail_deliver_context *ctx,
			      struct sieve_instance *svinst,
			      enum sieve_library_script kind,
			      ARRAY_TYPE(sieve_script) *scripts,
			      const char **error_r)
{
	static const char *const names[] = {
		[SIEVE_LIBRARY_SCRIPT_BEFORE] = "sieve_before",
		[SIEVE_LIBRARY_SCRIPT_AFTER] = "sieve_after",
		[SIEVE_LIBRARY_SCRIPT_DISCARD] = "sieve_discard",
	};
	const char *name = names[kind], *location;
	unsigned int number = 1;
	int ret;

	for (; number <= SIEVE_MAX_NUMBERED_SETTINGS; number++) {
		if (number > 1)
			name = t_strdup_printf("%s%u", names[kind], number);
		location = mail_user_plugin_getenv(ctx->rcpt_user, name);
		if (location == NULL || *location == '\0')
			break;
		if (kind == SIEVE_LIBRARY_SCRIPT_DISCARD)
			return sieve_library_get_discard(lib, svinst, location,
							 scripts);
		ret = sieve_library_get_sequence(lib, svinst, location,
						 scripts);
		if (ret < 0) {
			*error_r = t_strdup_printf(
				"%s=%s: temporary failure", name, location);
			return -1;
		}
	}
	return 0;
}

struct sieve_binary *
sieve_library_open(const struct sieve_library *lib,
		   struct sieve_script *script,
		   struct sieve_error_handler *ehandler, bool recompile,
		   enum sieve_error *error_code_r)
{
	lib->sieve_error_handler_reset(ehandler);
	return recompile ?
		lib->sieve_compile_script(script, ehandler, 0, error_code_r) :
		lib->sieve_open_script(script, ehandler, 0, error_code_r);
}

const char *sieve_library_script_name(const struct sieve_library *lib,
				      const struct sieve_script *script)
{
	return lib->sieve_script_location(script);
}

const char *t_sieve_library_log_message(struct mail_deliver_context *ctx,
					const char *message)
{
	const struct var_expand_table *table =
		mail_deliver_ctx_get_log_var_expand_table(ctx, message);
	string_t *str = t_str_new(256);
	const char *error;

	if (var_expand(str, ctx->set->deliver_log_format, table, &error) <= 0)
		return message;
	return str_c(str);
}

#endif

struct sieve_error_handler *
sieve_library_error_handler(const struct sieve_library *lib,
			    struct mail_deliver_context *ctx,
			    struct sieve_instance *svinst)
{
	struct sieve_error_handler *ehandler;

	ehandler = lib->sieve_master_ehandler_create(svinst, 0);
	lib->sieve_error_handler_accept_infolog(ehandler, TRUE);
	lib->sieve_error_handler_accept_debuglog(
		ehandler, user_wants_debug(ctx->rcpt_user));
	return ehandler;
}
