/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "hex-binary.h"
#include "randgen.h"
#include "str.h"
#include "authres-limits.h"
#include "spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_BYTES 16
#define ID_FILE "id"
#define LOCK_FILE "lock"
#define NAME_SIZE 16

struct spool_file {
	uint64_t begin, size;
};
ARRAY_DEFINE_TYPE(spool_file, struct spool_file);

struct spool {
	char *dir;
	char id[ID_BYTES * 2 + 1];
	uint64_t max_bytes;
	/* sorted; the last one is written */
	ARRAY_TYPE(spool_file) files;
	int fd, lock_fd;
	uid_t uid;
	gid_t gid;
};

static const char *t_spool_path(const struct spool *spool, const char *name)
{
	return t_strconcat(spool->dir, "/", name, NULL);
}

static const char *t_file_path(const struct spool *spool, uint64_t begin)
{
	return t_spool_path(spool, t_strdup_printf("%016"PRIx64, begin));
}

static int error_of(const char *function, const char *path,
		    const char **error_r)
{
	*error_r = t_strdup_printf("%s(%s) failed: %m", function, path);
	return -1;
}

/* Returns the file or -1 and error_r. */
static int
open_file(struct spool *spool, const char *path, int flags,
	  const char **error_r)
{
	int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd == -1)
		return error_of("open", path, error_r);
	if (spool->uid != (uid_t)-1 && fchown(fd, spool->uid, spool->gid) < 0) {
		(void)error_of("fchown", path, error_r);
		i_close_fd(&fd);
	}
	return fd;
}

static int make_dir(struct spool *spool, const char **error_r)
{
	if (mkdir(spool->dir, 0700) < 0 && errno != EEXIST)
		return error_of("mkdir", spool->dir, error_r);
	if (spool->uid != (uid_t)-1 &&
	    lchown(spool->dir, spool->uid, spool->gid) < 0)
		return error_of("chown", spool->dir, error_r);
	return 0;
}

/* A process that was told to end may still have a commit under way. */
static int take_lock(struct spool *spool, const char **error_r)
{
	const char *path = t_spool_path(spool, LOCK_FILE);

	spool->lock_fd = open_file(spool, path, O_RDWR | O_CREAT, error_r);
	if (spool->lock_fd == -1)
		return -1;
	return flock(spool->lock_fd, LOCK_EX) < 0 ?
		error_of("flock", path, error_r) : 0;
}

static int make_id(struct spool *spool, int fd, const char *path,
		   const char **error_r)
{
	unsigned char bytes[ID_BYTES];

	random_fill(bytes, sizeof(bytes));
	i_strocpy(spool->id, binary_to_hex(bytes, sizeof(bytes)),
		  sizeof(spool->id));
	if (ftruncate(fd, 0) < 0 ||
	    pwrite(fd, spool->id, ID_BYTES * 2, 0) != ID_BYTES * 2)
		return error_of("write", path, error_r);
	return 0;
}

static int read_id(struct spool *spool, const char **error_r)
{
	const char *path = t_spool_path(spool, ID_FILE);
	int fd, ret = 0;

	fd = open_file(spool, path, O_RDWR | O_CREAT, error_r);
	if (fd == -1)
		return -1;
	if (pread(fd, spool->id, ID_BYTES * 2, 0) != ID_BYTES * 2 ||
	    strspn(spool->id, "0123456789abcdef") != ID_BYTES * 2)
		ret = make_id(spool, fd, path, error_r);
	i_close_fd(&fd);
	return ret;
}

static int
spool_file_cmp(const struct spool_file *file1, const struct spool_file *file2)
{
	return file1->begin < file2->begin ? -1 : file1->begin > file2->begin;
}

static int find_files(struct spool *spool, const char **error_r)
{
	DIR *dir = opendir(spool->dir);
	const struct dirent *entry;
	struct spool_file file;
	struct stat st;

	if (dir == NULL)
		return error_of("opendir", spool->dir, error_r);
	while ((entry = readdir(dir)) != NULL) T_BEGIN {
		if (strlen(entry->d_name) == NAME_SIZE &&
		    str_to_uint64_hex(entry->d_name, &file.begin) == 0 &&
		    lstat(t_spool_path(spool, entry->d_name), &st) == 0 &&
		    S_ISREG(st.st_mode)) {
			file.size = st.st_size;
			array_push_back(&spool->files, &file);
		}
	} T_END;
	(void)closedir(dir);
	array_sort(&spool->files, spool_file_cmp);
	return 0;
}

uint64_t spool_begin(const struct spool *spool)
{
	const struct spool_file *first = array_front(&spool->files);

	return first->begin;
}

uint64_t spool_end(const struct spool *spool)
{
	const struct spool_file *last = array_back(&spool->files);

	return last->begin + last->size;
}

const char *spool_id(const struct spool *spool)
{
	return spool->id;
}

static int begin_file(struct spool *spool, uint64_t begin,
		      const char **error_r)
{
	struct spool_file file = { .begin = begin };
	int fd;

	fd = open_file(spool, t_file_path(spool, begin),
		       O_RDWR | O_CREAT | O_EXCL, error_r);
	if (fd == -1)
		return -1;
	if (spool->fd != -1)
		i_close_fd(&spool->fd);
	spool->fd = fd;
	array_push_back(&spool->files, &file);
	return 0;
}

