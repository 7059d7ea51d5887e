#ifndef SANDBOX_H
#define SANDBOX_H

/* What a process that reads hostile bytes gives up: the verifier, and the
   child in which doveadm authres verify runs the checks. */

/* In a child of a root process: become user and chroot to chroot_dir (an
   empty directory, such as base_dir/empty), for good. Open files stay open.
   The capability bounding set is emptied, where that is permitted.
   Returns 1 when done, 0 when the process is not root and so has nothing to
   drop and cannot chroot, -1 and error_r (data stack) if user or directory do
   not exist; the process must not go on then. Any other failure ends the
   process with a fatal error. */
int sandbox_drop_root(const char *user, const char *chroot_dir,
		      const char **error_r);
/* As root, before it becomes another user: no program that it might start can
   have a capability. Without the right to do so (CAP_SETPCAP) nothing is done:
   no_new_privs says the same. */
void sandbox_drop_bounding_set(void);

/* What sandbox_enter() did. */
struct sandbox_state {
	/* all but the following two */
	bool limits;
	bool seccomp, landlock;
};

/* When all files are open: no new privileges by exec, no new processes or
   threads, no growing files, no core, at most max_open_files files, not to be
   looked into by others of the same user; and where the kernel has them,
   Landlock and, if seccomp, a list of system calls (sandbox-filter.h). Pipes
   and sockets work as before, a write to a file fails with EFBIG, open() with
   EACCES. Returns 0, or -1 and error_r (data stack) naming what was refused
   although it was asked for; the rest is in force then. A kernel without
   Landlock is no error. */
int sandbox_enter(unsigned int max_open_files, bool seccomp,
		  struct sandbox_state *state_r, const char **error_r);

#endif
