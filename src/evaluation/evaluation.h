#ifndef EVALUATION_H
#define EVALUATION_H

#include "verdict.h"
#include "verify-request.h"
#include "identity.h"
#include "check-dkim.h"
#include "check-dmarc.h"
#include "upstream-fields.h"
#include "override.h"

struct resolver;
struct known_answers;
struct msg_header;

/* One message from its first byte to its verdict: message, identity, dns,
   checks, DMARC policy, overrides. Streams: nothing grows with the body. */

enum spf_engine {
	SPF_ENGINE_NATIVE,
	SPF_ENGINE_LIBSPF2
};

enum dkim_engine {
	DKIM_ENGINE_NATIVE,
	DKIM_ENGINE_LIBOPENDKIM
};

struct evaluation_settings {
	/* 1U << enum check_method of each */
	unsigned int checks;
	/* a second engine only where it was built in */
	enum spf_engine spf_engine;
	enum dkim_engine dkim_engine;
	struct identity_settings identity;
	struct upstream_settings upstream;
	struct dkim_settings dkim;
	struct dmarc_settings dmarc;
	struct override_settings overrides;
	/* how long after one of our hosts accepted it a message may wait for
	   names that do not answer (verdict.may_wait) */
	unsigned int temperror_wait_secs;
	/* our host name, for the r macro of SPF */
	const char *hostname;
	/* for when DNS does not answer (known-answers.h); may be NULL */
	struct known_answers *known_answers;
	/* a message is cut behind it; 0 = AUTHRES_MAX_REQUEST_BYTES */
	uint64_t max_message_bytes;
};

static inline bool
evaluation_has_check(const struct evaluation_settings *set,
		     enum check_method method)
{
	return (set->checks & (1U << method)) != 0;
}

struct evaluation;

/* Called once, from the ioloop, with the verdict; it lives until
   evaluation_deinit(), which may be called from here. It is unjudged if the
   header did not come by the deadline: then nothing is known of the message. */
typedef void evaluation_callback_t(const struct verdict *verdict,
				   void *context);

/* set, request and resolver must live until evaluation_deinit(). The deadline
   of request->timeout_msecs starts now; the answer comes a little before it
   (a tenth, at most 500 msecs). */
struct evaluation *
evaluation_init(const struct evaluation_settings *set,
		const struct verify_request *request,
		struct resolver *resolver,
		evaluation_callback_t *callback, void *context);
/* Any number of message bytes. Where they are too many, or do not come by the
   deadline, the message is cut. */
void evaluation_more(struct evaluation *evaluation,
		     const unsigned char *data, size_t size);
/* The message is complete. */
void evaluation_finish(struct evaluation *evaluation);
/* Who sent it, when the header was read; NULL before. Lives as long as
   evaluation. */
const struct identity *
evaluation_get_identity(const struct evaluation *evaluation);
/* Its fields, when the header was read; NULL before. Lives as long as
   evaluation. */
const struct msg_header *
evaluation_get_header(const struct evaluation *evaluation);
/* A number that tells this message from others, and is the same whenever its
   delivery is tried again: from the line that a host of ours wrote when it
   accepted the message (struct identity). 0 = there is none. */
uint64_t evaluation_message_number(const struct evaluation *evaluation);
/* The message is cut: what follows is not looked at. SPF, From and policy need
   the header alone. Signatures that need the rest of the body cannot pass, with
   the reason; the first entry of the verdict says "message cut: " and the
   reason. Returns FALSE, and does nothing, if the header is not complete. */
bool evaluation_cut(struct evaluation *evaluation, const char *reason);
/* Bytes of memory held for this message, for the process's budget. */
size_t evaluation_memory_bytes(const struct evaluation *evaluation);
/* Since when it waits for DNS without any answer; 0 = it does not wait. */
unsigned int evaluation_silent_msecs(const struct evaluation *evaluation);
/* Give its answer so long after it started, or now: at least one msec, at most
   as long as it had. */
void evaluation_shorten(struct evaluation *evaluation, unsigned int msecs);
/* Cancels; the callback is not called any more. */
void evaluation_deinit(struct evaluation **evaluation);

#endif
