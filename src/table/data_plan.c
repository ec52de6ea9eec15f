// SPDX-License-Identifier: MIT
#include "table/data_plan.h"

#include <string.h>

#include "base/check.h"
#include "kernels/utf16.h"

enum { ENTRIES_MAX = 4096 };

bool name_is_system(const struct name *name)
{
    return name_equals(name, (const uint8_t *)"S\0y\0s\0t\0e\0m", 6);
}

bool name_is_event_data(const struct name *name)
{
    return name_equals(name, (const uint8_t *)"E\0v\0e\0n\0t\0D\0a\0t\0a", 9);
}

// ---- names --------------------------------------------------------------------------------------

void data_names_init(struct data_names *names, struct memory *memory)
{
    *names = (struct data_names){0};
    key_set_init(&names->set, memory);
    outbuf_init(&names->text, memory);
}

void data_names_destroy(struct data_names *names)
{
    key_set_destroy(&names->set);
    outbuf_destroy(&names->text);
}

bool data_names_start(struct data_names *names)
{
    if (names->set.count > 0)
        key_set_clear(&names->set);
    names->text.length = 0;
    names->has_numbers = false;
    return outbuf_begin_record(&names->text);
}

bool data_names_add(struct data_names *names, const uint8_t *units, size_t count,
                    const uint8_t **ret_key, uint32_t *ret_size)
{
    struct outbuf *out = &names->text;
    const size_t start = out->length;
    EVX_CHECK(start >= out->record_start);
    for (size_t piece; count > 0; units += 2 * piece, count -= piece) {
        piece = count < 1 << 16 ? count : 1 << 16;
        uint8_t *p = outbuf_reserve(out, TEXT_EXPANSION_MAX * piece + TEXT_SLACK_BYTES);
        outbuf_commit(out, utf16_put_raw(p, units, piece));
    }
    const size_t plain = out->length;
    if (out->failed || !key_set_make_unique(&names->set, 1, start, out) || out->failed)
        return false;
    names->has_numbers |= out->length > plain;
    *ret_key = out->data + start;
    *ret_size = (uint32_t)(out->length - start);
    return true;
}

// ---- compiling ----------------------------------------------------------------------------------

struct compiling {
    struct data_plan plan;
    struct data_names *names;
    const struct template *template;
    struct memory *memory;
    struct data_entry *entries;
    uint32_t *key_ends; // behind the entries
    bool failed;
};

static bool walk(struct compiling *compiling)
{
    compiling->plan.kind = DATA_WALK;
    return false;
}

// All that the nodes are: nothing, a text or a hole. False: something else.
static bool lone_content(const struct node *tape, uint32_t first, uint32_t end,
                         struct data_entry *entry)
{
    entry->hole = NO_DATA_HOLE;
    if (first == end)
        return true;
    const struct node *node = &tape[first];
    if (node->next != end)
        return false;
    if (node->kind == NODE_TEXT) {
        entry->units = node->text.units;
        entry->unit_count = node->text.count;
        return true;
    }
    if (node->kind != NODE_HOLE || node->slot == NO_DATA_HOLE)
        return false;
    entry->hole = node->slot;
    entry->is_optional = node->flags & NODE_OPTIONAL;
    return true;
}

// The name of an element's entry. False: only a walk can tell.
static bool entry_name(const struct node *tape, uint32_t element, const uint8_t **ret_units,
                       uint32_t *ret_count)
{
    const struct node *node = &tape[element];
    const struct name *name = node->element.name;
    *ret_units = name->units;
    *ret_count = name->unit_count;
    bool is_named = false;
    for (uint32_t i = element + 1; i < node->element.content; i = tape[i].next) {
        struct data_entry part = {0};
        if (tape[i].kind != NODE_ATTRIBUTE || !lone_content(tape, i + 1, tape[i].next, &part) ||
            part.hole != NO_DATA_HOLE)
            return false;
        const bool is_name = name->flags & NAME_IS_DATA && tape[i].name->flags & NAME_IS_NAME;
        if (is_named || !is_name || tape[i].next == i + 1)
            continue;
        is_named = true;
        if (part.unit_count == 0)
            continue;
        *ret_units = part.units;
        *ret_count = part.unit_count;
    }
    return true;
}

static bool add_entry(struct compiling *compiling, uint32_t element)
{
    const struct node *tape = compiling->template->tape, *node = &tape[element];
    struct data_plan *plan = &compiling->plan;
    struct data_entry entry = {.dependency = node->slot};
    const uint8_t *units, *key;
    uint32_t count, size;
    if (node->kind != NODE_ELEMENT || plan->entry_count == ENTRIES_MAX ||
        !entry_name(tape, element, &units, &count) ||
        !lone_content(tape, node->element.content, node->next, &entry))
        return walk(compiling);
    if (!data_names_add(compiling->names, units, count, &key, &size)) {
        compiling->failed = true;
        return false;
    }
    plan->is_steady &= entry.dependency == NO_DEPENDENCY;
    compiling->key_ends[plan->entry_count] = (uint32_t)compiling->names->text.length;
    compiling->entries[plan->entry_count++] = entry;
    return true;
}

