// SPDX-License-Identifier: MIT
// Values as text of a message: as their types are shown, but for hexadecimal numbers, times, and
// what a template says of them beside their type.
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "emit/message_program.h"
#include "emit/rendering_info.h"
#include "emit/value_text.h"
#include "packs/message_text.h"

enum { VALUE_ROOM_BYTES = 512 };

#define MARK "\xE2\x80\x8E" // left to right: around the parts of a date

static void put_escaped(struct outbuf *out, struct escaped text)
{
    outbuf_append(out, text.bytes, text.size);
}

static bool is_number(struct value_view view, uint64_t *ret)
{
    switch (view.type) {
    case TYPE_U8:
    case TYPE_I8:
        *ret = view.size >= 1 ? *view.data : 0;
        return view.size >= 1;
    case TYPE_U16:
    case TYPE_I16:
        *ret = view.size >= 2 ? load_u16(view.data) : 0;
        return view.size >= 2;
    case TYPE_U32:
    case TYPE_I32:
    case TYPE_HEX32:
    case TYPE_BOOL:
        *ret = view.size >= 4 ? load_u32(view.data) : 0;
        return view.size >= 4;
    case TYPE_U64:
    case TYPE_I64:
    case TYPE_HEX64:
        *ret = view.size >= 8 ? load_u64(view.data) : 0;
        return view.size >= 8;
    case TYPE_SIZE_T:
        if (view.size != 4 && view.size != 8)
            return false;
        *ret = view.size == 4 ? load_u32(view.data) : load_u64(view.data);
        return true;
    default:
        return false;
    }
}

static uint8_t *put_upper_hex(uint8_t *p, uint64_t number)
{
    uint8_t *end = put_hex(p, number);
    for (uint8_t *digit = p + 2; digit < end; digit++)
        *digit = *digit >= 'a' ? (uint8_t)(*digit - 'a' + 'A') : *digit;
    return end;
}

// -------------------------------------------------------------------------------------------- text

// A parameter's text in the place of a reference. False: there is none.
static bool put_parameter(struct outbuf *out, const struct message_list *parameters,
                          uint32_t number, enum text_mode mode)
{
    const struct message_entry *entry = message_list_find(parameters, number);
    if (!entry)
        return false;
    const struct wevt_text text = message_cut_end(entry->text);
    rendering_info_put_text(out, &(struct mta_text){text.units, text.count}, mode);
    return true;
}

static void put_units(struct outbuf *out, const uint8_t *units, size_t count, enum text_mode mode)
{
    uint8_t *p = outbuf_reserve(out, TEXT_EXPANSION_MAX * count + TEXT_SLACK_BYTES);
    outbuf_commit(out, put_string(p, units, count, mode));
}

static void put_text(struct outbuf *out, const struct message_list *parameters,
                     const uint8_t *units, uint32_t count, enum text_mode mode)
{
    uint32_t plain = 0;
    for (uint32_t at = 0; parameters && at + 2 < count && load_u16(units + 2 * (size_t)at) != 0;) {
        uint32_t size = 0;
        const uint32_t number = load_u16(units + 2 * (size_t)at) == '%'
                                    ? message_reference(units + 2 * (size_t)at, count - at, &size)
                                    : 0;
        if (number == 0 || !message_list_find(parameters, number)) {
            at += number ? size : 1;
            continue;
        }
        EVX_CHECK(plain <= at && size <= count - at);
        put_units(out, units + 2 * (size_t)plain, at - plain, mode);
        if (!put_parameter(out, parameters, number, mode))
            return;
        plain = at += size;
    }
    put_units(out, units + 2 * (size_t)plain, count - plain, mode);
}

// A text of the system by number.
static void put_error(struct outbuf *out, const struct message_list *texts, const char *kind,
                      uint32_t number, enum text_mode mode)
{
    if (texts && put_parameter(out, texts, number, mode))
        return;
    outbuf_text(out, "Unknown ");
    outbuf_text(out, kind);
    outbuf_text(out, " Error code: ");
    outbuf_commit(out, put_hex(outbuf_reserve(out, VALUE_ROOM_BYTES), number));
}

// ------------------------------------------------------------------------------------------- times

