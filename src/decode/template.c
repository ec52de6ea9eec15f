// SPDX-License-Identifier: MIT
// Finding a template: by place in this chunk, then by GUID and verified content in the store, then
// by decoding the definition.
#include "decode/template.h"

#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/load.h"
#include "decode/decoder.h"
#include "decode/outside.h"
#include "kernels/simd.h"

// Whether the name record at `offset` of the chunk holds this name (its text ends at the first
// NUL).
static bool chunk_has_name(struct decoder *decoder, uint32_t offset, const struct name *name)
{
    uint64_t text = (uint64_t)offset + NAME_HEADER_BYTES;
    uint32_t size = 2 * (uint32_t)name->unit_count;
    if (text > CHUNK_BYTES || !chunk_covers(decoder->chunk, (uint32_t)text))
        return false;
    const uint8_t *data = decoder->chunk->data;
    uint32_t count = load_u16(data + offset + NAME_COUNT_OFFSET);
    uint64_t end = text + 2 * count; // and the NUL behind it, as decode_name() wants it
    if (count < name->unit_count || end + 2 > CHUNK_BYTES ||
        !chunk_covers(decoder->chunk, (uint32_t)end))
        return false;
    return memcmp(data + text, name->units, size) == 0 &&
           (count == name->unit_count || load_u16(data + text + size) == 0);
}

// Whether the bytes of two bodies are equal wherever the mask is set.
static bool equal_under_mask(const uint8_t *a, const uint8_t *b, const uint8_t *mask, uint32_t size)
{
    uint32_t i = 0;
#if EVX_SIMD
    u8x16 difference = {0};
    for (; i + 16 <= size; i += 16)
        difference |= (simd_load(a + i) ^ simd_load(b + i)) & simd_load(mask + i);
    if (simd_low(difference) | simd_high(difference))
        return false;
#endif
    for (; i < size; i++)
        if ((a[i] ^ b[i]) & mask[i])
            return false;
    return true;
}

// Whether the definition body at `start` says what the template says: equal bytes, except for the
// places of names, and equal names there. A hit is proved, never trusted by GUID.
static bool matches_chunk(struct decoder *decoder, const struct template *template, uint32_t start)
{
    EVX_CHECK(start + template->body_size <= CHUNK_BYTES);
    const uint8_t *body = decoder->chunk->data + start;
    if (!equal_under_mask(body, template->body, template->body_mask, template->body_size))
        return false;
    for (uint32_t i = 0; i < template->reference_count; i++) {
        const struct name_reference *reference = &template->references[i];
        EVX_CHECK(reference->position + 4 <= template->body_size);
        uint32_t offset = load_u32(body + reference->position);
        // An inline name follows its offset; its hash, count and text are compared with the body.
        if ((offset == start + reference->position + 4) != reference->is_inline)
            return false;
        if (reference->is_inline ||
            (!EVX_ABLATE_REPEATED_NAMES && reference->earlier != reference->position &&
             load_u32(body + reference->earlier) == offset))
            continue; // part of the body, or looked at already
        if (!chunk_has_name(decoder, offset, reference->name))
            return false;
    }
    return true;
}

static struct template *find_in_store(struct decoder *decoder, const uint8_t *guid, uint32_t start,
                                      uint32_t size)
{
    struct template *template = store_bucket(decoder->store, guid);
    for (; template; template = atomic_load_explicit(&template->next, memory_order_acquire))
        if (template->body_size == size && memcmp(template->guid, guid, 16) == 0 &&
            matches_chunk(decoder, template, start))
            return template;
    return NULL;
}

bool is_refused_token(const struct node *node)
{
    return node->kind == NODE_VALUE &&
           value_of_token(node->value.data, node->value.size, node->value.type).form == FORM_HEX;
}

static bool is_shareable(const struct decoder *decoder, const struct template *template)
{
    if (EVX_ABLATE_SHARED_TEMPLATES)
        return false;
    // Elements inside a value token are decoded from the chunk whenever they are shown, and one
    // that is refused is reported with its place there.
    for (uint32_t i = 0; i < template->node_count; i++)
        if (template->tape[i].kind == NODE_FRAGMENT || is_refused_token(&template->tape[i]))
            return false;
    // A name that the store did not take dies with the chunk.
    for (uint32_t i = 0; i < template->reference_count; i++)
        if (!store_holds_name(decoder->store, template->references[i].name))
            return false;
    return true;
}

static bool nested_too_deeply(struct decoder *decoder)
{
    decoder->definitions_too_deep = true;
    return fault_of(&decoder->fault, FAULT_LIMIT_FRAGMENTS);
}

