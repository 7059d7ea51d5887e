#ifndef AUTHRES_LIMITS_H
#define AUTHRES_LIMITS_H

/* Every limit on bytes from mail, DNS and the socket, in one place
   (doc/architecture.md repeats this table; a test compares them). Above a
   limit there is a result with a reason, never silence, never a crash. */

/* message */
#define AUTHRES_MAX_HEADER_BLOCK_BYTES (1024 * 1024)
#define AUTHRES_MAX_HEADER_FIELDS 1000
#define AUTHRES_MAX_FIELD_BYTES (64 * 1024)
/* From fields kept where the other limits cut the header */
#define AUTHRES_RESERVED_FROM_FIELDS 6
#define AUTHRES_MAX_TAGS 64

/* identity */
#define AUTHRES_MAX_RECEIVED 50
#define AUTHRES_MAX_HELO_BYTES 255
#define AUTHRES_MAX_AUTHOR_DOMAINS 5
#define AUTHRES_MAX_AUTHOR_ADDRESSES 100
/* encoded words inside encoded words */
#define AUTHRES_MAX_ENCODED_LEVELS 4
#define AUTHRES_MAX_DOMAIN_BYTES 253
#define AUTHRES_MAX_LABEL_BYTES 63
#define AUTHRES_MAX_LOCAL_PART_BYTES 1024

/* results of a filter in front of us */
#define AUTHRES_MAX_UPSTREAM_FIELDS 50
#define AUTHRES_MAX_UPSTREAM_FIELD_BYTES (16 * 1024)
/* entries of a field that every reader takes in */
#define AUTHRES_MAX_PLAIN_RESULTS 16

/* DKIM and ARC */
#define AUTHRES_MAX_DKIM_SIGNATURES 20
#define AUTHRES_MAX_DKIM_SIGNATURE_BYTES (16 * 1024)
#define AUTHRES_MAX_ARC_INSTANCES 50
#define AUTHRES_MAX_KEY_BITS 16384

/* SPF, RFC 7208 section 4.6.4 */
#define AUTHRES_MAX_SPF_TERMS 10
#define AUTHRES_MAX_SPF_VOID_LOOKUPS 2
#define AUTHRES_MAX_SPF_MX_NAMES 10
#define AUTHRES_MAX_SPF_PTR_NAMES 10
#define AUTHRES_MAX_SPF_EXPLANATION_BYTES 512
#define AUTHRES_MAX_SPF_RECORD_TERMS 4096
#define AUTHRES_MAX_SPF_MACROS 128

/* DNS */
#define AUTHRES_MAX_DNS_NAMES 250
/* of these: kept for what can align with the Author Domain */
#define AUTHRES_RESERVED_DNS_NAMES 150
/* of a message at once: what decides the policy, and what does not */
#define AUTHRES_MAX_DNS_UNDER_WAY 32
#define AUTHRES_MAX_DNS_MINOR_UNDER_WAY 20
#define AUTHRES_MAX_DNS_RECORDS 256
#define AUTHRES_MAX_TXT_BYTES (64 * 1024)
#define AUTHRES_MAX_CNAME_CHAIN 16
/* an answer up to this size is always kept, it counts as one of the names */
#define AUTHRES_SMALL_DNS_ANSWER_BYTES (16 * 1024)
/* all larger answers kept for one message */
#define AUTHRES_MAX_DNS_ANSWER_BYTES (1024 * 1024)
/* names that gave no answer, in a verifier process */
#define AUTHRES_MAX_DNS_SILENT_NAMES 1024
#define AUTHRES_DNS_SILENT_SECS 60
/* questions that a verifier process has under way at once, by purpose */
#define AUTHRES_MAX_DNS_POLICY_QUESTIONS 224
#define AUTHRES_MAX_DNS_MINOR_QUESTIONS 96
/* without an answer a question is asked a second time... */
#define AUTHRES_DNS_SECOND_TRY_MSECS 800
/* ...and each of both by libunbound once more */
#define AUTHRES_DNS_TRY_MSECS 2500
/* answers seen before, shared by all verifier processes: all of them, one
   with its name, and how old they may be but for policies */
#define AUTHRES_KNOWN_ANSWERS_BYTES (8 * 1024 * 1024)
#define AUTHRES_MAX_KNOWN_ANSWER_BYTES (4 * 1024)
#define AUTHRES_KNOWN_ANSWER_SECS (24 * 3600)
/* how long DNS is waited for when such an answer is at hand */
#define AUTHRES_STALE_ANSWER_MSECS 1800
/* ...and for further names of a domain that was waited for so long */
#define AUTHRES_STALE_NEXT_ANSWER_MSECS 200
/* the DNS cache of all verifier processes, and how long one of its answers is
   fresh, whatever its TTL */
#define AUTHRES_FRESH_ANSWERS_BYTES (8 * 1024 * 1024)
#define AUTHRES_FRESH_ANSWER_SECS 3600
#define AUTHRES_MAX_DMARC_WALK 8

