/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "write-full.h"
#include "test-common.h"
#include "test-file.h"
#include "test-dir.h"
#include "test-text.h"
#include "authres-limits.h"
#include "failure-files.h"
#include "failure-record.h"
#include "failure-spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1752366000

static struct failure_spool *test_open(void)
{
	struct failure_spool *spool;
	const char *error;

	if (failure_spool_open(t_test_dir(), (uid_t)-1, (gid_t)-1, &spool,
			       &error) < 0)
		i_fatal("%s", error);
	return spool;
}

static const char *
t_line(unsigned int number, const char *policy_domain, const char *domain,
       const char *ip, const char *from)
{
	return t_strdup_printf("FAILURE\t1\t%u\t%x\t%s\t%s\t%s\tdelivered\t1\t"
		"mailto:f@x.example\tAuth-Failure: dmarc\t"
		"Original-Mail-From: `%s`@x.example\tFrom: `6a6f65`@x.example",
		NOW, number, policy_domain, domain, ip, from);
}

static int
add(struct failure_spool *spool, unsigned int number, const char *domain,
    const char *ip, time_t now)
{
	const char *error;
	int ret = failure_spool_add(spool, t_line(number, domain, domain, ip,
						  "6a6f65"), now, &error);

	test_assert(error == NULL);
	return ret;
}

/* The text of the only file, which is removed. */
static const char *t_take(unsigned int *incidents_r)
{
	ARRAY_TYPE(const_string) names;
	struct failure_record record;
	const char *name, *error;

	*incidents_r = 0;
	test_assert(failure_files_list(t_test_dir(), &names, &error) == 0);
	if (array_count(&names) != 1)
		return t_strdup_printf("%u files", array_count(&names));
	name = array_idx_elem(&names, 0);
	test_assert(strlen(failure_file_id(name)) == FAILURE_FILE_ID_CHARS);
	test_assert(failure_file_read(pool_datastack_create(), t_test_dir(),
				      name, &record, &error) == 1);
	test_assert(failure_file_remove(t_test_dir(), name, &error) == 0);
	*incidents_r = record.incidents;
	return record.text;
}

static const char *t_hash(struct failure_spool *spool, unsigned int number,
			  const char *domain, const char *ip, const char *from)
{
	const char *error, *text;
	unsigned int incidents;

	test_assert(failure_spool_add(spool, t_line(number, "p.example",
						    domain, ip, from),
				      NOW + number * 10000, &error) == 1);
	text = t_take(&incidents);
	text = strstr(text, "Original-Mail-From: ");
	return t_strcut(text + strlen("Original-Mail-From: "), '@');
}

/* RFC 6590 section 3: the same for the same, and nothing to be learned */
static void test_hashes(void)
{
	struct failure_spool *spool = test_open();
	const char *first, *text;
	unsigned int incidents;

	test_begin("failure spool: hashes (RFC 6590)");
	first = t_hash(spool, 1, "x.example", "192.0.2.1", "6a6f65");
	test_assert(strlen(first) == 12);
	test_assert(strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
			   "stuvwxyz0123456789-_") == 12);
	/* the case of a letter is no other person */
	test_assert_strcmp(t_hash(spool, 2, "x.example", "192.0.2.1",
				  "4a6f65"), first);
	test_assert(strcmp(t_hash(spool, 3, "x.example", "192.0.2.1",
				  "6a6f66"), first) != 0);
	/* who asks, and through which client, cannot be compared */
	test_assert(strcmp(t_hash(spool, 4, "y.example", "192.0.2.1",
				  "6a6f65"), first) != 0);
	test_assert(strcmp(t_hash(spool, 5, "x.example", "192.0.2.2",
				  "6a6f65"), first) != 0);
	/* another process has the same key */
	failure_spool_close(&spool);
	spool = test_open();
	test_assert_strcmp(t_hash(spool, 6, "x.example", "192.0.2.1",
				  "6a6f65"), first);
	/* another site has not */
	failure_spool_close(&spool);
	test_dir_remove();
	spool = test_open();
	test_assert(strcmp(t_hash(spool, 7, "x.example", "192.0.2.1",
				  "6a6f65"), first) != 0);
	/* all local parts of a text */
	test_assert(add(spool, 8, "x.example", "192.0.2.9", NOW) == 1);
	text = t_take(&incidents);
	test_assert(strchr(text, '`') == NULL && strstr(text, "6a6f") == NULL);
	failure_spool_close(&spool);
	test_dir_remove();
	test_end();
}