// A definition's height does not depend on where it is met first, so neither does its refusal.
bool parse_definition(struct decoder *decoder, uint32_t start, uint32_t size, struct template *ret)
{
    uint32_t base = decoder->node_count;
    uint32_t first_reference = decoder->reference_count; // value tokens may hold other definitions
    uint32_t roots = 0;
    if (size == 0)
        return fault_at(&decoder->fault, FAULT_STREAM_EMPTY, start);
    if (decoder->open_definitions == NESTED_DEFINITIONS_MAX)
        return nested_too_deeply(decoder);
    uint32_t outer_height = decoder->inner_height;
    decoder->inner_height = 0;
    decoder->open_definitions++;
    const bool proving = decoder->proving;
    decoder->proving = false; // inner definitions have proofs of their own
    bool fine = decode_stream(decoder, start, start + size, true, 0, &roots);
    EVX_CHECK(decoder->open_definitions > 0);
    decoder->open_definitions--;
    decoder->proving = proving;
    ret->height = decoder->inner_height + 1;
    EVX_CHECK(ret->height > 0);
    decoder->inner_height = outer_height;
    if (fine && roots != 1)
        fine = fault_at(&decoder->fault, roots ? FAULT_ROOT_REPEATED : FAULT_ROOT_MISSING, start);
    if (fine && ret->height > NESTED_DEFINITIONS_MAX)
        fine = nested_too_deeply(decoder);
    ret->tape = take_scratch_nodes(decoder, base, &ret->node_count);
    EVX_CHECK(decoder->reference_count >= first_reference);
    ret->reference_count = decoder->reference_count - first_reference;
    ret->references = ret->reference_count ? decoder->references + first_reference : NULL;
    decoder->reference_count = first_reference;
    return fine;
}

// A copy that lives as long as the chunk. Its text may stay where it is.
static struct template *keep_for_chunk(struct decoder *decoder, const struct template *parsed)
{
    struct arena *arena = &decoder->chunk_arena;
    size_t tape_size = parsed->node_count * sizeof *parsed->tape;
    struct template *template = arena_allocate(arena, sizeof *template);
    struct node *tape = arena_allocate(arena, tape_size);
    struct fault *fault = arena_allocate(arena, sizeof *fault);
    if (!template || !tape || !fault)
        return NULL;
    if (tape_size)
        memcpy(tape, parsed->tape, tape_size);
    EVX_CHECK(parsed->failed || parsed->node_count > 0);
    *fault = decoder->fault;
    *template = (struct template){
        .number = TEMPLATE_UNNUMBERED,
        .body_size = parsed->body_size,
        .failed = parsed->failed,
        .height = parsed->height,
        .node_count = parsed->node_count,
        .tape = tape,
        .fault = fault,
    };
    memcpy(template->guid, parsed->guid, sizeof template->guid);
    return template;
}

// In the place of a definition whose header is there and whose body cannot be used, one from
// outside the log. NULL: none.
EVX_COLD static struct template *find_outside(struct decoder *decoder, const uint8_t *guid)
{
    struct outside *outside = decoder->store->outside;
    const bool is_damaged = decoder->fault.status == EVX_ERR_RECORD &&
                            !decoder->definitions_too_deep && !decoder->chunk->asked;
    return outside && is_damaged ? outside->find(outside, guid) : NULL;
}

static struct template *parse_template(struct decoder *decoder, const uint8_t *guid, uint32_t start,
                                       uint32_t size)
{
    struct template parsed = {.body_size = size};
    memcpy(parsed.guid, guid, sizeof parsed.guid);
    parsed.failed = !parse_definition(decoder, start, size, &parsed);
    struct template *template = parsed.failed ? find_outside(decoder, guid) : NULL;
    if (template)
        return template;
    parsed.failed = parsed.failed || !charge_parsed(decoder, &parsed);
    if (parsed.failed) // remembered, so that a broken definition is parsed once
        parsed.node_count = 0;
    if (!parsed.failed && is_shareable(decoder, &parsed))
        template = store_add_template(decoder->store, &parsed, decoder->chunk->data + start);
    return template ? template : keep_for_chunk(decoder, &parsed);
}

static bool read_header(struct decoder *decoder, uint32_t offset, uint32_t *ret_size)
{
    static const struct {
        enum fault_field field;
        uint32_t offset, size;
    } fields[] = {
        {FIELD_DEFINITION_LINK, 0, 4},
        {FIELD_DEFINITION_GUID, DEFINITION_GUID_OFFSET, 16},
        {FIELD_DEFINITION_SIZE, DEFINITION_SIZE_OFFSET, 4},
    };
    if (offset > CHUNK_BYTES)
        return fault_past_end(&decoder->fault, FIELD_DEFINITION, offset);
    for (int i = 0; i < 3; i++) {
        uint32_t at = offset + fields[i].offset;
        if (at + fields[i].size > CHUNK_BYTES)
            return fault_short(&decoder->fault, fields[i].field, at, fields[i].size,
                               CHUNK_BYTES - at);
    }
    if (!decoder_covers(decoder, offset + DEFINITION_HEADER_BYTES))
        return false;
    *ret_size = load_u32(decoder->chunk->data + offset + DEFINITION_SIZE_OFFSET);
    if ((uint64_t)offset + DEFINITION_HEADER_BYTES + *ret_size > CHUNK_BYTES)
        return fault_at(&decoder->fault, FAULT_TEMPLATE_BOUNDS, offset);
    return decoder_covers(decoder, offset + DEFINITION_HEADER_BYTES + *ret_size);
}

