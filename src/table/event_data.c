// SPDX-License-Identifier: MIT
#include "table/event_data.h"

#include <string.h>

#include "filter/plan_values.h"
#include "print/number.h"
#include "table/table_cell.h"

enum { SHORT_SID_PARTS = 8, USUAL_VALUE_BYTES = 192 };
_Static_assert(USUAL_VALUE_BYTES >= (int)SHORT_STRING_BYTES &&
                   USUAL_VALUE_BYTES >= 4 + 3 + 1 + 15 + 11 * SHORT_SID_PARTS + NUMBER_SLACK_BYTES,
               "both fit");

struct level {
    struct child_iterator children;
    uint32_t path; // bytes of it that the elements of the level stand behind
};

void data_reader_init(struct data_reader *reader, struct evaluation *evaluation,
                      struct decoder *decoder, struct plans *plans)
{
    *reader = (struct data_reader){
        .evaluation = evaluation,
        .plans = plans,
        .tree = {.decoder = decoder, .repeats_data_roots = true},
    };
    data_names_init(&reader->names, decoder->store->memory);
}

void data_reader_destroy(struct data_reader *reader)
{
    struct memory *memory = reader->tree.decoder->store->memory;
    data_names_destroy(&reader->names);
    list_destroy(&reader->levels, memory, sizeof(struct level));
    memory_release(memory, reader->path.data, reader->path.capacity);
}

// ---- finding ------------------------------------------------------------------------------------

static void aim(struct data_reader *reader, const struct data_plan *plan,
                const struct instance *instance)
{
    const bool is_odd = !plan || plan->kind == DATA_WALK;
    reader->kind = is_odd ? DATA_WALK : (enum data_kind)plan->kind;
    reader->has_others |= is_odd || plan->has_others;
    reader->plan = plan;
    reader->instance = instance;
}

static const struct data_plan *plan_of(struct data_reader *reader, const struct instance *instance,
                                       enum data_context context)
{
    if (EVX_UNLIKELY(!instance->offsets)) // values that had to be cut
        return NULL;
    return data_plan_of(reader->plans, &reader->names, instance->template, context);
}

// The data may be what stands in a hole's value.
static bool look_into(struct data_reader *reader)
{
    const struct instance *nested = NULL;
    switch (nested_instance(reader->event, reader->instance, reader->plan->hole, &nested)) {
    case OUTCOME_FAULT:
        return false;
    case OUTCOME_TRUE:
        aim(reader, plan_of(reader, nested, DATA_NESTED), nested);
        return true;
    case OUTCOME_FALSE:
        reader->kind = DATA_NONE;
        return true;
    case OUTCOME_WALK:
        break;
    }
    aim(reader, NULL, NULL);
    return true;
}

bool data_reader_start(struct data_reader *reader, struct event *event)
{
    const struct instance *instance = event_instance(event);
    reader->event = event;
    reader->has_others = false;
    if (EVX_UNLIKELY(!instance || !reader->plans)) {
        aim(reader, NULL, NULL);
        return true;
    }
    aim(reader, plan_of(reader, instance, DATA_OF_RECORD), instance);
    return reader->kind != DATA_HOLE || look_into(reader);
}

// ---- by plan ------------------------------------------------------------------------------------

// Where the items of the record begin.
struct item_start {
    uint32_t count, keys, texts;
};

static void take_back(struct item_lane *items, struct item_start start)
{
    EVX_CHECK(start.count <= items->count && start.texts <= items->texts.length);
    items->count = start.count;
    items->keys.length = start.keys;
    items->texts.length = start.texts;
}

// A value that is more than a look: OUTCOME_FALSE is null.
static EVX_NOINLINE enum outcome put_odd_value(struct data_reader *reader, struct item_lane *items,
                                               struct memory *memory, uint32_t start,
                                               const struct data_entry *entry,
                                               struct value_view view)
{
    struct subject subject = {
        .value = {.data = view.data, .size = (uint16_t)view.size, .type = (uint8_t)view.type}};
    if (view.type & TYPE_ARRAY) // its items are elements
        return OUTCOME_WALK;
    value_classify(&subject.value);
    if (subject.value.form <= FORM_EMPTY)
        return entry->is_optional ? OUTCOME_FALSE : OUTCOME_TRUE;
    if (subject.value.form == FORM_FRAGMENT)
        return OUTCOME_WALK;
    note_refused_value(reader->tree.decoder, &subject);
    return bytes_put_subject(&items->texts, memory, start, &subject, &reader->evaluation->matcher)
               ? OUTCOME_TRUE
               : OUTCOME_FAULT;
}