static void test_limits(void)
{
	struct failure_spool *spool = test_open();
	unsigned int incidents, i, written = 0;
	const char *ip;

	test_begin("failure spool: limits (RFC 9991 2)");
	test_assert(add(spool, 1, "x.example", "192.0.2.1", NOW) == 1);
	(void)t_take(&incidents);
	test_assert(incidents == 1);
	/* the same message */
	test_assert(add(spool, 1, "x.example", "192.0.2.1", NOW) == 0);
	/* of the same kind */
	for (i = 2; i < 7; i++) {
		test_assert(add(spool, i, "x.example", "192.0.2.1",
				NOW + i) == 0);
	}
	test_assert(add(spool, i++, "x.example", "192.0.2.1",
			NOW + AUTHRES_FAILURE_KIND_SECS) == 1);
	(void)t_take(&incidents);
	test_assert(incidents == 6);
	/* ten of a policy domain in an hour */
	for (; i < 30; i++) {
		ip = t_strdup_printf("192.0.2.%u", i);
		if (add(spool, i, "x.example", ip, NOW + 700) > 0)
			written++;
	}
	test_assert(written == AUTHRES_MAX_FAILURES_PER_HOUR - 2);
	test_assert(add(spool, i++, "y.example", "192.0.2.1", NOW) == 1);
	test_assert(add(spool, i++, "x.example", "192.0.2.99",
			NOW + 3600) == 1);
	failure_spool_close(&spool);
	test_dir_remove();
	test_end();
}

static void test_room(void)
{
	struct failure_spool *spool = test_open();
	ARRAY_TYPE(const_string) names;
	const char *domain, *error;
	unsigned int i, written = 0;

	test_begin("failure spool: files");
	for (i = 1; i <= AUTHRES_MAX_FAILURES + 10; i++) T_BEGIN {
		domain = t_strdup_printf("d%u.example", i);
		if (add(spool, i, domain, "192.0.2.1", NOW) > 0)
			written++;
	} T_END;
	test_assert(written == AUTHRES_MAX_FAILURES);
	/* the sender has removed one */
	test_assert(failure_files_list(t_test_dir(), &names, &error) == 0);
	test_assert(failure_file_remove(t_test_dir(), array_idx_elem(&names, 0),
					&error) == 0);
	test_assert(add(spool, i++, "z.example", "192.0.2.1", NOW + 1) == 0);
	test_assert(add(spool, i++, "z.example", "192.0.2.1", NOW + 20) == 1);
	test_assert(add(spool, i++, "zz.example", "192.0.2.1", NOW + 21) == 0);
	failure_spool_close(&spool);
	test_dir_remove();
	test_end();
}

static void write_file(const char *name, const char *text)
{
	int fd = open(t_strconcat(t_test_dir(), "/", name, NULL),
		      O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (write_full(fd, text, strlen(text)) < 0)
		i_fatal("%m");
	i_close_fd(&fd);
}

#define NAME "0068733d70.0123456789abcdef0123456789abcdef"

static void test_hostile_files(void)
{
	struct failure_spool *spool = test_open();
	ARRAY_TYPE(const_string) names;
	struct failure_record record;
	const char *error, *marked = t_line(1, "x.example", "x.example",
					    "192.0.2.1", "6a6f65");
	const char *texts[] = {
		"", "\n", "FAILURE\n", marked,
		t_strconcat(marked, "\n", NULL),
		t_repeat("x", AUTHRES_MAX_HISTORY_ROW_BYTES + 2),
	};

	test_begin("failure files: what is none");
	for (unsigned int i = 0; i < N_ELEMENTS(texts); i++) {
		write_file(NAME, texts[i]);
		test_assert_idx(failure_file_read(pool_datastack_create(),
						  t_test_dir(), NAME, &record,
						  &error) == 0, i);
	}
	test_assert(failure_file_remove(t_test_dir(), NAME, &error) == 0);
	if (symlink("key", t_strconcat(t_test_dir(), "/"NAME, NULL)) < 0)
		i_fatal("%m");
	test_assert(failure_file_read(pool_datastack_create(), t_test_dir(),
				      NAME, &record, &error) == 0);
	test_assert(failure_file_remove(t_test_dir(), NAME, &error) == 0);
	test_assert(failure_file_remove(t_test_dir(), NAME, &error) == 0);
	write_file("new", "x");
	write_file("0068733d70.x", "x");
	test_assert(failure_files_list(t_test_dir(), &names, &error) == 0 &&
		    array_count(&names) == 0);
	test_assert(failure_files_list("/nowhere", &names, &error) == 0 &&
		    array_count(&names) == 0);
	test_assert(failure_spool_add(spool, "FAILURE\tx", NOW, &error) < 0);
	failure_spool_close(&spool);

	/* half a key is no key, and nobody makes another one */
	write_file("key", "x");
	test_assert(failure_spool_open(t_test_dir(), (uid_t)-1, (gid_t)-1,
				       &spool, &error) < 0);
	test_dir_remove();
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_hashes,
		test_limits,
		test_room,
		test_hostile_files,
		NULL
	};
	return test_run(test_functions);
}
