/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "safe-mkstemp.h"
#include "str.h"
#include "write-full.h"
#include "stats-file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
write_temporary(int fd, const char *name, const string_t *text,
		const char **error_r)
{
	const char *function = "write";
	int ret = write_full(fd, str_data(text), str_len(text));

	if (ret == 0) {
		function = "fsync";
		ret = fsync(fd);
	}
	if (ret < 0)
		*error_r = t_strdup_printf("%s(%s) failed: %m", function, name);
	if (close(fd) < 0 && ret == 0) {
		*error_r = t_strdup_printf("close(%s) failed: %m", name);
		ret = -1;
	}
	return ret;
}

int stats_file_write(const char *path, const string_t *text,
		     const char **error_r)
{
	string_t *name = t_str_new(128);
	struct stat st;
	int fd;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		*error_r = t_strdup_printf("%s is no regular file", path);
		return -1;
	}
	str_printfa(name, "%s.tmp.", path);
	fd = safe_mkstemp(name, 0644, (uid_t)-1, (gid_t)-1);
	if (fd == -1) {
		*error_r = t_strdup_printf("cannot create %s: %m", path);
		return -1;
	}
	if (write_temporary(fd, str_c(name), text, error_r) < 0) {
		i_unlink(str_c(name));
		return -1;
	}
	if (rename(str_c(name), path) < 0) {
		*error_r = t_strdup_printf("rename(%s, %s) failed: %m",
					   str_c(name), path);
		i_unlink(str_c(name));
		return -1;
	}
	return 0;
}
