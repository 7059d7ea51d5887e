#ifndef SHARED_MEMORY_H
#define SHARED_MEMORY_H

/* Memory of a fixed size that the processes of a service share, and that
   outlives them: a file, mapped MAP_SHARED. */

#define SHARED_MEMORY_SECRET_BYTES 32

struct shared_memory {
	/* Page-aligned; all zero when it was made anew. Every process that
	   has it may write any byte at any time, and may die while it writes:
	   copy what you read, then check the copy. */
	unsigned char *data;
	size_t size;
	/* Random bytes, the same for all who share it and as long as the file
	   lives: for hashes that no stranger can foresee. */
	unsigned char secret[SHARED_MEMORY_SECRET_BYTES];
	/* FALSE: memory of this process alone, gone with it */
	bool shared;
};

/* Open or make the file name in the first of dirs (NULL-terminated; a NULL or
   empty set of them is fine) where that is possible, and map size bytes of it.
   Not on a file system that copies on write or is a network's: there a full
   disk would kill who writes.
   layout: one line of at most 63 bytes that names contents and version.

   The file belongs to the effective user, has mode 0600, one link and all its
   blocks, and its head says layout and size. One that is anything else - a
   symlink, another's, damaged, of another version or size - is removed, never
   written to, and made anew: processes that have the old one keep it. No file
   stays open. Call it as root before privileges are dropped, and before
   sandbox_enter().

   Returns 0 and shared memory. Returns -1 and error_r (data stack), which says
   why none of dirs would do: memory_r is then zeroed memory of this process,
   good for all uses. Only where the system has no memory at all it is fatal. */
int shared_memory_init(const char *const *dirs, const char *name,
		       const char *layout, size_t size,
		       struct shared_memory **memory_r, const char **error_r);
void shared_memory_deinit(struct shared_memory **memory);

#endif
