// SPDX-License-Identifier: MIT
// Typed values: one pass over the descriptors of an instance proves every width and bound. Values
// stay views into the chunk and never reach outside the window (record or enclosing value) they
// stand in.
#ifndef EVX_DECODE_VALUE_H
#define EVX_DECODE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attrs.h"
#include "base/load.h"
#include "container/note.h"

// Value type codes of the format (section 5.1).
enum value_type {
    TYPE_NULL = 0x00,
    TYPE_STRING = 0x01,
    TYPE_ANSI = 0x02,
    TYPE_I8 = 0x03,
    TYPE_U8 = 0x04,
    TYPE_I16 = 0x05,
    TYPE_U16 = 0x06,
    TYPE_I32 = 0x07,
    TYPE_U32 = 0x08,
    TYPE_I64 = 0x09,
    TYPE_U64 = 0x0A,
    TYPE_F32 = 0x0B,
    TYPE_F64 = 0x0C,
    TYPE_BOOL = 0x0D,
    TYPE_BINARY = 0x0E,
    TYPE_GUID = 0x0F,
    TYPE_SIZE_T = 0x10,
    TYPE_FILETIME = 0x11,
    TYPE_SYSTEMTIME = 0x12,
    TYPE_SID = 0x13,
    TYPE_HEX32 = 0x14,
    TYPE_HEX64 = 0x15,
    TYPE_HANDLE = 0x20,
    TYPE_FRAGMENT = 0x21,
    TYPE_XML = 0x23,
    TYPE_ARRAY = 0x80, // bit
};

// What a value is to a consumer. The order is used: see the macros below.
enum value_form {
    FORM_NULL,     // type 00, or a fragment of size 0: elements that depend on it vanish
    FORM_EMPTY,    // nothing to print, but not NULL
    FORM_FRAGMENT, // BinXML elements
    FORM_ARRAY,    // two items or more

    FORM_ITEM, // array of one item: prints that item, always as text
    FORM_STRING,
    FORM_ANSI,
    FORM_HEX, // binary, and values that are refused: upper-case hex of the bytes
    FORM_F32,
    FORM_F64,
    FORM_GUID,
    FORM_FILETIME,
    FORM_SYSTEMTIME,
    FORM_SID,
    FORM_HEX32,
    FORM_HEX64,

    FORM_I8,
    FORM_U8,
    FORM_I16,
    FORM_U16,
    FORM_I32,
    FORM_U32,
    FORM_I64,
    FORM_U64,
    FORM_BOOL,
};

#define FORM_IS_TEXT(form) ((form) >= FORM_ITEM) // a printable node
#define FORM_IS_BARE(form) ((form) >= FORM_I8)   // unquoted in JSON when alone

enum {
    VALUE_BOOL_AS_NUMBER = 1, // array of BOOL in which an item is neither 0 nor 1
    VALUE_ODD_SIZE = 2,       // array of UTF-16 strings with a byte too many
};

// The bytes of a value of TYPE_SYSTEMTIME. Nobody looks at the day of the week.
struct systemtime {
    uint16_t year, month, weekday, day, hour, minute, second, millisecond;
};

struct fragment;

struct value {
    const uint8_t *data;
    // As in a descriptor, so that one store fills the three; the form takes the place of its
    // padding.
    uint16_t size;
    uint8_t type;
    uint8_t form;        // enum value_form
    uint16_t item_count; // arrays
    uint8_t flags;       // arrays: VALUE_...
    union {
        const struct fragment *fragment; // FORM_FRAGMENT, once decoded
        // The two items asked for last, the latest first, and where they begin: a pass is linear,
        // and so is one that compares each item with an earlier one.
        struct value_cursor {
            uint16_t index, offset;
        } cursor[2];
    };
};

// By type: the natural width of a fixed-size type in the low 24 bits and its form in the high 8,
// laid out as in struct value. Types that are not fixed have a width that no descriptor can state.
#define VALUE_NOT_FIXED 0x10000u
extern const uint32_t value_types[256];

// Sets the form of a value whose data, size and type are known.
void value_classify(struct value *value);

// Why a value of FORM_HEX prints as hex when its type does not: its bytes do not fit the type.
// False: it is binary.
bool value_damage(const struct value *value, enum note_kind *ret_kind);

// The same for a value token, whose bytes have already been proved to fit.
struct value value_of_token(const uint8_t *data, uint32_t size, uint8_t type);

// Bytes of a SID by the count of its sub-authorities; its first SID_HEAD_BYTES are there.
enum { SID_HEAD_BYTES = 2, SID_PART_BYTES = 4 };
EVX_INLINE uint32_t sid_natural_size(const uint8_t *data)
{
    return 8 + SID_PART_BYTES * (uint32_t)data[1];
}

// Bytes of a scalar of this type, 0 when it is not fixed.
EVX_INLINE unsigned value_type_width(uint8_t type)
{
    uint32_t width = value_types[type] & 0xFFFFFF;
    return width == VALUE_NOT_FIXED ? 0 : width;
}

// Of a year of our calendar; months count from 1.
uint32_t days_of_month(uint32_t year, uint32_t month);

// A FILETIME is signed, and nobody counts back from 1601: one below 0 names no time.
EVX_INLINE bool filetime_is_time(const uint8_t *data)
{
    return load_u64(data) >> 63 == 0;
}

// What people call the type of a scalar, such as "u32"; NULL: none has a name.
const char *value_type_name(uint8_t type);

// Whether the format knows the type at all, readable or not.
bool value_type_is_known(uint8_t type);

// One item of an array as a scalar. Items are cheap in rising order.
struct value value_item(struct value *array, uint32_t index);

#endif
