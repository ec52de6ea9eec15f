// SPDX-License-Identifier: MIT
// What people call a field, as paths of a query: value paths (`System/EventID`), dotted ones
// (`EventData.LogonType`, `Event.System.Provider.#attributes.Name`), short names of what stands in
// System, `Data` and `Data[3]`; every other name is that of data in EventData or UserData, and
// `param3` that of the third data, too, if it has no name.
#ifndef EVX_FILTER_FIELD_NAME_H
#define EVX_FILTER_FIELD_NAME_H

#include "filter/query_path.h"
#include "filter/query_text.h"

enum { FIELD_PATHS_MAX = 3 };

struct field_paths {
    struct query_path paths[FIELD_PATHS_MAX]; // a value at any of them is one of the field
    uint32_t count;
};

// False with *error set.
EVX_MUST_USE bool field_name_parse(struct query_tree *tree, const struct query_text *name,
                                   struct field_paths *ret_paths, struct query_error *error);

#endif
