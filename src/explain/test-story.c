/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-settings.h"
#include "authres-field.h"
#include "stored-verdict.h"
#include "story.h"
#include "test-common.h"
#include "verdict-policy.h"
#include "verdict-field.h"

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
/* the last line whenever there is a field */
#define EVIDENCE \
	"\nAll of this was written on top of the message when it was " \
	"delivered, into an Authentication-Results field of mx.example; " \
	"nothing was checked again."
/* and what follows for mail that fails */
#define CONFIRMED " The index of the mailbox confirms that delivery."
#define UNCONFIRMED \
	" The index of the mailbox has no record of that delivery: it was " \
	"rebuilt, or the message was copied from elsewhere, so that the " \
	"message alone says all of this."

static const struct {
	/* behind "mx.example; "; NULL = there is no field of ours */
	const char *field;
	/* "name=value" of a setting, NULL = defaults */
	const char *setting;
	const char *keywords;
	const char *mailbox;
	bool in_junk;
	const char *story;
} tests[] = {
	/* pass */
	{ FIELD_PASS,
	  NULL, "$AuthPass", "INBOX", FALSE,
	  "The message names bank.example as the domain of its author. The "
	  "host 192.0.2.7, which calls itself out.bank.example, sent it, "
	  "according to Received field 2 from the top, written by mx.example.\n"
	  "SPF: bank.example allows this host to send its mail (decided by "
	  "ip4:192.0.2.0/24 in bank.example). DKIM: it carries a signature "
	  "of bank.example that is intact.\n"
	  "DMARC: that proves that bank.example sent the message.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox." },
	/* SPF alone */
	{ "dmarc=pass (p=none) header.from=club.example; spf=pass "
	  "smtp.mailfrom=club.example; dkim=none (authres: "
	  "client=2001:db8::1 source=xclient)",
	  NULL, "$AuthPass", "INBOX", FALSE,
	  "The message names club.example as the domain of its author. The "
	  "host 2001:db8::1 sent it, according to the mail server that "
	  "handed it over (XCLIENT).\n"
	  "SPF: club.example allows this host to send its mail. DKIM: it is"
	  " not signed.\n"
	  "DMARC: that proves that club.example sent the message.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox." },
	/* quarantine */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* a container's gateway as client: none that a domain could allow */
	{ "dmarc=fail (p=quarantine) header.from=club.example "
	  "policy.dmarc=quarantine; dkim=none (authres: reason=Received line "
	  "2\\, written by mx.example: the client 172.18.0.1 has a private "
	  "address\\, which is that of NAT or a proxy\\, not of who sent the "
	  "message)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The message names club.example as the domain of its author. Which "
	  "host sent it is not known: Received line 2, written by mx.example: "
	  "the client 172.18.0.1 has a private address, which is that of NAT "
	  "or a proxy,....\n"
	  "SPF could not be checked, since it is not known which host sent "
	  "the message. DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: that this site saw which host sent "
	  "it; until then no change of the SPF record of club.example helps; "
	  "or an intact DKIM signature of club.example." },
	/* and where an older field names it as the client */
	{ "dmarc=fail (p=quarantine) header.from=club.example "
	  "policy.dmarc=quarantine; spf=fail smtp.mailfrom=a@club.example; "
	  "dkim=none (authres: client=fd00::1 received=1)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The message names club.example as the domain of its author. The "
	  "host fd00::1 sent it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail. "
	  "DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: that this site saw which host sent "
	  "it; until then no change of the SPF record of club.example helps; "
	  "or an intact DKIM signature of club.example." },
	/* reject, body changed by somebody on the way */
	{ "dmarc=fail (p=reject) header.from=bank.example "
	  "policy.dmarc=reject; spf=pass smtp.mailfrom=x@mailer.example; "
	  "dkim=fail reason=\"body hash did not verify\" "
	  "header.d=bank.example header.s=may; dkim=pass "
	  "header.d=mailer.example; arc=pass (i=1 sealed by mailer.example)"
	  " (authres: client=192.0.2.80 received=1)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The message names bank.example as the domain of its author. The "
	  "host 192.0.2.80 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: mailer.example allows this host to send its mail, but that "
	  "proves nothing about bank.example. DKIM: it carries a signature "
	  "of bank.example, but the text was changed after it had been "
	  "signed (body hash did not verify). DKIM: it carries a signature "
	  "of mailer.example that is intact, but that proves nothing about "
	  "bank.example. ARC: servers on its way say, in an intact chain, "
	  "what they had found (i=1 sealed by mailer.example); that counts "
	  "only where the last of them is trusted here.\n"
	  "DMARC: nothing of that proves that bank.example sent the "
	  "message, and the policy for that domain asks receivers to refuse"
	  " mail of which that cannot be proven (reject).\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: an envelope sender of bank.example"
	  " and a host which bank.example allows in its SPF record; or that"
	  " nobody had changed it after bank.example signed it." },
	/* DNS did not answer, and had answered before */
	{ "dmarc=fail (stale, p=reject) header.from=bank.example "
	  "policy.dmarc=reject; spf=fail (stale, all in bank.example) "
	  "smtp.mailfrom=x@bank.example; dkim=fail (stale, 2048-bit rsa key) "
	  "reason=\"body hash did not verify\" header.d=bank.example; "
	  "arc=pass (stale, i=1 sealed by mailer.example)"
	  " (authres: client=192.0.2.80 received=1)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The message names bank.example as the domain of its author. The "
	  "host 192.0.2.80 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: bank.example does not allow this host to send its mail "
	  "(decided by all in bank.example), by what DNS had said before, "
	  "since it did not answer then. DKIM: it carries a signature of "
	  "bank.example, but the text was changed after it had been signed "
	  "(body hash did not verify), by what DNS had said before, since it "
	  "did not answer then. ARC: servers on its way say, in an intact "
	  "chain, what they had found (i=1 sealed by mailer.example); that "
	  "counts only where the last of them is trusted here, by what DNS "
	  "had said before, since it did not answer then.\n"
	  "DMARC: nothing of that proves that bank.example sent the "
	  "message, and the policy for that domain asks receivers to refuse"
	  " mail of which that cannot be proven (reject). DNS did not tell "
	  "the policy then: it is the last one that was seen.\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: that bank.example allows the host "
	  "192.0.2.80 in its SPF record; or that nobody had changed it after "
	  "bank.example signed it." },
	/* key missing */
	{ FIELD_KEY_MISSING,
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The message names bank.example as the domain of its author. The "
	  "host 192.0.2.80 sent it, according to the header field that is "
	  "configured for it.\n"
	  "SPF: lists.example says that this host is probably not allowed "
	  "to send its mail. DKIM: it carries a signature of bank.example "
	  "that cannot be used (no key in DNS). DKIM: it carries a "
	  "signature of other.example, but the header was changed after it "
	  "had been signed, or it is forged (signature did not verify). "
	  "ARC: the chain of what servers on its way say is broken (set 2 "
	  "does not verify).\n"
	  "DMARC: nothing of that proves that bank.example sent the "
	  "message, and the policy for that domain asks receivers to refuse"
	  " mail of which that cannot be proven (reject).\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: an envelope sender of bank.example"
	  " and a host which bank.example allows in its SPF record; or a "
	  "DKIM signature of bank.example that can be used." },
	/* p=none */
	{ "dmarc=fail (p=none) header.from=school.example "
	  "policy.dmarc=none; spf=neutral smtp.mailfrom=school.example; "
	  "dkim=none (authres: client=203.0.113.66 received=1)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "The message names school.example as the domain of its author. "
	  "The host 203.0.113.66 sent it, according to Received field "
	  "1 from the top.\n"
	  "SPF: school.example does not say whether this host may send its "
	  "mail. DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that school.example sent the "
	  "message, and the policy for that domain asks receivers to do "
	  "nothing about mail of which that cannot be proven.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: that school.example allows the "
	  "host 203.0.113.66 in its SPF record; or an intact DKIM signature"
	  " of school.example." },
	/* testing: lowered to quarantine */
	{ "dmarc=fail (p=reject) reason=policy_test_mode "
	  "header.from=a.example policy.dmarc=quarantine "
	  "policy.override-reason=policy_test_mode; spf=none "
	  "smtp.helo=x.example; dkim=neutral reason=\"no tag v\" (authres: "
	  "client=192.0.2.9 source=arguments)",
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.9 sent it, according to what the delivery program "
	  "was told.\n"
	  "SPF: x.example does not publish which hosts may send its mail. "
	  "DKIM: it carries a signature that cannot be used (no tag v).\n"
	  "DMARC: nothing of that proves that a.example sent the message, "
	  "and the policy for that domain asks receivers to treat mail of "
	  "which that cannot be proven as suspicious (quarantine). (That is"
	  " less than it publishes, since it says that it is only testing.)"
	  "\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: an envelope sender of a.example "
	  "and a host which a.example allows in its SPF record; or an "
	  "intact DKIM signature of a.example." },
	/* sampled out */
	{ "dmarc=fail (p=quarantine) reason=sampled_out "
	  "header.from=a.example policy.dmarc=none "
	  "policy.override-reason=sampled_out; spf=permerror reason=\"two "
	  "records\" smtp.mailfrom=a.example; dkim=policy reason=\"512-bit "
	  "key\" header.d=a.example (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.9 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: what a.example publishes about its hosts cannot be used "
	  "(two records). DKIM: it carries a signature of a.example that is"
	  " not accepted here (512-bit key).\n"
	  "DMARC: nothing of that proves that a.example sent the message, "
	  "and the policy for that domain asks receivers to do nothing "
	  "about mail of which that cannot be proven. (That is less than it"
	  " publishes, since it wants that for a part of its mail only.)\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: that a.example allows the host "
	  "192.0.2.9 in its SPF record; or a DKIM signature of a.example "
	  "that can be used." },
	/* sealed by a trusted server */
	{ "dmarc=fail (p=reject) reason=\"local_policy: arc=pass "
	  "lists.example\" header.from=a.example policy.dmarc=reject "
	  "policy.override-reason=local_policy; spf=pass "
	  "smtp.mailfrom=x@lists.example; dkim=none; arc=pass (i=1 sealed "
	  "by lists.example) (authres: client=192.0.2.9 received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.9 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: lists.example allows this host to send its mail, but that "
	  "proves nothing about a.example. DKIM: it is not signed. ARC: "
	  "servers on its way say, in an intact chain, what they had found "
	  "(i=1 sealed by lists.example); that counts only where the last "
	  "of them is trusted here.\n"
	  "DMARC: nothing of that proves that a.example sent the message, "
	  "and the policy for that domain asks receivers to refuse mail of "
	  "which that cannot be proven (reject). An exception was made by a"
	  " rule of this server (arc=pass lists.example).\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: an envelope sender of a.example "
	  "and a host which a.example allows in its SPF record; or an "
	  "intact DKIM signature of a.example." },
	/* trusted forwarder */
	{ "dmarc=fail (p=reject) reason=\"trusted_forwarder: fwd.example\" "
	  "header.from=a.example policy.dmarc=reject "
	  "policy.override-reason=trusted_forwarder; spf=fail "
	  "smtp.mailfrom=x@a.example; dkim=none (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.9 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: a.example does not allow this host to send its mail. DKIM: "
	  "it is not signed.\n"
	  "DMARC: nothing of that proves that a.example sent the message, "
	  "and the policy for that domain asks receivers to refuse mail of "
	  "which that cannot be proven (reject). An exception was made, "
	  "since the message came through a forwarder that is trusted here "
	  "(fwd.example).\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: that a.example allows the host "
	  "192.0.2.9 in its SPF record; or an intact DKIM signature of "
	  "a.example." },
	/* mailing list */
	{ "dmarc=fail (p=reject) reason=\"mailing_list: lists.example\" "
	  "header.from=a.example policy.dmarc=reject "
	  "policy.override-reason=mailing_list; spf=pass "
	  "smtp.mailfrom=x@lists.example; dkim=none (authres: "
	  "client=192.0.2.9 received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.9 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: lists.example allows this host to send its mail, but that "
	  "proves nothing about a.example. DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that a.example sent the message, "
	  "and the policy for that domain asks receivers to refuse mail of "
	  "which that cannot be proven (reject). An exception was made, "
	  "since the message came through a mailing list that is trusted "
	  "here (lists.example).\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: an envelope sender of a.example "
	  "and a host which a.example allows in its SPF record; or an "
	  "intact DKIM signature of a.example." },
	/* other override */
	{ "dmarc=fail (p=reject) reason=local_policy header.from=a.example "
	  "policy.dmarc=reject policy.override-reason=local_policy; spf=pass "
	  "smtp.mailfrom=x@lists.example (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.9 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: lists.example allows this host to send its mail, but that "
	  "proves nothing about a.example. DKIM was not checked.\n"
	  "DMARC: nothing of that proves that a.example sent the message, "
	  "and the policy for that domain asks receivers to refuse mail of "
	  "which that cannot be proven (reject). An exception was made by a"
	  " rule of this server.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: an envelope sender of a.example "
	  "and a host which a.example allows in its SPF record; or an "
	  "intact DKIM signature of a.example." },
	/* temperror */
	{ "dmarc=temperror reason=\"SERVFAIL for _dmarc.a.example\" "
	  "header.from=a.example; spf=temperror reason=\"SERVFAIL for "
	  "a.example\" smtp.mailfrom=a.example; dkim=temperror reason=\""
	  "timeout\" header.d=a.example (authres: client=192.0.2.9 "
	  "received=1)",
	  NULL, "$AuthTempError", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.9 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: DNS did not tell which hosts may send mail of a.example "
	  "(SERVFAIL for a.example). DKIM: it carries a signature of "
	  "a.example, but DNS did not deliver its key (timeout).\n"
	  "DMARC: whether a.example sent the message could not be found out"
	  " (SERVFAIL for _dmarc.a.example), so no policy was applied.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "That says nothing against the message: whether it passes was not"
	  " known at that time." },
	/* no trustworthy client */
	{ "dmarc=temperror reason=\"client address unknown\" "
	  "header.from=a.example; dkim=none (authres: client=unknown "
	  "reason=Received line 1 was written by "
	  "x.example, which is not among our trusted hosts)",
	  NULL, "$AuthTempError", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. Which "
	  "host sent it is not known: Received line 1 was written by "
	  "x.example, which is not among our trusted hosts.\n"
	  "SPF could not be checked, since it is not known which host sent "
	  "the message. DKIM: it is not signed.\n"
	  "DMARC: whether a.example sent the message could not be found out"
	  " (client address unknown), so no policy was applied.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "That says nothing against the message: whether it passes was not"
	  " known at that time. So that the host is known next time, an "
	  "administrator lists all mail servers of the site in "
	  "authres_trusted_hosts." },
	/* verifier down */
	{ "dmarc=temperror reason=\"verifier unavailable\"",
	  NULL, "$AuthTempError", "INBOX", FALSE,
	  "The author of the message was not looked at.\n"
	  "SPF was not checked. DKIM was not checked.\n"
	  "DMARC: whether its author sent the message could not be found "
	  "out (verifier unavailable), so no policy was applied.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "That says nothing against the message: whether it passes was not"
	  " known at that time." },
	/* bad author, enforced */
	{ FIELD_BAD_AUTHOR_ENFORCED,
	  NULL, "$AuthFail $Junk Junk", "Junk", TRUE,
	  "The From field of the message does not name one author whose "
	  "domain could be checked (several domains). The host 192.0.2.9 "
	  "sent it, according to Received field 1 from the top.\n"
	  "SPF: home.example does not allow this host to send its mail. "
	  "DKIM: it is not signed.\n"
	  "DMARC: a domain that can be read in its From field asks "
	  "receivers to treat such mail as suspicious, or to refuse it.\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: a From field that names one author"
	  " with one domain, and a proof that this domain sent it." },
	/* bad author, not enforced */
	{ "dmarc=permerror reason=\"no From field\"; spf=none "
	  "smtp.mailfrom=x@home.example; dkim=none (authres: "
	  "client=192.0.2.9 received=1)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "The From field of the message does not name one author whose "
	  "domain could be checked (no From field). The host 192.0.2.9 sent"
	  " it, according to Received field 1 from the top.\n"
	  "SPF: home.example does not publish which hosts may send its "
	  "mail. DKIM: it is not signed.\n"
	  "DMARC: no domain that can be read in its From field asks "
	  "receivers to do anything about it.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: a From field that names one author"
	  " with one domain, and a proof that this domain sent it." },
	/* no policy */
	{ "dmarc=none header.from=home.example; spf=none "
	  "smtp.mailfrom=otto@home.example; dkim=none; arc=none (authres: "
	  "client=192.0.2.70 received=1)",
	  NULL, "", "INBOX", FALSE,
	  "The message names home.example as the domain of its author. The "
	  "host 192.0.2.70 sent it, according to Received field 1 "
	  "from the top.\n"
	  "SPF: home.example does not publish which hosts may send its "
	  "mail. DKIM: it is not signed.\n"
	  "DMARC: home.example publishes no policy, so there was none to "
	  "apply.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox." },
	/* DMARC not among authres_checks */
	{ "spf=pass smtp.mailfrom=home.example (authres: client=192.0.2.70 "
	  "received=1)",
	  NULL, "", "INBOX", FALSE,
	  "The author of the message was not looked at. The host 192.0.2.70"
	  " sent it, according to Received field 1 from the top.\n"
	  "SPF: home.example allows this host to send its mail. DKIM was "
	  "not checked.\n"
	  "DMARC was not checked.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox." },
	/* no check at all */
	{ "none (authres: client=192.0.2.70 received=1)",
	  NULL, "", "INBOX", FALSE,
	  "The author of the message was not looked at. The host 192.0.2.70"
	  " sent it, according to Received field 1 from the top.\n"
	  "Nothing was checked.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox." },
	/* our own user */
	{ "auth=pass smtp.mailfrom=x@mx.example (authres: "
	  "origin=authenticated client=192.0.2.70 received=1)",
	  NULL, "", "INBOX", FALSE,
	  "A user who had logged in at our own mail servers sent this "
	  "message, so it was not checked like a stranger's. The host "
	  "192.0.2.70 sent it, according to Received field 1 from "
	  "the top.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox." },
	/* our own host */
	{ "none (authres: origin=local client=unknown "
	  "reason=there is no Received field of an MTA)",
	  NULL, "", "INBOX", FALSE,
	  "This message was sent by one of our own hosts, so it was not "
	  "checked like a stranger's. Which host sent it is not known: "
	  "there is no Received field of an MTA.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox." },
	/* mode=tag */
	{ FIELD_QUARANTINE,
	  "mode=tag", "$AuthFail", "INBOX", FALSE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox INBOX. It is not in the junk mailbox; "
	  "by the settings of today, that is since authres_mode is tag, so "
	  "that mail is only tagged.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* mode=off */
	{ FIELD_QUARANTINE,
	  "mode=off", "$AuthFail", "INBOX", FALSE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox INBOX. It is not in the junk mailbox; "
	  "by the settings of today, that is since authres_mode is off.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* quarantine_action=keep */
	{ FIELD_QUARANTINE,
	  "quarantine_action=keep", "$AuthFail", "INBOX", FALSE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox INBOX. It is not in the junk mailbox; "
	  "by the settings of today, that is since "
	  "authres_quarantine_action is keep.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* reject_action=keep */
	{ FIELD_KEY_MISSING,
	  "reject_action=keep", "$AuthFail", "INBOX", FALSE,
	  "The message names bank.example as the domain of its author. The "
	  "host 192.0.2.80 sent it, according to the header field that is "
	  "configured for it.\n"
	  "SPF: lists.example says that this host is probably not allowed "
	  "to send its mail. DKIM: it carries a signature of bank.example "
	  "that cannot be used (no key in DNS). DKIM: it carries a "
	  "signature of other.example, but the header was changed after it "
	  "had been signed, or it is forged (signature did not verify). "
	  "ARC: the chain of what servers on its way say is broken (set 2 "
	  "does not verify).\n"
	  "DMARC: nothing of that proves that bank.example sent the "
	  "message, and the policy for that domain asks receivers to refuse"
	  " mail of which that cannot be proven (reject).\n"
	  "It is now in the mailbox INBOX. It is not in the junk mailbox; "
	  "by the settings of today, that is since authres_reject_action is"
	  " keep.\n"
	  "What would have made it pass: an envelope sender of bank.example"
	  " and a host which bank.example allows in its SPF record; or a "
	  "DKIM signature of bank.example that can be used." },
	/* quarantine_action=keep */
	{ FIELD_BAD_AUTHOR_ENFORCED,
	  "quarantine_action=keep", "$AuthFail", "INBOX", FALSE,
	  "The From field of the message does not name one author whose "
	  "domain could be checked (several domains). The host 192.0.2.9 "
	  "sent it, according to Received field 1 from the top.\n"
	  "SPF: home.example does not allow this host to send its mail. "
	  "DKIM: it is not signed.\n"
	  "DMARC: a domain that can be read in its From field asks "
	  "receivers to treat such mail as suspicious, or to refuse it.\n"
	  "It is now in the mailbox INBOX. It is not in the junk mailbox; "
	  "by the settings of today, that is since "
	  "authres_quarantine_action is keep.\n"
	  "What would have made it pass: a From field that names one author"
	  " with one domain, and a proof that this domain sent it." },
	/* moved by a filter */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $Junk Junk", "Work", FALSE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox Work. It is not in the junk mailbox. By"
	  " the settings of today it would be put there: they were others, "
	  "or somebody or a filter moved it.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* released */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $NotJunk NonJunk", "INBOX", FALSE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox INBOX. It has been marked as not junk "
	  "since.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* called not junk where it is */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail nonjunk", "Junk", TRUE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox. It has been marked as not junk since.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* junk keyword gone */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail", "Junk", TRUE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox. Its junk keyword has been removed since, or "
	  "delivery did not set it.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* junk keyword off */
	{ FIELD_QUARANTINE,
	  "keyword_junk=", "$AuthFail", "Junk", TRUE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox Junk. The policy is why it is in the "
	  "junk mailbox.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* allowed by the user */
	{ FIELD_QUARANTINE,
	  NULL, "$AuthFail $AuthOverride", "INBOX", FALSE,
	  "The message names club.example as the domain of its author. The "
	  "host 203.0.113.66, which calls itself pc.stranger.example, sent "
	  "it, according to Received field 1 from the top.\n"
	  "SPF: club.example does not allow this host to send its mail "
	  "(decided by all in club.example). DKIM: it is not signed.\n"
	  "DMARC: nothing of that proves that club.example sent the "
	  "message, and the policy for that domain asks receivers to treat "
	  "mail of which that cannot be proven as suspicious (quarantine)."
	  "\n"
	  "It is now in the mailbox INBOX. It was not put into the junk "
	  "mailbox, since its recipient allowed mail of this kind from this"
	  " author.\n"
	  "What would have made it pass: that club.example allows the host "
	  "203.0.113.66 in its SPF record; or an intact DKIM signature of "
	  "club.example." },
	/* put into Junk by somebody */
	{ FIELD_PASS,
	  NULL, "$AuthPass $Junk", "Junk", TRUE,
	  "The message names bank.example as the domain of its author. The "
	  "host 192.0.2.7, which calls itself out.bank.example, sent it, "
	  "according to Received field 2 from the top, written by mx.example.\n"
	  "SPF: bank.example allows this host to send its mail (decided by "
	  "ip4:192.0.2.0/24 in bank.example). DKIM: it carries a signature "
	  "of bank.example that is intact.\n"
	  "DMARC: that proves that bank.example sent the message.\n"
	  "It is now in the mailbox Junk. Nothing of the above is a reason "
	  "for the junk mailbox: somebody or another filter put it there." },
	/* many signatures */
	{ "dmarc=fail header.from=a.example policy.dmarc=none; spf=policy "
	  "smtp.mailfrom=x; dkim=pass header.d=b.example; dkim=pass "
	  "header.d=b.example; dkim=pass header.d=b.example; dkim=pass "
	  "header.d=b.example; dkim=pass header.d=b.example; dkim=pass "
	  "header.d=b.example; dkim=pass header.d=b.example (authres: "
	  "client=192.0.2.70 source=received)",
	  NULL, "", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The "
	  "host 192.0.2.70 sent it, according to a Received field.\n"
	  "SPF: what x publishes about its hosts cannot be used. DKIM: it "
	  "carries a signature of b.example that is intact, but that proves"
	  " nothing about a.example. DKIM: it carries a signature of "
	  "b.example that is intact, but that proves nothing about "
	  "a.example. DKIM: it carries a signature of b.example that is "
	  "intact, but that proves nothing about a.example. DKIM: it "
	  "carries a signature of b.example that is intact, but that proves"
	  " nothing about a.example. DKIM: it carries a signature of "
	  "b.example that is intact, but that proves nothing about "
	  "a.example. There are 2 more signatures.\n"
	  "DMARC: nothing of that proves that a.example sent the message, "
	  "and the policy for that domain asks receivers to do nothing "
	  "about mail of which that cannot be proven.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason"
	  " for the junk mailbox.\n"
	  "What would have made it pass: an envelope sender of a.example "
	  "and a host which a.example allows in its SPF record; or an "
	  "intact DKIM signature of a.example." },
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
	  "The message names a?\"b as the domain of its author.\n"
	  "SPF: ? does not allow this host to send its mail. DKIM: it "
	  "carries a signature of ?]0;x, but the header was changed after "
	  "it had been signed, or it is forged.\n"
	  "DMARC: nothing of that proves that a?\"b sent the message, and "
	  "the policy for that domain asks receivers to treat mail of which"
	  " that cannot be proven as suspicious (quarantine).\n"
	  "It is now in the mailbox J\xef"
	  "\xbf"
	  "\xbd"
	  "\xc3"
	  "\xa9"
	  "\xef"
	  "\xbf"
	  "\xbd"
	  ". The policy is why it is in the junk mailbox. Its junk keyword "
	  "has been removed since, or delivery did not set it.\n"
	  "What would have made it pass: an envelope sender of a?\"b and a "
	  "host which a?\"b allows in its SPF record; or an intact DKIM "
	  "signature of a?\"b." },
	/* through a list and a forwarder, results of a filter */
	{ "dmarc=fail (p=none) header.from=a.example policy.dmarc=none; "
	  "spf=pass (upstream f.example) smtp.mailfrom=l.example; "
	  "dkim=fail (upstream f.example) reason=\"body hash did not verify\" "
	  "header.d=a.example; arc=pass (upstream f.example) (authres: "
	  "client=192.0.2.9 received=1 forwarder=fwd.example "
	  "list=l.example)",
	  NULL, "$AuthFail", "INBOX", FALSE,
	  "The message names a.example as the domain of its author. The host "
	  "192.0.2.9 sent it, according to Received field 1 from the "
	  "top. It came through the forwarder fwd.example, which is trusted "
	  "here. It came through the mailing list l.example, which has proven "
	  "itself.\n"
	  "SPF: l.example allows this host to send its mail, but that proves "
	  "nothing about a.example (found by the filter f.example in front of "
	  "us). DKIM: it carries a signature of a.example, but the text was "
	  "changed after it had been signed (body hash did not verify) (found "
	  "by the filter f.example in front of us). ARC: servers on its way "
	  "say, in an intact chain, what they had found; that counts only "
	  "where the last of them is trusted here (found by the filter "
	  "f.example in front of us).\n"
	  "DMARC: nothing of that proves that a.example sent the message, and "
	  "the policy for that domain asks receivers to do nothing about mail "
	  "of which that cannot be proven.\n"
	  "It is now in the mailbox INBOX. Nothing of the above is a reason "
	  "for the junk mailbox.\n"
	  "What would have made it pass: an envelope sender of a.example and a "
	  "host which a.example allows in its SPF record; or that nobody had "
	  "changed it after a.example signed it." },
	/* nothing */
	{ NULL,
	  NULL, "", "INBOX", FALSE,
	  "Nothing is known about this message: it has no field. It was not"
	  " delivered by this server while authres was there, or somebody "
	  "else put it into the mailbox." },
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

static void test_story(void)
{
	struct authres_settings set;
	struct stored_verdict stored;
	struct story story;
	const char *const *errors, *expected;
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
		expected = tests[i].field == NULL ? tests[i].story :
			t_strconcat(tests[i].story, EVIDENCE,
				    !verdict_fails_enforced_policy(
					&stored.verdict) ? "" :
				    story.delivered ? CONFIRMED :
				    UNCONFIRMED, NULL);
		test_assert_strcmp_idx(str_c(str), expected, i);
		test_assert_idx(is_plain(str_c(str)), i);
	}
	pool_unref(&pool);
	test_end();
}

static void test_story_lesson(void)
{
	static const struct {
		enum story_lesson lesson;
		const char *name, *sentence;
	} lessons[] = {
		{ STORY_LESSON_UNKNOWN, "list=l.example", NULL },
		{ STORY_LESSON_NOTHING, "list=l.example",
		  " Moving it out of there takes back just this message, and "
		  "says nothing about further mail." },
		{ STORY_LESSON_ALLOW, "list=l.example",
		  " If its recipient moves it out of there, further mail of "
		  "the same author through the mailing list l.example stays "
		  "out of it, too." },
		{ STORY_LESSON_ALLOW, "forwarder=192.0.2.9",
		  " If its recipient moves it out of there, further mail of "
		  "the same author through the forwarder 192.0.2.9 stays out "
		  "of it, too." },
		{ STORY_LESSON_SECOND_DAY, "list=l.example",
		  " Once its recipient has moved mail of the same author "
		  "through the mailing list l.example out of there on two "
		  "different days, further mail of that kind stays out of it, "
		  "too." },
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
		test_assert_idx(lessons[i].sentence == NULL ?
			strstr(str_c(str), "out of there") == NULL :
			strstr(str_c(str), lessons[i].sentence) != NULL, i);
		test_assert_idx(is_plain(str_c(str)), i);
	}
	pool_unref(&pool);
	test_end();
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

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_story,
		test_story_lesson,
		test_story_size,
		NULL
	};
	return test_run(test_functions);
}
