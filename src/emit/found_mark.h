// SPDX-License-Identifier: MIT
// What is told of a recovered record: how it was found, whence its structure came, what is
// doubtful.
#ifndef EVX_EMIT_FOUND_MARK_H
#define EVX_EMIT_FOUND_MARK_H

#include "base/outbuf.h"
#include "container/record.h"

struct found_mark {
    uint64_t record, written; // identifier and time of its header
    uint64_t offset;          // of the record in the input
    unsigned origins;         // enum origin, as bits
    enum found found;
    bool lost_size_copy, lost_size;
};

// A comment with a line end, or the value of a member. Without room the buffer has failed.
void put_found_comment(struct outbuf *out, const struct found_mark *mark);
void put_found_object(struct outbuf *out, const struct found_mark *mark);

#endif
