// SPDX-License-Identifier: MIT
// generate_log: options, the two passes, and the way of the chunks through the damage to the
// caller.
#include "gen/generate.h"
#include "gen/generator.h"

#include <stdarg.h>
#include <stdlib.h>

static const profile *const profiles[] = {
    &profile_security, &profile_system, &profile_sysmon, &profile_powershell, &profile_mixed,
};

static const char *const profile_names[] = {"security",   "system", "sysmon",
                                            "powershell", "mixed",  NULL};

// In the order of the bits of damage.
static const char *const damage_names[] = {
    "torn-page",
    "bad-magic",
    "stale-header",
    "zeroed-slot",
    "name-link-cycle",
    "wrapped",
    "zero-size-record",
    "bad-checksums",
    "truncated",
    "garbage-slot",
    "slack-records",
    "bad-token",
    "hidden-record",
    NULL,
};

const char *const *generate_profile_names(void)
{
    return profile_names;
}

const char *const *generate_damage_names(void)
{
    return damage_names;
}

enum {
    TRUNCATED_BYTES = 40013,  // of the last chunk: in the middle of a record
    SLACK_ROOM = 16000,       // live records end this far in front of the end of the chunk
    OLD_LOG_FIRST_ID = 20001, // of logs that have lost their first records
};

typedef struct run {
    generate_options options;
    const profile *profile;
    unsigned damage;
    uint64_t slots, rotation; // slots in front of rotation hold the newest records
    int (*write)(void *context, const void *bytes, size_t size);
    void *context;
    evx_error *error;

    // What the first pass finds out: the file header, which comes first, needs it.
    uint64_t records, newest_records; // newest: of the slots in front of rotation
    uint64_t oldest_time;             // that the records behind rotation took

    // The second pass.
    bool stopped;
    uint64_t slot;
    uint8_t *chunk, *previous;
} run;

EVX_PRINTF(3, 4)
static evx_status fail(const run *r, evx_status status, const char *format, ...)
{
    if (!r->error)
        return status;
    *r->error = (evx_error){.status = status,
                            .chunk = EVX_NONE,
                            .record_id = EVX_NONE,
                            .offset = EVX_NONE,
                            .length = EVX_NONE};
    r->error->cause_count = 1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->error->cause[0], EVX_CAUSE_SIZE, format, arguments);
    va_end(arguments);
    return status;
}

static void join_names(char *out, size_t size, const char *const *names)
{
    size_t used = 0;
    for (unsigned i = 0; names[i]; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", names[i]);
}

static evx_status parse_profile(run *r)
{
    const char *name = r->options.profile ? r->options.profile : "";
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        if (strcmp(name, profiles[i]->name) == 0)
            r->profile = profiles[i];
    }
    char known[160];
    join_names(known, sizeof known, profile_names);
    return r->profile
               ? EVX_OK
               : fail(r, EVX_ERR_ARGUMENT, "unknown profile \"%.40s\"; known: %s", name, known);
}

static evx_status parse_damage(run *r)
{
    const char *p = r->options.damage ? r->options.damage : "";
    char known[200];
    join_names(known, sizeof known, damage_names);
    while (*p) {
        size_t size = strcspn(p, ",");
        unsigned bit = 0;
        while (damage_names[bit] &&
               (strlen(damage_names[bit]) != size || memcmp(damage_names[bit], p, size) != 0))
            bit++;
        if (!damage_names[bit])
            return fail(r, EVX_ERR_ARGUMENT, "unknown damage \"%.*s\"; known: %s",
                        (int)(size < 30 ? size : 30), p, known);
        r->damage |= 1u << bit;
        p += size;
        p += *p == ',';
    }
    return EVX_OK;
}

static void plan_slots(run *r)
{
    uint64_t body = r->options.size_bytes > FILE_HEADER_BLOCK_BYTES
                        ? r->options.size_bytes - FILE_HEADER_BLOCK_BYTES
                        : 0;
    r->slots = body / CHUNK_BYTES + (body % CHUNK_BYTES >= CHUNK_BYTES / 2);
    if (r->slots == 0)
        r->slots = 1;
    if ((r->damage & DAMAGE_WRAPPED) && r->slots > 1)
        r->rotation = (r->slots + 2) / 3;
}

// -------------------------------------------------------------------------------------------------
// Sinks: the first pass only counts; the second does the damage on the way out.

static int drop_bytes(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 0;
}

static int put_out(run *r, const void *bytes, size_t size)
{
    r->stopped = r->write(r->context, bytes, size) != 0;
    return r->stopped;
}

static int pass_bytes(void *context, const void *bytes, size_t size)
{
    run *r = context;
    if (size != CHUNK_BYTES || !r->damage)
        return put_out(r, bytes, size);
    memcpy(r->chunk, bytes, CHUNK_BYTES);
    uint64_t seed = r->options.seed;
    damage_chunk(r->chunk, r->slot ? r->previous : NULL, r->damage, seed, r->slot, r->slots);
    memcpy(r->previous, bytes, CHUNK_BYTES);
    r->slot++;
    bool cut = (r->damage & DAMAGE_TRUNCATED) && r->slot == r->slots;
    return put_out(r, r->chunk, cut ? TRUNCATED_BYTES : CHUNK_BYTES);
}

// -------------------------------------------------------------------------------------------------
// One pass.

