// SPDX-License-Identifier: MIT
#include "decode/outside.h"

#include <string.h>

#include "base/check.h"

// What is shown of such a template may not need the place of its bytes in a chunk, nor names that
// live as long as a chunk.
static bool stands_alone(const struct decoder *decoder, const struct template *parsed)
{
    for (uint32_t i = 0; i < parsed->node_count; i++)
        if (parsed->tape[i].kind == NODE_FRAGMENT || is_refused_token(&parsed->tape[i]))
            return false;
    for (uint32_t i = 0; i < parsed->reference_count; i++)
        if (!store_holds_name(decoder->store, parsed->references[i].name))
            return false;
    return true;
}

struct template *decode_outside(struct decoder *decoder, uint8_t *scratch, const uint8_t guid[16],
                                const uint8_t *body, uint32_t size, uint32_t number)
{
    struct chunk chunk = {.data = scratch, .loaded = CHUNK_BYTES, .size = CHUNK_BYTES};
    struct template parsed = {.body_size = size, .is_outside = true, .number = number};
    const uint32_t start = DEFINITION_HEADER_BYTES;
    if (size > OUTSIDE_BODY_BYTES_MAX) {
        fault_at(&decoder->fault, FAULT_TEMPLATE_BOUNDS, 0);
        return NULL;
    }
    EVX_CHECK(decoder->open_definitions == 0 && decoder->mode == DECODE_USUAL);
    memcpy(parsed.guid, guid, sizeof parsed.guid);
    memset(scratch, 0, CHUNK_BYTES);
    if (size > 0)
        memcpy(scratch + start, body, size);
    decoder_start_chunk(decoder, &chunk);
    decoder->names_in_place = true;
    struct template *template = NULL;
    if (!parse_definition(decoder, start, size, &parsed))
        ;
    else if (!stands_alone(decoder, &parsed))
        fault_at(&decoder->fault, FAULT_TEMPLATE_BOUNDS, 0);
    else if (!(template = store_keep_outside(decoder->store, &parsed, scratch + start)))
        fault_memory(&decoder->fault);
    decoder->chunk = NULL;
    return template;
}
