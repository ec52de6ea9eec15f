// SPDX-License-Identifier: MIT
// Which text and which names an event has: the rules by which providers are asked.
#ifndef EVX_EMIT_MESSAGE_NAMES_H
#define EVX_EMIT_MESSAGE_NAMES_H

#include "emit/event_facts.h"
#include "emit/rendering_info.h"
#include "packs/providers.h"

struct event_texts {
    const struct provider *provider;          // the version that the text is of; NULL: unknown
    const struct message_entry *message;      // NULL: none
    const struct provider_template *template; // of its data; NULL: not known
};

// Of an event with a template of its data (NULL: none) of so many values. `units` are those that
// the facts point into.
struct event_texts find_event_texts(struct providers *providers, const struct event_facts *facts,
                                    const uint8_t *units, const uint8_t *template_guid,
                                    uint32_t value_count);

// Sets the names that there are; what is put together for them lies in the arena. False without
// room.
EVX_MUST_USE bool find_event_names(const struct event_texts *texts, const struct event_facts *facts,
                                   const uint8_t *units, struct arena *arena,
                                   struct rendering_info *ret);

#endif
