#ifndef RESOLVER_H
#define RESOLVER_H

#include "net.h"

#include <sys/time.h>

/* question -> answer | nodata | nxdomain | temporary. Behind it stand
   libunbound on the ioloop (resolver-unbound.h) or a zone file
   (resolver-zone.h); nobody else knows which. */

enum dns_type {
	DNS_TYPE_A,
	DNS_TYPE_AAAA,
	DNS_TYPE_MX,
	DNS_TYPE_PTR,
	DNS_TYPE_TXT
};

enum dns_status {
	/* at least one record */
	DNS_STATUS_ANSWER,
	/* the name exists, a record of this type does not */
	DNS_STATUS_NODATA,
	/* the name does not exist, nor does anything below it (RFC 8020) */
	DNS_STATUS_NXDOMAIN,
	/* no usable answer: server failure, timeout, bogus, limit */
	DNS_STATUS_TEMPORARY
};

/* What a question is for. Whoever writes a message chooses most of its names,
   so those that decide the author's policy never wait for the others. */
enum dns_purpose {
	/* may change the DMARC result in the author's favour, or tells the
	   author's policy */
	DNS_PURPOSE_POLICY,
	/* cannot */
	DNS_PURPOSE_MINOR,

	DNS_PURPOSE_COUNT
};

struct dns_record {
	/* A, AAAA */
	struct ip_addr ip;
	/* MX, PTR: a name, lower case, without trailing dot, at most 253
	   bytes; "" = the root. A name with a byte that is not printable
	   ASCII, or with a dot inside a label, is left out of the answer. */
	const char *name;
	/* MX */
	unsigned int preference;
	/* TXT: the character-strings joined without anything between them
	   (RFC 7208 section 3.3), any bytes, NUL-terminated behind size */
	const unsigned char *text;
	size_t text_size;
};
ARRAY_DEFINE_TYPE(dns_record, struct dns_record);

struct dns_answer {
	enum dns_status status;
	/* the question's own name led to the answer by CNAME: it exists, even
	   if status is NXDOMAIN */
	bool alias;
	/* answers validated by DNSSEC */
	bool secure;
	/* seen before, since DNS does not answer now: known-answers.h */
	bool stale;
	/* not an answer at all: dns-session.h */
	bool placeholder;
	/* seconds; of negative answers as well, 0 = unknown */
	unsigned int ttl_secs;
	ARRAY_TYPE(dns_record) records;
	/* for DNS_STATUS_TEMPORARY: why, such as "no answer within 1000
	   msecs"; otherwise NULL */
	const char *reason;
};

/* A question to a resolver. */
struct resolver_question {
	/* valid as of dns_name_normalize() */
	const char *name;
	enum dns_type type;
	enum dns_purpose purpose;
	/* questions of the same message that are not answered yet */
	unsigned int ahead_count;
};

/* answer lives only during the callback. */
typedef void resolver_callback_t(const struct dns_answer *answer,
				 void *context);

struct resolver;
struct resolver_request;

/* resolver.c fills request->resolver; ask() returns NULL when the callback was
   already called. A callback may cancel any other request and ask new
   questions, but must not destroy the resolver. */
struct resolver_vfuncs {
	void (*deinit)(struct resolver *resolver);
	struct resolver_request *
	(*ask)(struct resolver *resolver,
	       const struct resolver_question *question,
	       resolver_callback_t *callback, void *context);
	void (*cancel)(struct resolver_request *request);
};

/* The first member of every implementation. */
struct resolver {
	struct resolver_vfuncs v;
	/* What an answer takes lately, without those that are remembered; 0 =
	   nothing yet, or all come at once. */
	unsigned int answer_msecs;
	/* when a DNS server last answered anything; 0 = never */
	struct timeval last_answer;
};
/* The same for its requests. */
struct resolver_request {
	struct resolver *resolver;
};

/* question is only read during the call. The callback is called exactly once,
   possibly before resolver_ask() returns (then NULL is returned), unless the
   request is cancelled. Deadlines are the asker's: cancel. */
struct resolver_request *
resolver_ask(struct resolver *resolver,
	     const struct resolver_question *question,
	     resolver_callback_t *callback, void *context);
/* Never calls the callback. *request becomes NULL; it may be NULL already. */
void resolver_cancel(struct resolver_request **request);
/* All requests must have been answered or cancelled. */
void resolver_deinit(struct resolver **resolver);

const char *dns_type_name(enum dns_type type);
/* Returns 0 and the name in lower case without a trailing dot (data stack),
   -1 if it cannot be asked: empty, empty label, label over 63 bytes, over 253
   bytes in all, or a byte outside printable ASCII. Underscore and space are
   fine. A backslash is a byte of the label, nothing is escaped. */
int dns_name_normalize(const char *name, const char **name_r);
/* answer becomes TEMPORARY with this reason and no records; its array is
   created in pool when there is none yet. */
void dns_answer_set_temporary(struct dns_answer *answer, pool_t pool,
			      const char *reason);
/* "4.3.2.1.in-addr.arpa" or the ip6.arpa name (RFC 3596 section 2.5). Data
   stack. */
const char *dns_ip_reverse_name(const struct ip_addr *ip);

#endif
