// SPDX-License-Identifier: MIT
#include "stats/tally.h"

#include <string.h>

#include "base/check.h"
#include "base/error.h"
#include "base/load.h"
#include "container/file_header.h"
#include "fields/template_path.h"
#include "fields/unicode.h"
#include "filter/file_field.h"
#include "filter/match.h"
#include "print/number.h"

enum {
    // A batch with so many groups, or bytes of keys, is handed on.
    BATCH_GROUPS_MAX = 4096,
    BATCH_KEY_BYTES_FULL = 1 << 20,
    BATCH_KEY_BYTES_MAX = 4 << 20,
    PLACES_MAX = 2,
};

#define FILETIME_MAX INT64_C(2650467743999999999) // the end of the year 9999

// ---- keys ---------------------------------------------------------------------------------------
// Of each field 1 + the number of its UTF-16 units, or 0 when it is not there, in 32 bits; and the
// units.

struct key {
    uint32_t size;
    uint32_t field; // where the field begins that is being written
    uint8_t bytes[TALLY_KEY_BYTES_MAX];
};

static void key_begin_field(struct key *key)
{
    EVX_CHECK(key->size + 4 <= TALLY_KEY_BYTES_MAX);
    key->field = key->size;
    memset(key->bytes + key->size, 0, 4);
    key->size += 4;
}

static void key_put(struct key *key, const uint8_t *units, uint32_t count)
{
    static const uint8_t dots[] = ".\0.\0.";
    uint32_t used = (key->size - key->field - 4) / 2;
    uint32_t room = TALLY_VALUE_UNITS_MAX - used;
    uint32_t taken = count < room ? count : room;
    if (taken > 0) // what is empty need not stand anywhere
        memcpy(key->bytes + key->size, units, 2 * (size_t)taken);
    key->size += 2 * taken;
    if (taken < count)
        memcpy(key->bytes + key->size - 6, dots, 6);
    uint32_t stored = 1 + used + taken;
    memcpy(key->bytes + key->field, &stored, 4);
}

static void key_put_number(struct key *key, uint64_t number)
{
    uint8_t text[NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES], units[2 * NUMBER_TEXT_BYTES_MAX];
    uint32_t count = (uint32_t)(put_u64(text, number) - text);
    for (uint32_t i = 0; i < count; i++) {
        units[2 * i] = text[i];
        units[2 * i + 1] = 0;
    }
    key_put(key, units, count);
}

static void key_put_utf8(struct key *key, const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    uint8_t units[4];
    key_put(key, NULL, 0); // it is there, and may be empty
    for (size_t left = strlen(text); left > 0;) {
        uint32_t character;
        size_t taken = utf8_take(at, left, &character);
        if (taken == 0) {
            character = 0xFFFD;
            taken = 1;
        }
        uint32_t above = character - 0x10000;
        bool is_pair = character >= 0x10000;
        store_u16(units, (uint16_t)(is_pair ? 0xD800 + (above >> 10) : character));
        store_u16(units + 2, (uint16_t)(0xDC00 + (above & 0x3FF)));
        key_put(key, units, is_pair ? 2 : 1);
        at += taken;
        left -= taken;
    }
}

bool tally_key_value(const uint8_t *key, size_t *at, const uint8_t **ret_units, uint32_t *ret_count)
{
    uint32_t stored;
    memcpy(&stored, key + *at, 4);
    *ret_units = key + *at + 4;
    *ret_count = stored ? stored - 1 : 0;
    *at += 4 + 2 * (size_t)*ret_count;
    return stored != 0;
}

// ---- plans --------------------------------------------------------------------------------------

struct tally_place {
    enum { TALLY_WALK, TALLY_HOLE, TALLY_LITERAL } kind;
    uint16_t slot;
    uint16_t dependency_count;
    uint16_t dependencies[PATH_STEPS_MAX];
    const uint8_t *units;
    uint32_t unit_count;
};

struct tally_plan {
    struct plan plan;
    struct tally_place places[TALLY_FIELDS_MAX + 1];
};

