// SPDX-License-Identifier: MIT
// Finding what is added to a record, and writing it.
#include "emit/message_info.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "emit/message_program.h"
#include "emit/rendering_info.h"

enum { MESSAGES_ARENA_BLOCK_BYTES = 128 << 10 };

bool messages_init(struct messages *messages, struct memory *memory, struct providers *providers,
                   bool no_plans)
{
    *messages = (struct messages){.providers = providers, .memory = memory};
    if (!plans_init(&messages->places, memory))
        return false;
    messages->places.full = no_plans;
    arena_init(&messages->arena, memory, MESSAGES_ARENA_BLOCK_BYTES, PLANS_BYTES_MAX);
    if (pthread_mutex_init(&messages->lock, NULL) == 0)
        return true;
    plans_destroy(&messages->places);
    return false;
}

void messages_destroy(struct messages *messages)
{
    plans_destroy(&messages->places);
    arena_destroy(&messages->arena);
    pthread_mutex_destroy(&messages->lock);
}

// ---------------------------------------------------------------------------------------- a worker

static struct message_state *state_of(struct renderer *renderer, const struct messages *messages)
{
    struct message_state *state = renderer->message_state;
    struct memory *memory = renderer->decoder->store->memory;
    if (!state) {
        state = memory_allocate_zeroed(memory, sizeof *state);
        if (!state)
            return NULL;
        outbuf_init(&state->text, memory);
        arena_init(&state->scratch, memory, MESSAGE_SCRATCH_BLOCK_BYTES, MESSAGE_SCRATCH_BYTES_MAX);
        renderer->message_state = state;
    }
    if (state->messages != messages) {
        memset(state->recent, 0, sizeof state->recent);
        state->messages = messages;
    }
    return state;
}

void message_state_destroy(struct renderer *renderer)
{
    struct message_state *state = renderer->message_state;
    struct memory *memory = renderer->decoder->store->memory;
    if (!state)
        return;
    outbuf_destroy(&state->text);
    list_destroy(&state->ops, memory, sizeof(struct message_op));
    arena_destroy(&state->scratch);
    memory_release(memory, state, sizeof *state);
    renderer->message_state = NULL;
}

// ----------------------------------------------------------------------------------------- finding

static bool is_for(const struct addition *addition, const struct message_key *key)
{
    return addition->hash == key->hash && addition->key_size == key->size &&
           memcmp(addition->key, key->bytes, key->size) == 0;
}

static struct addition *find_shared(const struct messages *messages, const struct message_key *key)
{
    struct addition *addition = messages->buckets[key->hash % MESSAGE_BUCKETS];
    while (addition && !is_for(addition, key))
        addition = addition->next;
    return addition;
}

static bool publish(struct messages *messages, struct addition *addition,
                    const struct message_key *key)
{
    uint8_t *kept = arena_allocate(&messages->arena, key->size);
    if (!kept)
        return false;
    memcpy(kept, key->bytes, key->size);
    EVX_CHECK(key->size <= MESSAGE_KEY_BYTES_MAX);
    addition->key = kept;
    addition->key_size = key->size;
    addition->hash = key->hash;
    addition->next = messages->buckets[key->hash % MESSAGE_BUCKETS];
    messages->buckets[key->hash % MESSAGE_BUCKETS] = addition;
    return true;
}

// What is added to events that take no texts.
static const struct addition nothing = {.takes_nothing = true};

// Under the lock of the messages. NULL without memory. Of a record without a key it lives until the
// next one is compiled.
static const struct addition *compile(struct renderer *renderer, struct messages *messages,
                                      const struct event_facts *facts, const struct instance *data,
                                      enum message_form form, const struct message_key *key)
{
    struct arena *scratch = &renderer->message_state->scratch;
    struct addition *addition = key ? find_shared(messages, key) : NULL;
    if (addition)
        return addition;
    arena_reset(scratch);
    if (key)
        addition = message_compile(renderer, messages, facts, data, form, &messages->arena);
    if (addition && publish(messages, addition, key))
        return addition;
    arena_reset(scratch);
    return message_compile(renderer, messages, facts, data, form, scratch);
}

// Sets what is added to a record. False with the decoder's fault set.
static bool find_addition(struct renderer *renderer, struct event *event, struct messages *messages,
                          enum message_form form, const struct instance *data,
                          const struct message_key *key, const struct addition **ret)
{
    const struct element root = element_of_node(event->root.tape, 0, 0);
    const struct tree shown = renderer->tree;
    struct event_facts facts;
    bool takes;
    renderer->tree.nodes = 0; // nothing of this is shown
    bool fine = read_event_facts(renderer, &root, &takes, &facts);
    renderer->tree = shown;
    *ret = &nothing;
    if (!fine || !takes)
        return fine;
    pthread_mutex_lock(&messages->lock);
    *ret = compile(renderer, messages, &facts, data, form, key);
    pthread_mutex_unlock(&messages->lock);
    return *ret || fault_memory(&renderer->decoder->fault);
}

