/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-settings.h"
#include "dovecot-config.h"
#include "config-report-private.h"

#include <stdarg.h>

/* Maildir has room for 26 in file names, and users have their own. */
#define CONFIG_MANY_KEYWORDS 10
/* A sending MTA gives up on a message after some minutes. */
#define CONFIG_LONG_TIMEOUT_MSECS (60 * 1000)
#define CONFIG_CONTAINER_ID_CHARS 12

/* Where what is learnt is kept. */
static void
report_dict(pool_t pool, const struct dovecot_config *dovecot,
	    ARRAY_TYPE(config_row) *rows)
{
	const char *name = dovecot->authres_dict_proxy;

	if (dovecot->authres_dict_empty)
		ADD(ERROR, "authres_dict", "",
		    "there is no dict to keep what moves teach: say "
		    "authres_learn = no, or leave out authres_dict");
	else if (name != NULL && !str_array_find(dovecot->dicts, name))
		ADD(ERROR, "authres_dict", name,
		    "the dict server has no dict of this name: nothing is "
		    "learnt. Its names: %s", dovecot->dicts[0] == NULL ?
		    "none" : t_joined(dovecot->dicts));
}

static void
report_learning(pool_t pool, const struct config_report_query *query,
		ARRAY_TYPE(config_row) *rows)
{
	const struct authres_settings *set = query->set;
	bool imap = str_array_find(query->dovecot->imap_plugins, "authres");

	if (set->learn != AUTHRES_LEARN_NO)
		report_dict(pool, query->dovecot, rows);
	if (set->learn == AUTHRES_LEARN_NO)
		ADD(INFO, "authres_learn", authres_learn_word(set->learn),
		    "moves teach nothing; doveadm authres allow does");
	else if (!imap)
		ADD(WARNING, "authres_learn", authres_learn_word(set->learn),
		    "mail_plugins of imap lack authres: no move is seen");
	else
		ADD(OK, "authres_learn", authres_learn_word(set->learn),
		    "list and forwarded mail that a user moves out of Junk is "
		    "let through for %u days", set->allow_days);
}

static void
report_plugins(pool_t pool, const struct dovecot_config *dovecot,
	       ARRAY_TYPE(config_row) *rows)
{
	bool lmtp = str_array_find(dovecot->lmtp_plugins, "authres");
	bool lda = str_array_find(dovecot->lda_plugins, "authres");

	if (dovecot->broken_plugins_protocol != NULL)
		ADD(ERROR, "mail_plugins", dovecot->broken_plugins_protocol,
		    "a line break is in the list, which comes from a file "
		    "(mail_plugins = </path): this protocol does not start. "
		    "Write that file without one at its end (printf)");
	if (lmtp)
		ADD(OK, "mail_plugins of lmtp", t_joined(dovecot->lmtp_plugins),
		    "mail that comes by LMTP is judged");
	else if (lda)
		ADD(INFO, "mail_plugins of lmtp",
		    t_joined(dovecot->lmtp_plugins),
		    "authres is not loaded: mail that comes by LMTP is not "
		    "judged");
	else
		ADD(ERROR, "mail_plugins of lmtp",
		    t_joined(dovecot->lmtp_plugins),
		    "authres is neither here nor in those of lda: no mail is "
		    "judged");
	if (lda)
		ADD(OK, "mail_plugins of lda", t_joined(dovecot->lda_plugins),
		    "mail that comes by dovecot-lda is judged");
	else
		ADD(INFO, "mail_plugins of lda", t_joined(dovecot->lda_plugins),
		    "authres is not loaded: mail that comes by dovecot-lda is "
		    "not judged");
	if (str_array_find(dovecot->imap_plugins, "authres"))
		ADD(OK, "mail_plugins of imap", t_joined(dovecot->imap_plugins),
		    "mail that users move out of Junk loses its junk "
		    "keywords");
	else
		ADD(INFO, "mail_plugins of imap",
		    t_joined(dovecot->imap_plugins),
		    "authres is not loaded: moving mail out of Junk changes "
		    "nothing else");
	if (dovecot->lmtp_proxy && lmtp)
		ADD(INFO, "lmtp_proxy", "yes",
		    "mail for recipients on another host is judged there, not "
		    "here");
}