// The first place has the value; those behind it may only be in the value of a hole, as EventData
// is.
static struct tally_place place_of(const struct template *template, const struct path *path)
{
    struct place places[PLACES_MAX];
    struct tally_place made = {.kind = TALLY_WALK};
    unsigned count = template_path(template, path, places, PLACES_MAX);
    if (count == 0 || count > PLACES_MAX || (count > 1 && places[1].kind != PLACE_NESTED))
        return made;
    const struct place *place = &places[0];
    if (place->kind == PLACE_HOLE) {
        made.kind = TALLY_HOLE;
        made.slot = place->slot;
    } else if (place->kind == PLACE_LITERAL && place->end == place->first + 1 &&
               template->tape[place->first].kind == NODE_TEXT) {
        const struct node *node = &template->tape[place->first];
        struct subject subject = subject_of_units(node->text.units, node->text.count);
        made.kind = TALLY_LITERAL;
        made.units = subject.units;
        made.unit_count = subject.unit_count;
    }
    made.dependency_count = place->dependency_count;
    memcpy(made.dependencies, place->dependencies,
           place->dependency_count * sizeof *place->dependencies);
    return made;
}

struct keeping {
    const struct tally_plan *plan;
    uint32_t count;
};

static struct plan *keep(void *context, struct arena *arena)
{
    const struct keeping *keeping = context;
    struct tally_plan *plan = arena_allocate(arena, sizeof *plan);
    if (!plan)
        return NULL;
    *plan = *keeping->plan;
    for (uint32_t i = 0; i < keeping->count; i++) {
        struct tally_place *place = &plan->places[i];
        if (place->kind != TALLY_LITERAL)
            continue;
        uint8_t *units = arena_allocate(arena, 2 * (size_t)place->unit_count + 1);
        if (!units)
            return NULL;
        memcpy(units, place->units, 2 * (size_t)place->unit_count);
        place->units = units;
    }
    return &plan->plan;
}

static EVX_COLD void make_plan(const struct tally *tally, const struct template *template,
                               struct tally_plan *ret_plan)
{
    *ret_plan = (struct tally_plan){0};
    for (uint32_t i = 0; i <= tally->field_count; i++)
        if (tally->fields[i].has_path)
            ret_plan->places[i] = place_of(template, &tally->fields[i].path);
    struct keeping keeping = {ret_plan, tally->field_count + 1};
    plans_publish(tally->plans, template->number, 0, keep, &keeping); // or it is made again
}

// ---- values -------------------------------------------------------------------------------------

struct tally_state {
    struct evaluation evaluation;
    struct key key;
    struct tally_plan made; // that was not kept
};

// The value in a place that is as simple as nearly all are. False: it has to be walked to.
static bool find_value(const struct tally_place *place, const struct event *event,
                       const struct instance *instance, struct value_view *ret_value)
{
    for (uint32_t i = 0; i < place->dependency_count; i++)
        if (view_is_null(event_value(event, instance, place->dependencies[i])))
            return false;
    if (place->kind == TALLY_HOLE)
        *ret_value = event_value(event, instance, place->slot);
    return place->kind != TALLY_WALK;
}

static bool put_value(struct key *key, const struct tally_place *place,
                      const struct value_view *value)
{
    if (place->kind == TALLY_LITERAL) {
        key_put(key, place->units, place->unit_count);
        return true;
    }
    if (value->type == TYPE_STRING && value->size > 0 && value->size % 2 == 0) {
        struct subject subject = subject_of_units(value->data, value->size / 2);
        key_put(key, subject.units, subject.unit_count);
        return subject.unit_count > 0;
    }
    if (value->type == TYPE_U16 && value->size == 2)
        key_put_number(key, load_u16(value->data));
    else if (value->type == TYPE_U8 && value->size == 1)
        key_put_number(key, *value->data);
    else if (value->type == TYPE_U32 && value->size == 4)
        key_put_number(key, load_u32(value->data));
    else
        return false;
    return true;
}

