// SPDX-License-Identifier: MIT
// Constructors of typed values.
#include "encode/private.h"

#include <stdlib.h>

encode_value encode_borrowed(uint8_t type, const void *bytes, size_t size)
{
    encode_value value = {.type = type, .size = (uint32_t)size, .declared_size = ENCODE_AUTO};
    if (size > sizeof value.small)
        value.bytes = bytes;
    else if (size)
        memcpy(value.small, bytes, size);
    return value;
}

encode_value encode_bytes(encode_builder *b, uint8_t type, const void *bytes, size_t size)
{
    if (size <= sizeof(encode_value){0}.small)
        return encode_borrowed(type, bytes, size);
    if (size > UINT32_MAX) {
        encode_fail(b, "value of %zu bytes", size);
        return encode_null();
    }
    void *copy = encode_allocate(b, size);
    if (!copy)
        return encode_null();
    return encode_borrowed(type, memcpy(copy, bytes, size), size);
}

encode_value encode_null(void)
{
    return encode_borrowed(ENCODE_NULL, NULL, 0);
}

encode_value encode_string(encode_builder *b, const char *utf8)
{
    size_t count;
    const char16_t *units = encode_utf16(b, utf8, strlen(utf8), &count);
    return encode_borrowed(ENCODE_STRING, units, count * sizeof *units);
}

encode_value encode_string_nul(encode_builder *b, const char *utf8)
{
    size_t count;
    const char16_t *units = encode_utf16(b, utf8, strlen(utf8), &count);
    return encode_borrowed(ENCODE_STRING, units, (count + 1) * sizeof *units);
}

encode_value encode_string16(encode_builder *b, const char16_t *units, size_t count)
{
    return encode_bytes(b, ENCODE_STRING, units, count * sizeof *units);
}

encode_value encode_ansi(encode_builder *b, const char *text)
{
    return encode_bytes(b, ENCODE_ANSI, text, strlen(text) + 1);
}

encode_value encode_i8(int8_t v)
{
    return encode_borrowed(ENCODE_I8, &v, sizeof v);
}

encode_value encode_u8(uint8_t v)
{
    return encode_borrowed(ENCODE_U8, &v, sizeof v);
}

encode_value encode_i16(int16_t v)
{
    return encode_borrowed(ENCODE_I16, &v, sizeof v);
}

encode_value encode_u16(uint16_t v)
{
    return encode_borrowed(ENCODE_U16, &v, sizeof v);
}

encode_value encode_i32(int32_t v)
{
    return encode_borrowed(ENCODE_I32, &v, sizeof v);
}

encode_value encode_u32(uint32_t v)
{
    return encode_borrowed(ENCODE_U32, &v, sizeof v);
}

encode_value encode_i64(int64_t v)
{
    return encode_borrowed(ENCODE_I64, &v, sizeof v);
}

encode_value encode_u64(uint64_t v)
{
    return encode_borrowed(ENCODE_U64, &v, sizeof v);
}

encode_value encode_f32(float v)
{
    return encode_borrowed(ENCODE_F32, &v, sizeof v);
}

encode_value encode_f64(double v)
{
    return encode_borrowed(ENCODE_F64, &v, sizeof v);
}

encode_value encode_bool(uint32_t v)
{
    return encode_borrowed(ENCODE_BOOL, &v, sizeof v);
}

encode_value encode_binary(encode_builder *b, const void *bytes, size_t size)
{
    return encode_bytes(b, ENCODE_BINARY, bytes, size);
}

encode_value encode_guid(const uint8_t bytes[16])
{
    return encode_borrowed(ENCODE_GUID, bytes, 16);
}

encode_value encode_guid_text(encode_builder *b, const char *text)
{
    // Text position of each byte: the first three groups are little-endian numbers.
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t bytes[16];
    unsigned digits = 0;
    for (const char *p = text; *p && digits < 33; p++) {
        char c = *p | 0x20;
        if (*p == '{' || *p == '}' || *p == '-')
            continue;
        unsigned digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
        if (digit > 15 || digits == 32) {
            digits = 0;
            break;
        }
        uint8_t *byte = &bytes[order[digits / 2]];
        *byte = (uint8_t)(digits % 2 ? *byte << 4 | digit : digit);
        digits++;
    }
    if (digits != 32) {
        encode_fail(b, "\"%.60s\" is no GUID", text);
        return encode_null();
    }
    return encode_guid(bytes);
}

