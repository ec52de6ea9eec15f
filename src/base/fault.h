// SPDX-License-Identifier: MIT
// What is wrong with a record, in the reference's words. Written on the cold path only.
#ifndef EVX_BASE_FAULT_H
#define EVX_BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <evx/evx.h>

#include "base/attrs.h"

enum fault_shape {
    // "An error occurred while trying to deserialize evtx stream." and the text below it.
    FAULT_DATA,
    FAULT_MODEL, // "Failed to create record model, reason: TEXT"
    FAULT_PLAIN, // the text alone
};

// What is told of a fault by numbers, not by its text. The record is not shown then, and that is no
// error.
enum fault_kind {
    FAULT_OTHER,
    FAULT_TEMPLATE_FOREIGN, // an instance of another template than the definition at `offset`
    FAULT_NAME_FOREIGN,     // the hash stored at `offset` is that of another name
};

struct fault {
    enum fault_shape shape;
    enum fault_kind kind;
    evx_status status;
    uint32_t offset, declared, present; // of the kinds above
    char text[EVX_CAUSE_SIZE - 48];
};

// All return false, so that a parser can `return fault_data(...)`.
EVX_COLD EVX_PRINTF(2, 3) bool fault_data(struct fault *fault, const char *format, ...);
EVX_COLD EVX_PRINTF(2, 3) bool fault_model(struct fault *fault, const char *format, ...);
EVX_COLD EVX_PRINTF(2, 3) bool fault_plain(struct fault *fault, const char *format, ...);
// The same, of a limit of base/limits.h.
EVX_COLD bool fault_limit(struct fault *fault, const char *text);
EVX_COLD bool fault_memory(struct fault *fault);

// "buffer too small for LABEL at offset O (need N bytes, have H)"
EVX_COLD bool fault_short(struct fault *fault, const char *label, uint64_t offset, uint64_t need,
                          uint64_t have);
// "WHAT at offset O is past the end of the data (65536 bytes)"
EVX_COLD bool fault_past_end(struct fault *fault, const char *what, uint64_t offset);
// A structure that is not the one its user was written with.
EVX_COLD bool fault_foreign(struct fault *fault, enum fault_kind kind, uint32_t offset,
                            uint32_t declared, uint32_t present);
// The byte in front of `offset` is no value type.
EVX_COLD bool fault_unknown_type(struct fault *fault, uint32_t offset, uint8_t type);

// Appends a cause to an error (silently cut at EVX_CAUSES_MAX and EVX_CAUSE_SIZE).
EVX_COLD EVX_PRINTF(2, 3) void error_add_cause(evx_error *error, const char *format, ...);
// Clears the error and sets the status; everything else unknown. NULL is fine.
EVX_COLD void error_set(evx_error *error, evx_status status);
// A caller's mistake, with its text. Returns EVX_ERR_ARGUMENT.
EVX_COLD evx_status error_argument(evx_error *error, const char *text);
// Appends the one or two causes of a fault.
EVX_COLD void error_add_fault(evx_error *error, const struct fault *fault);
// Appends "TEXT (os error N)" and sets system_errno.
EVX_COLD void error_add_errno(evx_error *error, int number);
// Appends "Invalid EVTX HEADER header magic, expected `EXPECTED`, found `[45, 6C,  0]`".
EVX_COLD void error_add_magic(evx_error *error, const char *header, const char *expected,
                              const uint8_t *found, size_t size);

#endif
