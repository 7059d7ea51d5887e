/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "bits.h"
#include "authres-limits.h"
#include "str-prefix.h"
#include "known-answer.h"
#include "answer-places.h"
#include "known-answers.h"

/* RFC 8767 section 4 */
#define KNOWN_STALE_TTL_SECS 30
/* An unchanged answer is written again only when it is older than this, to
   spare the disk. */
#define KNOWN_REFRESH_SECS 600
#define KNOWN_DAY_SECS (24 * 3600)
/* Other processes look at the clock at other moments. */
#define KNOWN_CLOCK_SLACK_SECS 60

static const struct answer_places_class
known_classes[ANSWER_PLACES_CLASSES] = {
	{ 256, 1024 },
	{ 1024, 190 },
	{ AUTHRES_MAX_KNOWN_ANSWER_BYTES, 12 },
};

/* Why it stays. */
enum known_want {
	KNOWN_WANT_MINOR,
	/* keys and SPF that may align with an author */
	KNOWN_WANT_ALIGNED,
	/* there is no policy here */
	KNOWN_WANT_NO_POLICY,
	KNOWN_WANT_POLICY
};

struct known_answers {
	struct answer_places *places;
	unsigned int max_age_secs;
};

struct known_answers *
known_answers_init(struct shared_memory *memory, unsigned int max_age_secs)
{
	struct known_answers *known = i_new(struct known_answers, 1);

	i_assert(max_age_secs > 0);
	known->places = answer_places_init(memory, known_classes, FALSE);
	known->max_age_secs = max_age_secs;
	return known;
}

void known_answers_deinit(struct known_answers **_known)
{
	struct known_answers *known = *_known;

	if (known == NULL)
		return;
	*_known = NULL;
	answer_places_deinit(&known->places);
	i_free(known);
}

static bool is_policy_name(const char *name, enum dns_type type)
{
	return type == DNS_TYPE_TXT && str_has_prefix(name, "_dmarc.");
}

static bool
known_is_current(const struct known_answers *known, bool policy,
		 int64_t confirmed, time_t now)
{
	unsigned int max_age_secs = policy ? known->max_age_secs :
		I_MIN(known->max_age_secs, AUTHRES_KNOWN_ANSWER_SECS);

	/* it may be any number */
	return confirmed >= 0 && now >= 0 &&
		confirmed - now <= KNOWN_CLOCK_SLACK_SECS &&
		now - confirmed <= (int64_t)max_age_secs;
}

/* What a broken place says of itself does no harm: it grows old like others. */
static uint64_t
known_rank(const struct answer_place_head *head, unsigned int uses ATTR_UNUSED,
	   time_t now, void *context)
{
	const struct known_answers *known = context;

	if (head->want > KNOWN_WANT_POLICY ||
	    !known_is_current(known, head->policy != 0, head->confirmed, now))
		return 0;
	/* 1, 2 to 3, 4 to 7 days and so on */
	return (uint64_t)bits_required16(head->days) << 56 |
		(uint64_t)head->want << 48 |
		((uint64_t)head->confirmed & 0xffffffffffffULL);
}

static enum known_want
known_want(const char *name, enum dns_type type, enum dns_purpose purpose,
	   const struct dns_answer *answer)
{
	if (purpose == DNS_PURPOSE_MINOR)
		return KNOWN_WANT_MINOR;
	if (!is_policy_name(name, type))
		return KNOWN_WANT_ALIGNED;
	return answer->status == DNS_STATUS_ANSWER ?
		KNOWN_WANT_POLICY : KNOWN_WANT_NO_POLICY;
}

static bool
known_is_noted(const struct answer_place_head *head, enum known_want want,
	       time_t now)
{
	return head->day == now / KNOWN_DAY_SECS && head->want >= want &&
		head->confirmed <= now &&
		now - head->confirmed < KNOWN_REFRESH_SECS;
}

/* data: NULL = not to be kept. */
static void
known_note(struct known_answers *known, const struct answer_key *key,
	   bool policy, enum known_want want, const buffer_t *data, time_t now)
{
	struct answer_places *places = known->places;
	struct answer_place old, place;
	unsigned int way, class = data == NULL ? ANSWER_PLACES_CLASSES :
		answer_places_class_for(places, data->used);
	uint32_t day = now / KNOWN_DAY_SECS;

	way = answer_places_take_over(places, class, key, &old);
	if (class == ANSWER_PLACES_CLASSES)
		return;
	if (way < ANSWER_PLACES_WAYS && old.head.size == data->used &&
	    memcmp(old.data, data->data, data->used) == 0 &&
	    known_is_noted(&old.head, want, now))
		return;
	if (way == ANSWER_PLACES_WAYS) {
		way = answer_places_least_wanted(places, class, key,
						 known_rank, now, known);
	}

	i_zero(&place.head);
	place.head.tag = key->tag;
	place.head.confirmed = now;
	place.head.day = day;
	place.head.days = I_MIN(old.head.days + (old.head.day != day ? 1 : 0),
				UINT16_MAX);
	place.head.size = data->used;
	place.head.want = I_MAX(want, old.head.want);
	place.head.policy = policy ? 1 : 0;
	memcpy(place.data, data->data, data->used);
	answer_places_write(places, class, key, way, &place);
}

void known_answers_note(struct known_answers *known, const char *name,
			enum dns_type type, enum dns_purpose purpose,
			const struct dns_answer *answer, time_t now)
{
	bool policy = is_policy_name(name, type);
	struct answer_key key;

	if (answer->status == DNS_STATUS_TEMPORARY || answer->placeholder ||
	    type == DNS_TYPE_PTR || now < 0)
		return;
	answer_key_init(known->places, name, type, &key);
	T_BEGIN {
		buffer_t *data = t_buffer_create(512);

		if ((answer->status != DNS_STATUS_ANSWER && !policy) ||
		    !known_answer_encode(data, name, type, answer))
			data = NULL;
		known_note(known, &key, policy,
			   known_want(name, type, purpose, answer), data, now);
	} T_END;
}

bool known_answers_find(const struct known_answers *known, pool_t pool,
			const char *name, enum dns_type type, time_t now,
			struct dns_answer *answer_r)
{
	struct answer_place place;
	struct answer_key key;
	unsigned int class, way;

	if (type == DNS_TYPE_PTR)
		return FALSE;
	answer_key_init(known->places, name, type, &key);
	for (class = 0; class < ANSWER_PLACES_CLASSES; class++) {
		way = answer_places_way(known->places, class, &key);
		if (way < ANSWER_PLACES_WAYS &&
		    answer_places_read(known->places, class, &key, way,
				       &place) &&
		    known_is_current(known, is_policy_name(name, type),
				     place.head.confirmed, now) &&
		    known_answer_decode(pool, place.data, place.head.size,
					name, type, answer_r)) {
			answer_r->stale = TRUE;
			answer_r->secure = FALSE;
			answer_r->ttl_secs = KNOWN_STALE_TTL_SECS;
			return TRUE;
		}
	}
	return FALSE;
}

void known_answers_usage(const struct known_answers *known,
			 unsigned int *taken_r, unsigned int *places_r)
{
	answer_places_usage(known->places, taken_r, places_r);
}
