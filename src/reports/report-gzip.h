#ifndef REPORT_GZIP_H
#define REPORT_GZIP_H

struct report_gzip;

/* One gzip member (RFC 1952), without name and time, so that the same bytes
   give the same file. dest is appended to, by max_bytes at most. */
struct report_gzip *report_gzip_init(buffer_t *dest, size_t max_bytes);
void report_gzip_more(struct report_gzip *gzip, const void *data, size_t size);
/* Write the end. Returns FALSE if it did not fit; dest has a part then. */
bool report_gzip_finish(struct report_gzip **gzip);

#endif
