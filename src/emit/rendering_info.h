// SPDX-License-Identifier: MIT
// RenderingInfo: the texts of an MTA file as the last child of Event.
#ifndef EVX_EMIT_RENDERING_INFO_H
#define EVX_EMIT_RENDERING_INFO_H

#include "decode/event.h"
#include "packs/mta.h"

struct renderer;

enum { RENDERING_KEYWORDS_MAX = 64 };

// What there is; those without units are left out.
struct rendering_info {
    struct mta_text message, level, task, opcode;
    struct mta_text keywords[RENDERING_KEYWORDS_MAX];
    unsigned keyword_count;
};

// Adds to a record that has just been written, if the file knows its publisher. It decides on what
// is shown, so that an element that is left out counts as absent. False with the decoder's fault
// set.
EVX_MUST_USE bool put_rendering_info(struct renderer *renderer, struct event *event,
                                     const struct mta *mta);

// Each format's way to write it in front of the end of the record.
void xml_put_rendering_info(struct renderer *renderer, const struct rendering_info *info);
void json_put_rendering_info(struct renderer *renderer, const struct rendering_info *info);

#endif
