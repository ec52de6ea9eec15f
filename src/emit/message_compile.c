// SPDX-License-Identifier: MIT
// From the texts of an event to a program of literals, escaped for one format, and values.
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/message_names.h"
#include "emit/message_program.h"
#include "packs/language.h"
#include "packs/message_text.h"

enum { UNTOLD_MAX = 1000 };

struct message_compiler {
    struct rendering_info info; // the first member: see put_message()
    struct message_state *state;
    struct arena *arena;
    const struct event_texts *texts;
    const struct instance *data;
    size_t literal_start;
    bool failed;
    struct message_op ignored; // what is added after a failure
};

// Copies what has been written since `start` into the arena, and takes it back.
static struct escaped keep_text(struct message_compiler *compiler, size_t start)
{
    struct outbuf *text = &compiler->state->text;
    const size_t size = outbuf_since(text, start);
    uint8_t *kept = arena_allocate(compiler->arena, size + 1);
    compiler->failed |= !kept || text->failed;
    if (kept)
        memcpy(kept, text->data + start, size);
    text->length = text->length > start ? start : text->length;
    return (struct escaped){kept, kept ? (uint32_t)size : 0};
}

static struct message_op *add_op(struct message_compiler *compiler, struct memory *memory)
{
    struct message_op *op = list_add(&compiler->state->ops, memory, sizeof *op);
    compiler->failed |= !op;
    op = op ? op : &compiler->ignored;
    *op = (struct message_op){.literal = keep_text(compiler, compiler->literal_start)};
    return op;
}

// ------------------------------------------------------------------------------------------ styles

static enum message_style style_of_types(uint8_t in_type, uint8_t out_type)
{
    static const uint8_t styles[] = {
        [0x10] = STYLE_HEX,        [0x11] = STYLE_HEX,      [0x12] = STYLE_HEX,
        [0x13] = STYLE_HEX,        [0x16] = STYLE_PORT,     [0x17] = STYLE_IPV4,
        [0x18] = STYLE_IPV6,       [0x19] = STYLE_SOCKET,   [0x1D] = STYLE_HEX,
        [0x1E] = STYLE_WIN32,      [0x1F] = STYLE_NTSTATUS, [0x20] = STYLE_HRESULT,
        [0x21] = STYLE_PLAIN_TIME,
    };
    const enum message_style style = out_type < sizeof styles ? styles[out_type] : STYLE_PLAIN;
    if (in_type == TYPE_SIZE_T)
        return STYLE_POINTER;
    // Their digits are in upper case whatever the output type says.
    const bool is_hex = in_type == TYPE_HEX32 || in_type == TYPE_HEX64;
    return is_hex && style == STYLE_HEX ? STYLE_PLAIN : style;
}

// The type that the record's own template declares for a value.
static uint8_t declared_type(const struct instance *data, uint32_t slot)
{
    const struct node *tape = data ? data->template->tape : NULL;
    for (uint32_t i = 0; data && i < data->template->node_count; i++)
        if (tape[i].kind == NODE_HOLE && tape[i].slot == slot)
            return tape[i].value.type;
    return TYPE_NULL;
}

static const struct message_map *compile_map(struct message_compiler *compiler, uint32_t index,
                                             enum text_mode mode, bool *ret_is_bits)
{
    const struct provider *provider = compiler->texts->provider;
    const struct provider_map *maps = provider->maps.items;
    const struct provider_map_row *rows = provider->map_rows.items;
    EVX_CHECK(index < provider->maps.count);
    const struct provider_map map = maps[index];
    EVX_CHECK(map.first_row + (uint64_t)map.row_count <= provider->map_rows.count);
    struct outbuf *text = &compiler->state->text;
    struct message_map *compiled =
        arena_allocate(compiler->arena, sizeof *compiled + map.row_count * sizeof *compiled->rows);
    *ret_is_bits = map.is_bits;
    if (!compiled)
        return NULL;
    compiled->count = 0;
    for (uint32_t i = 0; i < map.row_count; i++) {
        const struct provider_map_row *row = &rows[map.first_row + i];
        const struct message_entry *entry = provider_find_message(provider, row->message_id);
        if (!entry)
            continue;
        const size_t start = text->length;
        struct message_reading reading = message_reading(entry->text);
        for (struct message_piece piece = message_next_piece(&reading); piece.kind != PIECE_END;
             piece = message_next_piece(&reading))
            rendering_info_put_text(text, &(struct mta_text){piece.text.units, piece.text.count},
                                    mode);
        compiled->rows[compiled->count++] =
            (struct message_map_row){row->value, keep_text(compiler, start)};
    }
    return compiled;
}

static void set_style(struct message_compiler *compiler, struct message_op *op, enum text_mode mode)
{
    const struct event_texts *texts = compiler->texts;
    const struct provider *provider = texts->provider;
    const struct provider_item *items = provider->items.items;
    struct provider_item item = {.map_index = NO_INDEX};
    EVX_CHECK(op->value > 0);
    if (texts->template && op->value <= texts->template->item_count)
        item = items[texts->template->first_item + op->value - 1];
    if (item.in_type == TYPE_NULL)
        item.in_type = declared_type(compiler->data, op->value - 1);
    op->style = style_of_types(item.in_type, item.out_type);
    if (item.map_index >= provider->maps.count)
        return;
    bool is_bits;
    op->map = compile_map(compiler, item.map_index, mode, &is_bits);
    compiler->failed |= !op->map;
    op->otherwise = op->style;
    op->style = is_bits ? STYLE_BIT_MAP : STYLE_MAP;
}

