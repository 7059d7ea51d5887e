/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str-sanitize.h"
#include "address-kind.h"
#include "identity.h"
#include "srs-address.h"
#include "ingress-watch.h"

/* The window moves on in steps. */
#define SLOT_COUNT 12
#define SLOT_SECS (INGRESS_WATCH_SECS / SLOT_COUNT)
/* Enough to find the one that has more than half of all. */
#define SLOT_MAX_ADDRESSES 8
#define MAX_REASON_BYTES 160
#define MAX_NAME_BYTES 80

enum ingress_warning {
	INGRESS_WARNING_NO_CLIENT,
	INGRESS_WARNING_ONE_CLIENT,
	INGRESS_WARNING_LOCAL,
	INGRESS_WARNING_INSIDE,

	INGRESS_WARNING_COUNT
};

struct ingress_address {
	struct ip_addr ip;
	/* 0 = free */
	unsigned int count;
};

struct ingress_slot {
	/* now_secs / SLOT_SECS */
	uint64_t number;
	unsigned int messages;
	/* no trustworthy client */
	unsigned int unknown;
	/* handed over by a local user */
	unsigned int local;
	/* all lines name hosts of ours, the last one of local_networks */
	unsigned int inside;
	/* the sender rewritten by SRS of others, as it seems */
	unsigned int srs;
	/* at least so many came from each: the algorithm of Misra and Gries */
	struct ingress_address addresses[SLOT_MAX_ADDRESSES];
};

struct ingress_watch {
	struct ingress_slot slots[SLOT_COUNT];
	/* 0 = never */
	uint64_t warned_secs[INGRESS_WARNING_COUNT];
	/* the last ones; printable */
	struct ip_addr relay_ip;
	char unknown_reason[MAX_REASON_BYTES + 1];
	char srs_domain[MAX_NAME_BYTES + 1];
};

struct ingress_watch *ingress_watch_init(void)
{
	return i_new(struct ingress_watch, 1);
}

void ingress_watch_deinit(struct ingress_watch **watch)
{
	i_free_and_null(*watch);
}

static const char *
t_one_client(const struct verdict *verdict, const struct identity *identity,
	     unsigned int count, unsigned int messages)
{
	const char *ip = net_ip2addr(&verdict->client_ip);
	const char *helo = identity == NULL || identity->helo == NULL ? "none" :
		str_sanitize(identity->helo, MAX_NAME_BYTES);
	const char *name = identity == NULL || identity->client_name == NULL ?
		"unknown" : str_sanitize(identity->client_name, MAX_NAME_BYTES);

	if (ip_is_private(&verdict->client_ip))
		return t_strdup_printf(
			"%u of %u messages of the last hour came from %s: "
			"that is a private address (HELO %s). If it is an MTA "
			"of ours, add it to authres_trusted_hosts. If not, NAT "
			"or a proxy hides the clients from SPF",
			count, messages, ip, helo);
	return t_strdup_printf(
		"%u of %u messages of the last hour came from %s (HELO %s, "
		"name in DNS: %s), which passes on mail for others. If you "
		"know it as an MTA of ours, add it to authres_trusted_hosts. "
		"If not, somebody is sending you a lot of mail",
		count, messages, ip, helo, name);
}

static void
slot_add_address(struct ingress_slot *slot, const struct ip_addr *ip)
{
	struct ingress_address *free_address = NULL;
	unsigned int i;

	for (i = 0; i < SLOT_MAX_ADDRESSES; i++) {
		struct ingress_address *address = &slot->addresses[i];

		if (address->count == 0)
			free_address = address;
		else if (net_ip_compare(&address->ip, ip)) {
			address->count++;
			return;
		}
	}
	if (free_address != NULL) {
		free_address->ip = *ip;
		free_address->count = 1;
		return;
	}
	for (i = 0; i < SLOT_MAX_ADDRESSES; i++)
		slot->addresses[i].count--;
}

