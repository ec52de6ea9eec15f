// SPDX-License-Identifier: MIT
// What a template has to say, written down: its GUID, its root element and its holes with the paths
// that lead to them. Two templates of which the same is told have the same bytes.
//
// A description is: the GUID; u8 whether instances stand in a value; u8 whether there are more
// fields than are told; u16 fields; the root's name; then for each field u16 slot, u8 optional, u8
// has a name, its path, its name if it has one, its type. Texts are UTF-8 and end in NUL.
#ifndef EVX_FIELDS_TEMPLATE_FIELDS_H
#define EVX_FIELDS_TEMPLATE_FIELDS_H

#include <evx/evx.h>

#include "base/outbuf.h"
#include "decode/template.h"

// Writes a description behind what `out` holds, which has begun a record. It may fail as outbuf
// does.
void template_describe(const struct template *template, bool is_nested, struct outbuf *out);

// Takes up the head of a description; what lies behind it is for template_read_field(), field by
// field. The texts are those of the description.
const uint8_t *template_read(const uint8_t *description, evx_template_info *ret_info);
const uint8_t *template_read_field(const uint8_t *position, evx_template_field *ret_field);

#endif
