/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "canonicalize-body.h"
#include "body-hash.h"

#include <openssl/evp.h>

struct body_hash_request {
	enum canonicalization canonicalization;
	uoff_t length;
	struct body_hash hash;
	bool cut;
};

/* One canonical body and its running hash. */
struct body_hash_stream {
	struct body_hash_set *set;
	struct canonical_body *body;
	EVP_MD_CTX *ctx;
	uoff_t bytes;
	/* requests with a length, the shortest first */
	ARRAY(struct body_hash_request *) snapshots;
	unsigned int next_snapshot;
};

struct body_hash_set {
	pool_t pool;
	bool started, finished;
	/* NULL: nobody asked for this canonicalization */
	struct body_hash_stream *streams[CANONICALIZATION_RELAXED + 1];
	ARRAY(struct body_hash_request *) requests;
	EVP_MD_CTX *snapshot_ctx;
};

struct body_hash_set *body_hash_set_init(pool_t pool)
{
	struct body_hash_set *set = p_new(pool, struct body_hash_set, 1);

	set->pool = pool;
	p_array_init(&set->requests, pool, 8);
	return set;
}

static EVP_MD_CTX *body_hash_ctx_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: no SHA-256 context");
	return ctx;
}

void body_hash_set_deinit(struct body_hash_set **_set)
{
	struct body_hash_set *set = *_set;
	unsigned int i;

	*_set = NULL;
	if (set == NULL)
		return;
	for (i = 0; i < N_ELEMENTS(set->streams); i++) {
		if (set->streams[i] != NULL)
			EVP_MD_CTX_free(set->streams[i]->ctx);
	}
	EVP_MD_CTX_free(set->snapshot_ctx);
}

static void body_hash_digest(EVP_MD_CTX *ctx, unsigned char *digest_r)
{
	unsigned int size;

	if (EVP_DigestFinal_ex(ctx, digest_r, &size) != 1)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: SHA-256 failed");
	i_assert(size == BODY_HASH_BYTES);
}

static void body_hash_take_snapshot(struct body_hash_stream *stream,
				    struct body_hash_request *request)
{
	if (EVP_MD_CTX_copy_ex(stream->set->snapshot_ctx, stream->ctx) != 1)
		i_fatal_status(FATAL_OUTOFMEM, "OpenSSL: SHA-256 failed");
	body_hash_digest(stream->set->snapshot_ctx, request->hash.digest);
	request->hash.hashed_bytes = stream->bytes;
}

/* Equal lengths are one request, so each is reached once. */
static void body_hash_snapshots(struct body_hash_stream *stream)
{
	struct body_hash_request *const *requests;
	unsigned int count;

	requests = array_get(&stream->snapshots, &count);
	while (stream->next_snapshot < count &&
	       requests[stream->next_snapshot]->length == stream->bytes) {
		body_hash_take_snapshot(stream,
					requests[stream->next_snapshot]);
		stream->next_snapshot++;
	}
}

static void body_hash_update(const unsigned char *data, size_t size,
			     void *context)
{
	struct body_hash_stream *stream = context;
	struct body_hash_request *const *requests;
	unsigned int count;

	requests = array_get(&stream->snapshots, &count);
	while (size > 0) {
		size_t part = size;

		if (stream->next_snapshot < count) {
			uoff_t left = requests[stream->next_snapshot]->length -
				stream->bytes;

			if (part > left)
				part = left;
		}
		if (EVP_DigestUpdate(stream->ctx, data, part) != 1) {
			i_fatal_status(FATAL_OUTOFMEM,
				       "OpenSSL: SHA-256 failed");
		}
		stream->bytes += part;
		data += part;
		size -= part;
		body_hash_snapshots(stream);
	}
}

static struct body_hash_stream *
body_hash_stream_get(struct body_hash_set *set,
		     enum canonicalization canonicalization)
{
	struct body_hash_stream *stream = set->streams[canonicalization];

	if (stream != NULL)
		return stream;
	stream = p_new(set->pool, struct body_hash_stream, 1);
	stream->set = set;
	stream->ctx = body_hash_ctx_new();
	stream->body = p_new(set->pool, struct canonical_body, 1);
	canonical_body_init(stream->body, canonicalization,
			    body_hash_update, stream);
	p_array_init(&stream->snapshots, set->pool, 4);
	if (set->snapshot_ctx == NULL)
		set->snapshot_ctx = body_hash_ctx_new();
	set->streams[canonicalization] = stream;
	return stream;
}

