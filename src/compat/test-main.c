/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-file.h"

#include <stdio.h>

static struct test_file *test_files;

void test_file_add(struct test_file *file)
{
	file->next = test_files;
	test_files = file;
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* With or without ".c", in any directory. */
static bool is_named(const struct test_file *file, const char *path)
{
	const char *name = file_name(file->path);
	const char *wanted = file_name(path);
	size_t size = strlen(wanted);

	return strncmp(name, wanted, size) == 0 &&
		(name[size] == '\0' || strcmp(name + size, ".c") == 0);
}

int main(int argc, char *argv[])
{
	struct test_file *file;

	for (file = test_files; argc == 2 && file != NULL; file = file->next) {
		if (is_named(file, argv[1]))
			return file->run();
	}
	fprintf(stderr, "usage: %s FILE, which is one of\n", argv[0]);
	for (file = test_files; file != NULL; file = file->next)
		fprintf(stderr, "%s\n", file_name(file->path));
	return 2;
}
