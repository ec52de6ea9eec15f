// SPDX-License-Identifier: MIT
// Guards the ledger: of any bytes that open as a log the regions are the whole log and have no byte twice, whatever
// the number of threads; a conversion tells the same regions, and of each record the same outcome.
#include "ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct books books_of_conversion(const uint8_t *bytes, size_t size, int recover)
{
    struct books books = {0};
    evx_engine *engine;
    evx_reader *reader;
    const evx_ledger_sink ledger = {.region = books_region, .context = &books};
    const evx_convert_options options = {.size = sizeof options, .format = EVX_FORMAT_JSONL, .threads = 1,
                                         .recover = recover, .reverse = recover, .ledger = &ledger};
    struct run run = {0};
    if (evx_engine_create(NULL, &engine, NULL) != EVX_OK)
        abort();
    books.status = evx_open_memory(engine, bytes, size, &reader, &books.error);
    if (books.status == EVX_OK) {
        const evx_sink sink = {.write = run_write, .context = &run};
        books.status = evx_convert(reader, &options, &sink, NULL, &books.error);
        evx_close(&reader);
    }
    evx_engine_destroy(&engine);
    run_free(&run);
    return books;
}

static void expect_tiled(struct books *books, uint64_t size)
{
    for (int i = 0; i < EVX_REGION_KINDS; i++)
        books->result.region_bytes[i] = 0;
    for (size_t i = 0; i < books->region_count; i++)
        books->result.region_bytes[books->regions[i].kind] += books->regions[i].length;
    books->result.size_bytes = size;
    if (books_fault(books, size))
        abort();
}

// What is proved without rendering is what rendering shows. Both are sorted.
static bool tells_the_same(const struct books *a, const struct books *b)
{
    if (a->region_count != b->region_count)
        return false;
    for (size_t i = 0; i < a->region_count; i++)
        if (a->regions[i].kind != b->regions[i].kind || a->regions[i].length != b->regions[i].length ||
            a->regions[i].outcome != b->regions[i].outcome)
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct books one = books_of(bytes, size, 1), many = books_of(bytes, size, 2);
    if (one.status != many.status || !text_equals(&one.told, &many.told))
        abort();
    if (one.status == EVX_OK && books_fault(&one, size))
        abort();
    for (int recover = 0; recover < 2; recover++) {
        struct books converted = books_of_conversion(bytes, size, recover);
        if (converted.status != one.status)
            abort();
        if (converted.status == EVX_OK)
            expect_tiled(&converted, size);
        if (converted.status == EVX_OK && !recover && !tells_the_same(&one, &converted))
            abort();
        books_free(&converted);
    }
    books_free(&one);
    books_free(&many);
    return 0;
}
