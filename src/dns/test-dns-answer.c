/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "resolver.h"
#include "test-dns-answer.h"
#include "test-common.h"

void test_dns_answer_append(string_t *dest, const struct dns_answer *answer)
{
	static const char *const statuses[] = {
		[DNS_STATUS_ANSWER] = "answer",
		[DNS_STATUS_NODATA] = "nodata",
		[DNS_STATUS_NXDOMAIN] = "nxdomain",
		[DNS_STATUS_TEMPORARY] = "temporary",
	};
	const struct dns_record *record;

	str_append(dest, statuses[answer->status]);
	if (answer->alias)
		str_append(dest, "+alias");
	if (answer->reason != NULL)
		str_printfa(dest, " (%s)", answer->reason);
	array_foreach(&answer->records, record) {
		if (record->ip.family != 0)
			str_printfa(dest, " %s", net_ip2addr(&record->ip));
		else if (record->text != NULL) {
			test_assert(record->text[record->text_size] == '\0');
			str_printfa(dest, " [%s]", record->text);
		} else {
			str_printfa(dest, " %u:%s", record->preference,
				    record->name);
		}
	}
	if (answer->ttl_secs != 0)
		str_printfa(dest, " ttl=%u", answer->ttl_secs);
}
