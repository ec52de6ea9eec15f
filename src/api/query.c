// SPDX-License-Identifier: MIT
// Queries: conditions to one expression.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"
#include "fields/unicode.h"
#include "filter/calendar.h"
#include "filter/conditions.h"
#include "filter/explain.h"
#include "filter/needle.h"
#include "filter/query_check.h"
#include "filter/query_parse.h"
#include "filter/regex.h"
#include "system/machine.h"
#include "text/fold.h"

enum { KIND_COUNT = EVX_CONDITION_WRITTEN_TO + 1 };

struct building {
    struct query_tree *tree;
    struct query_parse_options parse;
    struct condition_zone zone;
    struct query_error error;
    struct query_warnings *warnings;
    uint32_t of_kind[KIND_COUNT]; // expressions; NO_EXPRESSION: none of the kind
};

// The caller's rules of a zone, in ticks.
static bool zone_to_utc(void *context, int64_t local_ticks, int64_t *ret_ticks)
{
    const evx_query_options *options = context;
    int64_t since = local_ticks - CALENDAR_UNIX_EPOCH_TICKS, utc;
    int64_t rest = since % CALENDAR_TICKS_PER_SECOND;
    rest += rest < 0 ? CALENDAR_TICKS_PER_SECOND : 0;
    if (options->to_utc(options->to_utc_context, (since - rest) / CALENDAR_TICKS_PER_SECOND, &utc))
        return false;
    return !__builtin_mul_overflow(utc, CALENDAR_TICKS_PER_SECOND, &utc) &&
           !__builtin_add_overflow(utc, CALENDAR_UNIX_EPOCH_TICKS + rest, ret_ticks);
}

static uint32_t add_time(struct building *building, const evx_condition *condition)
{
    bool is_end =
        condition->kind == EVX_CONDITION_TO || condition->kind == EVX_CONDITION_WRITTEN_TO;
    int64_t ticks;
    if (condition->kind == EVX_CONDITION_LAST) {
        if (!condition_before_parse(condition->text, condition->size, building->parse.now, &ticks,
                                    &building->error))
            return NO_EXPRESSION;
    } else if (!condition_time_parse(condition->text, condition->size, &building->zone, is_end,
                                     &ticks, &building->error)) {
        return NO_EXPRESSION;
    }
    if (condition->kind >= EVX_CONDITION_WRITTEN_FROM)
        return condition_written(building->tree, ticks, is_end, &building->error);
    return is_end ? condition_to(building->tree, ticks, &building->error)
                  : condition_from(building->tree, ticks, &building->error);
}

static uint32_t add_one(struct building *building, const evx_condition *condition)
{
    struct query_tree *tree = building->tree;
    struct query_error *error = &building->error;
    const char *text = condition->text;
    size_t size = condition->size;
    switch (condition->kind) {
    case EVX_CONDITION_QUERY:
    case EVX_CONDITION_SUPPRESS:
        return query_parse(tree, text, size, &building->parse, error);
    case EVX_CONDITION_IDS:
    case EVX_CONDITION_NOT_IDS:
        return condition_ids(tree, text, size, error);
    case EVX_CONDITION_PROVIDERS:
    case EVX_CONDITION_NOT_PROVIDERS:
        return condition_names(tree, CONDITION_PROVIDER, text, size, error);
    case EVX_CONDITION_CHANNELS:
    case EVX_CONDITION_NOT_CHANNELS:
        return condition_names(tree, CONDITION_CHANNEL, text, size, error);
    case EVX_CONDITION_COMPUTERS:
    case EVX_CONDITION_NOT_COMPUTERS:
        return condition_names(tree, CONDITION_COMPUTER, text, size, error);
    case EVX_CONDITION_LEVELS:
        return condition_levels(tree, text, size, error);
    case EVX_CONDITION_KEYWORDS:
        return condition_keywords(tree, text, size, error);
    case EVX_CONDITION_USERS:
        return condition_users(tree, text, size, error);
    case EVX_CONDITION_RECORD_IDS:
        return condition_record_ids(tree, text, size, error);
    case EVX_CONDITION_FROM:
    case EVX_CONDITION_TO:
    case EVX_CONDITION_LAST:
    case EVX_CONDITION_WRITTEN_FROM:
    case EVX_CONDITION_WRITTEN_TO:
        return add_time(building, condition);
    case EVX_CONDITION_SEARCH:
        return condition_search(tree, text, size, error);
    case EVX_CONDITION_REGEX:
        return condition_regex(tree, text, size, error);
    default:
        return query_tree_add(tree, EXPRESSION_TRUE, 0);
    }
}

