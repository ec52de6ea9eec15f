// SPDX-License-Identifier: MIT
// Rendering of one worker: fragments to text. What is common to the formats.
//
// A walker visits elements. It keeps its place on an explicit stack of frames, never on the C
// stack, so nesting in the input costs heap memory up to a limit and nothing else. Children that
// only exist through values (spliced fragments, repetitions of an array) come out of one iterator,
// so that both formats see the same tree (reference output, section 2).
#ifndef EVX_EMIT_RENDERER_H
#define EVX_EMIT_RENDERER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/outbuf.h"
#include "decode/decoder.h"
#include "decode/plans.h"
#include "emit/format.h"
#include "emit/key_set.h"
#include "emit/program.h"
#include "fields/tree.h"
#include "kernels/text_mode.h"
#include "text/ansi_codec.h"

enum frame_kind {
    FRAME_PROGRAM,
    FRAME_XML_CHILDREN,
    FRAME_JSON_MEMBERS,
    FRAME_JSON_DATA_LIST,
};

struct frame {
    uint8_t kind;
    uint8_t close;     // what to write at the end (each walker's own codes)
    uint8_t data_mode; // JSON: enum data_mode
    bool had_child;    // XML: the closing tag takes a line of its own
    uint32_t indent;   // XML: of the children; PROGRAM: of the root
    union {
        struct { // PROGRAM
            const struct program *program;
            struct element root;
            uint32_t op;      // next
            uint32_t skip;    // bytes of the next literal to leave out
            size_t out_start; // where the root begins and what was paid until then, for a bail
            uint32_t nodes_start;
            size_t mark; // out length remembered by an op
        };
        struct { // the walkers
            struct child_iterator children;
            const struct name *name; // XML: of the closing tag
            uint64_t object;         // JSON: identity in the key set
            uint32_t data_left;      // JSON: DATA_LIST: elements to come
            bool had_unnamed;        // JSON: MEMBERS: Data without a name has its member
        };
    };
};

struct renderer {
    struct decoder *decoder;
    struct outbuf *out;
    const struct ansi_codec *codec;
    struct frame *frames;
    uint32_t frame_count, frame_capacity;
    struct tree tree; // the record's elements, as they are written
    uint64_t objects;
    struct key_set keys;
    const struct format *format;
    struct plans *plans;     // of the format
    bool has_avx512;         // this processor, and it may be used
    const struct node *root; // of the record that is being rendered
    bool recovered;
    const struct found_mark *found; // what is told of such a record; NULL: the reference's mark
    bool used_program, used_walk, used_irregular; // what this record was rendered with

    uint8_t ansi_high[128]
                     [4]; // UTF-8 of the bytes 0x80..0xFF, its length in [3]; length 0: undefined
    bool ansi_single_byte;
    uint16_t *ansi_units; // scratch of multi-byte codecs
    size_t ansi_units_capacity;

    struct outbuf literals; // scratch of the compiler
    struct key_set literal_keys;
    struct op *ops;
    uint32_t op_count, op_capacity;

    struct message_state *message_state; // of the texts of providers; NULL: not used so far
};

void renderer_init(struct renderer *renderer, struct decoder *decoder,
                   const struct ansi_codec *codec);
void renderer_destroy(struct renderer *renderer);

// Where the next records go to, and in which format; `plans` are the format's.
EVX_INLINE void renderer_aim(struct renderer *renderer, const struct format *format,
                             struct plans *plans, struct outbuf *out)
{
    renderer->out = out;
    renderer->format = format;
    renderer->plans = plans;
    renderer->tree.out = out;
    renderer->tree.repeats_data_roots = format->repeats_data_roots;
    renderer->tree.keeps_dependents = format->is_0_14;
}

// Writes the body of a record (no framing). False with decoder->fault set; the output is then as
// before.
EVX_MUST_USE bool render_record(struct renderer *renderer, const struct fragment *record);

// Each format's walker: the first element or instance of a record, at `root`, onto the frame stack,
// then frames until none is left.
EVX_MUST_USE bool xml_render(struct renderer *renderer, const struct node *root);
EVX_MUST_USE bool json_render(struct renderer *renderer, const struct node *root);

