#ifndef RESOLVER_UNBOUND_H
#define RESOLVER_UNBOUND_H

struct resolver;

/* libunbound on the current ioloop. The only file that knows it. */

struct resolver_unbound_settings {
	/* addresses, "192.0.2.1" or "192.0.2.1@5353", NULL-terminated; empty =
	   those of /etc/resolv.conf */
	const char *const *servers;
	/* validate with the system's root trust anchor */
	bool dnssec;
	/* a question without an answer ends after this long */
	unsigned int timeout_msecs;
	/* bytes of libunbound's message and record caches together */
	size_t cache_bytes;
};

/* Reads all files it needs, so call it before chroot, and before the first
   question. Returns 0, or -1 and error_r (data stack). */
int resolver_unbound_init(const struct resolver_unbound_settings *set,
			  struct resolver **resolver_r, const char **error_r);

#endif
