/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "buffer.h"
#include "bits.h"
#include "sha2.h"
#include "authres-limits.h"
#include "shared-memory.h"
#include "str-prefix.h"
#include "known-answer.h"
#include "known-answers.h"

/* A name may stand in any of so many places. */
#define KNOWN_WAYS 16
#define KNOWN_CHECK_BYTES 16
/* RFC 8767 section 4 */
#define KNOWN_STALE_TTL_SECS 30
/* An unchanged answer is written again only when it is older than this, to
   spare the disk. */
#define KNOWN_REFRESH_SECS 600
#define KNOWN_DAY_SECS (24 * 3600)
/* Other processes look at the clock at other moments. */
#define KNOWN_CLOCK_SLACK_SECS 60

/* Small answers do not take the room of large ones. In each class the tags of
   all places come first, then the places. */
static const struct known_class {
	size_t bytes;
	unsigned int buckets;
} known_classes[] = {
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

struct known_place_head {
	/* of all that follows, with the secret */
	unsigned char check[KNOWN_CHECK_BYTES];
	/* which name and type; 0 = empty */
	uint64_t tag;
	/* when DNS last gave this answer */
	int64_t confirmed;
	/* the last day it did, and on how many days */
	uint32_t day;
	uint16_t days;
	uint16_t size;
	/* enum known_want */
	uint8_t want;
	/* it is of a "_dmarc." name and may grow older than others */
	uint8_t policy;
	uint8_t unused[6];
};

/* A copy, so that nobody changes what was checked. */
struct known_place {
	struct known_place_head head;
	unsigned char data[AUTHRES_MAX_KNOWN_ANSWER_BYTES -
			   sizeof(struct known_place_head)];
};
_Static_assert(sizeof(struct known_place) == AUTHRES_MAX_KNOWN_ANSWER_BYTES,
	       "no padding, all of it is checked");

struct known_answers {
	struct shared_memory *memory;
	unsigned int max_age_secs;
	size_t class_offsets[N_ELEMENTS(known_classes)];
};

/* Where a question may stand. */
struct known_key {
	uint64_t tag;
	uint32_t hash;
};

static size_t known_class_bytes(const struct known_class *class)
{
	return class->buckets * KNOWN_WAYS * (sizeof(uint64_t) + class->bytes);
}

struct known_answers *
known_answers_init(struct shared_memory *memory, unsigned int max_age_secs)
{
	struct known_answers *known = i_new(struct known_answers, 1);
	size_t offset = 0;

	i_assert(max_age_secs > 0);
	known->memory = memory;
	known->max_age_secs = max_age_secs;
	for (unsigned int i = 0; i < N_ELEMENTS(known_classes); i++) {
		known->class_offsets[i] = offset;
		offset += known_class_bytes(&known_classes[i]);
	}
	i_assert(offset <= memory->size);
	return known;
}

void known_answers_deinit(struct known_answers **_known)
{
	struct known_answers *known = *_known;

	if (known == NULL)
		return;
	*_known = NULL;
	i_free(known);
}

static bool is_policy_name(const char *name, enum dns_type type)
{
	return type == DNS_TYPE_TXT && str_has_prefix(name, "_dmarc.");
}

/* A secret chooses the place, so nobody can choose whose place he takes. */
static void
known_key_init(const struct known_answers *known, const char *name,
	       enum dns_type type, struct known_key *key_r)
{
	unsigned char digest[SHA256_RESULTLEN], type_byte = type;
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_loop(&ctx, known->memory->secret,
		    sizeof(known->memory->secret));
	sha256_loop(&ctx, &type_byte, 1);
	sha256_loop(&ctx, name, strlen(name));
	sha256_result(&ctx, digest);
	memcpy(&key_r->tag, digest, sizeof(key_r->tag));
	memcpy(&key_r->hash, digest + sizeof(key_r->tag),
	       sizeof(key_r->hash));
	if (key_r->tag == 0)
		key_r->tag = 1;
}

static uint64_t *
known_tags(const struct known_answers *known, unsigned int class,
	   const struct known_key *key)
{
	uint64_t *tags = (void *)(known->memory->data +
				  known->class_offsets[class]);

	return tags + key->hash % known_classes[class].buckets * KNOWN_WAYS;
}

static unsigned char *
known_place(const struct known_answers *known, unsigned int class,
	    const struct known_key *key, unsigned int way)
{
	const struct known_class *set = &known_classes[class];
	size_t offset = known->class_offsets[class] +
		set->buckets * KNOWN_WAYS * sizeof(uint64_t);

	offset += (key->hash % set->buckets * KNOWN_WAYS + way) * set->bytes;
	return known->memory->data + offset;
}

/* Returns KNOWN_WAYS if it is not there. */
static unsigned int
known_way(const struct known_answers *known, unsigned int class,
	  const struct known_key *key)
{
	const uint64_t *tags = known_tags(known, class, key);
	unsigned int way;

	for (way = 0; way < KNOWN_WAYS; way++) {
		if (tags[way] == key->tag)
			break;
	}
	return way;
}

static void
known_check(const struct known_answers *known, const struct known_place *place,
	    unsigned char check_r[static KNOWN_CHECK_BYTES])
{
	unsigned char digest[SHA256_RESULTLEN];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_loop(&ctx, known->memory->secret,
		    sizeof(known->memory->secret));
	sha256_loop(&ctx, CONST_PTR_OFFSET(place, KNOWN_CHECK_BYTES),
		    sizeof(place->head) - KNOWN_CHECK_BYTES +
		    place->head.size);
	sha256_result(&ctx, digest);
	memcpy(check_r, digest, KNOWN_CHECK_BYTES);
}

/* Returns FALSE if what stands there is not whole, or not of this key. */
static bool
known_read(const struct known_answers *known, unsigned int class,
	   const struct known_key *key, unsigned int way,
	   struct known_place *place_r)
{
	unsigned char check[KNOWN_CHECK_BYTES];

	memcpy(place_r, known_place(known, class, key, way),
	       known_classes[class].bytes);
	if (place_r->head.tag != key->tag ||
	    place_r->head.size > known_classes[class].bytes -
	    sizeof(place_r->head))
		return FALSE;
	known_check(known, place_r, check);
	return memcmp(check, place_r->head.check, sizeof(check)) == 0;
}

/* If we die in between, or another writes at the same time, the check does not
   fit what stands there. */
static void
known_write(struct known_answers *known, unsigned int class,
	    const struct known_key *key, unsigned int way,
	    struct known_place *place)
{
	uint64_t *tags = known_tags(known, class, key);

	known_check(known, place, place->head.check);
	memcpy(known_place(known, class, key, way), place,
	       sizeof(place->head) + place->head.size);
	tags[way] = key->tag;
}

static void
known_forget(struct known_answers *known, unsigned int class,
	     const struct known_key *key, unsigned int way)
{
	struct known_place_head empty;

	i_zero(&empty);
	memcpy(known_place(known, class, key, way), &empty, sizeof(empty));
	known_tags(known, class, key)[way] = 0;
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

/* How much the answer at this place is wanted; 0 = not at all. What a broken
   place says of itself does no harm: it grows old like others. */
static uint64_t
known_rank(const struct known_answers *known,
	   const struct known_place_head *head, time_t now)
{
	if (head->tag == 0 || head->want > KNOWN_WANT_POLICY ||
	    !known_is_current(known, head->policy != 0, head->confirmed, now))
		return 0;
	/* 1, 2 to 3, 4 to 7 days and so on */
	return (uint64_t)bits_required16(head->days) << 56 |
		(uint64_t)head->want << 48 |
		((uint64_t)head->confirmed & 0xffffffffffffULL);
}

static unsigned int
known_least_wanted(const struct known_answers *known, unsigned int class,
		   const struct known_key *key, time_t now)
{
	struct known_place_head head;
	unsigned int way, least = 0;
	uint64_t rank, least_rank = UINT64_MAX;

	for (way = 0; way < KNOWN_WAYS; way++) {
		memcpy(&head, known_place(known, class, key, way),
		       sizeof(head));
		rank = known_rank(known, &head, now);
		if (rank < least_rank) {
			least = way;
			least_rank = rank;
		}
	}
	return least;
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

/* Returns the class that fits, or how many there are. */
static unsigned int known_class_for(size_t data_size)
{
	unsigned int class;

	for (class = 0; class < N_ELEMENTS(known_classes); class++) {
		if (data_size + sizeof(struct known_place_head) <=
		    known_classes[class].bytes)
			break;
	}
	return class;
}

/* Take over what is known of this name, and forget it where its answer does
   not stand any more. Returns its way in class, KNOWN_WAYS if it has none. */
static unsigned int
known_take_over(struct known_answers *known, const struct known_key *key,
		unsigned int class, struct known_place *old_r)
{
	unsigned int i, way, found = KNOWN_WAYS;

	i_zero(&old_r->head);
	for (i = 0; i < N_ELEMENTS(known_classes); i++) {
		const uint64_t *tags = known_tags(known, i, key);

		/* two processes may have found two places for it */
		for (way = 0; way < KNOWN_WAYS; way++) {
			if (tags[way] != key->tag)
				continue;
			if (old_r->head.tag == 0 &&
			    !known_read(known, i, key, way, old_r))
				i_zero(&old_r->head);
			if (i == class && found == KNOWN_WAYS)
				found = way;
			else
				known_forget(known, i, key, way);
		}
	}
	return found;
}

static bool
known_is_noted(const struct known_place_head *head, enum known_want want,
	       time_t now)
{
	return head->day == now / KNOWN_DAY_SECS && head->want >= want &&
		head->confirmed <= now &&
		now - head->confirmed < KNOWN_REFRESH_SECS;
}

/* data: NULL = not to be kept. */
static void
known_note(struct known_answers *known, const struct known_key *key,
	   bool policy, enum known_want want, const buffer_t *data, time_t now)
{
	struct known_place old, place;
	unsigned int way, class = data == NULL ? N_ELEMENTS(known_classes) :
		known_class_for(data->used);
	uint32_t day = now / KNOWN_DAY_SECS;

	way = known_take_over(known, key, class, &old);
	if (class == N_ELEMENTS(known_classes))
		return;
	if (way < KNOWN_WAYS && old.head.size == data->used &&
	    memcmp(old.data, data->data, data->used) == 0 &&
	    known_is_noted(&old.head, want, now))
		return;
	if (way == KNOWN_WAYS)
		way = known_least_wanted(known, class, key, now);

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
	known_write(known, class, key, way, &place);
}

void known_answers_note(struct known_answers *known, const char *name,
			enum dns_type type, enum dns_purpose purpose,
			const struct dns_answer *answer, time_t now)
{
	bool policy = is_policy_name(name, type);
	struct known_key key;

	if (answer->status == DNS_STATUS_TEMPORARY || answer->placeholder ||
	    type == DNS_TYPE_PTR || now < 0)
		return;
	known_key_init(known, name, type, &key);
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
	struct known_place place;
	struct known_key key;
	unsigned int class, way;

	if (type == DNS_TYPE_PTR)
		return FALSE;
	known_key_init(known, name, type, &key);
	for (class = 0; class < N_ELEMENTS(known_classes); class++) {
		way = known_way(known, class, &key);
		if (way < KNOWN_WAYS &&
		    known_read(known, class, &key, way, &place) &&
		    known_is_current(known, is_policy_name(name, type),
				     place.head.confirmed, now) &&
		    known_answer_decode(pool, place.data, place.head.size,
					name, type, answer_r)) {
			answer_r->stale = TRUE;
			answer_r->ttl_secs = KNOWN_STALE_TTL_SECS;
			return TRUE;
		}
	}
	return FALSE;
}

void known_answers_usage(const struct known_answers *known,
			 unsigned int *taken_r, unsigned int *places_r)
{
	unsigned int class, i, count;

	*taken_r = *places_r = 0;
	for (class = 0; class < N_ELEMENTS(known_classes); class++) {
		const uint64_t *tags = (const void *)
			(known->memory->data + known->class_offsets[class]);

		count = known_classes[class].buckets * KNOWN_WAYS;
		*places_r += count;
		for (i = 0; i < count; i++) {
			if (tags[i] != 0)
				(*taken_r)++;
		}
	}
}
