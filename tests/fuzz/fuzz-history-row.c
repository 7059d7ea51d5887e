/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "history-row.h"
#include "fuzzer.h"

/* A line of a client of the recorder or of its spool, and what the store has as
   data: whatever is taken is written again as it was read. */
FUZZ_BEGIN_STR(const char *line)
{
	pool_t pool = pool_alloconly_create("fuzz", 1024);
	struct history_record record, again;
	struct history_row row;
	string_t *text = t_str_new(256);
	const char *error, *data;

	if (history_record_decode(pool, line, &record, &error) == 0) {
		i_assert(history_row_is_valid(&record.row));
		history_record_encode(&record, text);
		i_assert(str_len(text) <= AUTHRES_MAX_HISTORY_ROW_BYTES);
		i_assert(history_record_decode(pool, str_c(text), &again,
					       &error) == 0);
		i_assert(strcmp(t_history_row_data(&record.row),
				t_history_row_data(&again.row)) == 0);
		i_assert(record.message_number == again.message_number);
	}
	if (history_row_parse(pool, line, &row) == 0) {
		i_assert(history_row_is_valid(&row));
		data = t_history_row_data(&row);
		i_assert(strcmp(data, line) == 0);
	}
	pool_unref(&pool);
}
FUZZ_END
