// SPDX-License-Identifier: MIT
// The raw text of a message as a program of literals and places for values, in no format.
#ifndef EVX_PACKS_MESSAGE_TEXT_H
#define EVX_PACKS_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "packs/crim.h"

enum piece_kind {
    PIECE_END,
    PIECE_TEXT,      // as it stands
    PIECE_VALUE,     // number: of the value, from 1; the text spells it
    PIECE_PARAMETER, // number: of a parameter's text; the text spells it
};

struct message_piece {
    enum piece_kind kind;
    uint32_t number;
    struct wevt_text text;
};

// What has not been read yet.
struct message_reading {
    const uint8_t *units;
    uint32_t position, end;
};

// Texts are views into the raw one, or constants.
struct message_reading message_reading(struct wevt_text raw);
// The next piece.
struct message_piece message_next_piece(struct message_reading *reading);

// A name or a parameter's text without the line end that closes it.
struct wevt_text message_cut_end(struct wevt_text raw);

// The number of a reference `%%n` at the front of units of a value. 0: there is none. *ret_units:
// how many it takes, with the marks.
uint32_t message_reference(const uint8_t *units, uint32_t count, uint32_t *ret_units);

#endif
