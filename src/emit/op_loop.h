// SPDX-License-Identifier: MIT
// What the program loops of the formats share: they keep the end of the output in a register and
// have room for the whole program. OP_ROOM covers a literal's overshoot, the text of every short
// value, and a string of OP_SHORT_UNITS, with quotes; longer things ask for room themselves.
#ifndef EVX_EMIT_OP_LOOP_H
#define EVX_EMIT_OP_LOOP_H

#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "base/load.h"
#include "print/number.h"
#include "emit/renderer.h"
#include "kernels/utf16.h"
#include "kernels/utf16_plain.h"

// Whether this is the loop of the 0.14 dialect (json_program_0_14.c).
#ifdef EVX_PROGRAM_0_14
#define OP_IS_0_14 1
#else
#define OP_IS_0_14 0
#endif

enum {
    LITERAL_STEP_BYTES = 32, // literals are padded by this much
    OP_SHORT_UNITS = 64,
    OP_ROOM_BYTES = 512,
    OP_SID_COUNT_MAX = 15, // sub-authorities of a SID that counts as short
};

_Static_assert(OP_ROOM_BYTES >= TEXT_EXPANSION_MAX * OP_SHORT_UNITS + TEXT_SLACK_BYTES + 2,
               "a short string fits without asking");

enum op_result { OP_NEXT, OP_PUSHED, OP_BAIL, OP_FAULT };

// The output as the loop holds it. There is always room for all of the program's literals and
// OP_ROOM_BYTES for each of its ops, so nothing asks but what may be longer.
struct op_output {
    uint8_t *p;
    size_t room;
};

// False when the record failed: the loop must end.
EVX_INLINE bool op_output_load(struct op_output *output, struct outbuf *out)
{
    outbuf_reserve(out, output->room);
    output->p = out->data + out->length;
    return out->failed == OUTBUF_FINE;
}

EVX_INLINE bool op_output_start(struct op_output *output, struct outbuf *out,
                                const struct program *program)
{
    EVX_CHECK(program->room >= program->op_count * (size_t)OP_ROOM_BYTES);
    output->room = program->room;
    return op_output_load(output, out);
}

// Room for a string of any length and what the loop needs behind it.
EVX_INLINE bool op_output_room(struct op_output *output, struct outbuf *out, size_t size)
{
    EVX_CHECK(size <= RESERVE_BYTES_MAX);
    outbuf_commit(out, output->p);
    outbuf_reserve(out, size + output->room);
    output->p = out->data + out->length;
    return out->failed == OUTBUF_FINE;
}

// Literals are short: copying a fixed number of bytes is cheaper than asking memcpy for the exact
// one.
EVX_INLINE uint8_t *put_literal(uint8_t *p, const uint8_t *literal, uint32_t size)
{
    if (EVX_ABLATE_LITERAL_STEPS) {
        memcpy(p, literal, size);
        return p + size;
    }
    memcpy(p, literal, LITERAL_STEP_BYTES);
    for (uint32_t done = LITERAL_STEP_BYTES; EVX_UNLIKELY(done < size); done += LITERAL_STEP_BYTES)
        memcpy(p + done, literal + done, LITERAL_STEP_BYTES);
    return p + size;
}

// The literal of an op, without the `skip` bytes that the op in front of it leaves out. Where that
// op is a usual one the compiler knows that it leaves out nothing.
EVX_INLINE uint8_t *put_op_literal(uint8_t *p, const struct op *op, uint32_t *skip,
                                   uint32_t *ret_size)
{
    EVX_CHECK(*skip <= op->literal_size);
    const uint8_t *literal = op->literal;
    *ret_size = op->literal_size;
    if (EVX_UNLIKELY(*skip != 0)) {
        literal += *skip;
        *ret_size -= *skip;
        *skip = 0;
    }
    return put_literal(p, literal, *ret_size);
}

EVX_INLINE struct value_view op_value(const struct instance_view *values, const struct op *op)
{
    return view_value(values, op->place);
}

EVX_INLINE bool is_null_hole(const struct instance_view *values, const struct op *op)
{
    const struct value_view value = op_value(values, op);
    return view_is_null(value);
}

