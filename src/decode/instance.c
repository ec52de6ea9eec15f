// SPDX-License-Identifier: MIT
// A template instance: which definition, and the table of its values. One pass over the descriptors
// proves every width and bound before anything is shown.
#include <string.h>

#include "base/ablate.h"
#include "base/load.h"
#include "decode/decoder.h"
#include "kernels/simd.h"

struct instance_head {
    uint32_t definition;
    uint32_t value_count;
    uint32_t descriptors; // offset of the first
};

static bool have(struct decoder *decoder, uint32_t position, uint32_t end, uint32_t size,
                 const char *label)
{
    return size <= end - position ||
           fault_short(&decoder->fault, label, position, size, end - position);
}

static bool skip_definition(struct decoder *decoder, uint32_t *position, uint32_t end)
{
    const uint8_t *data = decoder->chunk->data;
    if (!have(decoder, *position, end, 4, "next_template_offset") ||
        !have(decoder, *position + 4, end, 16, "template_guid") ||
        !have(decoder, *position + 20, end, 4, "template_data_size"))
        return false;
    uint64_t behind = (uint64_t)*position + DEFINITION_HEADER_BYTES +
                      load_u32(data + *position + DEFINITION_SIZE_OFFSET);
    if (behind > CHUNK_BYTES)
        return fault_past_end(&decoder->fault, "Skip cached template", behind);
    *position = behind < end ? (uint32_t)behind : end;
    return true;
}

enum {
    INSTANCE_FIXED_BYTES = 9, // behind the token: u8, template id, definition offset
};

// Which field is cut, for the error text.
static bool cut_head(struct decoder *decoder, uint32_t p, uint32_t end)
{
    return have(decoder, p, end, 1, "u8") && have(decoder, p + 1, end, 4, "u32") &&
           have(decoder, p + 5, end, 4, "u32");
}

// The reference reads the whole table before any value: a type that it does not know is what it
// reports, wherever else the instance is damaged. True when that fault is set now.
static bool has_unknown_type(struct decoder *decoder, uint32_t descriptors, uint32_t count)
{
    for (uint32_t at = descriptors; count > 0 && at + 3 <= CHUNK_BYTES; at += 4, count--) {
        chunk_need(decoder->chunk, at + 3);
        uint8_t type = decoder->chunk->data[at + 2];
        if (value_type_is_known(type))
            continue;
        fault_unknown_type(&decoder->fault, at + 3, type);
        return true;
    }
    return false;
}

// The table passes the end of its window, or even of the chunk: the first descriptor that is not
// whole.
static bool cut_descriptors(struct decoder *decoder, uint32_t p, uint32_t end, uint32_t count)
{
    if (has_unknown_type(decoder, p, count))
        return false;
    if (p + 4 * (uint64_t)count > CHUNK_BYTES)
        end = CHUNK_BYTES;
    uint32_t cut = p + (end - p) / 4 * 4;
    uint32_t left = end - cut;
    return left < 2 ? fault_short(&decoder->fault, "u16", cut, 2, left)
                    : fault_short(&decoder->fault, "u8", end, 1, 0);
}

EVX_INLINE bool read_head_within(struct decoder *decoder, uint32_t *position, uint32_t end,
                                 struct instance_head *ret)
{
    const uint8_t *data = decoder->chunk->data;
    uint32_t p = *position;
    if (EVX_UNLIKELY(end - p < INSTANCE_FIXED_BYTES))
        return cut_head(decoder, p, end);
    ret->definition = load_u32(data + p + 5);
    p += INSTANCE_FIXED_BYTES;
    if (EVX_UNLIKELY(ret->definition == p) && !skip_definition(decoder, &p, end))
        return false;
    if (EVX_UNLIKELY(end - p < 4))
        return have(decoder, p, end, 4, "u32");
    ret->value_count = load_u32(data + p);
    p += 4;
    if (EVX_UNLIKELY(ret->value_count > (end - p) / 4))
        return cut_descriptors(decoder, p, end, ret->value_count);
    ret->descriptors = p;
    *position = p + 4 * ret->value_count;
    return true;
}

