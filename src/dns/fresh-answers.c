/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "bits.h"
#include "buffer.h"
#include "sha2.h"
#include "hex-binary.h"
#include "authres-limits.h"
#include "known-answer.h"
#include "answer-places.h"
#include "fresh-answers.h"

/* Other processes look at the clock at other moments. */
#define FRESH_CLOCK_SLACK_SECS 2
/* so much of the digest says which servers */
#define FRESH_SERVERS_BYTES 8

/* Names without records, addresses and policies; keys and most SPF; the
   rest. */
static const struct answer_places_class
fresh_classes[ANSWER_PLACES_CLASSES] = {
	{ 208, 1024 },
	{ 640, 414 },
	{ AUTHRES_MAX_KNOWN_ANSWER_BYTES, 8 },
};

struct fresh_answers {
	struct answer_places *places;
};

const char *fresh_answers_layout(const char *const *servers, bool dnssec)
{
	unsigned char digest[SHA256_RESULTLEN];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	for (; servers != NULL && *servers != NULL; servers++)
		sha256_loop(&ctx, *servers, strlen(*servers) + 1);
	sha256_result(&ctx, digest);
	return t_strdup_printf("fresh DNS answers 1 %s %s",
		binary_to_hex(digest, FRESH_SERVERS_BYTES),
		dnssec ? "dnssec" : "plain");
}

struct fresh_answers *fresh_answers_init(struct shared_memory *memory)
{
	struct fresh_answers *fresh = i_new(struct fresh_answers, 1);

	fresh->places = answer_places_init(memory, fresh_classes, TRUE);
	return fresh;
}

void fresh_answers_deinit(struct fresh_answers **_fresh)
{
	struct fresh_answers *fresh = *_fresh;

	if (fresh == NULL)
		return;
	*_fresh = NULL;
	answer_places_deinit(&fresh->places);
	i_free(fresh);
}

/* Seconds that are left of its TTL; 0 = none, whatever the head says. */
static unsigned int
fresh_secs_left(const struct answer_place_head *head, time_t now)
{
	int64_t age_secs;

	if (head->confirmed < 0 || now < 0 ||
	    head->ttl_secs > AUTHRES_FRESH_ANSWER_SECS ||
	    head->confirmed - now > FRESH_CLOCK_SLACK_SECS)
		return 0;
	age_secs = now - head->confirmed;
	if (age_secs >= (int64_t)head->ttl_secs)
		return 0;
	return head->ttl_secs - I_MAX(age_secs, 0);
}

static uint64_t
fresh_rank(const struct answer_place_head *head, unsigned int uses, time_t now,
	   void *context ATTR_UNUSED)
{
	if (fresh_secs_left(head, now) == 0)
		return 0;
	return (uint64_t)(bits_required8(uses) + 1) << 48 |
		((uint64_t)head->confirmed & 0xffffffffffffULL);
}

static bool
fresh_encode(buffer_t *data, const char *name, enum dns_type type,
	     const struct dns_answer *answer)
{
	return answer->ttl_secs > 0 &&
		known_answer_encode(data, name, type, answer);
}

void fresh_answers_note(struct fresh_answers *fresh, const char *name,
			enum dns_type type, const struct dns_answer *answer,
			time_t now)
{
	struct answer_place old, place;
	struct answer_key key;
	unsigned int class = ANSWER_PLACES_CLASSES, way;

	if (answer->status == DNS_STATUS_TEMPORARY || now < 0)
		return;
	i_zero(&place.head);
	answer_key_init(fresh->places, name, type, &key);
	T_BEGIN {
		buffer_t *data = t_buffer_create(512);

		if (fresh_encode(data, name, type, answer)) {
			class = answer_places_class_for(fresh->places,
							data->used);
		}
		if (class < ANSWER_PLACES_CLASSES) {
			place.head.size = data->used;
			memcpy(place.data, data->data, data->used);
		}
	} T_END;
	way = answer_places_take_over(fresh->places, class, &key, &old);
	if (class == ANSWER_PLACES_CLASSES)
		return;
	if (way == ANSWER_PLACES_WAYS) {
		way = answer_places_least_wanted(fresh->places, class, &key,
						 fresh_rank, now, NULL);
	}
	place.head.tag = key.tag;
	place.head.confirmed = now;
	place.head.ttl_secs = I_MIN(answer->ttl_secs,
				    AUTHRES_FRESH_ANSWER_SECS);
	answer_places_write(fresh->places, class, &key, way, &place);
}

bool fresh_answers_find(struct fresh_answers *fresh, pool_t pool,
			const char *name, enum dns_type type, time_t now,
			struct dns_answer *answer_r)
{
	struct answer_place place;
	struct answer_key key;
	unsigned int class, way, secs;

	answer_key_init(fresh->places, name, type, &key);
	for (class = 0; class < ANSWER_PLACES_CLASSES; class++) {
		way = answer_places_way(fresh->places, class, &key);
		if (way == ANSWER_PLACES_WAYS ||
		    !answer_places_read(fresh->places, class, &key, way,
					&place))
			continue;
		secs = fresh_secs_left(&place.head, now);
		if (secs > 0 &&
		    known_answer_decode(pool, place.data, place.head.size,
					name, type, answer_r)) {
			answer_places_note_use(fresh->places, class, &key, way);
			answer_r->ttl_secs = secs;
			return TRUE;
		}
	}
	return FALSE;
}