static bool set_up(generator *g, const run *r)
{
    uint64_t seed = r->options.seed;
    for (const char *p = r->profile->name; *p; p++)
        seed = (seed ^ (unsigned char)*p) * 0x00000100000001B3;
    generate_seed(g, seed);
    g->profile = r->profile;
    g->builder = encode_create();
    g->text = malloc(GENERATE_TEXT_UNITS * sizeof *g->text);
    g->events = calloc(GENERATE_EVENTS_MAX, sizeof *g->events);
    if (!g->builder || !g->text || !g->events || !generate_world(g))
        return false;
    for (size_t i = 0; i < r->profile->provider_count; i++) {
        if (!generate_add_provider(g, &r->profile->providers[i]))
            return false;
    }
    return !r->profile->set_up || r->profile->set_up(g);
}

static void tear_down(generator *g)
{
    encode_free(&g->builder);
    free(g->text);
    free(g->events);
    free(g);
}

static uint64_t first_id(const run *r)
{
    return r->damage & (DAMAGE_WRAPPED | DAMAGE_SLACK_RECORDS) ? OLD_LOG_FIRST_ID : 1;
}

static void poke_file_header(encode_builder *b, const run *r)
{
    bool stale = r->damage & DAMAGE_STALE_HEADER;
    uint64_t slots = stale ? (r->slots + 1) / 2 : r->slots;
    uint64_t records = stale ? r->records / 2 : r->records;
    encode_poke_file(b, FILE_FIRST_CHUNK_OFFSET, 8, r->rotation);
    encode_poke_file(b, FILE_LAST_CHUNK_OFFSET, 8, r->rotation ? r->rotation - 1 : slots - 1);
    encode_poke_file(b, FILE_NEXT_RECORD_ID_OFFSET, 8, first_id(r) + records);
    encode_poke_file(b, FILE_CHUNK_COUNT_OFFSET, 2, slots);
    if (stale)
        encode_poke_file(b, FILE_FLAGS_OFFSET, 4, EVTX_FLAG_DIRTY);
    if (r->damage & DAMAGE_BAD_CHECKSUMS)
        encode_poke_file(b, FILE_CRC32_OFFSET, 4, 0xBADC0DE5);
}

// Records until the chunk is full; the number of live ones.
static uint64_t fill_chunk(generator *g, const run *r, uint64_t slot)
{
    encode_mark mark = encode_get_mark(g->builder);
    bool with_slack = (r->damage & DAMAGE_SLACK_RECORDS) &&
                      damage_hits(r->options.seed, DAMAGE_SLACK_RECORDS, slot, r->slots);
    uint64_t records = 0, slack_id = 0;
    for (;;) {
        if (with_slack && !slack_id && records && encode_free_bytes(g->builder) < SLACK_ROOM) {
            encode_begin_slack(g->builder);
            slack_id = encode_next_id(g->builder) - OLD_LOG_FIRST_ID / 2; // of an older generation
        }
        generate_draw_scene(g);
        encode_place place = generate_record(g, slack_id);
        encode_rewind(g->builder, mark);
        if (place.size == 0)
            break;
        if (slack_id)
            slack_id++;
        else
            records++;
    }
    encode_close_chunk(g->builder);
    return records;
}

static void fill_log(generator *g, run *r, bool second)
{
    encode_builder *b = g->builder;
    uint64_t start = g->clock, oldest = second ? r->records - r->newest_records : 0;
    if (second) {
        poke_file_header(b, r);
        if (r->rotation)
            g->clock += r->oldest_time;
    }
    uint64_t number = r->rotation ? oldest + 1 : 1;
    encode_set_next(b, number, first_id(r) + number - 1);
    for (uint64_t slot = 0; slot < r->slots && !encode_error(b); slot++) {
        if (slot == r->rotation && slot > 0) {
            encode_set_next(b, 1, first_id(r));
            g->clock = start;
        }
        uint64_t records = fill_chunk(g, r, slot);
        if (second)
            continue;
        r->records += records;
        r->newest_records += slot < r->rotation ? records : 0;
    }
    r->oldest_time = g->clock - start;
}

static evx_status run_pass(run *r, bool second)
{
    generator *g = calloc(1, sizeof *g);
    if (!g)
        return fail(r, EVX_ERR_MEMORY, "no memory");
    evx_status status = EVX_OK;
    if (set_up(g, r)) {
        encode_set_sink(g->builder, second ? pass_bytes : drop_bytes, r);
        fill_log(g, r, second);
    }
    const char *text = g->builder && g->text && g->events ? encode_error(g->builder) : "no memory";
    if (r->stopped)
        status = fail(r, EVX_ERR_SINK, "the sink asked to stop");
    else if (text)
        status =
            fail(r, strcmp(text, "no memory") == 0 ? EVX_ERR_MEMORY : EVX_ERR_LIMIT, "%s", text);
    tear_down(g);
    return status;
}

evx_status generate_log(const generate_options *options,
                        int (*write)(void *context, const void *bytes, size_t size), void *context,
                        evx_error *error)
{
    run r = {.options = *options, .write = write, .context = context, .error = error};
    evx_status status = parse_profile(&r);
    if (status == EVX_OK)
        status = parse_damage(&r);
    if (status != EVX_OK)
        return status;
    plan_slots(&r);
    if (r.damage) {
        r.chunk = malloc(2 * CHUNK_BYTES);
        if (!r.chunk)
            return fail(&r, EVX_ERR_MEMORY, "no memory");
        r.previous = r.chunk + CHUNK_BYTES;
    }
    status = run_pass(&r, false);
    if (status == EVX_OK)
        status = run_pass(&r, true);
    free(r.chunk);
    return status;
}
