// SPDX-License-Identifier: MIT
// Which log a record is from, as an attribute of the record's root element, or as the first member
// of its object.
#ifndef EVX_EMIT_SOURCE_NAME_H
#define EVX_EMIT_SOURCE_NAME_H

#include <stddef.h>

#include "base/outbuf.h"

// Adds it to a record that begins at `body` and ends what `out` holds. What is no UTF-8 in the name
// becomes U+FFFD. A root that has such an attribute or member keeps its own. It may fail as outbuf
// does.
void source_name_add(struct outbuf *out, size_t body, const char *name);

#endif
