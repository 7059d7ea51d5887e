#ifndef TRUSTED_HOSTS_H
#define TRUSTED_HOSTS_H

#include "network-word.h"

/* Which hosts are ours. Networks and names only as listed: private addresses
   are not trusted by themselves. */
struct trusted_hosts {
	const struct ip_net *networks;
	unsigned int network_count;
	/* as they appear after "by", lower case; NULL-terminated. One that
	   begins with "." stands for all names below it. */
	const char *const *names;
};

/* words: networks ("10.0.0.0/8", "::1"), host names and name suffixes
   (".example.org"), NULL-terminated.
   Returns 0, or -1 and error_r (data stack) naming the bad word. */
int trusted_hosts_parse(pool_t pool, const char *const *words,
			struct trusted_hosts *hosts_r, const char **error_r);
bool trusted_hosts_has_ip(const struct trusted_hosts *hosts,
			  const struct ip_addr *ip);
/* Is one of the names this domain, of two labels at least, or within it?
   domain: A-labels, lower case. */
bool trusted_hosts_has_name_in(const struct trusted_hosts *hosts,
			       const char *domain);
/* name NULL is none. */
bool trusted_hosts_has_name(const struct trusted_hosts *hosts,
			    const char *name);

#endif
