// SPDX-License-Identifier: MIT
// A query asked of one record.
#include "api/handles.h"
#include "base/check.h"
#include "base/error.h"
#include "compat/describe.h"

static struct evaluation *evaluation_of(struct evx_reader *reader, const evx_query *query)
{
    struct memory *memory = &reader->engine->memory;
    if (!reader->match)
        reader->match = memory_allocate(memory, sizeof *reader->match);
    else
        return reader->match;
    if (reader->match)
        evaluation_init(reader->match, &query->tree, &reader->worker->decoder,
                        reader->engine->codec);
    return reader->match;
}

// Gives the record to the filter alone: its state takes the place of the text's meanwhile.
static enum take_state ask(struct evx_reader *reader, const struct filter_consumer *filter,
                           evx_error *error)
{
    struct worker *worker = reader->worker;
    const struct chain *const usual = worker->chain;
    void *const usual_state = worker->states[0];
    const struct chain chain = {{&filter->consumer}, 1};
    struct payload nothing = {0};
    worker->chain = &chain;
    worker->states[0] = reader->match;
    worker->notes.count = 0;
    enum take_state state =
        worker_take(worker, &chain, (struct payload *[]){&nothing}, &reader->record, error);
    worker->chain = usual;
    worker->states[0] = usual_state;
    return state;
}

// The note that a query was given up, if there is one.
static evx_status given_up(const struct worker *worker, evx_error *error)
{
    for (unsigned i = 0; i < worker->notes.count; i++) {
        if (worker->notes.notes[i].kind != NOTE_QUERY_GAVE_UP)
            continue;
        describe_note(&worker->notes.notes[i], error);
        return error->status;
    }
    return EVX_OK;
}

evx_status evx_match(evx_reader *reader, const evx_query *query, const char *file_name,
                     int *ret_is_meant, evx_error *error)
{
    evx_error ignored;
    error = error ? error : &ignored;
    if (!reader->has_record)
        return error_argument(error, "there is no record that evx_next has given");
    if (query->engine != reader->engine)
        return error_argument(error, "the query is one of another engine");
    if (!evaluation_of(reader, query)) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    const struct filter_consumer filter =
        filter_consumer(&query->tree, (struct query_plans *)&query->plans, reader->engine->codec,
                        log_name_make(file_name));
    enum take_state state = ask(reader, &filter, error);
    reader->match->unsearched = NULL; // the query may be gone when the reader is closed
    switch (state) {
    case TAKE_FAILED:
        return error->status;
    case TAKE_WITHHELD:
        describe_note(&reader->worker->notes.notes[0], error);
        return error->status = EVX_ERR_RECORD;
    case TAKE_DROPPED:
    case TAKE_SHOWN:
        break;
    }
    *ret_is_meant = state == TAKE_SHOWN;
    return given_up(reader->worker, error);
}
