/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "doveadm.h"
#include "doveadm-print.h"
#include "config-print.h"

#include <sysexits.h>

void config_print(const ARRAY_TYPE(config_row) *rows)
{
	const struct config_row *row;

	doveadm_print_init(DOVEADM_PRINT_TYPE_TABLE);
	doveadm_print_header_simple("state");
	doveadm_print_header_simple("topic");
	doveadm_print_header_simple("value");
	doveadm_print_header_simple("explanation");
	array_foreach(rows, row) {
		doveadm_print(config_state_name(row->state));
		doveadm_print(row->topic);
		doveadm_print(row->value);
		doveadm_print(row->explanation);
		if (row->state == CONFIG_STATE_ERROR)
			doveadm_exit_code = EX_CONFIG;
	}
}