// `YYYY-MM-DDThh:mm:ss` and whatever stands behind it, with nine digits behind the point.
static void put_time(struct outbuf *out, const uint8_t *text, const uint8_t *end, uint32_t fraction,
                     bool has_marks)
{
    enum { AFTER_DATE = 9, DATE_END = 6 }; // Thh:mm:ss; -MM-DD
    const uint8_t *t = memchr(text, 'T', (size_t)(end - text));
    if (!t || end - t < AFTER_DATE || t - text < DATE_END) {
        outbuf_append(out, text, (size_t)(end - text));
        return;
    }
    const char *mark = has_marks ? MARK : "";
    outbuf_text(out, mark);
    for (const uint8_t *c = text; c < t; c++) {
        if (*c == '-')
            outbuf_text(out, mark);
        outbuf_put(out, (char)*c);
        if (*c == '-')
            outbuf_text(out, mark);
    }
    outbuf_append(out, t, AFTER_DATE);
    char digits[10] = {'.', '0', '0', '0', '0', '0', '0', '0', '0', '0'};
    for (int i = 7; i >= 1; i--, fraction /= 10)
        digits[i] = (char)('0' + fraction % 10);
    outbuf_append(out, digits, sizeof digits);
    outbuf_put(out, 'Z');
}

static bool put_any_time(struct outbuf *out, struct value_view view, bool has_marks)
{
    uint8_t text[NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES];
    struct value value = {
        .data = view.data, .size = (uint16_t)view.size, .type = (uint8_t)view.type};
    value_classify(&value);
    if (value.form == FORM_FILETIME) {
        const uint64_t time = load_u64(view.data);
        put_time(out, text, put_filetime(text, time), (uint32_t)(time % 10000000), has_marks);
    } else if (value.form == FORM_SYSTEMTIME) {
        const uint32_t milliseconds = load_u16(view.data + 14);
        put_time(out, text, put_systemtime(text, view.data), milliseconds % 1000 * 10000,
                 has_marks);
    }
    return value.form == FORM_FILETIME || value.form == FORM_SYSTEMTIME;
}

// --------------------------------------------------------------------------------------- addresses

static uint8_t *put_ipv4(uint8_t *p, const uint8_t *bytes)
{
    for (int i = 0; i < 4; i++) {
        p = put_u32(p, bytes[i]);
        *p++ = '.';
    }
    return p - 1;
}

// The longest run of zero groups, of which a single one is none.
static void find_zeros(const uint8_t *bytes, int *ret_first, int *ret_end)
{
    *ret_first = *ret_end = -1;
    for (int from = 0; from < 8; from++) {
        int to = from;
        while (to < 8 && bytes[2 * to] == 0 && bytes[2 * to + 1] == 0)
            to++;
        if (to - from > 1 && to - from > *ret_end - *ret_first) {
            *ret_first = from;
            *ret_end = to;
        }
    }
}

static uint8_t *put_ipv6(uint8_t *p, const uint8_t *bytes)
{
    int first, end;
    find_zeros(bytes, &first, &end);
    EVX_CHECK(first < 0 ? end < 0 : first + 1 < end && end <= 8);
    const bool is_mapped = first == 0 && end == 5 && bytes[10] == 0xFF && bytes[11] == 0xFF;
    for (int i = 0; i < (is_mapped ? 6 : 8); i++) {
        if (i == first) {
            *p++ = ':';
            *p++ = ':';
            i = end - 1;
            continue;
        }
        if (i > 0 && i != end)
            *p++ = ':';
        uint8_t digits[NUMBER_TEXT_BYTES_MAX];
        const uint8_t *last = put_hex(digits, (uint32_t)bytes[2 * i] << 8 | bytes[2 * i + 1]);
        for (const uint8_t *digit = digits + 2; digit < last; digit++) // behind 0x
            *p++ = *digit;
    }
    if (is_mapped) {
        *p++ = ':';
        p = put_ipv4(p, bytes + 12);
    }
    return p;
}

