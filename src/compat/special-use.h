#ifndef SPECIAL_USE_H
#define SPECIAL_USE_H

struct mail_namespace;

/* The name, with the namespace's prefix, of the first mailbox { } of ns that is
   configured with this special use ("\\Junk", any case), whether it exists or
   not. Names with wildcards say nothing about one mailbox and are passed over.
   Returns NULL if there is none. Data stack. */
const char *
special_use_configured(struct mail_namespace *ns, const char *special_use);

#endif
