/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hostpid.h"
#include "istream.h"
#include "str.h"
#include "interval.h"
#include "master-service.h"
#include "str-prefix.h"
#include "dovecot-config.h"

#include <unistd.h>
#include <sys/wait.h>

/* doveadm was started by doveconf with its own settings in the environment:
   those of a protocol can only be had by running it again. */
#define DOVECONF "doveconf"
#define DOVECONF_MAX_LINE_BYTES (64 * 1024)
#define DOVECONF_MAX_BLOCKS 8
/* what Dovecot has by default */
#define DOVECONF_SUBMISSION_TIMEOUT_SECS 30

#if DOVECOT_PREREQ(2,4,0)
#  define DOVECONF_DICTS "dict_server"
#  define DOVECONF_AUTHRES_DICT "authres_dict"
#else
#  define DOVECONF_DICTS "dict"
#  define DOVECONF_AUTHRES_DICT "plugin"
#endif

/* What is read of one run of doveconf. */
struct doveconf_reader {
	pool_t pool;
	struct dovecot_config *config;
	const char *protocol;
	ARRAY_TYPE(const_string) plugins;
	ARRAY_TYPE(const_string) dicts;
	/* the headings of the blocks around the line, "mailbox Junk" */
	const char *blocks[DOVECONF_MAX_BLOCKS];
	unsigned int depth;
	/* the first mailbox of this namespace, in config->mailboxes */
	unsigned int first_mailbox;
	/* the line before is mail_plugins: what has no name belongs to it */
	bool after_plugins;
};

