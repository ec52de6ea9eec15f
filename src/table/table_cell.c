// SPDX-License-Identifier: MIT
#include "table/table_cell.h"

#include <string.h>

#include "filter/reading.h"
#include "kernels/utf16.h"
#include "print/fixed_value.h"

enum { PIECE_UNITS = 1 << 16 };

// ---- text ---------------------------------------------------------------------------------------

// Units of the next piece: a pair stays whole.
static size_t piece_of(const uint8_t *units, size_t count)
{
    if (count <= PIECE_UNITS)
        return count;
    bool is_split = (load_u16(units + 2 * (PIECE_UNITS - 1)) & 0xFC00) == 0xD800;
    return PIECE_UNITS - is_split;
}

bool bytes_put_units(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                     const uint8_t *units, size_t count)
{
    while (count > 0) {
        const size_t piece = piece_of(units, count);
        uint8_t *p =
            bytes_reserve(bytes, memory, start, TEXT_EXPANSION_MAX * piece + TEXT_SLACK_BYTES);
        if (!p)
            return false;
        bytes_commit(bytes, utf16_put_raw(p, units, piece));
        units += 2 * piece;
        count -= piece;
    }
    return true;
}

static bool put_fixed(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                      const struct value *value)
{
    const size_t room = value->form == FORM_SID ? (size_t)FIXED_TEXT_BYTES_MAX
                                                : NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES;
    uint8_t *p = bytes_reserve(bytes, memory, start, room);
    if (!p)
        return false;
    bytes_commit(bytes, put_fixed_value(p, value));
    return true;
}

bool bytes_put_subject(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                       const struct subject *subject, struct matcher *matcher)
{
    if (!subject->is_text && subject->value.form >= FORM_F32)
        return put_fixed(bytes, memory, start, &subject->value);
    struct subject text = *subject;
    subject_make_text(&text, matcher->codec, &matcher->printed);
    return bytes_put_units(bytes, memory, start, text.units, text.unit_count);
}

bool bytes_put_view(struct byte_lane *bytes, struct memory *memory, uint32_t start,
                    struct value_view view)
{
    if (EVX_LIKELY(view.type == TYPE_STRING)) {
        const size_t count = view.size / 2;
        if (EVX_UNLIKELY(view.size % 2 != 0))
            return false;
        uint8_t *p =
            bytes_reserve(bytes, memory, start, TEXT_EXPANSION_MAX * count + TEXT_SLACK_BYTES);
        if (EVX_UNLIKELY(!p))
            return false;
        bytes_commit(bytes, utf16_put_raw(p, view.data, count));
        return true;
    }
    struct value value = {
        .data = view.data, .size = (uint16_t)view.size, .type = (uint8_t)view.type};
    if (view.type & TYPE_ARRAY)
        return false;
    value_classify(&value);
    return value.form >= FORM_F32 && put_fixed(bytes, memory, start, &value);
}

void note_refused_value(struct decoder *decoder, const struct subject *subject)
{
    const struct value *value = &subject->value;
    enum note_kind kind;
    if (!subject->is_text && value->form == FORM_HEX && value_damage(value, &kind))
        decoder_note_value(decoder, kind, value->data, value->type, value->size, value->size);
}

bool lane_fault(struct decoder *decoder, uint64_t refusals)
{
    if (decoder->store->memory->refusals != refusals)
        return fault_memory(&decoder->fault);
    return fault_of(&decoder->fault, FAULT_LIMIT_OUTPUT);
}

// ---- numbers ------------------------------------------------------------------------------------

struct integer {
    uint64_t bits;
    bool is_negative;
};

// False: the value is of another kind, or its size is none of its type.
EVX_INLINE bool integer_of_view(struct value_view view, struct integer *ret)
{
    const uint8_t *data = view.data;
    *ret = (struct integer){0, false};
    if (view.size != value_type_width((uint8_t)view.type))
        return false;
    switch (view.type) {
    case TYPE_U8:
        ret->bits = *data;
        return true;
    case TYPE_U16:
        ret->bits = load_u16(data);
        return true;
    case TYPE_U32:
    case TYPE_HEX32:
        ret->bits = load_u32(data);
        return true;
    case TYPE_U64:
    case TYPE_HEX64:
    case TYPE_FILETIME:
        ret->bits = load_u64(data);
        return true;
    case TYPE_I8:
        ret->bits = (uint64_t)(int64_t)(int8_t)*data;
        break;
    case TYPE_I16:
        ret->bits = (uint64_t)(int64_t)(int16_t)load_u16(data);
        break;
    case TYPE_I32:
    case TYPE_BOOL:
        ret->bits = (uint64_t)(int64_t)(int32_t)load_u32(data);
        break;
    case TYPE_I64:
        ret->bits = load_u64(data);
        break;
    default:
        return false;
    }
    ret->is_negative = ret->bits >> 63;
    return true;
}

