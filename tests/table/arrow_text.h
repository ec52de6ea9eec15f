// SPDX-License-Identifier: MIT
// A reader of Arrow arrays for tests: what they hold as lines of text, whatever the batches are. It knows the
// layouts of the library alone, and checks what everybody else would trust.
#ifndef EVX_TABLE_ARROW_TEXT_H
#define EVX_TABLE_ARROW_TEXT_H

#include <evx/arrow.h>

#include "runs.h"

static inline bool arrow_is_null(const struct ArrowArray *array, int64_t row)
{
    const uint8_t *valid = array->buffers[0];
    return valid && !(valid[row / 8] >> (row % 8) & 1);
}

static inline void arrow_put_bytes(struct text *out, const struct ArrowArray *array, int64_t row)
{
    const int32_t *ends = array->buffers[1];
    assert_true(ends[row] >= 0 && ends[row] <= ends[row + 1]);
    const size_t start = out->size;
    text_add_bytes(out, (const char *)array->buffers[2] + ends[row], (size_t)(ends[row + 1] - ends[row]));
    for (size_t i = start; i < out->size; i++)
        if (out->bytes[i] == '\n')
            out->bytes[i] = '\v';
}

static inline void arrow_put(struct text *out, const struct ArrowSchema *schema, const struct ArrowArray *array,
                             int64_t row);

// Items of a list or a map.
static inline void arrow_put_items(struct text *out, const struct ArrowSchema *schema,
                                   const struct ArrowArray *array, int64_t row)
{
    const int32_t *ends = array->buffers[1];
    const struct ArrowArray *items = array->children[0];
    assert_true(ends[row] >= 0 && ends[row] <= ends[row + 1] && ends[row + 1] <= items->length);
    text_add_string(out, "[");
    for (int32_t i = ends[row]; i < ends[row + 1]; i++) {
        if (i > ends[row])
            text_add_string(out, ";");
        if (items->n_children == 0) {
            arrow_put(out, schema->children[0], items, i);
            continue;
        }
        assert_int_equal(items->n_buffers, 1);
        assert_int_equal(items->n_children, 2);
        arrow_put(out, schema->children[0]->children[0], items->children[0], i);
        text_add_string(out, "=");
        arrow_put(out, schema->children[0]->children[1], items->children[1], i);
    }
    text_add_string(out, "]");
}

static inline void arrow_put_number(struct text *out, const struct ArrowArray *array, int64_t row, size_t width)
{
    uint64_t number = 0;
    char text[24];
    memcpy(&number, (const uint8_t *)array->buffers[1] + (size_t)row * width, width);
    snprintf(text, sizeof text, "%llx", (unsigned long long)number);
    text_add_string(out, text);
}

static inline void arrow_put(struct text *out, const struct ArrowSchema *schema, const struct ArrowArray *array,
                             int64_t row)
{
    static const char widths[] = {['c'] = 1, ['C'] = 1, ['s'] = 2, ['S'] = 2, ['i'] = 4,
                                  ['I'] = 4, ['l'] = 8, ['L'] = 8, ['g'] = 8, ['t'] = 8};
    assert_true(row < array->length);
    assert_int_equal(array->offset, 0);
    if (arrow_is_null(array, row)) {
        assert_true(schema->flags & ARROW_FLAG_NULLABLE);
        text_add_string(out, "~");
    } else if (schema->dictionary) {
        const int32_t index = ((const int32_t *)array->buffers[1])[row];
        assert_true(index >= 0 && index < array->dictionary->length);
        arrow_put(out, schema->dictionary, array->dictionary, index);
    } else if (schema->format[0] == '+') {
        arrow_put_items(out, schema, array, row);
    } else if (schema->format[0] == 'u' || schema->format[0] == 'z') {
        arrow_put_bytes(out, array, row);
    } else if (schema->format[0] == 'b') {
        const uint8_t *bits = array->buffers[1];
        text_add_string(out, bits[row / 8] >> (row % 8) & 1 ? "true" : "false");
    } else if (schema->format[0] == 'w') {
        arrow_put_number(out, array, 2 * row, 8);
        arrow_put_number(out, array, 2 * row + 1, 8);
    } else {
        assert_true(widths[(uint8_t)schema->format[0]] > 0);
        arrow_put_number(out, array, row, (size_t)widths[(uint8_t)schema->format[0]]);
    }
}

// The nulls are as many as is said, and buffers are aligned.
static inline void arrow_check(const struct ArrowArray *array)
{
    int64_t nulls = 0;
    assert_non_null(array->release);
    for (int64_t i = 0; array->n_buffers > 0 && i < array->length; i++)
        nulls += arrow_is_null(array, i);
    assert_int_equal(nulls, array->null_count);
    for (int64_t i = 0; i < array->n_buffers; i++)
        assert_int_equal((uintptr_t)array->buffers[i] % 64, 0);
    for (int64_t i = 0; i < array->n_children; i++)
        arrow_check(array->children[i]);
    if (array->dictionary)
        arrow_check(array->dictionary);
}

// A line for each row, its cells between bars.
static inline void arrow_put_rows(struct text *out, const struct ArrowSchema *schema,
                                  const struct ArrowArray *batch)
{
    assert_int_equal(schema->n_children, batch->n_children);
    arrow_check(batch);
    for (int64_t row = 0; row < batch->length; row++) {
        for (int64_t i = 0; i < batch->n_children; i++) {
            assert_int_equal(batch->children[i]->length, batch->length);
            arrow_put(out, schema->children[i], batch->children[i], row);
            text_add_string(out, "|");
        }
        text_add_string(out, "\n");
    }
}

#endif