static bool put_socket(struct outbuf *out, struct value_view view)
{
    enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 23, IPV4_BYTES = 8, IPV6_BYTES = 24 };
    if (view.type != TYPE_BINARY || view.size < IPV4_BYTES)
        return false;
    const unsigned family = load_u16(view.data);
    const unsigned port = (unsigned)view.data[2] << 8 | view.data[3];
    uint8_t *p = outbuf_reserve(out, VALUE_ROOM_BYTES);
    if (family == FAMILY_IPV4) {
        p = put_ipv4(p, view.data + 4);
    } else if (family == FAMILY_IPV6 && view.size >= IPV6_BYTES) {
        *p++ = '[';
        p = put_ipv6(p, view.data + 8);
        *p++ = ']';
    } else {
        return false;
    }
    *p++ = ':';
    outbuf_commit(out, put_u32(p, port));
    return true;
}

// ---------------------------------------------------------------------------------------------
// maps

static const struct message_map_row *find_row(const struct message_map *map, uint64_t number)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (map->rows[i].value == number)
            return &map->rows[i];
    return NULL;
}

static bool put_bits(struct outbuf *out, const struct message_map *map, uint64_t number)
{
    bool has_any = false;
    for (uint32_t i = 0; i < map->count; i++) {
        const uint32_t bits = map->rows[i].value;
        if (bits == 0 ? number != 0 : (number & bits) != bits)
            continue;
        if (has_any)
            outbuf_put(out, ',');
        put_escaped(out, map->rows[i].text);
        has_any = true;
    }
    return has_any;
}

static bool put_mapped(struct outbuf *out, const struct message_op *op, struct value_view view)
{
    uint64_t number;
    if (!is_number(view, &number))
        return false;
    if (op->style == STYLE_BIT_MAP)
        return put_bits(out, op->map, number);
    const struct message_map_row *row = find_row(op->map, number);
    if (row)
        put_escaped(out, row->text);
    return row != NULL;
}

// ------------------------------------------------------------------------------------------ values

// Of the system's numbers and addresses. False: the value is none of these.
static bool put_number_styled(struct outbuf *out, const struct messages *messages,
                              enum message_style style, uint64_t number, enum text_mode mode)
{
    uint8_t *p = outbuf_reserve(out, VALUE_ROOM_BYTES);
    uint8_t bytes[4];
    switch (style) {
    case STYLE_POINTER:
    case STYLE_HEX:
        outbuf_commit(out, put_hex(p, number));
        return true;
    case STYLE_PORT:
        outbuf_commit(out, put_u32(p, (uint32_t)((number & 0xFF) << 8 | (number >> 8 & 0xFF))));
        return true;
    case STYLE_IPV4:
        store_u32(bytes, (uint32_t)number);
        outbuf_commit(out, put_ipv4(p, bytes));
        return true;
    case STYLE_NTSTATUS:
        put_error(out, messages->providers->ntstatus, "NTSTATUS", (uint32_t)number, mode);
        return true;
    case STYLE_WIN32:
        put_error(out, messages->providers->errors, "Win32", (uint32_t)number, mode);
        return true;
    case STYLE_HRESULT:
        put_error(out, messages->providers->errors, "HResult", (uint32_t)number, mode);
        return true;
    default:
        return false;
    }
}

static bool put_styled(struct outbuf *out, const struct messages *messages,
                       enum message_style style, struct value_view view, enum text_mode mode)
{
    uint64_t number;
    if (style == STYLE_PLAIN_TIME)
        return put_any_time(out, view, false);
    if (style == STYLE_SOCKET)
        return put_socket(out, view);
    if (style == STYLE_IPV6) {
        if (view.type != TYPE_BINARY || view.size != 16)
            return false;
        outbuf_commit(out, put_ipv6(outbuf_reserve(out, VALUE_ROOM_BYTES), view.data));
        return true;
    }
    return is_number(view, &number) && put_number_styled(out, messages, style, number, mode);
}

static void put_array(struct renderer *renderer, struct value *array, enum text_mode mode)
{
    note_array(&renderer->tree, array);
    for (uint32_t i = 0; i < array->item_count; i++) {
        struct value item = value_item(array, i);
        if (i > 0)
            outbuf_text(renderer->out, ", ");
        if (item.form != FORM_EMPTY)
            put_value(renderer, &item, mode);
    }
}

