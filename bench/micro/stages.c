// SPDX-License-Identifier: MIT
// Where the time of a conversion goes: one log, several times, up to one step of the way after the
// other. The difference of two neighbours is the cost of a step.
//
// usage: stages xml|json|jsonl ROUNDS LOG [STEP]; one JSON line for each step
//
// Every pass starts with an empty store, as a process does. The last one is the whole library, by
// its public interface; it also frames records and hands blocks of them to a sink.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <evx/evx.h>

#include "container/file_header.h"
#include "emit/renderer.h"
#include "emit/text.h"
#include "flow/worker.h"
#include "text/ansi_codec.h"
#include "timing.h"

enum step { STEP_READ, STEP_WALK, STEP_DECODE, STEP_RUN, STEP_CONVERT, STEP_COUNT };

static const char *const step_names[STEP_COUNT] = {"read", "walk", "decode", "run", "convert"};

enum { ROUNDS_MAX = 1000 };

struct log {
    const char *path;
    evx_format format;
};

// What one pass needs, new for each.
struct pass {
    enum step step;
    struct memory memory;
    struct store store;
    struct source *source;
    evx_file_info info;
    struct worker worker;
    struct outbuf out;
    struct plans plans;
    struct text_consumer text;
    struct chain chain;
    struct job_options options;
    uint64_t records;
};

static void give_up(const char *what)
{
    fprintf(stderr, "stages: %s\n", what);
    exit(1);
}

static void pass_start(struct pass *pass, enum step step, const struct log *log)
{
    uint8_t header[FILE_HEADER_BLOCK_BYTES];
    *pass = (struct pass){.step = step};
    const struct format *format = &formats[log->format == EVX_FORMAT_XML ? FORMAT_XML : FORMAT_JSON];
    pass->text = text_consumer(format, &pass->plans, ansi_codec_default(), false);
    pass->chain = (struct chain){{&pass->text.consumer}, 1};
    memory_init(&pass->memory, NULL);
    int fd = open(log->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || source_open_file(&pass->memory, fd, 0, &pass->source) != 0 ||
        source_read(pass->source, header, sizeof header, 0) != (int64_t)sizeof header ||
        !file_header_parse(header, &pass->info))
        give_up("cannot read the log");
    if (!store_init(&pass->store, &pass->memory) || !plans_init(&pass->plans, &pass->memory) ||
        !worker_init(&pass->worker, &pass->memory, &pass->store, &pass->chain, pass->source,
                     &pass->info))
        give_up("no memory");
    outbuf_init(&pass->out, &pass->memory);
}

static void pass_end(struct pass *pass)
{
    outbuf_destroy(&pass->out);
    worker_destroy(&pass->worker);
    plans_destroy(&pass->plans);
    store_destroy(&pass->store);
    source_close(pass->source);
}

// As worker_take does, but for the framing and for what the step leaves out.
static void take_record(struct pass *pass, const struct record *record)
{
    struct decoder *decoder = &pass->worker.decoder;
    struct renderer *renderer = pass->worker.states[0];
    struct fragment fragment;
    pass->records++;
    kept += record->size;
    if (pass->step < STEP_DECODE)
        return;
    decoder_start_record(decoder, false);
    if (!decode_record(decoder, record->offset + RECORD_HEADER_BYTES,
                       record->offset + record->size - 4, &fragment))
        return;
    kept += fragment.end;
    if (pass->step < STEP_RUN)
        return;
    renderer_aim(renderer, pass->text.format, pass->text.plans, &pass->out);
    if (!outbuf_begin_record(&pass->out))
        give_up("no memory");
    if (!render_record(renderer, &fragment))
        pass->out.length = pass->out.record_start;
}

static void take_chunk(struct pass *pass)
{
    struct worker *worker = &pass->worker;
    struct record record;
    struct note note;
    struct damage damage;
    evx_error error;
    enum walk_event event;
    if (worker_open_chunk(worker, &pass->options, &error) != SLOT_LOADED)
        return;
    kept += worker->reader.chunk.free_offset;
    if (pass->step < STEP_WALK)
        return;
    while ((event = record_walk_next(&worker->walk, &record, &note, &damage)) != WALK_END)
        if (event == WALK_RECORD)
            take_record(pass, &record);
        else if (event == WALK_REST)
            chunk_reader_load_rest(&worker->reader);
    pass->out.length = 0;
}

static uint64_t take_log(struct pass *pass)
{
    evx_error error;
    uint64_t slots = file_slot_count(&pass->info, pass->source->size);
    for (uint64_t slot = 0; slot < slots; slot++)
        if (chunk_reader_load(&pass->worker.reader, slot, &error) == SLOT_LOADED)
            take_chunk(pass);
    return pass->records;
}

static int forget(void *context, const void *bytes, size_t size)
{
    (void)context, (void)bytes;
    kept += size;
    return 0;
}

static uint64_t convert(const struct log *log)
{
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_convert_result result = {0};
    const evx_sink sink = {.write = forget};
    const evx_convert_options options = {
        .size = sizeof options, .format = log->format, .threads = 1};
    if (evx_engine_create(NULL, &engine, NULL) || evx_open_file(engine, log->path, &reader, NULL) ||
        evx_convert(reader, &options, &sink, &result, NULL))
        give_up("the conversion fails");
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return result.records;
}

static double take_step(enum step step, const struct log *log, uint64_t *ret_records)
{
    static struct pass pass; // large
    double start = now_ns();
    if (step == STEP_CONVERT) {
        *ret_records = convert(log);
    } else {
        pass_start(&pass, step, log);
        *ret_records = take_log(&pass);
        pass_end(&pass);
    }
    return now_ns() - start;
}

static void print_step(enum step step, const char *format, double *times, unsigned rounds,
                       uint64_t records)
{
    double median = median_ns(times, rounds);
    printf("{\"step\": \"%s\", \"format\": \"%s\", \"rounds\": %u, \"records\": %llu, "
           "\"median_ns\": %.0f, \"minimum_ns\": %.0f}\n",
           step_names[step], format, rounds, (unsigned long long)records, median, times[0]);
}

// Of the steps [first, end), in turn.
static void measure(const struct log *log, const char *format, unsigned rounds, int first, int end)
{
    static double times[STEP_COUNT][ROUNDS_MAX];
    uint64_t records[STEP_COUNT];
    for (unsigned round = 0; round < rounds; round++)
        for (int step = first; step < end; step++)
            times[step][round] = take_step((enum step)step, log, &records[step]);
    for (int step = first; step < end; step++)
        print_step((enum step)step, format, times[step], rounds, records[step]);
}

int main(int argc, char **argv)
{
    unsigned rounds = argc == 4 || argc == 5 ? (unsigned)atoi(argv[2]) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        give_up("usage: stages xml|json|jsonl ROUNDS LOG [STEP]");
    const struct log log = {
        .path = argv[3],
        .format = strcmp(argv[1], "xml") == 0    ? EVX_FORMAT_XML
                  : strcmp(argv[1], "json") == 0 ? EVX_FORMAT_JSON
                                                 : EVX_FORMAT_JSONL,
    };
    int first = 0, end = STEP_COUNT;
    if (argc == 5) {
        while (first < STEP_COUNT && strcmp(argv[4], step_names[first]) != 0)
            first++;
        end = first + 1;
        if (first == STEP_COUNT)
            give_up("no such step");
    }
    measure(&log, argv[1], rounds, first, end);
    return 0;
}