// The children of EventData, at `element`.
static void compile_data(struct compiling *compiling, uint32_t element)
{
    const struct node *tape = compiling->template->tape, *node = &tape[element];
    struct data_plan *plan = &compiling->plan;
    plan->kind = DATA_ENTRIES;
    plan->is_steady = true;
    plan->entry_count = 0;
    if (node->slot != NO_DEPENDENCY || node->flags & NODE_HAS_HOLES) {
        walk(compiling);
        return;
    }
    for (uint32_t i = node->element.content; i < node->next; i = tape[i].next)
        if (!add_entry(compiling, i))
            return;
}

static void compile_record(struct compiling *compiling)
{
    const struct node *tape = compiling->template->tape;
    struct data_plan *plan = &compiling->plan;
    bool has_data = false;
    for (uint32_t i = tape->element.content; i < tape->next; i = tape[i].next) {
        const bool is_element = tape[i].kind == NODE_ELEMENT;
        const bool is_hole = tape[i].kind == NODE_HOLE && tape[i].slot != NO_DATA_HOLE;
        if (is_element && name_is_system(tape[i].element.name))
            continue;
        const bool is_data = is_element && name_is_event_data(tape[i].element.name);
        if (is_element && !is_data) {
            plan->has_others = true;
            continue;
        }
        if ((!is_data && !is_hole) || has_data) {
            walk(compiling);
            return;
        }
        has_data = true;
        plan->kind = DATA_HOLE;
        plan->hole = tape[i].slot;
        if (is_data)
            compile_data(compiling, i);
        if (plan->kind == DATA_WALK || compiling->failed)
            return;
    }
}

static void compile(struct compiling *compiling, enum data_context context)
{
    const struct node *root = compiling->template->tape;
    EVX_CHECK(root->kind == NODE_ELEMENT && compiling->template->node_count > 0);
    if (root->slot != NO_DEPENDENCY)
        walk(compiling);
    else if (context == DATA_OF_RECORD)
        compile_record(compiling);
    else if (name_is_event_data(root->element.name))
        compile_data(compiling, 0);
    else
        compiling->plan.has_others = true;
}

static struct plan *keep(void *context, struct arena *arena)
{
    const struct compiling *compiling = context;
    const struct data_plan *made = &compiling->plan;
    const size_t entries_bytes = made->entry_count * sizeof *made->entries;
    struct data_plan *plan = arena_allocate(arena, sizeof *plan);
    struct data_entry *entries = arena_allocate(arena, entries_bytes + 1);
    const size_t ends_bytes = made->entry_count * sizeof *made->key_ends;
    uint32_t *key_ends = arena_allocate(arena, ends_bytes + 1);
    uint8_t *keys = arena_allocate(arena, made->keys_size + 1);
    if (!plan || !entries || !key_ends || !keys)
        return NULL;
    *plan = *made;
    if (entries_bytes > 0) {
        memcpy(entries, compiling->entries, entries_bytes);
        memcpy(key_ends, compiling->key_ends, ends_bytes);
    }
    if (made->keys_size > 0)
        memcpy(keys, compiling->names->text.data, made->keys_size);
    plan->entries = entries;
    plan->key_ends = key_ends;
    plan->keys = keys;
    return &plan->plan;
}

const struct data_plan *data_plan_make(struct plans *plans, struct data_names *names,
                                       const struct template *template, enum data_context context)
{
    struct compiling compiling = {
        .plan.plan.context = context,
        .names = names,
        .template = template,
        .memory = plans->memory,
    };
    struct plan *plan = NULL;
    const size_t bytes = ENTRIES_MAX * (sizeof *compiling.entries + sizeof *compiling.key_ends);
    if (!plans_have_room(plans, template->number) || !data_names_start(names))
        return NULL;
    EVX_CHECK(template->is_shared); // texts stay where they are
    compiling.entries = memory_allocate(plans->memory, bytes);
    if (!compiling.entries)
        return NULL;
    compiling.key_ends = (uint32_t *)(compiling.entries + ENTRIES_MAX);
    compile(&compiling, context);
    struct data_plan *made = &compiling.plan;
    if (made->kind != DATA_ENTRIES)
        made->entry_count = 0;
    made->has_numbers = names->has_numbers;
    made->keys_size = made->entry_count > 0 ? compiling.key_ends[made->entry_count - 1] : 0;
    if (!compiling.failed)
        plan = plans_publish(plans, template->number, context, keep, &compiling);
    memory_release(plans->memory, compiling.entries, bytes);
    return (const struct data_plan *)plan;
}
