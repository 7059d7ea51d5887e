/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "unlink-directory.h"
#include "test-common.h"
#include "test-file.h"
#include "shared-memory.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define TEST_DIR ".test-shared-memory"
#define TEST_PATH TEST_DIR"/memory"
#define TEST_OTHER_PATH TEST_DIR"/other"
#define TEST_LAYOUT "test 1"
#define TEST_BYTES (3 * 4096)
#define TEST_PROCESSES 8

static const char *const test_dirs[] = { TEST_DIR, NULL };

static struct shared_memory *
test_memory(const char *layout, size_t size, bool shared)
{
	struct shared_memory *memory;
	const char *error;
	int ret = shared_memory_init(test_dirs, "memory", layout, size,
				     &memory, &error);

	test_assert((ret == 0) == shared);
	if (ret < 0 && shared)
		i_error("%s", error);
	test_assert(memory->shared == shared);
	test_assert(memory->size == size);
	return memory;
}

static bool is_zero(const struct shared_memory *memory)
{
	for (size_t i = 0; i < memory->size; i++) {
		if (memory->data[i] != 0)
			return FALSE;
	}
	return TRUE;
}

static void test_dir_make(void)
{
	const char *error;

	if (unlink_directory(TEST_DIR, UNLINK_DIRECTORY_FLAG_RMDIR,
			     &error) < 0)
		i_fatal("%s", error);
	if (mkdir(TEST_DIR, 0700) < 0)
		i_fatal("mkdir() failed: %m");
}

static void test_file_write(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	if (fd == -1 ||
	    write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		i_fatal("write(%s) failed: %m", path);
	i_close_fd(&fd);
}

static void test_shared_memory_lasts(void)
{
	struct shared_memory *memory, *same;
	unsigned char secret[SHARED_MEMORY_SECRET_BYTES];
	struct stat st;

	test_begin("shared memory: shared, and there the next time");
	test_dir_make();
	memory = test_memory(TEST_LAYOUT, TEST_BYTES, TRUE);
	test_assert(is_zero(memory));
	same = test_memory(TEST_LAYOUT, TEST_BYTES, TRUE);
	memory->data[TEST_BYTES - 1] = 7;
	test_assert(same->data[TEST_BYTES - 1] == 7);
	test_assert(memcmp(memory->secret, same->secret,
			   sizeof(secret)) == 0);
	memcpy(secret, memory->secret, sizeof(secret));
	shared_memory_deinit(&memory);
	shared_memory_deinit(&same);
	test_assert(memory == NULL);

	memory = test_memory(TEST_LAYOUT, TEST_BYTES, TRUE);
	test_assert(memory->data[TEST_BYTES - 1] == 7);
	test_assert(memcmp(memory->secret, secret, sizeof(secret)) == 0);
	test_assert(stat(TEST_PATH, &st) == 0 &&
		    (st.st_mode & 07777) == 0600);
	/* no hole that a full disk could leave unfilled */
	test_assert(st.st_blocks * 512 >= TEST_BYTES);
	shared_memory_deinit(&memory);
	test_end();
}

static void make_symlink(void)
{
	test_file_write(TEST_OTHER_PATH, "precious");
	test_assert(symlink("other", TEST_PATH) == 0);
}

static void make_dangling(void)
{
	test_assert(symlink("nowhere", TEST_PATH) == 0);
}

static void make_link(void)
{
	test_file_write(TEST_OTHER_PATH, "precious");
	test_assert(link(TEST_OTHER_PATH, TEST_PATH) == 0);
}

static void make_fifo(void)
{
	test_assert(mkfifo(TEST_PATH, 0600) == 0);
}

static void make_text(void)
{
	test_file_write(TEST_PATH, "something else");
}

static void make_layout(void)
{
	struct shared_memory *memory =
		test_memory("test 2", TEST_BYTES, TRUE);

	memory->data[0] = 1;
	shared_memory_deinit(&memory);
}

static void make_larger(void)
{
	struct shared_memory *memory =
		test_memory(TEST_LAYOUT, TEST_BYTES * 2, TRUE);

	memory->data[0] = 1;
	shared_memory_deinit(&memory);
}

static void make_good(void)
{
	struct shared_memory *memory =
		test_memory(TEST_LAYOUT, TEST_BYTES, TRUE);

	memory->data[0] = 1;
	shared_memory_deinit(&memory);
}

static void make_truncated(void)
{
	make_good();
	test_assert(truncate(TEST_PATH, TEST_BYTES) == 0);
}

static void make_damaged(void)
{
	int fd;

	make_good();
	fd = open(TEST_PATH, O_WRONLY);
	test_assert(pwrite(fd, "x", 1, 80) == 1);
	i_close_fd(&fd);
}

static void make_readable(void)
{
	make_good();
	test_assert(chmod(TEST_PATH, 0644) == 0);
}

static void make_foreign(void)
{
	make_good();
	/* only root can give a file away */
	if (chown(TEST_PATH, 65534, 65534) < 0)
		i_unlink(TEST_PATH);
}

static void test_shared_memory_wrong_file(void)
{
	static const struct {
		const char *name;
		void (*make)(void);
	} tests[] = {
		{ "symlink", make_symlink },
		{ "symlink to nothing", make_dangling },
		{ "second name of another file", make_link },
		{ "FIFO", make_fifo },
		{ "other contents", make_text },
		{ "other layout", make_layout },
		{ "other size", make_larger },
		{ "truncated", make_truncated },
		{ "damaged head", make_damaged },
		{ "readable by others", make_readable },
		{ "another's", make_foreign },
	};
	struct shared_memory *memory, *same;
	struct stat st;

	test_begin("shared memory: a wrong file is made anew");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_dir_make();
		tests[i].make();
		memory = test_memory(TEST_LAYOUT, TEST_BYTES, TRUE);
		test_assert_idx(is_zero(memory), i);
		memory->data[5] = 5;
		same = test_memory(TEST_LAYOUT, TEST_BYTES, TRUE);
		test_assert_idx(same->data[5] == 5, i);
		test_assert_idx(lstat(TEST_PATH, &st) == 0 &&
				S_ISREG(st.st_mode) && st.st_nlink == 1 &&
				st.st_uid == geteuid() &&
				(st.st_mode & 07777) == 0600, i);
		/* what the name led to is untouched */
		if (stat(TEST_OTHER_PATH, &st) == 0)
			test_assert_idx(st.st_size == 8, i);
		shared_memory_deinit(&memory);
		shared_memory_deinit(&same);
	}
	test_end();
}

