#ifndef VERDICT_H
#define VERDICT_H

#include "check-result.h"
#include "net.h"

/* The verdict on one message: what all checks said and what DMARC asks for.
   It knows no user settings (those are disposition/) and no mailbox. Filled
   by evaluation/, carried over the socket by verdict-wire.h, read by
   disposition/ and the doors. All strings live in the pool of whoever
   filled it. */

enum dmarc_policy {
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT
};

/* Why a failing policy is not applied: codes of RFC 9990. The order of
   precedence is that of evaluation/override.h. */
enum override_reason {
	OVERRIDE_REASON_NONE,
	OVERRIDE_REASON_LOCAL_POLICY,
	OVERRIDE_REASON_TRUSTED_FORWARDER,
	OVERRIDE_REASON_MAILING_LIST,
	OVERRIDE_REASON_POLICY_TEST_MODE,
	OVERRIDE_REASON_SAMPLED_OUT
};

/* Where the client address was found. */
enum client_source {
	/* no trustworthy client: SPF was not evaluated */
	CLIENT_SOURCE_NONE,
	/* LMTP XCLIENT with authres_client_source=xclient */
	CLIENT_SOURCE_XCLIENT,
	/* dovecot-lda -o, or doveadm authres verify --ip */
	CLIENT_SOURCE_ARGUMENTS,
	/* the environment that the MTA gave to dovecot-lda */
	CLIENT_SOURCE_ENVIRONMENT,
	/* a configured header field */
	CLIENT_SOURCE_HEADER,
	/* a trusted Received field */
	CLIENT_SOURCE_RECEIVED
};

/* How the message came to us. */
enum mail_origin {
	MAIL_ORIGIN_EXTERNAL,
	/* a trusted host says its client was authenticated */
	MAIL_ORIGIN_AUTHENTICATED,
	/* entered inside authres_local_networks or by local pickup */
	MAIL_ORIGIN_LOCAL
};

/* What the history wants to know besides (verify_request.history). All zero if
   it was not asked for. */
struct verdict_history {
	/* the same for all deliveries of one message, and for no other; 0 = not
	   known */
	uint64_t message_number;
	/* t_published_policy_text() of the record at policy_domain; NULL =
	   none */
	const char *published;
	/* p=, sp= or np= of it that holds for this message, before t= and
	   pct= */
	enum dmarc_policy published_policy;
	/* what aligns and passes */
	bool dkim_aligned, spf_aligned;
	/* a report, bounce or automatic answer */
	bool automatic;
	/* domain of MAIL FROM, A-labels; NULL = null reverse-path, or not
	   known */
	const char *envelope_from;
	/* what a failure report says of it (failure-text.h); NULL = there is
	   none, or it was not asked for */
	const char *failure;
};

struct verdict {
	/* the entries of the field in output order: dmarc, spf, sender-id,
	   dkim (aligned first), arc */
	ARRAY_TYPE(check_result) results;

	/* the strictest dmarc= of results; NONE also when DMARC did not run */
	enum check_result_word dmarc;
	/* what the domain asks for this message when dmarc is fail, or
	   may_fail is set, after p/sp/np, t and pct. Meaningless otherwise. */
	enum dmarc_policy policy;
	/* a global override of a failing policy; NONE = the policy stands */
	enum override_reason override_reason;
	/* for people: which sealer, forwarder or list; NULL = none */
	const char *override_comment;

	/* RFC 9989 section 5.3.1, A-labels, lower case. NULL: From has not one
	   usable Author Domain. */
	const char *author_domain;
	/* The one author address: local part without quoting, its case kept,
	   "@", author_domain. NULL when From has not exactly one usable
	   address. Neither the field nor the log shows it. */
	const char *author_address;
	/* its Organizational Domain, NULL = not determined */
	const char *organizational_domain;
	/* where the policy record was found, NULL = nowhere */
	const char *policy_domain;

	/* From has no single usable Author Domain (dmarc=permerror)... */
	bool bad_author;
	/* ...and a domain that can be read in it fails an enforcing policy; or
	   it is damaged so that an author is hidden, and then the permerror
	   entry itself has policy.dmarc=quarantine */
	bool bad_author_enforced;

