/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "sandbox-filter.h"

#include <unistd.h>
#ifdef HAVE_SECCOMP
#  include <fcntl.h>
#  include <seccomp.h>
#  include <sys/mman.h>
#  include <sys/socket.h>
#endif
#ifdef HAVE_LANDLOCK
#  include <linux/landlock.h>
#  include <sys/syscall.h>
#endif

#ifndef AT_EMPTY_PATH
#  define AT_EMPTY_PATH 0x1000 /* only with _GNU_SOURCE */
#endif

/* Sanitizers read /proc and make threads. */
#if defined(__SANITIZE_ADDRESS__)
#  define SANDBOX_INSTRUMENTED
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#    define SANDBOX_INSTRUMENTED
#  endif
#endif

#if defined(HAVE_SECCOMP) && !defined(SANDBOX_INSTRUMENTED)

/* By name: libseccomp knows which of them this architecture has. */
static const char *const allowed_calls[] = {
	/* what is open */
	"read", "readv", "write", "writev", "close", "lseek", "_llseek",
	"fcntl", "fcntl64", "fstat", "fstat64", "pread64", "pwrite64",
	"ftruncate", "ftruncate64", "fsync", "fdatasync", "flock", "dup",
	/* sockets */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname",
	"getsockopt", "recv", "recvfrom", "recvmmsg", "recvmmsg_time64",
	"recvmsg", "send", "sendmmsg", "sendmsg", "sendto", "setsockopt",
	"shutdown",
	/* the ioloop */
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "poll", "ppoll", "ppoll_time64",
	"select", "_newselect", "pselect6", "pselect6_time64",
	/* time */
	"clock_getres", "clock_getres_time64", "clock_gettime",
	"clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
	"getitimer", "gettimeofday", "nanosleep", "setitimer", "time", "times",
	/* memory; nothing that can be executed, see below */
	"brk", "madvise", "mincore", "mremap", "msync", "munmap",
	/* this process */
	"exit", "exit_group", "futex", "futex_time64", "getcpu", "getegid",
	"getegid32", "geteuid", "geteuid32", "getgid", "getgid32", "getpgrp",
	"getpid", "getppid", "getrandom", "getrusage", "gettid", "getuid",
	"getuid32", "membarrier", "restart_syscall", "rseq", "rt_sigaction",
	"rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "sched_yield",
	"set_robust_list", "sigaction", "sigaltstack", "sigprocmask",
	"sigreturn", "sysinfo", "ugetrlimit", "uname",
};

/* What libraries try and do without, in an empty root directory, too. */
static const char *const denied_calls[] = {
	"access", "chdir", "creat", "faccessat", "faccessat2", "fstatat64",
	"getcwd", "getdents", "getdents64", "ioctl", "lstat", "lstat64",
	"mkdir", "mkdirat", "open", "openat", "openat2",
	"prctl", "readlink", "readlinkat", "rename", "renameat", "renameat2",
	"rmdir", "sched_getaffinity", "stat", "stat64", "statfs", "statfs64",
	"statx", "unlink", "unlinkat",
};

static int filter_add(scmp_filter_ctx ctx, uint32_t action, const char *name,
		      unsigned int count, const struct scmp_arg_cmp *args)
{
	int call = seccomp_syscall_resolve_name(name);
	int ret;

	/* an older libseccomp or kernel does not know it: nobody calls it */
	if (call == __NR_SCMP_ERROR)
		return 0;
	ret = seccomp_rule_add_array(ctx, action, call, count, args);
	/* multiplexed ones can't always be told apart by an argument */
	return ret == -EDOM ? 0 : ret;
}

