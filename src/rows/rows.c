// SPDX-License-Identifier: MIT
#include "rows/rows.h"

#include <string.h>

#include "base/check.h"
#include "container/file_header.h"
#include "emit/renderer.h"
#include "filter/field_plan.h"
#include "rows/content.h"

struct rows_state {
    struct evaluation evaluation;
    struct field_reader reader;
    struct renderer renderer; // of the content
    struct outbuf json;       // a whole record, of which the content is a part
    struct info_cells info;
};

// ---- values -------------------------------------------------------------------------------------

struct filling {
    struct cell *cell;
    struct decoder *decoder;
};

// Bytes that do not fit their type are told where they are shown.
static void note_damage(struct decoder *decoder, const struct subject *subject)
{
    const struct value *value = &subject->value;
    enum note_kind kind;
    if (!subject->is_text && value->form == FORM_HEX && value_damage(value, &kind))
        decoder_note_value(decoder, kind, value->data, value->type, value->size, value->size);
}

static bool visit_value(struct evaluation *evaluation, const struct subject *subject, void *visitor)
{
    struct filling *filling = visitor;
    struct matcher *matcher = &evaluation->matcher;
    note_damage(filling->decoder, subject);
    cell_put_subject(filling->cell, subject, matcher->codec, &matcher->printed);
    return filling->cell->out->failed != OUTBUF_FINE;
}

// False: it takes more than a look at one value.
EVX_INLINE bool put_simple(const struct rows_consumer *rows, const struct rows_state *state,
                           uint32_t field, struct outbuf *out)
{
    struct value_view view;
    uint8_t *p = outbuf_reserve(out, CELL_SIMPLE_BYTES);
    switch (field_lone_view(&state->reader, field, &view)) {
    case LONE_OTHER:
        return false;
    case LONE_NOTHING:
        memcpy(p, "null", 4);
        p += rows->style.format == ROW_JSON ? 4 : 0;
        break;
    case LONE_TEXT:
    case LONE_HOLE:
        p = cell_put_simple(&rows->style, p, view);
        break;
    }
    if (EVX_LIKELY(p != NULL))
        outbuf_commit(out, p);
    return p != NULL;
}

// False with the decoder's fault set.
static bool put_values(struct rows_state *state, uint32_t field, struct cell *cell)
{
    struct evaluation *evaluation = &state->evaluation;
    struct filling filling = {cell, evaluation->tree.decoder};
    enum outcome outcome = field_look(&state->reader, field, visit_value, &filling);
    if (EVX_LIKELY(outcome != OUTCOME_WALK))
        return outcome != OUTCOME_FAULT;
    cell_clear(cell);
    return field_walk(&state->reader, field, visit_value, &filling);
}

static bool put_content(const struct rows_consumer *rows, struct rows_state *state,
                        const struct event *event, struct cell *cell)
{
    struct outbuf *json = &state->json;
    struct content content;
    json->length = 0;
    if (!outbuf_begin_record(json))
        return fault_memory(&event->decoder->fault);
    renderer_aim(&state->renderer, &formats[FORMAT_JSON], rows->json_plans, json);
    state->renderer.recovered = false;
    if (!render_record(&state->renderer, &event->root))
        return false;
    if (content_find(json->data, json->length, &content) && content.json[0] != 'n') // null
        cell_put_json(cell, content.json, content.size);
    return true;
}

static void put_written(struct cell *cell, struct rows_state *state, uint64_t time)
{
    uint8_t bytes[8];
    store_u64(bytes, time);
    struct subject subject = {
        .value = {.data = bytes, .size = sizeof bytes, .type = TYPE_FILETIME}};
    value_classify(&subject.value); // not every number is a time
    cell_put_subject(cell, &subject, state->evaluation.matcher.codec,
                     &state->evaluation.matcher.printed);
}

// Of RenderingInfo, from COLUMN_MESSAGE on.
static const char *const members[] = {"Message", "Level", "Task", "Opcode", "Keywords"};

// What is of the record or the file, the content, and what is said of the event.
static EVX_NOINLINE bool put_own(const struct rows_consumer *rows, struct rows_state *state,
                                 struct event *event, const struct column *column,
                                 struct cell *cell)
{
    const struct record *record = event->record;
    const uint64_t slot = event->decoder->chunk->slot;
    switch ((enum column_kind)column->kind) {
    case COLUMN_FIELD:
        break;
    case COLUMN_CONTENT:
        return put_content(rows, state, event, cell);
    case COLUMN_RECORD_ID:
        cell_put_number(cell, record->id);
        return true;
    case COLUMN_WRITTEN:
        put_written(cell, state, record->time);
        return true;
    case COLUMN_CHUNK:
        cell_put_number(cell, slot);
        return true;
    case COLUMN_OFFSET:
        cell_put_number(cell, slot_offset(slot) + record->offset + event->decoder->chunk->shift);
        return true;
    case COLUMN_SOURCE_FILE:
        if (rows->source_file)
            cell_put_text(cell, rows->source_file, strlen(rows->source_file));
        return true;
    case COLUMN_RECOVERED:
        cell_put_truth(cell, record->recovered);
        return true;
    case COLUMN_MESSAGE:
    case COLUMN_LEVEL_NAME:
    case COLUMN_TASK_NAME:
    case COLUMN_OPCODE_NAME:
    case COLUMN_KEYWORD_NAMES:
        return info_cells_put(&state->info, &rows->texts, &state->renderer, rows->json_plans, event,
                              members[column->kind - COLUMN_MESSAGE], cell);
    }
    return true;
}

