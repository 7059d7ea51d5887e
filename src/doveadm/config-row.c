/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str-sanitize.h"
#include "config-row.h"

#define CONFIG_MAX_TEXT_BYTES 1024

static const char *const config_state_names[] = {
	[CONFIG_STATE_OK] = "ok",
	[CONFIG_STATE_INFO] = "info",
	[CONFIG_STATE_WARNING] = "warning",
	[CONFIG_STATE_ERROR] = "error"
};

const char *config_state_name(enum config_state state)
{
	i_assert((unsigned int)state < N_ELEMENTS(config_state_names));
	return config_state_names[state];
}

void config_row_add(pool_t pool, ARRAY_TYPE(config_row) *rows,
		    enum config_state state, const char *topic,
		    const char *value, const char *format, ...)
{
	struct config_row *row = array_append_space(rows);
	va_list args;

	va_start(args, format);
	row->state = state;
	row->topic = topic;
	row->value = p_strdup(pool, str_sanitize_utf8(value,
						      CONFIG_MAX_TEXT_BYTES));
	row->explanation = p_strdup(pool, str_sanitize_utf8(
		t_strdup_vprintf(format, args), CONFIG_MAX_TEXT_BYTES));
	va_end(args);
}

const char *config_status_value(const char *const *status, const char *key)
{
	size_t length = strlen(key);

	for (; *status != NULL; status++) {
		if (strncmp(*status, key, length) == 0 &&
		    (*status)[length] == '=')
			return *status + length + 1;
	}
	return "";
}

const char *t_joined(const char *const *words)
{
	return t_strarray_join(words, " ");
}
