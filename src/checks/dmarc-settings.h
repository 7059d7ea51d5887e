#ifndef DMARC_SETTINGS_H
#define DMARC_SETTINGS_H

#include "own-domains.h"

/* What DMARC is evaluated by: RFC 9989 (default) or RFC 7489. */

enum dmarc_mode {
	DMARC_MODE_RFC9989,
	DMARC_MODE_RFC7489
};

struct public_suffix_list;

struct dmarc_settings {
	enum dmarc_mode mode;
	/* RFC 7489 mode: the Public Suffix List. path of a list, NULL = the
	   system's */
	const char *psl_file;
	/* filled by dmarc_settings_init(), NULL in RFC 9989 mode */
	struct public_suffix_list *psl;
	/* mail in their names needs a pass, whatever they publish */
	struct own_domains own;
};

/* Open what the mode needs; before chroot. Returns 0, or -1 and error_r (data
   stack). */
int dmarc_settings_init(struct dmarc_settings *set, const char **error_r);
void dmarc_settings_deinit(struct dmarc_settings *set);

#endif
