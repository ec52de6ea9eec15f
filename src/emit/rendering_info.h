// SPDX-License-Identifier: MIT
// RenderingInfo: texts from outside of the record as the last child of Event.
#ifndef EVX_EMIT_RENDERING_INFO_H
#define EVX_EMIT_RENDERING_INFO_H

#include "base/outbuf.h"
#include "decode/event.h"
#include "kernels/text_mode.h"
#include "packs/mta.h"

struct renderer;

enum { RENDERING_KEYWORDS_MAX = 64 };

// What there is; those without units are left out.
struct rendering_info {
    struct mta_text message, level, task, opcode, channel, provider;
    struct mta_text keywords[RENDERING_KEYWORDS_MAX];
    unsigned keyword_count;
    const char *culture; // "en-US"; NULL: not said
    // Writes a message that is more than one text; NULL: it is not.
    void (*put_message)(struct renderer *renderer, const struct rendering_info *info,
                        enum text_mode mode);
};

// Adds to a record that has just been written, if the file knows its publisher: *ret_adds. False
// with the decoder's fault set.
EVX_MUST_USE bool put_rendering_info(struct renderer *renderer, struct event *event,
                                     const struct mta *mta, bool *ret_adds);

// Takes back the end of the record, which is written again behind what is added. False: it ends in
// another way, so that there is no place for it.
EVX_MUST_USE bool rendering_info_take_back_end(struct renderer *renderer);
// What has been added may be too much: false with the decoder's fault set.
EVX_MUST_USE bool rendering_info_is_fine(struct renderer *renderer);

// Each format's way to write it behind the other children of a record.
void xml_put_rendering_info(struct renderer *renderer, const struct rendering_info *info);
void json_put_rendering_info(struct renderer *renderer, const struct rendering_info *info);

// One text of it, escaped: lone surrogates are U+FFFD in every format.
void rendering_info_put_text(struct outbuf *out, const struct mta_text *text, enum text_mode mode);

#endif