// ---- rows ---------------------------------------------------------------------------------------

static char separator_of(const struct cell_style *style)
{
    return style->format == ROW_TSV ? '\t' : ',';
}

// What stands in front of a cell.
static void start_column(const struct columns *columns, const struct cell_style *style,
                         uint32_t index, struct outbuf *out)
{
    const struct column *column = &columns->columns[index];
    if (index > 0)
        outbuf_put(out, separator_of(style));
    if (style->format != ROW_JSON)
        return;
    if (index == 0)
        outbuf_put(out, '{');
    outbuf_append(out, column->key, column->key_size);
}

static void end_row(const struct cell_style *style, struct outbuf *out, size_t start)
{
    if (style->format == ROW_JSON)
        outbuf_put(out, '}');
    else if (outbuf_since(out, start) == 0) // or it would be no row
        outbuf_text(out, "\"\"");
    outbuf_put(out, '\n');
}

static bool put_row(const struct rows_consumer *rows, struct rows_state *state, struct event *event,
                    struct outbuf *out)
{
    struct fault *fault = &event->decoder->fault;
    const struct columns *columns = rows->columns;
    if (!outbuf_begin_record(out))
        return fault_memory(fault);
    const size_t start = out->length;
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->columns[i];
        start_column(columns, &rows->style, i, out);
        if (column->kind == COLUMN_FIELD && put_simple(rows, state, column->field, out))
            continue;
        struct cell cell = cell_start(&rows->style, out);
        bool fine = column->kind == COLUMN_FIELD ? put_values(state, column->field, &cell)
                                                 : put_own(rows, state, event, column, &cell);
        if (EVX_UNLIKELY(!fine))
            return false;
        cell_end(&cell);
    }
    end_row(&rows->style, out, start);
    if (out->failed == OUTBUF_RECORD_TOO_LARGE)
        return fault_of(fault, FAULT_LIMIT_OUTPUT);
    return out->failed == OUTBUF_FINE || fault_memory(fault);
}

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct rows_consumer *rows = (const struct rows_consumer *)consumer;
    struct rows_state *own = state;
    struct text_payload *written = (struct text_payload *)payload;
    struct outbuf *out = &written->out;
    const size_t before = out->length;
    own->info.is_made = false;
    EVX_CHECK(own->evaluation.tree.decoder == event->decoder);
    bool fine = evaluation_start(&own->evaluation, event) &&
                field_reader_start(&own->reader, event) && put_row(rows, own, event, out);
    if (EVX_UNLIKELY(!evaluation_end(&own->evaluation) || !fine)) {
        out->length = before;
        return TAKEN_FAULT;
    }
    event->way = own->reader.plan ? WAY_COMPILED : WAY_WALKED;
    written->payload = (struct payload){out->length, out->length >= OUTPUT_FLUSH_BYTES};
    return TAKEN_KEPT;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    const struct rows_consumer *rows = (const struct rows_consumer *)consumer;
    struct rows_state *own = state;
    evaluation_init(&own->evaluation, &rows->columns->tree, decoder, rows->codec);
    field_reader_init(&own->reader, rows->columns->fields, rows->columns->field_count,
                      &own->evaluation, rows->plans);
    renderer_init(&own->renderer, decoder, rows->codec);
    outbuf_init(&own->json, decoder->store->memory);
    info_cells_init(&own->info, decoder->store->memory);
}

static void state_destroy(void *state)
{
    struct rows_state *own = state;
    field_reader_destroy(&own->reader);
    evaluation_destroy(&own->evaluation);
    renderer_destroy(&own->renderer);
    outbuf_destroy(&own->json);
    info_cells_destroy(&own->info);
}

struct rows_consumer rows_consumer(const struct columns *columns, struct query_plans *plans,
                                   struct cell_style style, struct plans *json_plans,
                                   const struct ansi_codec *codec, const char *source_file)
{
    static const struct consumer_class class = {
        .name = "rows",
        .state_bytes = sizeof(struct rows_state),
        .payload_bytes = sizeof(struct text_payload),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .payload_init = text_payload_init,
        .payload_clear = text_payload_clear,
        .payload_destroy = text_payload_destroy,
        .take = take,
        .rewind = text_payload_rewind,
    };
    return (struct rows_consumer){{&class},   columns, plans,       style,
                                  json_plans, codec,   source_file, {NULL, NULL}};
}

void rows_put_header(const struct columns *columns, const struct cell_style *style,
                     struct outbuf *out)
{
    const size_t start = out->length;
    if (style->format == ROW_JSON)
        return;
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->columns[i];
        if (i > 0)
            outbuf_put(out, separator_of(style));
        struct cell cell = cell_start(style, out);
        cell_put_text(&cell, column->name, column->name_size);
        cell_end(&cell);
    }
    end_row(style, out, start);
}
