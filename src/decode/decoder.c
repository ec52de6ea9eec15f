// SPDX-License-Identifier: MIT
#include "decode/decoder.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/load.h"

enum {
    CHUNK_ARENA_BLOCK_BYTES = 64 << 10,
    RECORD_ARENA_BLOCK_BYTES = 64 << 10,
};

void decoder_init(struct decoder *decoder, struct store *store)
{
    *decoder = (struct decoder){.store = store};
    struct memory *memory = store->memory;
    arena_init(&decoder->chunk_arena, memory, CHUNK_ARENA_BLOCK_BYTES, CHUNK_ARENA_BYTES_MAX);
    arena_init(&decoder->record_arena, memory, RECORD_ARENA_BLOCK_BYTES, RECORD_ARENA_BYTES_MAX);
    offset_map_init(&decoder->names, memory);
    offset_map_init(&decoder->templates, memory);
    offset_map_init(&decoder->fragments, memory);
}

void decoder_destroy(struct decoder *decoder)
{
    struct memory *memory = decoder->store->memory;
    arena_destroy(&decoder->chunk_arena);
    arena_destroy(&decoder->record_arena);
    offset_map_destroy(&decoder->names);
    offset_map_destroy(&decoder->templates);
    offset_map_destroy(&decoder->fragments);
    memory_release(memory, decoder->nodes, decoder->node_capacity * sizeof *decoder->nodes);
    memory_release(memory, decoder->references,
                   decoder->reference_capacity * sizeof *decoder->references);
}

void decoder_start_chunk(struct decoder *decoder, struct chunk *chunk)
{
    decoder->chunk = chunk;
    arena_reset(&decoder->chunk_arena);
    decoder->object_bytes = 0;
    offset_map_clear(&decoder->names);
    offset_map_clear(&decoder->templates);
    memset(decoder->recent, 0, sizeof decoder->recent);
}

void decoder_start_record(struct decoder *decoder)
{
    arena_reset(&decoder->record_arena);
    if (decoder->fragments.count)
        offset_map_clear(&decoder->fragments);
    decoder->note[0] = 0;
}

void decoder_note_place(struct decoder *decoder, const char *what, uint32_t offset, const char *why)
{
    if (decoder->note[0] == 0)
        snprintf(decoder->note, sizeof decoder->note, "%s at offset %u: %s", what, offset, why);
}

void decoder_note(struct decoder *decoder, const uint8_t *data, uint32_t size, uint8_t type,
                  const char *why)
{
    // Only the first: how often a value is looked at depends on the way it is shown.
    if (decoder->note[0] == 0)
        snprintf(decoder->note, sizeof decoder->note,
                 "value of type 0x%02x and size %u at offset %u: %s", type, size,
                 chunk_offset_of(decoder, data), why);
}

// Each use is paid for, not only the first: which one is the first depends on what is in the store.
bool pay_for_object(struct decoder *decoder, size_t size)
{
    if (EVX_LIKELY(size <= CHUNK_OBJECT_BYTES_MAX - decoder->object_bytes)) {
        decoder->object_bytes += size;
        return true;
    }
    decoder->object_bytes = CHUNK_OBJECT_BYTES_MAX; // the rest, however it was to be divided
    return fault_limit(&decoder->fault, "chunk needs more memory than one chunk may use");
}

static const struct name *keep_name(struct decoder *decoder, uint32_t offset, const uint8_t *units,
                                    size_t count)
{
    const struct name *name = store_intern(decoder->store, units, count);
    if (!name) // the store is full: the name serves this chunk only
        name = name_create(&decoder->chunk_arena, units, count, name_hash_units(units, count));
    if (!name || !offset_map_insert(&decoder->names, offset, name)) {
        fault_memory(&decoder->fault);
        return NULL;
    }
    return name;
}

// Units in front of the first NUL, or SIZE_MAX when there is a lone surrogate among them.
static size_t name_length(const uint8_t *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t unit = load_u16(units + 2 * i);
        if (unit == 0)
            return i;
        if (unit < 0xD800 || unit > 0xDFFF)
            continue;
        bool paired =
            unit <= 0xDBFF && i + 1 < count && (load_u16(units + 2 * i + 2) & 0xFC00) == 0xDC00;
        if (!paired)
            return SIZE_MAX;
        i++;
    }
    return count;
}

const struct name *decode_name(struct decoder *decoder, uint32_t offset)
{
    const struct name *known = offset_map_find(&decoder->names, offset);
    if (known)
        return pay_for_object(decoder, name_bytes_max(known->unit_count)) ? known : NULL;
    struct fault *fault = &decoder->fault;
    uint64_t count_offset = (uint64_t)offset + NAME_COUNT_OFFSET;
    if (count_offset > UINT32_MAX) {
        fault_model(fault, "string table offset overflow");
        return NULL;
    }
    if (count_offset > CHUNK_BYTES) {
        fault_past_end(fault, "cursor.position", count_offset);
        return NULL;
    }
    if (count_offset + 2 > CHUNK_BYTES) {
        fault_short(fault, "name", count_offset, 2, CHUNK_BYTES - count_offset);
        return NULL;
    }
    chunk_need(decoder->chunk, (uint32_t)count_offset + 2);
    uint32_t count = load_u16(decoder->chunk->data + count_offset);
    uint64_t text_offset = (uint64_t)offset + NAME_HEADER_BYTES;
    if (text_offset + 2 * count > CHUNK_BYTES) {
        fault_short(fault, "name", text_offset, 2 * count, CHUNK_BYTES - text_offset);
        return NULL;
    }
    uint64_t nul_offset = text_offset + 2 * count; // its unit must be there, whatever it says
    if (nul_offset + 2 > CHUNK_BYTES) {
        fault_short(fault, "name", nul_offset, 2, CHUNK_BYTES - nul_offset);
        return NULL;
    }
    chunk_need(decoder->chunk, (uint32_t)text_offset + 2 * count);
    const uint8_t *units = decoder->chunk->data + text_offset;
    size_t length = name_length(units, count);
    if (length == SIZE_MAX) {
        fault_data(fault, "name at offset %u: invalid data", (uint32_t)count_offset);
        return NULL;
    }
    return pay_for_object(decoder, name_bytes_max(length))
               ? keep_name(decoder, offset, units, length)
               : NULL;
}

