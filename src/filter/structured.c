// SPDX-License-Identifier: MIT
// Of one Query, a select of a path takes what no suppress of the same path takes away; everything
// else is a union.
#include "filter/query_parse.h"

#include <strings.h>

#include "base/check.h"
#include "filter/xml_reader.h"

enum { BUCKETS = 64 };

// The selects and suppresses of one Query that name the same path.
struct path_group {
    struct query_text path; // size 0: every input
    uint64_t hash;
    struct expression_chain selects, suppresses;
    uint32_t suppress_offset; // of the first one
    struct path_group *next, *next_in_bucket;
};

struct query_groups {
    struct path_group *first, **end;
    struct path_group *buckets[BUCKETS];
    uint32_t select_count;
    bool has_path, lacks_path; // some part does
};

struct structured {
    struct query_tree *tree;
    struct arena *scratch;
    const struct query_parse_options *options;
    struct query_error *error;
    struct expression_chain all; // OR
    uint32_t list_count;
};

static bool fail_at(struct structured *structured, const struct xml_element *element,
                    const char *expected, const char *hint)
{
    query_error_set(structured->error, &element->tag, 0, element->tag.size, expected, hint);
    return false;
}

static bool fail_tree(struct structured *structured, uint32_t offset)
{
    query_error_of_tree(structured->error, structured->tree, offset);
    return false;
}

static bool text_of(struct structured *structured, const struct query_text *written,
                    struct query_text *ret_text)
{
    return xml_text(structured->scratch, written, ret_text, structured->error);
}

// Channels are compared without case.
static uint64_t hash_of(const struct query_text *path)
{
    uint64_t hash = 0xCBF29CE484222325;
    for (size_t i = 0; i < path->size; i++) {
        char byte = path->bytes[i];
        hash = (hash ^ (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte)) *
               0x100000001B3;
    }
    return hash ^ hash >> 32;
}

static struct path_group *find_group(struct structured *structured, struct query_groups *groups,
                                     const struct query_text *path)
{
    uint64_t hash = hash_of(path);
    struct path_group **bucket = &groups->buckets[hash % BUCKETS];
    for (struct path_group *group = *bucket; group; group = group->next_in_bucket) {
        if (group->hash == hash && group->path.size == path->size &&
            strncasecmp(group->path.bytes, path->bytes, path->size) == 0)
            return group;
    }
    struct path_group *group = arena_allocate(structured->scratch, sizeof *group);
    if (!group) {
        query_error_no_room(structured->error, structured->scratch, sizeof *group,
                            query_text_offset(path, 0));
        return NULL;
    }
    *group = (struct path_group){.path = *path,
                                 .hash = hash,
                                 .selects = EMPTY_CHAIN,
                                 .suppresses = EMPTY_CHAIN,
                                 .next_in_bucket = *bucket};
    *bucket = group;
    *groups->end = group;
    groups->end = &group->next;
    return group;
}

// The attribute Path; what stands on an inner element wins.
static bool take_path(struct structured *structured, const struct xml_element *element,
                      struct query_text *path)
{
    const struct xml_attribute *attribute = xml_find_attribute(element, "Path");
    return !attribute || text_of(structured, &attribute->value, path);
}

static bool take_part(struct structured *structured, const struct xml_element *part,
                      struct query_text path, struct query_groups *groups)
{
    struct query_text xpath;
    bool is_select = xml_is(part, "Select");
    if (!is_select && !xml_is(part, "Suppress"))
        return fail_at(structured, part, "Select or Suppress", NULL);
    if (part->first_child)
        return fail_at(structured, part->first_child, "an XPath query", NULL);
    if (!take_path(structured, part, &path) || !text_of(structured, &part->content, &xpath))
        return false;
    groups->has_path = groups->has_path || path.size > 0;
    groups->lacks_path = groups->lacks_path || path.size == 0;
    uint32_t asked = xpath_parse(structured->tree, &xpath, structured->options, structured->error);
    if (asked == NO_EXPRESSION)
        return false;
    struct path_group *group = find_group(structured, groups, &path);
    if (!group)
        return false;
    groups->select_count += is_select;
    if (!is_select && group->suppresses.count == 0)
        group->suppress_offset = query_text_offset(&part->tag, 0);
    expression_chain_add(structured->tree, is_select ? &group->selects : &group->suppresses, asked);
    return true;
}

