// SPDX-License-Identifier: MIT
#include "packfile/pack_binary.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "bytes/source.h"
#include "packs/message_table.h"
#include "packs/pe.h"
#include "system/file.h"
#include "text/ansi_codec.h"

enum {
    RT_MESSAGETABLE = 11,
    RT_VERSION = 16,
    // Entries of a table may lie over each other, but not without end.
    SHARED_TIMES_MAX = 4,
    VERSION_RESOURCE_MAX = 64 << 10,
    HASH_AT_ONCE = 64 << 10,
    MESSAGE_UTF16 = 1,
    MESSAGE_UTF8 = 2,
    MESSAGE_BYTES_MAX = 65535,
};

struct reading {
    struct pack_writer *writer;
    struct memory *memory;
    int fd;
    evx_input input;
    struct binary_found *found;
    int system_errno;
    char *why;
    uint8_t *room; // for a resource, or a piece of the file
    size_t room_bytes;
    char text[MESSAGE_BYTES_MAX * UTF8_BYTES_OF_UNIT]; // of a message
    uint16_t units[2 * MESSAGE_BYTES_MAX];
};

static int64_t read_input(void *context, void *buffer, size_t size, uint64_t offset)
{
    return file_read_at(*(const int *)context, buffer, size, offset);
}

static int64_t input_size(void *context)
{
    struct file_status status;
    return file_get_status(*(const int *)context, &status) ? (int64_t)status.size_bytes : -1;
}

static enum binary_outcome damaged(struct reading *reading, const char *text)
{
    snprintf(reading->why, BINARY_WHY_BYTES, "%s", text);
    return BINARY_DAMAGED;
}

static enum binary_outcome refused(struct reading *reading)
{
    reading->system_errno = errno ? errno : EIO;
    return BINARY_REFUSED;
}

static bool make_room(struct reading *reading, size_t size)
{
    if (size <= reading->room_bytes)
        return true;
    memory_release(reading->memory, reading->room, reading->room_bytes);
    reading->room = memory_allocate(reading->memory, size);
    reading->room_bytes = reading->room ? size : 0;
    return reading->room != NULL;
}

static enum binary_outcome find(struct reading *reading, const struct pe_type *type,
                                struct pe_resources *ret)
{
    struct pe_fault fault;
    if (pe_find(&reading->input, type, reading->memory, ret, &fault))
        return BINARY_FINE;
    errno = fault.system_errno;
    if (fault.system_errno)
        return refused(reading);
    return damaged(reading, fault.no_memory ? "not enough memory" : fault.text);
}

static enum binary_outcome load(struct reading *reading, const struct pe_resource *resource)
{
    EVX_CHECK(resource->size > 0);
    if (!make_room(reading, resource->size))
        return damaged(reading, "not enough memory");
    errno = 0;
    int64_t n = file_read_at(reading->fd, reading->room, resource->size, resource->offset);
    return n == resource->size ? BINARY_FINE : refused(reading);
}

// -------------------------------------------------------------------------------------------
// tables

// The code page that Windows uses for a language, by its primary one and, for Chinese and Serbian,
// by its sublanguage.
static const struct ansi_codec *codec_of(uint32_t language)
{
    static const struct {
        uint8_t primary;
        const char *label;
    } pages[] = {
        {0x01, "windows-1256"}, {0x02, "windows-1251"}, {0x05, "windows-1250"},
        {0x08, "windows-1253"}, {0x0D, "windows-1255"}, {0x0E, "windows-1250"},
        {0x11, "shift_jis"},    {0x12, "euc-kr"},       {0x15, "windows-1250"},
        {0x18, "windows-1250"}, {0x19, "windows-1251"}, {0x1A, "windows-1250"},
        {0x1B, "windows-1250"}, {0x1E, "windows-874"},  {0x1F, "windows-1254"},
        {0x20, "windows-1256"}, {0x22, "windows-1251"}, {0x23, "windows-1251"},
        {0x24, "windows-1250"}, {0x25, "windows-1257"}, {0x26, "windows-1257"},
        {0x27, "windows-1257"}, {0x29, "windows-1256"}, {0x2A, "windows-1258"},
    };
    const struct ansi_codec *codec = NULL;
    const char *label = "windows-1252";
    uint32_t primary = language & 0x3FF;
    if (primary == 0x04)
        label = language == 0x404 || language == 0xC04 || language == 0x1404 ? "big5" : "gbk";
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pages[i].primary == primary)
            label = pages[i].label;
    enum ansi_lookup lookup = ansi_codec_find(label, &codec);
    EVX_CHECK(lookup == ANSI_FOUND);
    return codec;
}

