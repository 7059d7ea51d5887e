#ifndef JUNK_MAILBOX_H
#define JUNK_MAILBOX_H

struct mail_user;

/* Find the mailbox that takes mail failing its policy and make sure that it
   exists: created and subscribed when it is missing.
   setting: authres_junk_mailbox, a special use (RFC 6154) such as "\Junk" or
   a name (UTF-8; without a namespace prefix it is one in the inbox
   namespace). When that cannot be had, "Junk" in the inbox namespace is
   tried.
   Returns 0 and vname_r (data stack), or -1 and error_r (data stack). */
int junk_mailbox_get(struct mail_user *user, const char *setting,
		     const char **vname_r, const char **error_r);

#endif
