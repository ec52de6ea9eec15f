// SPDX-License-Identifier: MIT
// A mounted Windows: which providers it has, and which files they name, by its registry.
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packfile/hive.h"
#include "packfile/pack_builder.h"

enum { VALUE_UNITS_MAX = 16 << 10 };

struct image {
    struct pack_builder *builder;
    const char *root;
    struct hive hive;
    struct registered *entry; // that is filled
    struct list resolved;     // struct resolved: files that have been looked for
    bool is_fine;             // false: no memory, or the pack has a fault
};

struct resolved {
    struct slice name, home; // no bytes of home: it is not there
};

// ------------------------------------------------------------------------------------------ values

// A text of the registry; no bytes: none.
static struct slice read_text(struct image *image, hive_key key, const char *name)
{
    size_t size;
    uint8_t *bytes = hive_value(&image->hive, key, name, &size);
    struct slice text = {0};
    uint32_t count = 0;
    EVX_CHECK(image->hive.handle != NULL);
    while (bytes && count < size / 2 && count < VALUE_UNITS_MAX && load_u16(bytes + 2 * count))
        count++;
    char *copy = NULL;
    if (count > 0)
        copy = arena_allocate(&image->builder->texts, (size_t)count * UTF8_BYTES_OF_UNIT + 1);
    if (count > 0 && !copy)
        image->is_fine = builder_no_memory(image->builder);
    if (copy) {
        text = (struct slice){copy, utf8_of_units(bytes, count, copy)};
        copy[text.size] = 0;
    }
    hive_free(bytes);
    return text;
}

static uint32_t read_number(struct image *image, hive_key key, const char *name)
{
    size_t size;
    uint8_t *bytes = hive_value(&image->hive, key, name, &size);
    uint32_t number = bytes && size >= 4 ? load_u32(bytes) : 0;
    hive_free(bytes);
    return number;
}

// ------------------------------------------------------------------------------------------- paths

static bool cut_start(struct slice *text, const char *start)
{
    size_t size = strlen(start);
    if (text->size < size || memcmp(text->bytes, start, size) != 0)
        return false;
    text->bytes += size;
    text->size -= size;
    return true;
}

// A path of the image, folded, as one below its root.
static struct slice below_root(struct pack_builder *builder, struct slice path)
{
    static const struct {
        const char *word, *folder;
    } words[] = {
        {"%systemroot%", "windows"},
        {"%windir%", "windows"},
        {"/systemroot", "windows"},
        {"%programfiles%", "program files"},
        {"%programfiles(x86)%", "program files (x86)"},
        {"%programdata%", "programdata"},
        {"%systemdrive%", ""},
        {"%commonprogramfiles%", "program files/common files"},
    };
    cut_start(&path, "/?"
                     "?/"); // in two: no trigraph
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (cut_start(&path, words[i].word))
            return builder_print(builder, "%s/%.*s", words[i].folder, (int)path.size, path.bytes);
    if (path.size >= 2 && path.bytes[1] == ':')
        return (struct slice){path.bytes + 2, path.size - 2};
    if (path.size > 0 && path.bytes[0] == '/')
        return path;
    if (memchr(path.bytes, '/', path.size)) // "system32/x.dll" stands for one below Windows
        return builder_print(builder, "windows/%.*s", (int)path.size, path.bytes);
    return builder_print(builder, "windows/system32/%.*s", (int)path.size, path.bytes);
}

// Adds a file of the image, and its companions; where it is at home. No bytes: it is not there.
static struct slice add_path(struct image *image, struct slice path)
{
    struct pack_builder *builder = image->builder;
    struct slice none = {0};
    size_t root = strlen(image->root);
    struct slice found = builder_find_below(builder, image->root, path);
    image->is_fine = database_is_fine(&builder->writer->database);
    if (!found.bytes || !image->is_fine)
        return none;
    EVX_CHECK(found.size >= root);
    while (found.bytes[root] == '/')
        root++;
    image->is_fine = builder_add_binary(builder, found.bytes, root) &&
                     builder_add_companions(builder, found.bytes, root);
    return image->is_fine ? builder_fold(builder, found) : none;
}

