/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "str-sanitize.h"
#include "allowance.h"
#include "authres-plugin.h"
#include "release-log.h"

#define EVENT_FIELD_MAX_CHARS 128

static const char *t_field(const char *text)
{
	return str_sanitize(text, EVENT_FIELD_MAX_CHARS);
}

static const char *t_author_domain(const struct verdict *verdict)
{
	return verdict->author_domain == NULL ? "unknown" :
		t_field(verdict->author_domain);
}

void release_log_retracted(struct event *parent, const char *log,
			   const struct verdict *verdict,
			   const struct allowance *allowance)
{
	const char *line = t_strdup_printf(
		"authres: moved to Junk from=%s no longer allowed=%s",
		t_author_domain(verdict),
		t_field(t_allowance_through(allowance)));

	if (strcmp(log, "none") != 0)
		e_info(parent, "%s", line);
	else
		e_debug(parent, "%s", line);
}

void release_log_dict_error(struct event *parent, const char *error)
{
	e_error(parent, "authres: authres_dict: %s - going on without it",
		error);
}
