/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "sha2.h"
#include "shared-memory.h"
#include "answer-places.h"

#include <openssl/evp.h>

_Static_assert(sizeof(struct answer_place) == AUTHRES_MAX_KNOWN_ANSWER_BYTES,
	       "no padding, all of it is checked");

struct answer_places {
	struct shared_memory *memory;
	const struct answer_places_class *classes;
	/* In each class the tags of all places come first, then how often each
	   is used, if that is counted, then the places. */
	size_t tag_offsets[ANSWER_PLACES_CLASSES];
	size_t use_offsets[ANSWER_PLACES_CLASSES];
	size_t place_offsets[ANSWER_PLACES_CLASSES];
	bool count_uses;
	/* SHA-256 in which the secret is, and one that goes on from there. Ten
	   or twenty digests are made for each message: OpenSSL has the
	   processor's own SHA-256. */
	EVP_MD_CTX *secret_ctx, *ctx;
};

static EVP_MD_CTX *digest_ctx_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: no SHA-256 context");
	return ctx;
}

static void digest_add(EVP_MD_CTX *ctx, const void *data, size_t size)
{
	if (EVP_DigestUpdate(ctx, data, size) != 1)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: SHA-256 failed");
}

static void digest_begin(const struct answer_places *places)
{
	if (EVP_MD_CTX_copy_ex(places->ctx, places->secret_ctx) != 1)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: SHA-256 failed");
}

static void
digest_end(const struct answer_places *places,
	   unsigned char digest_r[static SHA256_RESULTLEN])
{
	unsigned int size;

	if (EVP_DigestFinal_ex(places->ctx, digest_r, &size) != 1)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: SHA-256 failed");
	i_assert(size == SHA256_RESULTLEN);
}

struct answer_places *
answer_places_init(struct shared_memory *memory,
		   const struct answer_places_class *classes, bool count_uses)
{
	struct answer_places *places = i_new(struct answer_places, 1);
	size_t offset = 0, count;

	places->memory = memory;
	places->classes = classes;
	places->count_uses = count_uses;
	places->secret_ctx = digest_ctx_new();
	digest_add(places->secret_ctx, memory->secret, sizeof(memory->secret));
	places->ctx = digest_ctx_new();
	for (unsigned int i = 0; i < ANSWER_PLACES_CLASSES; i++) {
		i_assert(classes[i].bytes <= sizeof(struct answer_place));
		count = classes[i].buckets * ANSWER_PLACES_WAYS;
		places->tag_offsets[i] = offset;
		offset += count * sizeof(uint64_t);
		places->use_offsets[i] = offset;
		if (count_uses)
			offset += count;
		places->place_offsets[i] = offset;
		offset += count * classes[i].bytes;
	}
	i_assert(offset <= memory->size);
	return places;
}

void answer_places_deinit(struct answer_places **_places)
{
	struct answer_places *places = *_places;

	*_places = NULL;
	EVP_MD_CTX_free(places->secret_ctx);
	EVP_MD_CTX_free(places->ctx);
	i_free(places);
}

void answer_key_init(const struct answer_places *places, const char *name,
		     enum dns_type type, struct answer_key *key_r)
{
	unsigned char digest[SHA256_RESULTLEN], type_byte = type;

	digest_begin(places);
	digest_add(places->ctx, &type_byte, 1);
	digest_add(places->ctx, name, strlen(name));
	digest_end(places, digest);
	memcpy(&key_r->tag, digest, sizeof(key_r->tag));
	memcpy(&key_r->hash, digest + sizeof(key_r->tag),
	       sizeof(key_r->hash));
	if (key_r->tag == 0)
		key_r->tag = 1;
}

unsigned int answer_places_class_for(const struct answer_places *places,
				     size_t data_size)
{
	unsigned int class;

	for (class = 0; class < ANSWER_PLACES_CLASSES; class++) {
		if (data_size + sizeof(struct answer_place_head) <=
		    places->classes[class].bytes)
			break;
	}
	return class;
}

/* The number of the key's first place. */
static size_t
places_first(const struct answer_places *places, unsigned int class,
	     const struct answer_key *key)
{
	return key->hash % places->classes[class].buckets *
		ANSWER_PLACES_WAYS;
}

static uint64_t *
places_tags(const struct answer_places *places, unsigned int class,
	    const struct answer_key *key)
{
	uint64_t *tags = (void *)(places->memory->data +
				  places->tag_offsets[class]);

	return tags + places_first(places, class, key);
}

static unsigned char *
places_use(const struct answer_places *places, unsigned int class,
	   const struct answer_key *key, unsigned int way)
{
	return places->memory->data + places->use_offsets[class] +
		places_first(places, class, key) + way;
}

static unsigned char *
places_data(const struct answer_places *places, unsigned int class,
	    const struct answer_key *key, unsigned int way)
{
	return places->memory->data + places->place_offsets[class] +
		(places_first(places, class, key) + way) *
		places->classes[class].bytes;
}