/* protocol NULL: outside any protocol */
static void ATTR_NORETURN
doveconf_exec(struct master_service *service, const char *protocol, int fd)
{
	ARRAY_TYPE(const_string) args;
	const char *const words[] = {
		DOVECONF, "-x", "-c", master_service_get_config_path(service),
		"mail_plugins", "login_trusted_networks", "lmtp_proxy",
		"lmtp_add_received_header", "hostname", "submission_host",
		"submission_ssl", "submission_timeout", "sendmail_path",
		"namespace", DOVECONF_DICTS, DOVECONF_AUTHRES_DICT,
		/* 2.3 has it in plugin { }, and shows nothing for this */
		"sieve_script"
	};
	const char *const filter[] = {
		"-f", t_strconcat("protocol=", protocol, NULL)
	};

	t_array_init(&args, 32);
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
plugins_merge(struct doveconf_reader *reader, const char *name, bool on)
{
	const char *const *plugin;

	for (unsigned int i = 0; i < array_count(&reader->plugins); i++) {
		plugin = array_idx(&reader->plugins, i);
		if (strcmp(*plugin, name) == 0) {
			array_delete(&reader->plugins, i, 1);
			break;
		}
	}
	if (on) {
		name = p_strdup(reader->pool, name);
		array_push_back(&reader->plugins, &name);
	}
}

static void plugins_add(struct doveconf_reader *reader, const char *value)
{
	const char *const *words = t_strsplit_spaces(value, " ,\t");

	for (; *words != NULL; words++)
		plugins_merge(reader, *words, TRUE);
}

/* Dovecot 2.4 puts what has special characters in quotes. */
static const char *unquoted(pool_t pool, const char *value)
{
	size_t length = strlen(value);
	string_t *str;

	if (length < 2 || value[0] != '"' || value[length - 1] != '"')
		return p_strdup(pool, value);
	str = str_new(pool, length);
	for (size_t i = 1; i < length - 1; i++) {
		if (value[i] == '\\' && i + 1 < length - 1)
			i++;
		str_append_c(str, value[i]);
	}
	return str_c(str);
}

/* Is the block of this level one of that kind, "kind name"? */
static bool
block_is(const struct doveconf_reader *reader, unsigned int level,
	 const char *kind, const char **name_r)
{
	const char *name;

	if (level >= reader->depth ||
	    !str_has_prefix(reader->blocks[level], kind))
		return FALSE;
	name = reader->blocks[level] + strlen(kind);
	if (*name != ' ' && *name != '\0')
		return FALSE;
	*name_r = unquoted(reader->pool, *name == ' ' ? name + 1 : name);
	return TRUE;
}

static void doveconf_block(struct doveconf_reader *reader, const char *heading)
{
	struct dovecot_config *config = reader->config;
	struct dovecot_config_namespace *ns;
	struct dovecot_config_mailbox *box;
	const char *name;

	if (reader->depth == N_ELEMENTS(reader->blocks))
		return;
	reader->blocks[reader->depth++] = p_strdup(reader->pool, heading);
	if (reader->depth == 1 && block_is(reader, 0, "namespace", &name)) {
		ns = array_append_space(&config->namespaces);
		ns->prefix = ns->separator = "";
		ns->private = TRUE;
		reader->first_mailbox = array_count(&config->mailboxes);
	} else if (reader->depth == 2 &&
		   block_is(reader, 0, "namespace", &name) &&
		   block_is(reader, 1, "mailbox", &name)) {
		box = array_append_space(&config->mailboxes);
		box->name = name;
		box->special_uses = p_new(reader->pool, const char *, 1);
	} else if (reader->depth == 2 &&
		   block_is(reader, 0, "dict_server", &name) &&
		   block_is(reader, 1, "dict", &name))
		array_push_back(&reader->dicts, &name);
}

static void doveconf_block_end(struct doveconf_reader *reader)
{
	struct dovecot_config *config = reader->config;
	const struct dovecot_config_namespace *ns;
	struct dovecot_config_mailbox *box;
	const char *name;

	if (reader->depth == 1 && block_is(reader, 0, "namespace", &name)) {
		/* its prefix and type stand behind its mailboxes */
		ns = array_back(&config->namespaces);
		for (unsigned int i = reader->first_mailbox;
		     i < array_count(&config->mailboxes); i++) {
			box = array_idx_modifiable(&config->mailboxes, i);
			box->name = p_strconcat(reader->pool, ns->prefix,
						box->name, NULL);
			box->private = ns->private;
		}
	}
	if (reader->depth > 0)
		reader->depth--;
}

static void
doveconf_namespace_value(struct doveconf_reader *reader, const char *name,
			 const char *value)
{
	struct dovecot_config *config = reader->config;
	struct dovecot_config_namespace *ns =
		array_back_modifiable(&config->namespaces);
	struct dovecot_config_mailbox *box;

	if (reader->depth > 1) {
		if (array_count(&config->mailboxes) == reader->first_mailbox)
			return;
		box = array_back_modifiable(&config->mailboxes);
		if (strcmp(name, "special_use") == 0)
			box->special_uses = (void *)p_strsplit_spaces(
				reader->pool, value, " ,");
		else if (strcmp(name, "auto") == 0)
			box->automatic = strcmp(value, "no") != 0;
	} else if (strcmp(name, "prefix") == 0)
		ns->prefix = value;
	else if (strcmp(name, "separator") == 0)
		ns->separator = value;
	else if (strcmp(name, "inbox") == 0)
		ns->inbox = strcmp(value, "yes") == 0;
	else if (strcmp(name, "type") == 0)
		ns->private = strcmp(value, "private") == 0;
}

/* 2.3: dict { NAME = uri } and plugin { authres_dict = proxy:SOCKET:NAME };
   2.4: dict_server { dict NAME { } } and authres_dict { dict proxy { name =
   NAME } } */
static void
doveconf_dict_value(struct doveconf_reader *reader, const char *name,
		    const char *value)
{
	const char *block;

	if (block_is(reader, 0, "dict", &block)) {
		name = p_strdup(reader->pool, name);
		array_push_back(&reader->dicts, &name);
	} else if (block_is(reader, 0, "plugin", &block)) {
		if (strcmp(name, "authres_dict") != 0)
			return;
		reader->config->authres_dict_empty = *value == '\0';
		if (str_has_prefix(value, "proxy:"))
			reader->config->authres_dict_proxy =
				strrchr(value, ':') + 1;
	} else if (block_is(reader, 0, "authres_dict", &block) &&
		   block_is(reader, 1, "dict", &block) &&
		   strcmp(block, "proxy") == 0 &&
		   (strcmp(name, "name") == 0 ||
		    strcmp(name, "dict_proxy_name") == 0))
		reader->config->authres_dict_proxy = value;
}

/* 2.3: plugin { sieve_before = path }; 2.4: sieve_script NAME { type = before }
   */
static void
doveconf_sieve_value(struct doveconf_reader *reader, const char *name,
		     const char *value)
{
	const char *block;
	bool global = FALSE;

	if (block_is(reader, 0, "plugin", &block))
		global = *value != '\0' &&
			(strcmp(name, "sieve_before") == 0 ||
			 strcmp(name, "sieve_after") == 0);
	else if (block_is(reader, 0, "sieve_script", &block))
		global = strcmp(name, "type") == 0 &&
			(strcmp(value, "before") == 0 ||
			 strcmp(value, "after") == 0);
	if (global)
		reader->config->global_sieve_scripts = TRUE;
}

static void
doveconf_value(struct doveconf_reader *reader, const char *name,
	       const char *value)
{
	struct dovecot_config *config = reader->config;
	const char *block, *error;

	value = unquoted(reader->pool, value);
	if (block_is(reader, 0, "mail_plugins", &block))
		plugins_merge(reader, name, strcmp(value, "yes") == 0);
	else if (block_is(reader, 0, "namespace", &block))
		doveconf_namespace_value(reader, name, value);
	else if (reader->depth > 0) {
		doveconf_dict_value(reader, name, value);
		doveconf_sieve_value(reader, name, value);
	} else if (strcmp(name, "mail_plugins") == 0) {
		array_clear(&reader->plugins);
		plugins_add(reader, value);
		reader->after_plugins = TRUE;
	} else if (strcmp(name, "login_trusted_networks") == 0)
		config->login_trusted_networks = (void *)
			p_strsplit_spaces(reader->pool, value, " ,\t");
	else if (strcmp(name, "lmtp_proxy") == 0)
		config->lmtp_proxy = strcmp(value, "yes") == 0;
	else if (strcmp(name, "lmtp_add_received_header") == 0)
		config->lmtp_received = strcmp(value, "yes") == 0;
	else if (strcmp(name, "submission_host") == 0)
		config->submission_host = value;
	else if (strcmp(name, "submission_ssl") == 0)
		config->submission_ssl = value;
	else if (strcmp(name, "submission_timeout") == 0)
		(void)interval_parse_secs(value,
			&config->submission_timeout_secs, &error);
	else if (strcmp(name, "sendmail_path") == 0)
		config->sendmail_path = value;
	else if (strcmp(name, "hostname") == 0 && *value != '\0')
		config->hostname = value;
}

static void doveconf_line(struct doveconf_reader *reader, const char *line)
{
	bool after_plugins = reader->after_plugins;
	size_t length;
	const char *value;

	reader->after_plugins = FALSE;
	while (*line == ' ')
		line++;
	length = strlen(line);
	value = strstr(line, " = ");
	if (length > 2 && strcmp(line + length - 2, " {") == 0)
		doveconf_block(reader, t_strndup(line, length - 2));
	else if (strcmp(line, "}") == 0)
		doveconf_block_end(reader);
	else if (value != NULL)
		doveconf_value(reader, t_strdup_until(line, value), value + 3);
	else if (after_plugins) {
		plugins_add(reader, line);
		reader->config->broken_plugins_protocol = reader->protocol;
	}
}

static int
doveconf_read(struct master_service *service, struct doveconf_reader *reader,
	      const char **error_r)
{
	struct istream *input;
	const char *line;
	int fd, status;
	pid_t pid;

	if (doveconf_run(service, reader->protocol, &fd, &pid, error_r) < 0)
		return -1;
	input = i_stream_create_fd_autoclose(&fd, DOVECONF_MAX_LINE_BYTES);
	while ((line = i_stream_read_next_line(input)) != NULL) T_BEGIN {
		doveconf_line(reader, line);
	} T_END;
	i_stream_unref(&input);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0) {
		*error_r = DOVECONF" failed";
		return -1;
	}
	return 0;
}

