#ifndef TEST_FILE_H
#define TEST_FILE_H

/* The tests of a folder are one program. Each test-*.c of it ends with the
   function that runs its own tests:

     TEST_MAIN(void)
     {
             static void (*const test_functions[])(void) = { ..., NULL };
             return test_run(test_functions);
     }

   and is a line of test_files in the folder's Makefile.am. "make check" starts
   the program once for each of them ("./test-dns test-resolver.c"), so that
   each has a process and a result of its own. */

struct test_file {
	struct test_file *next;
	/* as the compiler had it */
	const char *path;
	/* Returns what main() shall return. */
	int (*run)(void);
};

/* Called before main(). The program keeps file as it is. */
void test_file_add(struct test_file *file);

#define TEST_MAIN(arguments) \
	static int test_file_run(arguments); \
	static struct test_file test_file = { \
		.path = __FILE__, .run = test_file_run \
	}; \
	static void __attribute__((constructor)) test_file_init(void) \
	{ \
		test_file_add(&test_file); \
	} \
	static int test_file_run(arguments)

#endif
