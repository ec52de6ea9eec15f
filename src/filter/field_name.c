// SPDX-License-Identifier: MIT
#include "filter/field_name.h"

#include <string.h>

#include "base/check.h"
#include "filter/make_literal.h"
#include "filter/query_parse.h"
#include "filter/reading.h"

struct short_name {
    const char *name, *path;
};

// With Sigma's spelling of each.
static const struct short_name short_names[] = {
    {"EventID", "*/System/EventID"},
    {"Qualifiers", "*/System/EventID/@Qualifiers"},
    {"EventID_Qualifiers", "*/System/EventID/@Qualifiers"},
    {"Version", "*/System/Version"},
    {"Level", "*/System/Level"},
    {"Task", "*/System/Task"},
    {"Opcode", "*/System/Opcode"},
    {"Keywords", "*/System/Keywords"},
    {"TimeCreated", "*/System/TimeCreated/@SystemTime"},
    {"TimeCreated_SystemTime", "*/System/TimeCreated/@SystemTime"},
    {"EventRecordID", "*/System/EventRecordID"},
    {"Provider", "*/System/Provider/@Name"},
    {"Provider_Name", "*/System/Provider/@Name"},
    {"ProviderGuid", "*/System/Provider/@Guid"},
    {"Provider_Guid", "*/System/Provider/@Guid"},
    {"EventSourceName", "*/System/Provider/@EventSourceName"},
    {"Provider_EventSourceName", "*/System/Provider/@EventSourceName"},
    {"ActivityID", "*/System/Correlation/@ActivityID"},
    {"Correlation_ActivityID", "*/System/Correlation/@ActivityID"},
    {"RelatedActivityID", "*/System/Correlation/@RelatedActivityID"},
    {"Correlation_RelatedActivityID", "*/System/Correlation/@RelatedActivityID"},
    {"ProcessID", "*/System/Execution/@ProcessID"},
    {"Execution_ProcessID", "*/System/Execution/@ProcessID"},
    {"ThreadID", "*/System/Execution/@ThreadID"},
    {"Execution_ThreadID", "*/System/Execution/@ThreadID"},
    {"Channel", "*/System/Channel"},
    {"Computer", "*/System/Computer"},
    {"UserID", "*/System/Security/@UserID"},
    {"Security_UserID", "*/System/Security/@UserID"},
    {"Data", "*/EventData/Data"},
};

static bool fail_tree(const struct query_tree *tree, struct query_error *error)
{
    query_error_of_tree(error, tree, 0);
    return false;
}

static bool is_text(const struct query_text *text, const char *word)
{
    return text->size == strlen(word) && memcmp(text->bytes, word, text->size) == 0;
}

// Takes the word off the front.
static bool accept(struct query_text *text, const char *word)
{
    size_t size = strlen(word);
    if (text->size < size || memcmp(text->bytes, word, size) != 0)
        return false;
    *text = query_text_part(text, size, text->size - size);
    return true;
}

// A path as XPath has it, below the root element.
static bool value_path(struct query_tree *tree, const struct query_text *name,
                       struct field_paths *paths, struct query_error *error)
{
    struct query_text rest = *name;
    accept(&rest, "/");
    if (!accept(&rest, "Event/"))
        accept(&rest, "*/");
    char *bytes = query_tree_allocate(tree, rest.size + 2);
    if (!bytes)
        return fail_tree(tree, error);
    memcpy(bytes, "*/", 2);
    memcpy(bytes + 2, rest.bytes, rest.size);
    // The places are those of the name, also of what was put in front.
    struct query_text xpath = {bytes, rest.size + 2, NULL, rest.base - 2};
    static const struct query_parse_options options = {0};
    uint32_t test = xpath_parse(tree, &xpath, &options, error);
    if (test == NO_EXPRESSION && error->offset - name->base > name->size)
        error->offset = name->base;
    if (test == NO_EXPRESSION)
        return false;
    const struct expression *expression = &tree->expressions[test];
    if (expression->kind != EXPRESSION_PATH || expression->path.literal) {
        query_error_set(error, name, 0, name->size, "a path to a field", NULL);
        return false;
    }
    paths->paths[0] = (struct query_path){expression->path.first_step, expression->path.step_count};
    paths->count = 1;
    return true;
}

