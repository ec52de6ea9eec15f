// SPDX-License-Identifier: MIT
// One 64 KiB chunk: its header, its checksums, and which of its bytes are there. A chunk is
// self-contained: every name and definition its records need lies in it, at offsets from its first
// byte.
#ifndef EVX_CONTAINER_CHUNK_H
#define EVX_CONTAINER_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/check.h"
#include "container/fault.h"
#include "container/layout.h"

struct chunk {
    const uint8_t *data; // CHUNK_BYTES; only [0, loaded) is meaningful
    uint32_t loaded;     // the bytes that are live, or all that there are
    uint32_t size;       // bytes that the input has of it: CHUNK_BYTES, or less where it ends
    bool is_loose;       // its header is lost, and stands for none
    bool asked;          // bytes behind `loaded` were asked for: what came of it stands on nothing
    uint64_t slot;
    uint64_t shift; // from where the slot would be in a log to where it is in the input: see source

    uint64_t first_id, last_id;
    uint32_t last_record_offset;
    uint32_t free_offset;
    uint32_t flags;
};

// `data` holds at least CHUNK_HEADER_BYTES.
bool chunk_has_magic(const uint8_t *data);
void chunk_parse_header(struct chunk *chunk);

// End of the live records: the stored free offset, at most what there is of the chunk.
EVX_INLINE uint32_t chunk_live_end(const struct chunk *chunk)
{
    EVX_CHECK(chunk->size <= CHUNK_BYTES);
    return chunk->free_offset < chunk->size ? chunk->free_offset : chunk->size;
}

EVX_INLINE bool chunk_is_cut(const struct chunk *chunk)
{
    return chunk->size < CHUNK_BYTES;
}

// Whether [0, end) may be looked at; end <= CHUNK_BYTES. Records that are whole ask for nothing
// else: who asks reads damage, and does it again once the rest of the chunk is there.
EVX_INLINE bool chunk_covers(struct chunk *chunk, uint32_t end)
{
    EVX_CHECK(end <= CHUNK_BYTES);
    if (EVX_LIKELY(end <= chunk->loaded))
        return true;
    chunk->asked = true;
    return false;
}

bool chunk_is_zero(const uint8_t *data); // all CHUNK_BYTES

// Damage of a chunk as a whole, and of bytes that are neither a chunk nor zeros.
EVX_COLD struct damage chunk_damage(uint64_t slot, enum fault_kind kind);
EVX_COLD struct damage chunk_magic_damage(uint64_t slot, const uint8_t *data);

// The header's checksum; the whole header must be loaded.
uint32_t chunk_header_crc32(const uint8_t *data);
uint32_t chunk_records_crc32(const uint8_t *data, uint32_t free_offset);

// Whether the header has a checksum, and it is right.
bool chunk_header_is_proved(const struct chunk *chunk);

// Compares the checksums of a chunk whose live bytes are there, in the reference's order. False
// with the fault set; fine when the chunk carries none.
EVX_MUST_USE bool chunk_validate(const struct chunk *chunk, struct fault *fault);

#endif
