/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "istream.h"
#include "str.h"
#include "write-full.h"
#include "authres-settings.h"
#include "authres-field.h"
#include "stored-verdict.h"
#include "story.h"
#include "test-common.h"
#include "test-file.h"
#include "verdict-policy.h"
#include "verdict-field.h"

#include <fcntl.h>
#include <unistd.h>

#define FIELD_BAD_AUTHOR_ENFORCED \
	"dmarc=permerror reason=\"several domains\"; dmarc=fail " \
	"header.from=bank.example policy.dmarc=reject; spf=fail " \
	"smtp.mailfrom=x@home.example; dkim=none (authres: " \
	"client=192.0.2.9 received=1)"
#define FIELD_KEY_MISSING \
	"dmarc=fail (p=reject) header.from=bank.example " \
	"policy.dmarc=reject; spf=softfail smtp.mailfrom=x@lists.example;" \
	" dkim=permerror reason=\"no key in DNS\" header.d=bank.example " \
	"header.s=may; dkim=fail reason=\"signature did not verify\" " \
	"header.d=other.example; arc=fail reason=\"set 2 does not verify" \
	"\" (authres: client=192.0.2.80 source=header)"
#define FIELD_PASS \
	"dmarc=pass (p=reject) header.from=bank.example; spf=pass " \
	"(ip4:192.0.2.0/24 in bank.example) smtp.mailfrom=a@bank.example;" \
	" dkim=pass (2048-bit rsa key) header.d=bank.example header.s=s1 " \
	"(authres: client=192.0.2.7 received=2 " \
	"by=mx.example helo=out.bank.example)"
#define FIELD_QUARANTINE \
	"dmarc=fail (p=quarantine) header.from=club.example " \
	"policy.dmarc=quarantine; spf=fail (all in club.example) reason=" \
	"\"go away\" smtp.mailfrom=board@club.example; dkim=none " \
	"(authres: client=203.0.113.66 received=1 " \
	"helo=pc.stranger.example)"