static bool is_negative(size_t kind)
{
    return kind == EVX_CONDITION_SUPPRESS || kind == EVX_CONDITION_NOT_IDS ||
           kind == EVX_CONDITION_NOT_PROVIDERS || kind == EVX_CONDITION_NOT_CHANNELS ||
           kind == EVX_CONDITION_NOT_COMPUTERS;
}

// All conditions on fields at once: which belong together is for their names to say.
static bool add_data(struct building *building, const evx_condition *conditions, size_t count,
                     size_t *ret_wrong)
{
    size_t used = 0, wrong = 0;
    struct condition_text *texts = query_tree_allocate(building->tree, (count + 1) * sizeof *texts);
    size_t *places = query_tree_allocate(building->tree, (count + 1) * sizeof *places);
    if (!texts || !places) {
        query_error_of_tree(&building->error, building->tree, 0);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (conditions[i].kind != EVX_CONDITION_DATA)
            continue;
        places[used] = i;
        texts[used++] = (struct condition_text){conditions[i].text, conditions[i].size};
    }
    if (used == 0)
        return true;
    uint32_t data = condition_data(building->tree, texts, used, &wrong, &building->error);
    building->of_kind[EVX_CONDITION_DATA] = data;
    *ret_wrong = places[wrong];
    return data != NO_EXPRESSION;
}

static bool add_all(struct building *building, const evx_condition *conditions, size_t count,
                    size_t *ret_wrong)
{
    struct query_tree *tree = building->tree;
    for (size_t i = 0; i < count; i++) {
        size_t kind = (size_t)conditions[i].kind;
        *ret_wrong = i;
        if (kind == EVX_CONDITION_DATA)
            continue;
        building->warnings->input = (uint32_t)i;
        uint32_t one = add_one(building, &conditions[i]);
        uint32_t *all = &building->of_kind[kind];
        *all = *all == NO_EXPRESSION || one == NO_EXPRESSION ? one : query_or(tree, *all, one);
        if (*all == NO_EXPRESSION)
            return false;
    }
    return add_data(building, conditions, count, ret_wrong);
}

static uint32_t combine(struct building *building)
{
    struct query_tree *tree = building->tree;
    uint32_t root = NO_EXPRESSION;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        uint32_t one = building->of_kind[kind];
        if (one == NO_EXPRESSION || kind == EVX_CONDITION_INVERT)
            continue;
        one = is_negative(kind) ? query_not(tree, one) : one;
        root = root == NO_EXPRESSION ? one : query_and(tree, root, one);
    }
    if (root == NO_EXPRESSION)
        root = query_tree_add(tree, EXPRESSION_TRUE, 0);
    if (tree->failure)
        return NO_EXPRESSION;
    return building->of_kind[EVX_CONDITION_INVERT] == NO_EXPRESSION ? root : query_not(tree, root);
}

static struct literal *regex_of(const struct expression *expression)
{
    bool has_literal =
        expression->kind == EXPRESSION_PATH || expression->kind == EXPRESSION_ANY_TEXT;
    const struct literal *literal = has_literal ? expression->path.literal : NULL;
    return literal && literal->op == LITERAL_REGEX ? (struct literal *)literal : NULL;
}

// The tree is complete. False with the error set.
static bool compile_regexes(struct query_tree *tree, evx_error *error)
{
    for (uint32_t i = 0; i < tree->expression_count; i++) {
        struct literal *literal = regex_of(&tree->expressions[i]);
        char message[REGEX_MESSAGE_BYTES], text[EVX_CAUSE_SIZE];
        size_t offset = 0;
        if (!literal || literal->regex)
            continue;
        switch (regex_compile(literal, &offset, message)) {
        case REGEX_FINE:
            continue;
        case REGEX_NO_MEMORY:
            error_set(error, EVX_ERR_MEMORY);
            return false;
        case REGEX_ABSENT:
            error_argument(error, "this build has no regular expressions (PCRE2)");
            return false;
        case REGEX_WRONG:
            snprintf(text, sizeof text, "the regular expression is wrong at character %zu: %s",
                     offset, message);
            error_argument(error, text);
            error->offset = tree->expressions[i].offset;
            return false;
        }
    }
    return true;
}

