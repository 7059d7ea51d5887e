#include "lib.h"
#include "test-common.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define TEST_USER "nobody"
#define TEST_DIR ".test-sandbox-dir"
#define TEST_FILE ".test-sandbox-file"

/* What only the child can see; the parent compares. */
enum {
	CHILD_OK = 10,
	CHILD_REFUSED,
	CHILD_NOT_ROOT,
	CHILD_BROKEN
};

static int test_in_child(int (*func)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(func());
	test_assert(pid > 0);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int child_enter(void)
{
	const char *error;
	int fd, pipe_fd[2];
	char c;

	fd = open(TEST_FILE, O_CREAT | O_RDWR | O_TRUNC, 0600);
	if (fd == -1 || pipe(pipe_fd) < 0 || sandbox_enter(&error) < 0)
		return CHILD_BROKEN;
	/* a file cannot grow, but that does not kill */
	if (write(fd, "x", 1) != -1 || errno != EFBIG)
		return CHILD_BROKEN;
	/* pipes work */
	if (write(pipe_fd[1], "x", 1) != 1 || read(pipe_fd[0], &c, 1) != 1)
		return CHILD_BROKEN;
	/* root may fork all the same */
	if (getuid() == 0)
		return CHILD_OK;
	return fork() == -1 && errno == EAGAIN ? CHILD_OK : CHILD_BROKEN;
}

static int child_drop_root(void)
{
	const char *error;
	struct stat st;
	int ret = sandbox_drop_root(TEST_USER, TEST_DIR, &error);

	if (ret < 0)
		return CHILD_REFUSED;
	if (ret == 0)
		return CHILD_NOT_ROOT;
	if (getuid() == 0 || geteuid() == 0 || getgid() == 0 ||
	    setuid(0) == 0 || seteuid(0) == 0)
		return CHILD_BROKEN;
	/* outside is gone */
	if (stat("/etc", &st) == 0 || stat("../../etc", &st) == 0)
		return CHILD_BROKEN;
	/* and now nothing can be started */
	if (sandbox_enter(&error) < 0 || fork() != -1)
		return CHILD_BROKEN;
	return CHILD_OK;
}

static int child_drop_root_missing_user(void)
{
	const char *error = NULL;
	int ret = sandbox_drop_root("no-such-user-here", TEST_DIR, &error);

	return ret < 0 && error != NULL ? CHILD_REFUSED :
		(ret == 0 ? CHILD_NOT_ROOT : CHILD_BROKEN);
}

static int child_drop_root_to_root(void)
{
	const char *error = NULL;
	int ret = sandbox_drop_root("root", TEST_DIR, &error);

	return ret < 0 && error != NULL ? CHILD_REFUSED :
		(ret == 0 ? CHILD_NOT_ROOT : CHILD_BROKEN);
}

static int child_drop_root_missing_dir(void)
{
	const char *error = NULL;
	int ret = sandbox_drop_root(TEST_USER, TEST_DIR"/none", &error);

	return ret < 0 && error != NULL ? CHILD_REFUSED :
		(ret == 0 ? CHILD_NOT_ROOT : CHILD_BROKEN);
}

static int child_drop_root_file(void)
{
	const char *error = NULL;
	int ret = sandbox_drop_root(TEST_USER, TEST_FILE, &error);

	return ret < 0 && error != NULL ? CHILD_REFUSED :
		(ret == 0 ? CHILD_NOT_ROOT : CHILD_BROKEN);
}

static void test_sandbox_enter(void)
{
	test_begin("sandbox: no files, no processes");
	test_assert_cmp(test_in_child(child_enter), ==, CHILD_OK);
	i_unlink_if_exists(TEST_FILE);
	test_end();
}

static void test_sandbox_drop_root(void)
{
	bool root = getuid() == 0;
	int done = root ? CHILD_OK : CHILD_NOT_ROOT;
	int refused = root ? CHILD_REFUSED : CHILD_NOT_ROOT;

	test_begin("sandbox: drop root");
	if (mkdir(TEST_DIR, 0755) < 0 && errno != EEXIST)
		i_fatal("mkdir("TEST_DIR") failed: %m");
	i_close_fd_path(&(int){ open(TEST_FILE, O_CREAT | O_RDWR, 0600) },
			TEST_FILE);
	test_assert_cmp(test_in_child(child_drop_root), ==, done);
	test_assert_cmp(test_in_child(child_drop_root_missing_user), ==,
			refused);
	test_assert_cmp(test_in_child(child_drop_root_to_root), ==,
			refused);
	test_assert_cmp(test_in_child(child_drop_root_missing_dir), ==,
			refused);
	test_assert_cmp(test_in_child(child_drop_root_file), ==,
			refused);
	i_unlink_if_exists(TEST_FILE);
	if (rmdir(TEST_DIR) < 0)
		i_error("rmdir("TEST_DIR") failed: %m");
	test_end();
}

int main(void)
{
	static void (*const test_functions[])(void) = {
		test_sandbox_enter,
		test_sandbox_drop_root,
		NULL
	};
	return test_run(test_functions);
}
