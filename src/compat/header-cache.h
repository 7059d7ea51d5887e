#ifndef HEADER_CACHE_H
#define HEADER_CACHE_H

struct mailbox;

/* Ask Dovecot to cache these header fields (NULL-terminated) of messages that
   are saved to box (open) from now on, for commands that look at many messages
   later. What mail_never_cache_fields names stays out. */
void header_cache_request(struct mailbox *box, const char *const *fields);

#endif
