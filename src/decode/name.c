// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "decode/name.h"

#include <string.h>

#include "base/load.h"
#include "decode/name_tables.h"
#include "kernels/utf16.h"

uint32_t name_hash_units(const uint8_t *units, size_t count)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < count; i++)
        hash = hash * 65599 + load_u16(units + 2 * i);
    return hash ^ (hash >> 15);
}

static bool is_in(const uint16_t (*ranges)[2], size_t count, uint32_t c)
{
    size_t from = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (c < ranges[from + half][0]) {
            count = half;
        } else if (c > ranges[from + half][1]) {
            from += half + 1;
            count -= half + 1;
        } else {
            return true;
        }
    }
    return false;
}

#define IS_IN(ranges, c) is_in(ranges, sizeof(ranges) / sizeof(ranges)[0], c)

// Names as in XML 1.0 up to its fourth edition. The fifth one has more of them, but most readers do
// not go by it. The colon, which readers take for the end of a prefix, is none of the characters.
static bool is_name_start(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    return IS_IN(name_letters, c);
}

static bool is_name_character(uint32_t c)
{
    return is_name_start(c) || c == '-' || c == '.' || (c >= '0' && c <= '9') ||
           IS_IN(name_followers, c);
}

// A name, or two with a colon between them.
static bool is_xml_name(const uint8_t *units, size_t count)
{
    bool has_prefix = false, is_first = true;
    for (size_t i = 0; i < count; i++) {
        uint32_t c = load_u16(units + 2 * i); // what takes two units stands in no name
        if (c == ':' && !is_first && !has_prefix) {
            has_prefix = is_first = true;
            continue;
        }
        if (is_first ? !is_name_start(c) : !is_name_character(c))
            return false;
        is_first = false;
    }
    return !is_first;
}

// The scalar at unit i and how many units it takes; names hold no lone surrogates.
static uint32_t scalar_at(const uint8_t *units, size_t i, size_t *ret_units)
{
    uint32_t unit = load_u16(units + 2 * i);
    *ret_units = 1;
    if (unit < 0xD800 || unit > 0xDBFF)
        return unit;
    *ret_units = 2;
    return 0x10000 + ((unit - 0xD800) << 10) + (load_u16(units + 2 * i + 2) - 0xDC00u);
}

static uint8_t *put_escape(uint8_t *out, uint32_t c)
{
    static const char digits[] = "0123456789ABCDEF";
    *out++ = '_';
    *out++ = 'x';
    for (int shift = c > 0xFFFF ? 28 : 12; shift >= 0; shift -= 4)
        *out++ = (uint8_t)digits[c >> shift & 15];
    *out++ = '_';
    return out;
}

static bool is_hex_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

// Whether a real "_xHHHH_" or "_xHHHHHHHH_" stands here; its underscore is encoded so that decoding
// gives it back.
static bool looks_like_escape(const uint8_t *units, size_t i, size_t count)
{
    if (count - i < 7 || load_u16(units + 2 * i) != '_' ||
        (load_u16(units + 2 * i + 2) | 0x20) != 'x')
        return false;
    size_t end = i + 2;
    while (end < count && end < i + 10 && is_hex_digit(load_u16(units + 2 * end)))
        end++;
    return (end == i + 6 || end == i + 10) && end < count && load_u16(units + 2 * end) == '_';
}

// As .NET's XmlConvert.EncodeLocalName; the empty name, which that leaves empty, becomes "_".
static uint8_t *put_encoded_name(uint8_t *out, const uint8_t *units, size_t count)
{
    size_t taken;
    if (count == 0)
        *out++ = '_';
    for (size_t i = 0; i < count; i += taken) {
        uint32_t c = scalar_at(units, i, &taken);
        bool fine = i == 0 ? is_name_start(c) : is_name_character(c);
        if (fine && !looks_like_escape(units, i, count))
            out = text_put_scalar(out, c, TEXT_XML);
        else
            out = put_escape(out, c);
    }
    return out;
}

static bool units_are(const uint8_t *units, size_t count, const char *ascii)
{
    if (strlen(ascii) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (load_u16(units + 2 * i) != (uint8_t)ascii[i])
            return false;
    return true;
}

static uint8_t predefined_entity(const uint8_t *units, size_t count)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = {{"quot", '"'}, {"apos", '\''}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}};
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (units_are(units, count, entities[i].name))
            return (uint8_t)entities[i].character;
    return 0;
}

static bool looks_numbered(const uint8_t *units, size_t count)
{
    size_t i = count;
    while (i > 0 && load_u16(units + 2 * (i - 1)) >= '0' && load_u16(units + 2 * (i - 1)) <= '9')
        i--;
    if (count > 0 && load_u16(units) == '#')
        return true;
    return i < count && i > 0 && load_u16(units + 2 * (i - 1)) == '_';
}

static uint8_t name_flags(const uint8_t *units, size_t count)
{
    const size_t suffix = sizeof "_attributes" - 1;
    uint8_t flags = looks_numbered(units, count) ? NAME_IS_NUMBERED : 0;
    if (count >= suffix && units_are(units + 2 * (count - suffix), suffix, "_attributes"))
        flags |= NAME_IS_ATTRIBUTES;
    if (units_are(units, count, "EventData") || units_are(units, count, "UserData"))
        flags |= NAME_IS_CONTAINER;
    else if (units_are(units, count, "Data"))
        flags |= NAME_IS_DATA;
    else if (units_are(units, count, "Name"))
        flags |= NAME_IS_NAME;
    return flags;
}

struct name *name_create(struct arena *arena, const uint8_t *units, size_t count, uint32_t hash)
{
    size_t text_room = NAME_EXPANSION_MAX * count + TEXT_SLACK_BYTES;
    struct name *name = arena_allocate(arena, sizeof *name + 2 * count);
    uint8_t *xml = arena_allocate(arena, text_room);
    uint8_t *json = arena_allocate(arena, text_room);
    if (!name || !xml || !json)
        return NULL;
    uint8_t *copy = (uint8_t *)(name + 1);
    EVX_CHECK(count == 0 || load_u16(units) != 0);
    memcpy(copy, units, 2 * count);
    uint8_t *xml_end = is_xml_name(units, count) ? utf16_put_xml(xml, units, count)
                                                 : put_encoded_name(xml, units, count);
    uint8_t *json_end = utf16_put_json(json, units, count);
    EVX_CHECK((size_t)(xml_end - xml) <= text_room && (size_t)(json_end - json) <= text_room);
    EVX_CHECK(count <= UINT16_MAX);
    *name = (struct name){
        .hash = hash,
        .flags = name_flags(units, count),
        .entity = predefined_entity(units, count),
        .unit_count = (uint16_t)count,
        .xml_size = (uint32_t)(xml_end - xml),
        .json_size = (uint32_t)(json_end - json),
        .units = copy,
        .xml = xml,
        .json = json,
    };
    return name;
}

bool name_equals(const struct name *name, const uint8_t *units, size_t count)
{
    return name->unit_count == count && memcmp(name->units, units, 2 * count) == 0;
}
