#ifndef UNBOUND_CONFIGURE_H
#define UNBOUND_CONFIGURE_H

struct fresh_answers;
struct unbound_config;
struct ub_ctx;

/* What contexts of libunbound are made of. */

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
	/* after so long libunbound asks again, and twice as long for each
	   further time; 0 = AUTHRES_DNS_TRY_MSECS */
	unsigned int try_msecs;
	/* asked first, and told all answers; NULL = none. It must outlive the
	   resolver. */
	struct fresh_answers *fresh_answers;
};

struct unbound_context_settings {
	/* which of the servers, modulo their number */
	unsigned int server;
	/* under way at once */
	unsigned int max_questions;
	/* of its message and record caches together */
	size_t cache_bytes;
	/* as of resolver_unbound_settings, not 0 */
	unsigned int try_msecs;
};

/* libunbound takes the server for dead when it has asked a question so often,
   for 2^n - 1 times try_msecs. */
#define UNBOUND_MAX_TRIES 3

/* Read all files that any context will need: afterwards contexts are made
   without opening one, also inside a chroot. Returns 0, or -1 and error_r
   (data stack). */
int unbound_config_read(const struct resolver_unbound_settings *set,
			struct unbound_config **config_r, const char **error_r);
void unbound_config_free(struct unbound_config **config);
/* At least 1. */
unsigned int unbound_config_server_count(const struct unbound_config *config);
/* All options, the server and the trust anchors of a new context. Returns 0, or
   -1 and error_r (data stack). */
int unbound_configure(struct ub_ctx *ctx, const struct unbound_config *config,
		      const struct unbound_context_settings *set,
		      const char **error_r);

#endif