/* verifier process and its protocol */
#define AUTHRES_MAX_REQUEST_BYTES (150ULL * 1024 * 1024)
#define AUTHRES_MAX_CHUNK_BYTES (64 * 1024)
#define AUTHRES_MAX_PROTOCOL_LINE_BYTES (16 * 1024)
#define AUTHRES_MAX_REPLY_BYTES (256 * 1024)
#define AUTHRES_MAX_REPLY_RESULTS 64
#define AUTHRES_MAX_CONNECTIONS 200
/* connections, and sockets for DNS */
#define AUTHRES_MAX_OPEN_FILES 1024
#define AUTHRES_MAX_PROCESS_BYTES (48 * 1024 * 1024)
#define AUTHRES_MAX_KEY_CACHE_BYTES (4 * 1024 * 1024)
#define AUTHRES_MAX_DNS_CACHE_BYTES (16 * 1024 * 1024)
#define AUTHRES_MAX_REPLY_PROPERTIES 8
#define AUTHRES_MAX_PATH_BYTES \
	(AUTHRES_MAX_LOCAL_PART_BYTES + 1 + AUTHRES_MAX_DOMAIN_BYTES)
#define AUTHRES_MAX_SESSION_ID_BYTES 256
#define AUTHRES_MAX_TIMEOUT_MSECS (3600 * 1000)
#define AUTHRES_GREETING_TIMEOUT_MSECS 1000
/* far below it: a verifier that works on a message says so to a client that
   sent it on a connection that was kept */
#define AUTHRES_ALIVE_MSECS 300
/* what a request counts for at least, as its header is still to come */
#define AUTHRES_MIN_REQUEST_MEMORY_BYTES (512 * 1024)
/* what a message gets when many are waiting */
#define AUTHRES_PRESSURE_TIMEOUT_MSECS 3000
/* or when so many have had no DNS answer for so long, while others get
   theirs */
#define AUTHRES_PRESSURE_SILENT_REQUESTS 5
#define AUTHRES_PRESSURE_SILENT_MSECS 2000
/* so many are given up after so long */
#define AUTHRES_HIGH_PRESSURE_SILENT_REQUESTS 8
#define AUTHRES_HIGH_PRESSURE_SILENT_MSECS 1000
/* a connection without a request */
#define AUTHRES_STRANGER_LINE_TIMEOUT_MSECS 1000
#define AUTHRES_IDLE_TIMEOUT_MSECS (10 * 1000)
/* what a client gets at most, whatever it asks for */
#define AUTHRES_MAX_VERIFY_MSECS (120 * 1000)
/* one turn of the verifier's ioloop: CPU time, and wall-clock time */
#define AUTHRES_WATCHDOG_CPU_MSECS 3000
#define AUTHRES_WATCHDOG_WALL_MSECS (20 * 1000)
/* messages that are told to come again, of this host */
#define AUTHRES_MAX_WAITING_PER_HOUR 1000
/* how far the clock of an MTA may be ahead of ours */
#define AUTHRES_MAX_CLOCK_AHEAD_SECS 300

/* settings; userdb values may come from the user */
#define AUTHRES_MAX_SETTING_BYTES (64 * 1024)
#define AUTHRES_MAX_SETTING_WORDS 1000
#define AUTHRES_MAX_KEYWORD_BYTES 50
#define AUTHRES_MIN_SECRET_BYTES 16
#define AUTHRES_MAX_FIELD_NAME_BYTES 76

/* allowances of a user */
#define AUTHRES_MAX_ALLOWANCES 1000
/* mail without proof must be taken back on two days: how far apart at most */
#define AUTHRES_RELEASED_DAYS 90
/* read at once, expired ones and those of a fuller dict too */
#define AUTHRES_MAX_ALLOWANCES_LISTED 10000
#define AUTHRES_MAX_ALLOWANCE_AUTHOR_BYTES 320
/* the file of them: a thousand of the longest */
#define AUTHRES_MAX_DICT_FILE_BYTES (2 * 1024 * 1024)
/* a server that does not answer */
#define AUTHRES_DICT_TIMEOUT_MSECS 3000
/* a dict that fails and took this long... */
#define AUTHRES_DICT_SLOW_MSECS 1000
/* ...is left alone by deliveries of the process for so long */
#define AUTHRES_DICT_SILENT_SECS 60
/* copies out of Junk in an IMAP session, whose originals are still there */
#define AUTHRES_MAX_RELEASES 1000

/* the history: a record as it was published, with what of its rua= or ruf= is
   kept; a row; signatures of a row */
#define AUTHRES_MAX_REPORT_URIS_BYTES 1024
#define AUTHRES_MAX_PUBLISHED_POLICY_BYTES (3 * 1024)
#define AUTHRES_MAX_HISTORY_ROW_BYTES (8 * 1024)
#define AUTHRES_MAX_HISTORY_SIGNATURES 10
#define AUTHRES_MAX_HUMAN_RESULT_BYTES 100
/* what waits for the store: all of it, one file, what is read at once, and how
   many messages make one transaction */
