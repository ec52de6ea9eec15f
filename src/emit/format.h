// SPDX-License-Identifier: MIT
// The table of text formats: what each writes around a record, its walker and its compiler. Who
// wants to know something of a format asks here; no format is asked for by its name.
#ifndef EVX_EMIT_FORMAT_H
#define EVX_EMIT_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

struct compiler;
struct node;
struct renderer;

enum format_number {
    FORMAT_XML,
    FORMAT_XML_COMPACT,
    FORMAT_JSON,
    FORMAT_JSON_SEPARATE, // attributes in a member of their own
    FORMAT_COUNT,
};

struct format {
    const char *name;
    const char *head;            // in front of each record
    const char *head_recovered;  // the same of one that was carved
    const char *tail;            // behind each record
    const char *empty;           // instead of a record without elements
    const char *empty_recovered; // and of one that was carved
    bool is_indented;            // what a template compiles to depends on its depth
    bool separates_attributes;
    bool repeats_data_roots; // see is_repeated_data_root()

    // Writes a record from its first element or instance on.
    bool (*render)(struct renderer *renderer, const struct node *root);
    // Compiles the template's root for a context: the depth of indentation where there is one.
    void (*compile)(struct compiler *compiler, uint32_t context);
};

extern const struct format formats[FORMAT_COUNT];

#endif
