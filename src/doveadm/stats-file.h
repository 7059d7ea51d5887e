#ifndef STATS_FILE_H
#define STATS_FILE_H

/* Make path a file with this text, or leave what is there: whoever reads it
   gets all of the old or all of the new. Nothing but a regular file is
   replaced, so no link and no device. Mode 0644, less what the umask takes.
   Returns 0, or -1 and error_r (data stack). */
int stats_file_write(const char *path, const string_t *text,
		     const char **error_r);

#endif
