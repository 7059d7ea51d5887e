/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "master-interface.h"
#include "master-service-private.h"
#include "master-end.h"

#include <poll.h>

int master_end_fd(void)
{
	if (master_service == NULL ||
	    (master_service->flags & MASTER_SERVICE_FLAG_STANDALONE) != 0)
		return -1;
	return MASTER_DEAD_FD;
}

bool master_is_ending(void)
{
	struct pollfd pfd = { .fd = master_end_fd(), .events = POLLIN };

	if (pfd.fd == -1)
		return FALSE;
	return master_service_is_master_stopped(master_service) ||
		poll(&pfd, 1, 0) > 0;
}
