/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-common.h"
#include "test-file.h"
#include "test-dir.h"
#include "test-text.h"
#include "authres-limits.h"
#include "spool.h"

#include <fcntl.h>
#include <unistd.h>

static struct spool *test_open(uint64_t max_bytes)
{
	struct spool *spool;
	const char *error;

	if (spool_open(t_test_dir(), (uid_t)-1, (gid_t)-1, max_bytes, &spool,
		       &error) < 0)
		i_fatal("%s", error);
	return spool;
}

static void append(struct spool *spool, const char *line)
{
	const char *error;

	test_assert(spool_append(spool, line, &error) == 0);
}

/* All that is there from position on. */
static const char *t_read_all(struct spool *spool, uint64_t position)
{
	string_t *data = t_str_new(128), *all = t_str_new(128);
	const char *error;
	int ret;

	while ((ret = spool_read(spool, &position, 64, data, &error)) > 0) {
		str_append_str(all, data);
		position += str_len(data);
	}
	test_assert(ret == 0);
	test_assert(position == spool_end(spool));
	return str_c(all);
}

static void test_lines(void)
{
	struct spool *spool = test_open(1000000);
	uint64_t position;

	test_begin("spool: lines outlive the process");
	test_assert_strcmp(t_read_all(spool, 0), "");
	append(spool, "one");
	append(spool, "two");
	test_assert_strcmp(t_read_all(spool, 0), "one\ntwo\n");
	position = spool_begin(spool) + 4;
	test_assert_strcmp(t_read_all(spool, position), "two\n");
	spool_close(&spool);

	spool = test_open(1000000);
	append(spool, "three");
	test_assert_strcmp(t_read_all(spool, position), "two\nthree\n");
	spool_release(spool, position);
	test_assert_strcmp(t_read_all(spool, position), "two\nthree\n");
	/* all of the first file was read */
	spool_release(spool, position + 4);
	test_assert_strcmp(t_read_all(spool, 0), "three\n");
	test_assert(spool_begin(spool) > position);
	spool_close(&spool);
	test_dir_remove();
	test_end();
}

static void test_id(void)
{
	struct spool *spool = test_open(1000000);
	const char *id = t_strdup(spool_id(spool));

	test_begin("spool: id");
	test_assert(strlen(id) == 32);
	spool_close(&spool);
	spool = test_open(1000000);
	test_assert_strcmp(spool_id(spool), id);
	spool_close(&spool);
	test_dir_remove();
	/* another directory is another spool, though its positions are alike */
	spool = test_open(1000000);
	test_assert(strcmp(spool_id(spool), id) != 0);
	spool_close(&spool);
	test_dir_remove();
	test_end();
}

/* A process was killed while it wrote. */
static void test_torn_line(void)
{
	struct spool *spool = test_open(1000000);
	const char *path;
	int fd;

	test_begin("spool: a line without its end");
	append(spool, "one");
	path = t_strdup_printf("%s/%016"PRIx64, t_test_dir(),
			       spool_begin(spool));
	spool_close(&spool);
	fd = open(path, O_WRONLY | O_APPEND);
	test_assert(write(fd, "tor", 3) == 3);
	i_close_fd(&fd);
	spool = test_open(1000000);
	append(spool, "two");
	test_assert_strcmp(t_read_all(spool, 0), "one\ntor\ntwo\n");
	spool_close(&spool);
	test_dir_remove();
	test_end();
}

static void test_full(void)
{
	struct spool *spool = test_open(100);
	const char *error = NULL, *line = t_repeat("x", 39);

	test_begin("spool: full");
	append(spool, line);
	append(spool, line);
	test_assert(spool_append(spool, line, &error) < 0);
	test_assert_strcmp(error, "the spool is full");
	test_assert(strlen(t_read_all(spool, 0)) == 80);
	append(spool, "short");
	spool_close(&spool);
	test_dir_remove();
	test_end();
}

static void test_files(void)
{
	struct spool *spool = test_open(AUTHRES_MAX_SPOOL_BYTES);
	const char *line = t_repeat("x", 999), *error;
	string_t *data = str_new(default_pool, 4096);
	uint64_t position = 0;
	unsigned int i, count = 0;

	test_begin("spool: several files");
	for (i = 0; i < 3000; i++) {
		if (spool_append(spool, line, &error) < 0)
			break;
	}
	test_assert(i == 3000);
	while (spool_read(spool, &position, 4096, data, &error) > 0) {
		test_assert(str_len(data) % 1000 == 0);
		count += str_len(data) / 1000;
		position += str_len(data);
		spool_release(spool, position);
	}
	test_assert(count == 3000);
	test_assert(spool_end(spool) - spool_begin(spool) <
		    AUTHRES_MAX_SPOOL_FILE_BYTES);
	str_free(&data);
	spool_close(&spool);
	test_dir_remove();
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_lines,
		test_id,
		test_torn_line,
		test_full,
		test_files,
		NULL
	};
	return test_run(test_functions);
}