// What most values are: short and plain strings, and fixed values. There is room for
// USUAL_VALUE_BYTES.
EVX_INLINE bool put_usual_value(const struct data_reader *reader, struct byte_lane *texts,
                                struct value_view view)
{
    uint8_t *p = texts->data + texts->length, *end = NULL;
    switch (view.type) {
    case TYPE_STRING:
        end = put_short_string(p, view, reader->tree.decoder->chunk->data);
        break;
    case TYPE_U8:
        end = view.size == 1 ? put_u32(p, *view.data) : NULL;
        break;
    case TYPE_U16:
        end = view.size == 2 ? put_u32(p, load_u16(view.data)) : NULL;
        break;
    case TYPE_U32:
        end = view.size == 4 ? put_u32(p, load_u32(view.data)) : NULL;
        break;
    case TYPE_U64:
        end = view.size == 8 ? put_u64(p, load_u64(view.data)) : NULL;
        break;
    case TYPE_HEX32:
        end = view.size == 4 ? put_hex(p, load_u32(view.data)) : NULL;
        break;
    case TYPE_HEX64:
        end = view.size == 8 ? put_hex(p, load_u64(view.data)) : NULL;
        break;
    case TYPE_GUID:
        end = view.size == 16 ? put_guid(p, view.data) : NULL;
        break;
    case TYPE_SID:
        if (view.size >= SID_HEAD_BYTES && view.data[1] <= SHORT_SID_PARTS &&
            view.size == sid_natural_size(view.data))
            end = put_sid(p, view.data);
        break;
    default:
        break;
    }
    if (!end || end == p)
        return false;
    bytes_commit(texts, end);
    return true;
}

EVX_INLINE bool put_usual_entry(const struct data_reader *reader, struct byte_lane *texts,
                                const struct data_entry *entry)
{
    return EVX_LIKELY(entry->hole < reader->instance->value_count) &&
           put_usual_value(reader, texts,
                           event_value(reader->event, reader->instance, entry->hole));
}

// Room for so many usual values.
static bool reserve_usual(struct item_lane *items, struct memory *memory, uint32_t start,
                          uint32_t count)
{
    return bytes_reserve(&items->texts, memory, start, (size_t)count * USUAL_VALUE_BYTES) != NULL;
}

static EVX_NOINLINE enum outcome put_value(struct data_reader *reader, struct item_lane *items,
                                           struct memory *memory, uint32_t start,
                                           const struct data_entry *entry)
{
    if (EVX_UNLIKELY(entry->hole == NO_DATA_HOLE))
        return bytes_put_units(&items->texts, memory, start, entry->units, entry->unit_count)
                   ? OUTCOME_TRUE
                   : OUTCOME_FAULT;
    if (EVX_UNLIKELY(entry->hole >= reader->instance->value_count))
        return OUTCOME_FALSE;
    const struct value_view view = event_value(reader->event, reader->instance, entry->hole);
    if (EVX_LIKELY(view.type == TYPE_STRING && view.size > 0 && view.size % 2 == 0 &&
                   load_u16(view.data) != 0))
        return bytes_put_view(&items->texts, memory, start, view) ? OUTCOME_TRUE : OUTCOME_FAULT;
    return put_odd_value(reader, items, memory, start, entry, view);
}

static bool is_absent(const struct data_reader *reader, const struct data_entry *entry)
{
    const struct instance *instance = reader->instance;
    return entry->dependency != NO_DEPENDENCY && entry->dependency < instance->value_count &&
           view_is_null(event_value(reader->event, instance, entry->dependency));
}

// The keys of all entries at once. False without memory.
static bool put_keys(const struct data_plan *plan, struct item_lane *items, struct memory *memory)
{
    const uint32_t before = items->keys.length;
    EVX_CHECK(items->count + plan->entry_count <= items->capacity);
    uint8_t *p = bytes_reserve(&items->keys, memory, before, plan->keys_size);
    if (!p)
        return false;
    memcpy(p, plan->keys, plan->keys_size);
    bytes_commit(&items->keys, p + plan->keys_size);
    for (uint32_t i = 0; i < plan->entry_count; i++)
        items->key_ends[items->count + i] = before + plan->key_ends[i];
    return true;
}

static bool put_key(const struct data_plan *plan, uint32_t entry, struct item_lane *items,
                    struct memory *memory)
{
    const uint32_t from = entry > 0 ? plan->key_ends[entry - 1] : 0;
    const uint32_t size = plan->key_ends[entry] - from;
    uint8_t *p = bytes_reserve(&items->keys, memory, items->keys.length, size);
    if (!p)
        return false;
    memcpy(p, plan->keys + from, size);
    bytes_commit(&items->keys, p + size);
    items->key_ends[items->count] = items->keys.length;
    return true;
}

