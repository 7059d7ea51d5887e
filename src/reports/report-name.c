/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "hex-binary.h"
#include "sha2.h"
#include "time-util.h"
#include "utc-mktime.h"
#include "authres-limits.h"
#include "history-day.h"
#include "report-name.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

#define REPORT_ID_BYTES 16
#define ADDRESS_HASH_BYTES 4
#define MAX_LOCAL_PART_BYTES 64
#define SUBJECT_COLUMNS 78

bool report_domain_is_valid(const char *name)
{
	size_t size = name == NULL ? 0 : strlen(name);

	if (size == 0 || size > AUTHRES_MAX_DOMAIN_BYTES)
		return FALSE;
	for (size_t i = 0; i < size; i++) {
		bool inner = i > 0 && i < size - 1 &&
			name[i - 1] != '.' && name[i + 1] != '.';

		if (!i_islower(name[i]) && !i_isdigit(name[i]) &&
		    name[i] != '_' &&
		    !(inner && (name[i] == '-' || name[i] == '.')))
			return FALSE;
	}
	return TRUE;
}

int report_day_parse(const char *text, unsigned int *day_r)
{
	struct tm tm;
	time_t time;
	unsigned int year, month, day;

	if (sscanf(text, "%4u-%2u-%2u", &year, &month, &day) != 3)
		return -1;
	i_zero(&tm);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	time = utc_mktime(&tm);
	if (time < 0)
		return -1;
	/* no 31st of February, and nothing around it */
	if (strcmp(t_history_day_text(history_day(time)), text) != 0)
		return -1;
	*day_r = history_day(time);
	return 0;
}

static const char *t_hash(const char *const *words, unsigned int bytes)
{
	unsigned char digest[SHA256_RESULTLEN];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	for (; *words != NULL; words++)
		sha256_loop(&ctx, *words, strlen(*words) + 1);
	sha256_result(&ctx, digest);
	return binary_to_hex(digest, bytes);
}

/* Case matters, and white space stands on both sides of every word. */
static const char *
t_report_subject(const struct report_name_key *key, const char *id)
{
	const char *domain = t_strconcat("Report Domain: ",
					 key->policy_domain, NULL);
	const char *submitter = t_strconcat("Submitter: ", key->submitter,
					    NULL);
	size_t line = strlen("Subject: ") + strlen(domain);
	const char *separators[2];

	separators[0] = line + 1 + strlen(submitter) <= SUBJECT_COLUMNS ?
		" " : "\r\n ";
	if (*separators[0] == '\r')
		line = 0;
	line += 1 + strlen(submitter);
	separators[1] = line + strlen(" Report-ID: <>") + strlen(id) <=
		SUBJECT_COLUMNS ? " " : "\r\n ";
	return t_strconcat(domain, separators[0], submitter, separators[1],
			   "Report-ID: <", id, ">", NULL);
}

void report_name_init(pool_t pool, const struct report_name_key *key,
		      struct report_name *name_r)
{
	const char *begin, *words[5];

	i_zero(name_r);
	name_r->begin = (time_t)key->day * HISTORY_DAY_SECS;
	name_r->end = name_r->begin + HISTORY_DAY_SECS - 1;
	T_BEGIN {
		begin = dec2str(name_r->begin);
		words[0] = key->submitter;
		words[1] = key->policy_domain;
		words[2] = key->config;
		words[3] = begin;
		words[4] = NULL;
		name_r->id = p_strdup(pool, t_hash(words, REPORT_ID_BYTES));
		name_r->file_name = p_strdup_printf(pool,
			"%s!%s!%s!%s!%s.xml.gz", key->submitter,
			key->policy_domain, begin, dec2str(name_r->end),
			name_r->id);
		name_r->subject = p_strdup(pool,
					   t_report_subject(key, name_r->id));
	} T_END;
}

static const char *
t_name_for(const struct report_name *name, const char *address)
{
	const char *words[] = { address, NULL };

	return t_strdup_printf("%s.%s", name->id,
			       t_hash(words, ADDRESS_HASH_BYTES));
}

const char *
t_report_message_id(const struct report_name *name, const char *submitter,
		    const char *address)
{
	return t_strdup_printf("%s@%s", t_name_for(name, address), submitter);
}

const char *
t_report_mail_from(const struct report_name *name, const char *from,
		   const char *address)
{
	const char *at = strrchr(from, '@');
	const char *local = t_strdup_until(from, at);
	const char *tag = t_name_for(name, address);

	if (*local == '"' || strlen(local) + 1 + strlen(tag) >
	    MAX_LOCAL_PART_BYTES)
		return from;
	return t_strconcat(local, "+", tag, at, NULL);
}
