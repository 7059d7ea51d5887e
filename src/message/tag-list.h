#ifndef TAG_LIST_H
#define TAG_LIST_H

/* Tag lists, RFC 6376 section 3.2: tag=value; tag=value. Used by DKIM
   signatures, ARC fields and key records; DMARC records have their own
   variant (RFC 9989 section 4.8). */

struct tag {
	/* case-sensitive, NUL-terminated */
	const char *name;
	/* white space at both ends removed, inner bytes as they are (folding
	   white space included). NUL-terminated, holds no NUL. */
	const char *value;
	/* where the value stands in the parsed bytes, white space at both
	   ends included: for emptying b= */
	size_t value_offset;
	size_t value_size;
};
ARRAY_DEFINE_TYPE(tag, struct tag);

/* data: any bytes. Tags live in pool. Returns 0, or -1 and error_r (data
   stack) when the syntax is broken, a name stands twice (section 3.2), a NUL
   or more than AUTHRES_MAX_TAGS tags are found. 8-bit bytes are accepted in
   values only if they are valid UTF-8 (RFC 8616). */
int tag_list_parse(pool_t pool, const unsigned char *data, size_t size,
		   ARRAY_TYPE(tag) *tags_r, const char **error_r);
/* NULL = not there. */
const struct tag *tag_list_find(const ARRAY_TYPE(tag) *tags, const char *name);
/* The value with all folding white space removed. Data stack. NULL = not
   there. */
const char *t_tag_list_compact(const ARRAY_TYPE(tag) *tags, const char *name);

#endif