unsigned int body_hash_add(struct body_hash_set *set,
			   enum canonicalization canonicalization,
			   uoff_t length)
{
	struct body_hash_stream *stream;
	struct body_hash_request *request, *const *requests;
	unsigned int i, count;

	i_assert(!set->started);

	requests = array_get(&set->requests, &count);
	for (i = 0; i < count; i++) {
		if (requests[i]->canonicalization == canonicalization &&
		    requests[i]->length == length)
			return i;
	}
	request = p_new(set->pool, struct body_hash_request, 1);
	request->canonicalization = canonicalization;
	request->length = length;
	array_push_back(&set->requests, &request);

	stream = body_hash_stream_get(set, canonicalization);
	if (length != BODY_HASH_WHOLE)
		array_push_back(&stream->snapshots, &request);
	return count;
}

static int body_hash_request_cmp(struct body_hash_request *const *request1,
				 struct body_hash_request *const *request2)
{
	if ((*request1)->length == (*request2)->length)
		return 0;
	return (*request1)->length < (*request2)->length ? -1 : 1;
}

static void body_hash_start(struct body_hash_set *set)
{
	unsigned int i;

	set->started = TRUE;
	for (i = 0; i < N_ELEMENTS(set->streams); i++) {
		if (set->streams[i] == NULL)
			continue;
		array_sort(&set->streams[i]->snapshots, body_hash_request_cmp);
		/* l=0 */
		body_hash_snapshots(set->streams[i]);
	}
}

void body_hash_more(struct body_hash_set *set,
		    const unsigned char *data, size_t size)
{
	unsigned int i;

	i_assert(!set->finished);

	if (!set->started)
		body_hash_start(set);
	for (i = 0; i < N_ELEMENTS(set->streams); i++) {
		if (set->streams[i] != NULL) {
			canonical_body_more(set->streams[i]->body,
					    data, size);
		}
	}
}

static void body_hash_fill(struct body_hash_stream *stream,
			   struct body_hash_request *request,
			   const unsigned char *digest)
{
	request->hash.canonical_bytes = stream->bytes;
	/* without l=, or with l= behind the end */
	if (request->length > stream->bytes) {
		memcpy(request->hash.digest, digest, BODY_HASH_BYTES);
		request->hash.hashed_bytes = stream->bytes;
	}
}

void body_hash_finish(struct body_hash_set *set)
{
	struct body_hash_request *request;
	unsigned char digests[CANONICALIZATION_RELAXED + 1][BODY_HASH_BYTES];
	unsigned int i;

	if (set->finished)
		return;
	if (!set->started)
		body_hash_start(set);
	set->finished = TRUE;
	for (i = 0; i < N_ELEMENTS(set->streams); i++) {
		if (set->streams[i] != NULL) {
			canonical_body_finish(set->streams[i]->body);
			body_hash_digest(set->streams[i]->ctx, digests[i]);
		}
	}
	array_foreach_elem(&set->requests, request) {
		body_hash_fill(set->streams[request->canonicalization],
			       request, digests[request->canonicalization]);
	}
}

void body_hash_cut(struct body_hash_set *set)
{
	struct body_hash_request *request;

	if (set->finished)
		return;
	if (!set->started)
		body_hash_start(set);
	set->finished = TRUE;
	array_foreach_elem(&set->requests, request) {
		struct body_hash_stream *stream =
			set->streams[request->canonicalization];

		canonical_body_flush(stream->body);
		request->hash.canonical_bytes = stream->bytes;
		request->cut = request->length > stream->bytes;
	}
}

bool body_hash_is_cut(struct body_hash_set *set, unsigned int handle)
{
	struct body_hash_request *const *request =
		array_idx(&set->requests, handle);

	return (*request)->cut;
}

const struct body_hash *
body_hash_get(struct body_hash_set *set, unsigned int handle)
{
	struct body_hash_request *const *request =
		array_idx(&set->requests, handle);

	i_assert(set->finished && !(*request)->cut);
	return &(*request)->hash;
}

uoff_t body_hash_bytes_left(uoff_t canonical_bytes, uoff_t hashed_bytes)
{
	uoff_t left = canonical_bytes - hashed_bytes;

	return left <= strlen("\r\n") ? 0 : left;
}
