#ifndef SANDBOX_H
#define SANDBOX_H

/* What a process that reads hostile bytes gives up: the verifier, and the
   child in which doveadm authres verify runs the checks. */

/* In a child of a root process: become user and chroot to chroot_dir (an
   empty directory, such as base_dir/empty), for good. Open files stay open.
   Returns 1 when done, 0 when the process is not root and so has nothing to
   drop and cannot chroot, -1 and error_r (data stack) if user or directory do
   not exist; the process must not go on then. Any other failure ends the
   process with a fatal error. */
int sandbox_drop_root(const char *user, const char *chroot_dir,
		      const char **error_r);

/* When all files are open: no new privileges by exec, no new processes or
   threads, no growing files. Pipes and sockets work as before, a write to a
   file fails with EFBIG. Returns 0, or -1 and error_r (data stack) naming what
   the kernel refused; the rest is in force then. */
int sandbox_enter(const char **error_r);

#endif
