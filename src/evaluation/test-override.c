/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "net.h"
#include "test-site.h"
#include "test-common.h"
#include "test-file.h"
#include "authres-field.h"
#include "author-domain.h"
#include "dns-session.h"
#include "dmarc-walk.h"
#include "resolver.h"
#include "override.h"

static const char test_zone[] =
"$TTL 300\n"
"author.example. TXT \"v=spf1 ip4:192.0.2.1 ip4:192.0.2.25 -all\"\n"
"_dmarc.author.example. TXT \"v=DMARC1; p=reject\"\n"
"bounce.author.example. TXT \"v=spf1 ip4:192.0.2.2 -all\"\n"
"soft.example. TXT \"v=spf1 ip4:192.0.2.1 ~all\"\n"
"_dmarc.soft.example. TXT \"v=DMARC1; p=reject\"\n"
"nospf.example. A 192.0.2.80\n"
"_dmarc.nospf.example. TXT \"v=DMARC1; p=reject\"\n"
"neutral.example. TXT \"v=spf1 ?all\"\n"
"_dmarc.neutral.example. TXT \"v=DMARC1; p=reject\"\n"
"broken.example. SERVFAIL\n"
"_dmarc.broken.example. TXT \"v=DMARC1; p=reject\"\n"
/* where it forwards; mx.fw.example has no SPF record */
"fw.example. TXT \"v=spf1 ip4:198.51.100.7 -all\"\n"
"evil.example. TXT \"v=spf1 ip4:203.0.113.66 -all\"\n"
/* organizations of lists and sealers */
"_dmarc.example.org. TXT \"v=DMARC1; p=none\"\n"
"_dmarc.groups.example. TXT \"v=DMARC1; p=none\"\n"
"_dmarc.own.groups.example. TXT \"v=DMARC1; p=none; psd=n\"\n"
"_dmarc.suffix.example. TXT \"v=DMARC1; p=none; psd=y\"\n"
"_dmarc.dead.example. SERVFAIL\n";

#define CLIENT "192.0.2.1"
#define STRANGER "203.0.113.66"
#define FORWARDER "198.51.100.7"
#define SRS "SRS0=h=t=author.example=a@fw.example"
#define CHANGED "changed author.example from"

static const char *const trusted_sealers[] = {
	"lists.example.org", "sealer.example", "google.com", "microsoft.com",
	NULL
};
static const char *const trusted_lists[] = {
	"lists.example.org", "my.groups.example", "own.groups.example",
	"list.suffix.example", "list.dead.example", NULL
};

