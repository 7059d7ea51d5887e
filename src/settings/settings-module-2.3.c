/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "settings-parser.h"
#include "service-settings.h"
#include "authres-limits.h"
#include "service-user.h"
#include "verifier-listeners.h"

/* Read by Dovecot's configuration process, which merges the administrator's
   own "service authres { }" over it. A group must stay empty: only the two
   default users are expanded in modules. */

#define VERIFIER_VSZ_LIMIT_BYTES (256 * 1024 * 1024)

/* Where there is no user of our own: the login user owns no socket of
   Dovecot's. */
#define VERIFIER_FALLBACK_USER "$default_login_user"
/* The master creates it, empty and owned by root, in base_dir. A directory
   that is missing would make every start fail and every mail wait. */
#define VERIFIER_CHROOT "empty"

static struct file_listener_settings authres_unix_listener = {
	.path = AUTHRES_LISTENER,
	/* Mail users differ, so anybody may ask; a request only costs CPU and
	   DNS, both bounded by the verifier. */
	.mode = 0666,
	.user = "",
	.group = ""
};
static struct file_listener_settings authres_delivery_listener = {
	.path = AUTHRES_DELIVERY_LISTENER,
	/* of root, or of whom Dovecot was started as */
	.mode = 0600,
	.user = "",
	.group = ""
};
static struct file_listener_settings *authres_unix_listeners[] = {
	&authres_unix_listener,
	&authres_delivery_listener
};
static buffer_t authres_unix_listeners_buf = {
	{ { authres_unix_listeners, sizeof(authres_unix_listeners) } }
};
static struct file_listener_settings authres_history_listener = {
	.path = AUTHRES_HISTORY_LISTENER,
	/* of root, or of whom Dovecot was started as */
	.mode = 0600,
	.user = "",
	.group = ""
};
static struct file_listener_settings authres_taken_back_listener = {
	.path = AUTHRES_TAKEN_BACK_LISTENER,
	/* Mail users move mail; the recorder bounds what each can say. */
	.mode = 0666,
	.user = "",
	.group = ""
};
static struct file_listener_settings *authres_history_listeners[] = {
	&authres_history_listener,
	&authres_taken_back_listener
};
static buffer_t authres_history_listeners_buf = {
	{ { authres_history_listeners, sizeof(authres_history_listeners) } }
};

struct module;
void authres_settings_init(struct module *module);
void authres_settings_deinit(void);

extern struct service_settings *authres_settings_service_settings_array[];
extern const char *authres_settings_version;

static struct service_settings authres_service = {
	.name = "authres",
	.protocol = "",
	.type = "",
	.executable = "authres",
	.user = VERIFIER_FALLBACK_USER,
	.group = "",
	.privileged_group = "",
	.extra_groups = "",
	.chroot = VERIFIER_CHROOT,

	.drop_priv_before_exec = FALSE,

	/* One may crash or hang while the other answers. */
	.process_min_avail = 2,
	.process_limit = 8,
	/* Half of them are for deliveries alone: the verifier itself refuses
	   strangers, since a full process accepts nobody. */
	.client_limit = AUTHRES_MAX_CONNECTIONS,
	.service_count = 0,
	.idle_kill = 0,
	.vsz_limit = VERIFIER_VSZ_LIMIT_BYTES,

	.unix_listeners = { { &authres_unix_listeners_buf,
			      sizeof(authres_unix_listeners[0]) } },
	.fifo_listeners = ARRAY_INIT,
	.inet_listeners = ARRAY_INIT
};

/* The recorder (doc/architecture.md): one process, since the spool is its own.
   It gives up root when the spool is open, to be who may ask the dict
   service. */
static struct service_settings authres_history_service = {
	.name = "authres-history",
	.protocol = "",
	.type = "",
	.executable = "authres-history",
	.user = "$default_internal_user",
	.group = "",
	.privileged_group = "",
	.extra_groups = "",
	.chroot = "",

	.drop_priv_before_exec = FALSE,

	.process_min_avail = 0,
	.process_limit = 1,
	.client_limit = AUTHRES_MAX_HISTORY_CONNECTIONS,
	.service_count = 0,
	.idle_kill = UINT_MAX,
	.vsz_limit = VERIFIER_VSZ_LIMIT_BYTES,

	.unix_listeners = { { &authres_history_listeners_buf,
			      sizeof(authres_history_listeners[0]) } },
	.fifo_listeners = ARRAY_INIT,
	.inet_listeners = ARRAY_INIT
};

struct service_settings *authres_settings_service_settings_array[] = {
	&authres_service, &authres_history_service, NULL
};

void authres_settings_init(struct module *module ATTR_UNUSED)
{
	authres_service.user =
		authres_service_user(VERIFIER_FALLBACK_USER);
}

void authres_settings_deinit(void)
{
}

const char *authres_settings_version = DOVECOT_ABI_VERSION;
