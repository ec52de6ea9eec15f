// SPDX-License-Identifier: MIT
// Inner loops alone: UTF-16 to escaped UTF-8 by kind and length of text, values as text, checksums.
//
// usage: kernels; one JSON line for each loop
//
// Each call works on another piece of a pool, so that no branch is learnt by heart; the pool stays
// in the first level of cache.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/load.h"
#include "container/chunk.h"
#include "print/number.h"
#include "kernels/avx512.h"
#include "kernels/utf16.h"
#include "kernels/utf16_plain.h"
#include "timing.h"

enum {
    POOL_UNITS = 8192,
    UNITS_MAX = 512,
    SAMPLES = 9,
    SAMPLE_NS = 2000000,
};

// A loop under measurement: `count` calls. Everything it needs is reached through `job`.
struct job {
    uint8_t *(*put)(uint8_t *out, const uint8_t *units, size_t count);
    size_t units; // of each text
};
typedef void loop(const struct job *job, unsigned count);

static uint8_t pool[2 * (POOL_UNITS + UNITS_MAX)];
static uint8_t room[TEXT_EXPANSION_MAX * UNITS_MAX + SID_TEXT_BYTES_MAX + 2 * TEXT_SLACK_BYTES];

static uint64_t random_u64(void) // splitmix64
{
    static uint64_t state = 20240229;
    uint64_t x = state += 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return x ^ x >> 31;
}

// ---- Measuring ----------------------------------------------------------------------------------

static double time_of(loop *run, const struct job *job, unsigned count)
{
    double start = now_ns();
    run(job, count);
    return now_ns() - start;
}

static void measure(const char *kernel, const char *text, loop *run, const struct job *job)
{
    double times[SAMPLES];
    unsigned count = 16;
    while (time_of(run, job, count) < SAMPLE_NS)
        count *= 2;
    for (int i = 0; i < SAMPLES; i++)
        times[i] = time_of(run, job, count) / count;
    double median = median_ns(times, SAMPLES);
    printf("{\"kernel\": \"%s\", \"text\": \"%s\", \"units\": %zu, \"median_ns\": %.2f, "
           "\"minimum_ns\": %.2f}\n",
           kernel, text, job->units, median, times[0]);
}

// ---- Text ---------------------------------------------------------------------------------------

static uint16_t ascii_unit(void)
{
    return (uint16_t)("etaoinsrhldcu_-./0123456789ABCDE"[random_u64() % 32]);
}

static uint16_t latin_unit(void)
{
    return random_u64() % 8 ? ascii_unit() : (uint16_t)(0xC0 + random_u64() % 0x40);
}

static uint16_t cyrillic_unit(void)
{
    return random_u64() % 7 ? (uint16_t)(0x410 + random_u64() % 64) : ' ';
}

static uint16_t cjk_unit(void)
{
    return (uint16_t)(0x4E00 + random_u64() % 0x5000);
}

// Every eighth character is one that XML or JSON escapes.
static uint16_t escape_unit(void)
{
    return random_u64() % 8 ? ascii_unit() : (uint16_t)("\\\"<>&\n\t'"[random_u64() % 8]);
}

static const struct {
    const char *name;
    uint16_t (*unit)(void);
} texts[] = {
    {"ascii", ascii_unit}, {"latin", latin_unit},    {"cyrillic", cyrillic_unit},
    {"cjk", cjk_unit},     {"escapes", escape_unit},
};

static void fill_pool(uint16_t (*unit)(void))
{
    for (size_t i = 0; i < sizeof pool / 2; i++)
        store_u16(pool + 2 * i, unit());
}

static const uint8_t *piece(unsigned call)
{
    return pool + 2 * (call * 2654435761u % POOL_UNITS);
}

static void loop_text(const struct job *job, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        kept += (uint64_t)(job->put(room, piece(i), job->units) - room);
}

static uint8_t *plain_json(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_plain(out, units, (uint32_t)count, TEXT_JSON);
}

static uint8_t *plain_xml(uint8_t *out, const uint8_t *units, size_t count)
{
    return utf16_put_plain(out, units, (uint32_t)count, TEXT_XML);
}

