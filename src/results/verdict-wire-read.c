/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "verdict-wire.h"
#include "verdict-wire-private.h"

static const char *const reply_words[] = {
	"RESULT", "VERDICT", "FAIL", "HISTORY", "REPORT", NULL
};

struct verdict_decoder *verdict_decoder_init(pool_t pool)
{
	struct verdict_decoder *decoder;

	decoder = p_new(pool, struct verdict_decoder, 1);
	decoder->pool = pool;
	decoder->line = str_new(default_pool, 512);
	p_array_init(&decoder->results, pool, 8);
	return decoder;
}

void verdict_decoder_deinit(struct verdict_decoder **_decoder)
{
	struct verdict_decoder *decoder = *_decoder;

	if (decoder == NULL)
		return;
	*_decoder = NULL;
	str_free(&decoder->line);
}

bool verdict_decoder_is_fail(const struct verdict_decoder *decoder)
{
	return decoder->fail;
}

bool verdict_decoder_has_more(const struct verdict_decoder *decoder)
{
	return decoder->more;
}

/* The next piece of a line without its LF. */
static int
decode_piece(struct verdict_decoder *decoder, const unsigned char *data,
	     size_t size, const char **error_r)
{
	if (size > AUTHRES_MAX_PROTOCOL_LINE_BYTES - str_len(decoder->line) ||
	    size >= AUTHRES_MAX_REPLY_BYTES - decoder->size) {
		*error_r = "reply is too long";
		return -1;
	}
	decoder->size += size;
	str_append_data(decoder->line, data, size);
	if (!verdict_wire_line_is_valid(str_data(decoder->line),
					str_len(decoder->line), reply_words,
					&decoder->checked)) {
		*error_r = "garbage in the reply";
		return -1;
	}
	return 0;
}

static int
decode_bytes(struct verdict_decoder *decoder, const unsigned char *data,
	     size_t size, struct verdict *verdict_r, const char **error_r)
{
	const unsigned char *lf;
	int ret = 0;

	while (size > 0 && ret == 0) {
		lf = memchr(data, '\n', size);
		ret = decode_piece(decoder, data, lf == NULL ? size :
				   (size_t)(lf - data), error_r);
		if (lf == NULL || ret < 0)
			break;
		size -= lf + 1 - data;
		data = lf + 1;
		decoder->size++;
		ret = verdict_decode_line(decoder, str_c(decoder->line),
					  verdict_r, error_r);
		str_truncate(decoder->line, 0);
		decoder->checked = 0;
	}
	decoder->more = size > 0;
	return ret;
}

int verdict_decoder_more(struct verdict_decoder *decoder,
			 const unsigned char *data, size_t size,
			 struct verdict *verdict_r, const char **error_r)
{
	int ret;

	if (decoder->ended) {
		*error_r = "bytes after the end of the reply";
		return -1;
	}
	ret = decode_bytes(decoder, data, size, verdict_r, error_r);
	if (ret != 0)
		decoder->ended = TRUE;
	return ret;
}
