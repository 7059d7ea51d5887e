#ifndef JUNK_MAILBOX_H
#define JUNK_MAILBOX_H

#include "mail-error.h"

struct mailbox;
struct mail_user;

/* The name (data stack) of the mailbox that takes mail failing its policy,
   whether it exists or not. setting: authres_junk_mailbox, a special use
   (RFC 6154) such as "\Junk" or a name (UTF-8; without a namespace prefix it
   is one in the inbox namespace). Several mailboxes may have that special use:
   it is the first of the configuration with auto=create or auto=subscribe,
   else the first of the configuration that exists, else the first of the
   configuration, else one that exists and has it otherwise (a name with
   wildcards). The inbox namespace comes before other private ones. Without any
   it is "Junk" in the inbox namespace. */
const char *junk_mailbox_find(struct mail_user *user, const char *setting);
/* The names (pool) of all mailboxes that mean the same to a user: that one
   first, whether it exists or not, and then those that exist and have that
   special use. With a setting that is a name there is only the one.
   NULL-terminated. */
const char *const *
junk_mailboxes_find(pool_t pool, struct mail_user *user, const char *setting);
/* TRUE if box is one of these. */
bool junk_mailbox_is(struct mailbox *box, const char *setting);

/* Find the mailbox that takes mail failing its policy and make sure that it
   exists: created and subscribed when it is missing. When that mailbox cannot
   be had, "Junk" in the inbox namespace is tried.
   Returns 0 and vname_r (data stack), or -1, code_r and error_r (data stack);
   code_r is MAIL_ERROR_NOTPOSSIBLE or MAIL_ERROR_PARAMS only where neither of
   them can exist at all. */
int junk_mailbox_get(struct mail_user *user, const char *setting,
		     const char **vname_r, enum mail_error *code_r,
		     const char **error_r);

#endif