/* "3f2a9c1b7d55", the identifier of a container, is its default host name. */
static bool name_is_of_container(const char *name)
{
	size_t length = strcspn(name, ".");

	return length == CONFIG_CONTAINER_ID_CHARS &&
		strspn(name, "0123456789abcdef") == length &&
		strcspn(name, "0123456789") < length;
}

static void
report_field(pool_t pool, const struct authres_settings *set,
	     ARRAY_TYPE(config_row) *rows)
{
	const char *id = set->authserv_ids[0];

	if (strchr(id, '.') == NULL || strcmp(id, "localhost") == 0)
		ADD(WARNING, "authres_authserv_id", t_joined(set->authserv_ids),
		    "%s is not a full host name, so others may use it, "
		    "too: set authres_authserv_id or hostname", id);
	else if (name_is_of_container(id))
		ADD(WARNING, "authres_authserv_id", t_joined(set->authserv_ids),
		    "%s looks like the name that a container gets anew each "
		    "time: set authres_authserv_id or hostname", id);
	else
		ADD(OK, "authres_authserv_id", t_joined(set->authserv_ids),
		    "our field names %s; incoming fields that claim any of "
		    "these are removed", id);
}

static void
report_checks(pool_t pool, const struct authres_settings *set,
	      ARRAY_TYPE(config_row) *rows)
{
	bool spf = str_array_find(set->checks, "spf");
	bool dkim = str_array_find(set->checks, "dkim");
	bool arc = str_array_find(set->checks, "arc");
	const char *checks = t_joined(set->checks);

	if (!str_array_find(set->checks, "dmarc"))
		ADD(WARNING, "authres_checks", checks,
		    "without dmarc no policy is known: nothing goes to Junk");
	else if (!spf && !dkim)
		ADD(ERROR, "authres_checks", checks,
		    "dmarc needs spf or dkim: nothing can pass");
	else if (!spf || !dkim)
		ADD(WARNING, "authres_checks", checks,
		    "without %s, much good mail fails DMARC",
		    spf ? "dkim" : "spf");
	else
		ADD(OK, "authres_checks", checks, "checked in each message");
	if (set->arc_trusted_sealers[0] != NULL && !arc)
		ADD(ERROR, "authres_arc_trusted_sealers",
		    t_joined(set->arc_trusted_sealers),
		    "authres_checks lacks arc: no sealer is trusted");
	ADD(OK, "engines", t_strdup_printf("spf: %s, dkim: %s",
			authres_spf_engine_word(set->spf_engine),
			authres_dkim_engine_word(set->dkim_engine)),
	    "these check SPF and DKIM");
	if (set->dmarc_mode == AUTHRES_DMARC_MODE_RFC7489)
		ADD(INFO, "authres_dmarc_mode",
		    authres_dmarc_mode_word(set->dmarc_mode),
		    "organizational domains by the system's Public Suffix "
		    "List, pct is honoured");
	else
		ADD(OK, "authres_dmarc_mode",
		    authres_dmarc_mode_word(set->dmarc_mode),
		    "organizational domains by DNS tree walk");
}

static void
report_temperror(pool_t pool, const struct authres_settings *set,
		 ARRAY_TYPE(config_row) *rows)
{
	const char *name = "authres_temperror_action";
	enum authres_temperror_action action = set->temperror_action;
	const char *value = authres_temperror_action_word(action);

	if (action == AUTHRES_TEMPERROR_ACTION_TEMPFAIL)
		ADD(INFO, name, value, "mail waits in the MTA's queue while "
		    "DNS or the verifier do not answer");
	else if (action == AUTHRES_TEMPERROR_ACTION_KEEP)
		ADD(WARNING, name, value, "a forger can escape every policy by "
		    "choosing names that do not answer");
	else if (action == AUTHRES_TEMPERROR_ACTION_JUNK ||
		 set->temperror_wait_msecs == 0)
		ADD(INFO, name, value, "mail whose policy is known goes to "
		    "Junk at once when another name in it does not answer");
	else
		ADD(OK, name, value, "mail whose policy is known waits in the "
		    "MTA's queue for names that do not answer, for at most %u "
		    "minutes, and then goes to Junk",
		    set->temperror_wait_msecs / 60000);
}

