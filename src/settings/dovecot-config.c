/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "str.h"
#include "master-service.h"
#include "dovecot-config.h"

#include <unistd.h>
#include <sys/wait.h>

/* doveadm was started by doveconf with its own settings in the environment:
   those of a protocol can only be had by running it again. */
#define DOVECONF "doveconf"
#define DOVECONF_MAX_LINE_BYTES (64 * 1024)

/* protocol NULL: outside any protocol */
static void ATTR_NORETURN
doveconf_exec(struct master_service *service, const char *protocol, int fd)
{
	ARRAY_TYPE(const_string) args;
	const char *const words[] = {
		DOVECONF, "-c", master_service_get_config_path(service),
		"mail_plugins", "login_trusted_networks", "lmtp_proxy"
	};
	const char *const filter[] = {
		"-f", t_strconcat("protocol=", protocol, NULL)
	};

	t_array_init(&args, 16);
	array_append(&args, words, N_ELEMENTS(words));
	if (protocol != NULL)
		array_insert(&args, 1, filter, N_ELEMENTS(filter));
	array_append_zero(&args);
	if (dup2(fd, STDOUT_FILENO) < 0)
		_exit(FATAL_DEFAULT);
	(void)unsetenv("DOVECONF_ENV");
	(void)execvp(DOVECONF, (void *)array_front_modifiable(&args));
	_exit(FATAL_EXEC);
}

static int
doveconf_run(struct master_service *service, const char *protocol,
	     int *fd_r, pid_t *pid_r, const char **error_r)
{
	int fds[2];

	if (pipe(fds) < 0) {
		*error_r = t_strdup_printf("pipe() failed: %m");
		return -1;
	}
	*pid_r = fork();
	if (*pid_r == 0)
		doveconf_exec(service, protocol, fds[1]);
	i_close_fd(&fds[1]);
	if (*pid_r < 0) {
		*error_r = t_strdup_printf("fork() failed: %m");
		i_close_fd(&fds[0]);
		return -1;
	}
	*fd_r = fds[0];
	return 0;
}

/* Dovecot 2.4 has two forms: a list, which replaces the one outside the
   protocol, and a block of "name = yes", which is merged into it. */
static void
plugins_merge(pool_t pool, const char *name, bool on,
	      ARRAY_TYPE(const_string) *plugins)
{
	const char *const *plugin;

	for (unsigned int i = 0; i < array_count(plugins); i++) {
		plugin = array_idx(plugins, i);
		if (strcmp(*plugin, name) == 0) {
			array_delete(plugins, i, 1);
			break;
		}
	}
	if (on) {
		name = p_strdup(pool, name);
		array_push_back(plugins, &name);
	}
}

static void
doveconf_line(pool_t pool, const char *line, bool *in_plugins,
	      ARRAY_TYPE(const_string) *plugins,
	      struct dovecot_config *config)
{
	const char *name, *value;
	const char *const *words;

	while (*line == ' ')
		line++;
	if (strcmp(line, "mail_plugins {") == 0)
		*in_plugins = TRUE;
	else if (*line == '}')
		*in_plugins = FALSE;
	value = strstr(line, " = ");
	if (value == NULL)
		return;
	name = t_strdup_until(line, value);
	value += 3;
	if (*in_plugins)
		plugins_merge(pool, name, strcmp(value, "yes") == 0, plugins);
	else if (strcmp(name, "mail_plugins") == 0) {
		array_clear(plugins);
		words = t_strsplit_spaces(value, " ,\t");
		for (; *words != NULL; words++)
			plugins_merge(pool, *words, TRUE, plugins);
	} else if (strcmp(name, "login_trusted_networks") == 0)
		config->login_trusted_networks =
			(void *)p_strsplit_spaces(pool, value, " ,\t");
	else if (strcmp(name, "lmtp_proxy") == 0)
		config->lmtp_proxy = strcmp(value, "yes") == 0;
}

static int
doveconf_read(pool_t pool, struct master_service *service,
	      const char *protocol, ARRAY_TYPE(const_string) *plugins,
	      struct dovecot_config *config, const char **error_r)
{
	struct istream *input;
	const char *line;
	bool in_plugins = FALSE;
	int fd, status;
	pid_t pid;

	if (doveconf_run(service, protocol, &fd, &pid, error_r) < 0)
		return -1;
	input = i_stream_create_fd_autoclose(&fd, DOVECONF_MAX_LINE_BYTES);
	while ((line = i_stream_read_next_line(input)) != NULL) T_BEGIN {
		doveconf_line(pool, line, &in_plugins, plugins, config);
	} T_END;
	i_stream_unref(&input);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0) {
		*error_r = DOVECONF" failed";
		return -1;
	}
	return 0;
}

static int
protocol_read(pool_t pool, struct master_service *service,
	      const char *protocol, const ARRAY_TYPE(const_string) *global,
	      const char *const **plugins_r, struct dovecot_config *config,
	      const char **error_r)
{
	ARRAY_TYPE(const_string) plugins;

	p_array_init(&plugins, pool, 8);
	array_append_array(&plugins, global);
	if (doveconf_read(pool, service, protocol, &plugins, config,
			  error_r) < 0)
		return -1;
	array_append_zero(&plugins);
	*plugins_r = array_front(&plugins);
	return 0;
}

int dovecot_config_read(pool_t pool, struct master_service *service,
			struct dovecot_config *config_r, const char **error_r)
{
	ARRAY_TYPE(const_string) global;

	i_zero(config_r);
	config_r->login_trusted_networks = p_new(pool, const char *, 1);
	t_array_init(&global, 8);
	if (doveconf_read(pool, service, NULL, &global, config_r,
			  error_r) < 0 ||
	    protocol_read(pool, service, "imap", &global,
			  &config_r->imap_plugins, config_r, error_r) < 0 ||
	    protocol_read(pool, service, "lda", &global,
			  &config_r->lda_plugins, config_r, error_r) < 0)
		return -1;
	/* last: the networks that are kept are those of lmtp */
	return protocol_read(pool, service, "lmtp", &global,
			     &config_r->lmtp_plugins, config_r, error_r);
}