// A head that passes its record is refused: what it would show is foreign. The reference reads on,
// so what passes even the chunk is told as it tells it.
static EVX_NOINLINE bool refuse_head(struct decoder *decoder, uint32_t position)
{
    const struct fault refused = decoder->fault;
    struct instance_head foreign;
    chunk_need(decoder->chunk, CHUNK_BYTES);
    if (read_head_within(decoder, &position, CHUNK_BYTES, &foreign))
        decoder->fault = refused;
    return false;
}

EVX_INLINE bool read_head(struct decoder *decoder, uint32_t *position, uint32_t end,
                          struct instance_head *ret)
{
    uint32_t start = *position;
    return EVX_LIKELY(read_head_within(decoder, position, end, ret)) || refuse_head(decoder, start);
}

// A SID, or the SIDs of an array, that pass the end of the chunk: the one that does.
static bool short_sid(struct decoder *decoder, uint32_t position)
{
    for (;;) {
        uint32_t left = CHUNK_BYTES - position;
        uint32_t size = left < 8 ? 8 : 8 + 4 * (uint32_t)decoder->chunk->data[position + 1];
        if (size > left)
            return fault_short(&decoder->fault, "sid", position, size, left);
        position += size;
    }
}

// A value that passes the end of the chunk is the record's fault, in the reference's words.
static bool short_value(struct decoder *decoder, const struct value *value, uint32_t position)
{
    uint64_t behind = (uint64_t)position + value->size;
    uint32_t left = CHUNK_BYTES - position;
    uint32_t width = value_type_width(value->type);
    chunk_need(decoder->chunk, CHUNK_BYTES);
    if (value->type == TYPE_SID && left >= 8)
        width = 8 + 4 * (uint32_t)decoder->chunk->data[position + 1];
    if (value->type == TYPE_NULL)
        return fault_past_end(&decoder->fault, "NullType Descriptor", behind);
    if (width && width <= left) // read, and then the rest of it is skipped
        return fault_past_end(&decoder->fault, "Broken record", behind);
    if ((value->type & 0x7F) == TYPE_SID)
        return short_sid(decoder, position);
    if (value->type == (TYPE_ARRAY | TYPE_STRING)) // read unit by unit
        return fault_short(&decoder->fault, "string_array", position + left / 2 * 2, 2, left % 2);
    const char *label = value_type_label(value->type);
    uint32_t item = value->type & TYPE_ARRAY ? value_type_width(value->type & 0x7F) : 0;
    if (item && value->size % item)
        return fault_data(&decoder->fault,
                          "%s: misaligned sized array (size_bytes=%u, elem_bytes=%u) at offset %u",
                          label, value->size, item, position);
    if (value->type == TYPE_SIZE_T) {
        if (value->size != 4 && value->size != 8)
            return fault_data(&decoder->fault,
                              "Offset %u: Value variant `SizeT` (size Some(%u)) is unimplemented",
                              position, value->size);
        label = value->size == 8 ? "sizet64" : "sizet32";
    }
    return fault_short(&decoder->fault, label, position, width ? width : value->size, left);
}

// A value that passes the end of its window, but not of the chunk, is cut to the window, so that it
// never shows foreign bytes.
static bool cut_value(struct decoder *decoder, struct value *value, uint32_t position, uint32_t end)
{
    if ((uint64_t)position + value->size > CHUNK_BYTES)
        return short_value(decoder, value, position);
    value->size = (uint16_t)(end > position ? end - position : 0);
    if (value->type != TYPE_NULL)
        decoder_note(decoder, value->data, value->size, value->type,
                     "value reaches behind its record and was cut");
    return true;
}

static struct value value_at(const struct decoder *decoder, const uint8_t *descriptor,
                             uint32_t position)
{
    struct value value = {.data = decoder->chunk->data + position};
    store_u32(&value.size,
              load_u32(descriptor) & 0xFFFFFF); // size and type; the padding is no form
    return value;
}

static struct value *allocate_values(struct decoder *decoder, uint32_t count)
{
    // One more, so that an instance without values has a table, too.
    struct value *values = arena_allocate(&decoder->record_arena, (count + 1) * sizeof *values);
    if (!values)
        fault_memory(&decoder->fault);
    return values;
}

bool instance_make_values(struct decoder *decoder, struct instance *instance)
{
    instance->values = allocate_values(decoder, instance->value_count);
    if (!instance->values)
        return false;
    for (uint32_t i = 0; i < instance->value_count; i++) {
        instance->values[i] =
            value_at(decoder, instance->descriptors + 4 * i, instance->offsets[i]);
        value_classify(&instance->values[i]);
    }
    return true;
}