static const struct {
	/* behind "mx.example; "; NULL = there is no field of ours */
	const char *field;
	/* "name=value" of a setting, NULL = defaults */
	const char *setting;
	const char *keywords;
	const char *mailbox;
	bool in_junk;
	/* what the story must say, separated by "|" */
	const char *facts;
} tests[] = {
	/* pass */
	{ FIELD_PASS,
	  NULL, "$AuthPass", "INBOX", FALSE,
	  "Received field 2, written by mx.example.|bank.example|"
	  "192.0.2.7|out.bank.example|mx.example|192.0.2.0|"
	  "ip4:192.0.2.0/24 in bank.example|mailbox INBOX.|"
	  "allows this host|intact|this proves that|Nothing above" },
	/* SPF alone */
	{ "dmarc=pass (p=none) header.from=club.example; spf=pass "
	  "smtp.mailfrom=club.example; dkim=none (authres: "
	  "client=2001:db8::1 source=xclient)",
	  NULL, "$AuthPass", "INBOX", FALSE,
	  "club.example|2001:db8::1|XCLIENT|mailbox INBOX.|"
	  "allows this host|is not signed|this proves that|Nothing above" },
	/* quarantine */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "mailbox Junk.|does not allow this host|is not signed|"
	  "none of this proves|because of the policy|"
	  "intact DKIM signature|SPF record" },
	/* a container's gateway as client: none that a domain could allow */
	{ "dmarc=fail (p=quarantine) header.from=club.example "
	  "policy.dmarc=quarantine; dkim=none (authres: reason=Received "
	  "field 2\\, written by mx.example: the client 172.18.0.1 has a "
	  "private address\\, so NAT or a proxy hides the real one)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "club.example|not known which host|172.18.0.1|"
	  "could not be checked|is not signed|none of this proves|"
	  "to quarantine|mailbox Junk.|because of the policy|this site|"
	  "no change|SPF record of club.example|intact DKIM signature" },
	/* and where an older field names it as the client */
	{ "dmarc=fail (p=quarantine) header.from=club.example "
	  "policy.dmarc=quarantine; spf=fail smtp.mailfrom=a@club.example; "
	  "dkim=none (authres: client=fd00::1 received=1)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "club.example|fd00::1|Received field 1|does not allow this host|"
	  "is not signed|none of this proves|to quarantine|mailbox Junk.|"
	  "because of the policy|this site|no change|"
	  "SPF record of club.example|intact DKIM signature" },
	/* reject, body changed by somebody on the way */
	{ "dmarc=fail (p=reject) header.from=bank.example "
	  "policy.dmarc=reject; spf=pass smtp.mailfrom=x@mailer.example; "
	  "dkim=fail reason=\"body hash did not verify\" "
	  "header.d=bank.example header.s=may; dkim=pass "
	  "header.d=mailer.example; arc=pass (i=1 sealed by mailer.example)"
	  " (authres: client=192.0.2.80 received=1)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "Received field 1|bank.example|192.0.2.80|mailer.example|"
	  "body hash did not verify|i=1 sealed by mailer.example|"
	  "to reject|mailbox Junk.|allows this host|intact|"
	  "body was changed|proves nothing about|none of this proves|"
	  "because of the policy|nobody had changed|"
	  "envelope sender of|SPF record|intact chain" },
	/* DNS did not answer, and had answered before */
	{ "dmarc=fail (stale, p=reject) header.from=bank.example "
	  "policy.dmarc=reject; spf=fail (stale, all in bank.example) "
	  "smtp.mailfrom=x@bank.example; dkim=fail (stale, 2048-bit rsa key) "
	  "reason=\"body hash did not verify\" header.d=bank.example; "
	  "arc=pass (stale, i=1 sealed by mailer.example)"
	  " (authres: client=192.0.2.80 received=1)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "Received field 1|bank.example|192.0.2.80|mailer.example|"
	  "all in bank.example|body hash did not verify|"
	  "i=1 sealed by mailer.example|to reject|mailbox Junk.|"
	  "does not allow this host|body was changed|none of this proves|"
	  "because of the policy|nobody had changed|"
	  "SPF record|earlier answer|last policy|intact chain" },
	/* key missing */
	{ FIELD_KEY_MISSING,
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "bank.example|192.0.2.80|lists.example|other.example|"
	  "no key in DNS|signature did not verify|set 2 does not verify|"
	  "to reject|mailbox Junk.|probably not|header was changed|"
	  "cannot be used|none of this proves|"
	  "because of the policy|envelope sender of|SPF record|broken" },
	/* p=none */
	{ "dmarc=fail (p=none) header.from=school.example "
	  "policy.dmarc=none; spf=neutral smtp.mailfrom=school.example; "
	  "dkim=none (authres: client=203.0.113.66 received=1)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "Received field 1|school.example|203.0.113.66|to do nothing|"
	  "mailbox INBOX.|does not say|is not signed|none of this proves|"
	  "Nothing above|intact DKIM signature|"
	  "SPF record" },
	/* testing: lowered to quarantine */
	{ "dmarc=fail (p=reject) reason=policy_test_mode "
	  "header.from=a.example policy.dmarc=quarantine "
	  "policy.override-reason=policy_test_mode; spf=none "
	  "smtp.helo=x.example; dkim=neutral reason=\"no tag v\" (authres: "
	  "client=192.0.2.9 source=arguments)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "a.example|192.0.2.9|x.example|no tag v|to quarantine|testing|"
	  "mailbox Junk.|does not publish|cannot be used|"
	  "none of this proves|because of the policy|"
	  "intact DKIM signature|envelope sender of|SPF record" },
	/* sampled out */
	{ "dmarc=fail (p=quarantine) reason=sampled_out "
	  "header.from=a.example policy.dmarc=none "
	  "policy.override-reason=sampled_out; spf=permerror reason=\"two "
	  "records\" smtp.mailfrom=a.example; dkim=policy reason=\"512-bit "
	  "key\" header.d=a.example (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "Received field 1|a.example|192.0.2.9|two records|512-bit key|"
	  "to do nothing|a part of its mail|mailbox INBOX.|"
	  "cannot be used|not accepted|none of this proves|"
	  "Nothing above|SPF record" },
	/* sealed by a trusted server */
	{ "dmarc=fail (p=reject) reason=\"local_policy: arc=pass "
	  "lists.example\" header.from=a.example policy.dmarc=reject "
	  "policy.override-reason=local_policy; spf=pass "
	  "smtp.mailfrom=x@lists.example; dkim=none; arc=pass (i=1 sealed "
	  "by lists.example) (authres: client=192.0.2.9 received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "Received field 1|a.example|192.0.2.9|lists.example|i=1 sealed by "
	  "lists.example|arc=pass lists.example|to reject|mailbox "
	  "INBOX.|allows this host|is not signed|proves nothing about|none "
	  "of this proves|Nothing above|intact DKIM signature|envelope "
	  "sender of|SPF record|intact chain|A rule of this server" },
	/* trusted forwarder */
	{ "dmarc=fail (p=reject) reason=\"trusted_forwarder: fwd.example\" "
	  "header.from=a.example policy.dmarc=reject "
	  "policy.override-reason=trusted_forwarder; spf=fail "
	  "smtp.mailfrom=x@a.example; dkim=none (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "Received field 1|a.example|192.0.2.9|fwd.example|to reject|"
	  "mailbox INBOX.|does not allow this host|is not signed|"
	  "none of this proves|Nothing above|"
	  "intact DKIM signature|SPF record|trusted forwarder (fwd" },
	/* mailing list */
	{ "dmarc=fail (p=reject) reason=\"mailing_list: lists.example\" "
	  "header.from=a.example policy.dmarc=reject "
	  "policy.override-reason=mailing_list; spf=pass "
	  "smtp.mailfrom=x@lists.example; dkim=none (authres: "
	  "client=192.0.2.9 received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "Received field 1|a.example|192.0.2.9|lists.example|to reject|"
	  "mailbox INBOX.|allows this host|is not signed|"
	  "proves nothing about|none of this proves|"
	  "Nothing above|intact DKIM signature|envelope sender of|"
	  "SPF record|trusted mailing list (lists" },
	/* other override */
	{ "dmarc=fail (p=reject) reason=local_policy header.from=a.example "
	  "policy.dmarc=reject policy.override-reason=local_policy; spf=pass "
	  "smtp.mailfrom=x@lists.example (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "Received field 1|a.example|192.0.2.9|lists.example|to "
	  "reject|mailbox INBOX.|allows this host|proves nothing about|none "
	  "of this proves|DKIM was not checked|Nothing above|intact DKIM "
	  "signature|envelope sender of|SPF record|A rule of this server" },
	/* temperror */
	{ "dmarc=temperror reason=\"SERVFAIL for _dmarc.a.example\" "
	  "header.from=a.example; spf=temperror reason=\"SERVFAIL for "
	  "a.example\" smtp.mailfrom=a.example; dkim=temperror reason=\""
	  "timeout\" header.d=a.example (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthTempError", "INBOX", FALSE,
	  "Received field 1|a.example|192.0.2.9|dmarc.a.example|"
	  "SERVFAIL for a.example|timeout|SERVFAIL for _dmarc.a.example|"
	  "mailbox INBOX.|not known whether|no policy was applied|"
	  "Nothing above|nothing against" },
	/* no trustworthy client */
	{ "dmarc=temperror reason=\"client address unknown\" "
	  "header.from=a.example; dkim=none (authres: client=unknown "
	  "reason=Received field 1 was written by x.example, which is not in "
	  "authres_trusted_hosts)",
	  NULL, "$AuthTempError", "INBOX", FALSE,
	  "a.example|x.example|client address unknown|"
	  "authres_trusted_hosts|mailbox INBOX.|is not signed|"
	  "could not be checked|not known whether|no policy was applied|"
	  "Nothing above|nothing against|not known which host" },
	/* verifier down */
	{ "dmarc=temperror reason=\"verifier unavailable\"",
	  NULL, "$AuthTempError", "INBOX", FALSE,
	  "verifier unavailable|mailbox INBOX.|not known whether|"
	  "no policy was applied|SPF was not checked|"
	  "DKIM was not checked|Nothing above|nothing against" },
	/* bad author, enforced */
	{ FIELD_BAD_AUTHOR_ENFORCED,
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "Received field 1|192.0.2.9|home.example|several domains|"
	  "mailbox Junk.|does not allow this host|is not signed|"
	  "because of the policy|one author" },
	/* bad author, not enforced */
	{ "dmarc=permerror reason=\"no From field\"; spf=none "
	  "smtp.mailfrom=x@home.example; dkim=none (authres: "
	  "client=192.0.2.9 received=1)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "Received field 1|192.0.2.9|home.example|no From field|"
	  "mailbox INBOX.|does not publish|is not signed|Nothing above|"
	  "one author" },
	/* no policy */
	{ "dmarc=none header.from=home.example; spf=none "
	  "smtp.mailfrom=otto@home.example; dkim=none; arc=none (authres: "
	  "client=192.0.2.70 received=1)",
	  NULL, "", "INBOX", FALSE,
	  "Received field 1|home.example|192.0.2.70|mailbox INBOX.|"
	  "does not publish|is not signed|publishes no policy|"
	  "Nothing above" },
	/* DMARC not among authres_checks */
	{ "spf=pass smtp.mailfrom=home.example (authres: client=192.0.2.70 "
	  "received=1)",
	  NULL, "", "INBOX", FALSE,
	  "Received field 1|192.0.2.70|home.example|mailbox INBOX.|"
	  "allows this host|DMARC was not checked|DKIM was not checked|"
	  "Nothing above" },
	/* no check at all */
	{ "none (authres: client=192.0.2.70 received=1)",
	  NULL, "", "INBOX", FALSE,
	  "Received field 1|192.0.2.70|mailbox INBOX.|"
	  "Nothing was checked|Nothing above" },
	/* our own user */
	{ "auth=pass smtp.mailfrom=x@mx.example (authres: "
	  "origin=authenticated client=192.0.2.70 received=1)",
	  NULL, "", "INBOX", FALSE,
	  "Received field 1|192.0.2.70|mailbox INBOX.|Nothing above|"
	  "A user who was logged in" },
	/* our own host */
	{ "none (authres: origin=local client=unknown "
	  "reason=no MTA of ours added a Received field)",
	  NULL, "", "INBOX", FALSE,
	  "mailbox INBOX.|Nothing above|our own hosts|"
	  "not known which host" },
	/* mode=tag */
	{ FIELD_QUARANTINE,
	  "mode=tag", "$AuthFail", "INBOX", FALSE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "authres_mode is tag|mailbox INBOX.|does not allow this host|"
	  "is not signed|none of this proves|"
	  "today's settings|intact DKIM signature|SPF record" },
	/* mode=off */
	{ FIELD_QUARANTINE,
	  "mode=off", "$AuthFail", "INBOX", FALSE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "authres_mode is off|mailbox INBOX.|does not allow this host|"
	  "is not signed|none of this proves|"
	  "today's settings|intact DKIM signature|SPF record" },
	/* quarantine_action=keep */
	{ FIELD_QUARANTINE,
	  "quarantine_action=keep", "$AuthFail", "INBOX", FALSE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "authres_quarantine_action is keep|mailbox INBOX.|"
	  "does not allow this host|is not signed|none of this proves|"
	  "today's settings|intact DKIM signature|"
	  "SPF record" },
	/* reject_action=keep */
	{ FIELD_KEY_MISSING,
	  "reject_action=keep", "$AuthFail", "INBOX", FALSE,
	  "bank.example|192.0.2.80|lists.example|other.example|"
	  "no key in DNS|signature did not verify|set 2 does not verify|"
	  "to reject|authres_reject_action is keep|mailbox INBOX.|"
	  "probably not|header was changed|cannot be used|"
	  "none of this proves|today's settings|"
	  "envelope sender of|SPF record|broken" },
	/* quarantine_action=keep */
	{ FIELD_BAD_AUTHOR_ENFORCED,
	  "quarantine_action=keep", "$AuthFail", "INBOX", FALSE,
	  "Received field 1|192.0.2.9|home.example|several domains|"
	  "authres_quarantine_action is keep|mailbox INBOX.|"
	  "does not allow this host|is not signed|today's settings|"
	  "one author" },
	/* moved by a filter */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $Junk Junk", "Work", FALSE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "mailbox Work.|does not allow this host|is not signed|"
	  "none of this proves|With today's settings|"
	  "intact DKIM signature|SPF record" },
	/* released */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $NotJunk NonJunk", "INBOX", FALSE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "mailbox INBOX.|does not allow this host|is not signed|"
	  "none of this proves|marked as not junk|"
	  "intact DKIM signature|SPF record" },
	/* called not junk where it is */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail nonjunk", "Junk", TRUE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "mailbox Junk.|does not allow this host|is not signed|"
	  "none of this proves|because of the policy|"
	  "marked as not junk|intact DKIM signature|SPF record" },
	/* junk keyword gone */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail", "Junk", TRUE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "mailbox Junk.|does not allow this host|is not signed|"
	  "none of this proves|because of the policy|"
	  "junk keyword|intact DKIM signature|SPF record" },
	/* junk keyword off */
	{ FIELD_QUARANTINE,
	  "keyword_junk=", "$AuthFail", "Junk", TRUE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "mailbox Junk.|does not allow this host|is not signed|"
	  "none of this proves|because of the policy|"
	  "intact DKIM signature|SPF record" },
	/* allowed by the user */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "Received field 1|club.example|203.0.113.66|"
	  "pc.stranger.example|all in club.example|to quarantine|"
	  "mailbox INBOX.|does not allow this host|is not signed|"
	  "none of this proves|recipient allowed|"
	  "intact DKIM signature|SPF record" },
	/* put into Junk by somebody */
	{ FIELD_PASS,
	  NULL, "$AuthPass $Junk", "Junk", TRUE,
	  "Received field 2, written by mx.example.|bank.example|"
	  "192.0.2.7|out.bank.example|mx.example|192.0.2.0|"
	  "ip4:192.0.2.0/24 in bank.example|mailbox Junk.|"
	  "allows this host|intact|this proves that|Nothing above|"
	  "another filter" },
	/* many signatures */
	{ "dmarc=fail header.from=a.example policy.dmarc=none; spf=policy "
	  "smtp.mailfrom=x; dkim=pass header.d=b.example; dkim=pass "
	  "header.d=b.example; dkim=pass header.d=b.example; dkim=pass "
	  "header.d=b.example; dkim=pass header.d=b.example; dkim=pass "
	  "header.d=b.example; dkim=pass header.d=b.example (authres: "
	  "client=192.0.2.70 source=received)",
	  NULL, "", "INBOX", FALSE,
	  "a.example|192.0.2.70|b.example|to do nothing|mailbox INBOX.|"
	  "intact|cannot be used|proves nothing about|"
	  "none of this proves|Nothing above|"
	  "intact DKIM signature|envelope sender of|SPF record|"
	  "2 more signatures" },
	/* hostile text */
	{ "dmarc=fail reason=\"\\\x1b"
	  "[31m\xff"
	  "\" header.from=\"a\x07"
	  "\\\"b\" policy.dmarc=quarantine; spf=fail reason=x "
	  "smtp.mailfrom=\"\\\x01"
	  "@\x02"
	  "\"; dkim=fail header.d=\"\x1b"
	  "]0;x\" (authres: client=x source=y received=-1 helo=\x1b"
	  "[1mhelo)",
	  NULL, "", "J\x1b"
	  "\xc3"
	  "\xa9"
	  "\n", TRUE,
	  "to quarantine|does not allow this host|header was changed|"
	  "none of this proves|because of the policy|"
	  "junk keyword|intact DKIM signature|envelope sender of|"
	  "SPF record" },
	/* through a list and a forwarder, results of a filter */
	{ "dmarc=fail (p=none) header.from=a.example policy.dmarc=none; "
	  "spf=pass (upstream f.example) smtp.mailfrom=l.example; "
	  "dkim=fail (upstream f.example) reason=\"body hash did not verify\" "
	  "header.d=a.example; arc=pass (upstream f.example) (authres: "
	  "client=192.0.2.9 received=1 forwarder=fwd.example "
	  "list=l.example)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "Received field 1|a.example|192.0.2.9|fwd.example|l.example|"
	  "f.example|body hash did not verify|to do nothing|"
	  "mailbox INBOX.|allows this host|body was changed|"
	  "proves nothing about|none of this proves|"
	  "Nothing above|nobody had changed|envelope sender of|"
	  "SPF record|intact chain|found by the filter f.example|"
	  "through the trusted forwarder|the mailing list l.example" },
	/* nothing */
	{ NULL,
	  NULL, "", "INBOX", FALSE,
	  "Nothing is known" },
	/* Sender ID, which decides nothing */
	{ "dmarc=pass (p=none) header.from=club.example; spf=pass "
	  "smtp.mailfrom=club.example; sender-id=fail (spf2.0 record) "
	  "reason=\"go away\" header.resent-from=list.example; dkim=none "
	  "(authres: client=192.0.2.9 received=1)",
	  NULL, "$AuthPass", "INBOX", FALSE,
	  "Received field 1|club.example|192.0.2.9|allows this host|"
	  "Sender ID: list.example does not allow this host to send its mail. "
	  "Sender ID is historic and decides nothing.|this proves that" },
	{ "dmarc=pass (p=none) header.from=club.example; spf=pass "
	  "smtp.mailfrom=club.example; sender-id=permerror (several Sender "
	  "fields) reason=\"no purported responsible address\"; dkim=none "
	  "(authres: client=192.0.2.9 received=1)",
	  NULL, "$AuthPass", "INBOX", FALSE,
	  "Received field 1|club.example|192.0.2.9|Sender ID: the header "
	  "does not name one address that is responsible for the message "
	  "(several Sender fields)." },
	{ "dmarc=none header.from=club.example; spf=none "
	  "smtp.mailfrom=club.example; sender-id=softfail (stale, "
	  "spf2.0 record) header.sender=s.example; dkim=none "
	  "(authres: client=192.0.2.9 received=1)",
	  NULL, "", "INBOX", FALSE,
	  "club.example|192.0.2.9|Sender ID: s.example says that this host "
	  "is probably not allowed to send its mail (DNS did not answer" },
	/* our own name, which publishes nothing */
	{ "dmarc=fail (our own domain) header.from=club.example "
	  "policy.dmarc=quarantine; spf=none smtp.mailfrom=x@club.example; "
	  "dkim=none (authres: client=203.0.113.66 received=1)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "none of this proves|club.example is our own domain|"
	  "without proof|because of the policy|SPF record" },
};

