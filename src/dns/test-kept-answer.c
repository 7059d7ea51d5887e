/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "shared-memory.h"
#include "test-common.h"
#include "test-kept-answer.h"

#include <sys/mman.h>

struct shared_memory *test_kept_memory(size_t bytes)
{
	static struct shared_memory memories[64];
	static unsigned int count = 0;
	struct shared_memory *memory;

	i_assert(count < N_ELEMENTS(memories));
	memory = &memories[count++];
	memory->size = bytes;
	memory->data = mmap(NULL, memory->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	i_assert(memory->data != MAP_FAILED);
	memset(memory->secret, 7, sizeof(memory->secret));
	return memory;
}

const struct dns_answer *
test_kept_answer(enum dns_type type, enum dns_status status, const char *text,
		 unsigned int count)
{
	struct dns_answer *answer = t_new(struct dns_answer, 1);
	struct dns_record *record;

	answer->status = status;
	t_array_init(&answer->records, 4);
	for (; status == DNS_STATUS_ANSWER && count > 0; count--) {
		record = array_append_space(&answer->records);
		switch (type) {
		case DNS_TYPE_A:
		case DNS_TYPE_AAAA:
			test_assert(net_addr2ip(text, &record->ip) == 0);
			break;
		case DNS_TYPE_MX:
			record->preference = count;
			/* fall through */
		case DNS_TYPE_PTR:
			record->name = text;
			break;
		case DNS_TYPE_TXT:
			record->text = (const void *)text;
			record->text_size = strlen(text);
			break;
		}
	}
	return answer;
}

bool test_kept_answers_equal(enum dns_type type,
			     const struct dns_answer *answer1,
			     const struct dns_answer *answer2)
{
	const struct dns_record *record1, *record2;
	unsigned int i, count = array_count(&answer1->records);

	if (answer1->status != answer2->status ||
	    answer1->alias != answer2->alias ||
	    count != array_count(&answer2->records))
		return FALSE;
	for (i = 0; i < count; i++) {
		record1 = array_idx(&answer1->records, i);
		record2 = array_idx(&answer2->records, i);
		if (type == DNS_TYPE_TXT ?
		    record1->text_size != record2->text_size ||
		    memcmp(record1->text, record2->text,
			   record1->text_size) != 0 :
		    type == DNS_TYPE_MX || type == DNS_TYPE_PTR ?
		    record1->preference != record2->preference ||
		    strcmp(record1->name, record2->name) != 0 :
		    !net_ip_compare(&record1->ip, &record2->ip))
			return FALSE;
	}
	return TRUE;
}