unsigned int
answer_places_way(const struct answer_places *places, unsigned int class,
		  const struct answer_key *key)
{
	const uint64_t *tags = places_tags(places, class, key);
	unsigned int way;

	for (way = 0; way < ANSWER_PLACES_WAYS; way++) {
		if (tags[way] == key->tag)
			break;
	}
	return way;
}

static void
place_check(const struct answer_places *places,
	    const struct answer_place *place,
	    unsigned char check_r[static ANSWER_PLACES_CHECK_BYTES])
{
	unsigned char digest[SHA256_RESULTLEN];

	digest_begin(places);
	digest_add(places->ctx,
		   CONST_PTR_OFFSET(place, ANSWER_PLACES_CHECK_BYTES),
		   sizeof(place->head) - ANSWER_PLACES_CHECK_BYTES +
		   place->head.size);
	digest_end(places, digest);
	memcpy(check_r, digest, ANSWER_PLACES_CHECK_BYTES);
}

bool answer_places_read(const struct answer_places *places,
			unsigned int class, const struct answer_key *key,
			unsigned int way, struct answer_place *place_r)
{
	unsigned char check[ANSWER_PLACES_CHECK_BYTES];
	size_t bytes = places->classes[class].bytes;

	memcpy(place_r, places_data(places, class, key, way), bytes);
	if (place_r->head.tag != key->tag ||
	    place_r->head.size > bytes - sizeof(place_r->head))
		return FALSE;
	place_check(places, place_r, check);
	return memcmp(check, place_r->head.check, sizeof(check)) == 0;
}

void answer_places_note_use(struct answer_places *places, unsigned int class,
			    const struct answer_key *key, unsigned int way)
{
	unsigned char *use = places_use(places, class, key, way);

	i_assert(places->count_uses);
	if (*use < UINT8_MAX)
		(*use)++;
}

static void
places_forget(struct answer_places *places, unsigned int class,
	      const struct answer_key *key, unsigned int way)
{
	struct answer_place_head empty;

	i_zero(&empty);
	memcpy(places_data(places, class, key, way), &empty, sizeof(empty));
	places_tags(places, class, key)[way] = 0;
}

unsigned int
answer_places_take_over(struct answer_places *places, unsigned int class,
			const struct answer_key *key,
			struct answer_place *old_r)
{
	unsigned int i, way, found = ANSWER_PLACES_WAYS;

	i_zero(&old_r->head);
	for (i = 0; i < ANSWER_PLACES_CLASSES; i++) {
		const uint64_t *tags = places_tags(places, i, key);

		/* two processes may have found two places for it */
		for (way = 0; way < ANSWER_PLACES_WAYS; way++) {
			if (tags[way] != key->tag)
				continue;
			if (old_r->head.tag == 0 &&
			    !answer_places_read(places, i, key, way, old_r))
				i_zero(&old_r->head);
			if (i == class && found == ANSWER_PLACES_WAYS)
				found = way;
			else
				places_forget(places, i, key, way);
		}
	}
	return found;
}

unsigned int
answer_places_least_wanted(const struct answer_places *places,
			   unsigned int class, const struct answer_key *key,
			   answer_rank_t *rank, time_t now, void *context)
{
	struct answer_place_head head;
	unsigned int way, uses, least = 0;
	uint64_t head_rank, least_rank = UINT64_MAX;

	for (way = 0; way < ANSWER_PLACES_WAYS; way++) {
		memcpy(&head, places_data(places, class, key, way),
		       sizeof(head));
		uses = places->count_uses ?
			*places_use(places, class, key, way) : 0;
		head_rank = head.tag == 0 ? 0 :
			rank(&head, uses, now, context);
		if (head_rank < least_rank) {
			least = way;
			least_rank = head_rank;
		}
	}
	return least;
}

void answer_places_write(struct answer_places *places, unsigned int class,
			 const struct answer_key *key, unsigned int way,
			 struct answer_place *place)
{
	uint64_t *tags = places_tags(places, class, key);

	place_check(places, place, place->head.check);
	memcpy(places_data(places, class, key, way), place,
	       sizeof(place->head) + place->head.size);
	if (places->count_uses && tags[way] != key->tag)
		*places_use(places, class, key, way) = 0;
	tags[way] = key->tag;
}

void answer_places_usage(const struct answer_places *places,
			 unsigned int *taken_r, unsigned int *places_r)
{
	unsigned int class, i, count;

	*taken_r = *places_r = 0;
	for (class = 0; class < ANSWER_PLACES_CLASSES; class++) {
		const uint64_t *tags = (const void *)
			(places->memory->data + places->tag_offsets[class]);

		count = places->classes[class].buckets * ANSWER_PLACES_WAYS;
		*places_r += count;
		for (i = 0; i < count; i++) {
			if (tags[i] != 0)
				(*taken_r)++;
		}
	}
}
