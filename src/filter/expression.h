// SPDX-License-Identifier: MIT
// What a query asks, whatever language it was written in: XPath, structured XML and flags become
// the same tree. It is flat: nodes and steps refer to one another by index, so that nothing
// recurses. Immutable once it is built, and shared by all threads.
//
// An expression is true or false of a *context*: the record (whose children are its root elements),
// or an element that a step of a path led to.
#ifndef EVX_FILTER_EXPRESSION_H
#define EVX_FILTER_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "filter/literal.h"

enum expression_kind {
    EXPRESSION_TRUE,
    EXPRESSION_FALSE,
    EXPRESSION_AND, // operands: first, and their `next`
    EXPRESSION_OR,
    EXPRESSION_NOT,  // of its one operand
    EXPRESSION_PATH, // some node that the path selects has a value that satisfies the literal, or,
                     // without one, the path selects something
    EXPRESSION_POSITION, // the context's place in the list that the predicates before left
    EXPRESSION_BAND,     // some pair of values of two operands has a common bit
    EXPRESSION_TIMEDIFF, // from a path's time to the reference, compared with milliseconds
    EXPRESSION_ANY_TEXT, // some value of the record satisfies the literal
    EXPRESSION_LOG,      // the record belongs to this log: channel, or name of the file
    EXPRESSION_SAME,   // some values of two paths: the first is, contains, starts or ends with the
                       // second
    EXPRESSION_HEADER, // a number of the record's header lies in [low, high]
};

enum header_field { HEADER_FIELD_RECORD, HEADER_FIELD_WRITTEN }; // identifier, FILETIME

#define NO_EXPRESSION UINT32_MAX

// A step of a path: the children or attributes of a name, as far as the predicates hold.
struct path_query_step {
    const uint8_t *name; // UTF-16LE
    uint32_t name_units; // 0: `*`, any name
    bool is_attribute;
    bool is_text; // text(): the value of the context, unless it is empty; of an attribute: nothing
    uint32_t predicates; // first expression, the others are its `next`; NO_EXPRESSION
};

// Operand of `band`: a path, or a number.
struct band_operand {
    uint32_t first_step, step_count; // no steps: the number
    uint64_t number;
};

struct expression {
    uint8_t kind;    // enum expression_kind
    uint8_t op;      // enum literal_op of POSITION, BAND, TIMEDIFF, SAME
    uint32_t next;   // operand of the same AND or OR, or predicate of the same step
    uint32_t offset; // of its text in the query, in bytes
    union {
        uint32_t operands; // AND, OR, NOT: the first one
        struct {
            uint32_t first_step, step_count;
            const struct literal *literal; // NULL: there is such a node
            bool is_file;                  // LOG: the name is that of the file and of nothing else
        } path;                            // PATH, ANY_TEXT (no steps), LOG (no steps: = name)
        double position;                   // POSITION op this
        struct {
            struct band_operand a, b;
            bool is_compared; // with `number` by op, else true when there is a common bit
            double number;
        } band;
        struct {
            uint32_t first_step, step_count;         // the time
            uint32_t ref_first_step, ref_step_count; // the reference, unless has_ticks
            bool has_ticks;                          // the reference is `ticks`: now, or as written
            bool is_now;                             // has_ticks, and none was written
            int64_t ticks;                           // FILETIME
            double milliseconds;                     // right side
        } timediff;
        struct {
            uint32_t first_step, step_count;
            uint32_t ref_first_step, ref_step_count;
            bool is_cased;
        } same;
        struct {
            uint8_t field; // enum header_field
            uint64_t low, high;
        } header;
    };
};

// Why the tree takes nothing more.
enum query_failure { QUERY_FAILURE_NONE, QUERY_FAILURE_LIMIT, QUERY_FAILURE_MEMORY };

struct query_tree {
    struct arena arena; // names, literals
    uint8_t failure;    // enum query_failure
    struct expression *expressions;
    uint32_t expression_count, expression_capacity;
    struct path_query_step *steps;
    uint32_t step_count, step_capacity;
    uint32_t root;   // expression; NO_EXPRESSION until there is one
    uint64_t serial; // of a query, of its engine; 0: it has none, and no needles
};

#endif