static const char *lookup_setting(void *context, const char *name)
{
	const char *setting = context;
	const char *value = setting == NULL ? NULL : strchr(setting, '=');

	if (value == NULL || strncmp(name, "authres_", 8) != 0 ||
	    strcmp(name + 8, t_strdup_until(setting, value)) != 0)
		return NULL;
	return value + 1;
}

static void read_field(pool_t pool, const char *text,
		       struct stored_verdict *stored_r)
{
	struct authres_field field;
	const char *error;

	text = t_strconcat("mx.example; ", text, NULL);
	if (authres_field_parse(pool, (const void *)text, strlen(text),
				&field, &error) < 0)
		i_fatal("%s: %s", text, error);
	i_zero(stored_r);
	stored_r->authserv_id = field.authserv_id;
	verdict_field_read(pool, &field, &stored_r->verdict);
}

static bool is_plain(const char *story)
{
	for (; *story != '\0'; story++) {
		if (((unsigned char)*story < ' ' && *story != '\n') ||
		    *story == 0x7f)
			return FALSE;
	}
	return TRUE;
}

static void write_new(const char *texts)
{
	int fd = open("test-story.new", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write_full(fd, texts, strlen(texts)) < 0)
		i_error("test-story.new: %m");
	i_close_fd(&fd);
}

