/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "test-file.h"
#include "backtrace.h"
#include "ioloop.h"
#include "sandbox.h"
#include "sandbox-filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

#define MAX_OPEN_FILES 64

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
	struct sandbox_state state;
	const char *error;
	int fd, pipe_fd[2];
	char c;

	fd = open(TEST_FILE, O_CREAT | O_RDWR | O_TRUNC, 0600);
	if (fd == -1 || pipe(pipe_fd) < 0 ||
	    sandbox_enter(MAX_OPEN_FILES, FALSE, &state, &error) < 0)
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
	struct sandbox_state state;
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
	if (sandbox_enter(MAX_OPEN_FILES, FALSE, &state, &error) < 0 ||
	    fork() != -1)
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

/* Each in a child that has the filter. They return 0 if the call worked, else
   its errno. */

static int result(long ret)
{
	return ret >= 0 ? 0 : errno;
}

static int try_open(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int try_create(void)
{
	return result(open(TEST_FILE, O_CREAT | O_WRONLY, 0600));
}

static int try_stat(void)
{
	struct stat st;

	return result(stat("/etc/passwd", &st));
}

static int try_unlink(void)
{
	return result(unlink(TEST_FILE));
}

static int try_exec(void)
{
	static char *const args[] = { "true", NULL };

	return result(execv("/bin/true", args));
}

static int try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return result(pid);
}

