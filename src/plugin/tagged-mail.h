#ifndef TAGGED_MAIL_H
#define TAGGED_MAIL_H

/* The message as it is delivered: our Authentication-Results field in front
   of the original bytes without the fields that claim to be ours, and without
   those that an MTA of ours wrote for us alone. */

struct authres_settings;
struct mail;
struct mail_user;
struct tagged_mail;
struct verdict;

/* original is read here and again by whoever saves the new mail; it must
   outlive source_r. verdict NULL: no field is added, and only those of our MTAs
   for us are left out. mail_from as in stream-mail.h.
   Returns 0, or -1 and error_r (data stack): nothing may be delivered then,
   since forged fields could not be removed. */
int tagged_mail_open(struct mail_user *user, struct mail *original,
		     const struct verdict *verdict,
		     const struct authres_settings *set, const char *mail_from,
		     struct tagged_mail **source_r, const char **error_r);
/* Must be called before original is freed: its stream may have no references
   then. */
void tagged_mail_close(struct tagged_mail **source);

/* Lives as long as source. */
struct mail *tagged_mail_get(struct tagged_mail *source);
/* Number of forged fields that are left out. */
unsigned int tagged_mail_get_forged_count(struct tagged_mail *source);

#endif
