/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "engine-libspf2.h"
#include "fuzz-spf-zone.h"
#include "fuzzer.h"

FUZZ_BEGIN_DATA(const uint8_t *data, size_t size)
{
	fuzz_spf_zone(data, size, check_spf_libspf2);
}
FUZZ_END
