// SPDX-License-Identifier: MIT
// Whether a definition from another place may be the one that an instance was written with, and
// where a chunk has definitions at all.
#ifndef EVX_DECODE_FIT_H
#define EVX_DECODE_FIT_H

#include "decode/decoder.h"

// Whether the instance has a value for each hole of the template, of the type that the hole
// declares or of one that Windows writes in its place.
bool template_fits(const struct template *template, const struct instance *instance);

// Whether two templates say the same, whatever their bytes: where one has a name, the other may
// refer to it.
bool templates_are_equal(const struct template *a, const struct template *b);

// Whether what stands at `p` looks like a definition: it has a fragment header, and ends in front
// of `end`.
EVX_INLINE bool is_definition(const uint8_t *data, uint32_t p, uint32_t end)
{
    if ((uint64_t)p + DEFINITION_HEADER_BYTES + 4 > end)
        return false;
    return load_u32(data + p + DEFINITION_HEADER_BYTES) == 0x0001010F &&
           load_u32(data + p + DEFINITION_SIZE_OFFSET) <= end - p - DEFINITION_HEADER_BYTES;
}

// Whether it is that of the instance in front of it, wherever the chunk begins: it has the GUID
// that the instance's id is the start of.
EVX_INLINE bool is_definition_of(const uint8_t *data, uint32_t p, uint32_t end, uint32_t id)
{
    return is_definition(data, p, end) && load_u32(data + p + DEFINITION_GUID_OFFSET) == id;
}

enum { INSTANCE_BYTES = 10 }; // in front of its definition: token, 01, id, offset

// A definition behind the instance that introduced it.
struct inline_definition {
    uint32_t place;  // in the bytes that were looked through
    uint32_t offset; // in its chunk, as the instance says
};

// The next one at `from` or behind it. False: there is none.
bool find_inline_definition(const uint8_t *data, uint32_t from, uint32_t end,
                            struct inline_definition *ret);

// The proved definition at an offset of the decoder's chunk, which is in the store; NULL: it is not
// proved, or the store has no room. A record that was carved has been started.
const struct template *decode_proved(struct decoder *decoder, uint32_t offset);

// The places of definitions in the decoder's chunk, found once. False without memory.
EVX_MUST_USE bool chunk_definitions(struct decoder *decoder, const uint32_t **ret_offsets,
                                    uint32_t *ret_count);

#endif
