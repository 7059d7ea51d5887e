#ifndef VERSION_LINE_H
#define VERSION_LINE_H

/* version_string_verify(): security updates of a distribution moved it to a
   header of its own within the same version of Dovecot. */
#include "master-service.h"
#if defined(__has_include)
#  if __has_include("version.h")
#    include "version.h"
#  endif
#endif

#endif
