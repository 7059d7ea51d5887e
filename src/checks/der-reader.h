#ifndef DER_READER_H
#define DER_READER_H

/* The little DER (X.690) that RSA keys in DNS need: strict, and without
   OpenSSL's decoders, which cost ten times the verification. */

struct der_rsa_public_key {
	/* big-endian, without leading zero bytes, into the data */
	const unsigned char *modulus;
	size_t modulus_size;
	const unsigned char *exponent;
	size_t exponent_size;
};

/* SubjectPublicKeyInfo (RFC 5280 section 4.1) with rsaEncryption, or bare
   RSAPublicKey (RFC 8017 appendix A.1.1). Nothing may follow. Negative numbers
   and lengths in other than the shortest form are refused. Returns 0 or -1. */
int der_read_rsa_public_key(const unsigned char *data, size_t size,
			    struct der_rsa_public_key *key_r);

#endif
