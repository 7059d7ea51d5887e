/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "verdict.h"
#include "verdict-keys.h"

/* The offset of a member, if it has the type. */
#define MEMBER(type, name) \
	COMPILE_ERROR_IF_TYPES_NOT_COMPATIBLE(type, \
		((struct verdict *)0)->name) + \
	offsetof(struct verdict, name)

#define WORD(name, member, type, kind_name) { \
	.key = name, .offset = MEMBER(type, member), \
	.kind = VERDICT_KEY_##kind_name, .required = TRUE, .minimal = TRUE }
#define STRING(name, kind_name, in_minimal) { \
	.key = #name, .offset = MEMBER(const char *, name), \
	.kind = VERDICT_KEY_##kind_name, .minimal = in_minimal }
#define TEXT(name, limit) { \
	.key = #name, .offset = MEMBER(const char *, name), \
	.kind = VERDICT_KEY_TEXT, .max_bytes = limit }
#define FLAG(name) { \
	.key = #name, .offset = MEMBER(bool, name), \
	.kind = VERDICT_KEY_FLAG, .minimal = TRUE }
#define UINT(name, in_minimal) { \
	.key = #name, .offset = MEMBER(unsigned int, name), \
	.kind = VERDICT_KEY_UINT, .minimal = in_minimal }

const struct verdict_key verdict_keys[] = {
	/* what decides */
	WORD("dmarc", dmarc, enum check_result_word, DMARC),
	WORD("policy", policy, enum dmarc_policy, POLICY),
	WORD("override", override_reason, enum override_reason, OVERRIDE),
	STRING(author_domain, NAME, TRUE),
	STRING(organizational_domain, NAME, TRUE),
	STRING(policy_domain, NAME, TRUE),
	STRING(list_domain, NAME, TRUE),
	FLAG(bad_author),
	FLAG(bad_author_enforced),
	FLAG(mail_from_spf_pass),
	FLAG(author_header_signed),
	FLAG(phishing),
	FLAG(temperror),
	FLAG(may_fail),
	FLAG(may_wait),
	TEXT(override_comment, AUTHRES_MAX_REASON_BYTES),
	STRING(author_address, AUTHOR_ADDRESS, FALSE),
	/* where the message came from */
	WORD("origin", origin, enum mail_origin, ORIGIN),
	WORD("client_source", client_source, enum client_source,
	     CLIENT_SOURCE),
	{ .key = "client_ip", .offset = MEMBER(struct ip_addr, client_ip),
	  .kind = VERDICT_KEY_IP, .minimal = TRUE },
	UINT(received_index, TRUE),
	STRING(client_by, NAME, FALSE),
	TEXT(client_helo, AUTHRES_MAX_HELO_BYTES),
	TEXT(client_reason, AUTHRES_MAX_REASON_BYTES),
	TEXT(upstream_reason, AUTHRES_MAX_REASON_BYTES),
	STRING(forwarder, FORWARDER, FALSE),
	/* what it took */
	UINT(dns_questions, FALSE),
	UINT(dns_cached, FALSE),
	UINT(dns_waves, FALSE),
	UINT(dns_wait_msecs, FALSE),
	UINT(cpu_usecs, FALSE),
	{ .key = NULL }
};
_Static_assert(N_ELEMENTS(verdict_keys) - 1 <= 32,
	       "the decoder has a bit for every key");
