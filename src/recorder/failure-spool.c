/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "base64.h"
#include "hmac.h"
#include "randgen.h"
#include "read-full.h"
#include "safe-memset.h"
#include "sha2.h"
#include "str.h"
#include "write-full.h"
#include "authres-limits.h"
#include "failure-files.h"
#include "failure-record.h"
#include "failure-text.h"
#include "recent-messages.h"
#include "failure-spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE "key"
#define NEW_KEY_FILE "key.new"
#define KEY_BYTES 32
/* base64url characters of 9 bytes */
#define HASH_CHARS 12
#define HASH_BYTES (HASH_CHARS / 4 * 3)
#define HOUR_SECS 3600
/* the sender removes files: they are counted again after so long */
#define COUNT_SECS 10
#define BUCKET_SIZE 8
#define BUCKETS (AUTHRES_MAX_FAILURE_KINDS / BUCKET_SIZE)

/* Of a kind: since when, and how many came besides the first. Of a policy
   domain: since when, and how many reports there are. */
struct failure_count {
	uint64_t number;
	time_t time;
	unsigned int count;
};
struct failure_counts {
	struct failure_count buckets[BUCKETS][BUCKET_SIZE];
};

struct failure_spool {
	char *dir;
	unsigned char key[KEY_BYTES];
	struct recent_messages *recent;
	struct failure_counts kinds, domains;
	/* files, as of this time */
	unsigned int file_count;
	time_t counted;
};

static int error_of(const char *function, const char *path,
		    const char **error_r)
{
	*error_r = t_strdup_printf("%s(%s) failed: %m", function, path);
	return -1;
}

static int
make_dir(const char *dir, uid_t uid, gid_t gid, const char **error_r)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return error_of("mkdir", dir, error_r);
	if (uid != (uid_t)-1 && lchown(dir, uid, gid) < 0)
		return error_of("chown", dir, error_r);
	return 0;
}

/* Returns 1, 0 if there is none, -1. */
static int read_key(struct failure_spool *spool, const char **error_r)
{
	const char *path = t_strconcat(spool->dir, "/"KEY_FILE, NULL);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), ret;

	if (fd == -1)
		return errno == ENOENT ? 0 : error_of("open", path, error_r);
	ret = read_full(fd, spool->key, KEY_BYTES);
	i_close_fd(&fd);
	if (ret > 0)
		return 1;
	*error_r = t_strdup_printf("%s: no key of %u bytes", path, KEY_BYTES);
	return -1;
}

/* Whole, or not there at all. */
static int
make_key(struct failure_spool *spool, uid_t uid, gid_t gid,
	 const char **error_r)
{
	const char *path = t_strconcat(spool->dir, "/"KEY_FILE, NULL);
	const char *new_path = t_strconcat(spool->dir, "/"NEW_KEY_FILE, NULL);
	int fd, ret;

	random_fill(spool->key, KEY_BYTES);
	i_unlink_if_exists(new_path);
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return error_of("open", new_path, error_r);
	ret = write_full(fd, spool->key, KEY_BYTES);
	if (ret == 0 && uid != (uid_t)-1)
		ret = fchown(fd, uid, gid);
	if (ret == 0)
		ret = fsync(fd);
	if (ret == 0)
		ret = rename(new_path, path);
	if (ret < 0)
		(void)error_of("write", new_path, error_r);
	i_close_fd(&fd);
	return ret;
}

int failure_spool_open(const char *dir, uid_t uid, gid_t gid,
		       struct failure_spool **spool_r, const char **error_r)
{
	struct failure_spool *spool = i_new(struct failure_spool, 1);
	int ret = make_dir(dir, uid, gid, error_r);

	spool->dir = i_strdup(dir);
	spool->recent = recent_messages_init();
	if (ret == 0)
		ret = read_key(spool, error_r);
	if (ret == 0)
		ret = make_key(spool, uid, gid, error_r);
	if (ret < 0)
		failure_spool_close(&spool);
	else
		*spool_r = spool;
	return ret < 0 ? -1 : 0;
}

void failure_spool_close(struct failure_spool **_spool)
{
	struct failure_spool *spool = *_spool;

	if (spool == NULL)
		return;
	*_spool = NULL;
	recent_messages_deinit(&spool->recent);
	safe_memset(spool->key, 0, sizeof(spool->key));
	i_free(spool->dir);
	i_free(spool);
}