enum raw_result {
    RAW_PUT,   // its text is written
    RAW_NULL,  // nothing is written
    RAW_EMPTY, // nothing is written; it is not NULL
    RAW_SLOW,  // nothing is written: the classified table must tell
};

EVX_INLINE uint8_t *put_string(uint8_t *p, const uint8_t *units, size_t count, enum text_mode mode)
{
    switch (mode) {
    case TEXT_XML:
        return utf16_put_xml(p, units, count);
    case TEXT_XML_ATTRIBUTE:
        return utf16_put_xml_attribute(p, units, count);
    case TEXT_JSON:
        return EVX_VARIANT(utf16_put_json)(p, units, count);
    default:
        return utf16_put(p, units, count, mode);
    }
}

EVX_INLINE enum raw_result put_raw_string(struct op_output *output, struct outbuf *out,
                                          struct value_view value, enum text_mode mode)
{
    EVX_CHECK(value.size <= UINT16_MAX);
    size_t count = value.size / 2;
    if (EVX_UNLIKELY(value.size & 1))
        return RAW_SLOW;
    if (count == 0 || load_u16(value.data) == 0)
        return RAW_EMPTY;
    if (EVX_UNLIKELY(count > OP_SHORT_UNITS) &&
        !op_output_room(output, out, TEXT_EXPANSION_MAX * count))
        return RAW_SLOW;
    if (mode == TEXT_JSON)
        *output->p++ = '"';
    output->p = put_string(output->p, value.data, count, mode);
    if (mode == TEXT_JSON)
        *output->p++ = '"';
    return RAW_PUT;
}

// Small numbers are usual, and written without a call.
EVX_INLINE uint8_t *put_small(uint8_t *p, uint32_t value)
{
    if (!EVX_ABLATE_DIGIT_TABLES && EVX_LIKELY(value < 1000))
        return put_below_1000(p, value);
    return put_u32(p, value);
}

// Text of a fixed-size value of a type that is guessed at; NULL: a bool that is a number, or a
// FILETIME that is no time.
EVX_INLINE uint8_t *put_fixed(uint8_t *p, const uint8_t *data, enum op_guess guess)
{
    switch (guess) {
    case GUESS_U8:
        return put_small(p, *data);
    case GUESS_U16:
        return put_small(p, load_u16(data));
    case GUESS_U32:
        return put_small(p, load_u32(data));
    case GUESS_U64:
        return put_u64(p, load_u64(data));
    case GUESS_BOOL:
        return load_u32(data) <= 1 ? put_truth(p, load_u32(data)) : NULL;
    case GUESS_GUID:
        return OP_IS_0_14 ? put_guid_0_14(p, data) : put_guid(p, data);
    case GUESS_FILETIME:
        if (OP_IS_0_14 && filetime_is_time(data))
            return cut_to_microseconds(put_filetime(p, load_u64(data)));
        return EVX_LIKELY(filetime_is_time(data)) ? put_filetime(p, load_u64(data)) : NULL;
    case GUESS_HEX32:
        return put_hex(p, load_u32(data));
    default:
        return put_hex(p, load_u64(data));
    }
}

EVX_INLINE enum op_guess guess_of_type(uint32_t type)
{
    static const uint8_t guesses[] = {
        [TYPE_STRING] = GUESS_STRING, [TYPE_U8] = GUESS_U8,
        [TYPE_U16] = GUESS_U16,       [TYPE_U32] = GUESS_U32,
        [TYPE_U64] = GUESS_U64,       [TYPE_BOOL] = GUESS_BOOL,
        [TYPE_GUID] = GUESS_GUID,     [TYPE_FILETIME] = GUESS_FILETIME,
        [TYPE_SID] = GUESS_SID,       [TYPE_HEX32] = GUESS_HEX32,
        [TYPE_HEX64] = GUESS_HEX64,
    };
    return type < sizeof guesses ? guesses[type] : GUESS_NONE;
}

EVX_INLINE bool guess_is_bare(enum op_guess guess)
{
    return guess >= GUESS_U8 && guess <= GUESS_BOOL;
}

