#ifndef INGRESS_WATCH_H
#define INGRESS_WATCH_H

#include "net.h"

struct identity;
struct verdict;

/* Watches where mail comes in. That nobody trustworthy names a client, or that
   nearly all mail seems to come from one, is no fault of a message: an MTA is
   missing in authres_trusted_hosts, a NAT hides the clients, or a filter puts
   mail back with sendmail(1). SPF and DMARC are then of little use, and nobody
   would see it. */

/* What came in within the last hour. */
struct ingress_counts {
	unsigned int messages;
	/* without a trustworthy client; handed over by local users; from a
	   host of ours that is local */
	unsigned int unknown, local, inside;
	/* from relay_ip, the last client that passes on others' mail or has a
	   private address; family 0 = none */
	unsigned int relay;
	struct ip_addr relay_ip;
	/* with a sender that SRS rewrote, and not one of ours */
	unsigned int srs;
	/* the last reason for an unknown client, and the last domain of such a
	   sender; "" = none. Short, printable ASCII; they live until the next
	   message. */
	const char *unknown_reason, *srs_domain;
};

/* The window is an hour, and there is nothing to say about fewer messages. */
#define INGRESS_WATCH_SECS 3600
#define INGRESS_WATCH_MIN_MESSAGES 30
/* not the same again before */
#define INGRESS_WATCH_REPEAT_SECS (6 * 3600)

struct ingress_watch *ingress_watch_init(void);
void ingress_watch_deinit(struct ingress_watch **watch);

/* Count the verdict on a delivery. identity: of the message, may be NULL.
   now_secs: any clock that never goes back. What most mail comes from is named
   only if it passes on others' mail (identity.client_relayed) or has a private
   address: else it may be a stranger who sends much, and wants to be trusted.
   Returns a sentence to warn with (data stack), or NULL. Memory does not
   grow. */
const char *ingress_watch_add(struct ingress_watch *watch,
			      const struct verdict *verdict,
			      const struct identity *identity,
			      uint64_t now_secs);
/* now_secs: of the same clock */
void ingress_watch_get(const struct ingress_watch *watch, uint64_t now_secs,
		       struct ingress_counts *counts_r);

#endif