static bool fits(const struct table_column *column, struct integer number)
{
    const unsigned bits = 8u * column->width;
    if (bits == 64)
        return true;
    if (column->is_unsigned)
        return !number.is_negative && number.bits >> bits == 0;
    const int64_t limit = INT64_C(1) << (bits - 1);
    return number.is_negative ? (int64_t)number.bits >= -limit : number.bits < (uint64_t)limit;
}

EVX_INLINE enum cell_result put_integer(const struct cell_place *cell, struct integer number)
{
    const unsigned width = cell->column->width;
    uint8_t *to = cell->lane->fixed + (size_t)cell->row * width;
    if (EVX_UNLIKELY(!fits(cell->column, number)))
        return CELL_UNFIT;
    switch (width) { // little-endian, as Arrow has it here
    case 1:
        *to = (uint8_t)number.bits;
        break;
    case 2:
        store_u16(to, (uint16_t)number.bits);
        break;
    case 4:
        store_u32(to, (uint32_t)number.bits);
        break;
    default:
        EVX_CHECK(width == 8);
        store_u64(to, number.bits);
        break;
    }
    cell->lane->valid[cell->row] = 1;
    return CELL_PUT;
}

void cell_put_own(const struct cell_place *cell, uint64_t number)
{
    put_integer(cell, (struct integer){number, false});
}

static void note_unfit(const struct cell_place *cell, uint8_t type)
{
    struct lanes *lanes = cell->lanes;
    EVX_CHECK(lanes->event && cell->row == lanes->payload.mark);
    struct unfit *unfit = list_add(&lanes->unfit, lanes->memory, sizeof *unfit);
    if (unfit) // else it is only not told
        *unfit = (struct unfit){.row = cell->row,
                                .column = (uint32_t)(cell->lane - lanes->list),
                                .type = type,
                                .chunk = lanes->event->decoder->chunk->slot,
                                .record = *lanes->event->record};
}

void cell_refuse(const struct cell_place *cell, uint8_t type)
{
    note_unfit(cell, type);
    cell_set_null(cell);
}

// One that is neither 0 nor 1 is true, and told.
static enum cell_result put_bool(const struct cell_place *cell, struct integer number, bool is_bool)
{
    if (number.bits > 1 && !is_bool)
        return CELL_UNFIT;
    if (number.bits > 1)
        note_unfit(cell, TYPE_BOOL);
    cell->lane->fixed[cell->row] = number.bits != 0;
    cell->lane->valid[cell->row] = 1;
    return CELL_PUT;
}

static enum cell_result put_real(const struct cell_place *cell, double number)
{
    memcpy(cell->lane->fixed + (size_t)cell->row * 8, &number, sizeof number);
    cell->lane->valid[cell->row] = 1;
    return CELL_PUT;
}

// From the order of a log, whose first three parts are little-endian.
static enum cell_result put_guid_bytes(const struct cell_place *cell, const uint8_t *guid)
{
    static const uint8_t order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t *to = cell->lane->fixed + (size_t)cell->row * 16;
    EVX_CHECK(cell->column->width == sizeof order);
    for (size_t i = 0; i < sizeof order; i++)
        to[i] = guid[order[i]];
    cell->lane->valid[cell->row] = 1;
    return CELL_PUT;
}

// ---- a look at one value ------------------------------------------------------------------------

// Literals of templates may have a GUID in capitals.
static EVX_NOINLINE void lower_guid(struct byte_lane *bytes, uint32_t start)
{
    for (uint32_t i = start; i < bytes->length; i++)
        if (bytes->data[i] >= 'A' && bytes->data[i] <= 'F')
            bytes->data[i] = (uint8_t)(bytes->data[i] + ('a' - 'A'));
}

