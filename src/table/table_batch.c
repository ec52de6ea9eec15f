// SPDX-License-Identifier: MIT
#include "table/table_batch.h"

#include <string.h>

#include "base/load.h"

enum {
    CLASSES_PER_COLUMN = 5,
    NAMES_BYTES_MAX = 8 << 20, // a dictionary that is larger begins anew
};

enum class { CLASS_OWN, CLASS_ENTRIES, CLASS_KEYS, CLASS_TEXTS, CLASS_NAMES };

static uint32_t class_of(uint32_t column, enum class class)
{
    return 1 + CLASSES_PER_COLUMN * column + class;
}

static struct strip strip_of(const struct table_column *column, uint32_t class)
{
    struct strip strip = {.class = class, .width = sizeof(uint32_t)};
    if (column->is_dictionary)
        return strip;
    strip.has_bytes = column->layout == LAYOUT_TEXT || column->layout == LAYOUT_BINARY;
    strip.has_ends = layout_is_nested(column->layout);
    if (layout_is_fixed(column->layout))
        strip.width = column->layout == LAYOUT_BOOL ? 0 : column->width;
    return strip;
}

bool table_batch_init(struct table_batch *batch, const struct table_columns *columns,
                      struct lifeline *lifeline, size_t rows_max, size_t bytes_max)
{
    struct memory *memory = lifeline->memory;
    *batch = (struct table_batch){
        .columns = columns, .rows_max = rows_max, .bytes_max = bytes_max, .growth = 1};
    batch->pool = arrow_pool_create(lifeline, 1 + CLASSES_PER_COLUMN * columns->count);
    if (!batch->pool)
        return false;
    batch->list = memory_allocate_zeroed(memory, columns->count * sizeof *batch->list);
    for (uint32_t i = 0; batch->list && i < columns->count; i++) {
        struct batch_column *column = &batch->list[i];
        column->own = strip_of(&columns->list[i], class_of(i, CLASS_OWN));
        const struct strip items = {.width = sizeof(uint32_t), .has_bytes = true};
        column->keys = column->texts = items;
        column->keys.class = class_of(i, CLASS_KEYS);
        column->texts.class = class_of(i, CLASS_TEXTS);
        name_store_init(&column->names, batch->pool, class_of(i, CLASS_NAMES));
    }
    return batch->list != NULL;
}

void table_batch_destroy(struct table_batch *batch)
{
    if (!batch->pool)
        return;
    struct memory *memory = arrow_pool_lifeline(batch->pool)->memory;
    for (uint32_t i = 0; batch->list && i < batch->columns->count; i++) {
        struct batch_column *column = &batch->list[i];
        strip_drop(&column->own);
        strip_drop(&column->keys);
        strip_drop(&column->texts);
        name_store_destroy(&column->names);
        memory_release(memory, column->indexes, column->index_capacity * sizeof(uint32_t));
    }
    if (batch->list)
        memory_release(memory, batch->list, batch->columns->count * sizeof *batch->list);
    arrow_pool_close(batch->pool);
}

// ---- adding -------------------------------------------------------------------------------------

// Where what belongs to rows [from, to) begins and ends.
struct span {
    uint32_t first, end;
};

static struct span span_of(const uint32_t *ends, uint32_t from, uint32_t to)
{
    return (struct span){from > 0 ? ends[from - 1] : 0, to > 0 ? ends[to - 1] : 0};
}

static bool add_texts(const struct table_batch *batch, struct strip *strip,
                      const struct byte_lane *bytes, const uint32_t *ends, const uint8_t *valid,
                      struct span rows)
{
    const struct span span = span_of(ends, rows.first, rows.end);
    const uint32_t count = rows.end - rows.first;
    if (!strip_reserve(strip, batch->pool, count, span.end - span.first, batch->growth))
        return false;
    strip_put_ends(strip, ends + rows.first, valid ? valid + rows.first : NULL, count, span.first,
                   (uint32_t)strip->bytes);
    strip_put_bytes(strip, bytes->data + span.first, span.end - span.first);
    return true;
}

static bool add_items(const struct table_batch *batch, struct batch_column *column,
                      const struct lane *lane, struct span rows, bool has_keys)
{
    const struct item_lane *items = lane->items;
    const struct span span = span_of(lane_ends(lane), rows.first, rows.end);
    struct strip *own = &column->own;
    if (!strip_reserve(own, batch->pool, rows.end - rows.first, 0, batch->growth) ||
        !strip_reserve(&column->texts, batch->pool, span.end - span.first, 0, batch->growth) ||
        (has_keys &&
         !strip_reserve(&column->keys, batch->pool, span.end - span.first, 0, batch->growth)))
        return false;
    strip_put_ends(own, lane_ends(lane) + rows.first, lane->valid + rows.first,
                   rows.end - rows.first, span.first, column->texts.count);
    if (span.first == span.end)
        return true;
    return (!has_keys ||
            add_texts(batch, &column->keys, &items->keys, items->key_ends, NULL, span)) &&
           add_texts(batch, &column->texts, &items->texts, items->text_ends, items->valid, span);
}

