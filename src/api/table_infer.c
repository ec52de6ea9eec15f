// SPDX-License-Identifier: MIT
#include "api/table_infer.h"

#include <string.h>
#include <strings.h>

#include "api/template_pass.h"
#include "base/check.h"
#include "base/error.h"
#include "base/list.h"
#include "table/usual_types.h"

enum { NAMES_MAX = 8192, SLOTS = 2 * NAMES_MAX, NAMES_BYTES_MAX = 16 << 20 };

// What a value can be in a column.
enum kind {
    KIND_INTEGER = 1,
    KIND_BOOL = 2,
    KIND_TIME = 4,
    KIND_FLOAT = 8,
    KIND_BINARY = 16,
    KIND_TEXT = 32
};

struct inferred {
    const char *name, *path, *declared;
    unsigned kinds; // enum kind
    uint64_t templates, uses;
};

struct inferring {
    struct memory *memory;
    struct arena texts;
    struct list list;      // struct inferred
    uint16_t slots[SLOTS]; // 1 + index; 0: free
    bool failed;           // no memory
};

static bool inferring_init(struct inferring **ret, struct memory *memory)
{
    struct inferring *inferring = memory_allocate_zeroed(memory, sizeof *inferring);
    if (!inferring)
        return false;
    inferring->memory = memory;
    arena_init(&inferring->texts, memory, 64 << 10, NAMES_BYTES_MAX);
    *ret = inferring;
    return true;
}

static void inferring_destroy(struct inferring *inferring)
{
    arena_destroy(&inferring->texts);
    list_destroy(&inferring->list, inferring->memory, sizeof(struct inferred));
    memory_release(inferring->memory, inferring, sizeof *inferring);
}

static struct inferred *at(const struct inferring *inferring, size_t index)
{
    return (struct inferred *)inferring->list.items + index;
}

static unsigned kind_of(const char *declared)
{
    static const struct {
        const char *type;
        enum kind kind;
    } kinds[] = {
        {"i8", KIND_INTEGER},    {"u8", KIND_INTEGER},      {"i16", KIND_INTEGER},
        {"u16", KIND_INTEGER},   {"i32", KIND_INTEGER},     {"u32", KIND_INTEGER},
        {"i64", KIND_INTEGER},   {"u64", KIND_INTEGER},     {"size", KIND_INTEGER},
        {"hex32", KIND_INTEGER}, {"hex64", KIND_INTEGER},   {"bool", KIND_BOOL},
        {"filetime", KIND_TIME}, {"systemtime", KIND_TIME}, {"f32", KIND_FLOAT},
        {"f64", KIND_FLOAT},     {"binary", KIND_BINARY},   {"null", 0},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(declared, kinds[i].type) == 0)
            return kinds[i].kind;
    return KIND_TEXT;
}

static evx_table_type type_of(unsigned kinds)
{
    switch (kinds) {
    case KIND_INTEGER:
    case KIND_INTEGER | KIND_BOOL:
        return EVX_TABLE_INT64;
    case KIND_BOOL:
        return EVX_TABLE_BOOL;
    case KIND_TIME:
        return EVX_TABLE_TIME;
    case KIND_FLOAT:
        return EVX_TABLE_FLOAT64;
    case KIND_BINARY:
        return EVX_TABLE_BINARY;
    default:
        return EVX_TABLE_TEXT;
    }
}

// ---- names --------------------------------------------------------------------------------------

// Where the name is, or would be; half of the slots are free.
static uint16_t *slot_of(struct inferring *inferring, const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *p = name; *p; p++)
        hash = (hash ^ (uint8_t)*p) * 16777619u;
    for (uint32_t place = hash % SLOTS;; place = (place + 1) % SLOTS) {
        uint16_t *slot = &inferring->slots[place];
        if (*slot == 0 || strcmp(at(inferring, *slot - 1u)->name, name) == 0)
            return slot;
    }
}

static const char *keep(struct inferring *inferring, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *kept = arena_allocate(&inferring->texts, size);
    return kept ? memcpy(kept, text, size) : NULL;
}

// NULL when there is no room.
static struct inferred *find(struct inferring *inferring, const char *name,
                             const evx_template_field *field)
{
    uint16_t *slot = slot_of(inferring, name);
    if (*slot != 0)
        return at(inferring, *slot - 1u);
    if (inferring->list.count == NAMES_MAX)
        return NULL;
    const uint64_t refusals = inferring->memory->refusals;
    struct inferred made = {
        keep(inferring, name), keep(inferring, field->path), keep(inferring, field->type), 0, 0, 0};
    struct inferred *inferred = NULL;
    if (made.name && made.path && made.declared)
        inferred = list_add(&inferring->list, inferring->memory, sizeof *inferred);
    if (!inferred) {
        inferring->failed |= inferring->memory->refusals != refusals;
        return NULL;
    }
    *inferred = made;
    *slot = (uint16_t)inferring->list.count;
    return inferred;
}

