/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "net.h"
#include "connect-as-root.h"

#include <unistd.h>

int net_connect_unix_as_root(const char *path)
{
	uid_t euid = geteuid();
	bool raised = euid != 0 && getuid() == 0 && seteuid(0) == 0;
	int fd, saved_errno;

	fd = net_connect_unix(path);
	saved_errno = errno;
	/* the user's mail must not be written by root */
	if (raised && seteuid(euid) < 0)
		i_fatal("seteuid(%s) failed: %m", dec2str(euid));
	errno = saved_errno;
	return fd;
}
