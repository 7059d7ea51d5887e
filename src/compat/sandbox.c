#include "lib.h"
#include "ipwd.h"
#include "restrict-access.h"
#include "sandbox.h"

#include <signal.h>
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
	restrict_access_init(&set);
	set.uid = pw.pw_uid;
	set.gid = pw.pw_gid;
	set.uid_source = set.gid_source = "sandbox user";
	set.chroot_dir = chroot_dir;
	restrict_access(&set, 0, NULL);
	return 1;
}

static int
sandbox_limit_zero(int resource, const char *name, const char **error_r)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(resource, &none) < 0) {
		*error_r = t_strdup_printf("setrlimit(%s, 0) failed: %m", name);
		return -1;
	}
	return 0;
}

int sandbox_enter(const char **error_r)
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
#ifdef RLIMIT_NPROC
	if (sandbox_limit_zero(RLIMIT_NPROC, "RLIMIT_NPROC", error_r) < 0)
		ret = -1;
#endif
	if (sandbox_limit_zero(RLIMIT_FSIZE, "RLIMIT_FSIZE", error_r) < 0)
		ret = -1;
	return ret;
}