/* Where a new file begins: a position of its own, and behind a line that was
   not written to its end. */
static int begin_first_file(struct spool *spool, const char **error_r)
{
	const struct spool_file *last;

	if (array_count(&spool->files) == 0)
		return begin_file(spool, 1, error_r);
	last = array_back(&spool->files);
	if (last->size > 0)
		return begin_file(spool, spool_end(spool) + 1, error_r);
	spool->fd = open_file(spool, t_file_path(spool, last->begin), O_RDWR,
			      error_r);
	return spool->fd == -1 ? -1 : 0;
}

int spool_open(const char *dir, uid_t uid, gid_t gid, uint64_t max_bytes,
	       struct spool **spool_r, const char **error_r)
{
	struct spool *spool = i_new(struct spool, 1);

	spool->dir = i_strdup(dir);
	spool->uid = uid;
	spool->gid = gid;
	spool->max_bytes = max_bytes;
	spool->fd = spool->lock_fd = -1;
	i_array_init(&spool->files, 16);
	if (make_dir(spool, error_r) < 0 || take_lock(spool, error_r) < 0 ||
	    read_id(spool, error_r) < 0 || find_files(spool, error_r) < 0 ||
	    begin_first_file(spool, error_r) < 0) {
		spool_close(&spool);
		return -1;
	}
	/* what comes later is made by whoever we are then */
	spool->uid = (uid_t)-1;
	*spool_r = spool;
	return 0;
}

void spool_close(struct spool **_spool)
{
	struct spool *spool = *_spool;

	*_spool = NULL;
	if (spool->fd != -1)
		i_close_fd(&spool->fd);
	if (spool->lock_fd != -1)
		i_close_fd(&spool->lock_fd);
	array_free(&spool->files);
	i_free(spool->dir);
	i_free(spool);
}

int spool_append(struct spool *spool, const char *line, const char **error_r)
{
	struct spool_file *last = array_back_modifiable(&spool->files);
	size_t size = strlen(line) + 1;
	ssize_t written;

	if (spool_end(spool) - spool_begin(spool) + size > spool->max_bytes) {
		*error_r = "the spool is full";
		return -1;
	}
	if (last->size + size > AUTHRES_MAX_SPOOL_FILE_BYTES &&
	    last->size > 0) {
		if (begin_file(spool, spool_end(spool), error_r) < 0)
			return -1;
		last = array_back_modifiable(&spool->files);
	}
	written = pwrite(spool->fd, t_strconcat(line, "\n", NULL), size,
			 last->size);
	if (written != (ssize_t)size) {
		/* what is there of it is overwritten by the next one */
		if (written >= 0)
			errno = ENOSPC;
		return error_of("write", t_file_path(spool, last->begin),
				error_r);
	}
	last->size += size;
	return 0;
}

/* The file that position is in, or the next one; NULL = none. */
static const struct spool_file *
find_position(struct spool *spool, uint64_t *position)
{
	const struct spool_file *file;

	array_foreach(&spool->files, file) {
		if (*position < file->begin)
			*position = file->begin;
		if (*position < file->begin + file->size)
			return file;
	}
	return NULL;
}

static int
read_file(struct spool *spool, const struct spool_file *file,
	  uint64_t position, size_t max_bytes, string_t *data,
	  const char **error_r)
{
	const char *path = t_file_path(spool, file->begin);
	uint64_t left = file->begin + file->size - position;
	size_t size = I_MIN(left, max_bytes);
	unsigned char *space;
	ssize_t ret;
	int fd;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return error_of("open", path, error_r);
	str_truncate(data, 0);
	space = buffer_append_space_unsafe(data, size);
	ret = pread(fd, space, size, position - file->begin);
	i_close_fd(&fd);
	str_truncate(data, I_MAX(ret, 0));
	return ret > 0 ? 0 : error_of("read", path, error_r);
}

int spool_read(struct spool *spool, uint64_t *position, size_t max_bytes,
	       string_t *data, const char **error_r)
{
	const struct spool_file *file = find_position(spool, position);
	const unsigned char *bytes;
	size_t size;

	if (file == NULL)
		return 0;
	if (read_file(spool, file, *position, max_bytes, data, error_r) < 0)
		return -1;
	bytes = str_data(data);
	for (size = str_len(data); size > 0 && bytes[size - 1] != '\n'; size--)
		;
	if (size > 0)
		str_truncate(data, size);
	else
		/* a line without end: a process was killed, or it is longer
		   than any we write */
		str_append_c(data, '\n');
	return 1;
}

void spool_release(struct spool *spool, uint64_t position)
{
	const struct spool_file *file = array_front(&spool->files);

	while (array_count(&spool->files) > 1 &&
	       file->begin + file->size <= position) {
		T_BEGIN {
			i_unlink_if_exists(t_file_path(spool, file->begin));
		} T_END;
		array_pop_front(&spool->files);
		file = array_front(&spool->files);
	}
}