evx_status query_refuse(const struct query_error *wrong, size_t index, evx_error *error)
{
    char text[EVX_CAUSE_SIZE];
    if (wrong->kind == QUERY_ERROR_MEMORY) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    query_error_print(wrong, text, sizeof text);
    error_argument(error, text);
    error->input = (uint32_t)index;
    error->offset = wrong->offset;
    return EVX_ERR_ARGUMENT;
}

static evx_status build(evx_query *query, const evx_condition *conditions, size_t count,
                        const evx_query_options *options, evx_error *error)
{
    struct building building = {
        .tree = &query->tree,
        .warnings = &query->warnings,
        .parse = {.any_channel = options->any_channel, .warnings = &query->warnings}};
    size_t wrong = 0;
    building.parse.now = CALENDAR_UNIX_EPOCH_TICKS + machine_time();
    if (options->zone &&
        !condition_zone_parse(options->zone, strlen(options->zone), &building.zone))
        return error_argument(error, "the zone is neither UTC nor a distance such as +01:00");
    if (options->to_utc)
        building.zone = (struct condition_zone){0, zone_to_utc, (void *)options};
    const char *now = options->now_text;
    if (now && !condition_time_parse(now, strlen(now), &building.zone, false, &building.parse.now,
                                     &building.error))
        return error_argument(error, "the time that is to be now cannot be read");
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        building.of_kind[kind] = NO_EXPRESSION;
    if (!add_all(&building, conditions, count, &wrong))
        return query_refuse(&building.error, wrong, error);
    query->tree.root = combine(&building);
    if (query->tree.root == NO_EXPRESSION) {
        query_error_of_tree(&building.error, &query->tree, 0);
        return query_refuse(&building.error, wrong, error);
    }
    if (!compile_regexes(&query->tree, error))
        return error->status;
    query_check(&query->tree, &query->warnings);
    if (!query->engine->no_skips)
        needles_make(&query->tree);
    if (query_plans_init(&query->plans, &query->tree, &query->engine->memory)) {
        atomic_store(&query->plans.plans.full, query->engine->no_plans);
        query->plans.unsearched = &query->engine->unsearched_records;
        return EVX_OK;
    }
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

evx_status evx_query_compile(evx_engine *engine, const evx_condition *conditions, size_t count,
                             const evx_query_options *options, evx_query **ret_query,
                             evx_error *error)
{
    evx_query_options known = {0};
    evx_error ignored;
    error = error ? error : &ignored;
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_query_options, any_channel)))
        return error_argument(error, "the size of the options is not set");
    for (size_t i = 0; i < count; i++)
        if ((size_t)conditions[i].kind >= KIND_COUNT)
            return error_argument(error, "a condition of unknown kind");
    evx_query *query = memory_allocate_zeroed(&engine->memory, sizeof *query);
    if (!query) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    query->engine = engine;
    query_tree_init(&query->tree, &engine->memory);
    query->tree.serial = ++engine->query_count;
    evx_status status = build(query, conditions, count, &known, error);
    if (status != EVX_OK)
        evx_query_destroy(&query);
    *ret_query = query;
    return status;
}

void evx_query_destroy(evx_query **query)
{
    if (!*query)
        return;
    struct memory *memory = &(*query)->engine->memory;
    struct query_tree *tree = &(*query)->tree;
    for (uint32_t i = 0; i < tree->expression_count; i++) {
        struct literal *literal = regex_of(&tree->expressions[i]);
        if (literal)
            regex_free(literal);
    }
    if ((*query)->plans.memory)
        query_plans_destroy(&(*query)->plans, tree);
    query_tree_destroy(tree);
    memory_release(memory, *query, sizeof **query);
    *query = NULL;
}