/* global: the plugins outside any protocol */
static int
protocol_read(pool_t pool, struct master_service *service,
	      const char *protocol, const char *const *global,
	      const char *const **plugins_r, struct dovecot_config *config,
	      const char **error_r)
{
	struct doveconf_reader reader;

	i_zero(&reader);
	reader.pool = pool;
	reader.config = config;
	reader.protocol = protocol;
	p_array_init(&reader.plugins, pool, 8);
	p_array_init(&reader.dicts, pool, 4);
	array_append(&reader.plugins, global, str_array_length(global));
	array_clear(&config->namespaces);
	array_clear(&config->mailboxes);
	if (doveconf_read(service, &reader, error_r) < 0)
		return -1;
	array_append_zero(&reader.plugins);
	*plugins_r = array_front(&reader.plugins);
	array_append_zero(&reader.dicts);
	config->dicts = array_front(&reader.dicts);
	return 0;
}

int dovecot_config_read(pool_t pool, struct master_service *service,
			struct dovecot_config *config_r, const char **error_r)
{
	static const char *const none[] = { NULL };
	const char *const *global;

	i_zero(config_r);
	config_r->login_trusted_networks = none;
	config_r->hostname = p_strdup(pool, my_hostdomain());
	config_r->submission_host = config_r->sendmail_path = "";
	config_r->submission_ssl = "no";
	config_r->submission_timeout_secs = DOVECONF_SUBMISSION_TIMEOUT_SECS;
	p_array_init(&config_r->namespaces, pool, 4);
	p_array_init(&config_r->mailboxes, pool, 8);
	if (protocol_read(pool, service, NULL, none, &global, config_r,
			  error_r) < 0 ||
	    protocol_read(pool, service, "imap", global,
			  &config_r->imap_plugins, config_r, error_r) < 0 ||
	    protocol_read(pool, service, "lda", global,
			  &config_r->lda_plugins, config_r, error_r) < 0)
		return -1;
	/* last: all else that is kept is that of lmtp */
	return protocol_read(pool, service, "lmtp", global,
			     &config_r->lmtp_plugins, config_r, error_r);
}
