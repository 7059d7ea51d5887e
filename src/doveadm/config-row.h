#ifndef CONFIG_ROW_H
#define CONFIG_ROW_H

/* One row of what "doveadm authres config" says. */

enum config_state {
	CONFIG_STATE_OK,
	/* works, and has a consequence worth knowing */
	CONFIG_STATE_INFO,
	/* works, and is seldom what one wants */
	CONFIG_STATE_WARNING,
	/* cannot work */
	CONFIG_STATE_ERROR
};

struct config_row {
	enum config_state state;
	/* "authres_trusted_hosts", "mail_plugins", "verifier"... */
	const char *topic;
	/* sanitised; "" = none */
	const char *value;
	const char *explanation;
};
ARRAY_DEFINE_TYPE(config_row, struct config_row);

/* "ok", "info", "warning", "error" */
const char *config_state_name(enum config_state state);
/* value and format: any bytes, sanitised here. */
void config_row_add(pool_t pool, ARRAY_TYPE(config_row) *rows,
		    enum config_state state, const char *topic,
		    const char *value, const char *format, ...)
	ATTR_FORMAT(6, 7);
/* with pool and rows of the function that uses it */
#define ADD(state, topic, value, ...) \
	config_row_add(pool, rows, CONFIG_STATE_##state, topic, value, \
		       __VA_ARGS__)

/* Of what a verifier process says of itself ("key=value"): the value of key, or
   "". */
const char *config_status_value(const char *const *status, const char *key);
/* words with a space between them */
const char *t_joined(const char *const *words);

#endif
