// SPDX-License-Identifier: MIT
// Which files there are: what is named, folders, companions.
#include "packfile/pack_builder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "system/file.h"
#include "system/folder.h"

enum {
    TEXTS_BLOCK_BYTES = 64 << 10,
    TEXTS_MAX = 256 << 20, // paths and names of one input
    DEPTH_MAX = 64,        // of folders
    MAGIC_BYTES = 16,
};

void pack_builder_init(struct pack_builder *builder, struct pack_writer *writer)
{
    *builder = (struct pack_builder){.writer = writer, .memory = writer->database.memory};
    arena_init(&builder->texts, builder->memory, TEXTS_BLOCK_BYTES, TEXTS_MAX);
}

static void forget_folder(struct pack_builder *builder, struct folder *folder)
{
    list_destroy(&folder->entries, builder->memory, sizeof(struct folder_entry));
}

static void forget_input(struct pack_builder *builder)
{
    struct binary *binaries = builder->binaries.items;
    struct registered *registered = builder->registered.items;
    for (size_t i = 0; i < builder->binaries.count; i++)
        binary_found_destroy(&binaries[i].found, builder->memory);
    for (size_t i = 0; i < builder->registered.count; i++)
        for (int role = 0; role < MODEL_ROLES; role++)
            list_destroy(&registered[i].files[role], builder->memory, sizeof(struct slice));
    for (size_t i = 0; i < builder->folders.count; i++)
        forget_folder(builder, (struct folder *)builder->folders.items + i);
    builder->binaries.count = builder->registered.count = builder->folders.count = 0;
    builder->system = (struct slice){0};
    arena_reset(&builder->texts);
}

void pack_builder_destroy(struct pack_builder *builder)
{
    forget_input(builder);
    list_destroy(&builder->binaries, builder->memory, sizeof(struct binary));
    list_destroy(&builder->registered, builder->memory, sizeof(struct registered));
    list_destroy(&builder->folders, builder->memory, sizeof(struct folder));
    arena_destroy(&builder->texts);
}

void builder_note(struct pack_builder *builder, const char *path, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    builder->notes++;
    if (builder->note)
        builder->note(builder->context, path, text);
}

bool builder_no_memory(struct pack_builder *builder)
{
    return database_no_memory(&builder->writer->database);
}

// ----------------------------------------------------------------------------------------- texts

