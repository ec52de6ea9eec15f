// SPDX-License-Identifier: MIT
// The values that records give to their templates, and templates that are filled with values.
#include <string.h>

#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "base/load.h"
#include "base/versioned.h"
#include "compat/describe.h"
#include "emit/renderer.h"

static evx_status no_memory(evx_error *error)
{
    error_set(error, EVX_ERR_MEMORY);
    return EVX_ERR_MEMORY;
}

// ------------------------------------------------------------------------------------------- lines

// Stops behind the first line.
struct first_line {
    const evx_sink *sink;
    bool is_written;
};

static int write_first(void *context, const void *bytes, size_t size)
{
    struct first_line *line = context;
    const uint8_t *end = memchr(bytes, '\n', size);
    if (line->is_written)
        return -1;
    line->is_written = end != NULL;
    size = end ? (size_t)(end - (const uint8_t *)bytes) + 1 : size;
    return line->sink->write(line->sink->context, bytes, size) || line->is_written ? -1 : 0;
}

static int report_first(void *context, const evx_error *report)
{
    const struct first_line *line = context;
    if (line->is_written)
        return -1;
    return line->sink->report ? line->sink->report(line->sink->context, report) : 0;
}

static evx_status write_lines(evx_reader *reader, const struct instance_wish *wish,
                              const evx_sink *sink, evx_error *error)
{
    struct conversion conversion = {.sink = sink};
    evx_convert_result ignored;
    struct worker_counts counts;
    evx_status status = options_read(reader->engine, NULL, &conversion, error);
    if (status == EVX_OK)
        status = reader_start_pass(reader, false, error);
    if (status != EVX_OK)
        return status;
    conversion.text.record_numbers = false;
    conversion.text.wish = wish;
    reader_describe_job(reader, &conversion.job);
    return convert_run(&conversion, &ignored, &counts, error);
}

evx_status evx_dump_instances(evx_reader *reader, const evx_instances_options *options,
                              const evx_sink *sink, evx_error *error)
{
    evx_instances_options known = {0};
    if (!ALL_NULL(sink->reserved))
        return error_argument(error, "a sink ends with zeros");
    if (options && !versioned_copy(&known, sizeof known, options,
                                   FIRST_SIZE(evx_instances_options, record_id)))
        return error_argument(error, "the size of the options is not set");
    const struct instance_wish wish = {
        .index = known.index,
        .record_id = known.record_id,
        .source = known.source ? known.source : "",
    };
    if (!known.record_id)
        return write_lines(reader, &wish, sink, error);
    struct first_line line = {.sink = sink};
    const evx_sink first = {.write = write_first, .report = report_first, .context = &line};
    evx_status status = write_lines(reader, &wish, &first, error);
    return status == EVX_ERR_SINK && line.is_written ? EVX_OK : status;
}

// ------------------------------------------------------------------------------------------ values

static evx_status take_values(struct evx_reader *reader, const struct instance *instance,
                              const evx_value **ret_values, size_t *ret_count, evx_error *error)
{
    struct memory *memory = &reader->engine->memory;
    EVX_CHECK(instance->values != NULL);
    if (instance->value_count > reader->value_capacity) {
        evx_value *values =
            memory_reallocate(memory, reader->values, reader->value_capacity * sizeof *values,
                              instance->value_count * sizeof *values);
        if (!values)
            return no_memory(error);
        reader->values = values;
        reader->value_capacity = instance->value_count;
    }
    for (uint32_t i = 0; i < instance->value_count; i++)
        reader->values[i] = (evx_value){instance->values[i].data, instance->values[i].size,
                                        instance->values[i].type};
    *ret_values = reader->values;
    *ret_count = instance->value_count;
    return EVX_OK;
}

evx_status evx_get_values(evx_reader *reader, uint64_t index, const evx_value **ret_values,
                          size_t *ret_count, evx_error *error)
{
    const struct instance *instance = NULL;
    const struct instance_wish wish = {.index = index, .source = "", .ret_instance = &instance};
    evx_status status = render_wish(reader, &wish, error);
    if (status < 0)
        return status;
    if (!instance)
        return EVX_END;
    return take_values(reader, instance, ret_values, ret_count, error);
}

// ----------------------------------------------------------------------------------------
// templates

// What a template that stands alone is filled with: one chunk, however large, that holds the
// values.
struct filling {
    struct memory *memory;
    uint8_t *bytes;
    size_t capacity;
    struct chunk chunk;
    struct decoder decoder;
    struct renderer renderer;
    struct plans plans; // none: a template that is shown once is walked
    struct text_payload text;
};

static evx_status pack_fault(evx_error *error, const struct decoder *decoder, const char *text)
{
    struct damage damage = {.fault = decoder->fault, .chunk = EVX_NONE, .record_id = EVX_NONE};
    evx_error cause;
    if (decoder->fault.status == EVX_ERR_MEMORY)
        return no_memory(error);
    describe_damage(&damage, &cause);
    evx_status status = decoder->fault.status == EVX_ERR_LIMIT ? EVX_ERR_LIMIT : EVX_ERR_PACK;
    error_set(error, status);
    error_add_cause(error, "%s", text);
    for (unsigned i = 1; i < cause.cause_count; i++)
        error_add_cause(error, "%s", cause.cause[i]);
    return status;
}

