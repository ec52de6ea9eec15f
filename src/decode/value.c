// SPDX-License-Identifier: MIT
#include "decode/value.h"

#include <string.h>

#include "base/attrs.h"
#include "base/check.h"
#include "base/load.h"

#define FIXED(width, form) ((width) | (uint32_t)(form) << 24)

const uint32_t value_types[256] = {
    [0x00 ... 0x02] = VALUE_NOT_FIXED,
    [0x0E] = VALUE_NOT_FIXED,
    [0x10] = VALUE_NOT_FIXED,
    [0x13] = VALUE_NOT_FIXED,
    [0x16 ... 0xFF] = VALUE_NOT_FIXED,
    [TYPE_I8] = FIXED(1, FORM_I8),
    [TYPE_U8] = FIXED(1, FORM_U8),
    [TYPE_I16] = FIXED(2, FORM_I16),
    [TYPE_U16] = FIXED(2, FORM_U16),
    [TYPE_I32] = FIXED(4, FORM_I32),
    [TYPE_U32] = FIXED(4, FORM_U32),
    [TYPE_I64] = FIXED(8, FORM_I64),
    [TYPE_U64] = FIXED(8, FORM_U64),
    [TYPE_F32] = FIXED(4, FORM_F32),
    [TYPE_F64] = FIXED(8, FORM_F64),
    [TYPE_BOOL] = FIXED(4, FORM_BOOL),
    [TYPE_GUID] = FIXED(16, FORM_GUID),
    [TYPE_FILETIME] = FIXED(8, FORM_FILETIME),
    [TYPE_SYSTEMTIME] = FIXED(16, FORM_SYSTEMTIME),
    [TYPE_HEX32] = FIXED(4, FORM_HEX32),
    [TYPE_HEX64] = FIXED(8, FORM_HEX64),
};

bool value_type_is_known(uint8_t type)
{
    if (type & TYPE_ARRAY)
        return type >= 0x81 && type <= 0x95;
    return type <= TYPE_HEX64 || type == TYPE_HANDLE || type == TYPE_FRAGMENT || type == TYPE_XML;
}

// Bytes of the SID at the start, or 0 when it does not fit.
static uint32_t sid_size(const uint8_t *data, uint32_t size)
{
    if (size < 8)
        return 0;
    uint32_t needed = sid_natural_size(data);
    return needed <= size ? needed : 0;
}

// Bytes from `offset` to behind the next NUL item end of a string array; a missing last NUL is
// fine.
static uint32_t text_item_size(const struct value *array, uint32_t offset, uint32_t *ret_text)
{
    EVX_CHECK(offset <= array->size);
    const uint8_t *from = array->data + offset;
    uint32_t left = array->size - offset;
    if (array->type == (TYPE_ARRAY | TYPE_ANSI)) {
        const uint8_t *nul = memchr(from, 0, left);
        *ret_text = nul ? (uint32_t)(nul - from) : left;
        return nul ? *ret_text + 1 : left;
    }
    uint32_t text = 0;
    while (text + 2 <= left && load_u16(from + text) != 0)
        text += 2;
    *ret_text = text;
    return text + 2 <= left ? text + 2 : left;
}

static uint32_t item_size(const struct value *array, uint32_t offset, uint32_t *ret_text)
{
    EVX_CHECK(offset < array->size);
    EVX_CHECK(array->type & TYPE_ARRAY);
    uint8_t type = array->type & 0x7F;
    uint32_t width = value_type_width(type);
    if (width)
        return *ret_text = width;
    if (type != TYPE_SID)
        return text_item_size(array, offset, ret_text);
    uint32_t size = sid_size(array->data + offset, array->size - offset);
    return *ret_text = size ? size : array->size - offset; // a cut SID is the last item
}

uint32_t days_of_month(uint32_t year, uint32_t month)
{
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2)
        return is_leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static EVX_NOINLINE bool systemtime_is_time(const uint8_t *data)
{
    struct systemtime t;
    memcpy(&t, data, sizeof t);
    return t.year >= 1601 && t.year <= 30827 && t.month >= 1 && t.month <= 12 && t.day >= 1 &&
           t.day <= days_of_month(t.year, t.month) && t.hour < 24 && t.minute < 60 &&
           t.second < 60 && t.millisecond < 1000;
}

// The form of a value of a fixed-size type. What names no time is refused: a date that is not there
// would look like one that is.
static uint8_t fixed_form(uint8_t type, const uint8_t *data)
{
    uint8_t form = (uint8_t)(value_types[type] >> 24);
    _Static_assert(FORM_SYSTEMTIME == FORM_FILETIME + 1, "one comparison tells the times");
    if (EVX_LIKELY((uint8_t)(form - FORM_FILETIME) > 1))
        return form;
    if ((form == FORM_FILETIME && !filetime_is_time(data)) ||
        (form == FORM_SYSTEMTIME && !systemtime_is_time(data)))
        return FORM_HEX;
    return form;
}

static uint32_t count_items(const struct value *array)
{
    uint32_t width = value_type_width(array->type & 0x7F);
    if (width)
        return array->size / width;
    uint32_t count = 0;
    uint32_t text;
    for (uint32_t offset = 0; offset < array->size; count++)
        offset += item_size(array, offset, &text);
    return count;
}

static bool has_odd_bool(const struct value *array)
{
    EVX_CHECK(4 * array->item_count <= array->size);
    for (uint32_t i = 0; i < array->item_count; i++)
        if (load_u32(array->data + 4 * i) > 1)
            return true;
    return false;
}

static bool is_array_type(uint8_t type)
{
    return value_type_width(type) || type == TYPE_STRING || type == TYPE_ANSI || type == TYPE_SID;
}