struct slice builder_print(struct pack_builder *builder, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    EVX_CHECK(size >= 0);
    char *text = arena_allocate(&builder->texts, (size_t)size + 1);
    if (!text) {
        builder_no_memory(builder);
        return (struct slice){0};
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return (struct slice){text, (size_t)size};
}

struct slice builder_fold(struct pack_builder *builder, struct slice text)
{
    char *folded = arena_allocate(&builder->texts, text.size + 1);
    if (!folded) {
        builder_no_memory(builder);
        return (struct slice){0};
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        folded[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '\\' ? '/' : c;
    }
    folded[text.size] = 0;
    return (struct slice){folded, text.size};
}

static bool cut_end(struct slice *text, const char *end)
{
    size_t size = strlen(end);
    if (text->size <= size || memcmp(text->bytes + text->size - size, end, size) != 0)
        return false;
    text->size -= size;
    return true;
}

static struct slice base_of(struct slice path)
{
    size_t at = path.size;
    while (at > 0 && path.bytes[at - 1] != '/')
        at--;
    return (struct slice){path.bytes + at, path.size - at};
}

// "en-us", "zh-hans-cn", "de"
static bool is_language(struct slice word)
{
    size_t letters = 0;
    if (word.size < 2 || word.size > 16)
        return false;
    for (size_t i = 0; i < word.size; i++) {
        char c = word.bytes[i];
        if (c == '-' && letters >= 2) {
            letters = 0;
            continue;
        }
        if (!(c >= 'a' && c <= 'z') && !(letters > 0 && c >= '0' && c <= '9'))
            return false;
        letters++;
    }
    return letters >= 2 && (word.size <= 3 || memchr(word.bytes, '-', word.size) != NULL);
}

// The folded path without the language's folder of a .mui.
static bool find_home(struct pack_builder *builder, struct binary *binary, struct slice path)
{
    struct slice folded = builder_fold(builder, path);
    bool is_mui = folded.bytes && cut_end(&folded, ".mui");
    bool is_mun = folded.bytes && !is_mui && cut_end(&folded, ".mun");
    if (!folded.bytes)
        return false;
    binary->is_companion = is_mui || is_mun;
    binary->base = base_of(folded);
    struct slice folder = {folded.bytes, folded.size - binary->base.size};
    struct slice language = {0};
    if (is_mui && folder.size > 0)
        language = base_of((struct slice){folder.bytes, folder.size - 1});
    if (language.bytes && is_language(language))
        folder.size -= language.size + 1;
    // Of a .mun only the name of its file is known.
    binary->home = is_mun ? binary->base
                          : builder_print(builder, "%.*s%.*s", (int)folder.size, folder.bytes,
                                          (int)binary->base.size, binary->base.bytes);
    return binary->home.bytes != NULL;
}

bool builder_add_binary(struct pack_builder *builder, const char *path, size_t root)
{
    struct slice copy = builder_print(builder, "%s", path);
    struct binary *binary = NULL;
    if (copy.bytes)
        binary = list_add(&builder->binaries, builder->memory, sizeof *binary);
    if (!binary)
        return builder_no_memory(builder);
    EVX_CHECK(root <= copy.size);
    binary->path = (char *)copy.bytes;
    binary->shown = (struct slice){copy.bytes + root, copy.size - root};
    return find_home(builder, binary, copy);
}

// ---------------------------------------------------------------------------------------- folders

// Reads a folder. Links are passed over: they may lead out of an image, or back. False without
// memory.
static bool read_folder(struct pack_builder *builder, const char *path, struct folder *ret)
{
    const char *name;
    enum file_kind kind;
    struct folder_reader *entries = folder_open(path);
    bool fine = true;
    if (!entries) {
        builder_note(builder, path, "%s", file_error_text(errno));
        return true;
    }
    while (fine && (name = folder_next(entries, &kind)) != NULL) {
        if (kind != FILE_KIND_FOLDER && kind != FILE_KIND_REGULAR)
            continue;
        struct folder_entry *entry = list_add(&ret->entries, builder->memory, sizeof *entry);
        if (entry)
            *entry =
                (struct folder_entry){builder_print(builder, "%s", name), kind == FILE_KIND_FOLDER};
        fine = entry && entry->name.bytes;
    }
    folder_close(entries);
    return fine || builder_no_memory(builder);
}

// One that is looked into again and again is read once. NULL without memory.
static const struct folder *find_folder(struct pack_builder *builder, const char *path)
{
    struct folder *folders = builder->folders.items;
    for (size_t i = 0; i < builder->folders.count; i++)
        if (strcmp(folders[i].path, path) == 0)
            return &folders[i];
    struct folder *folder = list_add(&builder->folders, builder->memory, sizeof *folder);
    struct slice copy = builder_print(builder, "%s", path);
    if (!folder || !copy.bytes) {
        builder->folders.count -= folder != NULL;
        builder_no_memory(builder);
        return NULL;
    }
    folder->path = copy.bytes;
    return read_folder(builder, path, folder) ? folder : NULL;
}

static struct slice path_of(struct pack_builder *builder, const char *folder, struct slice name)
{
    size_t size = strlen(folder);
    const char *between = size > 0 && folder[size - 1] == '/' ? "" : "/";
    return builder_print(builder, "%s%s%.*s", folder, between, (int)name.size, name.bytes);
}

struct walk {
    size_t root;
    struct list folders; // struct slice: that are to be read
};

static bool walk_folder(struct pack_builder *builder, struct walk *walk, const char *path)
{
    struct folder folder = {.path = path};
    bool fine = read_folder(builder, path, &folder);
    const struct folder_entry *entries = folder.entries.items;
    for (size_t i = 0; i < folder.entries.count && fine; i++) {
        struct slice below = path_of(builder, path, entries[i].name);
        fine = below.bytes != NULL;
        if (fine && entries[i].is_folder) {
            struct slice *next = list_add(&walk->folders, builder->memory, sizeof *next);
            fine = next || builder_no_memory(builder);
            if (next)
                *next = below;
        } else if (fine) {
            fine = builder_add_binary(builder, below.bytes, walk->root);
        }
    }
    forget_folder(builder, &folder);
    return fine;
}

bool builder_walk(struct pack_builder *builder, const char *folder)
{
    struct walk walk = {.root = strlen(folder)};
    while (walk.root > 0 && folder[walk.root - 1] == '/')
        walk.root--;
    walk.root += folder[walk.root] == '/' || walk.root == strlen(folder); // and what stands between
    if (folder[0] == '/' && folder[1] == 0)
        walk.root = 1;
    bool fine = walk_folder(builder, &walk, folder);
    while (fine && walk.folders.count > 0) {
        struct slice next = ((struct slice *)walk.folders.items)[--walk.folders.count];
        fine = walk_folder(builder, &walk, next.bytes);
    }
    list_destroy(&walk.folders, builder->memory, sizeof(struct slice));
    return fine;
}

// The entry of a folder that is called so, in any case. No bytes: there is none.
static struct slice find_entry(struct pack_builder *builder, const char *path, struct slice name,
                               bool is_folder)
{
    EVX_CHECK(name.bytes != NULL);
    const struct folder *folder = find_folder(builder, path);
    const struct folder_entry *entries = folder ? folder->entries.items : NULL;
    for (size_t i = 0; folder && i < folder->entries.count; i++)
        if (entries[i].is_folder == is_folder && entries[i].name.size == name.size &&
            strncasecmp(entries[i].name.bytes, name.bytes, name.size) == 0)
            return path_of(builder, path, entries[i].name);
    return (struct slice){0};
}

struct slice builder_find_below(struct pack_builder *builder, const char *folder, struct slice path)
{
    EVX_CHECK(path.bytes || path.size == 0);
    struct slice found = builder_print(builder, "%s", folder);
    size_t at = 0;
    for (int depth = 0; found.bytes && at < path.size && depth < DEPTH_MAX; depth++) {
        size_t end = at;
        while (end < path.size && path.bytes[end] != '/')
            end++;
        struct slice name = {path.bytes + at, end - at};
        at = end + 1;
        if (name.size == 0)
            continue;
        if (name.bytes[0] == '.' && name.size <= 2)
            return (struct slice){0};
        found = find_entry(builder, found.bytes, name, end < path.size);
    }
    return found;
}

static bool add_if_there(struct pack_builder *builder, const char *folder, struct slice name,
                         const char *end, size_t root)
{
    struct slice companion = builder_print(builder, "%.*s%s", (int)name.size, name.bytes, end);
    struct slice found = {0};
    if (companion.bytes)
        found = find_entry(builder, folder, companion, false);
    return database_is_fine(&builder->writer->database) &&
           (!found.bytes || builder_add_binary(builder, found.bytes, root));
}

// What belongs to a file out of the folders beside it.
static bool add_beside(struct pack_builder *builder, const char *path, struct slice name,
                       size_t root)
{
    const struct folder *folder = find_folder(builder, path);
    for (size_t i = 0; folder && i < folder->entries.count; i++) {
        const struct folder_entry *entry = (const struct folder_entry *)folder->entries.items + i;
        if (!entry->is_folder)
            continue;
        struct slice folded = builder_fold(builder, entry->name);
        bool is_resources = folded.bytes && strcmp(folded.bytes, "systemresources") == 0;
        if (!folded.bytes || (!is_resources && !is_language(folded)))
            continue;
        struct slice below = path_of(builder, path, entry->name);
        if (!below.bytes ||
            !add_if_there(builder, below.bytes, name, is_resources ? ".mun" : ".mui", root))
            return false;
        folder = find_folder(builder, path); // the list may have moved
    }
    return database_is_fine(&builder->writer->database);
}

bool builder_add_companions(struct pack_builder *builder, const char *path, size_t root)
{
    struct slice name = base_of((struct slice){path, strlen(path)});
    struct slice folder = builder_print(builder, "%.*s", (int)(name.bytes - path), path);
    if (!folder.bytes)
        return false;
    const char *beside = folder.size ? folder.bytes : "./";
    struct slice above = builder_print(builder, "%s../SystemResources", beside);
    struct file_status status;
    if (!above.bytes || !add_if_there(builder, beside, name, ".mui", root) ||
        !add_if_there(builder, beside, name, ".mun", root) ||
        !add_beside(builder, beside, name, root))
        return false;
    return !file_find_own_status(above.bytes, &status) || status.kind != FILE_KIND_FOLDER ||
           add_if_there(builder, above.bytes, name, ".mun", 0);
}

// ------------------------------------------------------------------------------------------ inputs

static int compare_binaries(const void *a, const void *b)
{
    return strcmp(((const struct binary *)a)->path, ((const struct binary *)b)->path);
}

// By path, each once.
static void sort_binaries(struct pack_builder *builder)
{
    struct binary *binaries = builder->binaries.items;
    size_t kept = 0;
    if (builder->binaries.count > 0)
        qsort(binaries, builder->binaries.count, sizeof *binaries, compare_binaries);
    for (size_t i = 0; i < builder->binaries.count; i++)
        if (kept == 0 || strcmp(binaries[kept - 1].path, binaries[i].path) != 0)
            binaries[kept++] = binaries[i];
    builder->binaries.count = kept;
}

static bool add_folder(struct pack_builder *builder, const char *path)
{
    bool is_image = !builder->no_registry && builder_read_image(builder, path);
    if (!database_is_fine(&builder->writer->database))
        return false;
    if (!is_image && !builder_walk(builder, path))
        return false;
    sort_binaries(builder);
    return builder_link(builder);
}

static bool add_file(struct pack_builder *builder, const char *path, const char magic[MAGIC_BYTES])
{
    if (memcmp(magic, "SQLite format 3", 16) == 0)
        return builder_import_database(builder, path);
    if (memcmp(magic, "WEVTCACH", 8) == 0)
        return builder_import_wevtcache(builder, path);
    if (memcmp(magic, "MZ", 2) != 0) {
        builder_note(builder, path, "it is neither a program nor a database that is known");
        return true;
    }
    size_t root = strlen(path) - base_of((struct slice){path, strlen(path)}).size;
    EVX_CHECK(builder->binaries.count == 0);
    if (!builder_add_binary(builder, path, root) || !builder_add_companions(builder, path, root))
        return false;
    sort_binaries(builder);
    return builder_link(builder);
}

bool pack_builder_add(struct pack_builder *builder, const char *path)
{
    struct file_status status;
    char magic[MAGIC_BYTES] = {0};
    bool fine = true;
    int fd = file_open_at_once(path);
    if (fd < 0 || !file_get_status(fd, &status)) {
        builder_note(builder, path, "%s", file_error_text(errno));
    } else if (status.kind == FILE_KIND_FOLDER) {
        fine = add_folder(builder, path);
    } else if (status.kind != FILE_KIND_REGULAR || file_read_at(fd, magic, sizeof magic, 0) < 0) {
        builder_note(builder, path, "it is no file that can be read");
    } else {
        fine = add_file(builder, path, magic);
    }
    if (fd >= 0)
        file_close(fd);
    forget_input(builder);
    return fine && database_is_fine(&builder->writer->database);
}
