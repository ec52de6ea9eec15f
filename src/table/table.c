// SPDX-License-Identifier: MIT
#include "table/table.h"

#include <string.h>

#include "container/file_header.h"
#include "emit/renderer.h"
#include "kernels/simd.h"
#include "kernels/utf16.h"
#include "print/number.h"
#include "rows/cell.h"
#include "rows/content.h"
#include "table/event_data.h"
#include "table/table_cell.h"

struct table_state {
    struct evaluation evaluation;
    struct field_reader reader;
    struct data_reader data;
    struct renderer renderer; // of columns that are text of the record
    struct outbuf text;       // the record as JSON or XML
    struct item_lane entries; // of event_data as JSON
    bool wants_data, wants_others;
};

// ---- texts of the record ------------------------------------------------------------------------

static bool render(const struct table_consumer *table, struct table_state *state,
                   const struct event *event, bool is_xml)
{
    struct outbuf *out = &state->text;
    out->length = 0;
    if (!outbuf_begin_record(out))
        return fault_memory(&event->decoder->fault);
    renderer_aim(&state->renderer, &formats[is_xml ? FORMAT_XML_COMPACT : FORMAT_JSON],
                 is_xml ? table->xml_plans : table->json_plans, out);
    state->renderer.recovered = event->record->recovered;
    return render_record(&state->renderer, &event->root);
}

static bool put_bytes(const struct cell_place *cell, struct decoder *decoder, const void *data,
                      size_t size)
{
    struct byte_lane *bytes = &cell->lane->bytes;
    const uint64_t refusals = cell->lanes->memory->refusals;
    uint8_t *p = bytes_reserve(bytes, cell->lanes->memory, bytes->length, size + 1);
    if (!p)
        return lane_fault(decoder, refusals);
    memcpy(p, data, size);
    bytes_commit(bytes, p + size);
    lane_ends(cell->lane)[cell->row] = bytes->length;
    cell->lane->valid[cell->row] = 1;
    return true;
}

static bool put_rendered(const struct table_consumer *table, struct table_state *state,
                         const struct event *event, const struct cell_place *cell, bool is_xml)
{
    return render(table, state, event, is_xml) &&
           put_bytes(cell, event->decoder, state->text.data, state->text.length);
}

static bool is_name(const struct content *name, const char *text)
{
    return name->size == strlen(text) && memcmp(name->json, text, name->size) == 0;
}

// An object of the members of Event that no other column has. They come as a part of the record.
static bool put_members(const struct cell_place *cell, struct decoder *decoder,
                        const struct content *event)
{
    struct byte_lane *bytes = &cell->lane->bytes;
    struct memory *memory = cell->lanes->memory;
    const uint64_t refusals = memory->refusals;
    const uint32_t start = bytes->length;
    struct content name, value;
    EVX_CHECK(cell->column->layout == LAYOUT_TEXT && !cell->lane->names);
    for (size_t at = 0; content_next_named(event, &at, &name, &value);) {
        if (is_name(&name, "#attributes") || is_name(&name, "System") ||
            is_name(&name, "EventData"))
            continue;
        uint8_t *p = bytes_reserve(bytes, memory, start, name.size + value.size + 8);
        if (!p)
            return lane_fault(decoder, refusals);
        *p++ = bytes->length == start ? '{' : ',';
        *p++ = '"';
        memcpy(p, name.json, name.size);
        p += name.size;
        *p++ = '"';
        *p++ = ':';
        memcpy(p, value.json, value.size);
        bytes_commit(bytes, p + value.size);
    }
    if (bytes->length == start) {
        cell_set_null(cell);
        return true;
    }
    return put_bytes(cell, decoder, "}", 1);
}

