// SPDX-License-Identifier: MIT
// A template instance: which definition, and the table of its values. One pass over the descriptors
// proves every width and bound before anything is shown.
#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "base/load.h"
#include "decode/decoder.h"
#include "decode/elsewhere.h"
#include "decode/fit.h"
#include "kernels/simd.h"

static bool have(struct decoder *decoder, uint32_t position, uint32_t size, enum fault_field field)
{
    EVX_CHECK(position <= CHUNK_BYTES);
    uint32_t left = CHUNK_BYTES - position;
    return size <= left || fault_short(&decoder->fault, field, position, size, left);
}

// Where the definition ends, or 0. It may reach behind its window: it is structure and shows no
// bytes of its own.
static uint32_t skip_definition(struct decoder *decoder, uint32_t p)
{
    EVX_CHECK(p <= CHUNK_BYTES);
    if (!have(decoder, p, 4, FIELD_DEFINITION_LINK) ||
        !have(decoder, p + 4, 16, FIELD_DEFINITION_GUID) ||
        !have(decoder, p + 20, 4, FIELD_DEFINITION_SIZE))
        return 0;
    if (!decoder_covers(decoder, p + DEFINITION_HEADER_BYTES))
        return 0;
    uint64_t behind = (uint64_t)p + DEFINITION_HEADER_BYTES +
                      load_u32(decoder->chunk->data + p + DEFINITION_SIZE_OFFSET);
    if (behind <= CHUNK_BYTES)
        return (uint32_t)behind;
    fault_past_end(&decoder->fault, FIELD_DEFINITION_BODY, behind);
    return 0;
}

// Whether the definition stands behind the instance's head. Where the chunk began is not sure of
// records that are salvaged: then the content tells.
EVX_COLD static bool has_definition(const struct decoder *decoder, uint32_t p, uint32_t end,
                                    uint32_t *definition)
{
    const uint8_t *data = decoder->chunk->data;
    if (*definition == p)
        return !decoder->elsewhere || is_definition(data, p, end);
    if (!decoder->elsewhere ||
        !is_definition_of(data, p, end, load_u32(data + p + 1 - INSTANCE_FIXED_BYTES)))
        return false;
    *definition = p;
    return true;
}

bool instance_has_unknown_type(struct decoder *decoder, uint32_t descriptors, uint32_t count)
{
    for (uint32_t at = descriptors; count > 0 && at + 3 <= CHUNK_BYTES; at += 4, count--) {
        uint8_t type = decoder->chunk->data[at + 2];
        if (!value_type_is_known(type))
            return !fault_of_type(&decoder->fault, FAULT_TYPE_UNKNOWN, at + 3, type);
    }
    return false;
}

// The table, which begins with its count, passes the end of its window. What of it lies behind is
// missing, but it must lie in the chunk. Where the values begin, or 0.
static uint32_t cut_table(struct decoder *decoder, uint32_t p, uint32_t end)
{
    EVX_CHECK(p <= CHUNK_BYTES);
    EVX_CHECK(end <= CHUNK_BYTES);
    if (!have(decoder, p, 4, FIELD_VALUE_COUNT))
        return 0;
    uint64_t count = p + 4 <= end ? load_u32(decoder->chunk->data + p) : 0;
    uint32_t descriptors = p + 4, odd = (CHUNK_BYTES - descriptors) % 4;
    if (descriptors + 4 * count > CHUNK_BYTES) {
        if (!decoder_covers(decoder, CHUNK_BYTES) ||
            instance_has_unknown_type(decoder, descriptors, (uint32_t)count) ||
            !have(decoder, CHUNK_BYTES - odd, 2, FIELD_DESCRIPTOR_SIZE) ||
            !have(decoder, CHUNK_BYTES, 1, FIELD_DESCRIPTOR_TYPE))
            return 0;
    }
    decoder_note_place(decoder, NOTE_TABLE_CUT, p);
    return descriptors + 4 * (uint32_t)count;
}

