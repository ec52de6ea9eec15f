// SPDX-License-Identifier: MIT
// Where EventData stands in a template, and its names and values: worked out once for each
// template. What is odd is left to a walk over the elements, which gives the same entries.
#ifndef EVX_TABLE_DATA_PLAN_H
#define EVX_TABLE_DATA_PLAN_H

#include "base/outbuf.h"
#include "decode/plans.h"
#include "emit/key_set.h"
#include "fields/tree.h"

// What a template is: that of a record, or of an instance in a value of one.
enum data_context { DATA_OF_RECORD, DATA_NESTED };

enum data_kind {
    DATA_NONE,    // there is no EventData
    DATA_HOLE,    // it may be in the value of a hole
    DATA_ENTRIES, // its entries are known
    DATA_WALK,    // only a walk can tell
};

struct data_entry {
    uint16_t hole;       // NO_DATA_HOLE: the text is the template's
    uint16_t dependency; // NO_DEPENDENCY: none
    bool is_optional;    // an empty value is null
    uint32_t unit_count; // of the text
    const uint8_t *units;
};

enum { NO_DATA_HOLE = UINT16_MAX };

struct data_plan {
    struct plan plan;
    uint8_t kind;     // enum data_kind
    bool has_others;  // elements beside System and EventData
    bool is_steady;   // no entry depends on another value
    bool has_numbers; // what keys are called depends on the entries in front of them
    uint16_t hole;    // DATA_HOLE
    uint32_t entry_count;
    const struct data_entry *entries;
    const uint32_t *key_ends; // of each entry's key, in the keys
    const uint8_t *keys;      // UTF-8, one behind the other, each once
    uint32_t keys_size;
};

// What numbers names that come again, and puts keys together. Of a worker.
struct data_names {
    struct key_set set;
    struct outbuf text;
    bool has_numbers; // some name has come again
};

void data_names_init(struct data_names *names, struct memory *memory);
void data_names_destroy(struct data_names *names);
// In front of the names of one record or template. False without memory.
EVX_MUST_USE bool data_names_start(struct data_names *names);
// Makes a name of the units (those in front of a NUL) that was not there before, behind what
// names->text has. False without memory, or when they are too much.
EVX_MUST_USE bool data_names_add(struct data_names *names, const uint8_t *units, size_t count,
                                 const uint8_t **ret_key, uint32_t *ret_size);

// Makes the plan of a template; NULL: there will be none, and all is walked.
const struct data_plan *data_plan_make(struct plans *plans, struct data_names *names,
                                       const struct template *template, enum data_context context);

EVX_INLINE const struct data_plan *data_plan_of(struct plans *plans, struct data_names *names,
                                                const struct template *template,
                                                enum data_context context)
{
    const struct plan *plan = plans_find(plans, template->number, context);
    return EVX_LIKELY(plan != NULL) ? (const struct data_plan *)plan
                                    : data_plan_make(plans, names, template, context);
}

// The elements that both look for.
bool name_is_system(const struct name *name);
bool name_is_event_data(const struct name *name);

#endif
