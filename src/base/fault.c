// SPDX-License-Identifier: MIT
#include "base/check.h"
#include "base/fault.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_text(struct fault *fault, enum fault_shape shape, evx_status status,
                     const char *format, va_list arguments)
{
    fault->shape = shape;
    fault->kind = FAULT_OTHER;
    fault->status = status;
    vsnprintf(fault->text, sizeof fault->text, format, arguments);
}

bool fault_data(struct fault *fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_text(fault, FAULT_DATA, EVX_ERR_RECORD, format, arguments);
    va_end(arguments);
    return false;
}

bool fault_model(struct fault *fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_text(fault, FAULT_MODEL, EVX_ERR_RECORD, format, arguments);
    va_end(arguments);
    return false;
}

bool fault_limit(struct fault *fault, const char *text)
{
    fault_model(fault, "%s", text);
    fault->status = EVX_ERR_LIMIT;
    return false;
}

bool fault_plain(struct fault *fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_text(fault, FAULT_PLAIN, EVX_ERR_RECORD, format, arguments);
    va_end(arguments);
    return false;
}

bool fault_memory(struct fault *fault)
{
    fault_model(fault, "out of memory");
    fault->status = EVX_ERR_MEMORY;
    return false;
}

bool fault_short(struct fault *fault, const char *label, uint64_t offset, uint64_t need,
                 uint64_t have)
{
    return fault_data(fault,
                      "buffer too small for %s at offset %" PRIu64 " (need %" PRIu64
                      " bytes, have %" PRIu64 ")",
                      label, offset, need, have);
}

bool fault_past_end(struct fault *fault, const char *what, uint64_t offset)
{
    return fault_data(fault, "%s at offset %" PRIu64 " is past the end of the data (65536 bytes)",
                      what, offset);
}

bool fault_foreign(struct fault *fault, enum fault_kind kind, uint32_t offset, uint32_t declared,
                   uint32_t present)
{
    fault_model(fault, "its structure is another one's");
    fault->kind = kind;
    fault->offset = offset;
    fault->declared = declared;
    fault->present = present;
    return false;
}

bool fault_unknown_type(struct fault *fault, uint32_t offset, uint8_t type)
{
    return fault_data(
        fault, "Offset 0x%08x: Tried to read an invalid byte `0x%02x` as binxml value variant",
        offset, type);
}

void error_set(evx_error *error, evx_status status)
{
    if (!error)
        return;
    error->status = status;
    error->system_errno = 0;
    error->chunk = error->record_id = error->offset = EVX_NONE;
    error->cause_count = 0;
    error->cause[0][0] = 0; // for those who print it without a look at the count
}

evx_status error_argument(evx_error *error, const char *text)
{
    error_set(error, EVX_ERR_ARGUMENT);
    error_add_cause(error, "%s", text);
    return EVX_ERR_ARGUMENT;
}

void error_add_cause(evx_error *error, const char *format, ...)
{
    EVX_CHECK(!error || error->cause_count <= EVX_CAUSES_MAX);
    if (!error || error->cause_count == EVX_CAUSES_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->cause[error->cause_count++], EVX_CAUSE_SIZE, format, arguments);
    va_end(arguments);
}

void error_add_fault(evx_error *error, const struct fault *fault)
{
    if (fault->shape == FAULT_MODEL) {
        error_add_cause(error, "Failed to create record model, reason: %s", fault->text);
        return;
    }
    if (fault->shape == FAULT_DATA)
        error_add_cause(error, "An error occurred while trying to deserialize evtx stream.");
    error_add_cause(error, "%s", fault->text);
}

void error_add_errno(evx_error *error, int number)
{
    if (!error)
        return;
    char text[128];
    error->system_errno = number;
    // The GNU variant may return a constant instead of filling the buffer.
    error_add_cause(error, "%s (os error %d)", strerror_r(number, text, sizeof text), number);
}

void error_add_magic(evx_error *error, const char *header, const char *expected,
                     const uint8_t *found, size_t size)
{
    char bytes[64] = "";
    for (size_t i = 0, used = 0; i < size && used < sizeof bytes; i++)
        used +=
            (size_t)snprintf(bytes + used, sizeof bytes - used, "%s%2X", i ? ", " : "", found[i]);
    error_add_cause(error, "Invalid EVTX %s header magic, expected `%s`, found `[%s]`", header,
                    expected, bytes);
}