static void
report_stale_policy(pool_t pool, const struct authres_settings *set,
		    ARRAY_TYPE(config_row) *rows)
{
	const char *topic = "authres_stale_policy";

	if (set->stale_policy_msecs == 0)
		ADD(WARNING, topic, "0", "a policy is forgotten when DNS no "
		    "longer answers for it: a forger who silences the author's "
		    "DNS escapes the policy");
	else
		ADD(OK, topic, t_strdup_printf("%u hours",
			set->stale_policy_msecs / (3600 * 1000)),
		    "the last known policy is used for this long while DNS "
		    "does not answer");
}

static void
report_actions(pool_t pool, const struct authres_settings *set,
	       ARRAY_TYPE(config_row) *rows)
{
	if (set->mode == AUTHRES_MODE_ENFORCE)
		ADD(OK, "authres_mode", authres_mode_word(set->mode),
		    "quarantine: %s, reject: %s",
		    authres_quarantine_action_word(set->quarantine_action),
		    authres_reject_action_word(set->reject_action));
	else if (set->mode == AUTHRES_MODE_TAG)
		ADD(INFO, "authres_mode", authres_mode_word(set->mode),
		    "mail gets its field and keywords and stays where it "
		    "would have gone");
	else
		ADD(WARNING, "authres_mode", authres_mode_word(set->mode),
		    "mail is not judged, except for users whose userdb says "
		    "otherwise");
	if (set->reject_action == AUTHRES_REJECT_ACTION_REJECT)
		ADD(INFO, "authres_reject_action",
		    authres_reject_action_word(set->reject_action),
		    "only mail whose MAIL FROM passes SPF is rejected (550), "
		    "and only by LMTP; other mail goes to Junk");
	report_temperror(pool, set, rows);
	report_stale_policy(pool, set, rows);
}

static void
report_keywords(pool_t pool, const struct authres_settings *set,
		ARRAY_TYPE(config_row) *rows)
{
	const char *const *const lists[] = {
		set->keyword_pass, set->keyword_fail, set->keyword_temperror,
		set->keyword_override, set->keyword_junk,
		set->keyword_phishing
	};
	ARRAY_TYPE(const_string) words;
	unsigned int i, count;

	t_array_init(&words, 16);
	for (i = 0; i < N_ELEMENTS(lists); i++) {
		array_append(&words, lists[i], str_array_length(lists[i]));
	}
	count = array_count(&words);
	array_append_zero(&words);
	/* a method has about a handful of results */
	if (count > CONFIG_MANY_KEYWORDS || set->keyword_methods[0] != NULL)
		ADD(WARNING, "authres_keyword_*",
		    t_joined(array_front(&words)),
		    "Maildir keeps 26 keywords for each mailbox, the user's "
		    "own among them%s",
		    set->keyword_methods[0] == NULL ? "" :
		    "; authres_keyword_methods adds one for each result");
	else
		ADD(OK, "authres_keyword_*", t_joined(array_front(&words)),
		    "what IMAP clients see and can search for");
}

static void
report_timeout(pool_t pool, const struct authres_settings *set,
	       ARRAY_TYPE(config_row) *rows)
{
	const char *value = t_strdup_printf("%u ms", set->timeout_msecs);

	if (set->timeout_msecs > CONFIG_LONG_TIMEOUT_MSECS)
		ADD(WARNING, "authres_timeout", value,
		    "a message whose DNS does not answer holds up the MTA's "
		    "connection for so long");
	else
		ADD(OK, "authres_timeout", value,
		    "no message waits longer for its verdict");
}

void config_report_get(pool_t pool, const struct config_report_query *query,
		       ARRAY_TYPE(config_row) *rows)
{
	const char *const *error;

	for (error = query->setting_errors; *error != NULL; error++)
		ADD(ERROR, "settings", "", "%s", *error);
	report_plugins(pool, query->dovecot, rows);
	report_field(pool, query->set, rows);
	report_checks(pool, query->set, rows);
	config_report_trust(pool, query, rows);
	config_report_own(pool, query, rows);
	report_actions(pool, query->set, rows);
	config_report_mailboxes(pool, query, rows);
	config_report_sieve(pool, query, rows);
	report_learning(pool, query, rows);
	report_keywords(pool, query->set, rows);
	report_timeout(pool, query->set, rows);
	config_report_verifier(pool, query, rows);
	config_report_history(pool, query, rows);
	config_report_traffic(pool, query, rows);
}
