// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "decode/decoder.h"

#include <string.h>

#include "base/limits.h"
#include "base/load.h"
#include "container/file_header.h"

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
    offset_map_init(&decoder->proofs, memory);
}

void decoder_destroy(struct decoder *decoder)
{
    struct memory *memory = decoder->store->memory;
    arena_destroy(&decoder->chunk_arena);
    arena_destroy(&decoder->record_arena);
    offset_map_destroy(&decoder->names);
    offset_map_destroy(&decoder->templates);
    offset_map_destroy(&decoder->fragments);
    offset_map_destroy(&decoder->proofs);
    charges_destroy(&decoder->charges, memory);
    memory_release(memory, decoder->nodes, decoder->node_capacity * sizeof *decoder->nodes);
    memory_release(memory, decoder->references,
                   decoder->reference_capacity * sizeof *decoder->references);
}

void decoder_start_chunk(struct decoder *decoder, struct chunk *chunk)
{
    decoder->chunk = chunk;
    EVX_CHECK(chunk->loaded <= CHUNK_BYTES && chunk->size <= CHUNK_BYTES);
    decoder->charges.bytes = 0;
    decoder->charges.exact = false;
    decoder_forget_chunk(decoder);
}

void decoder_forget_chunk(struct decoder *decoder)
{
    charges_forget(decoder);
    arena_reset(&decoder->chunk_arena);
    decoder->proved_names = NULL;
    decoder->definition_offsets = NULL;
    offset_map_clear(&decoder->names);
    offset_map_clear(&decoder->templates);
    offset_map_clear(&decoder->proofs);
    memset(decoder->recent, 0, sizeof decoder->recent);
}

// Whether a note is in front of another one in the order in which a record's are told.
static bool precedes(const struct note *a, const struct note *b)
{
    if (a->offset != b->offset)
        return a->offset < b->offset;
    if (a->type != b->type)
        return a->type < b->type;
    return a->length != b->length ? a->length < b->length : a->kind < b->kind;
}

// What was found when it was decoded stands for what is found when it is shown, cut.
static bool stands_for(const struct note *decoded, const struct note *shown)
{
    return (decoded->kind == NOTE_VALUE_CUT || decoded->kind == NOTE_ELEMENTS_FOREIGN) &&
           decoded->offset == shown->offset && decoded->type == shown->type &&
           decoded->present == shown->length;
}

// How often a value is looked at, and when, depends on the way it is shown: what is kept does not.
static void add_note(struct decoder *decoder, const struct note *note)
{
    EVX_CHECK(decoder->note_count <= RECORD_NOTES_MAX);
    uint32_t at = decoder->note_count;
    for (uint32_t i = 0; i < decoder->note_count; i++)
        if (stands_for(&decoder->notes[i], note))
            return;
    while (at > 0 && precedes(note, &decoder->notes[at - 1]))
        at--;
    if (at > 0 && !precedes(&decoder->notes[at - 1], note))
        return; // the same
    EVX_CHECK(at <= decoder->note_count);
    bool is_full = decoder->note_count == RECORD_NOTES_MAX;
    decoder->has_more_notes |= is_full;
    if (at == RECORD_NOTES_MAX)
        return;
    uint32_t moved = decoder->note_count - at - is_full;
    memmove(decoder->notes + at + 1, decoder->notes + at, moved * sizeof *note);
    decoder->notes[at] = *note;
    decoder->note_count += !is_full;
    EVX_CHECK(at == 0 || precedes(&decoder->notes[at - 1], note));
    EVX_CHECK(decoder->note_count <= RECORD_NOTES_MAX);
}

void decoder_note_value(struct decoder *decoder, enum note_kind kind, const uint8_t *data,
                        uint8_t type, uint32_t declared, uint32_t present)
{
    EVX_CHECK(data >= decoder->chunk->data && data <= decoder->chunk->data + CHUNK_BYTES);
    EVX_CHECK(present <= declared || kind == NOTE_SID_DESCRIPTOR_SHORT);
    if (decoder->open_definitions > 0)
        return; // nothing of it is shown yet
    add_note(decoder,
             &(struct note){
                 .kind = kind,
                 .type = type,
                 .chunk = decoder->chunk->slot,
                 .offset = slot_offset(decoder->chunk->slot) + chunk_offset_of(decoder, data),
                 .length = declared,
                 .declared = declared,
                 .present = present,
             });
}

void decoder_note_place(struct decoder *decoder, enum note_kind kind, uint32_t offset)
{
    if (decoder->open_definitions > 0)
        return; // nothing of it is shown yet
    add_note(decoder, &(struct note){
                          .kind = kind,
                          .chunk = decoder->chunk->slot,
                          .offset = slot_offset(decoder->chunk->slot) + offset,
                      });
}