/* All stories in full, in this file and in no other test. What differs is in
   test-story.new: read it, and copy it here if it is what you want. */
static void test_story_texts(const char *texts)
{
	const char *srcdir = getenv("srcdir");
	struct istream *input;
	const unsigned char *data;
	size_t size;

	input = i_stream_create_file(t_strconcat(srcdir == NULL ? "." : srcdir,
				     "/stories.txt", NULL), SIZE_MAX);
	while (i_stream_read_more(input, &data, &size) > 0 &&
	       i_stream_read(input) > 0) ;
	data = i_stream_get_data(input, &size);
	if (size != strlen(texts) || memcmp(data, texts, size) != 0) {
		test_assert_failed("as in stories.txt", __FILE__, __LINE__);
		write_new(texts);
	}
	i_stream_destroy(&input);
}

static void
test_story_facts(const char *text, const char *facts, unsigned int i)
{
	for (const char *const *fact = t_strsplit(facts, "|"); *fact != NULL;
	     fact++) {
		if (strstr(text, *fact) == NULL)
			test_assert_strcmp_idx(text, *fact, i);
	}
}

static void test_story(string_t *texts)
{
	struct authres_settings set;
	struct stored_verdict stored;
	struct story story;
	const char *const *errors;
	string_t *str = t_str_new(1024);
	pool_t pool = pool_alloconly_create("test story", 4096);

	test_begin("story_write()");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		i_zero(&story);
		if (tests[i].field != NULL) {
			read_field(pool, tests[i].field, &stored);
			story.stored = &stored;
		} else {
			story.why = "it has no field";
		}
		test_assert_idx(authres_settings_parse(pool, lookup_setting,
			NULL, (void *)tests[i].setting, "mx.example", "/run",
			&set, &errors) == 0, i);
		story.set = &set;
		story.keywords = t_strsplit_spaces(tests[i].keywords, " ");
		story.mailbox = tests[i].mailbox;
		story.in_junk = tests[i].in_junk;
		/* either way */
		story.delivered = i % 2 == 0;
		str_truncate(str, 0);
		story_write(str, &story);
		test_story_facts(str_c(str), tests[i].facts, i);
		if (tests[i].field != NULL) {
			test_story_facts(str_c(str), "(mx.example)|"
					 "Nothing was checked again.", i);
			test_story_facts(str_c(str),
				!verdict_fails_enforced_policy(
					&stored.verdict) ? "." :
				story.delivered ? "confirms" : "no record", i);
		}
		test_assert_idx(is_plain(str_c(str)), i);
		str_append_str(texts, str);
		str_append(texts, "\n\n");
	}
	pool_unref(&pool);
	test_end();
}

