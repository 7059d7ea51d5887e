#ifndef TEST_DIR_H
#define TEST_DIR_H

#include "unlink-directory.h"

#include <unistd.h>

/* A directory of this process. Data stack. */
static inline const char *t_test_dir(void)
{
	return t_strdup_printf("test-dir.%ld", (long)getpid());
}

static inline void test_dir_remove(void)
{
	const char *error;

	if (unlink_directory(t_test_dir(), UNLINK_DIRECTORY_FLAG_RMDIR,
			     &error) < 0)
		i_fatal("%s", error);
}

#endif