struct walked {
    struct key *key;
    bool has_some;
};

// Several values are one text, as in a cell of a table.
static bool visit_value(struct evaluation *evaluation, const struct subject *subject, void *visitor)
{
    struct walked *walked = visitor;
    struct subject text = *subject;
    subject_make_text(&text, evaluation->matcher.codec, &evaluation->matcher.printed);
    if (walked->has_some)
        key_put(walked->key, (const uint8_t *)",\0 \0", 2);
    walked->has_some = true;
    key_put(walked->key, text.units, text.unit_count);
    return false;
}

static bool visit_time(struct evaluation *evaluation, const struct subject *subject, void *visitor)
{
    int64_t ticks;
    (void)evaluation;
    if (!subject_time(subject, &ticks))
        return false;
    *(struct time_span *)visitor = (struct time_span){ticks, ticks};
    return true;
}

static bool walk(const struct tally *tally, struct evaluation *evaluation, uint32_t field,
                 visit_subject *visit, void *visitor)
{
    static const struct context record = {.kind = CONTEXT_RECORD};
    const struct field_paths *paths = &tally->fields[field].paths;
    for (uint32_t i = 0; i < paths->count && !evaluation->fault; i++)
        if (evaluate_path(evaluation, tally->tree->steps + paths->paths[i].first_step,
                          paths->paths[i].step_count, &record, true, visit, visitor))
            break;
    return !evaluation->fault;
}

// Of the record's header or the file.
static bool put_file_field(const struct tally *tally, struct tally_state *own,
                           enum file_field of_file, const struct event *event)
{
    const struct record *record = event->record;
    const uint64_t slot = event->decoder->chunk->slot;
    uint8_t time[8];
    key_begin_field(&own->key);
    switch (of_file) {
    case FILE_FIELD_RECORD_ID:
        key_put_number(&own->key, record->id);
        break;
    case FILE_FIELD_CHUNK:
        key_put_number(&own->key, slot);
        break;
    case FILE_FIELD_OFFSET:
        key_put_number(&own->key,
                       slot_offset(slot) + record->offset + event->decoder->chunk->shift);
        break;
    case FILE_FIELD_RECOVERED:
        key_put_utf8(&own->key, record->recovered ? "true" : "false");
        break;
    case FILE_FIELD_SOURCE_FILE:
        if (tally->source)
            key_put_utf8(&own->key, tally->source);
        break;
    case FILE_FIELD_WRITTEN:
    case FILE_FIELD_NONE:
        store_u64(time, record->time);
        struct subject subject = {
            .value = {.data = time, .size = sizeof time, .type = TYPE_FILETIME}};
        value_classify(&subject.value); // not every number is a time
        subject_make_text(&subject, tally->codec, &own->evaluation.matcher.printed);
        key_put(&own->key, subject.units, subject.unit_count);
        break;
    }
    return true;
}

static bool put_field(const struct tally *tally, struct tally_state *own, uint32_t field,
                      const struct event *event, const struct instance *instance,
                      const struct tally_plan *plan)
{
    struct key *key = &own->key;
    struct value_view value = {0};
    if (tally->fields[field].of_file != FILE_FIELD_NONE)
        return put_file_field(tally, own, (enum file_field)tally->fields[field].of_file, event);
    key_begin_field(key);
    if (plan && find_value(&plan->places[field], event, instance, &value) &&
        put_value(key, &plan->places[field], &value))
        return true;
    key->size = key->field;
    key_begin_field(key);
    struct walked walked = {.key = key};
    return walk(tally, &own->evaluation, field, visit_value, &walked);
}