static bool filling_init(struct filling *filling, evx_engine *engine, const evx_value *values,
                         size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += values[i].size;
    *filling = (struct filling){.memory = &engine->memory};
    filling->capacity = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    filling->bytes = memory_allocate_zeroed(filling->memory, filling->capacity);
    filling->chunk =
        (struct chunk){.data = filling->bytes, .loaded = CHUNK_BYTES, .size = CHUNK_BYTES};
    decoder_init(&filling->decoder, &engine->store);
    renderer_init(&filling->renderer, &filling->decoder, ansi_codec_default());
    outbuf_init(&filling->text.out, filling->memory);
    if (!plans_init(&filling->plans, filling->memory))
        return false;
    filling->plans.full = true;
    return filling->bytes != NULL;
}

static void filling_destroy(struct filling *filling)
{
    if (filling->plans.full)
        plans_destroy(&filling->plans);
    outbuf_destroy(&filling->text.out);
    renderer_destroy(&filling->renderer);
    decoder_destroy(&filling->decoder);
    memory_release(filling->memory, filling->bytes, filling->capacity);
}

static bool fill(struct filling *filling, struct instance *instance, const evx_value *values)
{
    uint8_t *next = filling->bytes;
    // One more, so that an instance without values has a table, too.
    instance->values = arena_allocate(&filling->decoder.record_arena,
                                      (instance->value_count + 1) * sizeof *instance->values);
    if (!instance->values)
        return fault_memory(&filling->decoder.fault);
    for (uint32_t i = 0; i < instance->value_count; i++) {
        const bool is_null = values[i].type == TYPE_FRAGMENT || values[i].type == TYPE_NULL;
        struct value *value = &instance->values[i];
        EVX_CHECK(values[i].size <= UINT16_MAX);
        *value = (struct value){.data = next, .type = is_null ? TYPE_NULL : values[i].type};
        value->size = is_null ? 0 : (uint16_t)values[i].size;
        if (value->size > 0)
            memcpy(next, values[i].bytes, value->size);
        next += value->size;
        value_classify(value);
    }
    return true;
}

static bool render_filled(struct filling *filling, struct template *template,
                          const evx_value *values, size_t count)
{
    const struct text_consumer text =
        text_consumer(&formats[FORMAT_XML], &filling->plans, ansi_codec_default(), false);
    const struct consumer_class *class = text.consumer.class;
    struct instance instance = {
        .template = template, .value_count = (uint32_t)count, .child_hole = NO_HOLE};
    const struct record record = {0};
    instance.node = (struct node){.kind = NODE_INSTANCE, .next = 1, .instance = &instance};
    struct event event = {.record = &record,
                          .decoder = &filling->decoder,
                          .root = {.tape = &instance.node, .end = 1}};
    decoder_start_chunk(&filling->decoder, &filling->chunk);
    decoder_start_record(&filling->decoder, false);
    return fill(filling, &instance, values) &&
           class->take(&text.consumer, &filling->renderer, &event, &filling->text.payload) ==
               TAKEN_KEPT;
}

static evx_status find_template(evx_engine *engine, const uint8_t guid[16],
                                struct template **ret_template, evx_error *error)
{
    if (!engine->pack || !evx_pack_has_template(engine->pack, guid))
        return error_argument(error, "the engine has no such template");
    *ret_template = engine->store.outside->find(engine->store.outside, guid);
    if (*ret_template)
        return EVX_OK;
    error_set(error, EVX_ERR_PACK);
    error_add_cause(error, "the template's BinXML cannot be parsed");
    return EVX_ERR_PACK;
}

static evx_status check_values(const evx_value *values, size_t count, evx_error *error)
{
    bool fits = count <= UINT16_MAX;
    for (size_t i = 0; i < count && fits; i++)
        fits = values[i].size <= UINT16_MAX;
    if (fits)
        return EVX_OK;
    error_set(error, EVX_ERR_LIMIT);
    error_add_cause(error, "there are more than 65535 values, or one has more than 65535 bytes");
    return EVX_ERR_LIMIT;
}

evx_status evx_render_template(evx_engine *engine, const uint8_t guid[16], const evx_value *values,
                               size_t value_count, const evx_sink *sink, evx_error *error)
{
    struct template *template = NULL;
    struct filling filling;
    if (!ALL_NULL(sink->reserved))
        return error_argument(error, "a sink ends with zeros");
    evx_status status = find_template(engine, guid, &template, error);
    if (status == EVX_OK)
        status = check_values(values, value_count, error);
    if (status != EVX_OK)
        return status;
    if (!filling_init(&filling, engine, values, value_count))
        status = no_memory(error);
    else if (!render_filled(&filling, template, values, value_count))
        status = pack_fault(error, &filling.decoder, "the template cannot be rendered");
    // A record has an empty line behind it.
    else if (sink->write(sink->context, filling.text.out.data, filling.text.out.length - 1))
        status = EVX_ERR_SINK;
    if (status == EVX_ERR_SINK)
        error_set(error, status);
    filling_destroy(&filling);
    return status;
}
