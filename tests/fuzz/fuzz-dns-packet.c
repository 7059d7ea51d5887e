/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "dns-packet.h"
#include "fuzzer.h"

/* The first byte chooses the type, the rest is the message. */
FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	struct dns_answer answer;
	const struct dns_record *record;
	pool_t pool;

	pool = pool_alloconly_create("fuzz", 1024);
	dns_packet_parse(pool, size == 0 ? data : data + 1,
			 size == 0 ? 0 : size - 1, "example.org",
			 size == 0 ? DNS_TYPE_A : data[0] % (DNS_TYPE_TXT + 1),
			 &answer);
	i_assert((answer.status == DNS_STATUS_ANSWER) ==
		 (array_count(&answer.records) > 0));
	i_assert((answer.status == DNS_STATUS_TEMPORARY) ==
		 (answer.reason != NULL));
	i_assert(array_count(&answer.records) <= AUTHRES_MAX_DNS_RECORDS);
	array_foreach(&answer.records, record) {
		const char *name;

		i_assert(record->text == NULL ||
			 record->text[record->text_size] == '\0');
		i_assert(record->name == NULL || record->name[0] == '\0' ||
			 (dns_name_normalize(record->name, &name) == 0 &&
			  strcmp(name, record->name) == 0));
	}
	pool_unref(&pool);
}
FUZZ_END