struct node *take_scratch_nodes(struct decoder *decoder, uint32_t base, uint32_t *ret_count)
{
    uint32_t count = decoder->node_count - base;
    struct node *nodes = count ? decoder->nodes + base : NULL; // the scratch may not be there yet
    decoder->node_count = base;
    for (uint32_t i = 0; i < count; i++) {
        nodes[i].next -= base;
        if (nodes[i].kind == NODE_ELEMENT)
            nodes[i].element.content -= base;
    }
    *ret_count = count;
    return nodes;
}

// Moves the nodes of the parser from `base` on into the record's arena, as a tape of its own.
static struct node *keep_tape(struct decoder *decoder, uint32_t base)
{
    uint32_t count;
    const struct node *nodes = take_scratch_nodes(decoder, base, &count);
    // At least one: an arena that nobody has used yet gives no place to nothing.
    struct node *tape = arena_allocate(&decoder->record_arena, (count ? count : 1) * sizeof *tape);
    if (!tape) {
        fault_memory(&decoder->fault);
        return NULL;
    }
    if (count > 0)
        memcpy(tape, nodes, count * sizeof *tape);
    return tape;
}

// A record shows its first element only: in DECODE_LENIENT what cannot be read behind an instance
// costs nothing.
static bool has_first_element(struct decoder *decoder, uint32_t base, uint32_t start)
{
    if (decoder->node_count == base || decoder->nodes[base].kind != NODE_INSTANCE ||
        decoder->fault.status == EVX_ERR_MEMORY)
        return false;
    decoder->node_count = base + 1;
    decoder_note_place(decoder, "record's stream", start,
                       "what follows its first element cannot be read");
    return true;
}

static bool decode_fragment(struct decoder *decoder, uint32_t start, uint32_t end, uint32_t depth,
                            struct fragment *ret_fragment)
{
    if (depth > NESTED_FRAGMENTS_MAX)
        return fault_limit(&decoder->fault, "BinXML fragments nested too deeply");
    if (EVX_LIKELY(decoder->mode == DECODE_USUAL)) {
        enum lone_instance lone = decode_lone_instance(decoder, start, end, depth, ret_fragment);
        if (EVX_LIKELY(lone != LONE_NO))
            return lone == LONE_YES;
    } else if (decoder->mode == DECODE_REREAD && !reread_pay(decoder, end - start)) {
        return false;
    }
    uint32_t base = decoder->node_count;
    uint32_t roots;
    if (!decode_stream(decoder, start, end, false, depth, &roots) &&
        !(decoder->mode == DECODE_LENIENT && depth == 0 &&
          has_first_element(decoder, base, start))) {
        decoder->node_count = base;
        return false;
    }
    *ret_fragment = (struct fragment){.end = decoder->node_count - base, .depth = depth};
    ret_fragment->tape = keep_tape(decoder, base);
    return ret_fragment->tape != NULL;
}

bool decode_record(struct decoder *decoder, uint32_t start, uint32_t end,
                   struct fragment *ret_fragment)
{
    if (start >= end)
        return fault_model(&decoder->fault, "empty BinXML slice");
    return decode_fragment(decoder, start, end, 0, ret_fragment);
}

const struct fragment *decode_span(struct decoder *decoder, const uint8_t *data, uint32_t size,
                                   uint32_t depth)
{
    struct fragment *fragment = arena_allocate(&decoder->record_arena, sizeof *fragment);
    if (!fragment) {
        fault_memory(&decoder->fault);
        return NULL;
    }
    uint32_t start = chunk_offset_of(decoder, data);
    return decode_fragment(decoder, start, start + size, depth + 1, fragment) ? fragment : NULL;
}

const struct fragment *decode_value(struct decoder *decoder, struct value *value, uint32_t depth)
{
    if (!value->fragment)
        value->fragment = decode_span(decoder, value->data, value->size, depth);
    return value->fragment;
}

const struct fragment *decode_token(struct decoder *decoder, const struct node *node,
                                    uint32_t depth)
{
    // Kept by place: a token is visited more than once, and its node may belong to a shared tape.
    uint32_t offset = chunk_offset_of(decoder, node->value.data);
    const struct fragment *known = offset_map_find(&decoder->fragments, offset);
    if (known)
        return known;
    const struct fragment *fragment =
        decode_span(decoder, node->value.data, node->value.size, depth);
    if (fragment && !offset_map_insert(&decoder->fragments, offset, fragment)) {
        fault_memory(&decoder->fault);
        return NULL;
    }
    return fragment;
}