EVX_INLINE bool read_head(struct decoder *decoder, uint32_t p, uint32_t end,
                          struct instance_head *ret)
{
    EVX_CHECK(p + INSTANCE_FIXED_BYTES <= CHUNK_BYTES);
    EVX_CHECK(end <= CHUNK_BYTES);
    const uint8_t *data = decoder->chunk->data;
    ret->definition = load_u32(data + p + 5);
    p += INSTANCE_FIXED_BYTES;
    if (EVX_UNLIKELY((ret->definition == p) | decoder->recovered) &&
        has_definition(decoder, p, end, &ret->definition)) {
        p = skip_definition(decoder, p);
        if (p == 0)
            return false;
    }
    ret->descriptors = p + 4;
    if (EVX_UNLIKELY(p + 4 > end || load_u32(data + p) > (end - p - 4) / 4)) {
        ret->value_count = p + 4 < end ? (end - p - 4) / 4 : 0;
        ret->values = cut_table(decoder, p, end);
        return ret->values != 0;
    }
    ret->value_count = load_u32(data + p);
    ret->values = p + 4 + 4 * ret->value_count;
    return true;
}

bool instance_read_head(struct decoder *decoder, uint32_t p, struct instance_head *ret)
{
    return have(decoder, p, 1, FIELD_INSTANCE) && have(decoder, p + 1, 4, FIELD_INSTANCE_ID) &&
           have(decoder, p + 5, 4, FIELD_INSTANCE_PLACE) && read_head(decoder, p, CHUNK_BYTES, ret);
}

// A value that passes the end of its window is cut to the window, so that it never shows foreign
// bytes. One that passes the chunk costs the record, as in the reference.
static bool cut_value(struct decoder *decoder, struct value *value, uint32_t position, uint32_t end)
{
    EVX_CHECK(position <= CHUNK_BYTES || value->size > 0);
    EVX_CHECK((uint64_t)position + value->size > end);
    if ((uint64_t)position + value->size > CHUNK_BYTES)
        return fault_short(&decoder->fault, FIELD_VALUE_OF(value->type), position, value->size,
                           CHUNK_BYTES - position);
    uint32_t declared = value->size;
    value->size = (uint16_t)(end > position ? end - position : 0);
    if (value->type == TYPE_STRING) // half a unit shows nothing
        value->size &= 0xFFFE;
    if (value->type != TYPE_NULL)
        decoder_note_value(decoder, NOTE_VALUE_CUT, value->data, value->type, declared,
                           value->size);
    return true;
}