static int filter_fill(scmp_filter_ctx ctx)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const int types[] = { SOCK_DGRAM, SOCK_STREAM };
	struct scmp_arg_cmp args[2];
	unsigned int i, j;
	int ret = 0;

	for (i = 0; i < N_ELEMENTS(allowed_calls) && ret == 0; i++) {
		ret = filter_add(ctx, SCMP_ACT_ALLOW, allowed_calls[i],
				 0, NULL);
	}
	for (i = 0; i < N_ELEMENTS(denied_calls) && ret == 0; i++) {
		ret = filter_add(ctx, SCMP_ACT_ERRNO(EACCES), denied_calls[i],
				 0, NULL);
	}
	for (i = 0; i < N_ELEMENTS(families) && ret == 0; i++) {
		for (j = 0; j < N_ELEMENTS(types) && ret == 0; j++) {
			args[0] = SCMP_A0(SCMP_CMP_EQ, families[i], 0);
			args[1] = SCMP_A1(SCMP_CMP_MASKED_EQ,
				~(uint32_t)(SOCK_NONBLOCK | SOCK_CLOEXEC),
				types[j]);
			ret = filter_add(ctx, SCMP_ACT_ALLOW, "socket",
					 2, args);
		}
	}
	args[0] = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	if (ret == 0)
		ret = filter_add(ctx, SCMP_ACT_ALLOW, "mmap", 1, args);
	if (ret == 0)
		ret = filter_add(ctx, SCMP_ACT_ALLOW, "mmap2", 1, args);
	if (ret == 0)
		ret = filter_add(ctx, SCMP_ACT_ALLOW, "mprotect", 1, args);
	/* fstat() of glibc; of paths it is as stat() */
	args[0] = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);
	if (ret == 0)
		ret = filter_add(ctx, SCMP_ACT_ALLOW, "newfstatat", 1, args);
	args[0] = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0);
	if (ret == 0) {
		ret = filter_add(ctx, SCMP_ACT_ERRNO(EACCES), "newfstatat",
				 1, args);
	}
	/* abort(): a crash must stay a crash */
	args[0] = SCMP_A0(SCMP_CMP_EQ, getpid(), 0);
	if (ret == 0)
		ret = filter_add(ctx, SCMP_ACT_ALLOW, "tgkill", 1, args);
	return ret;
}

enum sandbox_part sandbox_seccomp_load(const char **error_r)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret;

	if (ctx == NULL) {
		*error_r = "seccomp: the filter can't be made";
		return SANDBOX_PART_MISSING;
	}
	ret = filter_fill(ctx);
	if (ret == 0)
		ret = seccomp_load(ctx);
	seccomp_release(ctx);
	if (ret < 0) {
		*error_r = t_strdup_printf("seccomp: the filter was refused: "
					   "%s", strerror(-ret));
		return SANDBOX_PART_MISSING;
	}
	return SANDBOX_PART_ON;
}

#else

enum sandbox_part sandbox_seccomp_load(const char **error_r)
{
#ifdef SANDBOX_INSTRUMENTED
	*error_r = "seccomp: not in a build with sanitizers";
#else
	*error_r = "seccomp: built without libseccomp";
#endif
	return SANDBOX_PART_MISSING;
}

#endif

#if defined(HAVE_LANDLOCK) && defined(SYS_landlock_create_ruleset)

/* What the versions of the kernel's interface know, by bits: 1, 2 (refer),
   3 (truncate), 5 (ioctl). */
static uint64_t landlock_files(int version)
{
	if (version >= 5)
		return (1ULL << 16) - 1;
	if (version >= 3)
		return (1ULL << 15) - 1;
	return version == 2 ? (1ULL << 14) - 1 : (1ULL << 13) - 1;
}

enum sandbox_part sandbox_landlock_restrict(const char **error_r)
{
	/* as in a kernel newer than our headers; an older one takes the size
	   of what it knows */
	struct {
		uint64_t handled_access_fs;
		uint64_t handled_access_net;
		uint64_t scoped;
	} set;
	size_t size = sizeof(set.handled_access_fs);
	int version, fd;
	bool done;

	version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			  LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1) {
		*error_r = "Landlock: the kernel does not have it";
		return SANDBOX_PART_MISSING;
	}
	i_zero(&set);
	set.handled_access_fs = landlock_files(version);
	if (version >= 6) {
		/* abstract UNIX sockets, signals */
		set.scoped = 3;
		size = sizeof(set);
	}
	fd = syscall(SYS_landlock_create_ruleset, &set, size, 0);
	done = fd >= 0 && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	if (!done)
		*error_r = t_strdup_printf("Landlock: refused: %m");
	i_close_fd(&fd);
	return done ? SANDBOX_PART_ON : SANDBOX_PART_MISSING;
}

#else

enum sandbox_part sandbox_landlock_restrict(const char **error_r)
{
	*error_r = "Landlock: built without it";
	return SANDBOX_PART_MISSING;
}

#endif
