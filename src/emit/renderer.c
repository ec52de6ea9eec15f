// SPDX-License-Identifier: MIT
#include "emit/renderer.h"

#include <string.h>

#include "base/ablate.h"
#include "base/check.h"
#include "base/limits.h"
#include "emit/compiler.h"
#include "emit/message_info.h"
#include "kernels/avx512.h"
#include "kernels/utf16.h"

static void fill_ansi_table(struct renderer *renderer)
{
    const uint16_t *high = ansi_codec_high_half(renderer->codec);
    renderer->ansi_single_byte = high != NULL;
    for (int i = 0; high && i < 128; i++) {
        uint8_t utf8[TEXT_SLACK_BYTES + TEXT_EXPANSION_MAX];
        if (!high[i])
            continue;
        // High halves hold nothing that any mode escapes.
        uint8_t *end = text_put_scalar(utf8, high[i], TEXT_JSON);
        memcpy(renderer->ansi_high[i], utf8, 3);
        renderer->ansi_high[i][3] = (uint8_t)(end - utf8);
    }
}

void renderer_init(struct renderer *renderer, struct decoder *decoder,
                   const struct ansi_codec *codec)
{
    *renderer = (struct renderer){.decoder = decoder,
                                  .codec = codec,
                                  .tree = {.decoder = decoder},
                                  .has_avx512 = !decoder->store->is_baseline && avx512_is_there()};
    key_set_init(&renderer->keys, decoder->store->memory);
    key_set_init(&renderer->literal_keys, decoder->store->memory);
    outbuf_init(&renderer->literals, decoder->store->memory);
    fill_ansi_table(renderer);
}

void renderer_destroy(struct renderer *renderer)
{
    struct memory *memory = renderer->decoder->store->memory;
    key_set_destroy(&renderer->keys);
    key_set_destroy(&renderer->literal_keys);
    outbuf_destroy(&renderer->literals);
    message_state_destroy(renderer);
    memory_release(memory, renderer->frames, renderer->frame_capacity * sizeof *renderer->frames);
    memory_release(memory, renderer->ops, renderer->op_capacity * sizeof *renderer->ops);
    memory_release(memory, renderer->ansi_units,
                   renderer->ansi_units_capacity * sizeof *renderer->ansi_units);
}

bool grow_frames(struct renderer *renderer)
{
    struct memory *memory = renderer->decoder->store->memory;
    uint32_t capacity = renderer->frame_capacity ? 2 * renderer->frame_capacity : 32;
    struct frame *frames =
        memory_reallocate(memory, renderer->frames, renderer->frame_capacity * sizeof *frames,
                          capacity * sizeof *frames);
    if (!frames)
        return fault_memory(&renderer->decoder->fault);
    renderer->frames = frames;
    renderer->frame_capacity = capacity;
    return true;
}

void program_bailed(const struct program *program)
{
    atomic_fetch_add_explicit(&((struct program *)program)->bails, 1, memory_order_relaxed);
}

static bool out_is_fine(struct renderer *renderer)
{
    struct outbuf *out = renderer->out;
    if (out->length - out->record_start > RECORD_OUTPUT_BYTES_MAX)
        out->failed = OUTBUF_RECORD_TOO_LARGE;
    if (EVX_LIKELY(out->failed == OUTBUF_FINE))
        return true;
    if (out->failed == OUTBUF_NO_MEMORY)
        return fault_memory(&renderer->decoder->fault);
    return fault_of(&renderer->decoder->fault, FAULT_LIMIT_OUTPUT);
}

// The reference prints the first element of a record's own stream, and an empty Event without one.
static bool render_first(struct renderer *renderer, const struct fragment *record)
{
    const struct format *format = renderer->format;
    if (record->end == 0) {
        outbuf_text(renderer->out, renderer->recovered ? format->empty_recovered : format->empty);
        return true;
    }
    const struct node *root = record->tape;
    if (root->kind != NODE_INSTANCE || root->next < record->end)
        renderer->used_irregular = true;
    EVX_CHECK(renderer->frame_count == 0 && root->next <= record->end);
    renderer->root = root;
    return format->render(renderer, root);
}

bool render_record(struct renderer *renderer, const struct fragment *record)
{
    renderer->tree.nodes = 0;
    renderer->objects = 0;
    renderer->frame_count = 0;
    renderer->used_program = renderer->used_walk = renderer->used_irregular = false;
    EVX_CHECK(renderer->out->record_start <= renderer->out->length);
    if (renderer->keys.count)
        key_set_clear(&renderer->keys);
    bool fine = render_first(renderer, record) && out_is_fine(renderer);
    if (!fine)
        renderer->out->length = renderer->out->record_start;
    return fine;
}