static void classify_array(struct value *value)
{
    uint8_t type = value->type & 0x7F;
    uint32_t width = value_type_width(type);
    bool is_odd_text = type == TYPE_STRING && value->size % 2;
    if (!is_array_type(type) || (width && value->size % width) || (is_odd_text && value->size == 1))
        return;
    if (is_odd_text) {
        value->flags = VALUE_ODD_SIZE;
        value->size--; // the items are still readable
    }
    EVX_CHECK(value->type & TYPE_ARRAY);
    value->item_count = (uint16_t)count_items(value); // an item takes a byte at least
    memset(value->cursor, 0, sizeof value->cursor);
    if (type == TYPE_BOOL && has_odd_bool(value))
        value->flags = VALUE_BOOL_AS_NUMBER;
    value->form = value->item_count > 1 ? FORM_ARRAY : value->item_count ? FORM_ITEM : FORM_EMPTY;
}

static bool is_all_nul(const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void classify_string(struct value *value)
{
    if (value->size % 2 == 0)
        value->form = value->size == 0 || load_u16(value->data) == 0 ? FORM_EMPTY : FORM_STRING;
}

static void classify_variable(struct value *value)
{
    switch (value->type) {
    case TYPE_NULL:
        value->form = FORM_NULL;
        return;
    case TYPE_STRING:
        classify_string(value);
        return;
    case TYPE_ANSI:
        value->form = is_all_nul(value->data, value->size) ? FORM_EMPTY : FORM_ANSI;
        return;
    case TYPE_BINARY:
        value->form = value->size ? FORM_HEX : FORM_EMPTY;
        return;
    case TYPE_FRAGMENT:
        value->fragment = NULL;
        value->form = value->size ? FORM_FRAGMENT : FORM_NULL;
        return;
    case TYPE_SIZE_T:
        if (value->size == 4 || value->size == 8)
            value->form = value->size == 4 ? FORM_HEX32 : FORM_HEX64;
        return;
    case TYPE_SID:
        if (sid_size(value->data, value->size))
            value->form = FORM_SID;
        return;
    }
}

// What is refused prints as hex, if it has no bytes, too: that it was refused is reported with it.
void value_classify(struct value *value)
{
    uint32_t width = value_type_width(value->type);
    value->item_count = value->flags = 0;
    value->form = FORM_HEX;
    if (value->type & TYPE_ARRAY)
        classify_array(value);
    else if (!width)
        classify_variable(value);
    else if (value->size >= width) // the rest of a larger one is skipped
        value->form = fixed_form(value->type, value->data);
}

static enum note_kind damage_kind(const struct value *value)
{
    uint8_t type = value->type & 0x7F;
    uint32_t width = value_type_width(type);
    if (value->type & TYPE_ARRAY)
        return is_array_type(type) ? NOTE_ARRAY_SIZE : NOTE_ARRAY_TYPE;
    if (width)
        return value->size < width ? NOTE_VALUE_SHORT : NOTE_NO_TIME;
    switch (type) {
    case TYPE_STRING:
        return NOTE_STRING_ODD;
    case TYPE_SIZE_T:
        return NOTE_SIZE_T_SIZE;
    case TYPE_SID:
        return NOTE_SID_LONG;
    case TYPE_FRAGMENT:
        return NOTE_ELEMENTS_UNREADABLE;
    default:
        return NOTE_TYPE_UNKNOWN;
    }
}

bool value_damage(const struct value *value, enum note_kind *ret_kind)
{
    *ret_kind = damage_kind(value);
    return value->type != TYPE_BINARY;
}

struct value value_of_token(const uint8_t *data, uint32_t size, uint8_t type)
{
    struct value value = {.data = data, .size = size, .type = type};
    value_classify(&value);
    return value;
}

static uint8_t item_form(const struct value *array, const uint8_t *data, uint32_t size)
{
    uint8_t type = array->type & 0x7F;
    if (type == TYPE_BOOL)
        return array->flags & VALUE_BOOL_AS_NUMBER ? FORM_I32 : FORM_BOOL;
    if (value_type_width(type))
        return fixed_form(type, data);
    if (size == 0)
        return FORM_EMPTY;
    if (type == TYPE_SID && !sid_size(data, size))
        return FORM_HEX;
    return type == TYPE_STRING ? FORM_STRING : type == TYPE_ANSI ? FORM_ANSI : FORM_SID;
}

// Where an item of an array begins whose items have no common width.
static uint32_t find_item(struct value *array, uint32_t index)
{
    uint32_t text;
    struct value_cursor latest = array->cursor[0], other = array->cursor[1];
    EVX_CHECK(index < array->item_count);
    bool from_latest =
        latest.index <= index && (latest.index >= other.index || other.index > index);
    struct value_cursor at = from_latest ? latest : other;
    if (at.index > index)
        at = (struct value_cursor){0, 0};
    for (; at.index < index; at.index++)
        at.offset = (uint16_t)(at.offset + item_size(array, at.offset, &text));
    EVX_CHECK(at.index == index && at.offset < array->size);
    array->cursor[0] = at;
    if (!from_latest)
        array->cursor[1] = latest;
    return at.offset;
}

struct value value_item(struct value *array, uint32_t index)
{
    uint32_t text, width = value_type_width(array->type & 0x7F);
    uint32_t offset = width ? index * width : find_item(array, index);
    EVX_CHECK(index < array->item_count);
    EVX_CHECK(offset < array->size);
    item_size(array, offset, &text);
    const uint8_t *data = array->data + offset;
    return (struct value){
        .data = data,
        .size = text,
        .type = array->type & 0x7F,
        .form = item_form(array, data, text),
    };
}