/* TABs stand nowhere in the parts. */
static const buffer_t *
t_keyed_hash(const struct failure_spool *spool, const char *use,
	     const struct failure_record *record, const char *text)
{
	return t_hmac_str(&hash_method_sha256, spool->key, KEY_BYTES,
		t_strconcat(use, "\t", record->author_domain, "\t",
			    net_ip2addr(&record->source_ip), "\t", text,
			    NULL));
}

struct redaction {
	const struct failure_spool *spool;
	const struct failure_record *record;
};

static const char *redact(const char *local_part, void *context)
{
	const struct redaction *redaction = context;
	const buffer_t *hash = t_keyed_hash(redaction->spool, "local-part",
					    redaction->record,
					    t_str_lcase(local_part));

	return str_c(t_base64url_encode(0, SIZE_MAX, hash->data, HASH_BYTES));
}

/* Senders choose domains: without the key nobody knows which of them share a
   place. */
static uint64_t
keyed_number(const struct failure_spool *spool, const char *use,
	     const char *text1, const char *text2)
{
	const buffer_t *hash = t_hmac_str(&hash_method_sha256, spool->key,
		KEY_BYTES, t_strconcat(use, "\t", text1, "\t", text2, NULL));
	uint64_t number;

	memcpy(&number, hash->data, sizeof(number));
	return number;
}

/* The count of number, or of what was seen longest ago in its place, which is
   forgotten. */
static struct failure_count *
counts_get(struct failure_counts *counts, uint64_t number)
{
	struct failure_count *bucket = counts->buckets[number % BUCKETS];
	struct failure_count *oldest = bucket;

	for (unsigned int i = 0; i < BUCKET_SIZE; i++) {
		if (bucket[i].number == number)
			return &bucket[i];
		if (bucket[i].time < oldest->time)
			oldest = &bucket[i];
	}
	i_zero(oldest);
	oldest->number = number;
	return oldest;
}

/* Returns FALSE if one like it had a report just now. */
static bool
take_kind(struct failure_spool *spool, struct failure_record *record,
	  time_t now)
{
	struct failure_count *kind = counts_get(&spool->kinds, keyed_number(
		spool, "kind", record->author_domain,
		net_ip2addr(&record->source_ip)));

	if (kind->time != 0 && now >= kind->time &&
	    now - kind->time < AUTHRES_FAILURE_KIND_SECS) {
		if (kind->count < INT_MAX)
			kind->count++;
		return FALSE;
	}
	record->incidents += kind->count;
	kind->count = 0;
	kind->time = now;
	return TRUE;
}

/* Returns FALSE if its policy domain had enough of them. */
static bool
take_domain(struct failure_spool *spool, const struct failure_record *record,
	    time_t now)
{
	struct failure_count *domain = counts_get(&spool->domains,
		keyed_number(spool, "domain", record->policy_domain, ""));

	if (domain->time == 0 || now < domain->time ||
	    now - domain->time >= HOUR_SECS) {
		domain->time = now;
		domain->count = 0;
	}
	return domain->count++ < AUTHRES_MAX_FAILURES_PER_HOUR;
}

static bool has_room(struct failure_spool *spool, time_t now)
{
	ARRAY_TYPE(const_string) names;
	const char *error;

	if (spool->counted == 0 ||
	    (spool->file_count >= AUTHRES_MAX_FAILURES &&
	     (now < spool->counted || now - spool->counted >= COUNT_SECS))) {
		spool->counted = now;
		spool->file_count = failure_files_list(spool->dir, &names,
						       &error) < 0 ?
			AUTHRES_MAX_FAILURES : array_count(&names);
	}
	return spool->file_count < AUTHRES_MAX_FAILURES;
}

int failure_spool_add(struct failure_spool *spool, const char *line,
		      time_t now, const char **error_r)
{
	struct failure_record record;
	struct redaction redaction = { spool, &record };

	*error_r = NULL;
	if (failure_record_decode(pool_datastack_create(), line,
				  &record) < 0) {
		*error_r = "no record of a failure";
		return -1;
	}
	if (!recent_messages_add(spool->recent, record.message_number, now) ||
	    !has_room(spool, now) || !take_kind(spool, &record, now) ||
	    !take_domain(spool, &record, now))
		return 0;
	record.text = t_failure_text_redact(record.text, redact, &redaction);
	if (failure_file_write(spool->dir, &record, error_r) < 0)
		return 0;
	spool->file_count++;
	return 1;
}