static bool put_user_data(const struct table_consumer *table, struct table_state *state,
                          const struct event *event, const struct cell_place *cell)
{
    struct content members;
    if (EVX_LIKELY(!state->data.has_others)) {
        cell_set_null(cell);
        return true;
    }
    if (!render(table, state, event, false))
        return false;
    if (content_find_event(state->text.data, state->text.length, &members))
        return put_members(cell, event->decoder, &members);
    cell_set_null(cell);
    return true;
}

// ---- data ---------------------------------------------------------------------------------------

// Whether the text needs no escapes. 15 bytes behind it may be read.
EVX_INLINE bool is_plain(const uint8_t *text, size_t size)
{
#if EVX_SIMD
    for (size_t i = 0; i < size; i += 16) {
        const unsigned specials = simd_mask(utf16_find_specials(simd_load(text + i), TEXT_JSON));
        if (EVX_UNLIKELY(specials != 0))
            return size - i < 16 && !(specials & ((1u << (size - i)) - 1));
    }
    return true;
#else
    bool plain = true;
    for (size_t i = 0; i < size; i++)
        plain &= text[i] >= 0x20 && text[i] < 0x80 && text[i] != '"' && text[i] != '\\';
    return plain;
#endif
}

// Of what is no ASCII, or has escapes: UTF-8 stays as it is.
static EVX_NOINLINE uint8_t *put_escaped(uint8_t *p, const uint8_t *text, size_t size)
{
    *p++ = '"';
    for (size_t i = 0; i < size; i++) {
        if (text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
            p = text_put_scalar(p, text[i], TEXT_JSON);
        else
            *p++ = text[i];
    }
    *p++ = '"';
    return p;
}

EVX_INLINE uint8_t *put_json_text(uint8_t *p, const uint8_t *text, size_t size)
{
    if (EVX_UNLIKELY(!is_plain(text, size)))
        return put_escaped(p, text, size);
    *p++ = '"';
    memcpy(p, text, size);
    p[size] = '"';
    return p + size + 1;
}

// The entries as an object. Behind their texts there is room.
static bool put_object(struct byte_lane *bytes, struct memory *memory,
                       const struct item_lane *entries)
{
    const uint32_t start = bytes->length;
    uint32_t key = 0, text = 0;
    for (uint32_t i = 0; i < entries->count; i++) {
        const uint32_t key_end = entries->key_ends[i], text_end = entries->text_ends[i];
        uint8_t *p = bytes_reserve(bytes, memory, start,
                                   CELL_JSON_BYTES((size_t)(key_end - key)) +
                                       CELL_JSON_BYTES((size_t)(text_end - text)) + 8);
        if (!p)
            return false;
        *p++ = i == 0 ? '{' : ',';
        p = put_json_text(p, entries->keys.data + key, key_end - key);
        *p++ = ':';
        if (EVX_LIKELY(entries->valid[i])) {
            p = put_json_text(p, entries->texts.data + text, text_end - text);
        } else {
            memcpy(p, "null", 4);
            p += 4;
        }
        bytes_commit(bytes, p);
        key = key_end;
        text = text_end;
    }
    uint8_t *p = bytes_reserve(bytes, memory, start, 2);
    if (!p)
        return false;
    if (entries->count == 0)
        *p++ = '{';
    *p++ = '}';
    bytes_commit(bytes, p);
    return true;
}

static bool put_event_data(struct table_state *state, const struct cell_place *cell)
{
    struct memory *memory = cell->lanes->memory;
    struct lane *lane = cell->lane;
    struct item_lane *items = lane->items ? lane->items : &state->entries;
    struct decoder *decoder = state->evaluation.tree.decoder;
    if (!lane->items)
        items->count = items->keys.length = items->texts.length = 0;
    if (!data_reader_put(&state->data, items, memory))
        return false;
    lane->valid[cell->row] = 1;
    if (lane->items) {
        lane_ends(lane)[cell->row] = items->count;
        return true;
    }
    const uint64_t refusals = memory->refusals;
    enum { READ_BEHIND = 16 };
    if (!bytes_reserve(&items->keys, memory, 0, READ_BEHIND) ||
        !bytes_reserve(&items->texts, memory, 0, READ_BEHIND) ||
        !put_object(&lane->bytes, memory, items))
        return lane_fault(decoder, refusals);
    lane_ends(lane)[cell->row] = lane->bytes.length;
    return true;
}

// ---- what is the record's own -------------------------------------------------------------------

static bool put_template(const struct event *event, const struct cell_place *cell)
{
    const struct instance *instance = event_instance(event);
    const struct value_view guid = {instance ? instance->template->guid : NULL, 16, TYPE_GUID};
    const uint64_t refusals = cell->lanes->memory->refusals;
    if (!instance)
        cell_set_null(cell);
    else if (cell_put_view(cell, guid) != CELL_PUT)
        return lane_fault(event->decoder, refusals);
    return true;
}

static EVX_NOINLINE bool put_own(const struct table_consumer *table, struct table_state *state,
                                 struct event *event, const struct cell_place *cell)
{
    const struct record *record = event->record;
    const uint64_t slot = event->decoder->chunk->slot;
    switch ((enum column_source)cell->column->source) {
    case SOURCE_RECORD_ID:
        cell_put_own(cell, record->id);
        return true;
    case SOURCE_WRITTEN:
        if (cell_put_time(cell, (int64_t)record->time) != CELL_PUT)
            cell_refuse(cell, TYPE_FILETIME);
        return true;
    case SOURCE_CHUNK:
        cell_put_own(cell, slot);
        return true;
    case SOURCE_OFFSET:
        cell_put_own(cell, slot_offset(slot) + record->offset + event->decoder->chunk->shift);
        return true;
    case SOURCE_RECOVERED:
        cell->lane->fixed[cell->row] = record->recovered;
        cell->lane->valid[cell->row] = 1;
        return true;
    case SOURCE_EVENT_DATA:
        return put_event_data(state, cell);
    case SOURCE_USER_DATA:
        return put_user_data(table, state, event, cell);
    case SOURCE_XML:
    case SOURCE_JSON:
        return put_rendered(table, state, event, cell, cell->column->source == SOURCE_XML);
    case SOURCE_TEMPLATE:
        return put_template(event, cell);
    case SOURCE_RAW:
        return put_bytes(cell, event->decoder,
                         event->decoder->chunk->data + record->offset + RECORD_HEADER_BYTES,
                         record_stream_end(record) - record->offset - RECORD_HEADER_BYTES);
    case SOURCE_PATH: // the same for all rows of an input: put in when a batch is made
    case SOURCE_FIELD:
        break;
    }
    return true;
}

// ---- rows ---------------------------------------------------------------------------------------

// A value that takes a call. False with the decoder's fault set.
static EVX_NOINLINE bool put_view(const struct cell_place *cell, struct field_reader *reader,
                                  struct value_view view)
{
    switch (cell_put_view(cell, view)) {
    case CELL_PUT:
        return true;
    case CELL_NULL:
        cell_set_null(cell);
        return true;
    case CELL_UNFIT:
        cell_refuse(cell, (uint8_t)view.type);
        return true;
    case CELL_SLOW:
    case CELL_FAULT:
        break;
    }
    return cell_put_field(cell, reader);
}

EVX_INLINE bool put_field(const struct cell_place *cell, struct field_reader *reader)
{
    struct value_view view;
    const enum lone_kind kind = field_lone_view(reader, cell->column->field, &view);
    if (EVX_LIKELY(kind >= LONE_TEXT))
        return cell_put_usual(cell, view) || put_view(cell, reader, view);
    if (EVX_UNLIKELY(kind == LONE_OTHER))
        return cell_put_field(cell, reader);
    cell_set_null(cell);
    return true;
}

static bool put_row(const struct table_consumer *table, struct table_state *state,
                    struct event *event, struct lanes *lanes)
{
    const struct table_columns *columns = table->columns;
    const struct table_column *end = columns->list + columns->count;
    struct cell_place cell = {
        .lanes = lanes,
        .lane = lanes->list,
        .column = columns->list,
        .row = (uint32_t)lanes->payload.mark,
        .is_micro = columns->is_micro,
    };
    for (; cell.column < end; cell.column++, cell.lane++) {
        const bool fine = cell.column->source == SOURCE_FIELD ? put_field(&cell, &state->reader)
                                                              : put_own(table, state, event, &cell);
        if (EVX_UNLIKELY(!fine))
            return false;
    }
    return true;
}

static bool start(const struct table_consumer *table, struct table_state *state,
                  struct event *event, struct lanes *lanes)
{
    const struct table_columns *columns = table->columns;
    if (!lanes_open_row(lanes, columns))
        return fault_memory(&event->decoder->fault);
    EVX_CHECK(lanes->columns == columns);
    lanes->event = event;
    return evaluation_start(&state->evaluation, event) &&
           (columns->has_data_fields ? field_reader_start_settled(&state->reader, event)
                                     : field_reader_start(&state->reader, event)) &&
           (!(state->wants_data | state->wants_others) || data_reader_start(&state->data, event));
}

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    const struct table_consumer *table = (const struct table_consumer *)consumer;
    struct table_state *own = state;
    struct lanes *lanes = (struct lanes *)payload;
    EVX_CHECK(own->evaluation.tree.decoder == event->decoder);
    const bool fine = start(table, own, event, lanes) && put_row(table, own, event, lanes);
    if (EVX_UNLIKELY(!evaluation_end(&own->evaluation) || !fine)) {
        lanes_rewind(payload, payload->mark);
        return TAKEN_FAULT;
    }
    event->way = own->reader.plan ? WAY_COMPILED : WAY_WALKED;
    lanes_close_row(lanes);
    return TAKEN_KEPT;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    const struct table_consumer *table = (const struct table_consumer *)consumer;
    const struct table_columns *columns = table->columns;
    struct table_state *own = state;
    *own = (struct table_state){0};
    evaluation_init(&own->evaluation, &columns->tree, decoder, table->codec);
    field_reader_init(&own->reader, columns->fields, columns->field_count, &own->evaluation,
                      table->field_plans);
    data_reader_init(&own->data, &own->evaluation, decoder, table->data_plans);
    renderer_init(&own->renderer, decoder, table->codec);
    outbuf_init(&own->text, decoder->store->memory);
    for (uint32_t i = 0; i < columns->count; i++) {
        own->wants_data |= columns->list[i].source == SOURCE_EVENT_DATA;
        own->wants_others |= columns->list[i].source == SOURCE_USER_DATA;
    }
}

static void state_destroy(void *state)
{
    struct table_state *own = state;
    struct memory *memory = own->evaluation.tree.decoder->store->memory;
    items_destroy(&own->entries, memory);
    data_reader_destroy(&own->data);
    field_reader_destroy(&own->reader);
    evaluation_destroy(&own->evaluation);
    renderer_destroy(&own->renderer);
    outbuf_destroy(&own->text);
}

struct table_consumer table_consumer(const struct table_columns *columns,
                                     struct query_plans *field_plans, struct plans *data_plans,
                                     struct plans *json_plans, struct plans *xml_plans,
                                     const struct ansi_codec *codec)
{
    static const struct consumer_class class = {
        .name = "table",
        .state_bytes = sizeof(struct table_state),
        .payload_bytes = sizeof(struct lanes),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .payload_init = lanes_init,
        .payload_clear = lanes_clear,
        .payload_destroy = lanes_destroy,
        .take = take,
        .rewind = lanes_rewind,
    };
    return (struct table_consumer){{&class},   columns,   field_plans, data_plans,
                                   json_plans, xml_plans, codec};
}
