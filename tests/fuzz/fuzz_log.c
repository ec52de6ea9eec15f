// SPDX-License-Identifier: MIT
// Guards the whole way from the bytes of a file to text: any bytes, each format, with recovery and without,
// through programs and through the walker. And the list of its templates.
#include "runs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// Reads all that it is told.
static int add_up(void *context, const evx_template_info *info)
{
    uint64_t sum = info->uses + strlen(info->root) + (info->provider ? strlen(info->provider) : 0);
    for (size_t i = 0; i < info->event_id_count; i++)
        sum += info->event_ids[i];
    for (size_t i = 0; i < info->field_count; i++)
        sum += strlen(info->fields[i]->path) + strlen(info->fields[i]->type) +
               (info->fields[i]->name ? strlen(info->fields[i]->name) : 0);
    *(uint64_t *)context += sum;
    return 0;
}

static void list_templates(const uint8_t *bytes, size_t size)
{
    evx_engine *engine;
    evx_reader *reader;
    evx_template_totals totals = {.size = sizeof totals};
    uint64_t sum = 0;
    if (evx_engine_create(NULL, &engine, NULL) != EVX_OK)
        return;
    if (evx_open_memory(engine, bytes, size, &reader, NULL) == EVX_OK) {
        evx_status status = evx_list_templates(reader, add_up, &sum, &totals, NULL);
        if (status == EVX_OK && (totals.templates > 0) != (sum > 0))
            abort();
        evx_close(&reader);
    }
    evx_engine_destroy(&engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const evx_format formats[] = {EVX_FORMAT_XML, EVX_FORMAT_JSON, EVX_FORMAT_JSONL};
    for (int i = 0; i < 6; i++) {
        const evx_convert_options options = {.size = sizeof(options), .format = formats[i % 3],
                                             .threads = 1, .recover = i / 3, .compact = i / 3,
                                             .separate_attributes = i / 3};
        struct run run = run_convert(bytes, size, RUN_MEMORY, &options);
        run_free(&run);
    }
    list_templates(bytes, size);
    return 0;
}
