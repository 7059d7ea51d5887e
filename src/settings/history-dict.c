/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "dict-private.h"
#if DOVECOT_PREREQ(2,4,0)
#  include "master-service.h"
#  include "settings.h"
#endif
#include "authres-settings.h"
#include "history-dict.h"

#define SETTING "authres_history"

static int check_driver(struct dict **dict, const char **error_r)
{
	if (strcmp((*dict)->name, "proxy") == 0)
		return 1;
	*error_r = t_strdup_printf(SETTING": the %s dict cannot keep it: "
		"use an SQL database by Dovecot's dict service (proxy)",
		(*dict)->name);
	dict_deinit(dict);
	return -1;
}

#if DOVECOT_PREREQ(2,4,0)
/* The block's own settings. */
static struct event *history_event_create(void)
{
	struct event *event =
		event_create(master_service_get_event(master_service));

	settings_event_add_filter_name(event, SETTING);
	return event;
}

bool history_dict_is_set(const struct authres_settings *set ATTR_UNUSED)
{
	struct event *event = history_event_create();
	const struct dict_settings *dict_set;
	const char *error;
	bool is_set = FALSE;

	if (settings_get(event, &dict_setting_parser_info, 0, &dict_set,
			 &error) == 0) {
		is_set = array_is_created(&dict_set->dicts) &&
			array_not_empty(&dict_set->dicts);
		settings_free(dict_set);
	}
	event_unref(&event);
	return is_set;
}

int history_dict_init(const struct authres_settings *set ATTR_UNUSED,
		      struct dict **dict_r, const char **error_r)
{
	struct event *event = history_event_create();
	int ret;

	ret = dict_init_auto(event, dict_r, error_r);
	event_unref(&event);
	return ret <= 0 ? ret : check_driver(dict_r, error_r);
}
#else
bool history_dict_is_set(const struct authres_settings *set)
{
	return *set->history != '\0';
}

int history_dict_init(const struct authres_settings *set,
		      struct dict **dict_r, const char **error_r)
{
	struct dict_settings dict_set;

	if (*set->history == '\0')
		return 0;
	i_zero(&dict_set);
	dict_set.base_dir = set->base_dir;
	if (dict_init(set->history, &dict_set, dict_r, error_r) < 0) {
		*error_r = t_strdup_printf(SETTING": %s", *error_r);
		return -1;
	}
	return check_driver(dict_r, error_r);
}
#endif

bool history_is_on(const struct authres_settings *set)
{
	static bool known, is_on;

	if (!known) {
		is_on = history_dict_is_set(set);
		known = TRUE;
	}
	return is_on;
}
