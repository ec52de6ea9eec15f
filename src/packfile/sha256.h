// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4): what files are known by, and what tells two versions of a provider apart.
#ifndef EVX_PACKFILE_SHA256_H
#define EVX_PACKFILE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_BLOCK_BYTES = 64 };

struct sha256 {
    uint32_t state[8];
    uint64_t size_bytes;
    uint8_t block[SHA256_BLOCK_BYTES];
};

void sha256_init(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t size);
void sha256_end(struct sha256 *sha, uint8_t ret_digest[SHA256_BYTES]);

#endif
