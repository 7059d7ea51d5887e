/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "net.h"
#include "test-dns-message.h"

#include <ctype.h>

static void append16(buffer_t *buf, unsigned int value)
{
	buffer_append_c(buf, value >> 8);
	buffer_append_c(buf, value & 0xff);
}

static void append32(buffer_t *buf, unsigned int value)
{
	append16(buf, value >> 16);
	append16(buf, value & 0xffff);
}

void test_dns_set16(buffer_t *buf, size_t offset, unsigned int value)
{
	unsigned char bytes[2] = { value >> 8, value & 0xff };

	buffer_write(buf, offset, bytes, 2);
}

unsigned int test_dns_get16(const buffer_t *buf, size_t offset)
{
	const unsigned char *data = buf->data;

	return (data[offset] << 8) | data[offset + 1];
}

void test_dns_name(buffer_t *buf, const char *name)
{
	size_t start = buf->used;
	unsigned char size;

	buffer_append_c(buf, 0);
	for (; *name != '\0'; name++) {
		if (*name == '.') {
			size = buf->used - start - 1;
			buffer_write(buf, start, &size, 1);
			start = buf->used;
			buffer_append_c(buf, 0);
		} else if (*name != '\\')
			buffer_append_c(buf, *name);
		else if (i_isdigit(name[1])) {
			buffer_append_c(buf, (name[1] - '0') * 100 +
				(name[2] - '0') * 10 + (name[3] - '0'));
			name += 3;
		} else {
			buffer_append_c(buf, *++name);
		}
	}
	size = buf->used - start - 1;
	buffer_write(buf, start, &size, 1);
	if (size > 0)
		buffer_append_c(buf, 0);
}

void test_dns_begin(buffer_t *buf, unsigned int id, unsigned int flags,
		    const char *name, unsigned int type)
{
	buffer_set_used_size(buf, 0);
	append16(buf, id);
	append16(buf, flags);
	append16(buf, 1);
	append16(buf, 0);
	append32(buf, 0);
	test_dns_name(buf, name);
	append16(buf, type);
	append16(buf, ns_c_in);
}

static void
test_dns_append(buffer_t *buf, size_t count_offset, const char *owner,
		unsigned int type, unsigned int ttl, const void *data,
		size_t size)
{
	test_dns_set16(buf, count_offset,
		       test_dns_get16(buf, count_offset) + 1);
	test_dns_name(buf, owner);
	append16(buf, type);
	append16(buf, ns_c_in);
	append32(buf, ttl);
	append16(buf, size);
	buffer_append(buf, data, size);
}

void test_dns_record(buffer_t *buf, const char *owner, unsigned int type,
		     unsigned int ttl, const void *data, size_t size)
{
	test_dns_append(buf, 6, owner, type, ttl, data, size);
}

void test_dns_authority(buffer_t *buf, const char *owner, unsigned int type,
			unsigned int ttl, const void *data, size_t size)
{
	test_dns_append(buf, 8, owner, type, ttl, data, size);
}

void test_dns_a(buffer_t *buf, const char *owner, const char *ip)
{
	struct ip_addr addr;

	if (net_addr2ip(ip, &addr) < 0)
		i_unreached();
	if (addr.family == AF_INET)
		test_dns_record(buf, owner, ns_t_a, 300, &addr.u.ip4, 4);
	else
		test_dns_record(buf, owner, ns_t_aaaa, 300, &addr.u.ip6, 16);
}

void test_dns_host(buffer_t *buf, const char *owner, unsigned int type,
		   const char *target)
{
	buffer_t *data = t_buffer_create(256);

	test_dns_name(data, target);
	test_dns_record(buf, owner, type, 300, data->data, data->used);
}

void test_dns_mx(buffer_t *buf, const char *owner, unsigned int preference,
		 const char *target)
{
	buffer_t *data = t_buffer_create(256);

	append16(data, preference);
	test_dns_name(data, target);
	test_dns_record(buf, owner, ns_t_mx, 300, data->data, data->used);
}

void test_dns_txt(buffer_t *buf, const char *owner, const void *text,
		  size_t size)
{
	buffer_t *data = t_buffer_create(size + size / 255 + 1);
	const unsigned char *p = text;

	do {
		size_t part = I_MIN(size, 255);

		buffer_append_c(data, part);
		buffer_append(data, p, part);
		p += part;
		size -= part;
	} while (size > 0);
	test_dns_record(buf, owner, ns_t_txt, 300, data->data, data->used);
}

void test_dns_soa(buffer_t *buf, const char *owner, unsigned int ttl,
		  unsigned int minimum)
{
	buffer_t *data = t_buffer_create(256);

	test_dns_name(data, "ns");
	test_dns_name(data, "hostmaster");
	append32(data, 1);
	append32(data, 3600);
	append32(data, 600);
	append32(data, 86400);
	append32(data, minimum);
	test_dns_authority(buf, owner, ns_t_soa, ttl, data->data, data->used);
}
