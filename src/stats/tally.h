// SPDX-License-Identifier: MIT
// Counting records by their fields, as a consumer. A field of a template is a hole, a literal, or
// has to be walked to, as a query does: that is settled once for each template. What is odd about a
// record (a value of another type, none at all) is walked to as well, so that both ways agree.
#ifndef EVX_STATS_TALLY_H
#define EVX_STATS_TALLY_H

#include "decode/consumer.h"
#include "decode/plans.h"
#include "fields/path.h"
#include "filter/evaluate.h"
#include "filter/field_name.h"
#include "stats/groups.h"

enum {
    TALLY_FIELDS_MAX = 16,
    TALLY_VALUE_UNITS_MAX = 1024, // of a field, in a key; what is longer is cut, with "..." behind
    TALLY_KEY_BYTES_MAX = TALLY_FIELDS_MAX * (4 + 2 * TALLY_VALUE_UNITS_MAX),
};

struct tally_field {
    uint8_t of_file; // enum file_field; then it has no paths
    struct field_paths paths;
    bool has_path; // where the field stands in a template can be told
    struct path path;
};

// The tree, the plans and the codec live as long as the run.
struct tally {
    struct consumer consumer;
    const struct query_tree *tree; // of the paths
    struct plans *plans;
    const struct ansi_codec *codec;
    const char *source; // the log's name for people, while it is counted; NULL: not known
    uint32_t field_count;
    struct tally_field fields[TALLY_FIELDS_MAX + 1]; // the last one is the time
};

struct tally_payload {
    struct payload payload;
    struct groups groups;
    // Group of the event that was taken last, as it was before.
    uint32_t last;
    struct time_span last_span;
};

// The tree is made by this call. False with *error set: the name number *ret_wrong is none, or,
// when its kind is QUERY_ERROR_NONE, there are too many.
EVX_MUST_USE bool tally_init(struct tally *tally, struct query_tree *tree, struct plans *plans,
                             const struct ansi_codec *codec, const struct query_text *names,
                             uint32_t count, uint32_t *ret_wrong, struct query_error *error);

// A field of a key, from *at on, which is moved behind it. False: the records have no such field.
bool tally_key_value(const uint8_t *key, size_t *at, const uint8_t **ret_units,
                     uint32_t *ret_count);

#endif
