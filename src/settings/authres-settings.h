#ifndef AUTHRES_SETTINGS_H
#define AUTHRES_SETTINGS_H

/* All settings (authres(7)), the same on every Dovecot.
   One table (authres-settings-table.h) names each with its type, default and
   allowed values: the enums and the struct here are made of it, and conf.d, the
   man page and "doveadm authres config" are checked against it. */

enum authres_setting_type {
	/* any text, not empty */
	AUTHRES_SETTING_STR,
	/* 2.3: URI of a dict, empty = none. 2.4: a block with a dict { } in it,
	   of which nothing is here. See user-dict.h. */
	AUTHRES_SETTING_DICT,
	/* the same for all users, none by default; history-dict.h */
	AUTHRES_SETTING_SHARED_DICT,
	/* words separated by spaces or commas; empty = none. The word
	   "%{hostname}" stands for Dovecot's hostname. */
	AUTHRES_SETTING_WORDS,
	/* words, of which those that look like networks are (network-word.h);
	   "%{hostname}" as above */
	AUTHRES_SETTING_HOSTS,
	/* words: addresses, with "@port" if need be */
	AUTHRES_SETTING_DNS_SERVERS,
	/* words of printable ASCII (RFC 8601 section 2.5), at least one;
	   "%{hostname}" as above */
	AUTHRES_SETTING_AUTHSERV_IDS,
	/* words that only whoever configures them knows, of
	   AUTHRES_MIN_SECRET_BYTES or more letters, digits and ./+=_-; never
	   shown; empty = none */
	AUTHRES_SETTING_SECRETS,
	/* one of the allowed words, as a member of its enum */
	AUTHRES_SETTING_ENUM,
	/* one of the allowed words, or "header:" and the name of a header
	   field */
	AUTHRES_SETTING_CLIENT_SOURCE,
	/* yes or no */
	AUTHRES_SETTING_BOOL,
	AUTHRES_SETTING_UINT,
	/* "10s", "1500ms", "7d"; a bare number is seconds */
	AUTHRES_SETTING_TIME_MSECS,
	/* IMAP keywords, words; empty = off */
	AUTHRES_SETTING_KEYWORDS
};

struct authres_setting_def {
	/* "authres_timeout" */
	const char *name;
	enum authres_setting_type type;
	/* as written in a configuration file */
	const char *default_value;
	/* ENUM and CLIENT_SOURCE: allowed words separated by ":"; WORDS: the
	   same or NULL = any; UINT and TIME_MSECS: "min:max" (numbers, msecs);
	   STR, DICT: what is meant, for people */
	const char *allowed;
	/* verifier and field: the same for all users; a userdb value is
	   ignored */
	bool global;
	/* offset in struct authres_settings */
	size_t offset;
};

/* One enum for each ENUM setting, and the word of a member as it is written in
   a configuration file:
     enum authres_mode { AUTHRES_MODE_ENFORCE, ... };
     const char *authres_mode_word(enum authres_mode value); */
#define AUTHRES_ENUM_MEMBER(member, word) member,
#define GLOBAL_ENUM(name, first, words) \
	enum authres_##name { words(AUTHRES_ENUM_MEMBER) }; \
	const char *authres_##name##_word(enum authres_##name value);
#define USER_ENUM GLOBAL_ENUM
#include "authres-settings-table.h"

/* The words as authres_setting_def.allowed has them: ":enforce:tag:off" without
   the first ":". */
#define AUTHRES_ENUM_TEXT(member, word) ":" word
#define AUTHRES_ENUM_ALLOWED(words) (&(words(AUTHRES_ENUM_TEXT))[1])

#define AUTHRES_FIELD_ENUM(name, field) enum authres_##name field;
#define AUTHRES_FIELD_STR(name, field) const char *field;
#define AUTHRES_FIELD_CLIENT_SOURCE AUTHRES_FIELD_STR
#define AUTHRES_FIELD_DICT AUTHRES_FIELD_STR
#define AUTHRES_FIELD_SHARED_DICT AUTHRES_FIELD_STR
#define AUTHRES_FIELD_WORDS(name, field) const char *const *field;
#define AUTHRES_FIELD_HOSTS AUTHRES_FIELD_WORDS
#define AUTHRES_FIELD_DNS_SERVERS AUTHRES_FIELD_WORDS
#define AUTHRES_FIELD_AUTHSERV_IDS AUTHRES_FIELD_WORDS
#define AUTHRES_FIELD_SECRETS AUTHRES_FIELD_WORDS
#define AUTHRES_FIELD_KEYWORDS AUTHRES_FIELD_WORDS
#define AUTHRES_FIELD_BOOL(name, field) bool field;
#define AUTHRES_FIELD_UINT(name, field) unsigned int field;
#define AUTHRES_FIELD_TIME_MSECS AUTHRES_FIELD_UINT

/* Word lists are NULL-terminated and never NULL. */
struct authres_settings {
	/* a member for each row of the table: "mode", "timeout_msecs" */
#define GLOBAL(name, type, value, allowed) AUTHRES_FIELD_##type(name, name)
#define GLOBAL_AS(name, field, type, value, allowed) \
	AUTHRES_FIELD_##type(name, field)
#define USER(name, type, value, allowed) AUTHRES_FIELD_##type(name, name)
#include "authres-settings-table.h"

	/* not settings of ours: the system's, for defaults */
	const char *hostname;
	/* path of the verifier's socket */
	const char *socket_path;
	/* Dovecot's directories, for what outlives a process; state_dir is NULL
	   but after authres_settings_read() */
	const char *base_dir;
	const char *state_dir;
};

/* All settings, ended by name == NULL. */
const struct authres_setting_def *authres_setting_defs(void);
/* The setting with this name, or NULL. */
const struct authres_setting_def *authres_setting_find(const char *name);

/* The value of a setting as configured, or NULL when it is not. */
typedef const char *authres_setting_lookup_t(void *context, const char *name);

/* Fill set_r. global_lookup answers for settings with def->global, user_lookup
   for the others (NULL: global_lookup too). hostname and base_dir are
   Dovecot's. A wrong value: its default is used and errors_r gets one sentence
   that names setting, value and allowed values. Returns 0 if there were none,
   -1 otherwise; set_r is always usable. errors_r (pool) is NULL-terminated. */
int authres_settings_parse(pool_t pool,
			   authres_setting_lookup_t *global_lookup,
			   authres_setting_lookup_t *user_lookup,
			   void *context,
			   const char *hostname, const char *base_dir,
			   struct authres_settings *set_r,
			   const char *const **errors_r);
/* The sentence for a wrong value, for those who look closer at a value than
   authres_settings_parse() (evaluation-settings.h). value: any bytes; allowed:
   what is, for people; used: what is used instead. Data stack. */
const char *
authres_setting_error(const struct authres_setting_def *def, const char *value,
		      const char *allowed, const char *used);
/* NAME of authres_client_source=header:NAME, or NULL. */
const char *
authres_settings_client_header(const struct authres_settings *set);
/* TRUE if name begins with "authres_" and is no setting of ours (a typing
   error worth a warning). authres_client_ip and authres_client_helo, given by
   dovecot-lda -o, are known. */
bool authres_setting_is_unknown(const char *name);
/* Can word be an IMAP keyword (RFC 9051 section 9: an atom; Dovecot takes no
   "]" either) of at most AUTHRES_MAX_KEYWORD_BYTES? word: any bytes. */
bool authres_keyword_is_valid(const char *word);

#endif