// The same of a name as the registry has it; many providers name one file.
static struct slice add_named(struct image *image, struct slice name)
{
    struct pack_builder *builder = image->builder;
    struct slice none = {0};
    while (name.size > 0 && (name.bytes[0] == ' ' || name.bytes[0] == '"'))
        name = (struct slice){name.bytes + 1, name.size - 1};
    while (name.size > 0 && (name.bytes[name.size - 1] == ' ' || name.bytes[name.size - 1] == '"'))
        name.size--;
    struct slice folded = name.size ? builder_fold(builder, name) : none;
    struct slice path = folded.size ? below_root(builder, folded) : none;
    const struct resolved *known = image->resolved.items;
    image->is_fine = database_is_fine(&builder->writer->database);
    if (!path.size || !image->is_fine)
        return none;
    for (size_t i = 0; i < image->resolved.count; i++)
        if (known[i].name.size == path.size && !memcmp(known[i].name.bytes, path.bytes, path.size))
            return known[i].home;
    struct slice home = add_path(image, path);
    struct resolved *resolved = list_add(&image->resolved, builder->memory, sizeof *resolved);
    if (resolved)
        *resolved = (struct resolved){path, home};
    else
        image->is_fine = builder_no_memory(builder);
    return home;
}

static void add_files(struct image *image, enum model_role role, struct slice names)
{
    while (names.size > 0 && image->is_fine) {
        const char *end = memchr(names.bytes, ';', names.size);
        size_t size = end ? (size_t)(end - names.bytes) : names.size;
        struct slice home = add_named(image, (struct slice){names.bytes, size});
        size += end != NULL;
        names = (struct slice){names.bytes + size, names.size - size};
        if (!home.bytes)
            continue;
        struct slice *file =
            list_add(&image->entry->files[role], image->builder->memory, sizeof *file);
        if (file)
            *file = home;
        else
            image->is_fine = builder_no_memory(image->builder);
    }
}

// ----------------------------------------------------------------------------------------
// providers

static bool add_entry(struct image *image, const char *name)
{
    struct pack_builder *builder = image->builder;
    image->entry = list_add(&builder->registered, builder->memory, sizeof *image->entry);
    EVX_CHECK(image->is_fine);
    if (!image->entry)
        return image->is_fine = builder_no_memory(builder);
    image->entry->name = builder_print(builder, "%s", name);
    return image->is_fine = image->entry->name.bytes != NULL;
}

static bool visit_publisher(void *context, hive_key key, const char *name)
{
    struct image *image = context;
    uint8_t guid[16];
    if (!guid_parse((struct slice){name, strlen(name)}, guid))
        return true;
    struct slice title = read_text(image, key, "");
    if (!image->is_fine || !add_entry(image, title.bytes ? title.bytes : name))
        return false;
    struct registered *entry = image->entry;
    memcpy(entry->guid, guid, sizeof guid);
    entry->has_guid = true;
    entry->manifest = add_named(image, read_text(image, key, "ResourceFileName"));
    add_files(image, MODEL_EVENTS, read_text(image, key, "MessageFileName"));
    add_files(image, MODEL_PARAMETERS, read_text(image, key, "ParameterFileName"));
    return image->is_fine;
}

static bool is_known_source(const struct pack_builder *builder, const char *name)
{
    const struct registered *registered = builder->registered.items;
    for (size_t i = 0; i < builder->registered.count; i++)
        if (registered[i].is_classic && registered[i].files[MODEL_EVENTS].count > 0 &&
            registered[i].name.size == strlen(name) &&
            memcmp(registered[i].name.bytes, name, registered[i].name.size) == 0)
            return true;
    return false;
}