EVX_INLINE uint32_t guess_word(enum op_guess guess)
{
    static const uint32_t words[] = {
        [GUESS_U8] = 1 | TYPE_U8 << 16,
        [GUESS_U16] = 2 | TYPE_U16 << 16,
        [GUESS_U32] = 4 | TYPE_U32 << 16,
        [GUESS_U64] = 8 | TYPE_U64 << 16,
        [GUESS_BOOL] = 4 | TYPE_BOOL << 16,
        [GUESS_GUID] = 16 | TYPE_GUID << 16,
        [GUESS_FILETIME] = 8 | TYPE_FILETIME << 16,
        [GUESS_HEX32] = 4 | TYPE_HEX32 << 16,
        [GUESS_HEX64] = 8 | TYPE_HEX64 << 16,
    };
    return words[guess];
}

EVX_INLINE enum raw_result put_quoted_fixed(struct op_output *output, const uint8_t *data,
                                            enum op_guess guess, enum text_mode mode)
{
    const uint32_t quote = mode == TEXT_JSON && !guess_is_bare(guess);
    if (quote)
        *output->p = '"';
    uint8_t *end = put_fixed(output->p + quote, data, guess);
    if ((guess == GUESS_BOOL || guess == GUESS_FILETIME) && !end)
        return RAW_SLOW;
    if (quote)
        *end = '"';
    output->p = end + quote;
    return RAW_PUT;
}

EVX_INLINE enum raw_result put_raw_sid(struct op_output *output, struct value_view value,
                                       enum text_mode mode)
{
    const uint32_t quote = mode == TEXT_JSON;
    const uint8_t *data = value.data;
    if (value.size < 8 || data[1] > OP_SID_COUNT_MAX || value.size < 8 + 4 * (uint32_t)data[1])
        return RAW_SLOW;
    if (quote)
        *output->p = '"';
    uint8_t *end = put_sid(output->p + quote, data);
    if (quote)
        *end = '"';
    output->p = end + quote;
    return RAW_PUT;
}

// A value that is not what was guessed.
EVX_INLINE enum raw_result put_unguessed(struct op_output *output, struct outbuf *out,
                                         struct value_view value, enum text_mode mode)
{
    if (view_is_null(value))
        return RAW_NULL;
    if (value.type == TYPE_STRING)
        return put_raw_string(output, out, value, mode);
    if (value.type == TYPE_SID)
        return put_raw_sid(output, value, mode);
    enum op_guess guess = guess_of_type(value.type); // of a fixed size, now
    if (guess == GUESS_NONE || guess_word(guess) != (value.size | value.type << 16))
        return RAW_SLOW;
    switch (guess) {
    case GUESS_U8:
        return put_quoted_fixed(output, value.data, GUESS_U8, mode);
    case GUESS_U16:
        return put_quoted_fixed(output, value.data, GUESS_U16, mode);
    case GUESS_U32:
        return put_quoted_fixed(output, value.data, GUESS_U32, mode);
    case GUESS_U64:
        return put_quoted_fixed(output, value.data, GUESS_U64, mode);
    case GUESS_BOOL:
        return put_quoted_fixed(output, value.data, GUESS_BOOL, mode);
    case GUESS_GUID:
        return put_quoted_fixed(output, value.data, GUESS_GUID, mode);
    case GUESS_FILETIME:
        return put_quoted_fixed(output, value.data, GUESS_FILETIME, mode);
    case GUESS_HEX32:
        return put_quoted_fixed(output, value.data, GUESS_HEX32, mode);
    default:
        return put_quoted_fixed(output, value.data, GUESS_HEX64, mode);
    }
}

// Whether a descriptor says a string of 2 to UTF16_PLAIN_UNITS_MAX whole units: an odd size turns
// into a large number, and so does what is smaller, so that one comparison tells.
EVX_INLINE bool is_short_string(uint32_t word)
{
    const uint32_t above = word - (4 | TYPE_STRING << 16);
    return (above >> 1 | above << 31) <= UTF16_PLAIN_UNITS_MAX - 2;
}