static bool find_time(const struct tally *tally, struct tally_state *own, const struct event *event,
                      const struct instance *instance, const struct tally_plan *plan,
                      struct time_span *ret_span)
{
    struct value_view value = {0};
    *ret_span = NO_TIME;
    if (plan && find_value(&plan->places[tally->field_count], event, instance, &value) &&
        value.type == TYPE_FILETIME && value.size == 8 && load_u64(value.data) <= FILETIME_MAX) {
        int64_t ticks = (int64_t)load_u64(value.data);
        *ret_span = (struct time_span){ticks, ticks};
        return true;
    }
    return walk(tally, &own->evaluation, tally->field_count, visit_time, ret_span);
}

// The plan for an event, or NULL: all is walked.
static const struct tally_plan *plan_of(const struct tally *tally, struct tally_state *own,
                                        const struct instance *instance)
{
    if (!instance || instance->values || !instance->offsets)
        return NULL;
    const struct plan *found = plans_find(tally->plans, instance->template->number, 0);
    if (EVX_LIKELY(found != NULL))
        return (const struct tally_plan *)found;
    if (!plans_have_room(tally->plans, instance->template->number))
        return NULL;
    make_plan(tally, instance->template, &own->made);
    return &own->made;
}

static bool describe(const struct tally *tally, struct tally_state *own, struct event *event,
                     struct time_span *ret_span)
{
    if (!evaluation_start(&own->evaluation, event) || !event_settle(event))
        return false;
    const struct instance *instance = event_instance(event);
    const struct tally_plan *plan = plan_of(tally, own, instance);
    own->key.size = 0;
    for (uint32_t i = 0; i < tally->field_count; i++)
        if (!put_field(tally, own, i, event, instance, plan))
            return false;
    return find_time(tally, own, event, instance, plan, ret_span);
}

// ---- the consumer -------------------------------------------------------------------------------

static enum taken take(const struct consumer *consumer, void *state, struct event *event,
                       struct payload *payload)
{
    struct tally_state *own = state;
    struct tally_payload *counted = (struct tally_payload *)payload;
    struct group one = {.count = 1};
    bool fine = describe((const struct tally *)consumer, own, event, &one.span);
    if (EVX_UNLIKELY(!evaluation_end(&own->evaluation) || !fine))
        return TAKEN_FAULT;
    one.key = own->key.bytes;
    one.key_size = own->key.size;
    one.hash = groups_hash(one.key, one.key_size);
    const struct time_span span = one.span;
    one.span = NO_TIME; // so that what was there before can be kept
    one.count = 0;
    struct group *group = groups_add(&counted->groups, &one);
    if (EVX_UNLIKELY(!group)) {
        fault_memory(&event->decoder->fault);
        return TAKEN_FAULT;
    }
    counted->last = (uint32_t)(group - counted->groups.list);
    counted->last_span = group->span;
    group->count++;
    if (span.first < group->span.first)
        group->span.first = span.first;
    if (span.last > group->span.last)
        group->span.last = span.last;
    payload->mark++;
    payload->is_full = counted->groups.count >= BATCH_GROUPS_MAX ||
                       counted->groups.keys.total >= BATCH_KEY_BYTES_FULL;
    return TAKEN_KEPT;
}

// A group that is new stays, with a count of 0.
static void rewind_to(struct payload *payload, size_t mark)
{
    struct tally_payload *counted = (struct tally_payload *)payload;
    if (payload->mark > mark) {
        EVX_CHECK(payload->mark == mark + 1 && counted->last < counted->groups.count);
        struct group *group = &counted->groups.list[counted->last];
        group->count--;
        group->span = counted->last_span;
    }
    payload->mark = mark;
}

static void state_init(const struct consumer *consumer, void *state, struct decoder *decoder)
{
    const struct tally *tally = (const struct tally *)consumer;
    struct tally_state *own = state;
    evaluation_init(&own->evaluation, tally->tree, decoder, tally->codec);
}

static void state_destroy(void *state)
{
    evaluation_destroy(&((struct tally_state *)state)->evaluation);
}

static void payload_init(struct payload *payload, struct memory *memory)
{
    struct tally_payload *counted = (struct tally_payload *)payload;
    *counted = (struct tally_payload){0};
    groups_init(&counted->groups, memory, BATCH_GROUPS_MAX, BATCH_KEY_BYTES_MAX);
}

