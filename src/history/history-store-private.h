#ifndef HISTORY_STORE_PRIVATE_H
#define HISTORY_STORE_PRIVATE_H

#include "history-store.h"

#define HISTORY_KEY_PREFIX "shared/authres/"

struct history_store {
	struct dict *dict;
};

extern const struct dict_op_settings history_op_settings;

/* "shared/authres/KIND/DAY/DOMAIN/NAME" on the data stack; NULL ends it
   earlier, with "/". */
const char *t_history_key(const char *kind, unsigned int day,
			  const char *domain, const char *name);

struct dict_transaction_context;

/* Rows, policies and reports of a day. */
void history_unset_day(struct dict_transaction_context *trans,
		       unsigned int day);

#endif