static enum outcome put_entries(struct data_reader *reader, struct item_lane *items,
                                struct memory *memory)
{
    const struct data_plan *plan = reader->plan;
    const uint32_t start = items->texts.length;
    if (plan->entry_count == 0)
        return OUTCOME_TRUE;
    if (!items_reserve(items, memory, plan->entry_count) ||
        !reserve_usual(items, memory, start, plan->entry_count) ||
        (plan->is_steady && !put_keys(plan, items, memory)))
        return OUTCOME_FAULT;
    for (uint32_t i = 0; i < plan->entry_count; i++) {
        const struct data_entry *entry = &plan->entries[i];
        if (!plan->is_steady) {
            if (is_absent(reader, entry)) {
                if (plan->has_numbers)
                    return OUTCOME_WALK;
                continue;
            }
            if (!put_key(plan, i, items, memory))
                return OUTCOME_FAULT;
        }
        enum outcome outcome = OUTCOME_TRUE;
        if (!put_usual_entry(reader, &items->texts, entry)) {
            outcome = put_value(reader, items, memory, start, entry);
            if (!reserve_usual(items, memory, start, plan->entry_count - i))
                return OUTCOME_FAULT;
        }
        if (EVX_UNLIKELY(outcome > OUTCOME_TRUE))
            return outcome;
        items->valid[items->count] = outcome == OUTCOME_TRUE;
        items->text_ends[items->count++] = items->texts.length;
    }
    return OUTCOME_TRUE;
}

// ---- by a walk ----------------------------------------------------------------------------------

struct walking {
    struct data_reader *reader;
    struct item_lane *items;
    struct memory *memory;
    struct item_start start;
};

static bool path_put(struct walking *walking, const uint8_t *units, size_t count)
{
    struct byte_lane *path = &walking->reader->path;
    uint8_t *p = bytes_reserve(path, walking->memory, 0, 2 * count + 1);
    if (!p)
        return false;
    memcpy(p, units, 2 * count);
    bytes_commit(path, p + 2 * count);
    return true;
}

// What the first Name attribute that shows says. False: there is none, or *ret_fault.
static bool find_name(struct walking *walking, const struct element *element,
                      struct subject *ret_name, bool *ret_fault)
{
    struct data_reader *reader = walking->reader;
    const uint32_t content = element_node(element)->element.content;
    if (!(element_node(element)->element.name->flags & NAME_IS_DATA))
        return false;
    for (uint32_t i = element->index + 1; i < content; i = element->tape[i].next) {
        if (!(element->tape[i].name->flags & NAME_IS_NAME))
            continue;
        if (subject_of_attribute(&reader->tree, reader->evaluation->matcher.codec,
                                 &reader->evaluation->gathered, element, i, ret_name, ret_fault)) {
            subject_make_text(ret_name, reader->evaluation->matcher.codec,
                              &reader->evaluation->matcher.printed);
            return ret_name->unit_count > 0;
        }
        if (*ret_fault)
            return false;
    }
    return false;
}

// Puts the element's name behind the path. False with the decoder's fault set.
static bool put_name(struct walking *walking, const struct element *element, uint32_t before)
{
    const struct name *own = element_node(element)->element.name;
    struct subject name;
    bool fault = false;
    const uint8_t *units = own->units;
    size_t count = own->unit_count;
    if (find_name(walking, element, &name, &fault)) {
        units = name.units;
        count = name.unit_count;
    }
    walking->reader->path.length = before;
    if (fault)
        return false;
    return ((before == 0 || path_put(walking, (const uint8_t *)".", 1)) &&
            path_put(walking, units, count)) ||
           fault_memory(&walking->reader->tree.decoder->fault);
}

// Whether there is a hole, and nothing came of it.
static bool is_missing(struct walking *walking, const struct element *element, bool *ret_fault)
{
    struct child_iterator children;
    struct child child;
    if (element_node(element)->element.content == element_node(element)->next)
        return false;
    children_start(&children, element);
    const enum child_kind kind = child_next(&walking->reader->tree, &children, &child);
    *ret_fault = kind == CHILD_FAULT;
    return kind == CHILD_END;
}

static bool put_entry(struct walking *walking, const uint8_t *path, uint32_t path_bytes,
                      const struct subject *subject, bool is_null)
{
    struct data_reader *reader = walking->reader;
    struct item_lane *items = walking->items;
    EVX_CHECK(path_bytes % 2 == 0 && items->count <= items->capacity);
    const uint8_t *key;
    uint32_t size;
    note_refused_value(reader->tree.decoder, subject);
    if (!data_names_add(&reader->names, path, path_bytes / 2, &key, &size) ||
        !items_reserve(items, walking->memory, 1))
        return false;
    uint8_t *p = bytes_reserve(&items->keys, walking->memory, walking->start.keys, size);
    if (!p)
        return false;
    memcpy(p, key, size);
    bytes_commit(&items->keys, p + size);
    if (!is_null && !bytes_put_subject(&items->texts, walking->memory, walking->start.texts,
                                       subject, &reader->evaluation->matcher))
        return false;
    items->key_ends[items->count] = items->keys.length;
    items->text_ends[items->count] = items->texts.length;
    items->valid[items->count++] = !is_null;
    return true;
}