// What people call the field; NULL: it is none of data.
static const char *name_of(const evx_template_field *field)
{
    if (strchr(field->path, '@') && !field->name)
        return NULL;
    if (strncmp(field->path, "EventData/", 10) == 0)
        return field->name                    ? field->name
               : strstr(field->path, "/Data") ? NULL
                                              : strrchr(field->path, '/') + 1;
    if (strncmp(field->path, "UserData/", 9) != 0)
        return NULL;
    return field->name ? field->name : strrchr(field->path, '/') + 1;
}

static int visit_template(void *context, const evx_template_info *info)
{
    struct inferring *inferring = context;
    for (size_t i = 0; i < info->field_count; i++) {
        const evx_template_field *field = info->fields[i];
        const char *name = name_of(field);
        struct inferred *inferred = name ? find(inferring, name, field) : NULL;
        if (!inferred)
            continue;
        inferred->kinds |= kind_of(field->type);
        inferred->templates++;
        inferred->uses += info->uses;
    }
    return inferring->failed;
}

// ---- looking ------------------------------------------------------------------------------------

// All records of one chunk, by its place in the order of reading; EVX_NONE: of all.
static evx_status list_chunk(struct listing *listing, struct evx_reader *pass, uint64_t place,
                             uint64_t *chunk, evx_error *error)
{
    evx_template_totals totals = {0};
    evx_status status;
    if (place != EVX_NONE) {
        pass->in_chunk = false;
        pass->next_index = place;
    }
    do
        status = template_pass_next(listing, pass, &totals, chunk, error);
    while (status == EVX_OK && (place == EVX_NONE || pass->next_index <= place + 1));
    return status == EVX_END ? EVX_OK : status;
}

static evx_status list_chunks(struct listing *listing, struct evx_reader *reader,
                              evx_table_infer_mode mode, evx_error *error)
{
    uint64_t chunk = EVX_NONE;
    struct evx_reader pass = template_pass_start(reader);
    evx_status status = EVX_OK;
    if (mode == EVX_TABLE_INFER_FEW)
        status = reader_start_pass(&pass, false, error);
    if (status == EVX_OK && mode == EVX_TABLE_INFER_FEW && pass.slot_count > 3) {
        const uint64_t last = pass.slot_count - 1, places[] = {0, last / 2, last};
        for (size_t i = 0; i < sizeof places / sizeof *places && status == EVX_OK; i++)
            status = list_chunk(listing, &pass, places[i], &chunk, error);
    } else if (status == EVX_OK) {
        status = list_chunk(listing, &pass, EVX_NONE, &chunk, error);
    }
    template_pass_end(reader, &pass);
    return status;
}

static evx_status look(struct inferring *inferring, struct evx_reader *reader,
                       evx_table_infer_mode mode, evx_error *error)
{
    struct memory *memory = inferring->memory;
    struct listing *listing = memory_allocate(memory, sizeof *listing);
    if (!listing) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    listing_init(listing, memory);
    evx_status status = list_chunks(listing, reader, mode, error);
    if (status == EVX_OK && listing_visit(listing, visit_template, inferring) != EVX_OK) {
        error_set(error, EVX_ERR_MEMORY);
        status = EVX_ERR_MEMORY;
    }
    listing_destroy(listing);
    memory_release(memory, listing, sizeof *listing);
    return status;
}

// ---- types of fields ----------------------------------------------------------------------------

// Whether a field is that of a path, whatever stands between its parts.
static bool is_path(const char *field, const char *path)
{
    while (*field && (*field == *path || (*field == '.' && *path == '/')))
        field++, path++;
    return *field == '\0' && *path == '\0';
}

static bool is_meant(const char *field, const struct inferred *inferred, bool any_case)
{
    if (any_case)
        return strcasecmp(field, inferred->name) == 0;
    return strcmp(field, inferred->name) == 0 || is_path(field, inferred->path);
}

static evx_table_type find_type(const struct inferring *inferring, const char *field)
{
    if (strncmp(field, "EventData.", 10) == 0)
        field += 10;
    unsigned kinds = 0;
    for (int any_case = 0; any_case < 2 && kinds == 0; any_case++)
        for (size_t i = 0; i < inferring->list.count; i++)
            if (is_meant(field, at(inferring, i), any_case))
                kinds |= at(inferring, i)->kinds;
    return kinds ? type_of(kinds) : usual_type(field);
}

