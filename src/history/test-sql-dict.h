#ifndef TEST_SQL_DICT_H
#define TEST_SQL_DICT_H

/* A dict in memory that behaves as Dovecot's SQL dict with the maps of
   doc/history: the keys "data/", "count/" and "row/" are columns of one table,
   an increment without a row is lost, and a transaction is applied when it is
   committed. */

struct dict;

enum test_sql_dict_failure {
	TEST_SQL_DICT_WORKS,
	/* commits fail, and lookups do */
	TEST_SQL_DICT_DOWN,
	/* a commit is applied, and its result is not known */
	TEST_SQL_DICT_UNCERTAIN
};

struct dict *test_sql_dict_init(void);
void test_sql_dict_deinit(struct dict **dict);
void test_sql_dict_fail(struct dict *dict, enum test_sql_dict_failure failure);
/* The order of keys that the last transaction wrote, separated by spaces. */
const char *test_sql_dict_written(struct dict *dict);

#endif
