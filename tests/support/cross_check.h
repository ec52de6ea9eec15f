// SPDX-License-Identifier: MIT
// One log through the interface in every way that must not matter. Aborts when it does, so that a fuzzer
// sees it: threads, memory or callbacks that give a chunk in parts, an engine that knows the templates, one
// that compiles none of them; and output must be well formed.
#ifndef EVX_SUPPORT_CROSS_CHECK_H
#define EVX_SUPPORT_CROSS_CHECK_H

#include "runs.h"
#include "well_formed.h"

struct cross_input {
    const uint8_t *bytes;
    size_t size;
};

static inline int64_t cross_read(void *context, void *buffer, size_t size, uint64_t offset)
{
    const struct cross_input *input = context;
    if (offset >= input->size)
        return 0;
    size_t left = input->size - (size_t)offset;
    size = size < left ? size : left;
    memcpy(buffer, input->bytes + offset, size);
    return (int64_t)size;
}

static inline int64_t cross_size(void *context)
{
    return (int64_t)((const struct cross_input *)context)->size;
}

static inline struct run cross_run(evx_engine *engine, const struct cross_input *input,
                                   bool from_memory, const evx_convert_options *options)
{
    struct run run = {0};
    evx_reader *reader = NULL;
    evx_error error = {0};
    evx_input callbacks = {cross_read, cross_size, (void *)input};
    evx_status status =
        from_memory ? evx_open_memory(engine, input->bytes, input->size, &reader, &error)
                    : evx_open_input(engine, &callbacks, &reader, &error);
    run_reader(&run, status, reader, options, &error);
    return run;
}

static inline void cross_fail(const char *what, const struct run *run)
{
    run_print(what, run);
    abort();
}

static inline void cross_check_output(const struct run *run, evx_format format)
{
    const char *wrong = format == EVX_FORMAT_JSONL ? jsonl_is_wrong(run->out.bytes, run->out.size)
                        : format == EVX_FORMAT_XML ? xml_is_wrong(run->out.bytes, run->out.size)
                                                   : NULL;
    if (wrong)
        cross_fail(wrong, run);
}

static inline void cross_check(const uint8_t *bytes, size_t size, unsigned threads)
{
    static const evx_convert_options modes[] = {
        {.format = EVX_FORMAT_JSONL},
        {.format = EVX_FORMAT_XML, .recover = 1},
        {.format = EVX_FORMAT_XML, .compact = 1},
        {.format = EVX_FORMAT_JSONL, .separate_attributes = 1, .recover = 1},
        {.format = EVX_FORMAT_JSON, .validate_checksums = 1},
    };
    const struct cross_input input = {bytes, size};
    const evx_engine_options no_plans = {.size = sizeof no_plans, .no_plans = 1};
    evx_engine *warm = NULL, *walking = NULL;
    if (evx_engine_create(NULL, &warm, NULL) || evx_engine_create(&no_plans, &walking, NULL))
        abort();
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        evx_convert_options options = modes[i];
        options.size = sizeof options;
        options.threads = 1;
        struct run first = cross_run(warm, &input, true, &options);
        cross_check_output(&first, options.format);
        struct run walked = cross_run(walking, &input, true, &options);
        run_check_walker(&first, &walked);
        // Twice more: the templates are known now.
        for (int again = 0; again < 2; again++) {
            options.threads = again ? threads : 1;
            struct run other = cross_run(warm, &input, again, &options);
            if (!run_equals(&first, &other))
                cross_fail("another run of the same input gave", &other);
            run_free(&other);
        }
        run_free(&first);
    }
    evx_engine_destroy(&walking);
    evx_engine_destroy(&warm);
}

#endif