static struct ingress_slot *
ingress_watch_slot(struct ingress_watch *watch, uint64_t now_secs)
{
	uint64_t number = now_secs / SLOT_SECS;
	struct ingress_slot *slot = &watch->slots[number % SLOT_COUNT];

	if (slot->number != number) {
		i_zero(slot);
		slot->number = number;
	}
	return slot;
}

/* buffer: size. Strangers chose parts of text, and no other bytes than these
   may stand in a status (verdict_wire_byte_is_valid()). */
static void set_text(char *buffer, size_t size, const char *text)
{
	size_t i;

	for (i = 0; text != NULL && text[i] != '\0' && i < size - 1; i++) {
		buffer[i] = (unsigned char)text[i] < 0x20 ||
			(unsigned char)text[i] > 0x7e ? '?' : text[i];
	}
	buffer[i] = '\0';
}

static void
ingress_watch_count_sender(struct ingress_watch *watch,
			   struct ingress_slot *slot,
			   const struct identity *identity)
{
	const char *mail_from = identity->mail_from;

	if (mail_from == NULL || identity->mail_from_before ||
	    t_srs_sender_domain(mail_from) == NULL)
		return;
	slot->srs++;
	/* there is one in each of its forms */
	set_text(watch->srs_domain, sizeof(watch->srs_domain),
		 strrchr(mail_from, '@') + 1);
}

static bool
client_is_relay(const struct verdict *verdict, const struct identity *identity)
{
	return ip_is_private(&verdict->client_ip) ||
		(identity != NULL && identity->client_relayed);
}

static void
ingress_watch_count(struct ingress_watch *watch, const struct verdict *verdict,
		    const struct identity *identity, uint64_t now_secs)
{
	struct ingress_slot *slot = ingress_watch_slot(watch, now_secs);

	slot->messages++;
	switch (verdict->origin) {
	case MAIL_ORIGIN_EXTERNAL:
		if (identity != NULL)
			ingress_watch_count_sender(watch, slot, identity);
		if (verdict->client_ip.family == 0) {
			slot->unknown++;
			set_text(watch->unknown_reason,
				 sizeof(watch->unknown_reason),
				 verdict->client_reason);
			break;
		}
		if (client_is_relay(verdict, identity))
			watch->relay_ip = verdict->client_ip;
		if (!ip_is_loopback(&verdict->client_ip))
			slot_add_address(slot, &verdict->client_ip);
		break;
	case MAIL_ORIGIN_LOCAL:
		/* a line, and no client in it */
		if (verdict->client_ip.family != 0)
			break;
		if (verdict->received_index > 0)
			slot->local++;
		else
			slot->inside++;
		break;
	case MAIL_ORIGIN_AUTHENTICATED:
		break;
	}
}

static uint64_t ingress_watch_oldest(uint64_t now_secs)
{
	uint64_t number = now_secs / SLOT_SECS;

	return number - I_MIN(number, SLOT_COUNT - 1);
}

/* How many came at least from the address that this one shares with others in
   the window. */
static unsigned int
ingress_watch_address_count(const struct ingress_watch *watch,
			    uint64_t oldest_number, const struct ip_addr *ip)
{
	unsigned int i, j, count = 0;

	for (i = 0; i < SLOT_COUNT; i++) {
		const struct ingress_slot *slot = &watch->slots[i];

		if (slot->number < oldest_number)
			continue;
		for (j = 0; j < SLOT_MAX_ADDRESSES; j++) {
			if (slot->addresses[j].count > 0 &&
			    net_ip_compare(&slot->addresses[j].ip, ip))
				count += slot->addresses[j].count;
		}
	}
	return count;
}

static bool
ingress_watch_may_warn(struct ingress_watch *watch,
		       enum ingress_warning warning, uint64_t now_secs)
{
	uint64_t *warned_secs = &watch->warned_secs[warning];

