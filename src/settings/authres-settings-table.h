/* The one table of all settings, one row each: authres-settings.h tells what
   types and values are. Included wherever something is made of every row, with
   those of these macros defined that are wanted:
     GLOBAL(name, TYPE, default, allowed)   the same for all users
     GLOBAL_AS(name, field, TYPE, ...)      its field has another name
     USER(name, TYPE, default, allowed)     userdb may override it
     ARGUMENT(name)                         no setting: told by each delivery
                                            (dovecot-lda -o), never configured
   name is without "authres_". The default of an ENUM is its first word. */

#ifndef GLOBAL
#  define GLOBAL(name, type, value, allowed)
#endif
#ifndef GLOBAL_AS
#  define GLOBAL_AS(name, field, type, value, allowed)
#endif
#ifndef USER
#  define USER(name, type, value, allowed)
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
GLOBAL(dmarc_mode, ENUM, "rfc9989", "rfc9989:rfc7489")
GLOBAL(dkim_min_key_bits, UINT, "1024", "1024:16384")
GLOBAL(spf_engine, ENUM, "native", "native:libspf2")
GLOBAL(dkim_engine, ENUM, "native", "native:libopendkim")
GLOBAL(arc_trusted_sealers, WORDS, "", NULL)
GLOBAL(trusted_forwarders, HOSTS, "", NULL)
GLOBAL(trusted_lists, WORDS, "", NULL)
GLOBAL(seccomp, BOOL, "yes", NULL)

USER(mode, ENUM, "enforce", "enforce:tag:off")
USER(quarantine_action, ENUM, "junk", "junk:keep")
USER(reject_action, ENUM, "junk", "junk:keep:reject")
USER(temperror_action, ENUM, "auto", "auto:keep:tempfail:junk")
USER(junk_mailbox, STR, "\\Junk", "a special use such as \\Junk, or a mailbox name")
USER(junk_sieve, ENUM, "skip", "skip:global:run")
USER(log, ENUM, "all", "all:failures:none")
USER(keyword_pass, KEYWORDS, "$AuthPass", NULL)
USER(keyword_fail, KEYWORDS, "$AuthFail", NULL)
USER(keyword_temperror, KEYWORDS, "$AuthTempError", NULL)
USER(keyword_override, KEYWORDS, "$AuthOverride", NULL)
USER(keyword_junk, KEYWORDS, "$Junk Junk", NULL)
USER(keyword_phishing, KEYWORDS, "", NULL)
USER(keyword_methods, WORDS, "", "spf:dkim:arc:dmarc:senderid")
USER(learn, ENUM, "lists", "lists:no")
USER(allow_days, UINT, "365", "1:3650")
USER(dict, DICT, "file:~/.dovecot.authres", "a dict such as file:~/.dovecot.authres or proxy::authres")

ARGUMENT(client_ip)
ARGUMENT(client_helo)
ARGUMENT(client_login)

#undef ARGUMENT
#undef GLOBAL
#undef GLOBAL_AS
#undef USER