static bool is_wanted(const evx_table_options *known)
{
    for (size_t i = 0; i < known->field_count; i++)
        if (known->fields[i].type == EVX_TABLE_AUTO)
            return known->infer != EVX_TABLE_INFER_NONE;
    return false;
}

// What cannot be read says nothing; only lack of memory ends it.
static evx_status look_at_inputs(struct inferring *inferring, struct evx_engine *engine,
                                 evx_reader *reader, const char *const *paths, size_t path_count,
                                 const evx_table_options *known, evx_error *error)
{
    evx_status status = EVX_OK;
    if (reader && !reader->source->sequential)
        status = look(inferring, reader, known->infer, error);
    for (size_t i = 0; i < path_count && status != EVX_ERR_MEMORY; i++) {
        evx_reader *opened;
        status = evx_open_file(engine, paths[i], &opened, error);
        if (status != EVX_OK)
            continue;
        status = look(inferring, opened, known->infer, error);
        evx_close(&opened);
    }
    return status == EVX_ERR_MEMORY ? status : EVX_OK;
}

evx_status table_infer_types(struct evx_engine *engine, evx_reader *reader,
                             const char *const *paths, size_t path_count,
                             const evx_table_options *known, evx_table_type **ret_types,
                             evx_error *error)
{
    struct inferring *inferring = NULL;
    evx_status status = EVX_OK;
    *ret_types = NULL;
    if (known->field_count == 0)
        return EVX_OK;
    if (inferring_init(&inferring, &engine->memory))
        *ret_types = memory_allocate(&engine->memory, known->field_count * sizeof **ret_types);
    if (!*ret_types) {
        error_set(error, EVX_ERR_MEMORY);
        status = EVX_ERR_MEMORY;
    }
    if (status == EVX_OK && is_wanted(known))
        status = look_at_inputs(inferring, engine, reader, paths, path_count, known, error);
    for (size_t i = 0; status == EVX_OK && i < known->field_count; i++) {
        const evx_table_field *field = &known->fields[i];
        const char *name = field->field ? field->field : field->name;
        (*ret_types)[i] = field->type;
        if (field->type == EVX_TABLE_AUTO && name)
            (*ret_types)[i] = find_type(inferring, name);
    }
    if (inferring)
        inferring_destroy(inferring);
    return status;
}

void table_types_release(struct evx_engine *engine, const evx_table_options *known,
                         evx_table_type *types)
{
    if (types)
        memory_release(&engine->memory, types, known->field_count * sizeof *types);
}

// ---- telling ------------------------------------------------------------------------------------

// The most used first; those that are used as often stay in their order.
static void sort(struct inferring *inferring)
{
    for (size_t i = 1; i < inferring->list.count; i++) {
        const struct inferred moved = *at(inferring, i);
        size_t place = i;
        for (; place > 0 && at(inferring, place - 1)->uses < moved.uses; place--)
            *at(inferring, place) = *at(inferring, place - 1);
        *at(inferring, place) = moved;
    }
}

static evx_status tell(struct inferring *inferring,
                       int (*visit)(void *context, const evx_table_field_info *info), void *context)
{
    sort(inferring);
    for (size_t i = 0; i < inferring->list.count; i++) {
        const struct inferred *inferred = at(inferring, i);
        const evx_table_field_info info = {
            .size = sizeof info,
            .name = inferred->name,
            .type = type_of(inferred->kinds),
            .is_mixed = (inferred->kinds & (inferred->kinds - 1)) != 0,
            .declared = inferred->declared,
            .templates = inferred->templates,
            .uses = inferred->uses,
        };
        if (visit(context, &info))
            return EVX_ERR_SINK;
    }
    return EVX_OK;
}

evx_status evx_table_infer(evx_reader *reader, evx_table_infer_mode mode,
                           int (*visit)(void *context, const evx_table_field_info *info),
                           void *context, evx_error *error)
{
    struct inferring *inferring;
    evx_error ignored;
    error = error ? error : &ignored;
    if (mode > EVX_TABLE_INFER_ALL)
        return error_argument(error, "there is nothing to be inferred from");
    if (!inferring_init(&inferring, &reader->engine->memory)) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    evx_status status = look(inferring, reader, mode, error);
    if (status == EVX_OK) {
        status = tell(inferring, visit, context);
        if (status != EVX_OK)
            error_set(error, status);
    }
    inferring_destroy(inferring);
    return status;
}