// A message as UTF-8. Bytes that the code page does not know make Latin-1 of all of it.
static struct slice text_of(struct reading *reading, const struct message *message,
                            uint32_t language)
{
    size_t count = message->size;
    const uint8_t *units = (const uint8_t *)reading->units;
    if (message->flags & MESSAGE_UTF16) {
        units = message->text;
        count = message->size / 2;
    } else if (message->flags & MESSAGE_UTF8) { // what is none is shown byte by byte
        if (!ansi_codec_decode(codec_of(0), message->text, message->size, reading->units, &count))
            count = 0;
        const struct ansi_codec *utf8 = NULL;
        size_t utf8_count;
        if (ansi_codec_find("utf-8", &utf8) == ANSI_FOUND &&
            ansi_codec_decode(utf8, message->text, message->size, reading->units, &utf8_count))
            count = utf8_count;
    } else if (!ansi_codec_decode(codec_of(language), message->text, message->size, reading->units,
                                  &count)) {
        count = message->size;
        for (size_t i = 0; i < count; i++)
            reading->units[i] = message->text[i];
    }
    EVX_CHECK(count <= sizeof reading->units / sizeof *reading->units);
    return (struct slice){reading->text, utf8_of_units(units, count, reading->text)};
}

static enum binary_outcome add_table(struct reading *reading, const struct pe_resource *resource,
                                     const char *serves)
{
    struct message_table table;
    struct message message;
    uint64_t left = SHARED_TIMES_MAX * (uint64_t)resource->size;
    enum binary_outcome outcome = load(reading, resource);
    if (outcome != BINARY_FINE)
        return outcome;
    if (!message_table_open(reading->room, resource->size, &table))
        return damaged(reading, "its message table is damaged");
    struct message_walk walk = message_table_walk(&table);
    pack_writer_begin_table(reading->writer, resource->language);
    while (message_table_next(&table, &walk, &message)) {
        EVX_CHECK(message.size <= MESSAGE_BYTES_MAX);
        if (message.size > left)
            return damaged(reading, "its messages share more than there is");
        left -= message.size;
        if (!pack_writer_add_message(reading->writer, message.id,
                                     text_of(reading, &message, resource->language)))
            return BINARY_PACK_FAULT;
    }
    struct binary_table *added = list_add(&reading->found->tables, reading->memory, sizeof *added);
    if (!added)
        return damaged(reading, "not enough memory");
    added->language = resource->language;
    added->message_count = (uint32_t)reading->writer->messages.count;
    added->id =
        pack_writer_end_table(reading->writer, reading->found->origin, resource->language, serves);
    return added->id ? BINARY_FINE : BINARY_PACK_FAULT;
}

// -------------------------------------------------------------------------------------------
// origin

static enum binary_outcome hash_file(struct reading *reading, char ret_text[2 * SHA256_BYTES],
                                     uint64_t *ret_size)
{
    static const char digits[] = "0123456789abcdef";
    struct sha256 sha;
    uint8_t digest[SHA256_BYTES];
    sha256_init(&sha);
    if (!make_room(reading, HASH_AT_ONCE))
        return damaged(reading, "not enough memory");
    for (int64_t n = HASH_AT_ONCE; n == HASH_AT_ONCE;) {
        n = file_read_at(reading->fd, reading->room, HASH_AT_ONCE, sha.size_bytes);
        if (n < 0)
            return refused(reading);
        sha256_add(&sha, reading->room, (size_t)n);
    }
    *ret_size = sha.size_bytes;
    sha256_end(&sha, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        ret_text[2 * i] = digits[digest[i] >> 4];
        ret_text[2 * i + 1] = digits[digest[i] & 15];
    }
    return BINARY_FINE;
}