static int try_clone(void)
{
	return result(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}

static int try_kill(void)
{
	return result(kill(getppid(), 0));
}

static int try_tgkill_other(void)
{
	return result(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int try_ptrace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_socket(int family, int type)
{
	return result(socket(family, type, 0));
}

static int try_unix_socket(void)
{
	return try_socket(AF_UNIX, SOCK_STREAM);
}

static int try_netlink_socket(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW);
}

static int try_raw_socket(void)
{
	return try_socket(AF_INET, SOCK_RAW);
}

static int try_socketpair(void)
{
	int fds[2];

	return result(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static int try_executable_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? 0 : errno;
}

static int try_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int try_setuid(void)
{
	return result(setuid(getuid()));
}

static int try_chroot(void)
{
	return result(chroot("/"));
}

static int try_setrlimit(void)
{
	struct rlimit limit = { 0, 0 };

	return result(setrlimit(RLIMIT_CORE, &limit));
}

static int try_process_vm(void)
{
	return result(syscall(SYS_process_vm_readv, getppid(), NULL, 0L,
			      NULL, 0L, 0L));
}

static int try_bpf(void)
{
	return result(syscall(SYS_bpf, 0, NULL, 0));
}

static int try_dns_sockets(void)
{
	const int families[] = { AF_INET, AF_INET6 };
	struct sockaddr_in sin;
	unsigned int i;
	int fd;

	for (i = 0; i < N_ELEMENTS(families); i++) {
		if ((fd = socket(families[i], SOCK_DGRAM | SOCK_CLOEXEC,
				 IPPROTO_UDP)) == -1 &&
		    errno != EAFNOSUPPORT)
			return errno;
		i_close_fd(&fd);
		if ((fd = socket(families[i], SOCK_STREAM | SOCK_NONBLOCK,
				 0)) == -1 && errno != EAFNOSUPPORT)
			return errno;
		i_close_fd(&fd);
	}
	i_zero(&sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	return result(bind(fd, (void *)&sin, sizeof(sin)));
}

static int try_ioloop(void)
{
	struct ioloop *ioloop = io_loop_create();
	struct timeout *to = timeout_add_short(1, io_loop_stop, ioloop);

	io_loop_run(ioloop);
	timeout_remove(&to);
	io_loop_destroy(&ioloop);
	return 0;
}

static int try_memory(void)
{
	char *p = i_malloc(64 * 1024 * 1024);

	p[0] = 'x';
	p = i_realloc(p, 64 * 1024 * 1024, 96 * 1024 * 1024);
	i_free(p);
	return 0;
}

static int try_fstat(void)
{
	struct stat st;

	return result(fstat(STDIN_FILENO, &st));
}

static int try_local_time(void)
{
	time_t now = time(NULL);

	return localtime(&now) != NULL ? 0 : errno;
}

static int try_abort(void)
{
	abort();
}

static int try_panic(void)
{
	i_panic("this panic is part of the test");
}

static int try_segfault(void)
{
	return raise(SIGSEGV);
}

static int test_filtered(int (*func)(void), bool *works_r)
{
	const char *error;
	int status, fds[2];
	char works = 'b';
	bool loaded;
	pid_t pid;

	if (pipe(fds) < 0)
		i_fatal("pipe() failed: %m");
	pid = fork();
	if (pid == 0) {
		/* without Landlock and limits, which would answer instead */
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			_exit(CHILD_BROKEN);
		(void)backtrace_get_text(&error);
		tzset();
		loaded = sandbox_seccomp_load(&error) == SANDBOX_PART_ON;
		if (!loaded && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 &&
		    strstr(error, "build") == NULL &&
		    strstr(error, "built") == NULL)
			_exit(CHILD_BROKEN);
		if (write(fds[1], loaded ? "y" : "n", 1) != 1)
			_exit(CHILD_BROKEN);
		_exit(func());
	}
	i_close_fd(&fds[1]);
	if (read(fds[0], &works, 1) != 1)
		works = 'b';
	i_close_fd(&fds[0]);
	/* this kernel and this build have it, so it must load */
	test_assert(works != 'b');
	*works_r = works == 'y';
	if (waitpid(pid, &status, 0) < 0)
		i_fatal("waitpid() failed: %m");
	return status;
}

static void test_sandbox_filter(void)
{
	static const struct {
		const char *name;
		int (*func)(void);
		/* the signal that ends it, or what it exits with */
		int signal, error;
	} tests[] = {
		{ "open", try_open, 0, EACCES },
		{ "create", try_create, 0, EACCES },
		{ "stat", try_stat, 0, EACCES },
		{ "unlink", try_unlink, 0, EACCES },
		{ "exec", try_exec, SIGSYS, 0 },
		{ "fork", try_fork, SIGSYS, 0 },
		{ "clone", try_clone, SIGSYS, 0 },
		{ "kill", try_kill, SIGSYS, 0 },
		{ "tgkill", try_tgkill_other, SIGSYS, 0 },
		{ "ptrace", try_ptrace, SIGSYS, 0 },
		{ "process_vm_readv", try_process_vm, SIGSYS, 0 },
		{ "bpf", try_bpf, SIGSYS, 0 },
		{ "UNIX socket", try_unix_socket, SIGSYS, 0 },
		{ "netlink socket", try_netlink_socket, SIGSYS, 0 },
		{ "raw socket", try_raw_socket, SIGSYS, 0 },
		{ "socketpair", try_socketpair, SIGSYS, 0 },
		{ "executable memory", try_executable_memory, SIGSYS, 0 },
		{ "executable later", try_make_executable, SIGSYS, 0 },
		{ "setuid", try_setuid, SIGSYS, 0 },
		{ "chroot", try_chroot, SIGSYS, 0 },
		{ "setrlimit", try_setrlimit, SIGSYS, 0 },

		{ "sockets for DNS", try_dns_sockets, 0, 0 },
		{ "ioloop", try_ioloop, 0, 0 },
		{ "memory", try_memory, 0, 0 },
		{ "fstat", try_fstat, 0, 0 },
		{ "local time", try_local_time, 0, 0 },
		/* a crash is what it was */
		{ "abort", try_abort, SIGABRT, 0 },
		{ "panic", try_panic, SIGABRT, 0 },
		{ "segmentation fault", try_segfault, SIGSEGV, 0 },
	};
	bool works;

	test_begin("sandbox: system calls");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		int status = test_filtered(tests[i].func, &works);

		/* a build or a kernel without it, or sanitizers */
		if (!works)
			continue;
		if (tests[i].signal != 0 ?
		    !WIFSIGNALED(status) ||
		    WTERMSIG(status) != tests[i].signal :
		    !WIFEXITED(status) ||
		    WEXITSTATUS(status) != tests[i].error)
			i_error("%s: status 0x%x", tests[i].name, status);
		test_assert_idx(tests[i].signal == 0 ||
				(WIFSIGNALED(status) &&
				 WTERMSIG(status) == tests[i].signal), i);
		test_assert_idx(tests[i].signal != 0 ||
				(WIFEXITED(status) &&
				 WEXITSTATUS(status) == tests[i].error), i);
	}
	test_end();
}

static int child_landlock(void)
{
	const char *error;
	struct stat st;
	int fd = open("/etc/passwd", O_RDONLY);
	char c;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return CHILD_BROKEN;
	if (sandbox_landlock_restrict(&error) != SANDBOX_PART_ON)
		return CHILD_REFUSED;
	/* what is open stays so */
	if (read(fd, &c, 1) != 1 || fstat(fd, &st) < 0)
		return CHILD_BROKEN;
	if (open("/etc/passwd", O_RDONLY) != -1 || errno != EACCES ||
	    open(TEST_FILE, O_CREAT | O_WRONLY, 0600) != -1 ||
	    errno != EACCES || mkdir(TEST_DIR"-new", 0700) == 0)
		return CHILD_BROKEN;
	return CHILD_OK;
}

static int child_everything(void)
{
	struct sandbox_state state;
	const char *error;

	sandbox_drop_bounding_set();
	if (sandbox_enter(MAX_OPEN_FILES, TRUE, &state, &error) < 0 &&
	    state.limits)
		return CHILD_REFUSED;
	return state.limits && state.seccomp ? CHILD_OK : CHILD_BROKEN;
}

static void test_sandbox_landlock(void)
{
	int ret;

	test_begin("sandbox: Landlock");
	ret = test_in_child(child_landlock);
	test_assert(ret == CHILD_OK || ret == CHILD_REFUSED);
	test_end();

	test_begin("sandbox: everything");
	ret = test_in_child(child_everything);
	test_assert(ret == CHILD_OK || ret == CHILD_REFUSED);
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

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_sandbox_enter,
		test_sandbox_drop_root,
		test_sandbox_filter,
		test_sandbox_landlock,
		NULL
	};
	return test_run(test_functions);
}
