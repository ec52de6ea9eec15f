// SPDX-License-Identifier: MIT
#include "fields/listing.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/load.h"
#include "fields/template_fields.h"
#include "fields/template_path.h"
#include "fields/unicode.h"

enum {
    LISTING_BLOCK_BYTES = 64 << 10,
    PLACES_LOOKED_AT = 4,
};

// What a record tells about the event.
struct facts {
    bool has_event_id, has_provider;
    uint32_t event_id;
    uint32_t provider_size; // without the NUL
    char provider[PROVIDER_BYTES_MAX];
};

struct listed {
    struct listed *next_in_bucket, *next;
    uint32_t hash;
    uint32_t size;
    uint64_t uses;
    const char *provider; // the first one; NULL: none so far
    bool has_more_providers, has_more_event_ids;
    uint32_t event_id_count;
    uint32_t event_ids[TEMPLATE_EVENT_IDS_MAX]; // ascending
    uint8_t description[];
};

static void set_path(struct path *path, const char *text)
{
    size_t offset;
    bool fine = path_parse(path, text, strlen(text), &offset);
    EVX_CHECK(fine);
    (void)fine;
}

void listing_init(struct listing *listing, struct memory *memory)
{
    memset(listing, 0, sizeof *listing);
    listing->memory = memory;
    arena_init(&listing->arena, memory, LISTING_BLOCK_BYTES, LISTING_BYTES_MAX);
    outbuf_init(&listing->description, memory);
    set_path(&listing->event_id, "System/EventID");
    set_path(&listing->provider, "System/Provider/@Name");
}

void listing_destroy(struct listing *listing)
{
    outbuf_destroy(&listing->description);
    arena_destroy(&listing->arena);
}

static void forget_known(struct listing *listing)
{
    memset(listing->known, 0, sizeof listing->known);
    listing->known_count = 0;
}

void listing_start_chunk(struct listing *listing)
{
    forget_known(listing);
    listing->chunk_bytes = 0;
}

// ------------------------------------------------------------------------------------------ facts

// The value at the first of the places that has one; NULL: only a walk could tell, or there is
// none. *ret_value is room for a literal.
static const struct value *find_value(const struct instance *instance, const struct path *path,
                                      struct value *ret_value)
{
    struct place places[PLACES_LOOKED_AT];
    const struct node *tape = instance->template->tape;
    unsigned count = template_path(instance->template, path, places, PLACES_LOOKED_AT);
    EVX_CHECK(instance->values != NULL || instance->value_count == 0);
    if (count == 0)
        return NULL;
    const struct place *place = &places[0];
    if (place->kind == PLACE_HOLE)
        return place->slot < instance->value_count ? &instance->values[place->slot] : NULL;
    if (place->kind != PLACE_LITERAL || place->first + 1 != place->end)
        return NULL;
    const struct node *node = &tape[place->first];
    if (node->kind == NODE_TEXT)
        *ret_value = (struct value){.data = node->text.units,
                                    .size = (uint16_t)(2 * node->text.count),
                                    .type = TYPE_STRING,
                                    .form = FORM_STRING};
    else if (node->kind == NODE_VALUE)
        *ret_value = value_of_token(node->value.data, node->value.size, node->value.type);
    else
        return NULL;
    return ret_value;
}

static bool number_of_text(const struct value *value, uint32_t *ret_number)
{
    uint32_t number = 0, count = value->size / 2u;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t unit = load_u16(value->data + 2 * (size_t)i);
        if (unit < '0' || unit > '9' || number > (UINT32_MAX - 9) / 10)
            return false;
        number = 10 * number + (unit - '0');
    }
    *ret_number = number;
    return count > 0;
}

static bool number_of(const struct value *value, uint32_t *ret_number)
{
    switch (value->form) {
    case FORM_STRING:
        return number_of_text(value, ret_number);
    case FORM_U8:
        *ret_number = *value->data;
        return true;
    case FORM_U16:
        *ret_number = load_u16(value->data);
        return true;
    case FORM_U32:
    case FORM_HEX32:
        *ret_number = load_u32(value->data);
        return true;
    default:
        return false;
    }
}

