// SPDX-License-Identifier: MIT
// Looks for the starts of chunks ("ElfChnk\0") and records ("**\0\0") in any bytes, at the speed of
// memory as long as there are none.
#ifndef EVX_KERNELS_MAGICS_H
#define EVX_KERNELS_MAGICS_H

#include <stddef.h>
#include <stdint.h>

// The first offset at `from` or behind it where one of them stands, whole; `size`: there is none.
size_t find_magic_of_log(const uint8_t *data, size_t from, size_t size);

#endif