static void test_story_lesson(string_t *texts)
{
	static const struct {
		enum story_lesson lesson;
		const char *name, *facts;
	} lessons[] = {
		{ STORY_LESSON_UNKNOWN, "list=l.example", NULL },
		{ STORY_LESSON_NOTHING, "list=l.example", "only this message" },
		{ STORY_LESSON_ALLOW, "list=l.example",
		  "the mailing list l.example stays out of Junk" },
		{ STORY_LESSON_ALLOW, "forwarder=192.0.2.9",
		  "the forwarder 192.0.2.9 stays out of Junk" },
		{ STORY_LESSON_SECOND_DAY, "list=l.example",
		  "the mailing list l.example|two different days|"
		  "stays out of Junk" },
	};
	struct authres_settings set;
	struct stored_verdict stored;
	struct story story;
	const char *const *errors;
	string_t *str = t_str_new(1024);
	pool_t pool = pool_alloconly_create("test story", 4096);

	test_begin("story_write() tells what taking it back teaches");
	test_assert(authres_settings_parse(pool, lookup_setting, NULL, NULL,
					   "mx.example", "/run", &set,
					   &errors) == 0);
	for (unsigned int i = 0; i < N_ELEMENTS(lessons); i++) {
		i_zero(&story);
		read_field(pool, t_strdup_printf("dmarc=fail header.from="
			"a.example policy.dmarc=reject; spf=none; dkim=none "
			"(authres: client=192.0.2.1 source=received "
			"%s)", lessons[i].name), &stored);
		story.stored = &stored;
		story.set = &set;
		story.keywords = t_strsplit_spaces("$Junk", " ");
		story.mailbox = "Junk";
		story.in_junk = TRUE;
		story.lesson = lessons[i].lesson;
		str_truncate(str, 0);
		story_write(str, &story);
		if (lessons[i].facts != NULL)
			test_story_facts(str_c(str), lessons[i].facts, i);
		else
			test_assert_idx(strstr(str_c(str), "out of") == NULL, i);
		test_assert_idx(is_plain(str_c(str)), i);
		str_append_str(texts, str);
		str_append(texts, "\n\n");
	}
	pool_unref(&pool);
	test_end();
}

