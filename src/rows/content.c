// SPDX-License-Identifier: MIT
#include "rows/content.h"

#include <string.h>

// Behind the string that begins at `at`.
static size_t skip_string(const uint8_t *json, size_t size, size_t at)
{
    for (at++; at < size && json[at] != '"'; at++)
        at += json[at] == '\\';
    return at < size ? at + 1 : size;
}

// Behind the value that begins at `at`.
static size_t skip_value(const uint8_t *json, size_t size, size_t at)
{
    size_t depth = 0;
    while (at < size) {
        uint8_t byte = json[at];
        if (depth == 0 && (byte == ',' || byte == '}' || byte == ']'))
            return at;
        depth += byte == '{' || byte == '[';
        depth -= byte == '}' || byte == ']';
        at = byte == '"' ? skip_string(json, size, at) : at + 1;
    }
    return at;
}

// The value of the member with this name of the object that begins at `at`.
static bool find_member(const uint8_t *json, size_t size, size_t at, const char *name,
                        struct content *ret)
{
    if (at >= size || json[at] != '{')
        return false;
    for (at++; at < size && json[at] == '"';) {
        size_t key = at + 1, value = skip_string(json, size, at) + 1;
        size_t end = skip_value(json, size, value);
        if (value >= size)
            return false;
        size_t key_size = value - 2 - key;
        if (key_size == strlen(name) && memcmp(json + key, name, key_size) == 0) {
            *ret = (struct content){json + value, end - value};
            return true;
        }
        at = end + 1; // behind the comma, or the end of the object
    }
    return false;
}

bool content_find(const uint8_t *json, size_t size, struct content *ret_content)
{
    struct content event;
    return find_member(json, size, 0, "Event", &event) &&
           (find_member(event.json, event.size, 0, "EventData", ret_content) ||
            find_member(event.json, event.size, 0, "UserData", ret_content));
}

bool content_find_info(const uint8_t *json, size_t size, const char *member,
                       struct content *ret_content)
{
    struct content event, info;
    return find_member(json, size, 0, "Event", &event) &&
           find_member(event.json, event.size, 0, "RenderingInfo", &info) &&
           find_member(info.json, info.size, 0, member, ret_content);
}

bool content_find_event(const uint8_t *json, size_t size, struct content *ret_content)
{
    return find_member(json, size, 0, "Event", ret_content);
}

bool content_next_named(const struct content *object, size_t *at, struct content *ret_name,
                        struct content *ret_content)
{
    const size_t key = *at + 1; // behind the bracket or the comma
    if (key >= object->size || object->json[key] != '"')
        return false;
    const size_t value = skip_string(object->json, object->size, key) + 1;
    const size_t end = skip_value(object->json, object->size, value);
    if (value >= object->size || end <= value)
        return false;
    *ret_name = (struct content){object->json + key + 1, value - key - 3};
    *ret_content = (struct content){object->json + value, end - value};
    *at = end;
    return true;
}

bool content_next_member(const struct content *object, size_t *at, struct content *ret_content)
{
    struct content name;
    return content_next_named(object, at, &name, ret_content);
}
