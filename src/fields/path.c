// SPDX-License-Identifier: MIT
#include "fields/path.h"

#include <string.h>

#include "base/check.h"
#include "fields/unicode.h"

struct parser {
    struct path *path;
    const uint8_t *text;
    size_t size, position;
};

static bool take(struct parser *parser, char byte)
{
    EVX_CHECK(parser->position <= parser->size);
    if (parser->position == parser->size || parser->text[parser->position] != (uint8_t)byte)
        return false;
    parser->position++;
    return true;
}

static bool add_unit(struct path *path, uint32_t unit)
{
    EVX_CHECK(path->unit_count <= PATH_UNITS_MAX && unit <= UINT16_MAX);
    if (path->unit_count == PATH_UNITS_MAX)
        return false;
    path->units[2 * path->unit_count] = (uint8_t)unit;
    path->units[2 * path->unit_count + 1] = (uint8_t)(unit >> 8);
    path->unit_count++;
    return true;
}

static bool add_character(struct path *path, uint32_t character)
{
    if (character < 0x10000)
        return add_unit(path, character);
    character -= 0x10000;
    return add_unit(path, 0xD800 | character >> 10) && add_unit(path, 0xDC00 | (character & 0x3FF));
}

static bool stands_in(uint32_t character, const char *ends)
{
    return character < 0x80 && strchr(ends, (int)character) != NULL; // NUL among them
}

// Text up to one of the bytes in `ends`, or to the end of all.
static bool take_text(struct parser *parser, const char *ends, struct path_text *ret)
{
    struct path *path = parser->path;
    ret->start = path->unit_count;
    while (parser->position < parser->size) {
        uint32_t character;
        size_t length =
            utf8_take(parser->text + parser->position, parser->size - parser->position, &character);
        if (length > 0 && stands_in(character, ends))
            break;
        if (length == 0 || !add_character(path, character))
            return false;
        parser->position += length;
    }
    EVX_CHECK(path->unit_count >= ret->start);
    ret->count = (uint16_t)(path->unit_count - ret->start);
    return true;
}

static bool take_name(struct parser *parser, struct path_text *ret)
{
    return take_text(parser, "/@[]='\" \t\r\n", ret) && ret->count > 0;
}

static bool take_condition(struct parser *parser, struct path_step *step)
{
    step->has_condition = take(parser, '[');
    if (!step->has_condition)
        return true;
    if (!take(parser, '@') || !take_name(parser, &step->attribute) || !take(parser, '='))
        return false;
    char quote = take(parser, '\'') ? '\'' : '"';
    return (quote == '\'' || take(parser, quote)) &&
           take_text(parser, (const char[]){quote, 0}, &step->value) && take(parser, quote) &&
           take(parser, ']');
}

static bool take_step(struct parser *parser)
{
    struct path *path = parser->path;
    EVX_CHECK(path->step_count <= PATH_STEPS_MAX);
    if (path->step_count == PATH_STEPS_MAX)
        return false;
    struct path_step *step = &path->steps[path->step_count];
    if (!take_name(parser, &step->name) || !take_condition(parser, step))
        return false;
    path->step_count++;
    return true;
}

static bool take_path(struct parser *parser)
{
    struct path *path = parser->path;
    do {
        path->has_attribute = take(parser, '@');
        if (path->has_attribute)
            return take_name(parser, &path->attribute) && parser->position == parser->size;
        if (!take_step(parser))
            return false;
    } while (take(parser, '/'));
    return parser->position == parser->size;
}

bool path_parse(struct path *path, const char *text, size_t size, size_t *ret_offset)
{
    struct parser parser = {.path = path, .text = (const uint8_t *)text, .size = size};
    *path = (struct path){0};
    if (take_path(&parser))
        return true;
    *ret_offset = parser.position;
    return false;
}