static struct value value_at(const uint8_t *data, const uint8_t *descriptor, uint32_t position)
{
    struct value value = {.data = data + position};
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

// What is left of a cut value may be nothing. Elements that cannot be read show their bytes.
static bool settle_value(struct decoder *decoder, struct value *value, uint32_t depth)
{
    if (value->size == 0 && value->form == FORM_HEX)
        value->form = FORM_EMPTY;
    if (value->form != FORM_FRAGMENT || decode_value(decoder, value, depth))
        return true;
    value->form = FORM_HEX;
    if (decoder->fault.kind == FAULT_TEMPLATE_FOREIGN)
        decoder_note_value(decoder, NOTE_ELEMENTS_FOREIGN, value->data, value->type, value->size,
                           value->size);
    return decoder->fault.status != EVX_ERR_MEMORY;
}

// The values of a damaged instance: some pass the end of the window, or cannot be read.
EVX_COLD static bool make_damaged_values(struct decoder *decoder, struct instance *instance,
                                         uint32_t position, uint32_t end)
{
    instance->offsets = NULL;
    instance->values = allocate_values(decoder, instance->value_count);
    if (!instance->values)
        return false;
    for (uint32_t i = 0; i < instance->value_count; i++) {
        struct value *value = &instance->values[i];
        *value = value_at(decoder->chunk->data, instance->descriptors + 4 * i, position);
        uint32_t behind = position + value->size;
        if (behind > end && !cut_value(decoder, value, position, end))
            return false;
        value_classify(value);
        if ((behind > end || decoder->mode == DECODE_LENIENT) &&
            !settle_value(decoder, value, instance->depth))
            return false;
        position = behind;
    }
    return true;
}

// Whether the values may end here: at the end of their window, but for an EOF token and, in a
// record, the padding behind it.
EVX_INLINE bool may_end(const uint8_t *data, uint32_t at, uint32_t end, uint32_t depth)
{
    EVX_CHECK(end <= CHUNK_BYTES);
    uint32_t rest = end - at; // large when they pass it
    return rest == 0 || (rest <= (depth ? 1 : 1 + RECORD_PADDING_MAX) && data[at] == 0);
}

// Bytes of a value whose first ones lie in [position, end): of a SID as many as it says of itself,
// when its descriptor says fewer.
static uint32_t natural_size(const struct value *value, uint32_t position, uint32_t end)
{
    if (value->type != TYPE_SID || (uint64_t)position + SID_HEAD_BYTES > end)
        return value->size;
    uint32_t natural = sid_natural_size(value->data);
    return natural > value->size ? natural : value->size;
}

// Where the values end at these sizes, or UINT32_MAX when no SID is larger than its descriptor
// says.
static uint32_t natural_end(const struct decoder *decoder, const struct instance *instance,
                            uint32_t position, uint32_t end)
{
    bool any = false;
    for (uint32_t i = 0; i < instance->value_count && position <= end; i++) {
        struct value value =
            value_at(decoder->chunk->data, instance->descriptors + 4 * i, position);
        uint32_t size = natural_size(&value, position, end);
        any |= size > value.size;
        position += size;
    }
    return any && position <= end ? position : UINT32_MAX;
}

static bool is_binary_unit(uint16_t unit)
{
    return unit < ' ' && unit != '\t' && unit != '\n' && unit != '\r';
}

// Whether a string holds what no text does, when the values are read at these sizes.
static bool strings_are_binary(const struct instance *instance, const uint8_t *data,
                               uint32_t position, uint32_t end, bool is_natural)
{
    for (uint32_t i = 0; i < instance->value_count; i++) {
        struct value value = value_at(data, instance->descriptors + 4 * i, position);
        uint32_t size = is_natural ? natural_size(&value, position, end) : value.size;
        for (uint32_t at = 0; value.type == TYPE_STRING && at + 2 <= size; at += 2)
            if (is_binary_unit(load_u16(value.data + at)))
                return true;
        position += size;
    }
    return false;
}

static bool all_zero(const uint8_t *data, uint32_t from, uint32_t end)
{
    while (from < end && data[from] == 0)
        from++;
    return from == end;
}

// The values end where natural sizes lead. Where what their descriptors leave behind them is zeros
// alone, it may be an EOF token and padding: then strings tell, which hold parts of a SID or of the
// padding when they are read from a wrong place.
static bool natural_sizes_are_right(const struct decoder *decoder, const struct instance *instance,
                                    uint32_t position, uint32_t behind, uint32_t end)
{
    const uint8_t *data = decoder->chunk->data;
    EVX_CHECK(behind <= end && end <= CHUNK_BYTES);
    if (!all_zero(data, behind, end))
        return true;
    bool declared_is_binary = strings_are_binary(instance, data, position, end, false);
    if (declared_is_binary != strings_are_binary(instance, data, position, end, true))
        return declared_is_binary;
    return !may_end(data, behind, end, instance->depth);
}

// Where natural sizes lead to the end of the values, those are right, also where the descriptors
// seem to: behind a short descriptor, a last value that begins with a zero byte looks like padding.
EVX_COLD static bool try_natural_sizes(struct decoder *decoder, struct instance *instance,
                                       uint32_t position, uint32_t end, uint32_t *behind)
{
    EVX_CHECK(*behind <= end);
    uint32_t natural = natural_end(decoder, instance, position, end);
    if (natural == UINT32_MAX || !may_end(decoder->chunk->data, natural, end, instance->depth) ||
        !natural_sizes_are_right(decoder, instance, position, *behind, end))
        return true;
    decoder_drop_notes(decoder, position); // what was read of them stood in other places
    instance->child_hole = NO_HOLE;
    instance->offsets = NULL;
    instance->values = allocate_values(decoder, instance->value_count);
    if (!instance->values)
        return false;
    for (uint32_t i = 0; i < instance->value_count; i++) {
        struct value *value = &instance->values[i];
        *value = value_at(decoder->chunk->data, instance->descriptors + 4 * i, position);
        uint32_t declared = value->size;
        value->size = (uint16_t)natural_size(value, position, end);
        if (value->size > declared)
            decoder_note_value(decoder, NOTE_SID_DESCRIPTOR_SHORT, value->data, TYPE_SID, declared,
                               value->size);
        value_classify(value);
        position += value->size;
    }
    EVX_CHECK(natural == position && natural <= end);
    *behind = natural;
    return true;
}

static bool sid_is_cut(const struct instance *instance, const uint8_t *data, uint32_t index)
{
    const uint8_t *descriptor = instance->descriptors + 4 * (size_t)index;
    if (descriptor[2] != TYPE_SID)
        return false;
    struct value value = value_at(data, descriptor, instance->offsets[index]);
    return natural_size(&value, instance->offsets[index], instance->end) > value.size;
}

// Whether a SID is larger than its descriptor says.
static bool any_sid_is_cut(const struct instance *instance, const uint8_t *data)
{
    uint32_t i = 0;
#if EVX_SIMD
    for (; i + 4 <= instance->value_count; i += 4) { // mostly there is none among four
        u32x4 types = (u32x4)simd_load(instance->descriptors + 4 * (size_t)i) & 0xFF0000;
        unsigned sids = simd_mask((u8x16)(types == (TYPE_SID << 16)));
        for (uint32_t k = i; sids != 0; k++, sids >>= 4)
            if (sid_is_cut(instance, data, k))
                return true;
    }
#endif
    for (; i < instance->value_count; i++)
        if (sid_is_cut(instance, data, i))
            return true;
    return false;
}

bool instance_settle_sids(struct decoder *decoder, struct instance *instance)
{
    const uint8_t *data = decoder->chunk->data;
    // Only a record's padding leaves a doubt where values end.
    if (instance->depth > 0 || EVX_LIKELY(!any_sid_is_cut(instance, data)))
        return true;
    uint32_t last = instance->value_count - 1;
    uint32_t behind = instance->offsets[last] + load_u16(instance->descriptors + 4 * last);
    return try_natural_sizes(decoder, instance, instance->offsets[0], instance->end, &behind);
}

static bool make_values(struct decoder *decoder, struct instance *instance)
{
    instance->values = allocate_values(decoder, instance->value_count);
    if (!instance->values)
        return false;
    for (uint32_t i = 0; i < instance->value_count; i++) {
        instance->values[i] =
            value_at(decoder->chunk->data, instance->descriptors + 4 * i, instance->offsets[i]);
        EVX_CHECK((uint64_t)instance->offsets[i] + instance->values[i].size <= CHUNK_BYTES);
        value_classify(&instance->values[i]);
    }
    if (instance->child_hole != NO_HOLE)
        instance->values[instance->child_hole].fragment = &instance->child;
    return true;
}

bool instance_one_value(struct decoder *decoder, const struct instance *constant, uint32_t hole,
                        struct value *ret)
{
    struct instance *instance = (struct instance *)constant;
    EVX_CHECK(hole < instance->value_count);
    if (!instance->values && !instance->is_settled && !instance_settle_sids(decoder, instance))
        return false;
    instance->is_settled = true;
    if (instance->values) {
        *ret = instance->values[hole];
        return true;
    }
    *ret = value_at(decoder->chunk->data, instance->descriptors + 4 * (size_t)hole,
                    instance->offsets[hole]);
    value_classify(ret);
    return true;
}

bool instance_make_values(struct decoder *decoder, struct instance *instance)
{
    EVX_CHECK(instance->offsets != NULL);
    EVX_CHECK(instance->values == NULL);
    return instance_settle_sids(decoder, instance) &&
           (instance->values || make_values(decoder, instance));
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

// The values do not lead to the end of their window, or the record is damaged elsewhere.
EVX_COLD static bool settle_end(struct decoder *decoder, struct instance *instance,
                                uint32_t *behind, uint32_t position, uint32_t end, bool is_lenient)
{
    if (*behind <= end && !is_lenient)
        return try_natural_sizes(decoder, instance, position, end, behind);
    *behind = *behind < end ? *behind : end;
    return make_damaged_values(decoder, instance, position, end);
}

// Whether the values, by their descriptors, end where their window does.
static bool values_fit(const struct decoder *decoder, const struct instance *instance, uint32_t end)
{
    uint64_t behind = chunk_offset_of(decoder, instance->descriptors) + 4 * instance->value_count;
    for (uint32_t i = 0; i < instance->value_count; i++)
        behind += load_u16(instance->descriptors + 4 * i);
    return behind <= end && may_end(decoder->chunk->data, (uint32_t)behind, end, instance->depth);
}

// An instance repeats the first bytes of its definition's GUID. Where they differ, the definition
// has been overwritten by another one: the names in it are not those of these values.
EVX_COLD static bool prove_template(struct decoder *decoder, const struct instance *instance,
                                    uint32_t id, uint32_t offset, uint32_t end)
{
    const struct template *template = instance->template;
    uint32_t expected = load_u32(template->guid);
    if (id != expected)
        return fault_foreign(&decoder->fault, FAULT_TEMPLATE_FOREIGN, offset, id, expected);
    if (!template->is_outside)
        return !decoder->recovered || prove_definition(decoder, offset);
    // One from outside has been found by its whole GUID. But behind a definition that is damaged
    // the values are found by its size: that must be right.
    const bool is_inline = offset == instance->place + INSTANCE_FIXED_BYTES;
    if (!is_inline || values_fit(decoder, instance, end))
        return true;
    tell_own_fault(decoder, offset);
    return false;
}

// The same for a record that was carved; and where its own definition is not proved, one from
// elsewhere, if the values lead to the end of their window.
EVX_COLD static bool take_elsewhere(struct decoder *decoder, struct instance *instance, uint32_t id,
                                    uint32_t end)
{
    struct elsewhere *elsewhere = decoder->elsewhere;
    if (!decoder->recovered || !elsewhere || decoder->open_definitions > 0 ||
        decoder->fault.status == EVX_ERR_MEMORY || !instance->offsets ||
        !values_fit(decoder, instance, end))
        return false;
    const struct fault own = decoder->fault;
    enum origin origin = ORIGIN_VALUES;
    const struct template *found = elsewhere->find(elsewhere, decoder, instance, id, &origin);
    decoder->fault = own;
    if (!found)
        return false;
    instance->template = (struct template *)found;
    decoder->origins |= origin;
    return true;
}

EVX_INLINE bool decode_inline(struct decoder *decoder, uint32_t *position, uint32_t end,
                              uint32_t depth, bool is_lenient, struct instance **ret_instance)
{
    struct instance_head head;
    const uint8_t *data = decoder->chunk->data;
    EVX_CHECK(*position + INSTANCE_FIXED_BYTES <= end);
    uint32_t id = load_u32(data + *position + 1);
    if (!read_head(decoder, *position, end, &head))
        return false;
    EVX_CHECK(head.descriptors <= head.values);
    EVX_CHECK(head.values - head.descriptors >= 4 * head.value_count);
    struct instance *instance = arena_allocate(
        &decoder->record_arena, sizeof *instance + head.value_count * sizeof(uint32_t));
    if (!instance)
        return fault_memory(&decoder->fault);
    uint32_t *offsets = (uint32_t *)(instance + 1);
    const uint8_t *descriptors = data + head.descriptors;
    instance->descriptors = descriptors;
    instance->offsets = offsets;
    instance->values = NULL;
    instance->child_hole = NO_HOLE;
    instance->is_settled = false;
    instance->value_count = head.value_count;
    instance->place = *position;
    instance->depth = depth;
    instance->end = end;
    instance->node = (struct node){.kind = NODE_INSTANCE, .next = 1, .instance = instance};
    uint32_t behind = fill_offsets(offsets, descriptors, head.value_count, head.values);
    if (EVX_UNLIKELY(is_lenient || !may_end(data, behind, end, depth)) &&
        !settle_end(decoder, instance, &behind, head.values, end, is_lenient))
        return false;
    EVX_CHECK(behind <= end);
    *position = behind;
    struct template *template = decode_template(decoder, head.definition);
    instance->template = template;
    *ret_instance = instance;
    if (EVX_UNLIKELY(!template))
        return take_elsewhere(decoder, instance, id, end);
    if (EVX_ABLATE_LAZY_VALUES && !instance_need_values(decoder, instance))
        return false;
    return EVX_LIKELY(id == load_u32(template->guid) &&
                      !(decoder->recovered | template->is_outside)) ||
           prove_template(decoder, instance, id, head.definition, end) ||
           take_elsewhere(decoder, instance, id, end);
}

bool decode_instance(struct decoder *decoder, uint32_t *position, uint32_t end, uint32_t depth,
                     struct instance **ret_instance)
{
    return decode_inline(decoder, position, end, depth, decoder->mode == DECODE_LENIENT,
                         ret_instance);
}

// In front of the token of nearly every instance that stands alone: a fragment's header.
static const uint8_t lone_head[] = {0x0F, 0x01, 0x01, 0x00};

enum lone_instance decode_lone_instance(struct decoder *decoder, uint32_t start, uint32_t end,
                                        uint32_t depth, struct fragment *ret_fragment,
                                        uint32_t *ret_tail_bytes)
{
    EVX_CHECK(start <= end && end <= CHUNK_BYTES);
    const uint8_t *data = decoder->chunk->data;
    struct instance *instance = NULL;
    if (end - start > 4 && memcmp(data + start, lone_head, sizeof lone_head) == 0)
        start += 4;
    if (EVX_ABLATE_LONE_INSTANCES || start + 1 + INSTANCE_FIXED_BYTES > end || data[start] != 0x0C)
        return LONE_NO;
    start++;
    if (!decode_inline(decoder, &start, end, depth, false, &instance))
        return LONE_FAULT;
    *ret_fragment = (struct fragment){.tape = &instance->node, .end = 1, .depth = depth};
    *ret_tail_bytes = start < end ? end - start - 1 : 0;
    return start == end || data[start] == 0 ? LONE_YES : LONE_NO;
}

// Where values of these descriptors end that begin at `position`.
static uint32_t end_of_values(const uint8_t *descriptors, uint32_t count, uint32_t position)
{
    size_t i = 0;
#if EVX_SIMD
    u32x4 sums = {position, 0, 0, 0};
    for (; i + 4 <= count; i += 4)
        sums += (u32x4)simd_load(descriptors + 4 * i) & 0xFFFF;
    position = sums[0] + sums[1] + sums[2] + sums[3];
#endif
    for (; i < count; i++)
        position += load_u16(descriptors + 4 * i);
    return position;
}

const struct template *instance_child_template(struct decoder *decoder,
                                               const struct instance *instance, uint32_t hole)
{
    EVX_CHECK(hole < instance->value_count);
    if (decoder->mode != DECODE_USUAL || decoder->recovered || !instance->offsets ||
        instance->descriptors[4 * (size_t)hole + 2] != TYPE_FRAGMENT)
        return NULL;
    const uint8_t *data = decoder->chunk->data;
    const uint32_t start = instance->offsets[hole];
    const uint32_t end = start + load_u16(instance->descriptors + 4 * (size_t)hole);
    const uint32_t head = start + sizeof lone_head + 1, table = head + INSTANCE_FIXED_BYTES;
    EVX_CHECK(end <= CHUNK_BYTES);
    if (table + 4 > end || memcmp(data + start, lone_head, sizeof lone_head) != 0 ||
        data[start + sizeof lone_head] != 0x0C)
        return NULL;
    const uint32_t definition = load_u32(data + head + 5), count = load_u32(data + table);
    if (definition == table || count > (end - table - 4) / 4)
        return NULL;
    const uint8_t *descriptors = data + table + 4;
    const uint32_t behind = end_of_values(descriptors, count, table + 4 + 4 * count);
    if (!may_end(data, behind, end, instance->depth + 1))
        return NULL;
    const struct template *template = decode_template(decoder, definition);
    const bool is_own =
        template && !template->is_outside && load_u32(data + head + 1) == load_u32(template->guid);
    return is_own ? template : NULL;
}