static void find_facts(const struct listing *listing, const struct fragment *fragment,
                       struct facts *facts)
{
    struct value literal;
    *facts = (struct facts){0};
    if (fragment->end == 0 || fragment->tape[0].kind != NODE_INSTANCE)
        return;
    const struct instance *instance = fragment->tape[0].instance;
    const struct value *value = find_value(instance, &listing->event_id, &literal);
    facts->has_event_id = value && number_of(value, &facts->event_id);
    value = find_value(instance, &listing->provider, &literal);
    facts->has_provider = value && value->form == FORM_STRING;
    if (!facts->has_provider)
        return;
    uint8_t *start = (uint8_t *)facts->provider;
    bool is_cut;
    uint8_t *end =
        utf8_put_units(start, sizeof facts->provider - 1, value->data, value->size / 2u, &is_cut);
    facts->provider_size = (uint32_t)(end - start);
    EVX_CHECK(facts->provider_size < sizeof facts->provider);
}

// ----------------------------------------------------------------------------------------
// templates

static uint32_t hash_bytes(const uint8_t *bytes, size_t size)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT32_C(16777619);
    return hash;
}

static struct listed *add_listed(struct listing *listing, const uint8_t *description, size_t size,
                                 uint32_t hash)
{
    struct listed *listed = arena_allocate(&listing->arena, sizeof *listed + size);
    if (!listed)
        return NULL;
    struct listed **bucket = &listing->buckets[hash % LISTING_BUCKETS];
    *listed = (struct listed){.next_in_bucket = *bucket, .hash = hash, .size = (uint32_t)size};
    memcpy(listed->description, description, size);
    *bucket = listed;
    if (listing->last)
        listing->last->next = listed;
    else
        listing->first = listed;
    listing->last = listed;
    listing->templates++;
    return listed;
}

// By what is told of it; NULL when it cannot be listed any more. Hashes can be chosen.
static struct listed *find_listed(struct listing *listing, const struct template *template,
                                  bool is_nested)
{
    struct outbuf *out = &listing->description;
    out->length = 0;
    if (listing->chunk_bytes > LISTING_CHUNK_BYTES_MAX || !outbuf_begin_record(out))
        return NULL;
    template_describe(template, is_nested, out);
    if (out->failed)
        return NULL;
    listing->chunk_bytes += out->length;
    uint32_t hash = hash_bytes(out->data, out->length);
    unsigned length = 0;
    for (struct listed *listed = listing->buckets[hash % LISTING_BUCKETS]; listed;
         listed = listed->next_in_bucket, length++)
        if (listed->hash == hash && listed->size == out->length &&
            memcmp(listed->description, out->data, out->length) == 0)
            return listed;
    return length < STORE_CHAIN_MAX ? add_listed(listing, out->data, out->length, hash) : NULL;
}

static struct listed *look_up(struct listing *listing, const struct template *template,
                              bool is_nested)
{
    if (listing->known_count > LISTING_KNOWN / 2)
        forget_known(listing);
    uint64_t mixed = ((uintptr_t) template / 8 + is_nested) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t i = (uint32_t)(mixed >> 32) % LISTING_KNOWN;
    struct known_template *known = &listing->known[i];
    while (known->template && !(known->template == template && known->is_nested == is_nested)) {
        i = (i + 1) % LISTING_KNOWN;
        known = &listing->known[i];
    }
    if (!known->template) {
        EVX_CHECK(listing->known_count < LISTING_KNOWN);
        *known =
            (struct known_template){template, find_listed(listing, template, is_nested), is_nested};
        listing->known_count++;
    }
    return known->listed;
}

static void note_event_id(struct listed *listed, uint32_t event_id)
{
    uint32_t *ids = listed->event_ids, at = listed->event_id_count;
    EVX_CHECK(at <= TEMPLATE_EVENT_IDS_MAX);
    while (at > 0 && ids[at - 1] > event_id)
        at--;
    if (at > 0 && ids[at - 1] == event_id)
        return;
    bool is_full = listed->event_id_count == TEMPLATE_EVENT_IDS_MAX;
    listed->has_more_event_ids |= is_full;
    if (at == TEMPLATE_EVENT_IDS_MAX)
        return;
    memmove(ids + at + 1, ids + at, (listed->event_id_count - at - is_full) * sizeof *ids);
    ids[at] = event_id;
    listed->event_id_count += !is_full;
}

static void note_provider(struct listing *listing, struct listed *listed, const struct facts *facts)
{
    if (listed->provider) {
        listed->has_more_providers |= strcmp(listed->provider, facts->provider) != 0;
        return;
    }
    char *provider = arena_allocate(&listing->arena, facts->provider_size + (size_t)1);
    if (!provider)
        return;
    memcpy(provider, facts->provider, facts->provider_size + (size_t)1);
    listed->provider = provider;
}

