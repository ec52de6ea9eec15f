// SPDX-License-Identifier: MIT
#include "rewrite/log_consumer.h"

#include "base/check.h"
#include "rewrite/rewrite.h"

enum {
    // What a record and its definitions may take, so that they find room in an empty chunk whatever
    // names they need.
    RECORD_WITH_DEFINITIONS_MAX = 60000,
};

static uint32_t place_of(const struct written_template *templates, uint32_t capacity,
                         const struct template *template)
{
    uint32_t at = (uint32_t)((uintptr_t) template / ARENA_ALIGNMENT * UINT32_C(0x9E3779B1) >> 7);
    EVX_CHECK(capacity > 0 && (capacity & (capacity - 1)) == 0);
    at &= capacity - 1;
    while (templates[at].template && templates[at].template != template)
        at = (at + 1) & (capacity - 1);
    return at;
}

static bool grow(struct log_consumer *log)
{
    const uint32_t capacity = log->template_capacity ? 2 * log->template_capacity : 64;
    struct written_template *more = memory_allocate_zeroed(log->memory, capacity * sizeof *more);
    if (!more)
        return false;
    for (uint32_t i = 0; i < log->template_capacity; i++)
        if (log->templates[i].template)
            more[place_of(more, capacity, log->templates[i].template)] = log->templates[i];
    memory_release(log->memory, log->templates, log->template_capacity * sizeof *more);
    log->templates = more;
    log->template_capacity = capacity;
    return true;
}

encode_template *log_template(struct rewriting *rewriting, const struct template *template)
{
    struct log_consumer *log = rewriting->log;
    const bool is_kept = template->is_shared || template->is_outside;
    if (2 * (log->template_count + 1) > log->template_capacity && !grow(log)) {
        fault_memory(&rewriting->event->decoder->fault);
        return NULL;
    }
    struct written_template *slot =
        &log->templates[place_of(log->templates, log->template_capacity, template)];
    if (slot->template && is_kept)
        return slot->written;
    encode_template *written = rewrite_template(rewriting, template);
    if (written && is_kept) {
        *slot = (struct written_template){template, written};
        log->template_count++;
    }
    return written;
}

// Whether it is clear that the record has a structure of its own.
static bool has_names(const struct event *event)
{
    static const uint8_t no_guid[16];
    const struct instance *instance = event_instance(event);
    return !instance || memcmp(instance->template->guid, no_guid, sizeof no_guid) != 0;
}

// Everything is read before anything is written: what is written stays.
static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    struct log_consumer *log = (struct log_consumer *)consumer;
    struct rewriting rewriting = {.log = log, .event = event, .bytes = event->record->size};
    encode_builder *b = log->builder;
    (void)state;
    (void)payload;
    event->way = WAY_WALKED;
    if (event->record->recovered && !has_names(event)) {
        log->left_out++;
        return TAKEN_DROPPED;
    }
    if (!event_settle(event) || !rewrite_templates(&rewriting, &event->root, 0) ||
        event->decoder->chunk->asked)
        return TAKEN_FAULT;
    if (rewriting.bytes > RECORD_WITH_DEFINITIONS_MAX) {
        fault_of(&event->decoder->fault, FAULT_LIMIT_OUTPUT);
        return TAKEN_FAULT;
    }
    const encode_mark mark = encode_get_mark(b);
    encode_node *fragment = rewrite_fragment(&rewriting, &event->root, 0);
    if (fragment && !encode_error(b))
        encode_add(b, &(encode_record){.fragment = fragment, .written = event->record->time});
    encode_rewind(b, mark);
    if (!fragment || encode_error(b)) {
        if (encode_error(b))
            fault_memory(&event->decoder->fault);
        return TAKEN_FAULT;
    }
    log->records++;
    return TAKEN_KEPT;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    (void)consumer;
    (void)state;
    (void)decoder;
}

static void state_destroy(void *state)
{
    (void)state;
}

struct log_consumer log_consumer(struct memory *memory, encode_builder *builder)
{
    static const struct consumer_class class = {
        .name = "log",
        .state_bytes = 1,
        .state_init = state_init,
        .state_destroy = state_destroy,
        .take = take,
        PAYLOAD_NONE,
    };
    return (struct log_consumer){.consumer = {&class}, .memory = memory, .builder = builder};
}

void log_consumer_destroy(struct log_consumer *log)
{
    memory_release(log->memory, log->templates, log->template_capacity * sizeof *log->templates);
    log->templates = NULL;
    log->template_count = log->template_capacity = 0;
}