static enum cell_result put_name(const struct cell_place *cell, struct value_view view)
{
    struct lane *lane = cell->lane;
    struct unit_name name = {.raw = view.data, .raw_size = view.size, .type = (uint8_t)view.type};
    uint32_t index = names_find(lane, view.data, view.size, name.type, &name.hash);
    if (EVX_UNLIKELY(index == NAME_UNKNOWN)) {
        name.start = lane->bytes.length;
        if (!bytes_put_view(&lane->bytes, cell->lanes->memory, name.start, view))
            return CELL_SLOW;
        if (cell->column->is_guid)
            lower_guid(&lane->bytes, name.start);
        name.size = lane->bytes.length - name.start;
        index = name.size > 0 ? names_add(lane, cell->lanes->memory, &name) : NAME_UNKNOWN;
        if (index == NAME_UNKNOWN)
            return CELL_SLOW;
    }
    lane_ends(lane)[cell->row] = index;
    lane->valid[cell->row] = 1;
    return CELL_PUT;
}

static enum cell_result put_text(const struct cell_place *cell, struct value_view view)
{
    struct lane *lane = cell->lane;
    if (lane->names)
        return put_name(cell, view);
    const uint32_t start = lane->bytes.length;
    if (EVX_UNLIKELY(!bytes_put_view(&lane->bytes, cell->lanes->memory, start, view)))
        return CELL_SLOW;
    if (EVX_UNLIKELY(lane->bytes.length == start))
        return CELL_NULL;
    if (cell->column->is_guid)
        lower_guid(&lane->bytes, start);
    lane_ends(lane)[cell->row] = lane->bytes.length;
    lane->valid[cell->row] = 1;
    return CELL_PUT;
}

enum cell_result cell_put_view(const struct cell_place *cell, struct value_view view)
{
    struct integer number;
    if (EVX_UNLIKELY(view.size == 0 || view.type == TYPE_NULL))
        return view.type & TYPE_ARRAY ? CELL_SLOW : CELL_NULL;
    switch ((enum column_layout)cell->column->layout) {
    case LAYOUT_INT:
        return integer_of_view(view, &number) ? put_integer(cell, number) : CELL_SLOW;
    case LAYOUT_TIME:
        return view.type == TYPE_FILETIME && view.size == 8 && filetime_is_time(view.data)
                   ? cell_put_time(cell, (int64_t)load_u64(view.data))
                   : CELL_SLOW;
    case LAYOUT_TEXT:
        return put_text(cell, view);
    case LAYOUT_BOOL:
        return view.type != TYPE_FILETIME && integer_of_view(view, &number)
                   ? put_bool(cell, number, view.type == TYPE_BOOL)
                   : CELL_SLOW;
    case LAYOUT_GUID:
        return view.type == TYPE_GUID && view.size == 16 ? put_guid_bytes(cell, view.data)
                                                         : CELL_SLOW;
    case LAYOUT_FLOAT:
    case LAYOUT_BINARY:
    case LAYOUT_MAP:
    case LAYOUT_PAIRS:
    case LAYOUT_TEXTS:
        break;
    }
    return CELL_SLOW;
}

// ---- values of any kind -------------------------------------------------------------------------

static struct reading_text reading_of(const struct subject *subject)
{
    return reading_trim(reading_of_units(subject->units, subject->unit_count));
}

static enum cell_result put_number_text(const struct cell_place *cell, const struct subject *text)
{
    struct literal_number number;
    if (!reading_number(reading_of(text), &number))
        return CELL_UNFIT;
    if (cell->column->layout == LAYOUT_FLOAT)
        return put_real(cell, number.real);
    if (!number.is_integer || (number.is_negative && number.integer > INT64_MAX))
        return CELL_UNFIT;
    const struct integer integer = {number.is_negative ? 0 - number.integer : number.integer,
                                    number.is_negative && number.integer != 0};
    return put_integer(cell, integer);
}

static enum cell_result put_time_text(const struct cell_place *cell, const struct subject *text)
{
    int64_t ticks;
    return subject_time(text, &ticks) ? cell_put_time(cell, ticks) : CELL_UNFIT;
}

static enum cell_result put_guid_text(const struct cell_place *cell, const struct subject *text)
{
    uint8_t guid[16];
    return reading_guid(reading_of(text), guid) ? put_guid_bytes(cell, guid) : CELL_UNFIT;
}

static enum cell_result put_bool_text(const struct cell_place *cell, const struct subject *text)
{
    bool truth;
    return reading_truth(reading_of(text), &truth)
               ? put_bool(cell, (struct integer){truth, false}, true)
               : CELL_UNFIT;
}

