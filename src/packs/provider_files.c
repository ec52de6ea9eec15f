// SPDX-License-Identifier: MIT
// Reading the files of a group.
#include "packs/provider_files.h"

#include <errno.h>
#include <stdio.h>

#include "base/load.h"
#include "packs/message_table.h"
#include "packs/provider_link.h"
#include "text/ansi_codec.h"

enum { FLAG_UTF16 = 1, FLAG_UTF8 = 2, OVERLAPS_MAX = 4 };

void provider_files_init(struct provider_files *files, struct providers *providers)
{
    *files = (struct provider_files){.providers = providers};
}

void provider_files_destroy(struct provider_files *files)
{
    struct memory *memory = files->providers->memory;
    list_destroy(&files->names, memory, sizeof(struct file_name));
    list_destroy(&files->definitions, memory, sizeof(struct file_definitions));
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool file_name_is(const struct file_name *name, const char *text, size_t size)
{
    if (name->size != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (lower(name->text[i]) != lower(text[i]))
            return false;
    return true;
}

// What a file or its companion is called.
static size_t size_without_companion(const char *name)
{
    static const char *const ends[] = {".mui", ".mun"};
    size_t size = strlen(name);
    for (int i = 0; i < 2; i++) {
        const struct file_name end = {.text = name + (size > 4 ? size - 4 : 0), .size = 4};
        if (size > 4 && file_name_is(&end, ends[i], 4))
            return size - 4;
    }
    return size;
}

// The index of the name, which is added where it is new. NO_INDEX without memory.
static uint32_t index_of_name(struct provider_files *files, const char *name)
{
    const size_t size = size_without_companion(name);
    const struct file_name *names = files->names.items;
    for (size_t i = 0; i < files->names.count; i++)
        if (file_name_is(&names[i], name, size))
            return (uint32_t)i;
    uint8_t *copy = providers_text_room(files->providers, size + 1);
    struct file_name *added =
        copy ? list_add(&files->names, files->providers->memory, sizeof *added) : NULL;
    if (!added)
        return NO_INDEX;
    memcpy(copy, name, size);
    *added = (struct file_name){(const char *)copy, size, NULL};
    return (uint32_t)files->names.count - 1;
}

// A message's text as UTF-16. False without memory.
static bool text_of_message(struct providers *providers, const struct message *message,
                            struct wevt_text *ret)
{
    *ret = (struct wevt_text){message->text, message->size / 2u};
    if (message->flags & FLAG_UTF16)
        return true;
    if (message->flags & FLAG_UTF8)
        return providers_copy_utf8(providers, (const char *)message->text, message->size, ret);
    uint8_t *units = providers_text_room(providers, 4 * (size_t)message->size + 2);
    size_t count = 0;
    if (!units)
        return false;
    if (!ansi_codec_decode(ansi_codec_default(), message->text, message->size, (uint16_t *)units,
                           &count))
        count = 0;
    *ret = (struct wevt_text){units, (uint32_t)count};
    return true;
}

static enum file_outcome add_messages(struct provider_files *files, uint32_t name,
                                      uint16_t language, const uint8_t *bytes, size_t size)
{
    struct message_table table;
    struct message message;
    struct file_name *names = files->names.items;
    if (!message_table_open(bytes, size, &table))
        return FILE_WITHOUT;
    if (!names[name].messages)
        names[name].messages = providers_add_messages(files->providers);
    if (!names[name].messages)
        return FILE_NO_MEMORY;
    struct message_walk walk = message_table_walk(&table);
    while (message_table_next(&table, &walk, &message)) {
        struct wevt_text text;
        if (!text_of_message(files->providers, &message, &text) ||
            !message_list_add(files->providers, names[name].messages, message.id, language, text))
            return FILE_NO_MEMORY;
    }
    return FILE_ADDED;
}

static enum file_outcome add_definitions(struct provider_files *files, uint32_t name,
                                         const uint8_t *bytes, size_t size)
{
    struct crim crim;
    struct crim_fault fault;
    if (!crim_open(bytes, size, &crim, &fault))
        return FILE_WITHOUT;
    struct file_definitions *added =
        list_add(&files->definitions, files->providers->memory, sizeof *added);
    if (!added)
        return FILE_NO_MEMORY;
    *added = (struct file_definitions){crim, name};
    return FILE_ADDED;
}

// The set owns the bytes.
static enum file_outcome add_bytes(struct provider_files *files, const char *name,
                                   enum resource_kind kind, uint16_t language, const uint8_t *bytes,
                                   size_t size)
{
    uint32_t index = index_of_name(files, name);
    if (index == NO_INDEX)
        return FILE_NO_MEMORY;
    return kind == RESOURCE_MESSAGES ? add_messages(files, index, language, bytes, size)
                                     : add_definitions(files, index, bytes, size);
}

// A block of the set's for so many bytes; NULL without memory.
static uint8_t *add_block(struct providers *providers, size_t size)
{
    uint8_t *bytes = memory_allocate(providers->memory, size);
    if (!bytes || providers_keep_block(providers, bytes, size))
        return bytes;
    memory_release(providers->memory, bytes, size);
    return NULL;
}

enum file_outcome provider_files_add_resource(struct provider_files *files, const char *name,
                                              enum resource_kind kind, uint16_t language,
                                              const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return FILE_WITHOUT;
    uint8_t *copy = add_block(files->providers, size);
    if (!copy)
        return FILE_NO_MEMORY;
    memcpy(copy, bytes, size);
    return add_bytes(files, name, kind, language, copy, size);
}

static bool read_exactly(const evx_input *input, uint8_t *bytes, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        int64_t got = input->read(input->context, bytes + done, size - done, offset + done);
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static int64_t size_of(const evx_input *input)
{
    int64_t size = input->get_size(input->context);
    return size > 0 ? size : 0;
}

// Adds those of one kind. FILE_WITHOUT when nothing of them can be used.
static enum file_outcome add_kind(struct provider_files *files, const char *name,
                                  const evx_input *input, enum resource_kind kind,
                                  struct pe_fault *ret_fault)
{
    static const struct pe_type types[] = {
        [RESOURCE_DEFINITIONS] = {"WEVT_TEMPLATE", 0},
        [RESOURCE_MESSAGES] = {NULL, 11},
    };
    struct memory *memory = files->providers->memory;
    struct pe_resources found;
    enum file_outcome outcome = FILE_WITHOUT;
    uint64_t left = OVERLAPS_MAX * (uint64_t)size_of(input); // resources may overlap
    if (!pe_find(input, &types[kind], memory, &found, ret_fault))
        return ret_fault->no_memory ? FILE_NO_MEMORY : FILE_REFUSED;
    for (uint32_t i = 0; i < found.count && outcome <= FILE_WITHOUT; i++) {
        const struct pe_resource *resource = &found.list[i];
        if (resource->size > left)
            break;
        left -= resource->size;
        uint8_t *bytes = add_block(files->providers, resource->size);
        if (bytes && !read_exactly(input, bytes, resource->size, resource->offset)) {
            *ret_fault = (struct pe_fault){.system_errno = errno ? errno : EIO};
            outcome = FILE_REFUSED;
            break;
        }
        enum file_outcome added = bytes ? add_bytes(files, name, kind, (uint16_t)resource->language,
                                                    bytes, resource->size)
                                        : FILE_NO_MEMORY;
        outcome = added == FILE_WITHOUT ? outcome : added;
    }
    pe_resources_destroy(&found, memory);
    return outcome;
}

enum file_outcome provider_files_add(struct provider_files *files, const char *name,
                                     const evx_input *input, struct pe_fault *ret_fault)
{
    enum file_outcome definitions = add_kind(files, name, input, RESOURCE_DEFINITIONS, ret_fault);
    if (definitions > FILE_WITHOUT)
        return definitions;
    enum file_outcome messages = add_kind(files, name, input, RESOURCE_MESSAGES, ret_fault);
    return messages > FILE_WITHOUT || definitions == FILE_WITHOUT ? messages : definitions;
}
