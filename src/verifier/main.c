/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "restrict-access.h"
#include "master-service.h"
#include "authres-limits.h"
#include "authres-settings-read.h"
#include "sandbox.h"
#include "service-flags.h"
#include "shared-memory.h"
#include "resolver.h"
#include "resolver-unbound.h"
#include "fresh-answers.h"
#include "known-answers.h"
#include "public-key.h"
#include "evaluation-settings.h"
#include "verifier.h"
#include "waiting-messages.h"

#include <unistd.h>

/* The service "authres": what it needs of files is read before it gives up
   everything, then it serves verdicts until Dovecot's master ends it. */

#define KNOWN_ANSWERS_FILE "authres-known-answers"
#define FRESH_ANSWERS_FILE "authres-fresh-answers"

static struct verifier *verifier;

static void log_setting_errors(const char *const *errors)
{
	for (; *errors != NULL; errors++)
		i_error("%s", *errors);
}

/* In the directory of sockets: gone with a reboot, and so are they. alone: what
   each process does without. */
static struct shared_memory *
verifier_memory_init(const struct authres_settings *set, const char *name,
		     const char *layout, size_t bytes, const char *alone)
{
	const char *p = strrchr(set->socket_path, '/');
	const char *const dirs[] = {
		t_strdup_until(set->socket_path, p), NULL
	};
	struct shared_memory *memory;
	const char *error;

	if (shared_memory_init(dirs, name, layout, bytes, &memory, &error) < 0)
		i_warning("%s: each process %s", error, alone);
	return memory;
}

/* Wrong settings are no reason to fail: a service that does not start makes
   every message wait. */
static struct resolver *verifier_resolver_init(
	pool_t pool, const struct authres_settings *set,
	struct shared_memory **fresh_memory_r, struct fresh_answers **fresh_r)
{
	struct resolver_unbound_settings resolver_set;
	struct resolver *resolver;
	const char *const *errors, *error;

	(void)evaluation_settings_resolver(pool, set, &resolver_set, &errors);
	log_setting_errors(errors);
	*fresh_memory_r = verifier_memory_init(set, FRESH_ANSWERS_FILE,
		fresh_answers_layout(resolver_set.servers,
				     resolver_set.dnssec),
		AUTHRES_FRESH_ANSWERS_BYTES, "has a DNS cache of its own");
	*fresh_r = fresh_answers_init(*fresh_memory_r);
	resolver_set.fresh_answers = *fresh_r;
	if (resolver_unbound_init(&resolver_set, &resolver, &error) < 0)
		i_fatal("resolver: %s", error);
	return resolver;
}

/* What every verifier process saw, for when DNS does not answer. Dovecot's
   state_dir outlives a restart of the machine, its base_dir one of ours. */
static struct known_answers *
verifier_known_answers_init(const struct authres_settings *set,
			    struct shared_memory **memory_r)
{
	const char *const dirs[] = { set->state_dir, set->base_dir, NULL };
	unsigned int max_age_secs = set->stale_policy_msecs / 1000;
	const char *error;

	*memory_r = NULL;
	if (max_age_secs == 0)
		return NULL;
	if (shared_memory_init(dirs, KNOWN_ANSWERS_FILE, KNOWN_ANSWERS_LAYOUT,
			       AUTHRES_KNOWN_ANSWERS_BYTES, memory_r,
			       &error) < 0) {
		i_warning("authres_stale_policy: %s: "
			  "each process only knows what it saw itself", error);
	}
	return known_answers_init(*memory_r, max_age_secs);
}

static void verifier_drop_privileges(void)
{
	struct restrict_access_settings set;

	restrict_access_get_env(&set);
	if (set.chroot_dir != NULL && chroot("/") < 0 && errno == EPERM) {
		/* Dovecot was started by a user, or in a container that takes
		   this right from root. The chroot protects files, of which an
		   unprivileged user reads few: judging goes on without. */
		i_warning("chroot() is not permitted: "
			  "the verifier works without chroot");
		set.chroot_dir = NULL;
	}
	sandbox_drop_bounding_set();
	if (geteuid() == 0)
		restrict_access(&set, 0, NULL);
}

static void client_connected(struct master_service_connection *conn)
{
	master_service_client_connection_accept(conn);
	verifier_connection_create(verifier, conn->fd, conn->name);
}

