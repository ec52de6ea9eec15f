// SPDX-License-Identifier: MIT
// A pass over a reader's input that looks at the templates of its records.
#ifndef EVX_API_TEMPLATE_PASS_H
#define EVX_API_TEMPLATE_PASS_H

#include "api/handles.h"
#include "fields/listing.h"

// A pass of its own: the place of evx_next stays where it is.
struct evx_reader template_pass_start(const struct evx_reader *reader);
// What has been found out about the input stays known.
void template_pass_end(struct evx_reader *reader, struct evx_reader *pass);

// Adds the templates of the next record; *chunk is that of the last one, EVX_NONE at first. EVX_END
// behind the last record.
evx_status template_pass_next(struct listing *listing, struct evx_reader *pass,
                              evx_template_totals *totals, uint64_t *chunk, evx_error *error);

#endif