static void payload_clear(struct payload *payload)
{
    struct tally_payload *counted = (struct tally_payload *)payload;
    counted->payload = (struct payload){0};
    // Blocks of keys are kept, and so count as used: only a full batch gives them back.
    struct memory *memory = counted->groups.memory;
    if (counted->groups.keys.total >= BATCH_KEY_BYTES_FULL) {
        groups_destroy(&counted->groups);
        groups_init(&counted->groups, memory, BATCH_GROUPS_MAX, BATCH_KEY_BYTES_MAX);
    } else {
        groups_clear(&counted->groups);
    }
}

static void payload_destroy(struct payload *payload)
{
    groups_destroy(&((struct tally_payload *)payload)->groups);
}

// ---- fields -------------------------------------------------------------------------------------

static bool add_units(struct path *path, const struct path_query_step *step,
                      struct path_text *ret_text)
{
    if (step->name_units == 0 || step->name_units > PATH_UNITS_MAX - (uint32_t)path->unit_count)
        return false;
    *ret_text = (struct path_text){path->unit_count, (uint16_t)step->name_units};
    memcpy(path->units + 2 * (size_t)path->unit_count, step->name, 2 * (size_t)step->name_units);
    path->unit_count = (uint16_t)(path->unit_count + step->name_units);
    return true;
}

// The path that a field is in all records. False: it has conditions, or there are several.
static bool plain_path(const struct query_tree *tree, const struct field_paths *paths,
                       struct path *ret_path)
{
    const struct path_query_step *steps = tree->steps + paths->paths[0].first_step;
    const uint32_t count = paths->paths[0].step_count;
    *ret_path = (struct path){0};
    if (paths->count != 1 || count < 2 || count > PATH_STEPS_MAX || steps[0].name_units != 0)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (steps[i].predicates != NO_EXPRESSION || steps[i].is_text)
            return false;
    for (uint32_t i = 1; i < count; i++) {
        struct path_text text;
        if (!add_units(ret_path, &steps[i], &text) || (steps[i].is_attribute && i + 1 < count))
            return false;
        if (steps[i].is_attribute) {
            ret_path->has_attribute = true;
            ret_path->attribute = text;
        } else {
            ret_path->steps[ret_path->step_count++].name = text;
        }
    }
    return true;
}

static bool add_field(struct query_tree *tree, const struct query_text *name,
                      struct tally_field *field, struct query_error *error)
{
    field->of_file = (uint8_t)file_field_of(name);
    if (field->of_file != FILE_FIELD_NONE)
        return true;
    if (!field_name_parse(tree, name, &field->paths, error))
        return false;
    field->has_path = plain_path(tree, &field->paths, &field->path);
    return true;
}

bool tally_init(struct tally *tally, struct query_tree *tree, struct plans *plans,
                const struct ansi_codec *codec, const struct query_text *names, uint32_t count,
                uint32_t *ret_wrong, struct query_error *error)
{
    static const struct consumer_class class = {
        .name = "tally",
        .state_bytes = sizeof(struct tally_state),
        .payload_bytes = sizeof(struct tally_payload),
        .state_init = state_init,
        .state_destroy = state_destroy,
        .payload_init = payload_init,
        .payload_clear = payload_clear,
        .payload_destroy = payload_destroy,
        .take = take,
        .rewind = rewind_to,
    };
    const struct query_text time = query_text_of("TimeCreated", 11);
    *tally = (struct tally){.consumer = {&class}, .tree = tree, .plans = plans, .codec = codec};
    *ret_wrong = count;
    *error = (struct query_error){0};
    if (count > TALLY_FIELDS_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        *ret_wrong = i;
        if (!query_text_check(names[i].bytes, names[i].size, error) ||
            !add_field(tree, &names[i], &tally->fields[i], error))
            return false;
    }
    tally->field_count = count;
    return add_field(tree, &time, &tally->fields[count], error);
}
