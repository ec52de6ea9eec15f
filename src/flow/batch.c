// SPDX-License-Identifier: MIT
#include "flow/batch.h"

#include "base/check.h"

static const struct consumer_class *class_of(const struct batch *batch, unsigned i)
{
    EVX_CHECK(i < batch->chain->count && batch->chain->count <= CHAIN_MAX);
    return batch->chain->consumers[i]->class;
}

bool batch_init(struct batch *batch, const struct chain *chain, struct memory *memory)
{
    *batch = (struct batch){.chain = chain, .memory = memory};
    for (unsigned i = 0; i < chain->count; i++) {
        batch->payloads[i] = memory_allocate(memory, class_of(batch, i)->payload_bytes);
        if (!batch->payloads[i])
            return false;
        class_of(batch, i)->payload_init(batch->payloads[i], memory);
    }
    return true;
}

void batch_destroy(struct batch *batch)
{
    struct memory *memory = batch->memory;
    tile_destroy(&batch->tile, memory);
    memory_release(memory, batch->ends, batch->end_capacity * sizeof *batch->ends);
    memory_release(memory, batch->reports, batch->report_capacity * sizeof *batch->reports);
    for (unsigned i = 0; i < batch->chain->count && batch->payloads[i]; i++) {
        class_of(batch, i)->payload_destroy(batch->payloads[i]);
        memory_release(memory, batch->payloads[i], class_of(batch, i)->payload_bytes);
    }
}

void batch_clear(struct batch *batch)
{
    for (unsigned i = 0; i < batch->chain->count; i++)
        class_of(batch, i)->payload_clear(batch->payloads[i]);
    batch->report_count = 0;
    batch->tile.is_set = false;
    batch->records = batch->recovered = 0;
}

bool batch_add_end(struct batch *batch)
{
    if (batch->records > batch->end_capacity) {
        uint32_t capacity = batch->end_capacity ? 2 * batch->end_capacity : 256;
        struct record_end *ends =
            memory_reallocate(batch->memory, batch->ends, batch->end_capacity * sizeof *ends,
                              capacity * sizeof *ends);
        if (!ends)
            return false;
        batch->ends = ends;
        batch->end_capacity = capacity;
    }
    EVX_CHECK(batch->records > 0 && batch->records <= batch->end_capacity);
    batch->ends[batch->records - 1] =
        (struct record_end){batch->payloads[batch->chain->count - 1]->mark, batch->recovered};
    return true;
}

// The next report, behind what the payloads hold so far; NULL without memory.
static struct report *add_report(struct batch *batch)
{
    if (batch->report_count == batch->report_capacity) {
        uint32_t capacity = batch->report_capacity ? 2 * batch->report_capacity : 4;
        struct report *reports =
            memory_reallocate(batch->memory, batch->reports,
                              batch->report_capacity * sizeof *reports, capacity * sizeof *reports);
        if (!reports)
            return NULL;
        batch->reports = reports;
        batch->report_capacity = capacity;
    }
    EVX_CHECK(batch->report_count < batch->report_capacity);
    struct report *report = &batch->reports[batch->report_count++];
    for (unsigned i = 0; i < batch->chain->count; i++)
        report->marks[i] = batch->payloads[i]->mark;
    report->records = batch->records;
    report->recovered = batch->recovered;
    return report;
}

bool batch_add_error(struct batch *batch, const evx_error *error)
{
    struct report *report = add_report(batch);
    if (!report)
        return false;
    report->is_note = false;
    report->error = *error;
    return true;
}

bool batch_add_notes(struct batch *batch, const struct notes *notes)
{
    for (unsigned i = 0; i < notes->count; i++) {
        struct report *report = add_report(batch);
        if (!report)
            return false;
        report->is_note = true;
        report->note = notes->notes[i];
    }
    return true;
}
