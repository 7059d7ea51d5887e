#ifndef SERVICE_FLAGS_H
#define SERVICE_FLAGS_H

#include "master-service.h"

/* For master_service_init() of a process that has nothing to do with TLS and
   reads no settings of it. */
#if DOVECOT_PREREQ(2,4,0)
#  define SERVICE_FLAGS_WITHOUT_TLS MASTER_SERVICE_FLAG_NO_SSL_INIT
#else
#  define SERVICE_FLAGS_WITHOUT_TLS \
	(MASTER_SERVICE_FLAG_NO_SSL_INIT | MASTER_SERVICE_FLAG_DISABLE_SSL_SET)
#endif

#endif
