// SPDX-License-Identifier: MIT
// Which fault a lost record is reported with. The reference reads a record whole before it shows
// any of it: of each instance the descriptors, the values at their natural size, the definition,
// then the elements in the values. We look at what is shown, within its bounds. So a record that is
// lost is read once more, in that order and behind its end, too; nothing of it is shown any more.
#include "compat/first_fault.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/load.h"

// Whether so many bytes may be read still.
static bool pay(struct decoder *decoder, uint32_t size)
{
    uint32_t *left = decoder->hook_context;
    EVX_CHECK(decoder->mode == DECODE_HOOKED);
    if (size < *left) {
        *left -= size;
        return true;
    }
    return fault_of(&decoder->fault, FAULT_LIMIT_REREAD);
}

static bool unimplemented(struct decoder *decoder, uint8_t type, uint32_t size, uint32_t position)
{
    return fault_set(&decoder->fault, &(struct fault){.kind = FAULT_TYPE_UNREADABLE,
                                                      .type = type,
                                                      .offset = position,
                                                      .had = size});
}

// Unit by unit to the NUL that ends the last item, wherever that is.
static bool read_strings(struct decoder *decoder, uint32_t *position, uint32_t end)
{
    for (bool open = false; *position < end || open; *position += 2) {
        uint32_t left = CHUNK_BYTES - *position;
        if (left < 2)
            return fault_short(&decoder->fault, FIELD_VALUE_OF(TYPE_ARRAY | TYPE_STRING), *position,
                               2, left);
        open = load_u16(decoder->chunk->data + *position) != 0;
    }
    return true;
}

static uint32_t natural_sid_size(const struct decoder *decoder, uint32_t position)
{
    return CHUNK_BYTES - position < 8 ? 8 : sid_natural_size(decoder->chunk->data + position);
}

static bool read_sids(struct decoder *decoder, uint32_t *position, uint32_t end)
{
    while (*position < end) {
        uint32_t size = natural_sid_size(decoder, *position), left = CHUNK_BYTES - *position;
        if (size > left)
            return fault_short(&decoder->fault, FIELD_VALUE_OF(TYPE_SID), *position, size, left);
        *position += size;
    }
    return true;
}

// Moves behind a value, which takes at least its natural size.
static bool read_value(struct decoder *decoder, uint8_t type, uint32_t size, uint32_t *position)
{
    struct fault *fault = &decoder->fault;
    EVX_CHECK(*position <= CHUNK_BYTES);
    uint32_t at = *position, left = CHUNK_BYTES - at;
    uint32_t width = value_type_width(type);
    uint32_t item = type & TYPE_ARRAY ? value_type_width(type & 0x7F) : 0;
    uint32_t field = FIELD_VALUE_OF(type);
    switch (type) {
    case TYPE_NULL:
        if (size > left)
            return fault_past_end(fault, FIELD_VALUE_OF(TYPE_NULL), at + size);
        break;
    case TYPE_STRING:
        if (size % 2)
            return fault_at(fault, FAULT_STRING_ODD, at);
        break;
    case TYPE_SIZE_T:
        if (size != 4 && size != 8)
            return unimplemented(decoder, type, size, at);
        field = FIELD_SIZE_T;
        break;
    case TYPE_SID:
        width = natural_sid_size(decoder, at);
        break;
    case TYPE_HANDLE:
    case TYPE_XML:
    case TYPE_ARRAY | TYPE_BINARY:
    case TYPE_ARRAY | TYPE_SIZE_T:
        return unimplemented(decoder, type, size, at);
    case TYPE_ARRAY | TYPE_STRING:
        return read_strings(decoder, position, at + size);
    case TYPE_ARRAY | TYPE_SID:
        return read_sids(decoder, position, at + size);
    }
    if (item && size % item)
        return fault_set(fault, &(struct fault){.kind = FAULT_ARRAY_SIZE,
                                                .field = FIELD_VALUE,
                                                .type = type,
                                                .offset = at,
                                                .needed = item,
                                                .had = size});
    uint32_t natural = width ? width : size;
    if (natural > left)
        return fault_short(fault, field, at, natural, left);
    if (size > left) // read, and then the rest of it is skipped
        return fault_past_end(fault, FIELD_VALUE_REST, at + size);
    *position += size > natural ? size : natural;
    return true;
}

// The definition as everybody reads it.
static bool read_definition(struct decoder *decoder, uint32_t offset)
{
    decoder->mode = DECODE_USUAL;
    bool fine = decode_template(decoder, offset) != NULL;
    decoder->mode = DECODE_HOOKED;
    return fine;
}

// Head and values.
static bool read_table(struct decoder *decoder, uint32_t *position, struct instance_head *ret)
{
    if (!instance_read_head(decoder, *position, ret) ||
        instance_has_unknown_type(decoder, ret->descriptors, ret->value_count))
        return false;
    *position = ret->values;
    const uint8_t *descriptor = decoder->chunk->data + ret->descriptors;
    for (uint32_t i = 0; i < ret->value_count; i++, descriptor += 4)
        if (!read_value(decoder, descriptor[2], load_u16(descriptor), position))
            return false;
    return true;
}

// Head and values alone, which is all that the reference reads of an instance in a definition.
static bool skip_instance(struct decoder *decoder, uint32_t *position)
{
    struct instance_head head;
    return read_table(decoder, position, &head);
}

static bool read_instance(struct decoder *decoder, uint32_t *position, uint32_t depth)
{
    struct instance_head head;
    if (!read_table(decoder, position, &head) || !pay(decoder, 4 * head.value_count) ||
        !read_definition(decoder, head.definition))
        return false;
    const uint8_t *data = decoder->chunk->data, *descriptor = data + head.descriptors;
    uint32_t at = head.values;
    for (uint32_t i = 0; i < head.value_count; i++, descriptor += 4) {
        uint32_t size = load_u16(descriptor);
        if (descriptor[2] == TYPE_FRAGMENT && size > 0 &&
            !decode_span(decoder, data + at, size, depth))
            return false;
        if (!read_value(decoder, descriptor[2], size, &at))
            return false;
    }
    return true;
}

const struct decode_hooks first_fault_hooks = {
    .begin_stream = pay,
    .read_instance = read_instance,
    .skip_instance = skip_instance,
};

bool first_fault_find(struct decoder *decoder, uint32_t start, uint32_t end)
{
    const struct fault known = decoder->fault;
    uint32_t bytes_left = REREAD_BYTES_MAX;
    if (known.status != EVX_ERR_RECORD)
        return true;
    EVX_CHECK(decoder->mode == DECODE_USUAL && decoder->hooks == &first_fault_hooks);
    struct fragment ignored;
    decoder_start_record(decoder, false);
    EVX_CHECK(decoder->chunk->loaded == CHUNK_BYTES);
    decoder->mode = DECODE_HOOKED;
    decoder->hook_context = &bytes_left;
    bool fine = decode_record(decoder, start, end, &ignored);
    decoder->mode = DECODE_USUAL;
    decoder->hook_context = NULL;
    if (fine || decoder->fault.status != EVX_ERR_RECORD)
        decoder->fault = known;
    return !fine;
}
