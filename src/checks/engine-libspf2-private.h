#ifndef ENGINE_LIBSPF2_PRIVATE_H
#define ENGINE_LIBSPF2_PRIVATE_H

#include "spf-evaluation.h"
#include "spf-record.h"

#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <spf2/spf.h>

/* One evaluation by libspf2: what asks the library (engine-libspf2.c) and what
   answers its questions (engine-libspf2-dns.c) share this. */

struct engine_libspf2 {
	/* first, so that the library's pointer is ours */
	SPF_dns_server_t layer;
	SPF_request_t *request;
	pool_t pool;
	struct spf_evaluation evaluation;

	/* a record was met that the library must not see */
	bool unsafe;
	/* a limit is exceeded: this is the reason of permerror */
	const char *permerror;
	/* the last DNS trouble the library was told of */
	const char *temperror;
	/* whose record failed */
	const char *fail_domain;

	bool first_record_asked;
	/* names that the last MX or PTR answer leads to */
	ARRAY(const char *) followers;
	unsigned int next_follower;
};

/* SPF_dns_server_t.lookup: answer from the message's DNS session, within the
   limits that the library itself does not keep. layer is the first member of
   struct engine_libspf2. When a limit is exceeded or the record is unsafe, this
   and all later answers are temporary trouble, which makes the library stop. */
SPF_dns_rr_t *
engine_libspf2_lookup(SPF_dns_server_t *layer, const char *name,
		      ns_type ns_type, int should_cache);

#endif