evx_status evx_query_get_warning(const evx_query *query, size_t index, evx_error *ret_warning)
{
    const struct query_warnings *warnings = &query->warnings;
    if (index >= warnings->count || index >= QUERY_WARNINGS_MAX)
        return EVX_END;
    const struct query_warning *warning = &warnings->list[index];
    error_argument(ret_warning, warning->text);
    ret_warning->status = EVX_NOTE;
    ret_warning->input = warning->input;
    ret_warning->offset = warning->input == QUERY_WARNING_NO_INPUT ? EVX_NONE : warning->offset;
    return EVX_OK;
}

static int by_number(const void *a, const void *b)
{
    const struct template *const *first = a, *const *second = b;
    return ((*first)->number > (*second)->number) - ((*first)->number < (*second)->number);
}

// The templates that can be used, by their numbers. NULL without memory.
static const struct template **templates_of(struct store *store, size_t *ret_count,
                                            size_t *ret_capacity)
{
    const size_t capacity = store->template_count + 1;
    size_t count = 0;
    const struct template **templates =
        memory_allocate(store->memory, capacity * sizeof *templates);
    for (size_t i = 0; templates && i < STORE_TEMPLATE_BUCKETS; i++)
        for (const struct template *one = store->templates[i]; one && count < capacity;
             one = one->next)
            if (!one->failed)
                templates[count++] = one;
    if (templates)
        qsort(templates, count, sizeof *templates, by_number);
    *ret_count = count;
    *ret_capacity = capacity;
    return templates;
}

static bool write_part(struct outbuf *out, int (*write)(void *, const void *, size_t),
                       void *context)
{
    bool is_written = out->failed || write(context, out->data, out->length) == 0;
    out->length = 0;
    return is_written && outbuf_begin_record(out);
}

evx_status evx_query_explain(const evx_query *query,
                             int (*write)(void *context, const void *bytes, size_t size),
                             void *context)
{
    struct store *store = &query->engine->store;
    struct outbuf out;
    size_t count, capacity;
    const struct template **templates = templates_of(store, &count, &capacity);
    if (!templates)
        return EVX_ERR_MEMORY;
    outbuf_init(&out, store->memory);
    evx_status status = outbuf_begin_record(&out) ? EVX_OK : EVX_ERR_MEMORY;
    if (status == EVX_OK) {
        explain_query(&query->tree, &out);
        explain_names(&query->tree, templates, count, &out);
        bool fine = write_part(&out, write, context);
        for (size_t i = 0; i < count && fine; i++) {
            explain_template(&query->tree, &query->plans, templates[i], &out);
            fine = write_part(&out, write, context);
        }
        status = fine ? EVX_OK : EVX_ERR_SINK;
    }
    outbuf_destroy(&out);
    memory_release(store->memory, templates, capacity * sizeof *templates);
    return status;
}

// Units of a name, folded; `/` where it has %4. 0 when there is no room.
static uint32_t fold_name(const char *name, size_t size, bool is_channel, uint8_t *units)
{
    uint32_t count = 0;
    for (size_t at = 0; at < size;) {
        uint32_t character;
        size_t taken = utf8_take((const uint8_t *)name + at, size - at, &character);
        if (is_channel && size - at >= 2 && name[at] == '%' && name[at + 1] == '4') {
            character = '/';
            taken = 2;
        }
        if (taken == 0 || character > UINT16_MAX || count == LOG_NAME_UNITS_MAX)
            return 0;
        units[2 * count] = (uint8_t)character;
        units[2 * count + 1] = (uint8_t)(character >> 8);
        count++;
        at += taken;
    }
    fold_units(units, units, count);
    return count;
}

struct log_name log_name_make(const char *file_name)
{
    static const char extension[] = ".evtx";
    struct log_name log = {.file_units = 0};
    size_t size = file_name ? strlen(file_name) : 0, stem = size;
    if (size > strlen(extension) &&
        strcasecmp(file_name + size - strlen(extension), extension) == 0)
        stem -= strlen(extension);
    log.file_units = fold_name(file_name, size, false, log.file);
    log.channel_units = fold_name(file_name, stem, true, log.channel);
    return log;
}
