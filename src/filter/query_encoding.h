// SPDX-License-Identifier: MIT
// The characters of a query file: UTF-8, UTF-16 of both orders, code pages of one byte a character.
#ifndef EVX_FILTER_QUERY_ENCODING_H
#define EVX_FILTER_QUERY_ENCODING_H

#include "filter/query_text.h"

// As UTF-8. What the first bytes say is trusted, then an XML declaration, then that it is UTF-8;
// XML that is none of it is windows-1252, with a warning. The text is the caller's own bytes, or in
// the arena. False with *error set.
EVX_MUST_USE bool query_decode(struct arena *arena, const char *bytes, size_t size,
                               struct query_warnings *warnings_or_null, struct query_text *ret_text,
                               struct query_error *error);

#endif