static bool add_group(struct structured *structured, const struct path_group *group)
{
    struct query_tree *tree = structured->tree;
    struct expression_chain chain = EMPTY_CHAIN;
    if (group->selects.count == 0) {
        query_warn(structured->options->warnings, group->suppress_offset,
                   "this takes nothing away: its Query has no Select of the same path");
        return true;
    }
    uint32_t offset = query_text_offset(&group->path, 0);
    if (group->path.size > 0 && !structured->options->any_channel)
        expression_chain_add(tree, &chain, query_log(tree, &group->path));
    expression_chain_add(tree, &chain, expression_chain_end(tree, EXPRESSION_OR, &group->selects));
    if (group->suppresses.count > 0)
        expression_chain_add(
            tree, &chain,
            query_not(tree, expression_chain_end(tree, EXPRESSION_OR, &group->suppresses)));
    if (tree->failure)
        return fail_tree(structured, offset);
    expression_chain_add(tree, &structured->all,
                         expression_chain_end(tree, EXPRESSION_AND, &chain));
    return !tree->failure || fail_tree(structured, offset);
}

static bool take_query(struct structured *structured, const struct xml_element *query)
{
    struct query_groups groups = {0};
    struct query_text path = query_text_part(&query->tag, 0, 0);
    groups.end = &groups.first;
    if (!xml_is(query, "Query"))
        return fail_at(structured, query, "Query", NULL);
    if (!take_path(structured, query, &path))
        return false;
    for (const struct xml_element *part = query->first_child; part; part = part->next) {
        if (!take_part(structured, part, path, &groups))
            return false;
    }
    if (groups.select_count == 0)
        return fail_at(structured, query, "a Query with a Select", NULL);
    if (groups.has_path && groups.lacks_path)
        query_warn(structured->options->warnings, query_text_offset(&query->tag, 0),
                   "a part of this Query has no Path, and asks every log");
    for (const struct path_group *group = groups.first; group; group = group->next) {
        if (!add_group(structured, group))
            return false;
    }
    return true;
}

static bool take_list(struct structured *structured, const struct xml_element *list)
{
    if (!list->first_child)
        return fail_at(structured, list, "a QueryList with a Query", NULL);
    for (const struct xml_element *query = list->first_child; query; query = query->next) {
        if (!take_query(structured, query))
            return false;
    }
    structured->list_count++;
    return true;
}

// A QueryList that stands in another file as text.
static bool take_inner_file(struct structured *structured, const struct xml_element *element)
{
    struct query_text text;
    if (!text_of(structured, &element->content, &text))
        return false;
    const struct xml_element *list = xml_read(structured->scratch, &text, structured->error);
    if (!list)
        return false;
    if (!xml_is(list, "QueryList"))
        return fail_at(structured, list, "QueryList", NULL);
    return take_list(structured, list);
}

// The element that holds a QueryList as text in such a file.
static bool holds_inner_file(const struct xml_element *root, const struct xml_element *element)
{
    if (element->first_child)
        return false;
    if (xml_is(root, "Subscription"))
        return element->parent == root && xml_is(element, "Query");
    return xml_is(root, "Task") && xml_is(element, "Subscription") && element->parent &&
           xml_is(element->parent, "EventTrigger");
}

uint32_t structured_parse(struct query_tree *tree, const struct query_text *text,
                          struct arena *scratch, const struct query_parse_options *options,
                          struct query_error *error)
{
    struct structured structured = {
        .tree = tree, .scratch = scratch, .options = options, .error = error, .all = EMPTY_CHAIN};
    const struct xml_element *root = xml_read(scratch, text, error);
    if (!root)
        return NO_EXPRESSION;
    bool is_known = xml_is(root, "QueryList") || xml_is(root, "Subscription") ||
                    xml_is(root, "ViewerConfig") || xml_is(root, "Task");
    if (!is_known) {
        fail_at(&structured, root, "QueryList, Subscription, ViewerConfig or Task", NULL);
        return NO_EXPRESSION;
    }
    bool is_list = false, is_read = true;
    for (const struct xml_element *at = root; at && is_read; at = xml_next(at, !is_list)) {
        is_list = xml_is(at, "QueryList");
        if (is_list)
            is_read = take_list(&structured, at);
        else if (holds_inner_file(root, at))
            is_read = take_inner_file(&structured, at);
    }
    if (!is_read)
        return NO_EXPRESSION;
    if (structured.list_count == 0) {
        fail_at(&structured, root, "a QueryList", NULL);
        return NO_EXPRESSION;
    }
    uint32_t all = expression_chain_end(tree, EXPRESSION_OR, &structured.all);
    return all == NO_EXPRESSION ? query_error_of_tree(error, tree, 0) : all;
}