// Text in a column of something else.
static enum cell_result put_reading(const struct cell_place *cell, const struct subject *text)
{
    if (reading_of(text).count == 0)
        return CELL_NULL;
    switch (cell->column->layout) {
    case LAYOUT_INT:
    case LAYOUT_FLOAT:
        return put_number_text(cell, text);
    case LAYOUT_BOOL:
        return put_bool_text(cell, text);
    case LAYOUT_TIME:
        return put_time_text(cell, text);
    case LAYOUT_GUID:
        return put_guid_text(cell, text);
    default:
        return CELL_UNFIT;
    }
}

static enum cell_result put_float_value(const struct cell_place *cell, const struct value *value)
{
    struct integer number;
    float f32;
    double f64;
    switch (value->form) {
    case FORM_F32:
        memcpy(&f32, value->data, sizeof f32);
        return put_real(cell, f32);
    case FORM_F64:
        memcpy(&f64, value->data, sizeof f64);
        return put_real(cell, f64);
    default:
        if (value->form < FORM_HEX32 ||
            !integer_of_view((struct value_view){value->data, value->size, value->type}, &number))
            return CELL_UNFIT;
        return put_real(cell,
                        number.is_negative ? (double)(int64_t)number.bits : (double)number.bits);
    }
}

static enum cell_result put_bytes(const struct cell_place *cell, const uint8_t *data, size_t size)
{
    struct byte_lane *bytes = &cell->lane->bytes;
    uint8_t *p = bytes_reserve(bytes, cell->lanes->memory, bytes->length, size + 1);
    if (!p)
        return CELL_FAULT;
    memcpy(p, data, size);
    bytes_commit(bytes, p + size);
    lane_ends(cell->lane)[cell->row] = bytes->length;
    cell->lane->valid[cell->row] = 1;
    return CELL_PUT;
}

// A value, in a column that holds no text.
static enum cell_result put_typed(const struct cell_place *cell, struct matcher *matcher,
                                  const struct subject *subject)
{
    const struct value *value = &subject->value;
    struct subject text = *subject;
    if (subject->is_text || value->form == FORM_STRING || value->form == FORM_ANSI) {
        subject_make_text(&text, matcher->codec, &matcher->printed);
        return put_reading(cell, &text);
    }
    if (cell->column->layout == LAYOUT_FLOAT)
        return put_float_value(cell, value);
    if (cell->column->layout == LAYOUT_TIME)
        return value->form == FORM_FILETIME || value->form == FORM_SYSTEMTIME
                   ? put_time_text(cell, subject)
                   : CELL_UNFIT;
    if (cell->column->layout == LAYOUT_BINARY)
        return value->type == TYPE_BINARY ? put_bytes(cell, value->data, value->size) : CELL_UNFIT;
    if (value->form == FORM_HEX)
        return CELL_UNFIT;
    const enum cell_result result =
        cell_put_view(cell, (struct value_view){value->data, value->size, value->type});
    return result == CELL_SLOW ? CELL_UNFIT : result;
}

// ---- all values of a field ----------------------------------------------------------------------

struct gathering {
    const struct cell_place *cell;
    struct decoder *decoder;
    uint32_t count; // values
    uint32_t start; // of the lane's bytes, or items
    uint8_t type;   // of the first
    enum cell_result result;
};

static bool put_item(struct lane *lane, struct memory *memory, uint32_t first,
                     const struct subject *subject, struct matcher *matcher)
{
    struct item_lane *items = lane->items;
    const uint32_t start = first > 0 ? items->text_ends[first - 1] : 0;
    if (!items_reserve(items, memory, 1) ||
        !bytes_put_subject(&items->texts, memory, start, subject, matcher))
        return false;
    items->text_ends[items->count] = items->texts.length;
    items->valid[items->count++] = 1;
    return true;
}

static bool join_text(struct lane *lane, struct memory *memory, uint32_t start, uint32_t number,
                      const struct subject *subject, struct matcher *matcher)
{
    struct byte_lane *bytes = &lane->bytes;
    if (number > 1) {
        uint8_t *p = bytes_reserve(bytes, memory, start, 2);
        if (!p)
            return false;
        memcpy(p, ", ", 2);
        bytes_commit(bytes, p + 2);
    }
    return bytes_put_subject(bytes, memory, start, subject, matcher);
}