	if (*warned_secs != 0 &&
	    now_secs - *warned_secs < INGRESS_WATCH_REPEAT_SECS)
		return FALSE;
	*warned_secs = I_MAX(now_secs, 1);
	return TRUE;
}

void ingress_watch_get(const struct ingress_watch *watch, uint64_t now_secs,
		       struct ingress_counts *counts_r)
{
	uint64_t oldest_number = ingress_watch_oldest(now_secs);

	i_zero(counts_r);
	for (unsigned int i = 0; i < SLOT_COUNT; i++) {
		const struct ingress_slot *slot = &watch->slots[i];

		if (slot->number < oldest_number)
			continue;
		counts_r->messages += slot->messages;
		counts_r->unknown += slot->unknown;
		counts_r->local += slot->local;
		counts_r->inside += slot->inside;
		counts_r->srs += slot->srs;
	}
	if (watch->relay_ip.family != 0) {
		counts_r->relay_ip = watch->relay_ip;
		counts_r->relay = ingress_watch_address_count(
			watch, oldest_number, &watch->relay_ip);
	}
	counts_r->unknown_reason = watch->unknown_reason;
	counts_r->srs_domain = watch->srs_domain;
}

const char *ingress_watch_add(struct ingress_watch *watch,
			      const struct verdict *verdict,
			      const struct identity *identity,
			      uint64_t now_secs)
{
	struct ingress_counts counts;
	unsigned int messages;

	ingress_watch_count(watch, verdict, identity, now_secs);
	ingress_watch_get(watch, now_secs, &counts);
	messages = counts.messages;
	if (messages < INGRESS_WATCH_MIN_MESSAGES)
		return NULL;

	/* What this message is one of: its reason and address are at hand. */
	if (counts.unknown > messages / 2 && verdict->client_ip.family == 0 &&
	    verdict->origin == MAIL_ORIGIN_EXTERNAL &&
	    ingress_watch_may_warn(watch, INGRESS_WARNING_NO_CLIENT, now_secs))
		return t_strdup_printf(
			"%u of %u messages of the last hour had no trustworthy "
			"client address, so SPF was not checked for them. "
			"Last reason: %s. See authres_trusted_hosts in "
			"authres(7)",
			counts.unknown, messages,
			verdict->client_reason == NULL ?
			"none" : str_sanitize(verdict->client_reason,
					      MAX_REASON_BYTES));

	/* A port proxy of a container makes all mail come from there; what has
	   a Received line of its sender's below is unknown then. */
	if (counts.inside + counts.unknown > messages - messages / 10 &&
	    verdict->origin == MAIL_ORIGIN_LOCAL &&
	    verdict->client_ip.family == 0 && verdict->received_index == 0 &&
	    ingress_watch_may_warn(watch, INGRESS_WARNING_INSIDE, now_secs))
		return t_strdup_printf(
			"%u of %u messages of the last hour came to our MTA "
			"from our own host and were not judged. If this is not "
			"our own mail, NAT or a container's port proxy hides "
			"who sent it: give the MTA the real addresses, and "
			"remove that address from authres_trusted_hosts and "
			"authres_local_networks", counts.inside, messages);

	if (counts.local > messages - messages / 10 &&
	    ingress_watch_may_warn(watch, INGRESS_WARNING_LOCAL, now_secs))
		return t_strdup_printf(
			"%u of %u messages of the last hour were handed over "
			"by local users and not judged. If a filter puts mail "
			"back with sendmail(1), add its user to "
			"authres_filter_users", counts.local, messages);

	if (verdict->client_ip.family == 0 ||
	    verdict->origin != MAIL_ORIGIN_EXTERNAL)
		return NULL;
	/* then the relay that was counted is this client */
	if (client_is_relay(verdict, identity) && counts.relay > messages / 2 &&
	    ingress_watch_may_warn(watch, INGRESS_WARNING_ONE_CLIENT, now_secs))
		return t_one_client(verdict, identity, counts.relay, messages);
	return NULL;
}
