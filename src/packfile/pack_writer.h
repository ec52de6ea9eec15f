// SPDX-License-Identifier: MIT
// Writes a pack. What is there already (a text, a table of messages, a version of a provider) is
// not written again, so that the same inputs in the same order give the same bytes.
#ifndef EVX_PACKFILE_PACK_WRITER_H
#define EVX_PACKFILE_PACK_WRITER_H

#include "packfile/pack_model.h"

struct pack_origin {
    const char *kind; // "pe", "wevtcache", ...
    struct slice path, sha256, version, system;
    uint64_t size; // UINT64_MAX: not known
};

struct pack_counts {
    uint64_t providers, events, templates, messages; // new ones
    uint64_t known_providers, known_tables;          // that were there already
};

enum writer_statement {
    PUT_ORIGIN,
    GET_ORIGIN,
    PUT_TEXT,
    GET_TEXT,
    PUT_TABLE,
    GET_TABLE,
    PUT_MESSAGE,
    PUT_PROVIDER,
    GET_PROVIDER,
    PUT_USE,
    PUT_EVENT,
    PUT_NAME,
    PUT_TEMPLATE,
    PUT_ITEM,
    PUT_MAP,
    PUT_MAP_ROW,
    WRITER_STATEMENTS,
};

struct known_text {
    uint64_t hash;
    int64_t id; // 0: the slot is free
};

struct table_message {
    uint32_t id, order;
    int64_t text;
};

struct pack_writer {
    struct database database;
    struct statement statements[WRITER_STATEMENTS];
    struct known_text *texts; // by hash
    size_t text_count, text_capacity;
    struct list messages; // struct table_message: of the table that is written
    struct sha256 sha;    // of it
    struct pack_counts counts;
};

// False with writer->database.fault; pack_writer_close() is due either way.
EVX_MUST_USE bool pack_writer_open(struct pack_writer *writer, struct memory *memory,
                                   const char *path);
// Everything is in the file behind this.
EVX_MUST_USE bool pack_writer_commit(struct pack_writer *writer);
void pack_writer_close(struct pack_writer *writer);

// 0: it failed, as below. One that is there already is not added again.
int64_t pack_writer_add_origin(struct pack_writer *writer, const struct pack_origin *origin);

// The messages of one table in one language, in any order; of two with one number the first counts.
// serves: "ntstatus" or "errors" for those of the system, else NULL.
void pack_writer_begin_table(struct pack_writer *writer, uint32_t language);
bool pack_writer_add_message(struct pack_writer *writer, uint32_t id, struct slice text);
int64_t pack_writer_end_table(struct pack_writer *writer, int64_t origin, uint32_t language,
                              const char *serves);

// The model's tables are those of this pack; they are put in order.
bool pack_writer_add_provider(struct pack_writer *writer, struct pack_model *model);

#endif
