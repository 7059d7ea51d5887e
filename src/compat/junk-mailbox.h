#ifndef JUNK_MAILBOX_H
#define JUNK_MAILBOX_H

struct mail_user;

/* The name (data stack) of the mailbox that takes mail failing its policy,
   whether it exists or not. setting: authres_junk_mailbox, a special use
   (RFC 6154) such as "\Junk" or a name (UTF-8; without a namespace prefix it
   is one in the inbox namespace). Without a mailbox of that special use it is
   "Junk" in the inbox namespace. */
const char *junk_mailbox_find(struct mail_user *user, const char *setting);

/* Find the mailbox that takes mail failing its policy and make sure that it
   exists: created and subscribed when it is missing. When that mailbox cannot
   be had, "Junk" in the inbox namespace is tried.
   Returns 0 and vname_r (data stack), or -1 and error_r (data stack). */
int junk_mailbox_get(struct mail_user *user, const char *setting,
		     const char **vname_r, const char **error_r);

#endif
