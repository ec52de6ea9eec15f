// SPDX-License-Identifier: MIT
// Guards the parsers of queries: any text becomes a tree whose parts refer to one another without a
// loop, or an error with a place in the text.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filter/conditions.h"
#include "filter/query_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_steps(const struct query_tree *tree, uint32_t first, uint32_t count)
{
    require(count <= tree->step_count && first <= tree->step_count - count);
    for (uint32_t i = first; i < first + count; i++) {
        uint32_t predicate = tree->steps[i].predicates;
        require(predicate == NO_EXPRESSION || predicate < tree->expression_count);
    }
}

// Operands are made before what they are operands of, and each is one of one list only.
static void check_tree(const struct query_tree *tree, uint32_t root)
{
    uint32_t used = 0;
    require(root < tree->expression_count);
    for (uint32_t i = 0; i < tree->expression_count; i++) {
        const struct expression *e = &tree->expressions[i];
        require(e->next == NO_EXPRESSION || e->next < tree->expression_count);
        used += e->next != NO_EXPRESSION;
        switch (e->kind) {
        case EXPRESSION_AND:
        case EXPRESSION_OR:
        case EXPRESSION_NOT:
            require(e->operands < i);
            used++;
            break;
        case EXPRESSION_PATH:
            require(e->path.step_count > 0);
            check_steps(tree, e->path.first_step, e->path.step_count);
            break;
        case EXPRESSION_BAND:
            check_steps(tree, e->band.a.first_step, e->band.a.step_count);
            check_steps(tree, e->band.b.first_step, e->band.b.step_count);
            break;
        case EXPRESSION_TIMEDIFF:
            check_steps(tree, e->timediff.first_step, e->timediff.step_count);
            check_steps(tree, e->timediff.ref_first_step, e->timediff.ref_step_count);
            break;
        case EXPRESSION_LOG:
            require(e->path.literal != NULL);
            break;
        default:
            break;
        }
    }
    for (uint32_t i = 0; i < tree->step_count; i++)
        used += tree->steps[i].predicates != NO_EXPRESSION;
    require(used < tree->expression_count);
}

static void parse(const uint8_t *bytes, size_t size)
{
    static const struct query_parse_options options = {.now = 133000000000000000};
    struct memory memory;
    struct query_tree tree;
    struct query_error error;
    char text[256];
    memory_init(&memory, NULL);
    query_tree_init(&tree, &memory);
    if (query_parse_root(&tree, (const char *)bytes, size, &options, &error)) {
        check_tree(&tree, tree.root);
    } else {
        query_error_print(&error, text, sizeof text);
        require(error.expected != NULL && error.offset <= size && strlen(text) > 0);
    }
    query_tree_destroy(&tree);
}

// The same text for every flag.
static void make_conditions(const uint8_t *bytes, size_t size)
{
    typedef uint32_t condition_fn(struct query_tree *, const char *, size_t, struct query_error *);
    static condition_fn *const functions[] = {
        condition_ids,   condition_record_ids, condition_levels, condition_keywords,
        condition_users, condition_search,     condition_regex};
    const char *text = (const char *)bytes;
    const struct condition_text data = {text, size};
    const struct condition_zone zone = {.seconds = 3600};
    struct memory memory;
    struct query_tree tree;
    struct query_error error;
    size_t wrong;
    int64_t ticks;
    memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0] + 2; i++) {
        query_tree_init(&tree, &memory);
        uint32_t made = i > 7    ? condition_data(&tree, &data, 1, &wrong, &error)
                        : i == 7 ? condition_names(&tree, CONDITION_CHANNEL, text, size, &error)
                                 : functions[i](&tree, text, size, &error);
        require((made == NO_EXPRESSION) == (error.kind != QUERY_ERROR_NONE));
        require(made == NO_EXPRESSION || made < tree.expression_count);
        require(made != NO_EXPRESSION || error.offset <= size);
        query_tree_destroy(&tree);
    }
    require(condition_time_parse(text, size, &zone, true, &ticks, &error) ==
            (error.kind == QUERY_ERROR_NONE));
    require(condition_before_parse(text, size, INT64_MAX, &ticks, &error) ==
            (error.kind == QUERY_ERROR_NONE));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    parse(bytes, size);
    make_conditions(bytes, size);
    return 0;
}