// --- shared by the walkers

EVX_COLD EVX_MUST_USE bool grow_frames(struct renderer *renderer);

// Pushes a frame of the kind, a walker's with its common fields zeroed; NULL with the fault set
// without memory.
EVX_INLINE struct frame *push_frame(struct renderer *renderer, enum frame_kind kind)
{
    if (EVX_UNLIKELY(renderer->frame_count == renderer->frame_capacity) && !grow_frames(renderer))
        return NULL;
    EVX_CHECK(renderer->frame_count < renderer->frame_capacity);
    struct frame *frame = &renderer->frames[renderer->frame_count++];
    frame->kind = (uint8_t)kind;
    if (kind == FRAME_PROGRAM)
        return frame;
    frame->close = frame->data_mode = frame->had_child = 0;
    frame->name = NULL;
    frame->object = 0;
    frame->had_unnamed = false;
    return frame;
}

EVX_INLINE struct frame *top_frame(struct renderer *renderer)
{
    EVX_CHECK(renderer->frame_count > 0);
    return &renderer->frames[renderer->frame_count - 1];
}

// Whether an element is the record's own root.
EVX_INLINE bool is_record_root(const struct renderer *renderer, const struct element *element)
{
    const struct node *root = renderer->root;
    return root->kind == NODE_INSTANCE ? element->is_root && element->instance == root->instance
                                       : element_node(element) == root;
}

// Text of a part that is no PI, escaped for the mode.
void put_part(struct renderer *renderer, const struct part *part, enum text_mode mode);
// Text of a value of a printable form (FORM_IS_TEXT or FORM_ARRAY, which is joined by commas).
void put_value(struct renderer *renderer, struct value *value, enum text_mode mode);

// Compiles and publishes the program of an instance's template; NULL: there will be none.
const struct program *compile_program(struct renderer *renderer, const struct instance *instance,
                                      uint32_t context);

// The compiled program of an instance's template in this context. NULL: walk directly.
EVX_INLINE const struct program *find_program(struct renderer *renderer,
                                              const struct instance *instance, uint32_t context)
{
    const struct program *program =
        (const struct program *)plans_find(renderer->plans, instance->template->number, context);
    if (EVX_UNLIKELY(!program))
        program = compile_program(renderer, instance, context);
    if (EVX_UNLIKELY(!program))
        return NULL;
    // Too few values, or cut ones, are rare damage: the walker knows what that means.
    bool fits = instance->value_count >= program->value_count && instance->offsets &&
                atomic_load_explicit(&program->bails, memory_order_relaxed) <= PROGRAM_BAILS_MAX;
    if (EVX_LIKELY(fits))
        return program;
    renderer->used_irregular = true;
    return NULL;
}

// Whether short ways around the walk may be taken. Where nothing is compiled they are not, so that
// the two can be compared.
EVX_INLINE bool takes_short_ways(const struct renderer *renderer)
{
    return !atomic_load_explicit(&renderer->plans->full, memory_order_relaxed);
}

// Pushes the frame of a program that serves an instance from its root on.
EVX_INLINE EVX_MUST_USE bool start_program(struct renderer *renderer,
                                           const struct instance *instance,
                                           const struct program *program, uint32_t indent)
{
    EVX_CHECK(instance->offsets && program->value_count <= instance->value_count);
    struct frame *frame = push_frame(renderer, FRAME_PROGRAM);
    if (!frame)
        return false;
    EVX_CHECK(program->op_count > 0);
    frame->program = program;
    frame->op = frame->skip = 0;
    // Field by field: copying an element that has just been written would wait for the writes.
    frame->root.tape = instance->template->tape;
    frame->root.instance = instance;
    frame->root.index = frame->root.repetition = frame->root.price = 0;
    frame->root.depth = instance->depth;
    frame->root.repetitions = 1;
    frame->root.is_root = true;
    frame->root.in_token = false; // such templates have no programs
    frame->indent = indent;
    frame->out_start = renderer->out->length;
    frame->nodes_start = renderer->tree.nodes;
    renderer->used_program = true;
    return true;
}

void program_bailed(const struct program *program);

#endif
