#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

/* What the kernel itself refuses the process from now on; sandbox.c only. */

enum sandbox_part {
	SANDBOX_PART_OFF,
	SANDBOX_PART_ON,
	/* not built in, or the kernel does not have it; error_r is set */
	SANDBOX_PART_MISSING
};

/* seccomp: a list of system calls of a process that talks over sockets it has
   and over AF_INET and AF_INET6 ones it opens, and computes. What opens or
   looks at files fails with EACCES, anything else ends the process (SIGSYS).
   Needs no_new_privs. */
enum sandbox_part sandbox_seccomp_load(const char **error_r);
/* Landlock: no access to any file, no signal and no abstract socket of another
   process, as far as this kernel knows these. Needs no_new_privs. */
enum sandbox_part sandbox_landlock_restrict(const char **error_r);

#endif
