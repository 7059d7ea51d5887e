#ifndef TEST_MSG_HEADER_H
#define TEST_MSG_HEADER_H

#include "msg-parser.h"

/* Parse a header (any bytes) for tests. It lives in pool. */
const struct msg_header *
test_msg_header_parse(pool_t pool, const void *data, size_t size);

#endif
