#ifndef HISTORY_DICT_H
#define HISTORY_DICT_H

/* The dict of authres_history: on 2.3 a URI, on 2.4 a block with a dict { } in
   it. It has to be one that Dovecot's dict service answers for (proxy): SQL
   drivers are nowhere else, files are rewritten with every change, and Redis
   cannot iterate. */

struct authres_settings;
struct dict;

/* Is one configured? */
bool history_dict_is_set(const struct authres_settings *set);
/* The same, asked once by each process: for every message. */
bool history_is_on(const struct authres_settings *set);
/* Open it; closed with dict_deinit(). Nothing is asked yet.
   Returns 1 and dict_r, 0 if none is configured, -1 and error_r (data
   stack). */
int history_dict_init(const struct authres_settings *set,
		      struct dict **dict_r, const char **error_r);

#endif