static void put_plain(struct renderer *renderer, struct value_view view, enum text_mode mode)
{
    struct outbuf *out = renderer->out;
    struct value value = {
        .data = view.data, .size = (uint16_t)view.size, .type = (uint8_t)view.type};
    value_classify(&value);
    if (view.type == TYPE_SIZE_T) { // in lower case, as elsewhere
        put_value(renderer, &value, mode);
        return;
    }
    switch (value.form) {
    case FORM_NULL:
    case FORM_EMPTY:
    case FORM_FRAGMENT:
        return;
    case FORM_ARRAY:
        put_array(renderer, &value, mode);
        return;
    case FORM_HEX32:
        outbuf_commit(out,
                      put_upper_hex(outbuf_reserve(out, VALUE_ROOM_BYTES), load_u32(view.data)));
        return;
    case FORM_HEX64:
        outbuf_commit(out,
                      put_upper_hex(outbuf_reserve(out, VALUE_ROOM_BYTES), load_u64(view.data)));
        return;
    case FORM_FILETIME:
    case FORM_SYSTEMTIME:
        if (put_any_time(out, view, true))
            return;
        break;
    default:
        break;
    }
    put_value(renderer, &value, mode);
}

// A short string of plain ASCII; NULL: it is something else.
static uint8_t *put_message_string(uint8_t *p, const struct renderer *renderer,
                                   struct value_view view, enum text_mode mode)
{
    const uint8_t *chunk = renderer->decoder->chunk->data;
    const uint32_t count = view.size / 2;
    if (count == 0 || load_u16(view.data) == 0)
        return p;
    if ((view.size & 1) || count > UTF16_PLAIN_UNITS_MAX || view.data < chunk ||
        view.data > chunk + CHUNK_BYTES - UTF16_PLAIN_READ_BYTES)
        return NULL;
    return mode == TEXT_JSON ? utf16_put_plain(p, view.data, count, TEXT_JSON)
                             : utf16_put_plain(p, view.data, count, TEXT_XML);
}

uint8_t *put_usual_message_value(uint8_t *p, const struct renderer *renderer,
                                 const struct addition *addition, const struct message_op *op,
                                 struct value_view view, enum text_mode mode)
{
    if (view.type == TYPE_STRING)
        return addition->parameters ? NULL : put_message_string(p, renderer, view, mode);
    if (op->style > STYLE_POINTER)
        return NULL;
    switch (view.size | view.type << 16) {
    case 1 | TYPE_U8 << 16:
        return put_small(p, *view.data);
    case 2 | TYPE_U16 << 16:
        return put_small(p, load_u16(view.data));
    case 4 | TYPE_U32 << 16:
        return op->style == STYLE_PLAIN ? put_small(p, load_u32(view.data)) : NULL;
    case 4 | TYPE_HEX32 << 16:
        return op->style == STYLE_PLAIN ? put_upper_hex(p, load_u32(view.data))
                                        : put_hex(p, load_u32(view.data));
    case 8 | TYPE_HEX64 << 16:
        return op->style == STYLE_PLAIN ? put_upper_hex(p, load_u64(view.data))
                                        : put_hex(p, load_u64(view.data));
    case 8 | TYPE_SIZE_T << 16:
        return put_hex(p, load_u64(view.data));
    case 16 | TYPE_GUID << 16:
        return put_guid(p, view.data);
    default:
        break;
    }
    if (view.type == TYPE_SID && view.size >= 8 && view.data[1] <= OP_SID_COUNT_MAX &&
        view.size == sid_natural_size(view.data))
        return put_sid(p, view.data);
    return NULL;
}

void put_message_value(struct renderer *renderer, const struct messages *messages,
                       const struct addition *addition, const struct message_op *op,
                       struct value_view view, enum text_mode mode)
{
    struct outbuf *out = renderer->out;
    enum message_style style = op->style;
    if (view.type == TYPE_STRING && !(view.size & 1)) {
        put_text(out, addition->parameters, view.data, view.size / 2, mode);
        return;
    }
    if (style >= STYLE_MAP) {
        if (put_mapped(out, op, view))
            return;
        style = op->otherwise;
    }
    if (style == STYLE_PLAIN || !put_styled(out, messages, style, view, mode))
        put_plain(renderer, view, mode);
}