// ----------------------------------------------------------------------------------------- writing

static struct value_view argument(struct event *event, const struct message_arguments *arguments,
                                  uint32_t index)
{
    EVX_CHECK(index < arguments->count);
    return arguments->data ? event_value(event, arguments->data, index) : arguments->list[index];
}

// The literal of an op and the value behind it.
static void put_op(struct renderer *renderer, struct event *event, const struct messages *messages,
                   const struct addition *addition, const struct message_op *op,
                   const struct message_arguments *arguments, enum text_mode mode)
{
    struct outbuf *out = renderer->out;
    if (op->value > arguments->count) {
        outbuf_append(out, op->literal.bytes, op->literal.size);
        if (op->value > addition->item_count) // nothing of the event is meant
            outbuf_append(out, op->spelled.bytes, op->spelled.size);
        return;
    }
    const struct value_view value = argument(event, arguments, op->value - 1);
    if (op->literal.size <= RESERVE_BYTES_MAX - MESSAGE_ROOM_BYTES) {
        uint8_t *p = outbuf_reserve(out, op->literal.size + MESSAGE_ROOM_BYTES);
        memcpy(p, op->literal.bytes, op->literal.size);
        p += op->literal.size;
        uint8_t *end = put_usual_message_value(p, renderer, addition, op, value, mode);
        outbuf_commit(out, end ? end : p);
        if (end)
            return;
    } else {
        outbuf_append(out, op->literal.bytes, op->literal.size);
    }
    put_message_value(renderer, messages, addition, op, value, mode);
}

static void run(struct renderer *renderer, struct event *event, const struct messages *messages,
                const struct addition *addition, const struct message_arguments *arguments,
                enum text_mode mode)
{
    EVX_CHECK(addition->op_count > 0);
    const struct message_op *op = addition->ops, *last = op + addition->op_count - 1;
    EVX_CHECK(last->value == 0);
    for (; op < last; op++)
        put_op(renderer, event, messages, addition, op, arguments, mode);
    outbuf_append(renderer->out, last->literal.bytes, last->literal.size);
}

// *ret_has: whether anything was written.
static bool put_addition(struct renderer *renderer, struct event *event, struct messages *messages,
                         enum message_form form, bool *ret_has)
{
    const struct addition *addition = NULL;
    const struct instance *data = NULL;
    *ret_has = false;
    struct message_state *state = state_of(renderer, messages);
    if (!state)
        return fault_memory(&renderer->decoder->fault);
    struct message_key *key = &state->key;
    enum message_shape shape = message_find_key(renderer, event, messages, form, key, &data);
    const struct addition **recent = &state->recent[key->hash % MESSAGE_RECENT];
    if (shape == SHAPE_KEYED && *recent && is_for(*recent, key))
        addition = *recent;
    else if (!find_addition(renderer, event, messages, form, data,
                            shape == SHAPE_KEYED ? key : NULL, &addition))
        return false;
    if (shape == SHAPE_KEYED && addition->key)
        *recent = addition;
    if (addition->untold)
        atomic_fetch_add_explicit(&addition->untold->count, 1, memory_order_relaxed);
    if (addition->takes_nothing)
        return true;
    if (addition->op_count > 1 &&
        !message_find_arguments(renderer, event, data, shape, &state->arguments))
        return false;
    if (form == MESSAGE_IN_FORMAT && !rendering_info_take_back_end(renderer))
        return true;
    run(renderer, event, messages, addition, &state->arguments, message_mode(renderer, form));
    if (form == MESSAGE_IN_FORMAT)
        outbuf_text(renderer->out, renderer->format->record_end);
    *ret_has = true;
    return rendering_info_is_fine(renderer);
}

bool put_message_info(struct renderer *renderer, struct event *event, struct messages *messages)
{
    bool has;
    return event->root.end == 0 || put_addition(renderer, event, messages, MESSAGE_IN_FORMAT, &has);
}

bool put_message_alone(struct renderer *renderer, struct event *event, struct messages *messages,
                       bool *ret_has)
{
    *ret_has = false;
    return event->root.end == 0 || put_addition(renderer, event, messages, MESSAGE_ALONE, ret_has);
}