static const struct override_case {
	const char *name;
	/* lines "d= authserv-id; results" from instance 1 */
	const char *arc;
	bool arc_failed;
	/* lines "pass|fail|changed d= h=" */
	const char *dkim;
	const char *list_id;
	/* "result domain" of MAIL FROM */
	const char *spf;
	const char *mail_from;
	const char *client_ip;
	const char *forwarder_ip, *forwarder;
	/* NULL = author.example */
	const char *author;
	/* "reason: comment", NULL = none */
	const char *expected;
	bool list_is_verified;
} override_cases[] = {
	{ "nothing", .expected = NULL },

	/* trusted sealers */
	{ "arc: a trusted sealer",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example",
	  .expected = "local_policy: arc=pass as[1].d=lists.example.org" },
	{ "arc: authserv-id below the sealer's domain",
	  .arc = "sealer.example mx1.sealer.example; dmarc=pass header.from=Author.Example",
	  .expected = "local_policy: arc=pass as[1].d=sealer.example" },
	{ "arc: authserv-id beside it, same organization",
	  .arc = "lists.example.org mail.example.org; dmarc=pass header.from=author.example",
	  .expected = "local_policy: arc=pass as[1].d=lists.example.org" },
	{ "arc: two trusted, the lower one counts",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example\n"
		 "sealer.example sealer.example; dmarc=fail header.from=author.example",
	  .expected = "local_policy: arc=pass as[1].d=lists.example.org" },
	{ "arc: trusted one on a stranger's set speaks for itself",
	  .arc = "evil.example evil.example; dmarc=fail header.from=author.example\n"
		 "lists.example.org lists.example.org; spf=fail; dmarc=pass (p=reject) header.from=author.example; arc=pass",
	  .expected = "local_policy: arc=pass as[2].d=lists.example.org" },
	{ "arc: as Google writes it",
	  .arc = "google.com mx.google.com; dkim=pass header.i=@author.example header.s=20230601 header.b=\"a/b+c=\"; "
		 "arc=pass (i=1 spf=pass spfdomain=author.example dkim=pass dkdomain=author.example dmarc=pass fromdomain=author.example); "
		 "spf=pass (google.com: domain of a@author.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@author.example; "
		 "dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=author.example; dara=pass header.i=@gmail.com",
	  .expected = "local_policy: arc=pass as[1].d=google.com" },
	{ "arc: as Microsoft writes it",
	  .arc = "microsoft.com mx.microsoft.com 1; spf=pass (sender ip is 192.0.2.1) smtp.rcpttodomain=us.example smtp.mailfrom=author.example; "
		 "dmarc=pass (p=reject sp=reject pct=100) action=none header.from=author.example; dkim=pass (signature was verified) header.d=author.example; "
		 "arc=pass (0 oda=1 ltdi=1 spf=[1,1,smtp.mailfrom=author.example] dmarc=[1,1,header.from=author.example])",
	  .expected = "local_policy: arc=pass as[1].d=microsoft.com" },
	{ "arc: as Microsoft writes a guess",
	  .arc = "microsoft.com mx.microsoft.com 1; spf=pass smtp.mailfrom=author.example; dmarc=bestguesspass action=none header.from=author.example" },
	{ "arc: the chain failed", .arc_failed = TRUE,
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example" },
	{ "arc: attacker's set 1 below a trusted set 2",
	  .arc = "evil.example evil.example; dmarc=pass header.from=author.example\n"
		 "lists.example.org lists.example.org; dmarc=fail header.from=author.example" },
	{ "arc: attacker's set 1 in the name of the trusted sealer's authserv-id",
	  .arc = "evil.example lists.example.org; dmarc=pass header.from=author.example\n"
		 "lists.example.org lists.example.org; dmarc=fail header.from=author.example" },
	{ "arc: trusted set 2 says nothing of DMARC",
	  .arc = "evil.example evil.example; dmarc=pass header.from=author.example\n"
		 "lists.example.org lists.example.org; arc=pass" },
	{ "arc: stranger on top",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example\n"
		 "evil.example evil.example; dmarc=pass header.from=author.example" },
	{ "arc: trusted, stranger, trusted: what is below the stranger does not count",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example\n"
		 "evil.example evil.example; dmarc=pass header.from=author.example\n"
		 "sealer.example sealer.example; dmarc=fail header.from=author.example" },
	{ "arc: look-alikes of the sealer",
	  .arc = "lists.example.org.evil.example lists.example.org; dmarc=pass header.from=author.example" },
	{ "arc: look-alikes of the sealer",
	  .arc = "xlists.example.org lists.example.org; dmarc=pass header.from=author.example" },
	{ "arc: below a trusted sealer",
	  .arc = "a.lists.example.org a.lists.example.org; dmarc=pass header.from=author.example" },
	{ "arc: above a trusted sealer",
	  .arc = "example.org lists.example.org; dmarc=pass header.from=author.example" },
	{ "arc: results of another authserv-id",
	  .arc = "lists.example.org evil.example; dmarc=pass header.from=author.example" },
	{ "arc: results of a look-alike authserv-id",
	  .arc = "sealer.example xsealer.example; dmarc=pass header.from=author.example" },
	{ "arc: authserv-id that is no domain",
	  .arc = "lists.example.org \"a b\"; dmarc=pass header.from=author.example" },
	{ "arc: authserv-id of the top-level domain",
	  .arc = "lists.example.org org; dmarc=pass header.from=author.example" },
	{ "arc: organization of the authserv-id unknown",
	  .arc = "sealer.example x.dead.example; dmarc=pass header.from=author.example" },
	{ "arc: results that cannot be read",
	  .arc = "lists.example.org ;;; dmarc=pass header.from=author.example" },
	{ "arc: another author",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=evil.example" },
	{ "arc: author's subdomain",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=a.author.example" },
	{ "arc: author's parent", .author = "a.author.example",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example" },
	{ "arc: no author",
	  .arc = "lists.example.org lists.example.org; dmarc=pass" },
	{ "arc: several header.from",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example header.from=evil.example" },
	{ "arc: two DMARC results",
	  .arc = "lists.example.org lists.example.org; dmarc=pass header.from=author.example; dmarc=pass header.from=evil.example" },
	{ "arc: two DMARC results",
	  .arc = "lists.example.org lists.example.org; dmarc=fail header.from=evil.example; dmarc=pass header.from=author.example" },
	{ "arc: author in another property",
	  .arc = "lists.example.org lists.example.org; dmarc=pass smtp.from=author.example" },
	{ "arc: not a pass",
	  .arc = "lists.example.org lists.example.org; dmarc=none header.from=author.example" },
	{ "arc: DMARC passed in a comment and a reason",
	  .arc = "lists.example.org lists.example.org; spf=fail (dmarc=pass header.from=author.example) reason=\"dmarc=pass header.from=author.example\" smtp.mailfrom=x" },

	/* trusted forwarders */
	{ "forwarder: rewritten by SRS, body changed",
	  .dkim = CHANGED, .mail_from = SRS, .client_ip = CLIENT,
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER,
	  .expected = "trusted_forwarder: " FORWARDER },
	{ "forwarder: bounce domain of the author",
	  .dkim = "changed a.author.example from", .client_ip = "192.0.2.2",
	  .mail_from = "SRS0=h=t=bounce.author.example=a@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER,
	  .expected = "trusted_forwarder: " FORWARDER },
	{ "forwarder: forwarded twice",
	  .dkim = CHANGED, .client_ip = "192.0.2.25",
	  .mail_from = "SRS1=h=first.example==h=t=author.example=a@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER,
	  .expected = "trusted_forwarder: " FORWARDER },
	{ "forwarder: with its own address",
	  .dkim = CHANGED, .mail_from = "user@fw.example", .client_ip = CLIENT,
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER,
	  .expected = "trusted_forwarder: " FORWARDER },
	{ "forwarder: known by name, without SPF record",
	  .dkim = CHANGED, .mail_from = "user@mx.fw.example",
	  .client_ip = CLIENT, .forwarder_ip = "198.51.100.8",
	  .forwarder = "mx.fw.example",
	  .expected = "trusted_forwarder: mx.fw.example" },
	{ "forwarder: a newsletter from a host the author lets send",
	  .dkim = CHANGED, .client_ip = "192.0.2.25",
	  .mail_from = "SRS0=h=t=esp.example=a@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER,
	  .expected = "trusted_forwarder: " FORWARDER },
	{ "forwarder: none, the same otherwise",
	  .dkim = CHANGED, .mail_from = SRS, .client_ip = CLIENT },
	{ "forwarder: spoof without any signature",
	  .mail_from = SRS, .client_ip = CLIENT,
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: spoof with an invented signature",
	  .dkim = "fail author.example from", .mail_from = SRS,
	  .client_ip = CLIENT, .forwarder_ip = FORWARDER,
	  .forwarder = FORWARDER },
	{ "forwarder: the stranger's own signature broke",
	  .dkim = "changed evil.example from\npass evil.example from",
	  .mail_from = SRS, .client_ip = CLIENT,
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: replayed header with another body, sent by a stranger",
	  .dkim = CHANGED, .mail_from = SRS, .client_ip = STRANGER,
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: replayed by a stranger whose own MAIL FROM has a pass",
	  .dkim = CHANGED, .client_ip = STRANGER,
	  .mail_from = "SRS0=h=t=evil.example=a@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: replayed with a null reverse-path of the stranger",
	  .dkim = CHANGED, .client_ip = STRANGER, .mail_from = "",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: replayed, MAIL FROM not rewritten",
	  .dkim = CHANGED, .client_ip = STRANGER, .mail_from = "a@evil.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: MAIL FROM is the author's own",
	  .dkim = CHANGED, .client_ip = CLIENT, .mail_from = "a@author.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: MAIL FROM is neither's",
	  .dkim = CHANGED, .client_ip = CLIENT, .mail_from = "a@evil.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: MAIL FROM in the top-level domain of its name",
	  .dkim = CHANGED, .client_ip = CLIENT, .mail_from = "a@example",
	  .forwarder_ip = "198.51.100.8", .forwarder = "mx.fw.example" },
	{ "forwarder: softfail is no pass", .author = "soft.example",
	  .dkim = "changed soft.example from", .client_ip = STRANGER,
	  .mail_from = "user@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: neutral is no pass", .author = "neutral.example",
	  .dkim = "changed neutral.example from", .client_ip = STRANGER,
	  .mail_from = "user@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: the author has no SPF record", .author = "nospf.example",
	  .dkim = "changed nospf.example from", .client_ip = STRANGER,
	  .mail_from = "user@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: SPF cannot be asked", .author = "broken.example",
	  .dkim = "changed broken.example from", .client_ip = STRANGER,
	  .mail_from = "user@fw.example",
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: client unknown",
	  .dkim = CHANGED, .mail_from = SRS,
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },
	{ "forwarder: MAIL FROM unknown",
	  .dkim = CHANGED, .client_ip = CLIENT,
	  .forwarder_ip = FORWARDER, .forwarder = FORWARDER },

	/* lists */
	{ "list: signed by its domain",
	  .list_id = "dev.lists.example.org",
	  .dkim = "pass lists.example.org from:list-id",
	  .expected = "mailing_list: dev.lists.example.org",
	  .list_is_verified = TRUE },
	{ "list: the listed domain itself, signed above it",
	  .list_id = "lists.example.org",
	  .dkim = "fail author.example from\npass example.org From:LIST-ID:To",
	  .expected = "mailing_list: lists.example.org",
	  .list_is_verified = TRUE },
	{ "list: SPF pass",
	  .list_id = "dev.lists.example.org", .spf = "pass lists.example.org",
	  .expected = "mailing_list: dev.lists.example.org",
	  .list_is_verified = TRUE },
	{ "list: one of a host of many, signed by the host",
	  .list_id = "my.groups.example", .dkim = "pass groups.example list-id",
	  .expected = "mailing_list: my.groups.example",
	  .list_is_verified = TRUE },
	{ "list: verified, but not listed",
	  .list_id = "other.groups.example",
	  .dkim = "pass groups.example list-id", .list_is_verified = TRUE },
	{ "list: verified, but not listed",
	  .list_id = "list.evil.example", .dkim = "pass evil.example list-id",
	  .list_is_verified = TRUE },
	{ "list: verified look-alike", .list_id = "xlists.example.org",
	  .spf = "pass xlists.example.org", .list_is_verified = TRUE },
	{ "list: verified look-alike",
	  .list_id = "lists.example.org.evil.example",
	  .spf = "pass example.org.evil.example", .list_is_verified = TRUE },
	{ "list: two labels above, and no organization is published",
	  .list_id = "dev.list.evil.example",
	  .dkim = "pass evil.example list-id" },
	{ "list: the top-level domain above it, and no organization",
	  .list_id = "evil.example", .dkim = "pass example list-id" },
	{ "list: bare List-Id", .list_id = "dev.lists.example.org" },
	{ "list: bare List-Id, and a stranger's own pass",
	  .list_id = "dev.lists.example.org",
	  .dkim = "pass evil.example from:list-id", .spf = "pass evil.example" },
	{ "list: signature that does not verify",
	  .list_id = "dev.lists.example.org",
	  .dkim = "fail lists.example.org from:list-id\n"
		  "changed lists.example.org from:list-id" },
	{ "list: signature of another list of the host, List-Id not signed",
	  .list_id = "my.groups.example", .dkim = "pass groups.example from" },
	{ "list: signature of a neighbour on the host",
	  .list_id = "my.groups.example",
	  .dkim = "pass evil.groups.example list-id" },
	{ "list: SPF pass of a neighbour on the host",
	  .list_id = "my.groups.example", .spf = "pass evil.groups.example" },
	{ "list: signature from below", .list_id = "lists.example.org",
	  .dkim = "pass a.lists.example.org list-id" },
	{ "list: another organization above it",
	  .list_id = "own.groups.example", .dkim = "pass groups.example list-id" },
	{ "list: the public suffix above it",
	  .list_id = "list.suffix.example", .dkim = "pass suffix.example list-id",
	  .spf = "pass example" },
	{ "list: organization unknown", .list_id = "list.dead.example",
	  .dkim = "pass dead.example list-id" },
	{ "list: SPF of HELO", .list_id = "dev.lists.example.org",
	  .spf = "helo lists.example.org" },
	{ "list: SPF softfail", .list_id = "dev.lists.example.org",
	  .spf = "softfail lists.example.org" },

	/* section 4 of the design: who comes first */
	{ "all three",
	  .arc = "sealer.example sealer.example; dmarc=pass header.from=author.example",
	  .dkim = CHANGED "\npass lists.example.org list-id",
	  .list_id = "dev.lists.example.org", .mail_from = SRS,
	  .client_ip = CLIENT, .forwarder_ip = FORWARDER,
	  .forwarder = FORWARDER, .list_is_verified = TRUE,
	  .expected = "local_policy: arc=pass as[1].d=sealer.example" },
	{ "forwarder and list",
	  .dkim = CHANGED "\npass lists.example.org list-id",
	  .list_id = "dev.lists.example.org", .mail_from = SRS,
	  .client_ip = CLIENT, .forwarder_ip = FORWARDER,
	  .forwarder = FORWARDER, .list_is_verified = TRUE,
	  .expected = "trusted_forwarder: " FORWARDER },
};

struct override_run {
	pool_t pool;
	struct identity identity;
	struct author author;
	struct spf_query spf_query;
	struct spf_outcome spf;
	struct arc_outcome arc;
	struct verdict_outcomes outcomes;
};

static void
run_init_arc(struct override_run *run, const char *text, bool failed)
{
	const char *const *lines = t_strsplit(text, "\n");
	struct arc_set_outcome *set;
	struct authres_field field;
	const char *error, *value;

	run->outcomes.arc = &run->arc;
	run->arc.result = failed ? CHECK_RESULT_FAIL : CHECK_RESULT_PASS;
	p_array_init(&run->arc.sets, run->pool, 4);
	for (; *lines != NULL; lines++) {
		set = array_append_space(&run->arc.sets);
		value = strchr(*lines, ' ');
		set->sealer = p_strdup_until(run->pool, *lines, value);
		if (authres_field_parse(run->pool,
					(const unsigned char *)value,
					strlen(value), &field, &error) == 0) {
			set->authserv_id = field.authserv_id;
			set->results = field.results;
		} else {
			p_array_init(&set->results, run->pool, 1);
		}
		run->arc.newest_instance++;
	}
}

static void run_init_dkim(struct override_run *run, const char *text)
{
	const char *const *lines = t_strsplit(text, "\n"), *const *words;
	struct dkim_signature_outcome *signature;

	for (; *lines != NULL; lines++) {
		words = t_strsplit(*lines, " ");
		signature = array_append_space(&run->outcomes.dkim);
		signature->result = strcmp(words[0], "pass") == 0 ?
			CHECK_RESULT_PASS : CHECK_RESULT_FAIL;
		signature->body_hash_only_failed =
			strcmp(words[0], "changed") == 0;
		signature->sdid = p_strdup(run->pool, words[1]);
		signature->signed_names = (const char *const *)
			p_strsplit(run->pool, words[2], ":");
	}
}

static void run_init_spf(struct override_run *run, const char *text)
{
	const char *const *words = t_strsplit(text, " ");

	run->spf.helo_identity = strcmp(words[0], "helo") == 0;
	run->spf.domain = p_strdup(run->pool, words[1]);
	run->spf.result = CHECK_RESULT_PASS;
	if (!run->spf.helo_identity &&
	    check_result_word_parse(words[0], &run->spf.result) < 0)
		i_unreached();
	run->outcomes.mail_from_spf = &run->spf;
}

static void
run_init(struct override_run *run, pool_t pool,
	 const struct override_case *test)
{
	struct identity *identity = &run->identity;
	struct verdict_outcomes *outcomes = &run->outcomes;
	struct dmarc_outcome *dmarc;
	const char **domains = p_new(pool, const char *, 2);

	i_zero(run);
	run->pool = pool;
	identity->mail_from = test->mail_from;
	identity->forwarder = test->forwarder;
	if ((test->client_ip != NULL &&
	     net_addr2ip(test->client_ip, &identity->client_ip) < 0) ||
	    (test->forwarder_ip != NULL &&
	     net_addr2ip(test->forwarder_ip, &identity->forwarder_ip) < 0))
		i_unreached();
	domains[0] = test->author == NULL ? "author.example" : test->author;
	run->author.domains = domains;
	run->author.single = TRUE;

	outcomes->identity = identity;
	outcomes->author = &run->author;
	outcomes->list_id = test->list_id;
	outcomes->dkim_evaluated = outcomes->dmarc_evaluated = TRUE;
	if (identity->client_ip.family != 0) {
		run->spf_query.client_ip = identity->client_ip;
		outcomes->spf_query = &run->spf_query;
		outcomes->check_spf = check_spf;
	}
	p_array_init(&outcomes->dkim, pool, 4);
	p_array_init(&outcomes->dmarc, pool, 1);
	dmarc = array_append_space(&outcomes->dmarc);
	dmarc->result = CHECK_RESULT_FAIL;
	dmarc->policy = DMARC_POLICY_REJECT;
	dmarc->author_domain = domains[0];
	if (test->arc != NULL)
		run_init_arc(run, test->arc, test->arc_failed);
	if (test->dkim != NULL)
		run_init_dkim(run, test->dkim);
	if (test->spf != NULL)
		run_init_spf(run, test->spf);
}

static void resolved(void *context ATTR_UNUSED)
{
}

static void
run_find(struct override_run *run, struct resolver *resolver,
	 enum dmarc_mode mode, struct verdict *verdict_r)
{
	static const struct override_settings set = {
		.arc_trusted_sealers = trusted_sealers,
		.trusted_lists = trusted_lists,
	};
	struct dmarc_settings dmarc_set = { .mode = mode };
	struct dns_session *dns = dns_session_init(run->pool, resolver);
	struct dmarc_lookups *lookups;
	const char *error;
	bool again;

	if (dmarc_settings_init(&dmarc_set, &error) < 0)
		i_panic("%s", error);
	do {
		i_zero(verdict_r);
		verdict_r->forwarder = run->identity.forwarder;
		dns_session_begin_run(dns);
		lookups = dmarc_lookups_init(run->pool, &dmarc_set, dns);
		verdict_r->list_domain =
			verdict_list_domain(&run->outcomes, lookups);
		verdict_override_find(run->pool, &set, &run->outcomes, lookups,
				      dns, verdict_r);
		dmarc_lookups_deinit(&lookups);
		again = dns_session_run_incomplete(dns);
		if (again)
			dns_session_resolve(dns, resolved, NULL);
	} while (again);
	dns_session_deinit(&dns);
	dmarc_settings_deinit(&dmarc_set);
}

static const char *t_override(const struct verdict *verdict)
{
	if (verdict->override_reason == OVERRIDE_REASON_NONE)
		return verdict->override_comment;
	return t_strdup_printf("%s: %s",
		override_reason_name(verdict->override_reason),
		verdict->override_comment);
}

static void test_verdict_override(void)
{
	struct resolver *resolver = test_site_resolver(test_zone);
	struct override_run run;
	struct verdict verdict;

	test_begin("verdict override");
	for (unsigned int i = 0; i < N_ELEMENTS(override_cases); i++) T_BEGIN {
		const struct override_case *test = &override_cases[i];
		pool_t pool = pool_alloconly_create("test", 4096);

		run_init(&run, pool, test);
		run_find(&run, resolver, DMARC_MODE_RFC9989, &verdict);
		test_assert_strcmp_idx(t_override(&verdict), test->expected, i);
		test_assert_strcmp_idx(verdict.list_domain,
			test->list_is_verified ? test->list_id : NULL, i);
		pool_unref(&pool);
	} T_END;
	resolver_deinit(&resolver);
	test_end();
}

/* Only what the author's own hosts gave to the forwarder came through it. */
static void test_verdict_override_forwarder_kept(void)
{
	static const struct {
		const char *author, *mail_from, *client_ip;
		bool kept;
	} tests[] = {
		{ "author.example", SRS, CLIENT, TRUE },
		{ "author.example", "user@fw.example", CLIENT, TRUE },
		{ "author.example", "", CLIENT, TRUE },
		{ "author.example", NULL, CLIENT, TRUE },
		{ "author.example", SRS, STRANGER, FALSE },
		{ "author.example", "user@fw.example", STRANGER, FALSE },
		{ "author.example", "", STRANGER, FALSE },
		/* a pass of the stranger's own */
		{ "author.example", "SRS0=h=t=evil.example=a@fw.example",
		  STRANGER, FALSE },
		{ "author.example", "a@evil.example", STRANGER, FALSE },
		{ "soft.example", SRS, STRANGER, FALSE },
		{ "nospf.example", SRS, STRANGER, FALSE },
		{ "broken.example", SRS, STRANGER, FALSE },
		{ "author.example", SRS, NULL, FALSE },
	};
	struct resolver *resolver = test_site_resolver(test_zone);
	struct override_run run;
	struct verdict verdict;

	test_begin("verdict override: forwarder kept");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		struct override_case test = {
			.author = tests[i].author,
			.mail_from = tests[i].mail_from,
			.client_ip = tests[i].client_ip,
			.forwarder_ip = FORWARDER, .forwarder = FORWARDER,
		};
		pool_t pool = pool_alloconly_create("test", 4096);

		run_init(&run, pool, &test);
		run_find(&run, resolver, DMARC_MODE_RFC9989, &verdict);
		test_assert_strcmp_idx(verdict.forwarder,
				       tests[i].kept ? FORWARDER : NULL, i);
		test_assert_idx(verdict.override_reason ==
				OVERRIDE_REASON_NONE, i);
		pool_unref(&pool);
	} T_END;
	resolver_deinit(&resolver);
	test_end();
}

/* Whatever is wrong with the message, nobody overrides these. */
static void test_verdict_override_never(void)
{
	static const struct {
		const char *author;
		enum check_result_word dmarc;
		enum dmarc_policy policy;
		/* s = single, m = multiple, e = evaluated, 2 = two outcomes */
		const char *flags;
		bool overridden;
	} tests[] = {
		{ "author.example", CHECK_RESULT_FAIL, DMARC_POLICY_REJECT,
		  "se", TRUE },
		{ "author.example", CHECK_RESULT_FAIL, DMARC_POLICY_QUARANTINE,
		  "se", TRUE },
		{ "author.example", CHECK_RESULT_FAIL, DMARC_POLICY_NONE,
		  "se", FALSE },
		{ "author.example", CHECK_RESULT_PASS, DMARC_POLICY_REJECT,
		  "se", FALSE },
		{ "author.example", CHECK_RESULT_TEMPERROR, DMARC_POLICY_REJECT,
		  "se", FALSE },
		{ "author.example", CHECK_RESULT_FAIL, DMARC_POLICY_REJECT,
		  "e", FALSE },
		{ "author.example", CHECK_RESULT_FAIL, DMARC_POLICY_REJECT,
		  "me", FALSE },
		{ "author.example", CHECK_RESULT_FAIL, DMARC_POLICY_REJECT,
		  "se2", FALSE },
		{ "author.example", CHECK_RESULT_FAIL, DMARC_POLICY_REJECT,
		  "s", FALSE },
	};
	static const struct override_case all = {
		.arc = "sealer.example sealer.example; dmarc=pass header.from=author.example",
		.dkim = CHANGED "\npass lists.example.org list-id",
		.list_id = "dev.lists.example.org", .mail_from = SRS,
		.client_ip = CLIENT, .forwarder_ip = FORWARDER,
		.forwarder = FORWARDER,
	};
	struct resolver *resolver = test_site_resolver(test_zone);
	struct dmarc_outcome *dmarc;
	struct override_run run;
	struct verdict verdict;

	test_begin("verdict override: never");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		run_init(&run, pool, &all);
		dmarc = array_front_modifiable(&run.outcomes.dmarc);
		dmarc->result = tests[i].dmarc;
		dmarc->policy = tests[i].policy;
		run.author.single = strchr(tests[i].flags, 's') != NULL;
		run.author.multiple = strchr(tests[i].flags, 'm') != NULL;
		run.outcomes.dmarc_evaluated =
			strchr(tests[i].flags, 'e') != NULL;
		if (strchr(tests[i].flags, '2') != NULL)
			array_push_back(&run.outcomes.dmarc, dmarc);
		run_find(&run, resolver, DMARC_MODE_RFC9989, &verdict);
		test_assert_idx((verdict.override_reason !=
				 OVERRIDE_REASON_NONE) ==
				tests[i].overridden, i);
		pool_unref(&pool);
	} T_END;
	resolver_deinit(&resolver);
	test_end();
}

/* RFC 7489: the Public Suffix List says what an organization is. */
static void test_verdict_override_rfc7489(void)
{
	static const struct {
		const char *list_id, *dkim;
		bool verified;
	} tests[] = {
		{ "dev.lists.example.org", "pass example.org list-id", TRUE },
		{ "dev.lists.example.org", "pass org list-id", FALSE },
		{ "list.example.co.uk", "pass example.co.uk list-id", TRUE },
		{ "list.example.co.uk", "pass co.uk list-id", FALSE },
		{ "list.github.io", "pass github.io list-id", FALSE },
		{ "list.github.io", "pass evil.github.io list-id", FALSE },
		{ "my.groups.io", "pass groups.io list-id", TRUE },
		{ "my.googlegroups.com", "pass googlegroups.com list-id", TRUE },
		{ "my.googlegroups.com", "pass evil.googlegroups.com list-id",
		  FALSE },
	};
	struct resolver *resolver = test_site_resolver(test_zone);
	struct override_case test;
	struct override_run run;
	struct verdict verdict;

	test_begin("verdict override: RFC 7489");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) T_BEGIN {
		pool_t pool = pool_alloconly_create("test", 4096);

		i_zero(&test);
		test.list_id = tests[i].list_id;
		test.dkim = tests[i].dkim;
		run_init(&run, pool, &test);
		run_find(&run, resolver, DMARC_MODE_RFC7489, &verdict);
		test_assert_idx((verdict.list_domain != NULL) ==
				tests[i].verified, i);
		pool_unref(&pool);
	} T_END;
	resolver_deinit(&resolver);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_verdict_override,
		test_verdict_override_forwarder_kept,
		test_verdict_override_never,
		test_verdict_override_rfc7489,
		NULL
	};
	return test_run(test_functions);
}
