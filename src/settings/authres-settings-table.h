/* The one table of all settings, one row each: authres-settings.h tells what
   types and values are. Included wherever something is made of every row, with
   those of these macros defined that are wanted:
     GLOBAL(name, TYPE, default, allowed)   the same for all users
     GLOBAL_AS(name, field, TYPE, ...)      its field has another name
     USER(name, TYPE, default, allowed)     userdb may override it
     GLOBAL_ENUM(name, default, WORDS)      one of the words listed above the
     USER_ENUM(name, default, WORDS)        row, the first is the default; what
                                            defines neither has a GLOBAL or
                                            USER of type ENUM
     ARGUMENT(name)                         no setting: told by each delivery
                                            (dovecot-lda -o), never configured
   name is without "authres_". */

#ifndef GLOBAL
#  define GLOBAL(name, type, value, allowed)
#endif
#ifndef GLOBAL_AS
#  define GLOBAL_AS(name, field, type, value, allowed)
#endif
#ifndef USER
#  define USER(name, type, value, allowed)
#endif
#ifndef GLOBAL_ENUM
#  define GLOBAL_ENUM(name, first, words) \
	GLOBAL(name, ENUM, first, AUTHRES_ENUM_ALLOWED(words))
#endif
#ifndef USER_ENUM
#  define USER_ENUM(name, first, words) \
	USER(name, ENUM, first, AUTHRES_ENUM_ALLOWED(words))
#endif
#ifndef ARGUMENT
#  define ARGUMENT(name)
#endif

GLOBAL_AS(authserv_id, authserv_ids, AUTHSERV_IDS, "%{hostname}", NULL)
GLOBAL(checks, WORDS, "spf dkim arc dmarc", "spf:dkim:arc:dmarc:senderid")
GLOBAL(trusted_hosts, HOSTS, "127.0.0.0/8 ::1 %{hostname}", NULL)
GLOBAL(local_networks, HOSTS, "127.0.0.0/8 ::1", NULL)
GLOBAL(client_source, CLIENT_SOURCE, "auto", "auto:xclient:received")
GLOBAL(client_header_key, SECRETS, "", NULL)
GLOBAL(filter_users, WORDS, "", NULL)
GLOBAL(fetch_hosts, HOSTS, "", NULL)
GLOBAL(upstream_authserv_ids, WORDS, "", NULL)
GLOBAL(upstream_below, BOOL, "no", NULL)
GLOBAL(dns_servers, DNS_SERVERS, "", NULL)
GLOBAL(dnssec, BOOL, "no", NULL)
GLOBAL_AS(timeout, timeout_msecs, TIME_MSECS, "10s", "100:120000")
GLOBAL_AS(temperror_wait, temperror_wait_msecs, TIME_MSECS, "4h", "0:432000000")
GLOBAL_AS(stale_policy, stale_policy_msecs, TIME_MSECS, "7d", "0:2592000000")
#define AUTHRES_DMARC_MODE_WORDS(WORD) \
	WORD(AUTHRES_DMARC_MODE_RFC9989, "rfc9989") \
	WORD(AUTHRES_DMARC_MODE_RFC7489, "rfc7489")
GLOBAL_ENUM(dmarc_mode, "rfc9989", AUTHRES_DMARC_MODE_WORDS)
GLOBAL(dkim_min_key_bits, UINT, "1024", "1024:16384")
#define AUTHRES_SPF_ENGINE_WORDS(WORD) \
	WORD(AUTHRES_SPF_ENGINE_NATIVE, "native") \
	WORD(AUTHRES_SPF_ENGINE_LIBSPF2, "libspf2")
GLOBAL_ENUM(spf_engine, "native", AUTHRES_SPF_ENGINE_WORDS)
#define AUTHRES_DKIM_ENGINE_WORDS(WORD) \
	WORD(AUTHRES_DKIM_ENGINE_NATIVE, "native") \
	WORD(AUTHRES_DKIM_ENGINE_LIBOPENDKIM, "libopendkim")
GLOBAL_ENUM(dkim_engine, "native", AUTHRES_DKIM_ENGINE_WORDS)
GLOBAL(arc_trusted_sealers, WORDS, "", NULL)
GLOBAL(trusted_forwarders, HOSTS, "", NULL)
GLOBAL(trusted_lists, WORDS, "", NULL)
GLOBAL(own_domains, WORDS, "", NULL)
GLOBAL(seccomp, BOOL, "yes", NULL)
GLOBAL(history, SHARED_DICT, "",
       "a dict of Dovecot's dict service such as proxy::authres_history")
