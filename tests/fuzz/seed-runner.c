/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "test-common.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* main() of a fuzz target without libFuzzer: fuzz-NAME runs the files of
   seeds/NAME, or those named as arguments. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Dovecot 2.3's fuzzer_deinit() closes descriptor 0. Nothing of ours may get
   that number. */
static void stdin_reopen(void)
{
	if (fcntl(STDIN_FILENO, F_GETFD) == -1 &&
	    open("/dev/null", O_RDONLY) != STDIN_FILENO)
		i_fatal("open(/dev/null) failed: %m");
}

static void run_file(const char *path)
{
	unsigned char block[IO_BLOCK_SIZE];
	buffer_t *data = buffer_create_dynamic(default_pool, IO_BLOCK_SIZE);
	uint8_t *copy;
	ssize_t ret;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd == -1)
		i_fatal("open(%s) failed: %m", path);
	while ((ret = read(fd, block, sizeof(block))) > 0)
		buffer_append(data, block, ret);
	if (ret < 0)
		i_fatal("read(%s) failed: %m", path);
	i_close_fd(&fd);

	/* of exactly this size, so that valgrind sees a read behind its end */
	copy = i_memdup(data->data, data->used);
	(void)LLVMFuzzerTestOneInput(copy, data->used);
	stdin_reopen();
	i_free(copy);
	buffer_free(&data);
}

static unsigned int run_directory(const char *dir_path)
{
	unsigned int count = 0;
	struct dirent *d;
	DIR *dir;

	dir = opendir(dir_path);
	if (dir == NULL)
		i_fatal("opendir(%s) failed: %m", dir_path);
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		T_BEGIN {
			run_file(t_strconcat(dir_path, "/", d->d_name, NULL));
		} T_END;
		count++;
	}
	if (closedir(dir) < 0)
		i_fatal("closedir(%s) failed: %m", dir_path);
	return count;
}

static const char *seeds_name(const char *argv0)
{
	const char *name = strrchr(argv0, '/');

	name = name == NULL ? argv0 : name + 1;
	/* libtool runs .libs/lt-fuzz-NAME */
	if (strncmp(name, "lt-", 3) == 0)
		name += 3;
	if (strncmp(name, "fuzz-", 5) != 0)
		i_fatal("%s is not called fuzz-NAME", name);
	return name + 5;
}

int main(int argc, char *argv[])
{
	const char *srcdir = getenv("srcdir");
	unsigned int count = argc - 1;

	lib_init();
	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			run_file(argv[i]);
	} else T_BEGIN {
		count = run_directory(t_strconcat(
			srcdir == NULL ? "." : srcdir, "/seeds/",
			seeds_name(argv[0]), NULL));
	} T_END;
	printf("%s: %u inputs\n", argv[0], count);
	lib_deinit();
	return count > 0 ? 0 : 1;
}