	/* RFC5321.MailFrom itself (not HELO) has spf=pass */
	bool mail_from_spf_pass;
	/* The author's organization signed the header, and only the body is
	   not the one it signed: the author wrote it, and who passed it on
	   changed the body. (Who has such a message can put another body
	   below its header.) Only with one author domain. */
	bool author_header_signed;
	/* SPF says fail for an aligned domain, and no signature claims the
	   author's organization, valid or broken */
	bool phishing;
	/* the verdict could not be reached (DNS, deadline, verifier down) */
	bool temperror;
	/* That is since names did not answer which the sender may have chosen:
	   the policy is known and asks for quarantine or reject, and nothing
	   that did answer makes the message pass. With bad_author: this holds
	   for a domain that can be read in From. Nobody overrides it. */
	bool may_fail;
	/* with may_fail: a host of ours accepted the message not long ago
	   (authres_temperror_wait), and few others wait: its MTA may be told
	   to try again */
	bool may_wait;
	/* There is none, though a verifier was there: it ended while it had
	   the message, did not answer, or said nothing that makes sense.
	   Whoever wrote the message may have wanted that. Never on the
	   wire. */
	bool unjudged;

	enum mail_origin origin;
	enum client_source client_source;
	/* family 0 when client_source is NONE */
	struct ip_addr client_ip;
	/* NULL = unknown */
	const char *client_helo;
	/* which Received field counted from the top (1 = topmost) was
	   believed; 0 = none */
	unsigned int received_index;
	/* host that wrote that field, lower case; NULL = it does not say */
	const char *client_by;
	/* why there is no client, or what else is to be known about it (MAIL
	   FROM was rewritten, a forwarder tells nothing); one short sentence,
	   or NULL if the members above say all */
	const char *client_reason;
	/* why some or all results of a filter in front of us
	   (authres_upstream_authserv_ids) were not used; one short sentence
	   or NULL */
	const char *upstream_reason;
	/* name or address of the trusted forwarder (authres_trusted_forwarders)
	   whose Received was believed, lower case; NULL = none. For a message
	   that fails an enforcing policy, also NULL unless the author's SPF
	   passes for the client which the forwarder saw. */
	const char *forwarder;

	/* Domain of a List-Id whose owner has a DKIM or SPF pass of its own,
	   whether listed in authres_trusted_lists or not; A-labels, lower
	   case; NULL = none. */
	const char *list_domain;

	struct verdict_history history;

	/* for logs and statistics */
	unsigned int dns_questions;
	/* of these, answered from the resolver's memory */
	unsigned int dns_cached;
	unsigned int dns_waves;
	unsigned int dns_wait_msecs;
	unsigned int cpu_usecs;
};

/* What the strings of a verdict may be, wherever they come from. */

/* TRUE if domain is a domain name in lower case A-labels: letters, digits,
   "-", "." and "_", at most AUTHRES_MAX_DOMAIN_BYTES. */
bool verdict_domain_is_valid(const char *domain);
/* TRUE if forwarder is such a domain or an address as net_ip2addr() writes
   it. */
bool verdict_forwarder_is_valid(const char *forwarder);
/* TRUE if address ends in "@" and such a domain, behind a local part that is
   not empty, at most AUTHRES_MAX_LOCAL_PART_BYTES long and valid UTF-8 of which
   every character is seen (unicode-text.h): what nobody sees is neither learned
   nor printed. */
bool verdict_author_address_is_valid(const char *address);

/* "none", "quarantine", "reject" */
const char *dmarc_policy_name(enum dmarc_policy policy);
int dmarc_policy_parse(const char *name, enum dmarc_policy *policy_r);
/* "none" for OVERRIDE_REASON_NONE, else the code of RFC 9990 */
const char *override_reason_name(enum override_reason reason);
int override_reason_parse(const char *name, enum override_reason *reason_r);
const char *client_source_name(enum client_source source);
int client_source_parse(const char *name, enum client_source *source_r);
const char *mail_origin_name(enum mail_origin origin);
int mail_origin_parse(const char *name, enum mail_origin *origin_r);

/* The verdict when there is none: dmarc=temperror with this reason. reason
   is duplicated into pool. */
void verdict_init_temperror(pool_t pool, struct verdict *verdict_r,
			    const char *reason);
/* The first result of method, or NULL. */
const struct check_result *
verdict_find(const struct verdict *verdict, enum check_method method);
/* The result that speaks for a method with several entries: the first pass,
   else the first. NULL = the method was not used. */
const struct check_result *
verdict_find_best(const struct verdict *verdict, enum check_method method);

#endif
