#ifndef RESOLVER_UNBOUND_H
#define RESOLVER_UNBOUND_H

struct resolver;

/* libunbound on the current ioloop. The only file that knows it.

   Identical questions under way are asked once, and answers are cached. A name
   whose question stayed without an answer (until the timeout, until the DNS
   server gave up, or until it was cancelled after seconds) is remembered for
   AUTHRES_DNS_SILENT_SECS, and any question for it, or for a name below it, is
   TEMPORARY at once: a message need not wait where the one before it waited in
   vain. Just that name: its parent is never concluded to be silent, or a
   stranger's dead host could silence everything beside it. Top-level domains
   are not remembered, and nothing is while no other question is answered, for
   then it is our own DNS server that is silent. At most
   AUTHRES_MAX_DNS_SILENT_NAMES are kept, the oldest is forgotten first.

   libunbound's own zones are removed where a mail system may have real data:
   reverse zones of private networks, and "test". Names below "localhost",
   "invalid" and "onion" are never asked. */

struct resolver_unbound_settings {
	/* addresses, "192.0.2.1" or "192.0.2.1@5353", NULL-terminated; empty =
	   those of /etc/resolv.conf */
	const char *const *servers;
	/* validate with the system's root trust anchor; what is bogus is
	   TEMPORARY */
	bool dnssec;
	/* a question without an answer ends after this long, at least 1 */
	unsigned int timeout_msecs;
	/* bytes of libunbound's message and record caches together */
	size_t cache_bytes;
};

/* Reads all files it needs, so call it before chroot, and after fork. Needs an
   ioloop; all questions are asked on it. Returns 0, or -1 and error_r (data
   stack). */
int resolver_unbound_init(const struct resolver_unbound_settings *set,
			  struct resolver **resolver_r, const char **error_r);

#endif
