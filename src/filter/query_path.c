// SPDX-License-Identifier: MIT
#include "filter/query_path.h"

#include <string.h>

#include "base/check.h"

bool query_path_step(struct query_tree *tree, const char *name, size_t size, bool is_attribute,
                     uint32_t predicate, struct path_query_step *ret_step)
{
    struct path_query_step step = {.is_attribute = is_attribute, .predicates = predicate};
    bool is_any = size == 1 && *name == '*';
    if (!is_any && !query_tree_units(tree, name, size, &step.name, &step.name_units))
        return false;
    *ret_step = step;
    return true;
}

bool query_path_make(struct query_tree *tree, const char *path, struct query_path *ret_path)
{
    struct query_path made = {0, 0};
    for (const char *end = path; *path; path = *end ? end + 1 : end) {
        struct path_query_step step;
        uint32_t place;
        end = strchrnul(path, '/');
        bool is_attribute = *path == '@';
        path += is_attribute;
        EVX_CHECK(end > path);
        if (!query_path_step(tree, path, (size_t)(end - path), is_attribute, NO_EXPRESSION,
                             &step) ||
            !query_tree_add_steps(tree, &step, 1, &place))
            return false;
        made.first_step = made.step_count++ == 0 ? place : made.first_step;
    }
    *ret_path = made;
    return true;
}

uint32_t query_path_test(struct query_tree *tree, const struct query_path *path,
                         const struct literal *literal_or_null)
{
    EVX_CHECK(path->step_count > 0 && path->first_step < tree->step_count);
    uint32_t test = query_tree_add(tree, EXPRESSION_PATH, 0);
    if (test == NO_EXPRESSION)
        return NO_EXPRESSION;
    tree->expressions[test].path.first_step = path->first_step;
    tree->expressions[test].path.step_count = path->step_count;
    tree->expressions[test].path.literal = literal_or_null;
    return test;
}
