// SPDX-License-Identifier: MIT
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/load.h"
#include "decode/decoder.h"

enum { CHARGED_NAMES_BYTES = CHUNK_BYTES / 8 };

// What keeping a definition takes at most, without its names.
static size_t definition_bytes(const struct template *template)
{
    return sizeof *template + sizeof *template->fault + 48 +
           template->node_count * sizeof *template->tape;
}

static void add_name(struct charges *charges, uint32_t offset, size_t unit_count)
{
    EVX_CHECK(offset < CHUNK_BYTES);
    uint64_t bit = UINT64_C(1) << offset % 64;
    if (!(charges->names[offset / 64] & bit))
        charges->bytes += name_bytes_max(unit_count);
    charges->names[offset / 64] |= bit;
}

// The names of one from the store, which stand elsewhere in each chunk.
static void add_names(struct decoder *decoder, const struct template *stored, uint32_t offset)
{
    const uint8_t *body = decoder->chunk->data + offset + DEFINITION_HEADER_BYTES;
    for (uint32_t i = 0; i < stored->reference_count; i++)
        add_name(&decoder->charges, load_u32(body + stored->references[i].position),
                 stored->references[i].name->unit_count);
}

// Counts what the chunk has so far once more, each object once. False with the fault set without
// memory.
EVX_COLD static bool count_exactly(struct decoder *decoder)
{
    struct charges *charges = &decoder->charges;
    if (!charges->names)
        charges->names = memory_allocate(decoder->store->memory, CHARGED_NAMES_BYTES);
    if (!charges->names)
        return fault_memory(&decoder->fault);
    memset(charges->names, 0, CHARGED_NAMES_BYTES);
    charges->bytes = charges->forgotten;
    EVX_CHECK(charges->bytes <= CHUNK_OBJECT_BYTES_MAX);
    charges->exact = true;
    for (uint32_t i = 0; i < decoder->names.capacity; i++) {
        const struct name *name = offset_map_at(&decoder->names, i);
        if (name)
            add_name(charges, decoder->names.slots[i].offset, name->unit_count);
    }
    for (uint32_t i = 0; i < decoder->templates.capacity; i++) {
        const struct template *template = offset_map_at(&decoder->templates, i);
        if (!template || template->failed)
            continue;
        charges->bytes += definition_bytes(template);
        if (template->is_shared)
            add_names(decoder, template, decoder->templates.slots[i].offset);
    }
    return true;
}

void charges_forget(struct decoder *decoder)
{
    struct charges *charges = &decoder->charges;
    // What it is by each use depends on the store: what is carried on must not.
    // Without memory it stays as it is: the run ends soon.
    bool is_exact = charges->bytes == 0 || charges->exact || count_exactly(decoder);
    (void)is_exact;
    charges->forgotten = charges->bytes;
}

void charges_destroy(struct charges *charges, struct memory *memory)
{
    memory_release(memory, charges->names, CHARGED_NAMES_BYTES);
}

// Makes sure that all is counted exactly where `size` more might pass the limit.
static bool be_exact_for(struct decoder *decoder, size_t size)
{
    EVX_CHECK(decoder->charges.bytes <= CHUNK_OBJECT_BYTES_MAX);
    struct charges *charges = &decoder->charges;
    return EVX_LIKELY(charges->exact || size <= CHUNK_OBJECT_BYTES_MAX - charges->bytes) ||
           count_exactly(decoder);
}

static bool is_within_limit(struct decoder *decoder)
{
    if (EVX_LIKELY(decoder->charges.bytes <= CHUNK_OBJECT_BYTES_MAX))
        return true;
    decoder->charges.bytes = CHUNK_OBJECT_BYTES_MAX; // the rest, however it was to be divided
    return fault_of(&decoder->fault, FAULT_LIMIT_CHUNK_MEMORY);
}

bool charge_name(struct decoder *decoder, uint32_t offset, size_t unit_count)
{
    size_t size = name_bytes_max(unit_count);
    if (!be_exact_for(decoder, size))
        return false;
    if (decoder->charges.exact)
        add_name(&decoder->charges, offset, unit_count);
    else
        decoder->charges.bytes += size;
    return is_within_limit(decoder);
}

bool charge_parsed(struct decoder *decoder, const struct template *parsed)
{
    size_t size = definition_bytes(parsed);
    if (!be_exact_for(decoder, size))
        return false;
    decoder->charges.bytes += size;
    return is_within_limit(decoder);
}

bool charge_stored(struct decoder *decoder, const struct template *stored, uint32_t offset)
{
    size_t size = definition_bytes(stored);
    if (!be_exact_for(decoder, size + stored->names_bytes))
        return false;
    if (decoder->charges.exact)
        add_names(decoder, stored, offset);
    else
        size += stored->names_bytes;
    decoder->charges.bytes += size;
    return is_within_limit(decoder);
}
