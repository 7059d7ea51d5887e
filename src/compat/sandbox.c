/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ipwd.h"
#include "backtrace.h"
#include "restrict-access.h"
#include "sandbox-filter.h"
#include "sandbox.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/resource.h>
#ifdef __linux__
#  include <sys/prctl.h>
#endif

int sandbox_drop_root(const char *user, const char *chroot_dir,
		      const char **error_r)
{
	struct restrict_access_settings set;
	struct passwd pw;
	struct stat st;
	int ret;

	if (geteuid() != 0 && getuid() != 0)
		return 0;
	if ((ret = i_getpwnam(user, &pw)) <= 0) {
		*error_r = ret == 0 ?
			t_strdup_printf("user %s does not exist", user) :
			t_strdup_printf("getpwnam(%s) failed: %m", user);
		return -1;
	}
	if (pw.pw_uid == 0) {
		*error_r = t_strdup_printf("user %s is root", user);
		return -1;
	}
	if (stat(chroot_dir, &st) < 0) {
		*error_r = t_strdup_printf("stat(%s) failed: %m", chroot_dir);
		return -1;
	}
	if (!S_ISDIR(st.st_mode)) {
		*error_r = t_strdup_printf("%s is not a directory", chroot_dir);
		return -1;
	}
	/* an effective uid of its own would keep chroot() from working */
	if (geteuid() != 0 && seteuid(0) < 0) {
		*error_r = t_strdup_printf("seteuid(0) failed: %m");
		return -1;
	}
	sandbox_drop_bounding_set();
	restrict_access_init(&set);
	set.uid = pw.pw_uid;
	set.gid = pw.pw_gid;
	set.uid_source = set.gid_source = "sandbox user";
	set.chroot_dir = chroot_dir;
	restrict_access(&set, 0, NULL);
	return 1;
}

void sandbox_drop_bounding_set(void)
{
#ifdef PR_CAPBSET_DROP
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break;
	}
#endif
#ifdef PR_CAP_AMBIENT
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
#endif
}

static int
sandbox_limit(int resource, rlim_t value, const char *name,
	      const char **error_r)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == 0) {
		limit.rlim_max = I_MIN(limit.rlim_max, value);
		limit.rlim_cur = I_MIN(limit.rlim_cur, limit.rlim_max);
		if (setrlimit(resource, &limit) == 0)
			return 0;
	}
	*error_r = t_strdup_printf("setrlimit(%s, %lu) failed: %m", name,
				   (unsigned long)value);
	return -1;
}

static int
sandbox_set_limits(unsigned int max_open_files, const char **error_r)
{
	int ret = 0;

	/* the file size limit kills by default; we want the error instead */
	(void)signal(SIGXFSZ, SIG_IGN);
#ifdef PR_SET_NO_NEW_PRIVS
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		*error_r = t_strdup_printf(
			"prctl(PR_SET_NO_NEW_PRIVS) failed: %m");
		ret = -1;
	}
#endif
#ifdef PR_SET_DUMPABLE
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		*error_r = t_strdup_printf(
			"prctl(PR_SET_DUMPABLE) failed: %m");
		ret = -1;
	}
#endif
#ifdef RLIMIT_NPROC
	if (sandbox_limit(RLIMIT_NPROC, 0, "RLIMIT_NPROC", error_r) < 0)
		ret = -1;
#endif
	if (sandbox_limit(RLIMIT_FSIZE, 0, "RLIMIT_FSIZE", error_r) < 0 ||
	    sandbox_limit(RLIMIT_CORE, 0, "RLIMIT_CORE", error_r) < 0 ||
	    sandbox_limit(RLIMIT_NOFILE, max_open_files,
			  "RLIMIT_NOFILE", error_r) < 0)
		ret = -1;
	return ret;
}

/* Libraries read files the first time they are asked: do it while they can. */
static void sandbox_prepare_libraries(void)
{
	const char *backtrace;
	time_t now = time(NULL);
	struct tm tm;

	(void)localtime_r(&now, &tm);
	/* a panic writes one */
	(void)backtrace_get_text(&backtrace);
}

int sandbox_enter(unsigned int max_open_files, bool seccomp,
		  struct sandbox_state *state_r, const char **error_r)
{
	const char *ignored;
	int ret = 0;

	i_zero(state_r);
	sandbox_prepare_libraries();
	state_r->limits = sandbox_set_limits(max_open_files, error_r) == 0;
	if (!state_r->limits)
		ret = -1;
	state_r->landlock =
		sandbox_landlock_restrict(&ignored) == SANDBOX_PART_ON;
	if (seccomp) {
		state_r->seccomp =
			sandbox_seccomp_load(error_r) == SANDBOX_PART_ON;
		if (!state_r->seccomp)
			ret = -1;
	}
	return ret;
}
