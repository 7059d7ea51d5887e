#ifndef PUBLIC_SUFFIX_H
#define PUBLIC_SUFFIX_H

/* The Public Suffix List, for RFC 7489 section 3.2, and the only file that
   knows libpsl. */

struct public_suffix_list;

/* path: a list, in the text or the DAFSA form; NULL = the newest of the
   system's and the one built into libpsl. Returns 0, or -1 and error_r (data
   stack). */
int public_suffix_list_init(const char *path,
			    struct public_suffix_list **list_r,
			    const char **error_r);
void public_suffix_list_deinit(struct public_suffix_list **list);

/* The Organizational Domain: one label more than the longest public suffix of
   domain (A-labels, lower case), or domain itself when it is a public suffix.
   Points into domain. */
const char *
public_suffix_organizational_domain(const struct public_suffix_list *list,
				    const char *domain);

#endif
