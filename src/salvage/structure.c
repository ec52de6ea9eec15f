// SPDX-License-Identifier: MIT
#include "salvage/structure.h"

#include "base/check.h"
#include "decode/fit.h"
#include "decode/template.h"

bool recovery_init(struct recovery *recovery, struct store *store)
{
    *recovery = (struct recovery){0};
    return known_init(&recovery->known, store) &&
           value_templates_init(&recovery->values, store->memory, store);
}

void recovery_destroy(struct recovery *recovery)
{
    value_templates_destroy(&recovery->values);
    known_destroy(&recovery->known);
}

// The definitions of one place that fit an instance: none, one, or more, which is no proof.
struct fitting {
    const struct template *template;
    bool is_doubtful;
};

static void consider(struct fitting *fitting, const struct template *template,
                     const struct instance *instance)
{
    if (!template || !template_fits(template, instance) ||
        (fitting->template && templates_are_equal(template, fitting->template)))
        return;
    fitting->is_doubtful = fitting->template != NULL;
    fitting->template = template;
}

static struct fitting look_in_chunk(struct decoder *decoder, const struct instance *instance,
                                    uint32_t id)
{
    struct fitting fitting = {0};
    const uint32_t *offsets;
    uint32_t count;
    if (!chunk_definitions(decoder, &offsets, &count))
        return fitting;
    for (uint32_t i = 0; i < count && !fitting.is_doubtful; i++)
        if (load_u32(decoder->chunk->data + offsets[i] + DEFINITION_GUID_OFFSET) == id)
            consider(&fitting, decode_proved(decoder, offsets[i]), instance);
    return fitting;
}

// In the input itself, or in the others.
static struct fitting look_in_inputs(const struct input_recovery *own, bool is_own,
                                     const struct instance *instance, uint32_t id)
{
    const struct known *known = &own->recovery->known;
    struct fitting fitting = {0};
    uint32_t i = known_find(known, id);
    for (; i < known->definition_count && known->definitions[i].id == id; i++)
        if ((known->definitions[i].input == own->input) == is_own && !fitting.is_doubtful)
            consider(&fitting, known->definitions[i].template, instance);
    return fitting;
}

static struct fitting look_outside(struct outside *outside, const struct instance *instance,
                                   uint32_t id)
{
    struct fitting fitting = {0};
    if (!outside || !outside->find_by_id)
        return fitting;
    const struct template *template;
    for (size_t i = 0; !fitting.is_doubtful && outside->find_by_id(outside, id, i, &template); i++)
        consider(&fitting, template, instance);
    return fitting;
}

// Whether a value can be shown for what its descriptor says it is.
static bool values_are_right(const struct instance *instance, const uint8_t *data)
{
    for (uint32_t i = 0; i < instance->value_count; i++) {
        const uint8_t *descriptor = instance->descriptors + 4 * (size_t)i;
        if (descriptor[3] != 0 || !value_type_is_known(descriptor[2]))
            return false;
        struct value value = {.data = data + instance->offsets[i],
                              .size = load_u16(descriptor),
                              .type = descriptor[2]};
        enum note_kind kind;
        value_classify(&value);
        if (value.form == FORM_HEX && value_damage(&value, &kind))
            return false;
    }
    return true;
}

static const struct template *find(struct elsewhere *elsewhere, struct decoder *decoder,
                                   const struct instance *instance, uint32_t id,
                                   enum origin *ret_origin)
{
    struct input_recovery *own = (struct input_recovery *)elsewhere;
    EVX_CHECK(instance->offsets != NULL);
    if (!values_are_right(instance, decoder->chunk->data))
        return NULL;
    static const enum origin origins[] = {ORIGIN_CHUNK, ORIGIN_FILE, ORIGIN_OTHER, ORIGIN_PACK};
    for (unsigned i = 0; i < 4; i++) {
        const struct fitting fitting = i == 0   ? look_in_chunk(decoder, instance, id)
                                       : i == 3 ? look_outside(own->outside, instance, id)
                                                : look_in_inputs(own, i == 1, instance, id);
        *ret_origin = origins[i];
        if (fitting.is_doubtful)
            break;
        if (fitting.template)
            return fitting.template;
    }
    *ret_origin = ORIGIN_VALUES;
    return value_templates_get(&own->recovery->values, instance->value_count, instance->depth == 0);
}

struct input_recovery recovery_of_input(struct recovery *recovery, struct outside *outside,
                                        uint32_t input, bool shows_duplicates)
{
    return (struct input_recovery){.elsewhere = {find},
                                   .recovery = recovery,
                                   .outside = outside,
                                   .input = input,
                                   .shows_duplicates = shows_duplicates};
}
