#ifndef UID_SELECTION_H
#define UID_SELECTION_H

/* UIDs and UID sets that somebody typed, and which of them were there. */

struct uid_selection;

/* args: "7", "3:9", "1,5:6"; NULL-terminated. Lives in pool. Returns NULL and
   error_r (data stack) if one of them is no UID set or there are none. */
struct uid_selection *
uid_selection_parse(pool_t pool, const char *const *args,
		    const char **error_r);
/* Search arguments for these messages. The caller unreferences them. */
struct mail_search_args *
uid_selection_search_args(const struct uid_selection *selection);

/* Forget which were there. */
void uid_selection_reset(struct uid_selection *selection);
/* A message with this UID is there. */
void uid_selection_found(struct uid_selection *selection, uint32_t uid);
/* The first argument, of those from *idx on, of which no message was there, or
   NULL. *idx is where to go on. */
const char *uid_selection_missing(const struct uid_selection *selection,
				  unsigned int *idx);

#endif