static void count_use(struct listing *listing, const struct template *template, bool is_nested,
                      const struct facts *facts)
{
    struct listed *listed = look_up(listing, template, is_nested);
    if (!listed) {
        listing->unlisted_uses++;
        return;
    }
    listed->uses++;
    if (facts->has_event_id)
        note_event_id(listed, facts->event_id);
    if (facts->has_provider)
        note_provider(listing, listed, facts);
}

// ------------------------------------------------------------------------------------------
// records

// Elements that are looked through, and the instance among them whose values are.
struct frame {
    const struct fragment *fragment;
    uint32_t node;
    const struct instance *instance; // NULL: none
    uint32_t hole;
};

// Every instance of a record, outer ones first. Without facts they are only decoded, and what has
// been decoded is kept.
static bool walk_instances(struct listing *listing, struct decoder *decoder,
                           const struct fragment *fragment, const struct facts *facts)
{
    struct frame frames[NESTED_FRAGMENTS_MAX + 1] = {{.fragment = fragment}};
    uint32_t depth = 0;
    for (;;) {
        struct frame *frame = &frames[depth];
        if (frame->instance && frame->hole < frame->instance->value_count) {
            uint32_t hole = frame->hole++;
            if (frame->instance->values[hole].form != FORM_FRAGMENT)
                continue;
            const struct fragment *child = instance_child(decoder, frame->instance, hole);
            if (!child)
                return false;
            EVX_CHECK(depth < NESTED_FRAGMENTS_MAX);
            frames[++depth] = (struct frame){.fragment = child};
        } else if (frame->node < frame->fragment->end) {
            uint32_t index = frame->node++;
            const struct node *node = &frame->fragment->tape[index];
            frame->instance = node->kind == NODE_INSTANCE ? node->instance : NULL;
            frame->hole = 0;
            if (!frame->instance)
                continue;
            if (!instance_need_values(decoder, frame->instance))
                return false;
            if (facts)
                count_use(listing, frame->instance->template, depth > 0 || index > 0, facts);
        } else if (depth == 0) {
            return true;
        } else {
            depth--;
        }
    }
}

bool listing_add(struct listing *listing, struct decoder *decoder, const struct fragment *fragment)
{
    struct facts facts;
    if (!walk_instances(listing, decoder, fragment, NULL) || decoder->chunk->asked)
        return false;
    find_facts(listing, fragment, &facts);
    return walk_instances(listing, decoder, fragment, &facts);
}

// -------------------------------------------------------------------------------------------
// telling

static bool tell(const struct listed *listed, evx_template_field *fields,
                 const evx_template_field **pointers,
                 int (*visit)(void *context, const evx_template_info *info), void *context)
{
    evx_template_info info;
    const uint8_t *position = template_read(listed->description, &info);
    for (size_t i = 0; i < info.field_count; i++) {
        position = template_read_field(position, &fields[i]);
        pointers[i] = &fields[i];
    }
    EVX_CHECK(position == listed->description + listed->size);
    info.uses = listed->uses;
    info.provider = listed->provider;
    info.has_more_providers = listed->has_more_providers;
    info.event_ids = listed->event_ids;
    info.event_id_count = listed->event_id_count;
    info.has_more_event_ids = listed->has_more_event_ids;
    info.fields = pointers;
    return visit(context, &info) == 0;
}

evx_status listing_visit(struct listing *listing,
                         int (*visit)(void *context, const evx_template_info *info), void *context)
{
    enum { FIELDS = TEMPLATE_FIELDS_MAX };
    evx_template_field *fields = memory_allocate(listing->memory, FIELDS * sizeof *fields);
    const evx_template_field **pointers =
        memory_allocate(listing->memory, FIELDS * sizeof *pointers);
    evx_status status = fields && pointers ? EVX_OK : EVX_ERR_MEMORY;
    for (const struct listed *listed = listing->first; listed && status == EVX_OK;
         listed = listed->next)
        if (!tell(listed, fields, pointers, visit, context))
            status = EVX_ERR_SINK;
    memory_release(listing->memory, fields, FIELDS * sizeof *fields);
    memory_release(listing->memory, pointers, FIELDS * sizeof *pointers);
    return status;
}