enum { DOTTED_STEPS_MAX = 16 };

struct dotted {
    struct path_query_step steps[DOTTED_STEPS_MAX];
    uint32_t count;
};

static bool add_step(struct query_tree *tree, struct dotted *dotted, const struct query_text *name,
                     bool is_attribute, uint32_t predicate)
{
    EVX_CHECK(dotted->count < DOTTED_STEPS_MAX);
    return query_path_step(tree, name->bytes, name->size, is_attribute, predicate,
                           &dotted->steps[dotted->count++]);
}

static bool end_steps(struct query_tree *tree, const struct dotted *dotted,
                      struct field_paths *paths)
{
    EVX_CHECK(paths->count < FIELD_PATHS_MAX);
    struct query_path *path = &paths->paths[paths->count++];
    path->step_count = dotted->count;
    return query_tree_add_steps(tree, dotted->steps, dotted->count, &path->first_step);
}

static bool start_steps(struct query_tree *tree, struct dotted *dotted, const char *below)
{
    struct query_text any = query_text_of("*", 1), name = query_text_of(below, strlen(below));
    dotted->count = 0;
    return add_step(tree, dotted, &any, false, NO_EXPRESSION) &&
           add_step(tree, dotted, &name, false, NO_EXPRESSION);
}

// The part in front of the next dot, which is taken off.
static struct query_text take_part(struct query_text *text)
{
    const char *dot = memchr(text->bytes, '.', text->size);
    size_t size = dot ? (size_t)(dot - text->bytes) : text->size;
    struct query_text part = query_text_part(text, 0, size);
    *text = query_text_part(text, size + (dot != NULL), text->size - size - (dot != NULL));
    return part;
}

// System.X, System.X.Attribute, UserData.Root.Leaf
static bool dotted_path(struct query_tree *tree, const char *below, struct query_text rest,
                        struct field_paths *paths, struct query_error *error)
{
    struct dotted dotted;
    bool is_system = strcmp(below, "System") == 0, is_attribute = false;
    struct query_text whole = rest;
    if (!start_steps(tree, &dotted, below))
        return fail_tree(tree, error);
    while (rest.size > 0) {
        struct query_text part = take_part(&rest);
        if (is_text(&part, "#text") && rest.size == 0)
            break;
        if (is_text(&part, "#attributes")) {
            is_attribute = true;
            continue;
        }
        is_attribute = is_attribute || (is_system && dotted.count == 3);
        if (dotted.count == DOTTED_STEPS_MAX || (is_system && dotted.count == 4) ||
            part.size == 0) {
            query_error_set(error, &part, 0, part.size, "the name of a field",
                            "as in System.Provider.Name, UserData.Root.Leaf");
            return false;
        }
        if (!add_step(tree, &dotted, &part, is_attribute, NO_EXPRESSION))
            return fail_tree(tree, error);
    }
    if (dotted.count == 2) {
        query_error_set(error, &whole, 0, whole.size, "the name of a field", NULL);
        return false;
    }
    return end_steps(tree, &dotted, paths) || fail_tree(tree, error);
}

// EventData/Data[predicate]
static bool data_path(struct query_tree *tree, uint32_t predicate, struct field_paths *paths)
{
    struct dotted dotted;
    struct query_text data = query_text_of("Data", 4);
    return predicate != NO_EXPRESSION && start_steps(tree, &dotted, "EventData") &&
           add_step(tree, &dotted, &data, false, predicate) && end_steps(tree, &dotted, paths);
}

// EventData/Data[@Name='name']
static bool named_data_path(struct query_tree *tree, const struct query_text *name,
                            struct field_paths *paths)
{
    struct query_path attribute;
    struct literal *literal = literal_make(tree, LITERAL_EQ, name->bytes, name->size);
    return literal && query_path_make(tree, "@Name", &attribute) &&
           data_path(tree, query_path_test(tree, &attribute, literal), paths);
}

static uint32_t place_test(struct query_tree *tree, uint64_t place)
{
    uint32_t test = query_tree_add(tree, EXPRESSION_POSITION, 0);
    if (test != NO_EXPRESSION)
        tree->expressions[test].position = (double)place;
    return test;
}