static bool visit_source(void *context, hive_key key, const char *name)
{
    struct image *image = context;
    struct slice files = read_text(image, key, "EventMessageFile");
    // The first log that has the source with files is the one that counts.
    if (!files.bytes || !image->is_fine || is_known_source(image->builder, name))
        return image->is_fine;
    if (!add_entry(image, name))
        return false;
    struct slice guid = read_text(image, key, "ProviderGuid");
    image->entry->is_classic = true;
    image->entry->has_guid = guid.bytes && guid_parse(guid, image->entry->guid);
    add_files(image, MODEL_EVENTS, files);
    add_files(image, MODEL_PARAMETERS, read_text(image, key, "ParameterMessageFile"));
    add_files(image, MODEL_CATEGORIES, read_text(image, key, "CategoryMessageFile"));
    return image->is_fine;
}

static bool visit_log(void *context, hive_key key, const char *name)
{
    struct image *image = context;
    (void)name;
    return hive_visit(&image->hive, key, visit_source, image) && image->is_fine;
}

static void read_system_name(struct image *image, hive_key root)
{
    hive_key key = hive_find(&image->hive, root, "Microsoft/Windows NT/CurrentVersion");
    if (!key)
        return;
    struct slice product = read_text(image, key, "ProductName");
    struct slice build = read_text(image, key, "CurrentBuildNumber");
    uint32_t revision = read_number(image, key, "UBR");
    if (product.bytes && build.bytes)
        image->builder->system =
            builder_print(image->builder, "%s %s.%u", product.bytes, build.bytes, revision);
}

// Opens a hive of the image; false when it is not there, or cannot be read, which is told.
static bool open_hive(struct image *image, const char *name)
{
    char place[64];
    snprintf(place, sizeof place, "windows/system32/config/%s", name);
    struct slice path =
        builder_find_below(image->builder, image->root, (struct slice){place, strlen(place)});
    image->is_fine = database_is_fine(&image->builder->writer->database);
    if (!path.bytes || !image->is_fine)
        return false;
    if (hive_open(&image->hive, image->builder->memory, path.bytes))
        return true;
    builder_note(image->builder, path.bytes, "%s", image->hive.why);
    hive_close(&image->hive);
    return false;
}

static void read_sources(struct image *image)
{
    char path[64];
    if (!open_hive(image, "system"))
        return;
    hive_key root = hive_root(&image->hive);
    hive_key select = hive_find(&image->hive, root, "Select");
    uint32_t current = select ? read_number(image, select, "Current") : 1;
    snprintf(path, sizeof path, "ControlSet%03u/Services/EventLog", current);
    hive_key logs = hive_find(&image->hive, root, path);
    if (logs)
        hive_visit(&image->hive, logs, visit_log, image);
    hive_close(&image->hive);
}

static bool has_folder(struct pack_builder *builder, const char *root)
{
    struct slice path =
        builder_find_below(builder, root, SLICE("windows/system32/config/software"));
    return path.bytes != NULL;
}

static bool read_hives(struct image *image)
{
    if (!has_folder(image->builder, image->root) || !open_hive(image, "software"))
        return false;
    hive_key software = hive_root(&image->hive);
    read_system_name(image, software);
    hive_key publishers =
        hive_find(&image->hive, software, "Microsoft/Windows/CurrentVersion/WINEVT/Publishers");
    if (publishers)
        hive_visit(&image->hive, publishers, visit_publisher, image);
    hive_close(&image->hive);
    if (image->is_fine)
        read_sources(image);
    // Texts of NTSTATUS and Win32 errors.
    if (image->is_fine) {
        add_named(image, SLICE("%systemroot%\\system32\\ntdll.dll"));
        add_named(image, SLICE("%systemroot%\\system32\\kernel32.dll"));
    }
    return image->is_fine && publishers != 0;
}

bool builder_read_image(struct pack_builder *builder, const char *root)
{
    struct image image = {.builder = builder, .root = root, .is_fine = true};
    bool is_image = read_hives(&image);
    list_destroy(&image.resolved, builder->memory, sizeof(struct resolved));
    return is_image;
}
