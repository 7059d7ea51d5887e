#ifndef WAITING_MESSAGES_H
#define WAITING_MESSAGES_H

struct shared_memory;
struct waiting_messages;

/* Which messages were told to come again because of names that do not answer,
   counted for all verifier processes of a host: whoever sends such messages
   must not fill the queue of its MTA. A message is counted once, however often
   it comes. */

/* name, layout and size of the memory it needs */
#define WAITING_MESSAGES_FILE "authres-waiting"
#define WAITING_MESSAGES_LAYOUT "authres waiting messages 1"
#define WAITING_MESSAGES_BUCKETS 2048
#define WAITING_MESSAGES_BUCKET_SIZE 8
#define WAITING_MESSAGES_BYTES \
	((WAITING_MESSAGES_BUCKETS * WAITING_MESSAGES_BUCKET_SIZE + 2) * \
	 sizeof(uint64_t))

/* memory: of WAITING_MESSAGES_BYTES; must live until deinit. Whatever stands
   in it, the worst is a message counted twice or not at all. */
struct waiting_messages *
waiting_messages_init(struct shared_memory *memory);
void waiting_messages_deinit(struct waiting_messages **waiting);

/* TRUE if the message with this number (evaluation_message_number()) may wait:
   it has been let wait before, or fewer than AUTHRES_MAX_WAITING_PER_HOUR new
   ones were in this hour; then it is counted. Those that strangers on the
   socket ask about (trusted is FALSE) are counted apart: they use up nothing of
   what deliveries have. */
bool waiting_messages_admit(struct waiting_messages *waiting,
			    uint64_t number, bool trusted, time_t now);

#endif
