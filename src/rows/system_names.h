// SPDX-License-Identifier: MIT
// What can stand in System. Data has any names, but a name below System that is none of these is a
// mistake of the one who wrote it.
#ifndef EVX_ROWS_SYSTEM_NAMES_H
#define EVX_ROWS_SYSTEM_NAMES_H

#include "filter/query_text.h"

// False with *error set, and the name in it that is most alike, for a dotted name such as
// `System.Provder.Name`. Every other name may be that of something.
EVX_MUST_USE bool system_names_check(const struct query_text *name, struct query_error *error);

#endif