static void measure_texts(void)
{
    static const unsigned lengths[] = {1, 2, 4, 8, 12, 16, 24, 32, 48, 63, 64, 128, 256, 512};
    static const struct {
        const char *name;
        uint8_t *(*put)(uint8_t *out, const uint8_t *units, size_t count);
        bool is_plain;
    } kernels[] = {
        {"utf16_put_json", utf16_put_json, false},
#if EVX_HAS_AVX512
        {"utf16_put_json_avx512", utf16_put_json_avx512, false},
#endif
        {"utf16_put_xml", utf16_put_xml, false},
        {"utf16_put_plain json", plain_json, true},
        {"utf16_put_plain xml", plain_xml, true},
    };
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        if (strstr(kernels[k].name, "avx512") && !avx512_is_there())
            continue;
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            fill_pool(texts[t].unit);
            for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++) {
                const struct job job = {.put = kernels[k].put, .units = lengths[n]};
                if (!kernels[k].is_plain || (t == 0 && lengths[n] <= UTF16_PLAIN_UNITS_MAX))
                    measure(kernels[k].name, texts[t].name, loop_text, &job);
            }
        }
    }
}

// ---- Values -------------------------------------------------------------------------------------

// Random bytes, and a number of random magnitude, as numbers in logs are.
#define LOOP_VALUE(name, put)                                                                      \
    static void loop_##name(const struct job *job, unsigned count)                                 \
    {                                                                                              \
        (void)job;                                                                                 \
        for (unsigned i = 0; i < count; i++) {                                                     \
            const uint8_t *bytes = piece(i);                                                       \
            uint64_t number = load_u64(bytes) >> (bytes[8] & 63);                                  \
            kept += number + (uint64_t)(put - room);                                               \
        }                                                                                          \
    }

LOOP_VALUE(nothing, room)
LOOP_VALUE(u32, put_u32(room, (uint32_t)number))
LOOP_VALUE(u64, put_u64(room, number))
LOOP_VALUE(i64, put_i64(room, -(int64_t)(number >> 1)))
LOOP_VALUE(hex, put_hex(room, number))
LOOP_VALUE(guid, put_guid(room, bytes))
LOOP_VALUE(filetime, put_filetime(room, 132000000000000000u + (number >> 8)))
LOOP_VALUE(f32, put_f32(room, (float)number / 1000))
LOOP_VALUE(f64, put_f64(room, (double)number / 1000))
LOOP_VALUE(hex_bytes, put_hex_bytes(room, bytes, 32))

// S-1-5-21-a-b-c-d, the usual account.
static void loop_sid(const struct job *job, unsigned count)
{
    static const uint8_t head[12] = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0};
    (void)job;
    for (unsigned i = 0; i < count; i++) {
        uint8_t sid[28];
        memcpy(sid, head, sizeof head);
        memcpy(sid + sizeof head, piece(i), sizeof sid - sizeof head);
        kept += (uint64_t)(put_sid(room, sid) - room);
    }
}

static void measure_values(void)
{
    static const struct {
        const char *name;
        loop *run;
    } kernels[] = {
        {"empty loop", loop_nothing},
        {"put_u32", loop_u32},
        {"put_u64", loop_u64},
        {"put_i64", loop_i64},
        {"put_hex", loop_hex},
        {"put_guid", loop_guid},
        {"put_sid", loop_sid},
        {"put_filetime", loop_filetime},
        {"put_f32", loop_f32},
        {"put_f64", loop_f64},
        {"put_hex_bytes 32", loop_hex_bytes},
    };
    const struct job none = {0};
    for (size_t i = 0; i < sizeof pool; i++)
        pool[i] = (uint8_t)random_u64();
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        measure(kernels[k].name, "", kernels[k].run, &none);
}

// ---- Checksums ----------------------------------------------------------------------------------

static uint8_t chunk[CHUNK_BYTES];

static void loop_records_crc32(const struct job *job, unsigned count)
{
    (void)job;
    for (unsigned i = 0; i < count; i++)
        kept += chunk_records_crc32(chunk, CHUNK_BYTES);
}

static void loop_header_crc32(const struct job *job, unsigned count)
{
    (void)job;
    for (unsigned i = 0; i < count; i++)
        kept += chunk_header_crc32(chunk);
}

static void measure_checksums(void)
{
    const struct job none = {0};
    for (size_t i = 0; i < sizeof chunk; i++)
        chunk[i] = (uint8_t)random_u64();
    measure("chunk_records_crc32 64 KiB", "", loop_records_crc32, &none);
    measure("chunk_header_crc32", "", loop_header_crc32, &none);
}

int main(void)
{
    measure_texts();
    measure_values();
    measure_checksums();
    return 0;
}
