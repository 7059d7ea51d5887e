#ifndef UNBOUND_CHANNEL_H
#define UNBOUND_CHANNEL_H

struct unbound_config;
struct unbound_context_settings;
struct ub_event_base;

/* One context of libunbound that can be replaced. libunbound does not forget a
   question that nobody waits for any more: it keeps socket and memory until it
   gives up itself. Such questions count, and a new context ends them. Only for
   resolver-unbound.c. */

struct unbound_channel;
/* A question given to libunbound. */
struct unbound_try;

struct unbound_reply {
	/* DNS response code */
	int rcode;
	/* a DNS message; NULL = none. Lives during the callback. */
	const void *packet;
	int size;
	bool bogus, secure;
	/* the answer was there before unbound_channel_ask() returned */
	bool at_once;
	/* since it was asked for */
	unsigned int msecs;
};

/* The try is gone when it is called. It may ask and abandon others, but must
   not renew or destroy the channel. */
typedef void unbound_channel_callback_t(struct unbound_channel *channel,
					const struct unbound_reply *reply,
					void *context);
/* An answer nobody waits for any more, that took so long. */
typedef void unbound_channel_late_t(const char *name, unsigned int msecs,
				    void *context);

/* base and config must outlive it. Returns 0, or -1 and error_r (data
   stack). */
int unbound_channel_init(struct ub_event_base *base,
			 const struct unbound_config *config,
			 const struct unbound_context_settings *set,
			 unbound_channel_late_t *late_callback,
			 void *late_context,
			 struct unbound_channel **channel_r,
			 const char **error_r);
/* All tries must have been answered or abandoned. */
void unbound_channel_deinit(struct unbound_channel **channel);

/* Ask. The callback is called once, perhaps before this returns, unless the try
   is abandoned; *try_r is NULL from then on. try_r must stay where it is until
   then. rrtype: a number of DNS. Returns 0, or -1 and error_r: libunbound
   refused it. */
int unbound_channel_ask(struct unbound_channel *channel, const char *name,
			int rrtype, unbound_channel_callback_t *callback,
			void *context, struct unbound_try **try_r,
			const char **error_r);
/* The callback is not called any more. *try becomes NULL; it may be already. */
void unbound_try_abandon(struct unbound_try **try);

/* Questions that libunbound has not ended. */
unsigned int unbound_channel_count(const struct unbound_channel *channel);
/* How long ago the oldest of them was asked; 0 = there are none. */
unsigned int
unbound_channel_oldest_msecs(const struct unbound_channel *channel);
/* Of these: abandoned ones. */
unsigned int
unbound_channel_abandoned_count(const struct unbound_channel *channel);
/* TRUE if this question is one of them: asking it again would join it, and
   wait for libunbound to ask again. */
bool unbound_channel_has_abandoned(const struct unbound_channel *channel,
				   const char *name, int rrtype);
/* Replace the context by a new one that asks this server: abandoned questions
   and the cache are gone, the others are asked anew. Opens no file. Not from a
   callback. If it fails all stays as it was. */
void unbound_channel_renew(struct unbound_channel *channel,
			   unsigned int server);

#endif
