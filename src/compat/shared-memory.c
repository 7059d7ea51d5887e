/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "randgen.h"
#include "sha2.h"
#include "shared-memory.h"

#include <fcntl.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* What precedes the data: a page on any architecture. */
#define SHARED_MEMORY_HEAD_BYTES (64 * 1024)
#define SHARED_MEMORY_LAYOUT_BYTES 64
/* Others are at it, or keep replacing it. */
#define SHARED_MEMORY_MAX_TRIES 100
#define SHARED_MEMORY_RETRY_USECS (10 * 1000)

struct shared_memory_head {
	char layout[SHARED_MEMORY_LAYOUT_BYTES];
	uint64_t size;
	unsigned char secret[SHARED_MEMORY_SECRET_BYTES];
	/* of what stands above: the head is whole */
	unsigned char digest[SHA256_RESULTLEN];
};

static void head_digest(const struct shared_memory_head *head,
			unsigned char digest_r[static SHA256_RESULTLEN])
{
	sha256_get_digest(head, offsetof(struct shared_memory_head, digest),
			  digest_r);
}

static void head_init(const char *layout, size_t size,
		      struct shared_memory_head *head_r)
{
	i_assert(strlen(layout) < sizeof(head_r->layout));
	i_zero(head_r);
	memcpy(head_r->layout, layout, strlen(layout));
	head_r->size = size;
	random_fill(head_r->secret, sizeof(head_r->secret));
	head_digest(head_r, head_r->digest);
}

static bool head_is_valid(const struct shared_memory_head *head,
			  const char *layout, size_t size)
{
	unsigned char digest[SHA256_RESULTLEN];

	head_digest(head, digest);
	return memcmp(digest, head->digest, sizeof(digest)) == 0 &&
		memchr(head->layout, '\0', sizeof(head->layout)) != NULL &&
		strcmp(head->layout, layout) == 0 && head->size == size;
}

static bool file_is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && (st->st_mode & 07777) == 0600 &&
		st->st_uid == geteuid() && st->st_nlink == 1;
}

static bool path_is_file(const char *path, const struct stat *file_st)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_dev == file_st->st_dev &&
		st.st_ino == file_st->st_ino;
}

/* Returns 0 if the file is not at path any more, -1 and errno. */
static int file_remove(const char *path, const struct stat *st)
{
	if (!path_is_file(path, st))
		return 0;
	return unlink(path) == 0 || errno == ENOENT ? 0 : -1;
}

/* Returns 1 if the locked, empty file is now whole, -1 and errno. Its blocks
   are taken now: no write into the mapping needs room on the disk. */
static int file_fill(int fd, const char *layout, size_t size,
		     struct shared_memory_head *head_r)
{
	int ret;

	ret = posix_fallocate(fd, 0, SHARED_MEMORY_HEAD_BYTES + size);
	if (ret != 0) {
		errno = ret;
		return -1;
	}
	head_init(layout, size, head_r);
	if (pwrite(fd, head_r, sizeof(*head_r), 0) != sizeof(*head_r))
		return -1;
	return 1;
}

/* Returns 1 if fd is the file to use, 0 if it is another's turn or the file
   was removed: try again. -1 and errno. */
static int
file_check(int fd, const char *path, const char *layout, size_t size,
	   struct shared_memory_head *head_r)
{
	struct stat st;
	int ret;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!file_is_ours(&st))
		return file_remove(path, &st);
	/* One fills it, and one at a time removes it. Nobody else can open it,
	   so no stranger holds the lock. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
	if (!path_is_file(path, &st))
		return 0;
	if (fstat(fd, &st) < 0)
		return -1;
	if (st.st_size == 0) {
		ret = file_fill(fd, layout, size, head_r);
		if (ret < 0) {
			int old_errno = errno;

			i_unlink_if_exists(path);
			errno = old_errno;
		}
		return ret;
	}
	if ((uint64_t)st.st_size == SHARED_MEMORY_HEAD_BYTES + size &&
	    pread(fd, head_r, sizeof(*head_r), 0) == sizeof(*head_r) &&
	    head_is_valid(head_r, layout, size))
		return 1;
	/* Not truncated: whoever has it mapped would die of that. */
	return file_remove(path, &st);
}

