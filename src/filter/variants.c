// SPDX-License-Identifier: MIT
#include "filter/variants.h"

#include <string.h>

#include "base/check.h"
#include "base/load.h"

struct maker {
    struct query_tree *tree;
    struct query_error *error;
    uint32_t count;
    struct variant *first, **end;
};

static bool add(struct maker *maker, const char *bytes, size_t size, uint32_t base)
{
    if (++maker->count > VARIANTS_MAX) {
        query_error_limit(maker->error, base, "a value with fewer dashes");
        return false;
    }
    struct variant *variant = query_tree_allocate(maker->tree, sizeof *variant);
    if (!variant) {
        query_error_of_tree(maker->error, maker->tree, base);
        return false;
    }
    *variant = (struct variant){{bytes, size, NULL, base}, NULL};
    *maker->end = variant;
    maker->end = &variant->next;
    return true;
}

static char *room_for(struct maker *maker, size_t size)
{
    char *room = query_tree_allocate(maker->tree, size ? size : 1);
    if (!room)
        query_error_of_tree(maker->error, maker->tree, 0);
    return room;
}

// ------------------------------------------------------------------------------------------ dashes

static bool is_word(uint8_t byte)
{
    uint8_t lower = byte | 0x20;
    return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
           byte >= 0x80;
}

// In front of a word, and not behind one.
static bool is_dash(const struct query_text *text, size_t at)
{
    return (text->bytes[at] == '-' || text->bytes[at] == '/') && at + 1 < text->size &&
           is_word((uint8_t)text->bytes[at + 1]) &&
           (at == 0 || !is_word((uint8_t)text->bytes[at - 1]));
}

// All dashes by the digits of `mix` in base 5.
static bool add_mix(struct maker *maker, const struct query_text *text, uint32_t mix)
{
    static const char *const dashes[] = {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"};
    char *out = room_for(maker, 3 * text->size);
    size_t used = 0;
    if (!out)
        return false;
    for (size_t at = 0; at < text->size; at++) {
        if (!is_dash(text, at)) {
            out[used++] = text->bytes[at];
            continue;
        }
        size_t size = strlen(dashes[mix % 5]);
        memcpy(out + used, dashes[mix % 5], size);
        used += size;
        mix /= 5;
    }
    return add(maker, out, used, text->base);
}

static bool add_dashes(struct maker *maker, const struct query_text *text)
{
    uint32_t mixes = 1;
    for (size_t at = 0; at < text->size; at++) {
        if (is_dash(text, at) && mixes <= VARIANTS_MAX)
            mixes *= 5;
    }
    if (mixes > VARIANTS_MAX) {
        query_error_limit(maker->error, text->base, "a value with fewer dashes");
        return false;
    }
    for (uint32_t mix = 0; mix < mixes; mix++) {
        if (!add_mix(maker, text, mix))
            return false;
    }
    return true;
}

// -----------------------------------------------------------------------------------------
// encodings

static bool add_utf16(struct maker *maker, const struct query_text *text, uint8_t change)
{
    const uint8_t *units;
    uint32_t count;
    size_t used = 0;
    if (!query_tree_units(maker->tree, text->bytes, text->size, &units, &count)) {
        query_error_of_tree(maker->error, maker->tree, text->base);
        return false;
    }
    char *out = room_for(maker, 2 * (size_t)count + 2);
    if (!out)
        return false;
    if (change == CHANGE_UTF16) {
        out[used++] = '\xFF';
        out[used++] = '\xFE';
    }
    for (uint32_t i = 0; i < count; i++, used += 2) {
        uint16_t unit = load_u16(units + 2 * (size_t)i);
        store_u16(out + used, change == CHANGE_UTF16BE ? __builtin_bswap16(unit) : unit);
    }
    return add(maker, out, used, text->base);
}

static size_t put_base64(char *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0;
    for (size_t at = 0; at < size; at += 3) {
        size_t count = size - at < 3 ? size - at : 3;
        uint32_t group = (uint32_t)bytes[at] << 16;
        if (count > 1)
            group |= (uint32_t)bytes[at + 1] << 8;
        if (count > 2)
            group |= bytes[at + 2];
        for (size_t i = 0; i < 4; i++)
            out[used++] = i <= count ? digits[group >> (18 - 6 * i) & 0x3F] : '=';
    }
    return used;
}

// Behind so many bytes of something else, without the characters in which other bytes have a part.
static bool add_base64(struct maker *maker, const struct query_text *text, size_t offset,
                       bool is_part)
{
    static const uint8_t front[] = {0, 2, 3}, back[] = {0, 3, 2};
    size_t size = text->size + offset;
    uint8_t *bytes = (uint8_t *)room_for(maker, size);
    char *out = room_for(maker, (size + 2) / 3 * 4);
    if (!bytes || !out)
        return false;
    memset(bytes, ' ', offset);
    memcpy(bytes + offset, text->bytes, text->size);
    size_t used = put_base64(out, bytes, size);
    if (is_part) {
        size_t cut = back[size % 3];
        used = used > cut + front[offset] ? used - cut - front[offset] : 0;
        out += front[offset];
    }
    // A value too short to fill a character of its own stands nowhere for sure.
    return used == 0 || add(maker, out, used, text->base);
}

// Without the backslashes of Sigma; a wildcard cannot be encoded.
static bool unescape(struct maker *maker, const struct query_text *value, struct query_text *ret)
{
    char *out = room_for(maker, value->size);
    size_t used = 0;
    if (!out)
        return false;
    for (size_t at = 0; at < value->size; at++) {
        char byte = value->bytes[at];
        if (byte == '*' || byte == '?') {
            query_error_set(maker->error, value, at, 1, "text without wildcards", NULL);
            return false;
        }
        bool is_escape = byte == '\\' && at + 1 < value->size && value->bytes[at + 1] != '\0' &&
                         strchr("*?\\", value->bytes[at + 1]);
        at += is_escape;
        out[used++] = value->bytes[at];
    }
    *ret = (struct query_text){out, used, NULL, value->base};
    return true;
}

static bool change_one(struct maker *maker, const struct query_text *text, uint8_t change)
{
    switch (change) {
    case CHANGE_WINDASH:
        return add_dashes(maker, text);
    case CHANGE_BASE64:
        return add_base64(maker, text, 0, false);
    case CHANGE_BASE64_OFFSET:
        return add_base64(maker, text, 0, true) && add_base64(maker, text, 1, true) &&
               add_base64(maker, text, 2, true);
    default:
        return add_utf16(maker, text, change);
    }
}

struct variant *variants_make(struct query_tree *tree, const struct query_text *value,
                              const struct modifiers *modifiers, struct query_error *error)
{
    struct maker maker = {.tree = tree, .error = error};
    struct query_text plain = *value;
    bool is_encoded = false;
    for (uint32_t i = 0; i < modifiers->change_count; i++)
        is_encoded = is_encoded || modifiers->changes[i] != CHANGE_WINDASH;
    maker.end = &maker.first;
    if ((is_encoded && !unescape(&maker, value, &plain)) ||
        !add(&maker, plain.bytes, plain.size, plain.base))
        return NULL;
    for (uint32_t i = 0; i < modifiers->change_count; i++) {
        const struct variant *before = maker.first;
        maker.first = NULL;
        maker.end = &maker.first;
        maker.count = 0;
        for (; before; before = before->next) {
            if (!change_one(&maker, &before->text, modifiers->changes[i]))
                return NULL;
        }
    }
    if (!maker.first)
        query_error_set(error, value, 0, value->size, "a longer value", NULL);
    return maker.first;
}