static bool push_level(struct walking *walking, const struct element *element)
{
    struct data_reader *reader = walking->reader;
    struct level *level = list_add(&reader->levels, walking->memory, sizeof *level);
    if (!level)
        return fault_memory(&reader->tree.decoder->fault);
    children_start(&level->children, element);
    level->path = reader->path.length;
    return true;
}

// An element in EventData: an entry, or those inside of it. False with the fault set.
static bool put_element(struct walking *walking, const struct element *element, uint32_t path)
{
    struct data_reader *reader = walking->reader;
    struct decoder *decoder = reader->tree.decoder;
    const uint64_t refusals = walking->memory->refusals;
    struct subject subject;
    bool fault = false;
    if (!pay(&reader->tree, element->price) || !put_name(walking, element, path))
        return false;
    if (!subject_of_element(&reader->tree, reader->evaluation->matcher.codec,
                            &reader->evaluation->gathered, element, &subject, &fault))
        return !fault && push_level(walking, element);
    const bool is_empty = subject.is_text && subject.unit_count == 0;
    const bool is_null = is_empty && is_missing(walking, element, &fault);
    if (fault)
        return false;
    return put_entry(walking, reader->path.data, reader->path.length, &subject, is_null) ||
           lane_fault(decoder, refusals);
}

// The text of an EventData without elements.
static bool put_own_text(struct walking *walking, const struct element *data)
{
    static const uint8_t name[] = {'#', 0, 't', 0, 'e', 0, 'x', 0, 't', 0};
    struct data_reader *reader = walking->reader;
    const uint64_t refusals = walking->memory->refusals;
    struct subject subject;
    bool fault = false;
    if (!subject_of_element(&reader->tree, reader->evaluation->matcher.codec,
                            &reader->evaluation->gathered, data, &subject, &fault))
        return !fault;
    return (subject.is_text && subject.unit_count == 0) ||
           put_entry(walking, name, sizeof name, &subject, false) ||
           lane_fault(reader->tree.decoder, refusals);
}

static bool put_children(struct walking *walking, const struct element *data)
{
    struct data_reader *reader = walking->reader;
    reader->levels.count = 0;
    reader->path.length = 0;
    if (!pay(&reader->tree, data->price) || !put_own_text(walking, data) ||
        !push_level(walking, data))
        return false;
    while (reader->levels.count > 0) {
        struct level *level = (struct level *)reader->levels.items + reader->levels.count - 1;
        struct child child;
        switch (child_next(&reader->tree, &level->children, &child)) {
        case CHILD_FAULT:
            return false;
        case CHILD_END:
            reader->levels.count--;
            break;
        case CHILD_PART:
            break;
        case CHILD_ELEMENT:
            if (!put_element(walking, &child.element, level->path))
                return false;
            break;
        }
    }
    return true;
}

static bool walk(struct walking *walking)
{
    struct data_reader *reader = walking->reader;
    const struct fragment *root = &reader->event->root;
    struct child_iterator children;
    struct child child;
    if (root->end == 0)
        return true;
    if (!data_names_start(&reader->names))
        return fault_memory(&reader->tree.decoder->fault);
    const struct element event = element_of_node(root->tape, 0, root->depth);
    reader->tree.nodes = 0;
    children_start(&children, &event);
    for (;;) {
        switch (child_next(&reader->tree, &children, &child)) {
        case CHILD_FAULT:
            return false;
        case CHILD_END:
            return true;
        case CHILD_PART:
            break;
        case CHILD_ELEMENT:
            if (name_is_event_data(element_node(&child.element)->element.name))
                return put_children(walking, &child.element);
            break;
        }
    }
}

bool data_reader_put(struct data_reader *reader, struct item_lane *items, struct memory *memory)
{
    struct walking walking = {
        .reader = reader,
        .items = items,
        .memory = memory,
        .start = {items->count, items->keys.length, items->texts.length},
    };
    const uint64_t refusals = memory->refusals;
    enum outcome outcome = OUTCOME_WALK;
    if (EVX_LIKELY(reader->kind == DATA_ENTRIES))
        outcome = put_entries(reader, items, memory);
    else if (reader->kind == DATA_NONE)
        return true;
    if (EVX_LIKELY(outcome == OUTCOME_TRUE))
        return true;
    if (outcome == OUTCOME_FAULT)
        return lane_fault(reader->tree.decoder, refusals);
    take_back(items, walking.start);
    return walk(&walking);
}
