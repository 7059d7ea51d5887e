#ifndef SPECIAL_USE_H
#define SPECIAL_USE_H

struct mail_namespace;

/* Which mailboxes { } of the configuration to look at. */
enum special_use_configured {
	SPECIAL_USE_ANY,
	/* those with auto=create or auto=subscribe */
	SPECIAL_USE_AUTO
};

/* The names, with the namespace's prefix, of the mailboxes { } of ns that are
   configured with this special use ("\\Junk", any case), in their order there,
   whether they exist or not. Names with wildcards say nothing about one mailbox
   and are passed over. NULL-terminated, data stack. */
const char *const *
t_special_use_configured(struct mail_namespace *ns, const char *special_use,
			 enum special_use_configured which);

#endif