static struct template *find_or_parse(struct decoder *decoder, uint32_t offset)
{
    uint32_t size = 0;
    const uint8_t *guid = decoder->chunk->data + offset + DEFINITION_GUID_OFFSET;
    if (!read_header(decoder, offset, &size))
        return decoder->fault.kind == FAULT_TEMPLATE_BOUNDS ? find_outside(decoder, guid) : NULL;
    uint32_t start = offset + DEFINITION_HEADER_BYTES;
    EVX_CHECK(start + size <= CHUNK_BYTES);
    struct template *template = find_in_store(decoder, guid, start, size);
    if (template)
        return charge_stored(decoder, template, offset) ? template : NULL;
    template = parse_template(decoder, guid, start, size);
    if (!template)
        fault_memory(&decoder->fault);
    return template;
}

static struct template *resolve(struct decoder *decoder, uint32_t offset)
{
    struct template *template = find_or_parse(decoder, offset);
    if (!template)
        return NULL;
    // One that fails because of those around it may be fine elsewhere; for want of bytes, later.
    bool is_final = (!decoder->definitions_too_deep || decoder->open_definitions == 0) &&
                    !(template->failed && decoder->chunk->asked);
    if (decoder->open_definitions == 0)
        decoder->definitions_too_deep = false;
    if (is_final && !offset_map_insert(&decoder->templates, offset, template)) {
        fault_memory(&decoder->fault);
        return NULL;
    }
    return template;
}

void tell_own_fault(struct decoder *decoder, uint32_t offset)
{
    struct template own = {0};
    uint32_t size = 0;
    if (read_header(decoder, offset, &size) &&
        parse_definition(decoder, offset + DEFINITION_HEADER_BYTES, size, &own))
        fault_at(&decoder->fault, FAULT_TEMPLATE_BOUNDS, offset); // a limit, as yet not met again
}

struct template *decode_template_slow(struct decoder *decoder, uint32_t offset)
{
    struct template *template = (struct template *)offset_map_find(&decoder->templates, offset);
    if (EVX_UNLIKELY(!template))
        template = resolve(decoder, offset);
    if (EVX_UNLIKELY(template && template->failed)) {
        decoder->fault = *template->fault;
        return NULL;
    }
    return template;
}

// Reads a definition that is good once more, whatever has been found to be equal to it: every name
// is then looked at where it stands.
static bool has_own_names(struct decoder *decoder, uint32_t offset)
{
    uint32_t roots, nodes = decoder->node_count, references = decoder->reference_count;
    uint32_t start = offset + DEFINITION_HEADER_BYTES;
    uint32_t size = load_u32(decoder->chunk->data + offset + DEFINITION_SIZE_OFFSET);
    decoder->proving = true;
    bool fine = decode_stream(decoder, start, start + size, true, 0, &roots);
    decoder->proving = false;
    decoder->node_count = nodes;
    decoder->reference_count = references;
    return fine;
}

bool prove_definition(struct decoder *decoder, uint32_t offset)
{
    EVX_CHECK(decoder->recovered);
    EVX_CHECK(offset + DEFINITION_HEADER_BYTES <= CHUNK_BYTES);
    static const struct fault none;
    const struct fault *found = offset_map_find(&decoder->proofs, offset);
    if (!found) {
        struct fault *fault = NULL;
        found = &none;
        if (!has_own_names(decoder, offset)) {
            fault = arena_allocate(&decoder->chunk_arena, sizeof *fault);
            if (!fault)
                return fault_memory(&decoder->fault);
            *fault = decoder->fault;
            found = fault;
        }
        if (!offset_map_insert(&decoder->proofs, offset, found))
            return fault_memory(&decoder->fault);
    }
    if (found == &none)
        return true;
    decoder->fault = *found;
    return false;
}

struct template *decode_inner_template(struct decoder *decoder, uint32_t offset)
{
    struct template *template = decode_template_slow(decoder, offset);
    EVX_CHECK(decoder->open_definitions > 0);
    if (template && template->height > decoder->inner_height)
        decoder->inner_height = template->height;
    return template;
}
