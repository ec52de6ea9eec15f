// SPDX-License-Identifier: MIT
#include "api/handles.h"

#include <string.h>

#include "base/check.h"
#include "base/error.h"
#include "base/versioned.h"

static evx_status find_codec(const char *label, const struct ansi_codec **ret_codec,
                             evx_error *error)
{
    *ret_codec = ansi_codec_default();
    if (!label)
        return EVX_OK;
    enum ansi_lookup found = ansi_codec_find(label, ret_codec);
    if (found == ANSI_FOUND)
        return EVX_OK;
    error_set(error, EVX_ERR_ARGUMENT);
    if (found == ANSI_NOT_ASCII)
        error_add_cause(error,
                        "`%s` is not an ASCII-compatible encoding; ANSI strings cannot be UTF-16",
                        label);
    else
        error_add_cause(error,
                        "unknown encoding `%s`; expected an Encoding Standard label such as "
                        "windows-1252",
                        label);
    return EVX_ERR_ARGUMENT;
}

static bool is_whole(const evx_allocator *allocator)
{
    return !allocator || (allocator->allocate && allocator->reallocate && allocator->release &&
                          ALL_NULL(allocator->reserved));
}

static void destroy_plans(struct evx_engine *engine, unsigned count)
{
    while (count > 0)
        plans_destroy(&engine->plans[--count]);
}

static bool init_plans(struct evx_engine *engine, bool none)
{
    for (unsigned i = 0; i < FORMAT_COUNT; i++) {
        if (!plans_init(&engine->plans[i], &engine->memory)) {
            destroy_plans(engine, i);
            return false;
        }
        engine->plans[i].full = none;
    }
    return true;
}

static bool init_parts(struct evx_engine *engine, const evx_engine_options *options)
{
    if (!store_init(&engine->store, &engine->memory))
        return false;
    engine->store.is_baseline = options->cpu != NULL;
    engine->no_plans = options->no_plans != 0;
    if (init_plans(engine, engine->no_plans)) {
        if (plans_init(&engine->shapes, &engine->memory)) {
            engine->shapes.full = engine->no_plans;
            return true;
        }
        destroy_plans(engine, FORMAT_COUNT);
    }
    store_destroy(&engine->store);
    return false;
}

static void destroy(struct evx_engine *engine)
{
    destroy_plans(engine, FORMAT_COUNT);
    plans_destroy(&engine->shapes);
    if (engine->pack)
        definitions_destroy(&engine->definitions);
    if (engine->has_messages)
        messages_destroy(&engine->messages);
    store_destroy(&engine->store);
    struct memory memory;
    memory_init(&memory, &engine->memory.hooks);
    memory_release(&memory, engine, sizeof *engine);
}

static struct evx_engine *engine_of(struct lifeline *lifeline)
{
    return (struct evx_engine *)((char *)lifeline - offsetof(struct evx_engine, lifeline));
}

static void hold(struct lifeline *lifeline)
{
    atomic_fetch_add_explicit(&engine_of(lifeline)->holders, 1, memory_order_relaxed);
}

static void let_go(struct lifeline *lifeline)
{
    struct evx_engine *engine = engine_of(lifeline);
    EVX_CHECK(engine->holders > 0);
    if (atomic_fetch_sub_explicit(&engine->holders, 1, memory_order_acq_rel) == 1)
        destroy(engine);
}

evx_status evx_engine_create(const evx_engine_options *options, evx_engine **ret_engine,
                             evx_error *error)
{
    const struct ansi_codec *codec;
    evx_engine_options known = {0};
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_engine_options, ansi_codec)))
        return error_argument(error, "the size of the engine's options is not set");
    if (!is_whole(known.allocator))
        return error_argument(error, "an allocator needs all three functions, and zeros behind");
    if (known.cpu && strcmp(known.cpu, "baseline") != 0)
        return error_argument(error, "the cpu of an engine is \"baseline\" or not given");
    evx_status status = find_codec(known.ansi_codec, &codec, error);
    if (status)
        return status;
    struct memory memory;
    memory_init(&memory, known.allocator);
    struct evx_engine *engine = memory_allocate_zeroed(&memory, sizeof *engine);
    if (engine) {
        memory_init(&engine->memory, known.allocator);
        engine->lifeline = (struct lifeline){&engine->memory, hold, let_go};
        engine->holders = 1;
        engine->codec = codec;
        engine->no_skips = known.no_skips != 0;
        if (init_parts(engine, &known)) {
            *ret_engine = engine;
            return EVX_OK;
        }
        memory_release(&memory, engine, sizeof *engine);
    }
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

void evx_engine_destroy(evx_engine **engine)
{
    if (!engine || !*engine)
        return;
    let_go(&(*engine)->lifeline);
    *engine = NULL;
}

static uint64_t count_plans(const struct evx_engine *engine)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < FORMAT_COUNT; i++)
        count += atomic_load_explicit(&engine->plans[i].count, memory_order_relaxed);
    return count;
}

evx_status evx_engine_get_stats(evx_engine *engine, evx_engine_stats *ret_stats)
{
    const evx_engine_stats stats = {
        .size = ret_stats->size,
        .records = engine->events[WAY_COMPILED] + engine->events[WAY_WALKED] +
                   engine->events[WAY_IRREGULAR],
        .records_compiled = engine->events[WAY_COMPILED],
        .records_walked = engine->events[WAY_WALKED],
        .records_irregular = engine->events[WAY_IRREGULAR],
        .templates = engine->store.template_count,
        .programs = count_plans(engine),
        .allocations = engine->memory.calls,
        .chunks_skipped = engine->skipped_chunks,
        .records_unsearched = engine->unsearched_records,
    };
    if (ret_stats->size < FIRST_SIZE(evx_engine_stats, allocations))
        return EVX_ERR_ARGUMENT;
    memcpy(ret_stats, &stats, ret_stats->size < sizeof stats ? ret_stats->size : sizeof stats);
    return EVX_OK;
}
