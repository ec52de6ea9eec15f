// SPDX-License-Identifier: MIT
// What reading and asking an MTA file share. Internal to packs/.
#ifndef EVX_PACKS_MTA_ORDER_H
#define EVX_PACKS_MTA_ORDER_H

#include "packs/mta.h"

// Unit by unit; folded: ASCII letters in one case.
int mta_compare_texts(const struct mta_text *left, const struct mta_text *right, bool folded);

// In front of its NUL. Texts of the file are cut when they are asked for: looking at all of them
// would cost more than the file is long, where they overlap.
struct mta_text mta_cut_text(struct mta_text text);

// NULL: no such entry.
const struct mta_message *mta_message_at(const struct mta *mta, uint64_t index);

#endif
