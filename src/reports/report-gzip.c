/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "report-gzip.h"

#include <zlib.h>

#define GZIP_WINDOW_BITS (15 + 16)
#define GZIP_MEMORY_LEVEL 8

struct report_gzip {
	z_stream zs;
	buffer_t *dest;
	size_t left;
	bool full;
};

struct report_gzip *report_gzip_init(buffer_t *dest, size_t max_bytes)
{
	struct report_gzip *gzip = i_new(struct report_gzip, 1);

	gzip->dest = dest;
	gzip->left = max_bytes;
	if (deflateInit2(&gzip->zs, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
			 GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		i_fatal_status(FATAL_OUTOFMEM, "deflateInit2() failed");
	return gzip;
}

static void report_gzip_run(struct report_gzip *gzip, int flush)
{
	unsigned char out[8192];
	size_t size;

	do {
		gzip->zs.next_out = out;
		gzip->zs.avail_out = sizeof(out);
		(void)deflate(&gzip->zs, flush);
		size = sizeof(out) - gzip->zs.avail_out;
		if (size > gzip->left) {
			gzip->full = TRUE;
			return;
		}
		buffer_append(gzip->dest, out, size);
		gzip->left -= size;
	} while (gzip->zs.avail_out == 0);
}

void report_gzip_more(struct report_gzip *gzip, const void *data, size_t size)
{
	if (gzip->full || size == 0)
		return;
	i_assert(size <= UINT_MAX);
	gzip->zs.next_in = (void *)data;
	gzip->zs.avail_in = size;
	report_gzip_run(gzip, Z_NO_FLUSH);
}

bool report_gzip_finish(struct report_gzip **_gzip)
{
	struct report_gzip *gzip = *_gzip;
	bool fits;

	*_gzip = NULL;
	gzip->zs.avail_in = 0;
	if (!gzip->full)
		report_gzip_run(gzip, Z_FINISH);
	fits = !gzip->full;
	(void)deflateEnd(&gzip->zs);
	i_free(gzip);
	return fits;
}
