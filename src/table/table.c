// SPDX-License-Identifier: MIT
#include "table/table.h"

#include <string.h>

#include "container/file_header.h"
#include "emit/renderer.h"
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

static bool put_json_text(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                          const uint8_t *text, uint32_t size)
{
    uint8_t *p = bytes_reserve(bytes, memory, start, CELL_JSON_BYTES((size_t)size) + 1);
    if (!p)
        return false;
    bytes_commit(bytes, cell_json_string(p, (const char *)text, size));
    return true;
}

static bool put_byte(struct byte_lane *bytes, struct memory *memory, uint32_t start, char byte)
{
    uint8_t *p = bytes_reserve(bytes, memory, start, 1);
    if (!p)
        return false;
    *p = (uint8_t)byte;
    bytes_commit(bytes, p + 1);
    return true;
}

static bool put_null(struct byte_lane *bytes, struct memory *memory, uint32_t start)
{
    uint8_t *p = bytes_reserve(bytes, memory, start, 4);
    if (!p)
        return false;
    memcpy(p, "null", 4);
    bytes_commit(bytes, p + 4);
    return true;
}

// The entries as an object.
static bool put_object(struct byte_lane *bytes, struct memory *memory,
                       const struct item_lane *entries)
{
    const uint32_t start = bytes->length;
    uint32_t key = 0, text = 0;
    bool fine = put_byte(bytes, memory, start, '{');
    for (uint32_t i = 0; i < entries->count && fine; i++) {
        const uint32_t key_end = entries->key_ends[i], text_end = entries->text_ends[i];
        fine = (i == 0 || put_byte(bytes, memory, start, ',')) &&
               put_json_text(bytes, memory, start, entries->keys.data + key, key_end - key) &&
               put_byte(bytes, memory, start, ':') &&
               (entries->valid[i] ? put_json_text(bytes, memory, start, entries->texts.data + text,
                                                  text_end - text)
                                  : put_null(bytes, memory, start));
        key = key_end;
        text = text_end;
    }
    return fine && put_byte(bytes, memory, start, '}');
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
    if (!put_object(&lane->bytes, memory, items))
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
        cell_put_own(cell, slot_offset(slot) + record->offset);
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

// False with the decoder's fault set.
EVX_INLINE bool put_field(const struct cell_place *cell, struct field_reader *reader)
{
    struct value_view view;
    enum cell_result result = CELL_NULL;
    const enum lone_kind kind = field_lone_view(reader, cell->column->field, &view);
    if (EVX_UNLIKELY(kind == LONE_OTHER))
        return cell_put_field(cell, reader);
    if (kind != LONE_NOTHING)
        result = cell_put_view(cell, view);
    switch (result) {
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

static bool put_row(const struct table_consumer *table, struct table_state *state,
                    struct event *event, struct lanes *lanes)
{
    const struct table_columns *columns = table->columns;
    for (uint32_t i = 0; i < columns->count; i++) {
        const struct cell_place cell = {
            .lanes = lanes,
            .lane = &lanes->list[i],
            .column = &columns->list[i],
            .row = (uint32_t)lanes->payload.mark,
            .index = i,
            .is_micro = columns->is_micro,
        };
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
