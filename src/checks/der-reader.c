/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "der-reader.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_SEQUENCE = 0x30
};

struct der_reader {
	const unsigned char *p, *end;
};

/* AlgorithmIdentifier { rsaEncryption, NULL }, RFC 8017 appendix A.1 */
static const unsigned char rsa_algorithm[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
	0x05, 0x00
};

/* The length octets, X.690 section 10.1: in the shortest form. */
static int der_read_length(struct der_reader *reader, size_t *length_r)
{
	size_t length;
	unsigned int octets;

	if (reader->p == reader->end)
		return -1;
	length = *reader->p++;
	if (length >= 0x80) {
		/* 64 KiB are more than any key */
		octets = length & 0x7f;
		if (octets < 1 || octets > 2 ||
		    (size_t)(reader->end - reader->p) < octets)
			return -1;
		length = *reader->p++;
		if (length == 0)
			return -1;
		if (octets == 2)
			length = (length << 8) | *reader->p++;
		else if (length < 0x80)
			return -1;
	}
	if (length > (size_t)(reader->end - reader->p))
		return -1;
	*length_r = length;
	return 0;
}

/* Take one value with this tag; contents_r reads what is inside. */
static int der_read(struct der_reader *reader, enum der_tag tag,
		    struct der_reader *contents_r)
{
	size_t length;

	if (reader->p == reader->end || *reader->p != tag)
		return -1;
	reader->p++;
	if (der_read_length(reader, &length) < 0)
		return -1;
	contents_r->p = reader->p;
	contents_r->end = reader->p + length;
	reader->p += length;
	return 0;
}

static int der_read_positive(struct der_reader *reader,
			     const unsigned char **number_r, size_t *size_r)
{
	struct der_reader number;
	size_t size;

	if (der_read(reader, DER_INTEGER, &number) < 0)
		return -1;
	size = number.end - number.p;
	/* the first bit is the sign */
	if (size == 0 || (number.p[0] & 0x80) != 0)
		return -1;
	if (number.p[0] == 0) {
		if (size == 1 || (number.p[1] & 0x80) == 0)
			return -1;
		number.p++;
		size--;
	}
	*number_r = number.p;
	*size_r = size;
	return 0;
}

static int der_read_numbers(struct der_reader *reader,
			    struct der_rsa_public_key *key_r)
{
	if (der_read_positive(reader, &key_r->modulus,
			      &key_r->modulus_size) < 0 ||
	    der_read_positive(reader, &key_r->exponent,
			      &key_r->exponent_size) < 0)
		return -1;
	return reader->p == reader->end ? 0 : -1;
}

static int der_read_info(struct der_reader *reader,
			 struct der_rsa_public_key *key_r)
{
	struct der_reader algorithm, bits, key;

	if (der_read(reader, DER_SEQUENCE, &algorithm) < 0 ||
	    der_read(reader, DER_BIT_STRING, &bits) < 0 ||
	    reader->p != reader->end)
		return -1;
	if ((size_t)(algorithm.end - algorithm.p) != sizeof(rsa_algorithm) ||
	    memcmp(algorithm.p, rsa_algorithm, sizeof(rsa_algorithm)) != 0)
		return -1;
	/* no unused bits */
	if (bits.p == bits.end || *bits.p++ != 0)
		return -1;
	if (der_read(&bits, DER_SEQUENCE, &key) < 0 || bits.p != bits.end)
		return -1;
	return der_read_numbers(&key, key_r);
}

int der_read_rsa_public_key(const unsigned char *data, size_t size,
			    struct der_rsa_public_key *key_r)
{
	struct der_reader reader = { .p = data, .end = data + size };
	struct der_reader contents;

	if (der_read(&reader, DER_SEQUENCE, &contents) < 0 ||
	    reader.p != reader.end)
		return -1;
	if (contents.p < contents.end && *contents.p == DER_SEQUENCE)
		return der_read_info(&contents, key_r);
	return der_read_numbers(&contents, key_r);
}
