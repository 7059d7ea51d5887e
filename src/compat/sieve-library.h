#ifndef SIEVE_LIBRARY_H
#define SIEVE_LIBRARY_H

#include "lib.h"
#include "array.h"
#include "sieve.h"
#include "sieve-script.h"

/* Pigeonhole's library, where the sieve plugin has brought it into the process.
   We are not linked with it: the plugin has to load without it. Its structs are
   those of the headers we were built with, since Dovecot loads a sieve plugin
   of its own version only, as it does with ours. */

struct mail_deliver_context;

#define SIEVE_LIBRARY_FUNCTIONS(FUNCTION) \
	FUNCTION(sieve_init) \
	FUNCTION(sieve_get_event) \
	FUNCTION(sieve_deinit) \
	FUNCTION(sieve_compile_script) \
	FUNCTION(sieve_open_script) \
	FUNCTION(sieve_save) \
	FUNCTION(sieve_close) \
	FUNCTION(sieve_is_loaded) \
	FUNCTION(sieve_script_env_init) \
	FUNCTION(sieve_multiscript_start_execute) \
	FUNCTION(sieve_multiscript_run) \
	FUNCTION(sieve_multiscript_will_discard) \
	FUNCTION(sieve_multiscript_run_discard) \
	FUNCTION(sieve_multiscript_status) \
	FUNCTION(sieve_multiscript_finish) \
	FUNCTION(sieve_resource_usage_init) \
	FUNCTION(sieve_script_create_open) \
	FUNCTION(sieve_script_unref) \
	FUNCTION(sieve_script_sequence_create) \
	FUNCTION(sieve_script_sequence_next) \
	FUNCTION(sieve_script_sequence_free) \
	FUNCTION(sieve_master_ehandler_create) \
	FUNCTION(sieve_error_handler_accept_infolog) \
	FUNCTION(sieve_error_handler_accept_debuglog) \
	FUNCTION(sieve_error_handler_reset) \
	FUNCTION(sieve_error_handler_unref) \
	SIEVE_LIBRARY_FUNCTIONS_OF_VERSION(FUNCTION)
#if DOVECOT_PREREQ(2,4,0)
#  define SIEVE_LIBRARY_FUNCTIONS_OF_VERSION(FUNCTION) \
	FUNCTION(sieve_script_label)
#else
#  define SIEVE_LIBRARY_FUNCTIONS_OF_VERSION(FUNCTION) \
	FUNCTION(sieve_script_location)
#endif

struct sieve_library {
#define FUNCTION(name) __typeof__(name) *name;
	SIEVE_LIBRARY_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

/* When a script of the administrator runs. */
enum sieve_library_script {
	SIEVE_LIBRARY_SCRIPT_BEFORE,
	SIEVE_LIBRARY_SCRIPT_AFTER,
	/* when all others discard the message */
	SIEVE_LIBRARY_SCRIPT_DISCARD
};

/* FALSE if Sieve is not loaded in this process now: a later user's mail_plugins
   may load it. */
bool sieve_library_find(struct sieve_library *library_r);

/* The engine for one delivery, as the sieve plugin has it, with the settings of
   ctx->rcpt_user. ctx must live until lib->sieve_deinit(). Returns 0, or -1
   after Sieve has logged an error. */
int sieve_library_init(const struct sieve_library *lib,
		       struct mail_deliver_context *ctx,
		       struct sieve_instance **svinst_r);
/* Errors of scripts go to the administrator's log. To be unreferenced by the
   caller. */
struct sieve_error_handler *
sieve_library_error_handler(const struct sieve_library *lib,
			    struct mail_deliver_context *ctx,
			    struct sieve_instance *svinst);

/* Append the scripts of this kind that ctx->rcpt_user's settings name, in
   order. The caller unreferences them, also after an error. Returns 0, also if
   there are none, or -1 and error_r (data stack) if they cannot be had now. */
int sieve_library_get_scripts(const struct sieve_library *lib,
			      struct mail_deliver_context *ctx,
			      struct sieve_instance *svinst,
			      enum sieve_library_script kind,
			      ARRAY_TYPE(sieve_script) *scripts,
			      const char **error_r);
/* The script's bytecode: its compiled file if that is of this source, else
   compiled now; with recompile always compiled now. NULL: error_code_r. */
struct sieve_binary *
sieve_library_open(const struct sieve_library *lib,
		   struct sieve_script *script,
		   struct sieve_error_handler *ehandler, bool recompile,
		   enum sieve_error *error_code_r);

/* Where it is, for the administrator. Lives as long as script. */
const char *sieve_library_script_name(const struct sieve_library *lib,
				      const struct sieve_script *script);

/* Sieve's message about what it did, as deliver_log_format wants it. Data
   stack. */
const char *t_sieve_library_log_message(struct mail_deliver_context *ctx,
					const char *message);

#endif