// The index of one of the unit's names in the dictionary; UINT32_MAX without memory.
static EVX_NOINLINE uint32_t look_up(struct batch_column *column, const struct lane *lane,
                                     uint32_t index)
{
    const struct unit_name *name = &lane->names->list[index];
    EVX_CHECK(index < lane->names->count);
    column->indexes[index] =
        name_store_find(&column->names, lane->bytes.data + name->start, name->size);
    return column->indexes[index];
}

static bool open_indexes(const struct table_batch *batch, struct batch_column *column,
                         uint32_t count)
{
    struct memory *memory = arrow_pool_lifeline(batch->pool)->memory;
    if (count > column->index_capacity) {
        uint32_t *indexes = memory_allocate(memory, (size_t)count * 2 * sizeof *indexes);
        if (!indexes)
            return false;
        memory_release(memory, column->indexes, column->index_capacity * sizeof *indexes);
        column->indexes = indexes;
        column->index_capacity = 2 * count;
    }
    if (count > 0)
        memset(column->indexes, 0xFF, count * sizeof *column->indexes);
    return true;
}

static bool add_names(const struct table_batch *batch, struct batch_column *column,
                      const struct lane *lane, struct span rows)
{
    const uint32_t count = rows.end - rows.first;
    const uint32_t *names = lane_ends(lane) + rows.first;
    const uint8_t *valid = lane->valid + rows.first;
    if (!open_indexes(batch, column, lane->names->count) ||
        !strip_reserve(&column->own, batch->pool, count, 0, batch->growth))
        return false;
    // The names of a unit become indexes in place: there are as many.
    uint32_t *to = (uint32_t *)(void *)strip_values(&column->own) + column->own.count;
    strip_put_fixed(&column->own, (const uint8_t *)names, valid, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!valid[i])
            continue;
        uint32_t index = column->indexes[names[i]];
        if (EVX_UNLIKELY(index == UINT32_MAX))
            index = look_up(column, lane, names[i]);
        if (EVX_UNLIKELY(index == UINT32_MAX))
            return false;
        to[i] = index;
    }
    return true;
}

// The same text for each row.
static bool add_path(const struct table_batch *batch, struct batch_column *column, uint32_t count)
{
    struct strip *own = &column->own;
    const size_t size = batch->path_size;
    uint32_t index = 0;
    if (!strip_reserve(own, batch->pool, count, own->has_bytes ? count * size : 0, batch->growth))
        return false;
    if (!own->has_bytes) {
        index = name_store_find(&column->names, (const uint8_t *)batch->path, (uint32_t)size);
        if (index == UINT32_MAX)
            return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!own->has_bytes) {
            strip_put_fixed(own, (const uint8_t *)&index, NULL, 1);
            continue;
        }
        const uint32_t end = (uint32_t)size;
        strip_put_ends(own, &end, NULL, 1, 0, (uint32_t)own->bytes);
        strip_put_bytes(own, (const uint8_t *)batch->path, size);
    }
    return true;
}

static bool add_column(struct table_batch *batch, uint32_t index, const struct lane *lane,
                       struct span rows)
{
    const struct table_column *wanted = &batch->columns->list[index];
    struct batch_column *column = &batch->list[index];
    if (wanted->source == SOURCE_PATH)
        return add_path(batch, column, rows.end - rows.first);
    if (wanted->is_dictionary)
        return add_names(batch, column, lane, rows);
    if (layout_is_nested(wanted->layout))
        return add_items(batch, column, lane, rows, wanted->layout != LAYOUT_TEXTS);
    if (!layout_is_fixed(wanted->layout))
        return add_texts(batch, &column->own, &lane->bytes, lane_ends(lane), lane->valid, rows);
    if (!strip_reserve(&column->own, batch->pool, rows.end - rows.first, 0, batch->growth))
        return false;
    strip_put_fixed(&column->own, lane->fixed + (size_t)rows.first * wanted->width,
                    lane->valid + rows.first, rows.end - rows.first);
    return true;
}

