// SPDX-License-Identifier: MIT
// The loop that runs programs, compiled once for each format: json_program.c and xml_program.c
// define RUN_PROGRAM (its name), the usual ops run_leaf, run_attribute, run_end_attributes and
// run_end_separate, and run_slowly and bail, and then include this.

#define RUN_LEAF(guess)                                                                            \
    if (EVX_LIKELY(run_leaf(&output, out, &values, op, guess, &skip)))                             \
        continue;                                                                                  \
    break
#define RUN_ATTRIBUTE(guess)                                                                       \
    if (EVX_LIKELY(run_attribute(&output, out, &values, &op, guess, size, &skip)))                 \
        continue;                                                                                  \
    break
#define RUN_END_ATTRIBUTES(guess)                                                                  \
    if (EVX_LIKELY(run_end_attributes(&output, out, &values, op, guess)))                          \
        continue;                                                                                  \
    break

bool RUN_PROGRAM(struct renderer *renderer)
{
    struct outbuf *out = renderer->out;
    struct instance_view values = {.chunk = renderer->decoder->chunk->data};
    struct op_output output;
enter:; // the program on top, from where it stopped
    struct frame *frame = top_frame(renderer);
    const struct program *program = frame->program;
    values.descriptors = frame->root.instance->descriptors;
    values.offsets = frame->root.instance->offsets;
    uint32_t skip = frame->skip;
    const struct op *op = program->ops + frame->op;
    if (!op_output_start(&output, out, program))
        return true; // the caller looks at the output
    for (;; op++) {
        EVX_CHECK(op->place == 0 || op->place / 4 < frame->root.instance->value_count);
        uint32_t size;
        output.p = put_op_literal(output.p, op, &skip, &size);
        EVX_CHECK(output.p <= out->data + out->capacity);
        switch (op->dispatch) {
            OP_CASES(OP_LEAF, RUN_LEAF);
            OP_CASES(OP_ATTRIBUTE, RUN_ATTRIBUTE);
            OP_CASES(OP_JSON_END_ATTRIBUTES, RUN_END_ATTRIBUTES);
        case OP_DISPATCH(OP_JSON_END_SEPARATE, GUESS_NONE):
            if (EVX_LIKELY(run_end_separate(&output, out, &values, op, frame->root.tape)))
                continue;
            break;
        case OP_DISPATCH(OP_GUARD, GUESS_NONE):
            if (is_null_hole(&values, op)) {
                skip = op->skip;
                op = program->ops + op->target - 1;
            }
            continue;
        case OP_DISPATCH(OP_END, GUESS_NONE):
            outbuf_commit(out, output.p);
            if (--renderer->frame_count > 0 && top_frame(renderer)->kind == FRAME_PROGRAM)
                goto enter;
            return true;
        case OP_DISPATCH(OP_CHILD, GUESS_NONE)... OP_DISPATCH(OP_SLOW_LAST, GUESS_NONE):
            break;
        default:
            __builtin_unreachable();
        }
        outbuf_commit(out, output.p);
        if (EVX_UNLIKELY(out->failed))
            return true;
        const struct instance_view copy = values; // the loop's own stays in registers
        enum op_result result = run_slowly(renderer, frame, op, &copy);
        if (EVX_UNLIKELY(out->failed))
            return result != OP_FAULT;
        if (result == OP_NEXT) {
            if (!op_output_load(&output, out))
                return true;
            continue;
        }
        if (result == OP_FAULT)
            return false;
        if (result == OP_BAIL)
            return bail(renderer, frame);
        // The frame may have moved: it lies below the one just pushed.
        frame = &renderer->frames[renderer->frame_count - 2];
        frame->op = (uint32_t)(op - program->ops) + 1;
        frame->skip = skip;
        if (top_frame(renderer)->kind == FRAME_PROGRAM)
            goto enter;
        return true;
    }
}