#define AUTHRES_MAX_SPOOL_BYTES (64 * 1024 * 1024)
#define AUTHRES_MAX_SPOOL_FILE_BYTES (1024 * 1024)
#define AUTHRES_MAX_SPOOL_READ_BYTES (256 * 1024)
#define AUTHRES_MAX_HISTORY_BATCH 1000
/* a batch is written after so long; so long nothing is asked after a commit
   whose result is not known; the longest wait for a store that is down */
#define AUTHRES_HISTORY_FLUSH_MSECS 5000
#define AUTHRES_HISTORY_SETTLE_MSECS 5000
#define AUTHRES_HISTORY_MAX_RETRY_MSECS (30 * 1000)
/* messages that are counted once though they come again, and how long */
#define AUTHRES_MAX_HISTORY_RECENT 65536
#define AUTHRES_HISTORY_RECENT_SECS 300
/* rows of a policy domain and day with all details; then without those that
   strangers choose freely; rows of a day */
#define AUTHRES_MAX_HISTORY_DOMAIN_ROWS 1000
#define AUTHRES_MAX_HISTORY_DOMAIN_PLAIN_ROWS 2000
#define AUTHRES_MAX_HISTORY_DAY_ROWS 200000
/* rows of statistics */
#define AUTHRES_MAX_HISTORY_GROUPS 100000
/* of the page: lists and proofs of an author, rows of a table, sentences */
#define AUTHRES_MAX_ADVICE_NAMES 20
#define AUTHRES_MAX_PAGE_ROWS 1000
#define AUTHRES_MAX_PAGE_SENTENCES 50
/* connections of the recorder; of these, of any local users, who say what was
   taken back, and of one of them; how long one has to say it */
#define AUTHRES_MAX_HISTORY_CONNECTIONS 500
#define AUTHRES_MAX_TAKEN_BACK_CONNECTIONS 100
#define AUTHRES_MAX_TAKEN_BACK_USER_CONNECTIONS 20
#define AUTHRES_TAKEN_BACK_TIMEOUT_MSECS 1000
/* messages taken back that are counted in an hour, of all and of one user of
   the system; rows of a day that they make */
#define AUTHRES_MAX_TAKEN_BACK_PER_HOUR 10000
#define AUTHRES_MAX_TAKEN_BACK_USER_PER_HOUR 1000
#define AUTHRES_MAX_TAKEN_BACK_ROWS 10000
/* reports: addresses of a record that get one; an address (a path of RFC 5321
   section 4.5.3.1.3 without brackets); a mail; days after a day in which its
   reports are tried; a state in the history; the error element */
#define AUTHRES_MAX_REPORT_URIS 5
#define AUTHRES_MAX_REPORT_ADDRESS_BYTES 254
#define AUTHRES_MAX_REPORT_MAIL_BYTES (10 * 1024 * 1024)
#define AUTHRES_REPORT_TRY_DAYS 3
#define AUTHRES_MAX_REPORT_STATE_BYTES 1000
#define AUTHRES_MAX_REPORT_ERROR_BYTES 400
/* policies of a day that are reported about; after that many seconds a host
   that sends reports is gone */
#define AUTHRES_MAX_REPORT_POLICIES 100000
#define AUTHRES_REPORT_LEASE_SECS 600
/* failure reports: the fields of one, and one of them (a line of RFC 5322
   section 2.1.1); those that wait on a host, and how long; messages of a kind,
   with one client and author domain, of which one is reported within so many
   seconds; reports about a policy domain, and to an address, within an hour;
   kinds and policy domains that are remembered */
#define AUTHRES_MAX_FAILURE_TEXT_BYTES (6 * 1024)
#define AUTHRES_MAX_FAILURE_FIELD_BYTES 900
#define AUTHRES_MAX_FAILURES 1000
#define AUTHRES_FAILURE_SECS (24 * 3600)
#define AUTHRES_FAILURE_KIND_SECS 600
#define AUTHRES_MAX_FAILURES_PER_HOUR 10
#define AUTHRES_MAX_FAILURE_KINDS 4096

/* what we write */
#define AUTHRES_MAX_REASON_BYTES 256
#define AUTHRES_MAX_COMMENT_BYTES 256
/* the one on the whole field: four names of 255 bytes and two texts */
#define AUTHRES_MAX_FIELD_COMMENT_BYTES 2048
#define AUTHRES_MAX_PHRASE_BYTES 120
/* with its prefix in one line of an SMTP reply, RFC 5321 section 4.5.3.1.5 */
#define AUTHRES_MAX_EXPLANATION_BYTES 400
#define AUTHRES_MAX_REPORTED_B_BYTES 64
#define AUTHRES_MAX_PVALUE_BYTES 320
#define AUTHRES_MAX_PROPERTY_NAME_BYTES 32
#define AUTHRES_FOLD_COLUMNS 78

#endif