/* Returns 1 and the descriptor, 0 to try again, -1 and errno. */
static int file_open(const char *path, const char *layout, size_t size,
		     struct shared_memory_head *head_r, int *fd_r)
{
	int fd, ret, old_errno;

	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		  0600);
	if (fd == -1) {
		/* a symlink, a FIFO or socket, another's file, a directory */
		if (errno != ELOOP && errno != ENXIO && errno != EACCES)
			return -1;
		old_errno = errno;
		if (unlink(path) == 0)
			return 0;
		errno = old_errno;
		return -1;
	}
	ret = file_check(fd, path, layout, size, head_r);
	if (ret > 0) {
		*fd_r = fd;
		return 1;
	}
	old_errno = errno;
	i_close_fd(&fd);
	errno = old_errno;
	return ret;
}

static int
shared_memory_map(const char *path, const char *layout, size_t size,
		  struct shared_memory *memory, const char **error_r)
{
	struct shared_memory_head head;
	unsigned int tries = 0;
	void *data;
	int fd = -1, ret;

	while ((ret = file_open(path, layout, size, &head, &fd)) == 0) {
		if (++tries == SHARED_MEMORY_MAX_TRIES) {
			*error_r = t_strdup_printf("%s is in use", path);
			return -1;
		}
		usleep(SHARED_MEMORY_RETRY_USECS);
	}
	if (ret < 0) {
		*error_r = t_strdup_printf("cannot make %s: %m", path);
		return -1;
	}
	data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    SHARED_MEMORY_HEAD_BYTES);
	if (data == MAP_FAILED)
		*error_r = t_strdup_printf("mmap(%s) failed: %m", path);
	/* a mapping keeps the lock */
	(void)flock(fd, LOCK_UN);
	i_close_fd(&fd);
	if (data == MAP_FAILED)
		return -1;
	memory->data = data;
	memory->shared = TRUE;
	memcpy(memory->secret, head.secret, sizeof(memory->secret));
	return 0;
}

/* Where a write needs room although the blocks are there (copy on write), or
   the other end of a network, a full disk would kill whoever writes. */
static bool dir_keeps_blocks(const char *dir)
{
	static const uint32_t others[] = {
		0x9123683e, /* btrfs */
		0x2fc12fc1, /* ZFS */
		0xca451a4e, /* bcachefs */
		0x00006969, /* NFS */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x00c36400, /* Ceph */
		0x65735546, /* FUSE */
		0x01021997, /* 9P */
	};
	struct statfs fs;

	/* what else is wrong is found later */
	if (statfs(dir, &fs) < 0)
		return TRUE;
	for (unsigned int i = 0; i < N_ELEMENTS(others); i++) {
		if ((uint32_t)fs.f_type == others[i])
			return FALSE;
	}
	return TRUE;
}

static void shared_memory_map_private(struct shared_memory *memory)
{
	void *data = mmap(NULL, memory->size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		i_fatal_status(FATAL_OUTOFMEM, "mmap() failed: %m");
	memory->data = data;
	random_fill(memory->secret, sizeof(memory->secret));
}

int shared_memory_init(const char *const *dirs, const char *name,
		       const char *layout, size_t size,
		       struct shared_memory **memory_r, const char **error_r)
{
	struct shared_memory *memory = i_new(struct shared_memory, 1);
	const char *error, *errors = NULL;

	memory->size = size;
	*memory_r = memory;
	for (; dirs != NULL && *dirs != NULL; dirs++) {
		if (**dirs == '\0')
			continue;
		if (!dir_keeps_blocks(*dirs)) {
			error = t_strdup_printf("the file system of %s cannot "
						"keep room for it", *dirs);
		} else if (shared_memory_map(t_strconcat(*dirs, "/", name,
							 NULL), layout, size,
					     memory, &error) == 0) {
			return 0;
		}
		errors = errors == NULL ? error :
			t_strconcat(errors, "; ", error, NULL);
	}
	shared_memory_map_private(memory);
	*error_r = errors == NULL ? "no directory for it" : errors;
	return -1;
}

void shared_memory_deinit(struct shared_memory **_memory)
{
	struct shared_memory *memory = *_memory;

	if (memory == NULL)
		return;
	*_memory = NULL;
	if (munmap(memory->data, memory->size) < 0)
		i_error("munmap() failed: %m");
	i_free(memory);
}
