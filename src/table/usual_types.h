// SPDX-License-Identifier: MIT
// The types that data of well-known names has in logs of Windows: a constant list.
#ifndef EVX_TABLE_USUAL_TYPES_H
#define EVX_TABLE_USUAL_TYPES_H

#include <evx/arrow.h>

// EVX_TABLE_TEXT for a name that is not in the list.
evx_table_type usual_type(const char *name);

#endif
