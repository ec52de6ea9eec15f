// SPDX-License-Identifier: MIT
#include "salvage/value_templates.h"

#include "base/check.h"
#include "base/load.h"
#include "decode/outside.h"

bool value_templates_init(struct value_templates *templates, struct memory *memory,
                          struct store *numbers)
{
    *templates = (struct value_templates){.numbers = numbers};
    if (pthread_mutex_init(&templates->lock, NULL) != 0)
        return false;
    if (!store_init(&templates->store, memory)) {
        pthread_mutex_destroy(&templates->lock);
        return false;
    }
    templates->is_there = true;
    decoder_init(&templates->decoder, &templates->store);
    templates->scratch = memory_allocate(memory, CHUNK_BYTES);
    return templates->scratch != NULL;
}

void value_templates_destroy(struct value_templates *templates)
{
    if (!templates->is_there)
        return;
    memory_release(templates->store.memory, templates->scratch, CHUNK_BYTES);
    decoder_destroy(&templates->decoder);
    store_destroy(&templates->store);
    pthread_mutex_destroy(&templates->lock);
    templates->is_there = false;
}

struct body {
    uint8_t bytes[64 + 40 * VALUE_TEMPLATES_MAX];
    uint32_t size;
};

static void put(struct body *body, const void *bytes, uint32_t size)
{
    EVX_CHECK(size <= sizeof body->bytes - body->size);
    memcpy(body->bytes + body->size, bytes, size);
    body->size += size;
}

static void put_u16(struct body *body, uint16_t value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    put(body, bytes, sizeof bytes);
}

static void put_byte(struct body *body, uint8_t byte)
{
    put(body, &byte, 1);
}

// The start tag of an element without attributes, whose name stands in it. Nobody looks at its
// size.
static void put_start(struct body *body, const char *name)
{
    uint32_t hash = 0;
    for (const char *c = name; *c; c++)
        hash = hash * NAME_HASH_MULTIPLIER + (uint8_t)*c;
    put(body, "\x01\xFF\xFF\0\0\0", 7);
    put_u16(body, (uint16_t)hash);
    put_u16(body, (uint16_t)strlen(name));
    for (const char *c = name; *c; c++)
        put_u16(body, (uint8_t)*c);
    put_u16(body, 0);
    put_byte(body, 0x02);
}

static void put_end(struct body *body)
{
    put_byte(body, 0x04);
}

static void make_body(struct body *body, uint32_t count, bool is_record)
{
    body->size = 0;
    put(body, "\x0F\x01\x01", 4);
    if (is_record)
        put_start(body, "Event");
    put_start(body, "EventData");
    for (uint32_t i = 0; i < count; i++) {
        put_start(body, "Data");
        put_byte(body, 0x0D);
        put_u16(body, (uint16_t)i);
        put_byte(body, TYPE_STRING);
        put_end(body);
    }
    put_end(body);
    if (is_record)
        put_end(body);
    put_byte(body, 0);
}

static struct template *make(struct value_templates *templates, uint32_t count, bool is_record)
{
    static const uint8_t no_guid[16];
    struct body body;
    make_body(&body, count, is_record);
    return decode_outside(&templates->decoder, templates->scratch, no_guid, body.bytes, body.size,
                          store_take_number(templates->numbers));
}

const struct template *value_templates_get(struct value_templates *templates, uint32_t count,
                                           bool is_record)
{
    if (count == 0 || count > VALUE_TEMPLATES_MAX)
        return NULL;
    pthread_mutex_lock(&templates->lock);
    struct template **slot = &templates->made[is_record][count];
    if (!*slot)
        *slot = make(templates, count, is_record);
    pthread_mutex_unlock(&templates->lock);
    return *slot;
}
