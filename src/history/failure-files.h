#ifndef FAILURE_FILES_H
#define FAILURE_FILES_H

struct failure_record;

/* Failure reports that wait to be sent, one file each, below Dovecot's
   state_dir. The recorder writes them, "doveadm authres report --failure" reads
   and removes them. Whoever owns the directory is believed as far as
   failure_record_decode() is. */

#define FAILURE_FILES_DIR "authres-failures"
/* hex digits: time, and what tells one from the others */
#define FAILURE_FILE_TIME_CHARS 10
#define FAILURE_FILE_ID_CHARS 32
#define FAILURE_FILE_NAME_CHARS \
	(FAILURE_FILE_TIME_CHARS + 1 + FAILURE_FILE_ID_CHARS)

/* The names of those in dir, the oldest first, on the data stack as names_r.
   Returns 0, or -1 and error_r (data stack). */
int failure_files_list(const char *dir, ARRAY_TYPE(const_string) *names_r,
		       const char **error_r);
/* The identity of a report: part of name. */
const char *failure_file_id(const char *name);
/* Strings live in pool. Returns 1, 0 if it is none that the recorder wrote, or
   is gone, -1 and error_r (data stack). */
int failure_file_read(pool_t pool, const char *dir, const char *name,
		      struct failure_record *record_r, const char **error_r);
/* Write one, whose text has no marks (failure-text.h). What is there under its
   name is whole, whatever happens. Returns 0, or -1 and error_r (data
   stack). */
int failure_file_write(const char *dir, const struct failure_record *record,
		       const char **error_r);
int failure_file_remove(const char *dir, const char *name,
			const char **error_r);

#endif
