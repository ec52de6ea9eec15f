// SPDX-License-Identifier: MIT
//
// libevx: packs of providers. A pack is one SQLite file with what providers say about their events, in any
// number of versions and languages, each with where it is from; docs/packs.md describes its tables.
//
// The calls need SQLite (libsqlite3.so.0), which is loaded by the first of them; without it, and where the
// library has been built without, they fail with EVX_ERR_PACK. The rules of <evx/evx.h> hold here, too. A
// handle is for one thread at a time.
#ifndef EVX_PACK_FILE_H
#define EVX_PACK_FILE_H

#include <evx/messages.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------------------------
// Making one.

typedef struct evx_pack_writer evx_pack_writer;

typedef struct evx_pack_build_options {
    size_t size;     // sizeof(evx_pack_build_options)
    int no_registry; // of a mounted Windows: find providers by the resources of its files alone
    // Called for what cannot be used (a file that is damaged, ...), which is left out. May be NULL.
    void (*note)(void *context, const char *path, const char *text);
    void *context;
} evx_pack_build_options;

typedef struct evx_pack_totals {
    size_t size; // sizeof(evx_pack_totals), set by the caller
    uint64_t providers, events, templates, messages; // that are in the pack
    uint64_t known_providers;                        // that came again
    uint64_t notes;
} evx_pack_totals;

// A new pack; there must be no file of that name. options may be NULL.
EVX_API evx_status evx_pack_create(const char *path, const evx_pack_build_options *options,
                                   evx_pack_writer **ret_writer, evx_error *error);
// Adds what a path has: a program (EXE, DLL, SYS) with its companions (.mui, .mun) beside it or in folders
// of languages, a folder at any depth, the root of a mounted Windows, another pack, a .wevtcache file, or a
// database of plaso (winevt-rc), Velocidex, ts-evtx or EventLogExpert. What is in the pack already is not
// added again. An error other than EVX_ERR_ARGUMENT ends the pack.
EVX_API evx_status evx_pack_add(evx_pack_writer *writer, const char *path, evx_error *error);
// Writes what is left and closes; the file is whole only behind this. totals may be NULL. *writer is NULL
// afterwards in any case.
EVX_API evx_status evx_pack_finish(evx_pack_writer **writer, evx_pack_totals *totals, evx_error *error);
// Closes without finishing: the file is not to be used. Sets *writer to NULL; NULL is fine.
EVX_API void evx_pack_discard(evx_pack_writer **writer);

// ---------------------------------------------------------------------------------------------------
// Looking into one.

typedef struct evx_pack_file evx_pack_file;

// Opens a pack for reading; nothing of it or beside it changes. EVX_ERR_IO, or EVX_ERR_PACK when it is none
// or is damaged (cause[0]).
EVX_API evx_status evx_pack_file_open(const char *path, evx_pack_file **ret_file, evx_error *error);
// Sets *file to NULL; NULL is fine.
EVX_API void evx_pack_file_close(evx_pack_file **file);

// A version of a provider.
typedef struct evx_pack_provider {
    size_t size; // of this struct in the library that is running
    int64_t id;  // in the pack
    const uint8_t *guid;   // 16 bytes as stored; NULL: none
    const char *name;      // UTF-8, "" when it is not known
    // Where it is from: "pe", "wevtcache", "plaso", ...; the file; its version; the Windows it was part of.
    const char *origin, *path, *file_version, *system;
    uint64_t event_count, template_count, map_count, name_count;
    uint64_t table_count; // of messages that are its own or that it shares
} evx_pack_provider;

// Calls visit for each version of each provider, in the order of the pack. visit returns 0 to go on,
// anything else to stop (EVX_ERR_SINK). What is pointed to lives until visit returns; it may call
// evx_pack_file_list_events().
EVX_API evx_status evx_pack_file_list_providers(evx_pack_file *file,
                                                int (*visit)(void *context, const evx_pack_provider *provider),
                                                void *context, evx_error *error);

typedef struct evx_pack_event {
    size_t size; // of this struct in the library that is running
    uint16_t id, task;
    uint8_t version, channel, level, opcode;
    uint64_t keywords;
    const uint8_t *template_guid; // NULL: it has no data, or its template is not known
    const char *text;             // raw, with its %1 and %n; NULL: there is none
    uint32_t language;            // of the text, as Windows numbers them: 0x409 is English
} evx_pack_event;

// The same for the events of a provider, by its id.
EVX_API evx_status evx_pack_file_list_events(evx_pack_file *file, int64_t provider,
                                             int (*visit)(void *context, const evx_pack_event *event),
                                             void *context, evx_error *error);

// The definitions of a pack or a .wevtcache file, whichever it is, for evx_engine_use_pack().
EVX_API evx_status evx_pack_open(const char *path, evx_pack **ret_pack, evx_error *error);

// Adds a pack to a set of messages: its providers are read when events of them come first. What was added
// before wins. EVX_ERR_IO, or EVX_ERR_PACK when it is no pack or is damaged (cause[0]).
EVX_API evx_status evx_messages_add_pack(evx_messages *messages, const char *path, evx_error *error);

#ifdef __cplusplus
}
#endif

#endif
