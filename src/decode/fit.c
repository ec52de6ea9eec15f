// SPDX-License-Identifier: MIT
#include "decode/fit.h"

#include <string.h>

#include "base/check.h"
#include "decode/template.h"

// Types that stand where a definition declares others, in real logs: a size by its width, a Level
// of 16 bits, an array of binary that is one.
static bool type_fits(uint8_t declared, uint8_t actual)
{
    if (actual == TYPE_NULL || actual == declared)
        return true;
    switch (declared) {
    case TYPE_SIZE_T:
        return actual == TYPE_HEX32 || actual == TYPE_HEX64;
    case TYPE_U8:
        return actual == TYPE_U16;
    case TYPE_BINARY | TYPE_ARRAY:
        return actual == TYPE_BINARY;
    default:
        return false;
    }
}

bool template_fits(const struct template *template, const struct instance *instance)
{
    for (uint32_t i = 0; i < template->node_count; i++) {
        const struct node *node = &template->tape[i];
        if (node->kind != NODE_HOLE)
            continue;
        if (node->slot >= instance->value_count ||
            !type_fits(node->value.type, instance->descriptors[4 * (size_t)node->slot + 2]))
            return false;
    }
    return true;
}

static bool names_are_equal(const struct name *a, const struct name *b)
{
    return a == b || (a->hash == b->hash && name_equals(a, b->units, b->unit_count));
}

static bool nodes_are_equal(const struct node *a, const struct node *b)
{
    if (a->kind != b->kind || a->flags != b->flags || a->slot != b->slot || a->next != b->next)
        return false;
    switch ((enum node_kind)a->kind) {
    case NODE_ELEMENT:
        return a->element.content == b->element.content &&
               names_are_equal(a->element.name, b->element.name);
    case NODE_ATTRIBUTE:
    case NODE_ENTITY_REFERENCE:
    case NODE_PI_TARGET:
        return names_are_equal(a->name, b->name);
    case NODE_TEXT:
    case NODE_CDATA:
    case NODE_PI_DATA:
        return a->text.count == b->text.count &&
               memcmp(a->text.units, b->text.units, 2 * (size_t)a->text.count) == 0;
    case NODE_VALUE:
        return a->value.type == b->value.type && a->value.size == b->value.size &&
               memcmp(a->value.data, b->value.data, a->value.size) == 0;
    case NODE_HOLE:
        return a->value.type == b->value.type;
    case NODE_CHARACTER_REFERENCE:
        return true;
    case NODE_INSTANCE:
    case NODE_FRAGMENT:
        break;
    }
    return false;
}

bool templates_are_equal(const struct template *a, const struct template *b)
{
    if (a == b)
        return true;
    if (a->node_count != b->node_count || memcmp(a->guid, b->guid, sizeof a->guid) != 0)
        return false;
    for (uint32_t i = 0; i < a->node_count; i++)
        if (!nodes_are_equal(&a->tape[i], &b->tape[i]))
            return false;
    return true;
}

enum { INSTANCE_TOKEN = 0x0C };

bool find_inline_definition(const uint8_t *data, uint32_t from, uint32_t end,
                            struct inline_definition *ret)
{
    static const uint8_t front[2] = {INSTANCE_TOKEN, 1};
    while (from < end) {
        const uint8_t *hit = memmem(data + from, end - from, front, sizeof front);
        if (!hit)
            return false;
        const uint32_t at = (uint32_t)(hit - data), place = at + INSTANCE_BYTES;
        if (place < end && is_definition_of(data, place, end, load_u32(hit + 2))) {
            *ret = (struct inline_definition){place, load_u32(hit + 6)};
            return true;
        }
        from = at + 1;
    }
    return false;
}

const struct template *decode_proved(struct decoder *decoder, uint32_t offset)
{
    EVX_CHECK(decoder->recovered && decoder->open_definitions == 0);
    const struct template *template = decode_template(decoder, offset);
    return template && template->is_shared && prove_definition(decoder, offset) ? template : NULL;
}

bool chunk_definitions(struct decoder *decoder, const uint32_t **ret_offsets, uint32_t *ret_count)
{
    const struct chunk *chunk = decoder->chunk;
    if (!decoder->definition_offsets) {
        struct inline_definition found = {0};
        uint32_t count = 0, at = CHUNK_HEADER_BYTES;
        for (; find_inline_definition(chunk->data, at, chunk->loaded, &found); at = found.place)
            count += found.place == found.offset;
        uint32_t *offsets = arena_allocate(&decoder->chunk_arena, (count + 1) * sizeof *offsets);
        if (!offsets)
            return fault_memory(&decoder->fault);
        decoder->definition_count = 0;
        at = CHUNK_HEADER_BYTES;
        for (; find_inline_definition(chunk->data, at, chunk->loaded, &found); at = found.place)
            if (found.place == found.offset)
                offsets[decoder->definition_count++] = found.place;
        decoder->definition_offsets = offsets;
    }
    *ret_offsets = decoder->definition_offsets;
    *ret_count = decoder->definition_count;
    return true;
}
