// SPDX-License-Identifier: MIT
// Definitions from outside the log, for instances whose own is damaged. Decoding asks for one only
// where the record would fail otherwise; who has some is of no interest to it.
#ifndef EVX_DECODE_OUTSIDE_H
#define EVX_DECODE_OUTSIDE_H

#include <stdint.h>

#include "decode/decoder.h"

// The head of the struct of whoever has definitions. A store leads to it, so that all decoders of a
// run share one.
struct outside {
    // The template of a GUID, the same for each call; NULL: none that can be used. It lives as long
    // as the store. Called by all threads.
    struct template *(*find)(struct outside *outside, const uint8_t guid[16]);
    // The same for the start of a GUID: those that have it, by index. False: there are no more.
    // *ret_template is NULL for one that cannot be used.
    bool (*find_by_id)(struct outside *outside, uint32_t id, size_t index,
                       const struct template **ret_template);
};

enum { OUTSIDE_BODY_BYTES_MAX = CHUNK_BYTES - DEFINITION_HEADER_BYTES };

// Decodes a definition whose names stand where they are used, as in WEVT_TEMPLATE resources. The
// decoder serves nothing else, and its chunk is CHUNK_BYTES of `scratch`; the template is kept in
// the decoder's store. `number` is that by which consumers will find it. NULL with the decoder's
// fault set when it cannot be used.
struct template *decode_outside(struct decoder *decoder, uint8_t *scratch, const uint8_t guid[16],
                                const uint8_t *body, uint32_t size, uint32_t number);

#endif
