#ifndef UNBOUND_CONFIGURE_H
#define UNBOUND_CONFIGURE_H

struct resolver_unbound_settings;
struct ub_ctx;

/* All options, servers and trust anchors of a new context; reads
   /etc/resolv.conf and the anchors' files. Only for resolver-unbound.c.
   Returns 0, or -1 and error_r (data stack). */
int unbound_configure(struct ub_ctx *ctx,
		      const struct resolver_unbound_settings *set,
		      const char **error_r);

#endif
