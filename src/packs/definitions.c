// SPDX-License-Identifier: MIT
#include "packs/definitions.h"

#include "base/check.h"

static struct template *decode_known(struct definitions *definitions,
                                     const struct pack_template *template)
{
    size_t index = (size_t)(template - definitions->pack->templates);
    EVX_CHECK(index < definitions->pack->template_count);
    struct definition *known = &definitions->known[index];
    if (!known->is_known)
        known->template = decode_outside(&definitions->decoder, definitions->scratch,
                                         template->guid, template->body, template->body_size,
                                         store_take_number(definitions->numbers));
    known->is_known = true;
    return known->template;
}

static struct template *find(struct outside *outside, const uint8_t guid[16])
{
    struct definitions *definitions = (struct definitions *)outside;
    const struct pack_template *template = pack_find_template(definitions->pack, guid);
    if (!template)
        return NULL;
    pthread_mutex_lock(&definitions->lock);
    struct template *found = decode_known(definitions, template);
    pthread_mutex_unlock(&definitions->lock);
    return found;
}

static bool find_by_id(struct outside *outside, uint32_t id, size_t index,
                       const struct template **ret_template)
{
    struct definitions *definitions = (struct definitions *)outside;
    const struct pack_template *template = pack_find_id(definitions->pack, id, index);
    if (!template)
        return false;
    pthread_mutex_lock(&definitions->lock);
    *ret_template = decode_known(definitions, template);
    pthread_mutex_unlock(&definitions->lock);
    return true;
}

static size_t known_bytes(const struct definitions *definitions)
{
    return (definitions->pack->template_count + 1) * sizeof *definitions->known;
}

bool definitions_init(struct definitions *definitions, const struct pack *pack,
                      struct memory *memory, struct store *numbers)
{
    *definitions = (struct definitions){{find, find_by_id}, .pack = pack, .numbers = numbers};
    if (pthread_mutex_init(&definitions->lock, NULL) != 0)
        return false;
    if (!store_init(&definitions->store, memory)) {
        pthread_mutex_destroy(&definitions->lock);
        return false;
    }
    decoder_init(&definitions->decoder, &definitions->store);
    definitions->scratch = memory_allocate(memory, CHUNK_BYTES);
    definitions->known = memory_allocate_zeroed(memory, known_bytes(definitions));
    if (definitions->scratch && definitions->known)
        return true;
    definitions_destroy(definitions);
    return false;
}

void definitions_destroy(struct definitions *definitions)
{
    struct memory *memory = definitions->store.memory;
    EVX_CHECK(memory != NULL);
    memory_release(memory, definitions->scratch, CHUNK_BYTES);
    memory_release(memory, definitions->known, known_bytes(definitions));
    decoder_destroy(&definitions->decoder);
    store_destroy(&definitions->store);
    pthread_mutex_destroy(&definitions->lock);
}
