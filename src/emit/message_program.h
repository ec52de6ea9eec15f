// SPDX-License-Identifier: MIT
// What compiling messages and writing them share. Internal to emit/.
#ifndef EVX_EMIT_MESSAGE_PROGRAM_H
#define EVX_EMIT_MESSAGE_PROGRAM_H

#include "emit/event_facts.h"
#include "emit/message_info.h"
#include "emit/renderer.h"
#include "kernels/text_mode.h"

enum {
    MESSAGE_RECENT = 256,
    MESSAGE_VALUES_MAX = 99,
    MESSAGE_ROOM_BYTES = 512, // of a short value
    MESSAGE_SCRATCH_BLOCK_BYTES = 64 << 10,
    MESSAGE_SCRATCH_BYTES_MAX = 64 << 20,
};

// What the additions of one record are for.
enum message_form { MESSAGE_IN_FORMAT, MESSAGE_ALONE };

struct message_key {
    uint32_t size;
    uint64_t hash;
    uint8_t bytes[MESSAGE_KEY_BYTES_MAX];
};

// The values of a record's data.
struct message_arguments {
    const struct instance *data; // they are those of this instance; NULL: the list
    uint32_t count;
    struct value_view list[MESSAGE_VALUES_MAX];
};

struct message_state {
    const struct addition *recent[MESSAGE_RECENT];
    const struct messages *messages; // whose they are
    struct message_key key;
    struct message_arguments arguments;
    struct outbuf text;   // of a program, while it is compiled
    struct list ops;      // struct message_op; literals are places in the text until they are kept
    struct arena scratch; // of what is not kept
};

enum message_shape {
    SHAPE_WALKED, // only a walk tells its facts and values
    SHAPE_USUAL,  // its data are one instance, or it has none
    SHAPE_KEYED,  // and the key says all that its addition depends on
};

// What shape a record has. *ret_data: the instance of its data, if it has one and is not walked.
enum message_shape message_find_key(struct renderer *renderer, struct event *event,
                                    struct messages *messages, enum message_form form,
                                    struct message_key *ret_key, const struct instance **ret_data);

// Sets the values of a record: those of the instance, or those that a walk finds. False with the
// fault set.
EVX_MUST_USE bool message_find_arguments(struct renderer *renderer, struct event *event,
                                         const struct instance *data, enum message_shape shape,
                                         struct message_arguments *ret);

// Compiles what is written for an event: the names in the scratch, what is kept in the arena. NULL
// without room there.
struct addition *message_compile(struct renderer *renderer, struct messages *messages,
                                 const struct event_facts *facts, const struct instance *data,
                                 enum message_form form, struct arena *arena);

// The text of a value of a usual type that is short, at a place with room for MESSAGE_ROOM_BYTES;
// returns the end. NULL: it is none.
uint8_t *put_usual_message_value(uint8_t *p, const struct renderer *renderer,
                                 const struct addition *addition, const struct message_op *op,
                                 struct value_view view, enum text_mode mode);
// Writes any value as text of a message.
void put_message_value(struct renderer *renderer, const struct messages *messages,
                       const struct addition *addition, const struct message_op *op,
                       struct value_view value, enum text_mode mode);

EVX_INLINE enum text_mode message_mode(const struct renderer *renderer, enum message_form form)
{
    return form == MESSAGE_ALONE || renderer->format->render == json_render ? TEXT_JSON : TEXT_XML;
}

#endif
