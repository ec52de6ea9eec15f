// SPDX-License-Identifier: MIT
// UTF-16LE to escaped UTF-8: the hottest loop of the engine.
#ifndef EVX_KERNELS_UTF16_H
#define EVX_KERNELS_UTF16_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/text_mode.h"

// Writes `count` UTF-16LE units, or those in front of the first NUL unit, escaped for the mode, and
// returns the end of what was written. `units` needs no alignment and is never read behind
// units + 2 * count. `out` has room for TEXT_EXPANSION_MAX * count + TEXT_SLACK_BYTES bytes.
uint8_t *utf16_put_xml(uint8_t *out, const uint8_t *units, size_t count);
uint8_t *utf16_put_xml_attribute(uint8_t *out, const uint8_t *units, size_t count);
uint8_t *utf16_put_json(uint8_t *out, const uint8_t *units, size_t count);
uint8_t *utf16_put_json_avx512(uint8_t *out, const uint8_t *units, size_t count);
uint8_t *utf16_put_raw(uint8_t *out, const uint8_t *units, size_t count);
uint8_t *utf16_put_cdata(uint8_t *out, const uint8_t *units, size_t count);
uint8_t *utf16_put_pi(uint8_t *out, const uint8_t *units, size_t count);

// The other units in front of the next ASCII ones, for writers of ASCII: at least one. At NUL the
// text ends: the position is then at `end`.
struct utf16_position {
    uint8_t *out;
    const uint8_t *units;
};
struct utf16_position utf16_put_json_others(struct utf16_position at, const uint8_t *end);

// The same by mode, for cold callers.
uint8_t *utf16_put(uint8_t *out, const uint8_t *units, size_t count, enum text_mode mode);

// Plain C, one unit at a time; the specification of the above (tests compare with it).
uint8_t *utf16_put_reference(uint8_t *out, const uint8_t *units, size_t count, enum text_mode mode);

// Writes one Unicode scalar value (not a surrogate) escaped for the mode. JSON control characters
// are written with lower-case hex digits (character references and ANSI text), unlike UTF-16 text.
uint8_t *text_put_scalar(uint8_t *out, uint32_t scalar, enum text_mode mode);

#endif
