// SPDX-License-Identifier: MIT
// What of System says which event a record is and how it is called: what texts from outside of the
// log are chosen by. It is read as it is shown, so that an element that is left out counts as
// absent.
#ifndef EVX_EMIT_EVENT_FACTS_H
#define EVX_EMIT_EVENT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attrs.h"
#include "decode/name.h"
#include "fields/tree.h"

struct renderer;

// UTF-16LE in the renderer's literals.
struct fact_text {
    size_t start;
    uint32_t count;
};

struct event_facts {
    uint64_t id, qualifiers, version, level, task, opcode, keywords, record_id;
    bool has_guid;
    uint8_t guid[16]; // of the provider
    struct fact_text provider, source, channel;
};

// Reads an event from its root element. *ret_takes: whether it takes texts, that is has a System
// and no RenderingInfo. False with the decoder's fault set.
EVX_MUST_USE bool read_event_facts(struct renderer *renderer, const struct element *root,
                                   bool *ret_takes, struct event_facts *ret);

// Whether an element is called so.
bool element_is(const struct name *name, const char *text);

#endif
