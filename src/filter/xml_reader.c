// SPDX-License-Identifier: MIT
#include "filter/xml_reader.h"

#include <string.h>

#include "base/check.h"
#include "filter/xml_text.h"

struct reader {
    struct arena *arena;
    const struct query_text *text;
    struct query_error *error;
    size_t at;
    struct xml_element *root, *open; // the innermost element without an end so far
    uint32_t depth;
};

static bool fail(struct reader *reader, size_t at, size_t size, const char *expected,
                 const char *hint)
{
    query_error_set(reader->error, reader->text, at, size, expected, hint);
    return false;
}

static bool is_white(char byte)
{
    return memchr(" \t\r\n", byte, 4) != NULL;
}

static char peek(const struct reader *reader)
{
    return reader->at < reader->text->size ? reader->text->bytes[reader->at] : '\0';
}

static size_t left(const struct reader *reader)
{
    return reader->text->size - reader->at;
}

static bool accept(struct reader *reader, const char *word)
{
    size_t size = strlen(word);
    if (left(reader) < size || memcmp(reader->text->bytes + reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

// *ret_skipped, which is only ever set: there was any.
static void skip_white(struct reader *reader, bool *ret_skipped)
{
    while (reader->at < reader->text->size && is_white(peek(reader))) {
        reader->at++;
        *ret_skipped = true;
    }
}

// Goes behind the next `end`.
static bool skip_to(struct reader *reader, const char *end)
{
    const char *from = reader->text->bytes + reader->at;
    const char *found = memmem(from, left(reader), end, strlen(end));
    if (!found)
        return fail(reader, reader->text->size, 0, end, NULL);
    reader->at += (size_t)(found - from) + strlen(end);
    return true;
}

static bool is_name_byte(char byte)
{
    return !is_white(byte) && byte != '\0' && !memchr("<>/=\"'&?!;,()[]{}", byte, 17);
}

static bool take_name(struct reader *reader, struct query_text *ret_name)
{
    size_t start = reader->at;
    while (is_name_byte(peek(reader)))
        reader->at++;
    if (reader->at == start)
        return fail(reader, start, left(reader) > 0, "a name", NULL);
    *ret_name = query_text_part(reader->text, start, reader->at - start);
    return true;
}

static struct query_text local_part(const struct query_text *name)
{
    const char *colon = memchr(name->bytes, ':', name->size);
    size_t skipped = colon ? (size_t)(colon - name->bytes) + 1 : 0;
    return query_text_part(name, skipped, name->size - skipped);
}

// References, in text or in a value, are looked at once all of it is known.
static bool check_references(struct reader *reader, size_t start, size_t end)
{
    for (size_t at = start; at < end;) {
        const char *found = memchr(reader->text->bytes + at, '&', end - at);
        if (!found)
            break;
        struct query_text rest =
            query_text_part(reader->text, (size_t)(found - reader->text->bytes),
                            end - (size_t)(found - reader->text->bytes));
        uint32_t character;
        size_t taken = xml_take_reference(&rest, &character);
        if (taken == 0)
            return fail(reader, end - rest.size, 1, "a reference such as &amp;",
                        "a bare & is written &amp;");
        at = end - rest.size + taken;
    }
    return true;
}

static bool take_value(struct reader *reader, struct query_text *ret_value)
{
    char quote = peek(reader);
    if (quote != '"' && quote != '\'')
        return fail(reader, reader->at, left(reader) > 0, "a value in quotes", NULL);
    size_t start = ++reader->at;
    while (peek(reader) != quote) {
        if (left(reader) == 0 || peek(reader) == '<')
            return fail(reader, reader->at, left(reader) > 0, "the end of the value",
                        "a < in a value is written &lt;");
        reader->at++;
    }
    *ret_value = query_text_part(reader->text, start, reader->at - start);
    if (!check_references(reader, start, reader->at))
        return false;
    reader->at++;
    return true;
}

static bool no_room(struct reader *reader)
{
    query_error_no_room(reader->error, reader->arena, sizeof(struct xml_element),
                        query_text_offset(reader->text, reader->at));
    return false;
}

static bool take_attributes(struct reader *reader, struct xml_element *element)
{
    for (;;) {
        bool is_apart = false;
        skip_white(reader, &is_apart);
        if (peek(reader) == '>' || peek(reader) == '/')
            return true;
        if (!is_apart)
            return fail(reader, reader->at, left(reader) > 0, "'>'", NULL);
        struct xml_attribute *attribute = arena_allocate(reader->arena, sizeof *attribute);
        if (!attribute)
            return no_room(reader);
        if (!take_name(reader, &attribute->name))
            return false;
        skip_white(reader, &is_apart);
        if (!accept(reader, "="))
            return fail(reader, reader->at, left(reader) > 0, "'='", NULL);
        skip_white(reader, &is_apart);
        if (!take_value(reader, &attribute->value))
            return false;
        attribute->next = element->attributes;
        element->attributes = attribute;
    }
}

static void add_child(struct xml_element *parent, struct xml_element *child)
{
    EVX_CHECK(!child->next);
    if (parent->last_child)
        parent->last_child->next = child;
    else
        parent->first_child = child;
    parent->last_child = child;
}

static bool take_start(struct reader *reader)
{
    size_t start = reader->at - 1;
    if (reader->root && !reader->open)
        return fail(reader, start, 1, "the end of the file", "one element holds all others");
    if (reader->depth >= XML_DEPTH_MAX) {
        query_error_limit(reader->error, query_text_offset(reader->text, start),
                          "at most 64 elements in one another");
        return false;
    }
    struct xml_element *element = arena_allocate(reader->arena, sizeof *element);
    if (!element)
        return no_room(reader);
    *element = (struct xml_element){.parent = reader->open};
    if (!take_name(reader, &element->tag) || !take_attributes(reader, element))
        return false;
    element->name = local_part(&element->tag);
    bool is_empty = accept(reader, "/");
    if (!accept(reader, ">"))
        return fail(reader, reader->at, left(reader) > 0, "'>'", NULL);
    element->content = query_text_part(reader->text, reader->at, 0);
    if (reader->open)
        add_child(reader->open, element);
    else
        reader->root = element;
    if (!is_empty) {
        reader->open = element;
        reader->depth++;
    }
    return true;
}

static bool take_end(struct reader *reader)
{
    size_t start = reader->at - 2;
    bool is_apart = false;
    struct query_text tag;
    if (!take_name(reader, &tag))
        return false;
    struct xml_element *element = reader->open;
    if (!element || element->tag.size != tag.size ||
        memcmp(element->tag.bytes, tag.bytes, tag.size) != 0)
        return fail(reader, start, reader->at - start,
                    element ? "the end of the element that is open" : "the end of the file", NULL);
    skip_white(reader, &is_apart);
    if (!accept(reader, ">"))
        return fail(reader, reader->at, left(reader) > 0, "'>'", NULL);
    element->content.size = (size_t)(reader->text->bytes + start - element->content.bytes);
    reader->open = element->parent;
    EVX_CHECK(reader->depth > 0);
    reader->depth--;
    return true;
}

// What begins with <.
static bool take_markup(struct reader *reader)
{
    size_t start = reader->at;
    if (accept(reader, "<!--"))
        return skip_to(reader, "-->");
    if (accept(reader, "<?"))
        return skip_to(reader, "?>");
    if (reader->open && accept(reader, "<![CDATA["))
        return skip_to(reader, "]]>");
    if (accept(reader, "<!"))
        return fail(reader, start, 2, "an element", "query files have no document type");
    if (accept(reader, "</"))
        return take_end(reader);
    reader->at++;
    return take_start(reader);
}

static bool take_text(struct reader *reader)
{
    size_t start = reader->at;
    bool is_white_space = false;
    skip_white(reader, &is_white_space);
    if (peek(reader) == '<' || left(reader) == 0)
        return true;
    if (!reader->open)
        return fail(reader, reader->at, 1, reader->root ? "the end of the file" : "an element",
                    NULL);
    while (left(reader) > 0 && peek(reader) != '<')
        reader->at++;
    return check_references(reader, start, reader->at);
}

struct xml_element *xml_read(struct arena *arena, const struct query_text *text,
                             struct query_error *error)
{
    struct reader reader = {.arena = arena, .text = text, .error = error};
    while (left(&reader) > 0) {
        size_t before = reader.at;
        if (!(peek(&reader) == '<' ? take_markup(&reader) : take_text(&reader)))
            return NULL;
        EVX_CHECK(reader.at > before);
    }
    if (reader.open || !reader.root) {
        fail(&reader, text->size, 0,
             reader.open ? "the end of the element that is open" : "an element", NULL);
        return NULL;
    }
    return reader.root;
}

static bool is_named(const struct query_text *name, const char *wanted)
{
    return name->size == strlen(wanted) && memcmp(name->bytes, wanted, name->size) == 0;
}

bool xml_is(const struct xml_element *element, const char *name)
{
    return is_named(&element->name, name);
}

const struct xml_attribute *xml_find_attribute(const struct xml_element *element, const char *name)
{
    const struct xml_attribute *attribute = element->attributes;
    while (attribute && !is_named(&attribute->name, name))
        attribute = attribute->next;
    return attribute;
}

const struct xml_element *xml_next(const struct xml_element *element, bool with_children)
{
    if (with_children && element->first_child)
        return element->first_child;
    while (element && !element->next)
        element = element->parent;
    return element ? element->next : NULL;
}
