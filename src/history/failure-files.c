/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hex-binary.h"
#include "randgen.h"
#include "sort.h"
#include "str.h"
#include "write-full.h"
#include "failure-text.h"
#include "failure-record.h"
#include "failure-files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* one that is not whole */
#define NEW_NAME "new"

static int error_of(const char *function, const char *path,
		    const char **error_r)
{
	*error_r = t_strdup_printf("%s(%s) failed: %m", function, path);
	return -1;
}

static const char *t_path(const char *dir, const char *name)
{
	return t_strconcat(dir, "/", name, NULL);
}

static bool name_is_valid(const char *name)
{
	return strlen(name) == FAILURE_FILE_NAME_CHARS &&
		strspn(name, "0123456789abcdef") == FAILURE_FILE_TIME_CHARS &&
		name[FAILURE_FILE_TIME_CHARS] == '.' &&
		strspn(failure_file_id(name), "0123456789abcdef") ==
		FAILURE_FILE_ID_CHARS;
}

const char *failure_file_id(const char *name)
{
	return name + FAILURE_FILE_TIME_CHARS + 1;
}

int failure_files_list(const char *dir, ARRAY_TYPE(const_string) *names_r,
		       const char **error_r)
{
	const struct dirent *entry;
	const char *name;
	DIR *open_dir;

	t_array_init(names_r, 16);
	open_dir = opendir(dir);
	if (open_dir == NULL)
		return errno == ENOENT ? 0 : error_of("opendir", dir, error_r);
	while ((entry = readdir(open_dir)) != NULL) {
		if (!name_is_valid(entry->d_name))
			continue;
		name = t_strdup(entry->d_name);
		array_push_back(names_r, &name);
	}
	(void)closedir(open_dir);
	array_sort(names_r, i_strcmp_p);
	return 0;
}

/* A whole line of it is all of it. */
static int
read_record(pool_t pool, int fd, struct failure_record *record_r)
{
	char data[AUTHRES_MAX_HISTORY_ROW_BYTES + 2];
	struct stat st;
	ssize_t size;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	size = read(fd, data, sizeof(data) - 1);
	if (size <= 0 || data[size - 1] != '\n' ||
	    memchr(data, '\0', size) != NULL)
		return 0;
	data[size - 1] = '\0';
	return failure_record_decode(pool, data, record_r) == 0 &&
		failure_text_is_redacted(record_r->text) ? 1 : 0;
}

int failure_file_read(pool_t pool, const char *dir, const char *name,
		      struct failure_record *record_r, const char **error_r)
{
	const char *path = t_path(dir, name);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int ret;

	if (fd == -1)
		return errno == ENOENT || errno == ELOOP ? 0 :
			error_of("open", path, error_r);
	ret = read_record(pool, fd, record_r);
	i_close_fd(&fd);
	return ret;
}

static const char *t_new_name(time_t time)
{
	unsigned char bytes[FAILURE_FILE_ID_CHARS / 2];

	random_fill(bytes, sizeof(bytes));
	return t_strdup_printf("%0*llx.%s", FAILURE_FILE_TIME_CHARS,
			       (unsigned long long)time,
			       binary_to_hex(bytes, sizeof(bytes)));
}

int failure_file_write(const char *dir, const struct failure_record *record,
		       const char **error_r)
{
	const char *new_path = t_path(dir, NEW_NAME);
	const char *path = t_path(dir, t_new_name(record->time));
	string_t *line = t_str_new(1024);
	int fd, ret;

	i_assert(failure_text_is_redacted(record->text));
	failure_record_encode(record, line);
	str_append_c(line, '\n');
	i_unlink_if_exists(new_path);
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return error_of("open", new_path, error_r);
	ret = write_full(fd, str_data(line), str_len(line));
	if (ret < 0)
		(void)error_of("write", new_path, error_r);
	i_close_fd(&fd);
	if (ret == 0 && rename(new_path, path) < 0)
		ret = error_of("rename", path, error_r);
	return ret;
}

int failure_file_remove(const char *dir, const char *name,
			const char **error_r)
{
	const char *path = t_path(dir, name);

	if (unlink(path) < 0 && errno != ENOENT)
		return error_of("unlink", path, error_r);
	return 0;
}
