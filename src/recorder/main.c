/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dict.h"
#include "restrict-access.h"
#include "master-service.h"
#include "authres-limits.h"
#include "authres-settings-read.h"
#include "failure-files.h"
#include "failure-spool.h"
#include "history-dict.h"
#include "history-store.h"
#include "recorder.h"
#include "recorder-connection.h"
#include "service-flags.h"
#include "spool.h"

#include <unistd.h>

/* The service "authres-history": it makes its spool, gives up what rights it
   has, and hands what the plugin tells to the dict. Started by Dovecot's master
   with the first message. */

#define SPOOL_DIR "authres-spool"

static struct recorder *recorder;
static struct failure_spool *failures;

static void client_destroyed(void)
{
	master_service_client_connection_destroyed(master_service);
}

static void client_connected(struct master_service_connection *conn)
{
	master_service_client_connection_accept(conn);
	recorder_connection_create(recorder, failures, conn->fd, conn->name,
				   client_destroyed);
}

static struct spool *
open_spool(const struct authres_settings *set,
	   const struct restrict_access_settings *access, const char **error_r)
{
	const char *dir = t_strconcat(set->state_dir, "/"SPOOL_DIR, NULL);
	bool root = geteuid() == 0;
	struct spool *spool;

	if (spool_open(dir, root ? access->uid : (uid_t)-1,
		       root ? access->gid : (gid_t)-1,
		       AUTHRES_MAX_SPOOL_BYTES, &spool, error_r) < 0)
		return NULL;
	return spool;
}

/* Without it the rest goes on. */
static void
open_failures(const struct authres_settings *set,
	      const struct restrict_access_settings *access)
{
	const char *dir = t_strconcat(set->state_dir, "/"FAILURE_FILES_DIR,
				      NULL);
	bool root = geteuid() == 0;
	const char *error;

	if (set->failure_reports > 0 &&
	    failure_spool_open(dir, root ? access->uid : (uid_t)-1,
			       root ? access->gid : (gid_t)-1, &failures,
			       &error) < 0)
		i_error("authres_failure_reports: %s - there are none", error);
}

/* NULL if there is none; error_r stays as it is if an error is known. */
static struct history_store *
open_store(const struct authres_settings *set, struct dict **dict_r,
	   const char **error_r)
{
	const char *error;
	int ret;

	ret = history_dict_init(set, dict_r, &error);
	if (ret > 0)
		return history_store_init(*dict_r);
	*dict_r = NULL;
	if (ret == 0)
		error = "authres_history is empty";
	if (*error_r == NULL)
		*error_r = error;
	return NULL;
}

int main(int argc, char *argv[])
{
	const enum master_service_flags service_flags =
		MASTER_SERVICE_FLAG_UPDATE_PROCTITLE |
		SERVICE_FLAGS_WITHOUT_TLS;
	struct restrict_access_settings access;
	struct authres_settings set;
	struct history_store *store;
	struct spool *spool;
	struct dict *dict;
	const char *const *errors, *error = NULL;
	pool_t pool;

	master_service = master_service_init("authres-history", service_flags,
					     &argc, &argv, "");
	if (master_getopt(master_service) > 0)
		return FATAL_DEFAULT;
	pool = pool_alloconly_create("recorder settings", 4096);
	if (authres_settings_read(pool, master_service, &set, &errors,
				  &error) < 0)
		i_fatal("Error reading configuration: %s", error);
	master_service_init_log_with_pid(master_service);
	dict_drivers_register_builtin();

	error = NULL;
	restrict_access_get_env(&access);
	spool = open_spool(&set, &access, &error);
	open_failures(&set, &access);
	if (geteuid() == 0)
		restrict_access(&access, 0, NULL);
	store = open_store(&set, &dict, &error);
	recorder = recorder_init(spool, store, set.history_days, error);
	master_service_init_finish(master_service);
	master_service_run(master_service, client_connected);

	recorder_connections_close();
	if (!recorder_settle(recorder)) {
		i_warning("the dict does not answer: ending without it");
		_exit(0);
	}
	recorder_deinit(&recorder);
	if (store != NULL) {
		history_store_deinit(&store);
		dict_deinit(&dict);
	}
	if (spool != NULL)
		spool_close(&spool);
	failure_spool_close(&failures);
	dict_drivers_unregister_builtin();
	pool_unref(&pool);
	master_service_deinit(&master_service);
	return 0;
}
