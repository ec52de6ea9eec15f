// SPDX-License-Identifier: MIT
// Goes through a log record by record: where each one stands, when it was written, and as XML the one that is
// asked for.
//
//     ./walk_records Security.evtx          lists all
//     ./walk_records Security.evtx 4711     shows record 4711
#include <evx/evx.h>

#include <stdio.h>
#include <stdlib.h>

static void list(const evx_record *record)
{
    // FILETIME counts 100 ns since 1601; time_t counts seconds since 1970.
    long long seconds = (long long)(record->written / 10000000) - 11644473600;
    printf("%llu\tunix time %lld\tchunk %llu\tbyte %llu\t%u bytes\n", (unsigned long long)record->id, seconds,
           (unsigned long long)record->chunk, (unsigned long long)record->offset, record->fragment_size);
}

static void show(evx_reader *reader)
{
    const evx_render_options form = {.size = sizeof form, .format = EVX_FORMAT_XML};
    const char *text;
    size_t size;
    evx_error error;
    if (evx_render(reader, &form, &text, &size, &error) >= 0) // above EVX_OK are notes: it was rendered
        fwrite(text, 1, size, stdout);
    else
        fprintf(stderr, "%s\n", error.cause[0]);
}

// Returns what ended the walk: EVX_END, or what made it impossible to go on.
static evx_status walk(evx_reader *reader, const char *wanted)
{
    for (;;) {
        evx_record record;
        evx_error error;
        evx_status status = evx_next(reader, &record, &error);
        if (status == EVX_OK && !wanted)
            list(&record);
        else if (status == EVX_OK && record.id == strtoull(wanted, NULL, 10))
            show(reader);
        else if (status == EVX_NOTE || status == EVX_ERR_CHUNK || status == EVX_ERR_RECORD)
            fprintf(stderr, "%s\n", error.cause[0]); // damage: the next call goes on behind it
        else if (status != EVX_OK)
            return status;
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: walk_records LOG [ID]\n");
        return 2;
    }
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error;
    evx_status status = evx_engine_create(NULL, &engine, &error);
    if (status == EVX_OK)
        status = evx_open_file(engine, argv[1], &reader, &error);
    if (status == EVX_OK)
        status = walk(reader, argc > 2 ? argv[2] : NULL);
    else
        fprintf(stderr, "%s: %s\n", argv[1], error.cause[0]);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return status == EVX_END ? 0 : 1;
}
