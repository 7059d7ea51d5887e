/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "dmarc-record.h"
#include "fuzzer.h"

static bool is_policy(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_NONE ||
		policy == DMARC_POLICY_QUARANTINE ||
		policy == DMARC_POLICY_REJECT;
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	struct dmarc_record record, old;
	bool found, old_found;

	found = dmarc_record_parse(DMARC_MODE_RFC9989, data, size, &record);
	old_found = dmarc_record_parse(DMARC_MODE_RFC7489, data, size, &old);
	i_assert(found == old_found);
	i_assert(!found || (size >= 8 && data[0] == 'v'));
	i_assert(is_policy(record.policy));
	i_assert(is_policy(record.subdomain_policy));
	i_assert(is_policy(record.nonexistent_policy));
	i_assert(record.percent == 100 && old.percent <= 100);
	i_assert(!old.has_nonexistent_policy && !old.test_mode);
	i_assert(old.psd == DMARC_PSD_UNKNOWN);
	/* without a valid p nothing but reports is asked for */
	i_assert(record.has_policy || (record.policy == DMARC_POLICY_NONE &&
				       !record.has_subdomain_policy &&
				       !record.has_nonexistent_policy));
	/* what one mode reads alike, the other does */
	i_assert(record.strict_dkim == old.strict_dkim);
	i_assert(record.strict_spf == old.strict_spf);
	/* an unknown tag changes nothing */
	if (found) {
		unsigned char *longer = t_malloc0(size + 5);
		struct dmarc_record again;

		memcpy(longer, data, size);
		memcpy(longer + size, ";x=y;", 5);
		i_assert(dmarc_record_parse(DMARC_MODE_RFC9989, longer,
					    size + 5, &again));
		again.text = record.text;
		again.text_size = record.text_size;
		i_assert(memcmp(&record, &again, sizeof(again)) == 0);
	}
}
FUZZ_END