GLOBAL(history_days, UINT, "90", "7:36500")
GLOBAL(report_from, WORDS, "", NULL)
#define AUTHRES_REPORT_FORM_WORDS(WORD) \
	WORD(AUTHRES_REPORT_FORM_RFC9990, "rfc9990") \
	WORD(AUTHRES_REPORT_FORM_RFC7489, "rfc7489")
GLOBAL_ENUM(report_form, "rfc9990", AUTHRES_REPORT_FORM_WORDS)
GLOBAL(report_max, UINT, "1000", "1:1000000")
GLOBAL(report_never, WORDS, "", NULL)
GLOBAL(failure_reports, UINT, "0", "0:10000")

#define AUTHRES_MODE_WORDS(WORD) \
	WORD(AUTHRES_MODE_ENFORCE, "enforce") \
	WORD(AUTHRES_MODE_TAG, "tag") \
	WORD(AUTHRES_MODE_OFF, "off")
USER_ENUM(mode, "enforce", AUTHRES_MODE_WORDS)
#define AUTHRES_QUARANTINE_ACTION_WORDS(WORD) \
	WORD(AUTHRES_QUARANTINE_ACTION_JUNK, "junk") \
	WORD(AUTHRES_QUARANTINE_ACTION_KEEP, "keep")
USER_ENUM(quarantine_action, "junk", AUTHRES_QUARANTINE_ACTION_WORDS)
#define AUTHRES_REJECT_ACTION_WORDS(WORD) \
	WORD(AUTHRES_REJECT_ACTION_JUNK, "junk") \
	WORD(AUTHRES_REJECT_ACTION_KEEP, "keep") \
	WORD(AUTHRES_REJECT_ACTION_REJECT, "reject")
USER_ENUM(reject_action, "junk", AUTHRES_REJECT_ACTION_WORDS)
#define AUTHRES_TEMPERROR_ACTION_WORDS(WORD) \
	WORD(AUTHRES_TEMPERROR_ACTION_AUTO, "auto") \
	WORD(AUTHRES_TEMPERROR_ACTION_KEEP, "keep") \
	WORD(AUTHRES_TEMPERROR_ACTION_TEMPFAIL, "tempfail") \
	WORD(AUTHRES_TEMPERROR_ACTION_JUNK, "junk")
USER_ENUM(temperror_action, "auto", AUTHRES_TEMPERROR_ACTION_WORDS)
USER(junk_mailbox, STR, "\\Junk",
     "a special use such as \\Junk, or a mailbox name")
#define AUTHRES_JUNK_SIEVE_WORDS(WORD) \
	WORD(AUTHRES_JUNK_SIEVE_SKIP, "skip") \
	WORD(AUTHRES_JUNK_SIEVE_GLOBAL, "global") \
	WORD(AUTHRES_JUNK_SIEVE_RUN, "run")
USER_ENUM(junk_sieve, "skip", AUTHRES_JUNK_SIEVE_WORDS)
#define AUTHRES_LOG_WORDS(WORD) \
	WORD(AUTHRES_LOG_ALL, "all") \
	WORD(AUTHRES_LOG_FAILURES, "failures") \
	WORD(AUTHRES_LOG_NONE, "none")
USER_ENUM(log, "all", AUTHRES_LOG_WORDS)
USER(keyword_pass, KEYWORDS, "$AuthPass", NULL)
USER(keyword_fail, KEYWORDS, "$AuthFail", NULL)
USER(keyword_temperror, KEYWORDS, "$AuthTempError", NULL)
USER(keyword_override, KEYWORDS, "$AuthOverride", NULL)
USER(keyword_junk, KEYWORDS, "$Junk Junk", NULL)
USER(keyword_phishing, KEYWORDS, "", NULL)
USER(keyword_methods, WORDS, "", "spf:dkim:arc:dmarc:senderid")
#define AUTHRES_LEARN_WORDS(WORD) \
	WORD(AUTHRES_LEARN_LISTS, "lists") \
	WORD(AUTHRES_LEARN_NO, "no")
USER_ENUM(learn, "lists", AUTHRES_LEARN_WORDS)
USER(allow_days, UINT, "365", "1:3650")
USER(dict, DICT, "file:~/.dovecot.authres",
     "a dict such as file:~/.dovecot.authres or proxy::authres")

ARGUMENT(client_ip)
ARGUMENT(client_helo)
ARGUMENT(client_login)

#undef ARGUMENT
#undef GLOBAL
#undef GLOBAL_AS
#undef GLOBAL_ENUM
#undef USER
#undef USER_ENUM