/* Whoever has it mapped when another version replaces it goes on. */
static void test_shared_memory_replaced(void)
{
	struct shared_memory *old, *new;

	test_begin("shared memory: replaced while in use");
	test_dir_make();
	old = test_memory("test 0", TEST_BYTES, TRUE);
	new = test_memory(TEST_LAYOUT, TEST_BYTES * 2, TRUE);
	memset(old->data, 1, old->size);
	test_assert(is_zero(new));
	shared_memory_deinit(&old);
	shared_memory_deinit(&new);
	test_end();
}

static void child_increment(unsigned int number)
{
	struct shared_memory *memory;
	const char *error;

	if (shared_memory_init(test_dirs, "memory", TEST_LAYOUT, TEST_BYTES,
			       &memory, &error) < 0)
		_exit(1);
	memory->data[number] = 1;
	_exit(0);
}

static void test_shared_memory_race(void)
{
	struct shared_memory *memory;
	unsigned int i, j, seen;
	pid_t pids[TEST_PROCESSES];
	int status;

	test_begin("shared memory: made by many at once");
	for (j = 0; j < 10; j++) {
		test_dir_make();
		if (j % 2 == 1)
			make_text();
		for (i = 0; i < TEST_PROCESSES; i++) {
			if ((pids[i] = fork()) == 0)
				child_increment(i);
		}
		/* one dies at any point of it */
		if (j % 3 == 2)
			(void)kill(pids[0], SIGKILL);
		for (i = 0; i < TEST_PROCESSES; i++) {
			test_assert_idx(waitpid(pids[i], &status, 0) ==
					pids[i], j);
			test_assert_idx((i == 0 && j % 3 == 2) ||
					status == 0, j);
		}
		memory = test_memory(TEST_LAYOUT, TEST_BYTES, TRUE);
		for (i = seen = 0; i < TEST_PROCESSES; i++)
			seen += memory->data[i];
		test_assert_idx(seen >= TEST_PROCESSES - 1, j);
		shared_memory_deinit(&memory);
	}
	test_end();
}

static void test_shared_memory_private(void)
{
	static const char *const dirs[] = {
		TEST_DIR"/missing", TEST_DIR"/dir", NULL
	};
	static const char *const second_dirs[] = {
		TEST_DIR"/missing", TEST_DIR, NULL
	};
	struct shared_memory *memory;
	const char *error;

	test_begin("shared memory: of one process where no file can be");
	test_dir_make();
	test_assert(mkdir(TEST_DIR"/dir", 0700) == 0);
	/* what stands in the way there is not ours to remove */
	test_assert(mkdir(TEST_DIR"/dir/memory", 0700) == 0);
	test_assert(shared_memory_init(dirs, "memory", TEST_LAYOUT,
				       TEST_BYTES, &memory, &error) == -1);
	test_assert(strstr(error, "missing/memory") != NULL &&
		    strstr(error, "dir/memory") != NULL);
	test_assert(!memory->shared && is_zero(memory));
	memory->data[TEST_BYTES - 1] = 1;
	shared_memory_deinit(&memory);

	test_assert(shared_memory_init(NULL, "memory", TEST_LAYOUT,
				       TEST_BYTES, &memory, &error) == -1);
	test_assert(!memory->shared);
	shared_memory_deinit(&memory);

	test_assert(shared_memory_init(second_dirs, "memory", TEST_LAYOUT,
				       TEST_BYTES, &memory, &error) == 0);
	test_assert(memory->shared);
	shared_memory_deinit(&memory);
	test_dir_make();
	test_assert(rmdir(TEST_DIR) == 0);
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_shared_memory_lasts,
		test_shared_memory_wrong_file,
		test_shared_memory_replaced,
		test_shared_memory_race,
		test_shared_memory_private,
		NULL
	};
	return test_run(test_functions);
}