// The usual string, which is short and plain. False, with nothing written, for any other one, and
// for one that is empty: its first unit is NUL, which is not plain.
EVX_INLINE bool put_short_string(struct op_output *output, const struct instance_view *values,
                                 uint32_t place, uint32_t word, enum text_mode mode)
{
    const uint32_t quote = mode == TEXT_JSON;
    const uint32_t offset = view_offset(values, place);
    if (EVX_ABLATE_PLAIN_STRINGS || EVX_UNLIKELY(!is_short_string(word)) ||
        EVX_UNLIKELY(offset > CHUNK_BYTES - UTF16_PLAIN_READ_BYTES))
        return false;
    uint8_t *p = output->p + quote;
    uint8_t *end = utf16_put_plain(p, values->chunk + offset, (word & 0xFFFF) / 2, mode);
    if (EVX_UNLIKELY(end == NULL))
        return false;
    if (quote) {
        *output->p = '"';
        *end = '"';
    }
    output->p = end + quote;
    return true;
}

// One value as a scalar of the mode, in JSON quoted unless its type is bare. `guess` and `mode` are
// constants where this is inlined; `unguessed` is put_unguessed of the mode, not inlined.
EVX_INLINE enum raw_result
put_guessed(struct op_output *output, struct outbuf *out, const struct instance_view *values,
            const struct op *op, enum op_guess guess, enum text_mode mode,
            enum raw_result (*unguessed)(struct op_output *, struct outbuf *, struct value_view))
{
    uint32_t word = view_word(values, op->place);
    if (guess != GUESS_NONE && guess != GUESS_STRING && guess != GUESS_SID &&
        EVX_LIKELY(word == guess_word(guess)))
        return put_quoted_fixed(output, view_data(values, op->place), guess, mode);
    if (guess == GUESS_STRING &&
        EVX_LIKELY(put_short_string(output, values, op->place, word, mode)))
        return RAW_PUT;
    const struct value_view value = op_value(values, op);
    if (guess == GUESS_STRING && EVX_LIKELY(value.type == TYPE_STRING))
        return put_raw_string(output, out, value, mode);
    if (guess == GUESS_SID && EVX_LIKELY(value.type == TYPE_SID))
        return put_raw_sid(output, value, mode);
    if (value.type == TYPE_NULL)
        return RAW_NULL;
    // A copy, so that the loop's own stays in registers.
    struct op_output copy = *output;
    enum raw_result result = unguessed(&copy, out, value);
    output->p = copy.p; // the rest stays as it is
    return result;
}

// All guesses of one kind of op: CALL(guess) runs it.
#define OP_CASES(kind, CALL)                                                                       \
    case OP_DISPATCH(kind, GUESS_NONE):                                                            \
        CALL(GUESS_NONE);                                                                          \
    case OP_DISPATCH(kind, GUESS_STRING):                                                          \
        CALL(GUESS_STRING);                                                                        \
    case OP_DISPATCH(kind, GUESS_U8):                                                              \
        CALL(GUESS_U8);                                                                            \
    case OP_DISPATCH(kind, GUESS_U16):                                                             \
        CALL(GUESS_U16);                                                                           \
    case OP_DISPATCH(kind, GUESS_U32):                                                             \
        CALL(GUESS_U32);                                                                           \
    case OP_DISPATCH(kind, GUESS_U64):                                                             \
        CALL(GUESS_U64);                                                                           \
    case OP_DISPATCH(kind, GUESS_BOOL):                                                            \
        CALL(GUESS_BOOL);                                                                          \
    case OP_DISPATCH(kind, GUESS_GUID):                                                            \
        CALL(GUESS_GUID);                                                                          \
    case OP_DISPATCH(kind, GUESS_FILETIME):                                                        \
        CALL(GUESS_FILETIME);                                                                      \
    case OP_DISPATCH(kind, GUESS_HEX32):                                                           \
        CALL(GUESS_HEX32);                                                                         \
    case OP_DISPATCH(kind, GUESS_HEX64):                                                           \
        CALL(GUESS_HEX64);                                                                         \
    case OP_DISPATCH(kind, GUESS_SID):                                                             \
        CALL(GUESS_SID)

#endif
