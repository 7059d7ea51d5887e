/* Copyright (c) authres authors, see the included COPYING file */

/* The floor: what must be computed for each message and nothing else. The body
   is canonicalized ("relaxed") and hashed once, the signed header fields once
   for each signature, and the signature verified with a key that is decoded.
   What is signed was found before (floor.py).

   usage: floor ROUNDS FILE
   FILE: a sequence of items, each with its size as 32 bits (this machine's
   order) before it: number of keys (as 32 bits), the keys (DER, or 32 bytes of
   ed25519); then for each message the body, the number of signatures, and for
   each of them: number of its key, hash of the body, header fields as they
   are, signature. Prints seconds of CPU and the number of signatures that
   verified, for each round. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

struct item {
	const unsigned char *data;
	uint32_t size;
};

static const unsigned char *file_pos, *file_end;
static unsigned char *canonical;
static EVP_PKEY **keys;

static struct item next_item(void)
{
	struct item item;

	if (file_end - file_pos < 4)
		abort();
	memcpy(&item.size, file_pos, 4);
	item.data = file_pos + 4;
	file_pos += 4 + item.size;
	if (file_pos > file_end)
		abort();
	return item;
}

static uint32_t next_number(void)
{
	struct item item = next_item();
	uint32_t number;

	memcpy(&number, item.data, sizeof(number));
	return number;
}

static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned char *data;
	struct stat st;

	if (file == NULL || fstat(fileno(file), &st) < 0)
		abort();
	data = malloc(st.st_size);
	canonical = malloc(st.st_size);
	if (data == NULL || canonical == NULL ||
	    fread(data, 1, st.st_size, file) != (size_t)st.st_size)
		abort();
	fclose(file);
	file_pos = data;
	file_end = data + st.st_size;
}

static void read_keys(void)
{
	uint32_t i, count = next_number();

	keys = calloc(count, sizeof(*keys));
	for (i = 0; i < count; i++) {
		struct item key = next_item();

		keys[i] = key.size == 32 ?
			EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						    key.data, 32) :
			d2i_PUBKEY(NULL, &key.data, key.size);
		if (keys[i] == NULL)
			abort();
	}
}

/* RFC 6376 section 3.4.4, line by line. Lines end with CRLF. */
static size_t canonicalize_body(const struct item *body)
{
	const unsigned char *p = body->data, *end = p + body->size;
	unsigned char *out = canonical;

	while (p < end) {
		const unsigned char *line_end = memchr(p, '\n', end - p);
		const unsigned char *stop;

		line_end = line_end == NULL ? end : line_end + 1;
		stop = line_end - 2;
		while (p < stop) {
			const unsigned char *blank = p;

			while (blank < stop && *blank != ' ' &&
			       *blank != '\t')
				blank++;
			memcpy(out, p, blank - p);
			out += blank - p;
			for (p = blank; p < stop &&
			     (*p == ' ' || *p == '\t'); )
				p++;
			if (p > blank && p < stop)
				*out++ = ' ';
		}
		*out++ = '\r';
		*out++ = '\n';
		p = line_end;
	}
	/* without the empty lines at the end */
	while (out - canonical >= 4 && memcmp(out - 4, "\r\n\r\n", 4) == 0)
		out -= 2;
	return out - canonical;
}

/* RFC 6376 section 3.4.2; the last field, the signature's own, has no CRLF. */
static size_t canonicalize_header(const struct item *fields)
{
	const unsigned char *p = fields->data, *end = p + fields->size;
	unsigned char *out = canonical;

	while (p < end) {
		int blank = 0;

		for (; p < end && *p != ':'; p++) {
			if (*p != ' ' && *p != '\t')
				*out++ = *p >= 'A' && *p <= 'Z' ?
					*p + 32 : *p;
		}
		if (p < end)
			*out++ = *p++;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		for (; p < end; p++) {
			if (*p == '\r' && p + 1 < end && p[1] == '\n') {
				p++;
				if (p + 1 == end || (p[1] != ' ' &&
						     p[1] != '\t'))
					break;
			} else if (*p == ' ' || *p == '\t') {
				blank = 1;
			} else {
				if (blank)
					*out++ = ' ';
				blank = 0;
				*out++ = *p;
			}
		}
		if (p < end) {
			p++;
			*out++ = '\r';
			*out++ = '\n';
		}
	}
	return out - canonical;
}

static int verify(EVP_PKEY *key, const unsigned char *data, size_t size,
		  const struct item *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char hash[32];
	int ret;

	if (EVP_PKEY_id(key) == EVP_PKEY_ED25519) {
		/* RFC 8463: it signs the hash */
		EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL);
		EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key);
		ret = EVP_DigestVerify(ctx, signature->data, signature->size,
				       hash, sizeof(hash));
	} else {
		EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key);
		ret = EVP_DigestVerify(ctx, signature->data, signature->size,
				       data, size);
	}
	EVP_MD_CTX_free(ctx);
	return ret == 1;
}

static unsigned int check(void)
{
	struct item body = next_item();
	uint32_t count = next_number();
	unsigned int verified = 0;
	unsigned char hash[32];

	EVP_Digest(canonical, canonicalize_body(&body), hash, NULL,
		   EVP_sha256(), NULL);
	while (count-- > 0) {
		uint32_t key = next_number();
		struct item body_hash = next_item();
		struct item fields = next_item();
		struct item signature = next_item();

		if (body_hash.size > 0 && memcmp(body_hash.data, hash, 32) != 0)
			continue;
		if (verify(keys[key], canonical, canonicalize_header(&fields),
			   &signature))
			verified++;
	}
	return verified;
}

int main(int argc, char *argv[])
{
	const unsigned char *first;
	int rounds;

	if (argc != 3)
		return 1;
	read_file(argv[2]);
	read_keys();
	first = file_pos;
	for (rounds = atoi(argv[1]); rounds > 0; rounds--) {
		clock_t started = clock();
		unsigned int verified = 0;

		for (file_pos = first; file_pos < file_end; )
			verified += check();
		printf("%.6f %u\n", (clock() - started) /
		       (double)CLOCKS_PER_SEC, verified);
	}
	return 0;
}
