#ifndef TEST_DNS_MESSAGE_H
#define TEST_DNS_MESSAGE_H

/* DNS messages, good and bad, for tests. */

#include <arpa/nameser.h>

#define TEST_DNS_ANSWER_FLAGS 0x8180
#define TEST_DNS_TC_FLAG 0x0200

/* A header with this id, flags with RCODE, and the question. */
void test_dns_begin(buffer_t *buf, unsigned int id, unsigned int flags,
		    const char *name, unsigned int type);
/* name with "\DDD" and "\X" as in a zone file, not compressed. */
void test_dns_name(buffer_t *buf, const char *name);
/* A record into the answer section, and into the authority section. */
void test_dns_record(buffer_t *buf, const char *owner, unsigned int type,
		     unsigned int ttl, const void *data, size_t size);
void test_dns_authority(buffer_t *buf, const char *owner, unsigned int type,
			unsigned int ttl, const void *data, size_t size);

void test_dns_a(buffer_t *buf, const char *owner, const char *ip);
void test_dns_host(buffer_t *buf, const char *owner, unsigned int type,
		   const char *target);
void test_dns_mx(buffer_t *buf, const char *owner, unsigned int preference,
		 const char *target);
/* Split into strings of 255 bytes. */
void test_dns_txt(buffer_t *buf, const char *owner, const void *text,
		  size_t size);
void test_dns_soa(buffer_t *buf, const char *owner, unsigned int ttl,
		  unsigned int minimum);

/* Overwrite 16 bits. */
void test_dns_set16(buffer_t *buf, size_t offset, unsigned int value);
unsigned int test_dns_get16(const buffer_t *buf, size_t offset);

#endif
