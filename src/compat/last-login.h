#ifndef LAST_LOGIN_H
#define LAST_LOGIN_H

struct mail_user;

/* Was the user's last login by POP3 rather than IMAP? Dovecot's plugin
   last_login tells by its dict, if last_login_key names the protocol (%s); on
   2.4 its settings are its own, and it does not.
   Returns 1, 0 if it was not or nobody knows, -1 and error_r (data stack). */
int last_login_was_pop3(struct mail_user *user, const char **error_r);

#endif