// "10.0.19041.3269" from VS_FIXEDFILEINFO; nothing where there is none.
static struct slice read_version(struct reading *reading, char *text, size_t size)
{
    static const struct pe_type type = {NULL, RT_VERSION};
    struct pe_resources found;
    struct slice version = {0};
    if (find(reading, &type, &found) != BINARY_FINE)
        return version;
    if (found.count > 0 && found.list[0].size <= VERSION_RESOURCE_MAX &&
        load(reading, &found.list[0]) == BINARY_FINE) {
        const uint8_t *bytes = reading->room;
        for (uint32_t at = 0; at + 16 <= found.list[0].size && !version.bytes; at += 4)
            if (load_u32(bytes + at) == 0xFEEF04BD) {
                int length = snprintf(text, size, "%u.%u.%u.%u", load_u16(bytes + at + 10),
                                      load_u16(bytes + at + 8), load_u16(bytes + at + 14),
                                      load_u16(bytes + at + 12));
                version = (struct slice){text, (size_t)length};
            }
    }
    pe_resources_destroy(&found, reading->memory);
    return version;
}

static enum binary_outcome add_origin(struct reading *reading, struct slice shown,
                                      struct slice system)
{
    char hash[2 * SHA256_BYTES], version[64];
    struct pack_origin origin = {.kind = "pe", .path = shown, .system = system};
    origin.version = read_version(reading, version, sizeof version);
    enum binary_outcome outcome = hash_file(reading, hash, &origin.size);
    if (outcome != BINARY_FINE)
        return outcome;
    origin.sha256 = (struct slice){hash, sizeof hash};
    EVX_CHECK(reading->found->origin == 0);
    reading->found->origin = pack_writer_add_origin(reading->writer, &origin);
    return reading->found->origin ? BINARY_FINE : BINARY_PACK_FAULT;
}

// ---------------------------------------------------------------------------------------------
// file

static enum binary_outcome read_tables(struct reading *reading, const struct pe_resources *tables,
                                       const char *serves)
{
    enum binary_outcome outcome = BINARY_FINE;
    for (uint32_t i = 0; i < tables->count && outcome == BINARY_FINE; i++)
        outcome = add_table(reading, &tables->list[i], serves);
    return outcome;
}

static enum binary_outcome read_all(struct reading *reading, struct slice shown,
                                    struct slice system, const char *serves)
{
    static const struct pe_type manifest = {"WEVT_TEMPLATE", 0}, table = {NULL, RT_MESSAGETABLE};
    struct pe_resources manifests, tables = {0};
    enum binary_outcome outcome = find(reading, &manifest, &manifests);
    if (outcome == BINARY_FINE)
        outcome = find(reading, &table, &tables);
    if (outcome == BINARY_FINE && manifests.count + tables.count > 0)
        outcome = add_origin(reading, shown, system);
    for (uint32_t i = 0; i < manifests.count && outcome == BINARY_FINE; i++) {
        struct binary_manifest *added =
            list_add(&reading->found->manifests, reading->memory, sizeof *added);
        if (added)
            *added = (struct binary_manifest){manifests.list[i].offset, manifests.list[i].size};
        else
            outcome = damaged(reading, "not enough memory");
    }
    if (outcome == BINARY_FINE)
        outcome = read_tables(reading, &tables, serves);
    pe_resources_destroy(&manifests, reading->memory);
    pe_resources_destroy(&tables, reading->memory);
    return outcome;
}

enum binary_outcome binary_read(struct pack_writer *writer, int fd, struct slice shown,
                                struct slice system, const char *serves,
                                struct binary_found *ret_found, int *ret_errno,
                                char why[BINARY_WHY_BYTES])
{
    uint8_t magic[2];
    struct memory *memory = writer->database.memory;
    *ret_found = (struct binary_found){0};
    if (file_read_at(fd, magic, sizeof magic, 0) != sizeof magic || load_u16(magic) != 0x5A4D)
        return BINARY_FINE;
    struct reading *reading = memory_allocate_zeroed(memory, sizeof *reading);
    if (!reading) {
        snprintf(why, BINARY_WHY_BYTES, "not enough memory");
        return BINARY_DAMAGED;
    }
    *reading = (struct reading){
        .writer = writer, .memory = memory, .fd = fd, .found = ret_found, .why = why};
    reading->input =
        (evx_input){.read = read_input, .get_size = input_size, .context = &reading->fd};
    enum binary_outcome outcome = read_all(reading, shown, system, serves);
    *ret_errno = reading->system_errno;
    memory_release(memory, reading->room, reading->room_bytes);
    memory_release(memory, reading, sizeof *reading);
    return outcome;
}

void binary_found_destroy(struct binary_found *found, struct memory *memory)
{
    list_destroy(&found->tables, memory, sizeof(struct binary_table));
    list_destroy(&found->manifests, memory, sizeof(struct binary_manifest));
    *found = (struct binary_found){0};
}
