// SPDX-License-Identifier: MIT
// Structure for values whose definition is nowhere: <EventData> with one Data for each, in their
// order and without names.
#ifndef EVX_SALVAGE_VALUE_TEMPLATES_H
#define EVX_SALVAGE_VALUE_TEMPLATES_H

#include "decode/decoder.h"
#include "system/threads.h"

enum { VALUE_TEMPLATES_MAX = 256 }; // as many values an instance may have

struct value_templates {
    struct store *numbers; // of the engine: gives templates their numbers
    pthread_mutex_t lock;
    struct store store;
    struct decoder decoder;
    uint8_t *scratch;
    struct template *made[2][VALUE_TEMPLATES_MAX + 1]; // [a record's own][count]
    bool is_there;
};

// False without memory; value_templates_destroy is due either way.
EVX_MUST_USE bool value_templates_init(struct value_templates *templates, struct memory *memory,
                                       struct store *numbers);
void value_templates_destroy(struct value_templates *templates);

// For so many values; of a record itself they stand in <Event>. NULL: too many, or no memory.
const struct template *value_templates_get(struct value_templates *templates, uint32_t count,
                                           bool is_record);

#endif