/* RFC 4870: named, and nothing more. */
static void test_story_domainkeys(void)
{
	static const struct {
		const char *domain, *sentence;
	} signatures[] = {
		{ "old.example", "\nThe message has an obsolete DomainKeys "
		  "signature of old.example, which was not checked." },
		{ NULL, "\nThe message has an obsolete DomainKeys signature, "
		  "which was not checked." },
		{ "a\nb\x1b.example", "\nThe message has an obsolete "
		  "DomainKeys signature of a?b?.example, which was not "
		  "checked." },
	};
	struct authres_settings set;
	struct stored_verdict stored;
	struct story story;
	const char *const *errors;
	string_t *str = t_str_new(1024), *without = t_str_new(1024);
	pool_t pool = pool_alloconly_create("test story", 4096);

	test_begin("story_write() names DomainKeys");
	(void)authres_settings_parse(pool, lookup_setting, NULL, NULL,
				     "mx.example", "/run", &set, &errors);
	read_field(pool, FIELD_PASS, &stored);
	for (unsigned int i = 0; i < 2 * N_ELEMENTS(signatures); i++) {
		unsigned int n = i / 2;

		i_zero(&story);
		story.stored = i % 2 == 0 ? &stored : NULL;
		story.why = "it has no field";
		story.set = &set;
		story.keywords = t_new(const char *, 1);
		story.mailbox = "INBOX";
		str_truncate(without, 0);
		story_write(without, &story);
		test_assert_idx(strstr(str_c(without), "DomainKeys") == NULL,
				i);
		story.domainkeys = TRUE;
		story.domainkeys_domain = signatures[n].domain;
		str_truncate(str, 0);
		story_write(str, &story);
		/* the sentence, and no other word is different */
		test_assert_strcmp_idx(str_c(str),
			t_strconcat(str_c(without), signatures[n].sentence,
				    NULL), i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_stories(void)
{
	string_t *texts = str_new(default_pool, 32768);

	test_story(texts);
	test_story_lesson(texts);
	test_begin("story_write() in full");
	test_story_texts(str_c(texts));
	test_end();
	str_free(&texts);
}

static void test_story_size(void)
{
	static const char *const methods[] = { "dmarc", "spf", "dkim", "arc" };
	struct authres_settings set;
	struct stored_verdict stored;
	struct story story;
	const char *const *errors;
	string_t *field = t_str_new(60000), *str = t_str_new(1024);
	pool_t pool = pool_alloconly_create("test story", 65536);

	test_begin("story_write() of a long field");
	for (unsigned int i = 0; str_len(field) < 60000; i++) {
		str_printfa(field, "%s=fail (", methods[i % 4]);
		for (unsigned int j = 0; j < 500; j++)
			str_append_c(field, 'c');
		str_append(field, ") reason=\"");
		for (unsigned int j = 0; j < 500; j++)
			str_append_c(field, 'r');
		str_append(field, "\" header.from=");
		for (unsigned int j = 0; j < 500; j++)
			str_append_c(field, 'd');
		str_append(field, "; ");
	}
	(void)authres_settings_parse(pool, lookup_setting, NULL, NULL,
				     "mx.example", "/run", &set, &errors);
	read_field(pool, str_c(field), &stored);
	i_zero(&story);
	story.stored = &stored;
	story.set = &set;
	story.keywords = t_new(const char *, 1);
	story.mailbox = str_c(field);
	story_write(str, &story);
	test_assert(str_len(str) < 8192);
	pool_unref(&pool);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_stories,
		test_story_domainkeys,
		test_story_size,
		NULL
	};
	return test_run(test_functions);
}