// ----------------------------------------------------------------------------------------- message

static void put_piece(struct renderer *renderer, struct message_compiler *compiler,
                      const struct message_piece *piece, enum text_mode mode)
{
    struct outbuf *text = &compiler->state->text;
    const struct mta_text spelled = {piece->text.units, piece->text.count};
    const struct message_list *parameters = compiler->texts->provider->parameters;
    const struct message_entry *parameter = NULL;
    if (piece->kind == PIECE_PARAMETER && parameters)
        parameter = message_list_find(parameters, piece->number);
    if (parameter) {
        const struct wevt_text cut = message_cut_end(parameter->text);
        rendering_info_put_text(text, &(struct mta_text){cut.units, cut.count}, mode);
        return;
    }
    if (piece->kind != PIECE_VALUE) {
        rendering_info_put_text(text, &spelled, mode);
        return;
    }
    struct message_op *op = add_op(compiler, renderer->decoder->store->memory);
    op->value = piece->number;
    compiler->literal_start = text->length;
    rendering_info_put_text(text, &spelled, mode);
    op->spelled = keep_text(compiler, compiler->literal_start);
    set_style(compiler, op, mode);
}

static void put_message(struct renderer *renderer, const struct rendering_info *info,
                        enum text_mode mode)
{
    struct message_compiler *compiler = (struct message_compiler *)info;
    struct message_reading reading = message_reading(compiler->texts->message->text);
    for (;;) {
        const struct message_piece piece = message_next_piece(&reading);
        if (piece.kind == PIECE_END || compiler->failed)
            return;
        put_piece(renderer, compiler, &piece, mode);
    }
}

static struct untold *find_untold(struct messages *messages, struct message_compiler *compiler,
                                  struct mta_text provider)
{
    struct outbuf *text = &compiler->state->text;
    const size_t start = text->length;
    size_t count = 0;
    rendering_info_put_text(text, &provider, TEXT_JSON);
    const size_t size = outbuf_since(text, start);
    struct untold *untold = messages->untold;
    while (untold && !(untold->provider.size == size &&
                       memcmp(untold->provider.bytes, text->data + start, size) == 0)) {
        untold = untold->next;
        count++;
    }
    if (!untold && count < UNTOLD_MAX &&
        (untold = arena_allocate(&messages->arena, sizeof *untold + size))) {
        memcpy(untold + 1, text->data + start, size);
        *untold =
            (struct untold){messages->untold, 0, {(const uint8_t *)(untold + 1), (uint32_t)size}};
        messages->untold = untold;
    }
    text->length = start < text->length ? start : text->length;
    return untold ? untold : &messages->others;
}

static struct addition *keep(struct message_compiler *compiler)
{
    const struct list *ops = &compiler->state->ops;
    struct addition *addition = arena_allocate(compiler->arena, sizeof *addition);
    struct message_op *kept = arena_allocate(compiler->arena, ops->count * sizeof *kept + 1);
    if (!addition || !kept || compiler->failed)
        return NULL;
    if (ops->count > 0)
        memcpy(kept, ops->items, ops->count * sizeof *kept);
    *addition = (struct addition){.op_count = (uint32_t)ops->count, .ops = kept};
    return addition;
}

// Writes all of it into the scratch, which leaves the ops.
static void write(struct renderer *renderer, struct message_compiler *compiler,
                  enum message_form form)
{
    struct outbuf *shown = renderer->out;
    renderer->out = &compiler->state->text;
    if (form == MESSAGE_ALONE)
        put_message(renderer, &compiler->info, TEXT_JSON);
    else
        renderer->format->put_rendering_info(renderer, &compiler->info);
    renderer->out = shown;
    add_op(compiler, renderer->decoder->store->memory); // the end
}

struct addition *message_compile(struct renderer *renderer, struct messages *messages,
                                 const struct event_facts *facts, const struct instance *data,
                                 enum message_form form, struct arena *arena)
{
    struct message_state *state = renderer->message_state;
    const uint8_t *units = renderer->literals.data;
    const struct event_texts texts =
        find_event_texts(messages->providers, facts, units, data ? data->template->guid : NULL,
                         data ? data->value_count : 0);
    struct message_compiler compiler = {
        .state = state, .arena = arena, .texts = &texts, .data = data};
    state->ops.count = state->text.length = 0;
    if (!outbuf_begin_record(&state->text))
        return NULL;
    const bool has_info = texts.provider && (form == MESSAGE_IN_FORMAT || texts.message);
    if (has_info) {
        if (texts.message) {
            compiler.info.put_message = put_message;
            compiler.info.culture = language_tag(texts.message->language);
        }
        if (!find_event_names(&texts, facts, units, &state->scratch, &compiler.info))
            return NULL;
        write(renderer, &compiler, form);
    }
    struct addition *addition = keep(&compiler);
    if (!addition)
        return NULL;
    addition->takes_nothing = !has_info;
    if (texts.provider) {
        addition->parameters = texts.provider->parameters;
        addition->item_count = texts.template ? texts.template->item_count : 0;
    }
    if (!texts.message)
        addition->untold =
            find_untold(messages, &compiler,
                        (struct mta_text){units + facts->provider.start, facts->provider.count});
    return addition;
}