// The values of a damaged instance: some pass the end of the window.
EVX_COLD static bool make_cut_values(struct decoder *decoder, struct instance *instance,
                                     uint32_t position, uint32_t end)
{
    instance->offsets = NULL;
    instance->values = allocate_values(decoder, instance->value_count);
    if (!instance->values)
        return false;
    for (uint32_t i = 0; i < instance->value_count; i++) {
        struct value *value = &instance->values[i];
        *value = value_at(decoder, instance->descriptors + 4 * i, position);
        uint32_t size = value->size;
        if (position + size > end && !cut_value(decoder, value, position, end)) {
            (void)has_unknown_type(decoder, chunk_offset_of(decoder, instance->descriptors),
                                   instance->value_count);
            return false;
        }
        value_classify(value);
        position += size;
    }
    return true;
}

// Where each value begins; returns the offset behind the last one.
EVX_INLINE uint32_t fill_offsets(uint32_t *offsets, const uint8_t *descriptors, uint32_t count,
                                 uint32_t position)
{
    size_t i = 0;
#if EVX_SIMD
    // Four running sums at a time: each lane adds the lane in front of it, then the two in front.
    u32x4 start = {position, position, position, position};
    for (; i + 4 <= count; i += 4) {
        u32x4 sizes = (u32x4)simd_load(descriptors + 4 * i) & 0xFFFF;
        u32x4 sums = sizes + simd_shift_lanes(sizes, 1);
        sums += simd_shift_lanes(sums, 2);
        simd_store(offsets + i, (u8x16)(start + (sums - sizes)));
        start += simd_last_lane(sums);
    }
    position = start[0];
#endif
    for (; i < count; i++) {
        offsets[i] = position;
        position += load_u16(descriptors + 4 * i);
    }
    return position;
}

EVX_INLINE bool decode_inline(struct decoder *decoder, uint32_t *position, uint32_t end,
                              uint32_t depth, struct instance **ret_instance)
{
    struct instance_head head = {0};
    if (!read_head(decoder, position, end, &head))
        return false;
    struct instance *instance = arena_allocate(
        &decoder->record_arena, sizeof *instance + head.value_count * sizeof(uint32_t));
    if (!instance)
        return fault_memory(&decoder->fault);
    uint32_t *offsets = (uint32_t *)(instance + 1);
    const uint8_t *descriptors = decoder->chunk->data + head.descriptors;
    instance->descriptors = descriptors;
    instance->offsets = offsets;
    instance->values = NULL;
    instance->value_count = head.value_count;
    instance->depth = depth;
    instance->node = (struct node){.kind = NODE_INSTANCE, .next = 1, .instance = instance};
    uint32_t behind = fill_offsets(offsets, descriptors, head.value_count, *position);
    if (EVX_UNLIKELY(behind > end) && !make_cut_values(decoder, instance, *position, end))
        return false;
    *position = behind < end ? behind : end;
    instance->template = decode_template(decoder, head.definition);
    *ret_instance = instance;
    if (EVX_ABLATE_LAZY_VALUES && !instance_need_values(decoder, instance))
        return false;
    return instance->template != NULL;
}

bool decode_instance(struct decoder *decoder, uint32_t *position, uint32_t end, uint32_t depth,
                     struct instance **ret_instance)
{
    return decode_inline(decoder, position, end, depth, ret_instance);
}

enum lone_instance decode_lone_instance(struct decoder *decoder, uint32_t start, uint32_t end,
                                        uint32_t depth, struct fragment *ret_fragment)
{
    const uint32_t header = 0x0001010F;
    const uint8_t *data = decoder->chunk->data;
    struct instance *instance = NULL;
    if (end - start > 4 && load_u32(data + start) == header)
        start += 4;
    if (EVX_ABLATE_LONE_INSTANCES || start >= end || data[start] != 0x0C)
        return LONE_NO;
    start++;
    if (!decode_inline(decoder, &start, end, depth, &instance))
        return LONE_FAULT;
    *ret_fragment = (struct fragment){.tape = &instance->node, .end = 1, .depth = depth};
    return start >= end || decoder->chunk->data[start] == 0 ? LONE_YES : LONE_NO;
}