static void client_destroyed(void)
{
	master_service_client_connection_destroyed(master_service);
}

/* Reload: messages that are here get their verdict. */
static void master_died(void)
{
	master_service_stop_new_connections(master_service);
	if (verifier != NULL)
		verifier_stop(verifier);
}

int main(int argc, char *argv[])
{
	const enum master_service_flags service_flags =
		MASTER_SERVICE_FLAG_UPDATE_PROCTITLE |
		MASTER_SERVICE_FLAG_DONT_SEND_STATS |
		SERVICE_FLAGS_WITHOUT_TLS;
	struct authres_settings set;
	struct evaluation_settings evaluation_set;
	struct verifier_settings verifier_set;
	struct resolver *resolver;
	struct shared_memory *waiting_memory, *known_memory, *fresh_memory;
	struct fresh_answers *fresh_answers;
	const char *const *errors, *error;
	uid_t owner_uid = geteuid();
	struct sandbox_state sandbox;
	pool_t pool;

	master_service = master_service_init("authres", service_flags,
					     &argc, &argv, "");
	if (master_getopt(master_service) > 0)
		return FATAL_DEFAULT;

	pool = pool_alloconly_create("verifier settings", 4096);
	if (authres_settings_read(pool, master_service, &set, &errors,
				  &error) < 0)
		i_fatal("Error reading configuration: %s", error);
	master_service_init_log_with_pid(master_service);
	log_setting_errors(errors);
	/* the host name of a container, which changes with the container */
	if (strchr(set.authserv_ids[0], '.') == NULL)
		i_warning("authres_authserv_id is %s, which is no full host "
			  "name: others may use it, too, and after it changes, "
			  "forged fields with the old name are kept. Set "
			  "authres_authserv_id",
			  set.authserv_ids[0]);
	(void)evaluation_settings_init(pool, &set, &evaluation_set, &errors);
	log_setting_errors(errors);
	evaluation_set.dkim.key_cache =
		public_key_cache_init(AUTHRES_MAX_KEY_CACHE_BYTES);
	evaluation_set.known_answers =
		verifier_known_answers_init(&set, &known_memory);
	resolver = verifier_resolver_init(pool, &set, &fresh_memory,
					  &fresh_answers);
	waiting_memory = verifier_memory_init(&set, WAITING_MESSAGES_FILE,
		WAITING_MESSAGES_LAYOUT, WAITING_MESSAGES_BYTES,
		"only counts the messages that it told to wait itself");

	verifier_drop_privileges();
	master_service_set_die_callback(master_service, master_died);
	master_service_init_finish(master_service);
	if (sandbox_enter(AUTHRES_MAX_OPEN_FILES, set.seccomp, &sandbox,
			  &error) < 0)
		i_warning("%s", error);

	i_zero(&verifier_set);
	verifier_set.evaluation = &evaluation_set;
	verifier_set.resolver = resolver;
	verifier_set.waiting = waiting_messages_init(waiting_memory);
	verifier_set.client_limit = I_MIN(AUTHRES_MAX_CONNECTIONS,
		master_service_get_client_limit(master_service));
	verifier_set.owner_uid = owner_uid;
	verifier_set.max_bytes = AUTHRES_MAX_PROCESS_BYTES;
	verifier_set.chrooted = restrict_access_get_current_chroot() != NULL;
	verifier_set.sandbox = sandbox;
	verifier_set.connection_destroyed = client_destroyed;
	master_service_set_client_limit(master_service,
					verifier_set.client_limit);
	verifier = verifier_init(&verifier_set);

	master_service_run(master_service, client_connected);

	verifier_deinit(&verifier);
	waiting_messages_deinit(&verifier_set.waiting);
	shared_memory_deinit(&waiting_memory);
	resolver_deinit(&resolver);
	fresh_answers_deinit(&fresh_answers);
	shared_memory_deinit(&fresh_memory);
	known_answers_deinit(&evaluation_set.known_answers);
	shared_memory_deinit(&known_memory);
	public_key_cache_deinit(&evaluation_set.dkim.key_cache);
	evaluation_settings_deinit(&evaluation_set);
	pool_unref(&pool);
	master_service_deinit(&master_service);
	return 0;
}