bool table_batch_add(struct table_batch *batch, const struct lanes *lanes, uint32_t from,
                     uint32_t to)
{
    EVX_CHECK(from <= to && to <= lanes->payload.mark &&
              to - from <= batch->rows_max - batch->rows);
    if (from == to)
        return true;
    for (uint32_t i = 0; i < batch->columns->count; i++)
        if (!add_column(batch, i, &lanes->list[i], (struct span){from, to}))
            return false;
    batch->rows += to - from;
    EVX_CHECK(batch->list[0].own.count == batch->rows);
    return true;
}

static size_t strip_size(const struct strip *strip)
{
    return (size_t)strip->count * (strip->width ? strip->width : 1) + strip->bytes;
}

bool table_batch_is_full(const struct table_batch *batch)
{
    size_t size = 0;
    if (batch->rows >= batch->rows_max)
        return true;
    for (uint32_t i = 0; i < batch->columns->count; i++) {
        const struct batch_column *column = &batch->list[i];
        size += strip_size(&column->own) + strip_size(&column->keys) + strip_size(&column->texts);
        if (batch->columns->list[i].is_dictionary &&
            name_store_bytes(&column->names) > batch->bytes_max)
            return true;
    }
    return size >= batch->bytes_max;
}

// ---- giving -------------------------------------------------------------------------------------

static void release_array(struct ArrowArray *array)
{
    if (array->release)
        array->release(array);
}

// An array without values must have buffers all the same.
static bool give_strip(struct table_batch *batch, struct strip *strip, struct ArrowArray *ret_array)
{
    if (!strip_reserve(strip, batch->pool, 0, 0, 1))
        return false;
    strip_give(strip, ret_array);
    return true;
}

static void add_children(struct ArrowArray *array, unsigned count)
{
    struct arrow_block *block = array->private_data;
    for (unsigned i = 0; i < count; i++) {
        block->children[i].release = NULL;
        block->pointers[i] = &block->children[i];
    }
    array->n_children = count;
    array->children = block->pointers;
}

static bool give_entries(struct table_batch *batch, struct batch_column *column, uint32_t class,
                         struct ArrowArray *ret_array)
{
    struct arrow_block *block = arrow_block_take(batch->pool, class, 0);
    if (!block)
        return false;
    arrow_array_init(ret_array, block, column->texts.count, 0, 1);
    add_children(ret_array, 2);
    return give_strip(batch, &column->keys, ret_array->children[0]) &&
           give_strip(batch, &column->texts, ret_array->children[1]);
}

static bool give_column(struct table_batch *batch, uint32_t index, struct ArrowArray *ret_array)
{
    const struct table_column *wanted = &batch->columns->list[index];
    struct batch_column *column = &batch->list[index];
    if (!give_strip(batch, &column->own, ret_array))
        return false;
    if (wanted->is_dictionary) {
        struct arrow_block *block = ret_array->private_data;
        block->dictionary.release = NULL;
        ret_array->dictionary = &block->dictionary;
        return name_store_export(&column->names, &block->dictionary);
    }
    if (!layout_is_nested(wanted->layout))
        return true;
    add_children(ret_array, 1);
    if (wanted->layout == LAYOUT_TEXTS)
        return give_strip(batch, &column->texts, ret_array->children[0]);
    return give_entries(batch, column, class_of(index, CLASS_ENTRIES), ret_array->children[0]);
}

bool table_batch_take(struct table_batch *batch, struct ArrowArray *ret_array)
{
    const uint32_t count = batch->columns->count;
    EVX_CHECK(batch->rows > 0 && batch->rows <= batch->rows_max);
    struct arrow_block *block = arrow_block_take(
        batch->pool, 0, count * (sizeof(struct ArrowArray) + sizeof(struct ArrowArray *)));
    if (!block)
        return false;
    struct ArrowArray array;
    struct ArrowArray *children = (struct ArrowArray *)(void *)block->data;
    arrow_array_init(&array, block, batch->rows, 0, 1);
    array.children = (struct ArrowArray **)(children + count);
    array.n_children = count;
    for (uint32_t i = 0; i < count; i++) {
        children[i].release = NULL;
        array.children[i] = &children[i];
    }
    bool fine = true;
    for (uint32_t i = 0; i < count && fine; i++)
        fine = give_column(batch, i, &children[i]);
    if (!fine) {
        release_array(&array);
        return false;
    }
    batch->rows = 0;
    for (uint32_t i = 0; i < count; i++)
        if (batch->columns->list[i].is_dictionary &&
            name_store_bytes(&batch->list[i].names) > NAMES_BYTES_MAX)
            name_store_restart(&batch->list[i].names);
    *ret_array = array;
    return true;
}
