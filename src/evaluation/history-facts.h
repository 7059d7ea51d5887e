#ifndef HISTORY_FACTS_H
#define HISTORY_FACTS_H

#include "outcomes.h"

struct msg_header;

/* verdict.history of a message, but for its number; strings live in pool.
   header: NULL = not read. */
void history_facts_find(pool_t pool, const struct verdict_outcomes *outcomes,
			const struct msg_header *header, bool psl,
			struct verdict_history *history_r);

#endif