// EventData/Data[place], if it has no name.
static bool nameless_data_path(struct query_tree *tree, uint64_t place, struct field_paths *paths)
{
    struct query_path attribute;
    return query_path_make(tree, "@Name", &attribute) &&
           data_path(tree,
                     query_and(tree, place_test(tree, place),
                               query_not(tree, query_path_test(tree, &attribute, NULL))),
                     paths);
}

static bool read_place(const struct query_text *digits, uint64_t *ret_place)
{
    struct literal_number number;
    for (size_t i = 0; i < digits->size; i++) {
        if (reading_digit((uint8_t)digits->bytes[i]) > 9)
            return false;
    }
    if (!reading_number(reading_of_bytes(digits->bytes, digits->size), &number) ||
        !number.is_integer)
        return false;
    *ret_place = number.integer;
    return true;
}

// Data[3]
static bool is_place(const struct query_text *name, uint64_t *ret_place)
{
    struct query_text rest = *name;
    if (!accept(&rest, "Data[") || rest.size == 0 || rest.bytes[rest.size - 1] != ']')
        return false;
    rest.size--;
    return read_place(&rest, ret_place);
}

// Data of this name; what calls data without names param1, param2 and so on means such data, too.
static bool data_of_name(struct query_tree *tree, const struct query_text *name,
                         struct field_paths *paths)
{
    struct query_text rest = *name;
    uint64_t place;
    if (!named_data_path(tree, name, paths))
        return false;
    return !accept(&rest, "param") || !read_place(&rest, &place) ||
           nameless_data_path(tree, place, paths);
}

// Can it be the name of an element?
static bool is_element_name(const struct query_text *name)
{
    for (size_t i = 0; i < name->size; i++) {
        if (memchr(" \t\r\n<>&'\"=/[]()", name->bytes[i], 15))
            return false;
    }
    return true;
}

static bool data_or_element(struct query_tree *tree, const struct query_text *name,
                            struct field_paths *paths)
{
    struct dotted dotted;
    struct query_text any = query_text_of("*", 1);
    if (!data_of_name(tree, name, paths))
        return false;
    if (!is_element_name(name))
        return true;
    return start_steps(tree, &dotted, "UserData") &&
           add_step(tree, &dotted, &any, false, NO_EXPRESSION) &&
           add_step(tree, &dotted, name, false, NO_EXPRESSION) && end_steps(tree, &dotted, paths);
}

static const char *short_path(const struct query_text *name)
{
    for (size_t i = 0; i < sizeof short_names / sizeof short_names[0]; i++) {
        if (is_text(name, short_names[i].name))
            return short_names[i].path;
    }
    return NULL;
}

bool field_name_parse(struct query_tree *tree, const struct query_text *name,
                      struct field_paths *ret_paths, struct query_error *error)
{
    struct query_text rest = *name;
    uint64_t place;
    ret_paths->count = 0;
    if (name->size == 0) {
        query_error_set(error, name, 0, 0, "the name of a field", NULL);
        return false;
    }
    if (memchr(name->bytes, '/', name->size))
        return value_path(tree, name, ret_paths, error);
    accept(&rest, "Event.");
    if (accept(&rest, "System."))
        return dotted_path(tree, "System", rest, ret_paths, error);
    if (accept(&rest, "UserData."))
        return dotted_path(tree, "UserData", rest, ret_paths, error);
    bool is_data = accept(&rest, "EventData.");
    if (rest.size > 6 && is_data && memcmp(rest.bytes + rest.size - 6, ".#text", 6) == 0)
        rest.size -= 6;
    // In JSON, data without names is EventData.Data.
    const char *path = !is_data                 ? short_path(name)
                       : is_text(&rest, "Data") ? "*/EventData/Data"
                                                : NULL;
    if (path) {
        ret_paths->count = 1;
        return query_path_make(tree, path, &ret_paths->paths[0]) || fail_tree(tree, error);
    }
    bool is_made = is_place(&rest, &place) ? data_path(tree, place_test(tree, place), ret_paths)
                   : is_data               ? data_of_name(tree, &rest, ret_paths)
                                           : data_or_element(tree, name, ret_paths);
    return is_made || fail_tree(tree, error);
}
