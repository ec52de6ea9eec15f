// SPDX-License-Identifier: MIT
// The ledger of a log as a whole, and what must be true of every one.
#ifndef EVX_SUPPORT_LEDGER_H
#define EVX_SUPPORT_LEDGER_H

#include <evx/ledger.h>

#include "runs.h"

struct books {
    evx_status status;
    evx_error error; // if it failed
    evx_verify_result result;
    evx_region *regions;
    size_t region_count;
    uint64_t counts[EVX_FINDING_KINDS];
    evx_finding first[EVX_FINDING_KINDS]; // of each kind
    struct text told;                     // all of it, one thing a line
    unsigned reports;
};

static inline int books_region(void *context, const evx_region *region)
{
    struct books *books = context;
    if ((books->region_count & (books->region_count - 1)) == 0) { // full at each power of two
        size_t room = books->region_count ? 2 * books->region_count : 1;
        books->regions = realloc(books->regions, room * sizeof *books->regions);
        if (!books->regions)
            abort();
    }
    books->regions[books->region_count++] = *region;
    char line[200];
    snprintf(line, sizeof line, "%s %s %llu+%llu %lld %08x %08x\n", evx_region_name(region->kind),
             evx_outcome_name(region->outcome), (unsigned long long)region->offset,
             (unsigned long long)region->length, (long long)region->record_id, region->crc32_computed,
             region->records_crc32_computed);
    text_add_string(&books->told, line);
    return 0;
}

static inline int books_finding(void *context, const evx_finding *finding)
{
    struct books *books = context;
    if (books->counts[finding->kind] == 0)
        books->first[finding->kind] = *finding;
    books->counts[finding->kind] += finding->count;
    char line[200];
    snprintf(line, sizeof line, "%s %llu %llu %llu %llu\n", evx_finding_name(finding->kind),
             (unsigned long long)finding->count, (unsigned long long)finding->offset,
             (unsigned long long)finding->numbers[0], (unsigned long long)finding->numbers[1]);
    text_add_string(&books->told, line);
    return 0;
}

static inline int books_report(void *context, const evx_error *error)
{
    struct books *books = context;
    books->reports++;
    text_add_string(&books->told, evx_damage_name(error->kind));
    text_add_string(&books->told, "\n");
    return 0;
}

static inline struct books books_of_reader(evx_reader *reader, unsigned threads)
{
    struct books books = {.result = {.size = sizeof books.result}};
    const evx_verify_options options = {.size = sizeof options, .threads = threads};
    const evx_ledger_sink sink = {.region = books_region, .finding = books_finding, .report = books_report,
                                  .context = &books};
    books.status = evx_verify(reader, &options, &sink, &books.result, &books.error);
    return books;
}

static inline struct books books_of(const uint8_t *bytes, size_t size, unsigned threads)
{
    struct books books = {0};
    evx_engine *engine;
    evx_reader *reader;
    if (evx_engine_create(NULL, &engine, NULL) != EVX_OK)
        abort();
    books.status = evx_open_memory(engine, bytes, size, &reader, &books.error);
    if (books.status == EVX_OK) {
        books = books_of_reader(reader, threads);
        evx_close(&reader);
    }
    evx_engine_destroy(&engine);
    return books;
}

static inline void books_free(struct books *books)
{
    free(books->regions);
    text_free(&books->told);
}

static inline int books_compare(const void *a, const void *b)
{
    const evx_region *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

// NULL, or what is wrong with the regions of a log of this size. Sorts them.
static inline const char *books_fault(struct books *books, uint64_t size)
{
    uint64_t end = 0, sum = 0;
    qsort(books->regions, books->region_count, sizeof *books->regions, books_compare);
    for (size_t i = 0; i < books->region_count; i++) {
        const evx_region *region = &books->regions[i];
        if (region->offset != end)
            return region->offset < end ? "regions overlap" : "there is a gap between regions";
        if (region->length == 0)
            return "a region has no bytes";
        end += region->length;
    }
    for (int i = 0; i < EVX_REGION_KINDS; i++)
        sum += books->result.region_bytes[i];
    if (end != size)
        return "the regions do not end with the log";
    if (sum != size || books->result.size_bytes != size)
        return "the sums are not the size";
    return NULL;
}

#endif
