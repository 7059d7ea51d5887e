/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "authres-limits.h"
#include "recent-messages.h"

#define BUCKET_SIZE 8
#define BUCKETS (AUTHRES_MAX_HISTORY_RECENT / BUCKET_SIZE)

struct recent_message {
	uint64_t number;
	time_t time;
};

struct recent_messages {
	struct recent_message buckets[BUCKETS][BUCKET_SIZE];
};

struct recent_messages *recent_messages_init(void)
{
	return i_new(struct recent_messages, 1);
}

void recent_messages_deinit(struct recent_messages **recent)
{
	i_free(*recent);
}

bool recent_messages_add(struct recent_messages *recent, uint64_t number,
			 time_t now)
{
	struct recent_message *bucket = recent->buckets[number % BUCKETS];
	struct recent_message *oldest = bucket;

	if (number == 0)
		return TRUE;
	for (unsigned int i = 0; i < BUCKET_SIZE; i++) {
		if (bucket[i].number == number &&
		    now - bucket[i].time < AUTHRES_HISTORY_RECENT_SECS)
			return FALSE;
		if (bucket[i].time < oldest->time)
			oldest = &bucket[i];
	}
	oldest->number = number;
	oldest->time = now;
	return TRUE;
}
