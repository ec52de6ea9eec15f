// SPDX-License-Identifier: MIT
// Logs from one line of text, and whole conversions of bytes through every kind of input. For tests of
// what comes out of damaged logs.
#ifndef EVX_SUPPORT_RUNS_H
#define EVX_SUPPORT_RUNS_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <evx/evx.h>

#include "encode/encode.h"

// ------------------------------------------------------------------------------------------------ text

struct text {
    char *bytes; // always NUL-terminated once something was added
    size_t size, capacity;
};

static inline void text_add_bytes(struct text *text, const void *bytes, size_t size)
{
    if (text->size + size + 1 > text->capacity) {
        text->capacity = 2 * (text->size + size) + 256;
        text->bytes = realloc(text->bytes, text->capacity);
        if (!text->bytes)
            abort();
    }
    if (size > 0)
        memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = 0;
}

static inline void text_add_string(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

static inline bool text_equals(const struct text *a, const struct text *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

static inline void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

// ------------------------------------------------------------------------------------------------ logs

enum { LOG_RECORDS_MAX = 32 };

struct log {
    uint8_t *bytes;
    size_t size;
    encode_place places[LOG_RECORDS_MAX]; // in the order of the text
    unsigned count;
};

static inline uint8_t *log_chunk(const struct log *log, uint64_t slot)
{
    return log->bytes + FILE_HEADER_BLOCK_BYTES + slot * CHUNK_BYTES;
}

static inline uint8_t *log_record(const struct log *log, unsigned index)
{
    return log_chunk(log, log->places[index].chunk) + log->places[index].offset;
}

static inline void log_add_record(struct log *log, encode_builder *b, encode_template *t, uint64_t id)
{
    char text[40];
    snprintf(text, sizeof text, "value of record %llu", (unsigned long long)id);
    encode_node *fragment = encode_append(encode_fragment(b), ENCODE_INSTANCE(b, t, encode_string(b, text)));
    if (log->count == LOG_RECORDS_MAX)
        abort();
    log->places[log->count++] = encode_add(b, &(encode_record){.fragment = fragment, .id = id});
}

// A log from text: numbers are record identifiers, | ends a chunk, / starts the slack of a chunk, z is a
// slot of zeros, e the chunk of an empty log.
static inline struct log log_make(const char *shape)
{
    struct log log = {0};
    encode_builder *b = encode_create();
    if (!b)
        abort();
    encode_template *t = encode_template_text(b, "<Event><V>%0</V></Event>");
    for (const char *p = shape; *p; p++) {
        if (*p >= '0' && *p <= '9') {
            char *end;
            log_add_record(&log, b, t, strtoull(p, &end, 10));
            p = end - 1;
        } else if (*p == '|') {
            encode_close_chunk(b);
        } else if (*p == '/') {
            encode_begin_slack(b);
        } else if (*p == 'z') {
            encode_add_zero_slots(b, 1);
        } else if (*p == 'e') {
            encode_add_empty_chunk(b);
        }
    }
    const uint8_t *bytes = encode_finish(b, &log.size);
    if (!bytes) {
        fprintf(stderr, "%s: %s\n", shape, encode_error(b));
        abort();
    }
    log.bytes = malloc(log.size);
    if (!log.bytes)
        abort();
    memcpy(log.bytes, bytes, log.size);
    encode_free(&b);
    return log;
}

static inline void log_free(struct log *log)
{
    free(log->bytes);
    log->bytes = NULL;
}

static inline void log_put(uint8_t *at, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

// ------------------------------------------------------------------------------------------------ runs

struct run {
    evx_status status;
    evx_convert_result result;
    struct text out;
    struct text reports; // causes joined by " / ", one report a line
    struct text notes;   // the same of those that are EVX_NOTE
    struct text kinds;   // names of their kinds of damage, one a line
    unsigned note_count;
};

static inline int run_write(void *context, const void *bytes, size_t size)
{
    text_add_bytes(&((struct run *)context)->out, bytes, size);
    return 0;
}

static inline int run_report(void *context, const evx_error *error)
{
    struct run *run = context;
    bool is_note = error->status == EVX_NOTE;
    struct text *reports = is_note ? &run->notes : &run->reports;
    run->note_count += is_note;
    text_add_string(&run->kinds, evx_damage_name(error->kind));
    text_add_string(&run->kinds, "\n");
    for (unsigned i = 0; i < error->cause_count; i++) {
        text_add_string(reports, i ? " / " : "");
        text_add_string(reports, error->cause[i]);
    }
    text_add_string(reports, "\n");
    return 0;
}

static inline void run_free(struct run *run)
{
    text_free(&run->out);
    text_free(&run->reports);
    text_free(&run->notes);
    text_free(&run->kinds);
}

static inline bool run_equals(const struct run *a, const struct run *b)
{
    return a->status == b->status && a->result.records == b->result.records &&
           a->result.recovered == b->result.recovered && a->result.errors == b->result.errors &&
           text_equals(&a->out, &b->out) && text_equals(&a->reports, &b->reports) &&
           text_equals(&a->notes, &b->notes) && text_equals(&a->kinds, &b->kinds);
}

static inline void run_reader(struct run *run, evx_status opened, evx_reader *reader,
                              const evx_convert_options *options, const evx_error *error)
{
    run->status = opened;
    if (opened) {
        run_report(run, error);
        return;
    }
    evx_sink sink = {.write = run_write, .report = run_report, .context = run};
    evx_error ended;
    run->status = evx_convert(reader, options, &sink, &run->result, &ended);
    evx_close(&reader);
}

enum run_input { RUN_MEMORY, RUN_FILE, RUN_PIPE, RUN_INPUTS };

struct run_writer {
    const uint8_t *bytes;
    size_t size;
    size_t piece; // bytes of one write(2)
    int fd;
};

static inline void *run_writer_main(void *context)
{
    struct run_writer *writer = context;
    for (size_t done = 0; done < writer->size;) {
        size_t left = writer->size - done;
        ssize_t n = write(writer->fd, writer->bytes + done, left < writer->piece ? left : writer->piece);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(writer->fd);
    return NULL;
}

// A file with holes where there are pages of zeros.
static inline int run_file(const void *bytes, size_t size)
{
    static const char zeros[4096];
    int fd = memfd_create("evx-test", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
        abort();
    for (size_t at = 0, n; at < size; at += n) {
        const char *page = (const char *)bytes + at;
        n = size - at < sizeof zeros ? size - at : sizeof zeros;
        if (memcmp(page, zeros, n) != 0 && pwrite(fd, page, n, (off_t)at) != (ssize_t)n)
            abort();
    }
    return fd;
}

static inline struct run run_fresh(const void *bytes, size_t size, enum run_input input,
                                   const evx_convert_options *options, bool no_plans)
{
    struct run run = {0};
    evx_engine_options engine_options = {.size = sizeof engine_options, .no_plans = no_plans};
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error = {0};
    if (evx_engine_create(&engine_options, &engine, &error))
        abort();
    if (input == RUN_MEMORY) {
        evx_status status = evx_open_memory(engine, bytes, size, &reader, &error);
        run_reader(&run, status, reader, options, &error);
    } else if (input == RUN_FILE) {
        int fd = run_file(bytes, size);
        evx_status status = evx_open_fd(engine, fd, &reader, &error);
        if (status)
            close(fd);
        run_reader(&run, status, reader, options, &error);
    } else {
        int ends[2];
        pthread_t thread;
        if (pipe(ends))
            abort();
        struct run_writer writer = {bytes, size, 5000, ends[1]};
        if (pthread_create(&thread, NULL, run_writer_main, &writer))
            abort();
        evx_status status = evx_open_fd(engine, ends[0], &reader, &error);
        if (status)
            close(ends[0]);
        run_reader(&run, status, reader, options, &error);
        pthread_join(thread, NULL);
    }
    evx_engine_destroy(&engine);
    return run;
}

static inline void run_print(const char *what, const struct run *run)
{
    enum { SHOWN = 4000 };
    fprintf(stderr, "%s: status %d, %zu bytes, %llu errors\n%.*s\n%s\n", what, (int)run->status,
            run->out.size, (unsigned long long)run->result.errors,
            (int)(run->out.size < SHOWN ? run->out.size : SHOWN),
            run->out.bytes ? run->out.bytes : "", run->reports.bytes ? run->reports.bytes : "");
}

// Templates are compiled to programs at their first use, so the walker shows little of a log that
// it does not show alone: what comes out must not depend on which of them it was. Aborts when it
// does, so that a fuzzer sees it.
static inline void run_check_walker(const struct run *usual, struct run *walked)
{
    if (!run_equals(usual, walked)) {
        run_print("with programs", usual);
        run_print("every record walked", walked);
        abort();
    }
    run_free(walked);
}

// The whole conversion of an input that a fresh engine sees for the first time: with programs, and
// compared with one in which every record is walked.
static inline struct run run_convert(const void *bytes, size_t size, enum run_input input,
                                     const evx_convert_options *options)
{
    struct run run = run_fresh(bytes, size, input, options, false);
    struct run walked = run_fresh(bytes, size, input, options, true);
    run_check_walker(&run, &walked);
    return run;
}

// Identifiers of the records as "1 2 9r": from the "Record N" lines, r for recovered ones.
static inline struct text run_ids(const struct run *run)
{
    struct text ids = {0};
    text_add_string(&ids, "");
    for (const char *p = run->out.bytes; p && (p = strstr(p, "Record ")); p++) {
        unsigned long long id;
        char item[32];
        if ((p > run->out.bytes && p[-1] != '\n') || sscanf(p, "Record %llu", &id) != 1)
            continue;
        const char *end = strchr(p, '\n');
        bool recovered = end && end - p > 12 && memcmp(end - 12, " (recovered)", 12) == 0;
        snprintf(item, sizeof item, "%s%llu%s", ids.size ? " " : "", id, recovered ? "r" : "");
        text_add_string(&ids, item);
    }
    return ids;
}

#endif