void decoder_drop_notes(struct decoder *decoder, uint32_t from)
{
    uint64_t place = slot_offset(decoder->chunk->slot) + from;
    while (decoder->note_count > 0 && decoder->notes[decoder->note_count - 1].offset >= place)
        decoder->note_count--;
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

// The hash of the format (2.2), over all units of the name at the offset, which lies in the chunk.
bool name_has_stored_hash(struct decoder *decoder, uint32_t offset)
{
    EVX_CHECK(offset + NAME_HEADER_BYTES <= CHUNK_BYTES);
    const uint8_t *name = decoder->chunk->data + offset;
    uint32_t count = load_u16(name + NAME_COUNT_OFFSET), hash = 0;
    for (uint32_t i = 0; i < count; i++)
        hash = hash * NAME_HASH_MULTIPLIER + load_u16(name + NAME_HEADER_BYTES + 2 * i);
    uint16_t stored = load_u16(name + NAME_HASH_OFFSET);
    return stored == (uint16_t)hash ||
           fault_foreign(&decoder->fault, FAULT_NAME_FOREIGN, offset, stored, (uint16_t)hash);
}

static const struct name *find_name(struct decoder *decoder, uint32_t offset)
{
    const struct name *known = offset_map_find(&decoder->names, offset);
    if (known)
        return known;
    struct fault *fault = &decoder->fault;
    uint64_t count_offset = (uint64_t)offset + NAME_COUNT_OFFSET;
    if (count_offset > UINT32_MAX) {
        fault_of(fault, FAULT_NAME_OFFSET);
        return NULL;
    }
    if (count_offset > CHUNK_BYTES) {
        fault_past_end(fault, FIELD_NAME, count_offset);
        return NULL;
    }
    if (count_offset + 2 > CHUNK_BYTES) {
        fault_short(fault, FIELD_NAME, count_offset, 2, CHUNK_BYTES - count_offset);
        return NULL;
    }
    if (!decoder_covers(decoder, (uint32_t)count_offset + 2))
        return NULL;
    uint32_t count = load_u16(decoder->chunk->data + count_offset);
    uint64_t text_offset = (uint64_t)offset + NAME_HEADER_BYTES;
    if (text_offset + 2 * count > CHUNK_BYTES) {
        fault_short(fault, FIELD_NAME, text_offset, 2 * count, CHUNK_BYTES - text_offset);
        return NULL;
    }
    uint64_t nul_offset = text_offset + 2 * count; // its unit must be there, whatever it says
    if (nul_offset + 2 > CHUNK_BYTES) {
        fault_short(fault, FIELD_NAME, nul_offset, 2, CHUNK_BYTES - nul_offset);
        return NULL;
    }
    if (!decoder_covers(decoder, (uint32_t)nul_offset))
        return NULL;
    const uint8_t *units = decoder->chunk->data + text_offset;
    size_t length = name_length(units, count);
    if (length == SIZE_MAX) {
        fault_at(fault, FAULT_NAME_INVALID, count_offset);
        return NULL;
    }
    return charge_name(decoder, offset, length) ? keep_name(decoder, offset, units, length) : NULL;
}

// Zeros have the hash of the empty name: in an old record it is none. A name ends with a NUL.
static bool is_whole_name(struct decoder *decoder, uint32_t offset)
{
    const uint8_t *name = decoder->chunk->data + offset;
    const uint32_t count = load_u16(name + NAME_COUNT_OFFSET);
    EVX_CHECK(offset + NAME_HEADER_BYTES + 2 * count + 2 <= CHUNK_BYTES); // find_name() has seen it
    return (count > 0 && load_u16(name + NAME_HEADER_BYTES + 2 * count) == 0) ||
           fault_foreign(&decoder->fault, FAULT_NAME_FOREIGN, offset,
                         load_u16(name + NAME_HASH_OFFSET), 0);
}

// Whether a name is proved, worked out once for each: names overlap, and are used again and again.
EVX_COLD static bool prove_name(struct decoder *decoder, uint32_t offset)
{
    const uint64_t bit = UINT64_C(1) << offset % 64;
    if (!decoder->proved_names) {
        decoder->proved_names = arena_allocate(&decoder->chunk_arena, CHUNK_BYTES / 8);
        if (!decoder->proved_names)
            return fault_memory(&decoder->fault);
        memset(decoder->proved_names, 0, CHUNK_BYTES / 8);
    }
    uint64_t *proved = &decoder->proved_names[offset / 64];
    if (!(*proved & bit) &&
        !(name_has_stored_hash(decoder, offset) && is_whole_name(decoder, offset)))
        return false;
    *proved |= bit;
    return true;
}

const struct name *decode_name(struct decoder *decoder, uint32_t offset)
{
    const struct name *name = find_name(decoder, offset);
    // A definition is decoded for all records, and proved by itself: see prove_definition().
    const bool is_due = decoder->recovered && (decoder->open_definitions == 0 || decoder->proving);
    if (name && EVX_UNLIKELY(is_due) && !prove_name(decoder, offset))
        return NULL;
    return name;
}

struct node *take_scratch_nodes(struct decoder *decoder, uint32_t base, uint32_t *ret_count)
{
    EVX_CHECK(base <= decoder->node_count);
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
    decoder_note_place(decoder, NOTE_STREAM_REST, start);
    return true;
}

static bool decode_fragment(struct decoder *decoder, uint32_t start, uint32_t end, uint32_t depth,
                            struct fragment *ret_fragment, uint32_t *ret_tail_bytes)
{
    EVX_CHECK(end <= CHUNK_BYTES);
    if (depth > NESTED_FRAGMENTS_MAX)
        return fault_at(&decoder->fault, FAULT_LIMIT_FRAGMENTS, start);
    if (EVX_LIKELY(decoder->mode == DECODE_USUAL)) {
        enum lone_instance lone =
            decode_lone_instance(decoder, start, end, depth, ret_fragment, ret_tail_bytes);
        if (EVX_LIKELY(lone != LONE_NO))
            return lone == LONE_YES;
    } else if (decoder->mode == DECODE_HOOKED &&
               !decoder->hooks->begin_stream(decoder, end - start)) {
        return false;
    }
    uint32_t base = decoder->node_count;
    uint32_t roots;
    const bool fine = decode_stream(decoder, start, end, false, depth, &roots);
    if (!fine && !(decoder->mode == DECODE_LENIENT && depth == 0 &&
                   has_first_element(decoder, base, start))) {
        decoder->node_count = base;
        return false;
    }
    *ret_fragment = (struct fragment){.end = decoder->node_count - base, .depth = depth};
    ret_fragment->tape = keep_tape(decoder, base);
    bool is_whole = fine && decoder->mode != DECODE_HOOKED && decoder->stream_end < end;
    *ret_tail_bytes = is_whole ? end - decoder->stream_end : 0;
    return ret_fragment->tape != NULL;
}

bool decode_record(struct decoder *decoder, uint32_t start, uint32_t end,
                   struct fragment *ret_fragment)
{
    EVX_CHECK(decoder->open_definitions == 0);
    EVX_CHECK(decoder->note_count == 0 || decoder->mode == DECODE_LENIENT);
    if (start >= end)
        return fault_at(&decoder->fault, FAULT_STREAM_EMPTY, start);
    return decode_fragment(decoder, start, end, 0, ret_fragment, &decoder->tail_bytes);
}

const struct fragment *decode_span(struct decoder *decoder, const uint8_t *data, uint32_t size,
                                   uint32_t depth)
{
    struct fragment *fragment = arena_allocate(&decoder->record_arena, sizeof *fragment);
    if (!fragment) {
        fault_memory(&decoder->fault);
        return NULL;
    }
    uint32_t start = chunk_offset_of(decoder, data), ignored;
    EVX_CHECK(start <= CHUNK_BYTES && size <= CHUNK_BYTES - start);
    return decode_fragment(decoder, start, start + size, depth + 1, fragment, &ignored) ? fragment
                                                                                        : NULL;
}

const struct fragment *decode_value(struct decoder *decoder, struct value *value, uint32_t depth)
{
    EVX_CHECK(value->type == TYPE_FRAGMENT);
    if (!value->fragment)
        value->fragment = decode_span(decoder, value->data, value->size, depth);
    return value->fragment;
}

const struct fragment *instance_child(struct decoder *decoder, const struct instance *constant,
                                      uint32_t hole)
{
    struct instance *instance = (struct instance *)constant;
    EVX_CHECK(hole < instance->value_count);
    if (instance->child_hole == hole)
        return &instance->child;
    if (EVX_UNLIKELY(instance->child_hole != NO_HOLE || instance->values)) {
        if (!instance_need_values(decoder, instance))
            return NULL;
        return decode_value(decoder, &instance->values[hole], instance->depth);
    }
    uint32_t start = instance->offsets[hole], ignored;
    uint32_t end = start + load_u16(instance->descriptors + 4 * hole);
    if (!decode_fragment(decoder, start, end, instance->depth + 1, &instance->child, &ignored))
        return NULL;
    instance->child_hole = hole;
    return &instance->child;
}

const struct fragment *decode_token(struct decoder *decoder, const struct node *node,
                                    uint32_t depth)
{
    // Kept by place: a token is visited more than once, and its node may belong to a shared tape.
    uint32_t offset = chunk_offset_of(decoder, node->value.data);
    EVX_CHECK(offset < CHUNK_BYTES);
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
