// SPDX-License-Identifier: MIT
// The table of text formats: what each writes around a record, its walker and its compiler. Who
// wants to know something of a format asks here; no format is asked for by its name.
#ifndef EVX_EMIT_FORMAT_H
#define EVX_EMIT_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/attrs.h"

struct compiler;
struct node;
struct renderer;
struct rendering_info;

enum format_number {
    FORMAT_XML,
    FORMAT_XML_COMPACT,
    FORMAT_JSON,
    FORMAT_JSON_SEPARATE, // attributes in a member of their own
    FORMAT_XML_DOCUMENT, // all records in one: what stands around them all is the caller's to write
    FORMAT_XML_DOCUMENT_COMPACT,
    FORMAT_JSON_ARRAY,
    FORMAT_JSON_ARRAY_SEPARATE,
    // As the module evtx 0.14 of PyPI writes them: docs/python.md has what differs.
    FORMAT_XML_0_14,
    FORMAT_XML_COMPACT_0_14,
    FORMAT_JSON_0_14,
    FORMAT_JSON_SEPARATE_0_14,
    FORMAT_COUNT,
};

enum { FRAME_TEXT_BYTES = 63 };

// Text around a record, padded: copying all of it is cheaper than looking at its size.
struct frame_text {
    char text[FRAME_TEXT_BYTES];
    uint8_t size;
};

struct format {
    const char *name;
    struct frame_text head;           // in front of each record
    struct frame_text head_recovered; // the same of one that was carved
    char tail[2];                     // behind each record
    uint8_t tail_size;
    uint8_t first_skips; // bytes of the head that the first record of a document goes without
    const char *front;   // of a document, in front of all records; NULL: each stands alone
    const char *back;    // and behind them all
    const char *empty;   // instead of a record without elements
    const char *empty_recovered; // and of one that was carved
    bool is_indented;            // what a template compiles to depends on its depth
    bool is_0_14; // the dialect of values, of empty elements, and of those that depend on others
    bool separates_attributes;
    bool repeats_data_roots; // see is_repeated_data_root()

    // Writes a record from its first element or instance on.
    bool (*render)(struct renderer *renderer, const struct node *root);
    const char *record_end; // of a record whose root is an Event with a child
    // Adds texts in front of that.
    void (*put_rendering_info)(struct renderer *renderer, const struct rendering_info *info);
    // Compiles the template's root for a context: the depth of indentation where there is one.
    void (*compile)(struct compiler *compiler, uint32_t context);
};

// Where there is room for the whole struct; returns the end of the text.
EVX_INLINE uint8_t *put_frame_text(uint8_t *p, const struct frame_text *text)
{
    memcpy(p, text, sizeof *text);
    return p + text->size;
}

extern const struct format formats[FORMAT_COUNT];

#endif