static bool visit_value(struct evaluation *evaluation, const struct subject *subject, void *visitor)
{
    struct gathering *gathering = visitor;
    const struct cell_place *cell = gathering->cell;
    struct lane *lane = cell->lane;
    struct memory *memory = cell->lanes->memory;
    bool fine = true;
    note_refused_value(gathering->decoder, subject);
    if (gathering->count++ == 0)
        gathering->type = subject->is_text ? TYPE_STRING : subject->value.type;
    if (lane->items)
        fine = put_item(lane, memory, gathering->start, subject, &evaluation->matcher);
    else if (cell->column->layout == LAYOUT_TEXT)
        fine = join_text(lane, memory, gathering->start, gathering->count, subject,
                         &evaluation->matcher);
    else if (gathering->count == 1)
        gathering->result = put_typed(cell, &evaluation->matcher, subject);
    else
        gathering->result = CELL_UNFIT; // which of them would it be?
    if (!fine)
        gathering->result = CELL_FAULT;
    return gathering->result == CELL_FAULT;
}

static void forget(struct gathering *gathering)
{
    struct lane *lane = gathering->cell->lane;
    EVX_CHECK(lane->items ? gathering->start <= lane->items->count
                          : gathering->start <= lane->bytes.length);
    gathering->count = 0;
    gathering->result = CELL_NULL;
    if (lane->items) {
        lane->items->count = gathering->start;
        lane->items->texts.length =
            gathering->start > 0 ? lane->items->text_ends[gathering->start - 1] : 0;
    } else {
        lane->bytes.length = gathering->start;
    }
}

// The text behind `start` is a name.
static enum cell_result end_name(const struct cell_place *cell, uint32_t start)
{
    struct lane *lane = cell->lane;
    struct unit_name name = {
        .type = NAME_TYPE_TEXT, .start = start, .size = lane->bytes.length - start};
    name.raw_size = name.size;
    uint32_t index =
        names_find_slow(lane, lane->bytes.data + start, name.size, name.type, &name.hash);
    if (index == NAME_UNKNOWN)
        index = names_add(lane, cell->lanes->memory, &name);
    else
        lane->bytes.length = start;
    if (index == NAME_UNKNOWN)
        return CELL_FAULT;
    lane_ends(lane)[cell->row] = index;
    lane->valid[cell->row] = 1;
    return CELL_PUT;
}

// What the values that were gathered come to; an empty one alone is none.
static enum cell_result end_gathering(struct gathering *gathering)
{
    const struct cell_place *cell = gathering->cell;
    struct lane *lane = cell->lane;
    if (gathering->result == CELL_FAULT)
        return CELL_FAULT;
    if (lane->items) {
        const uint32_t start =
            gathering->start > 0 ? lane->items->text_ends[gathering->start - 1] : 0;
        if (gathering->count <= 1 && lane->items->texts.length == start) {
            forget(gathering);
            return CELL_NULL;
        }
        lane_ends(lane)[cell->row] = lane->items->count;
    } else if (cell->column->layout == LAYOUT_TEXT) {
        if (lane->bytes.length == gathering->start)
            return CELL_NULL;
        if (cell->column->is_guid)
            lower_guid(&lane->bytes, gathering->start);
        if (lane->names)
            return end_name(cell, gathering->start);
        lane_ends(lane)[cell->row] = lane->bytes.length;
    } else {
        return gathering->result;
    }
    lane->valid[cell->row] = 1;
    return CELL_PUT;
}

bool cell_put_field(const struct cell_place *cell, struct field_reader *reader)
{
    struct decoder *decoder = reader->evaluation->tree.decoder;
    const uint64_t refusals = decoder->store->memory->refusals;
    const uint32_t unfit = (uint32_t)cell->lanes->unfit.count;
    struct gathering gathering = {
        .cell = cell,
        .decoder = decoder,
        .start = cell->lane->items ? cell->lane->items->count : cell->lane->bytes.length,
        .result = CELL_NULL,
    };
    enum outcome outcome = field_look(reader, cell->column->field, visit_value, &gathering);
    if (outcome == OUTCOME_FAULT)
        return false;
    if (outcome == OUTCOME_WALK && gathering.result != CELL_FAULT) {
        forget(&gathering);
        cell->lanes->unfit.count = unfit;
        if (!field_walk(reader, cell->column->field, visit_value, &gathering))
            return false;
    }
    switch (end_gathering(&gathering)) {
    case CELL_PUT:
        return true;
    case CELL_FAULT:
        return lane_fault(decoder, refusals);
    case CELL_UNFIT:
        if (!layout_is_fixed(cell->column->layout))
            cell->lane->bytes.length = gathering.start;
        cell_refuse(cell, gathering.type);
        return true;
    case CELL_NULL:
    case CELL_SLOW:
        break;
    }
    cell_set_null(cell);
    return true;
}