encode_value encode_size32(uint32_t v)
{
    return encode_borrowed(ENCODE_SIZE, &v, sizeof v);
}

encode_value encode_size64(uint64_t v)
{
    return encode_borrowed(ENCODE_SIZE, &v, sizeof v);
}

encode_value encode_filetime(uint64_t v)
{
    return encode_borrowed(ENCODE_FILETIME, &v, sizeof v);
}

encode_value encode_systemtime(uint16_t year, uint16_t month, uint16_t weekday, uint16_t day,
                               uint16_t hour, uint16_t minute, uint16_t second, uint16_t ms)
{
    uint16_t fields[8] = {year, month, weekday, day, hour, minute, second, ms};
    return encode_borrowed(ENCODE_SYSTEMTIME, fields, sizeof fields);
}

encode_value encode_sid(encode_builder *b, const char *text)
{
    uint8_t bytes[8 + 4 * 255];
    uint64_t numbers[2 + 255];
    size_t count = 0;
    const char *p = text;
    bool good = *p++ == 'S';
    while (good && *p) {
        char *end = NULL;
        good = *p == '-' && p[1] >= '0' && p[1] <= '9' && count < 2 + 255;
        if (good)
            numbers[count++] = strtoull(p + 1, &end, 10);
        p = good ? end : p;
    }
    if (!good || count < 2) {
        encode_fail(b, "\"%.60s\" is no SID", text);
        return encode_null();
    }
    bytes[0] = (uint8_t)numbers[0];
    bytes[1] = (uint8_t)(count - 2);
    for (unsigned i = 0; i < 6; i++)
        bytes[2 + i] = (uint8_t)(numbers[1] >> (40 - 8 * i));
    for (size_t i = 2; i < count; i++)
        store_u32(bytes + 8 + 4 * (i - 2), (uint32_t)numbers[i]);
    return encode_bytes(b, ENCODE_SID, bytes, 8 + 4 * (count - 2));
}

encode_value encode_hex32(uint32_t v)
{
    return encode_borrowed(ENCODE_HEX32, &v, sizeof v);
}

encode_value encode_hex64(uint64_t v)
{
    return encode_borrowed(ENCODE_HEX64, &v, sizeof v);
}

encode_value encode_strings(encode_builder *b, size_t count, const char *const *utf8)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += strlen(utf8[i]) + 1;
    char16_t *all = encode_allocate(b, total * sizeof *all);
    size_t used = 0;
    for (size_t i = 0; all && i < count; i++) {
        size_t item_count;
        const char16_t *item = encode_utf16(b, utf8[i], strlen(utf8[i]), &item_count);
        memcpy(all + used, item, item_count * sizeof *item);
        used += item_count + 1;
    }
    return encode_borrowed(ENCODE_STRING | ENCODE_ARRAY, all, used * sizeof *all);
}

encode_value encode_ansi_strings(encode_builder *b, size_t count, const char *const *text)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += strlen(text[i]) + 1;
    char *all = encode_allocate(b, total);
    size_t used = 0;
    for (size_t i = 0; all && i < count; i++) {
        size_t size = strlen(text[i]) + 1;
        memcpy(all + used, text[i], size);
        used += size;
    }
    return encode_borrowed(ENCODE_ANSI | ENCODE_ARRAY, all, used);
}

encode_value encode_nested(const encode_node *fragment)
{
    return (encode_value){
        .type = ENCODE_NESTED, .declared_size = ENCODE_AUTO, .fragment = fragment};
}

encode_value encode_with_type(encode_value value, uint8_t type)
{
    value.type = type;
    return value;
}

encode_value encode_with_size(encode_value value, uint32_t declared_size)
{
    value.declared_size = declared_size;
    return value;
}
