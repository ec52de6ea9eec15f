// SPDX-License-Identifier: MIT
// What is left to ask of a record once its template is known: tests of values, in and, or, not.
// Made by filter/partial.c, folded while it is made, and written as a filter_plan's code.
#ifndef EVX_FILTER_RESIDUAL_H
#define EVX_FILTER_RESIDUAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "filter/literal.h"

enum residual_kind {
    RESIDUAL_TRUE,
    RESIDUAL_FALSE,
    RESIDUAL_AND,
    RESIDUAL_OR,
    RESIDUAL_NOT,
    // Tests, which are what ops test, too: a jump for each outcome.
    RESIDUAL_PRESENT,   // the value is not NULL: elements that depend on it are there
    RESIDUAL_ELEMENT,   // the value is all of an element, which satisfies the literal
    RESIDUAL_ATTRIBUTE, // the value is all of an attribute, which satisfies it; NULL: it is there
    RESIDUAL_BITS,      // of an element: expression is a BAND of it with a number
    RESIDUAL_AGE,       // of an element or attribute: expression is a TIMEDIFF to fixed ticks
    RESIDUAL_HEADER,    // expression
    RESIDUAL_LOG,       // the name of the log is that of the expression
    RESIDUAL_NESTED,    // the elements in the value are where a path goes on
    RESIDUAL_WALK,      // expression, asked of the whole record by walking
};

struct residual {
    uint8_t kind;
    bool is_attribute; // AGE
    uint16_t hole;     // value index
    uint32_t next;     // operand of the same AND or OR
    union {
        uint32_t operands; // AND, OR, NOT
        uint32_t expression;
        uint32_t continuation; // NESTED: expression and step, as filter_plan.roots has them
        const struct literal *literal;
    };
};

// Grows while a template is looked at. Index 0 is TRUE, 1 is FALSE.
struct residuals {
    struct memory *memory;
    struct residual *nodes;
    uint32_t count, capacity;
    bool failed; // no memory, or too many
};

enum { NO_RESIDUAL = UINT32_MAX }; // only a walk can tell

void residuals_init(struct residuals *residuals, struct memory *memory);
void residuals_destroy(struct residuals *residuals);

uint32_t residual_add(struct residuals *residuals, struct residual node);
// Of operands that have no other use; NO_RESIDUAL among them gives that. Cheap ones come first.
uint32_t residual_and(struct residuals *residuals, uint32_t a, uint32_t b);
uint32_t residual_or(struct residuals *residuals, uint32_t a, uint32_t b);
uint32_t residual_not(struct residuals *residuals, uint32_t operand);

#endif
