// SPDX-License-Identifier: MIT
// Fills a pack from files: programs and their companions (.mui, .mun), folders of them, a mounted
// Windows, other packs and other people's databases. What a file lacks or has too much of is told
// and the rest goes on; only what stands in the way of the pack itself ends it.
#ifndef EVX_PACKFILE_PACK_BUILDER_H
#define EVX_PACKFILE_PACK_BUILDER_H

#include "packfile/pack_binary.h"

// A file that is in the pack, or will be.
struct binary {
    char *path;         // as it is opened
    struct slice shown; // as the pack calls it: behind the folder that was named
    // Without case and without what makes a companion of it: "c:/x/de-DE/a.dll.mui" is at home in
    // "c:/x/a.dll".
    struct slice home, base;
    bool is_companion; // .mui or .mun
    bool is_read;
    struct binary_found found;
};

// What the registry says of a provider.
struct registered {
    bool has_guid;
    uint8_t guid[16];
    struct slice name;
    bool is_classic;                // a source of a log of its own
    struct list files[MODEL_ROLES]; // struct slice: homes of files, in their order
    struct slice manifest;          // home of its file; no bytes: none
};

struct folder_entry {
    struct slice name;
    bool is_folder; // else a file
};

struct folder {
    const char *path;
    struct list entries; // struct folder_entry
};

struct pack_builder {
    struct pack_writer *writer;
    struct memory *memory;
    bool no_registry;
    void (*note)(void *context, const char *path, const char *text); // what cannot be used
    void *context;
    uint64_t notes;
    // Of the input that is read now.
    struct arena texts;
    struct list binaries;   // struct binary
    struct list registered; // struct registered
    struct list folders;    // struct folder: that have been looked into
    struct slice system;    // what the registry says of the Windows; no bytes: nothing
    struct binary *binary;  // whose manifest is read
};

void pack_builder_init(struct pack_builder *builder, struct pack_writer *writer);
void pack_builder_destroy(struct pack_builder *builder);

// A file of any kind that is known, or a folder. False with writer->database.fault.
bool pack_builder_add(struct pack_builder *builder, const char *path);

// ------------------------------------------------------------------------------ internal to
// packfile/

EVX_PRINTF(3, 4)
void builder_note(struct pack_builder *builder, const char *path, const char *format, ...);
bool builder_no_memory(struct pack_builder *builder);
// Text in the builder's arena, ended by a NUL; no bytes without memory.
EVX_PRINTF(2, 3) struct slice builder_print(struct pack_builder *builder, const char *format, ...);
// The same in lower case (ASCII), with / between folders.
struct slice builder_fold(struct pack_builder *builder, struct slice text);

// Files that hold resources, once each. `root` bytes of the path are not shown.
bool builder_add_binary(struct pack_builder *builder, const char *path, size_t root);
// All files of a folder at any depth, without following links; companions of one file.
bool builder_walk(struct pack_builder *builder, const char *folder);
bool builder_add_companions(struct pack_builder *builder, const char *path, size_t root);
// A path below a folder in any case, without following links. No bytes: there is none.
struct slice builder_find_below(struct pack_builder *builder, const char *folder,
                                struct slice path);

// Puts what has been found into the pack: first all tables, then providers.
bool builder_link(struct pack_builder *builder);

// A folder that is the root of a Windows: finds providers by its registry. False when it is none
// (or the registry cannot be read, which is told), or with a fault.
bool builder_read_image(struct pack_builder *builder, const char *root);

// Other files, by their first bytes.
bool builder_import_database(struct pack_builder *builder, const char *path);
bool builder_import_wevtcache(struct pack_builder *builder, const char *path);

#endif
