#ifndef SPOOL_H
#define SPOOL_H

/* Lines that wait for the store, in files that outlive the process. A line has
   a position, the number of bytes that were ever written before it; files are
   named by the position of their first byte. How far they were read is not kept
   here: the store knows it. One process at a time uses a spool. */

struct spool;

/* Create dir if need be, wait for a process that still uses it, and begin a
   file of its own. uid and gid: who is to own all of it, -1 = whoever we are.
   max_bytes: of all files. Returns 0, or -1 and error_r (data stack). */
int spool_open(const char *dir, uid_t uid, gid_t gid, uint64_t max_bytes,
	       struct spool **spool_r, const char **error_r);
void spool_close(struct spool **spool);

/* 32 hex digits, of this directory and no other. */
const char *spool_id(const struct spool *spool);
/* Position of the oldest line, and behind the newest. */
uint64_t spool_begin(const struct spool *spool);
uint64_t spool_end(const struct spool *spool);

/* Write line and an LF. Returns 0, or -1 and error_r (data stack) if there is
   no room: then nothing is written. What is written outlives the process, but
   perhaps not a loss of power. */
int spool_append(struct spool *spool, const char *line, const char **error_r);
/* Read whole lines, max_bytes or less of them, into data, from *position on.
   *position is moved to the next line that is there if it is before that.
   Returns 1, 0 if there is none, -1 and error_r (data stack). */
int spool_read(struct spool *spool, uint64_t *position, size_t max_bytes,
	       string_t *data, const char **error_r);
/* Files before position are not needed any more. */
void spool_release(struct spool *spool, uint64_t position);

#endif
