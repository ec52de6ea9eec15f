// SPDX-License-Identifier: MIT
#include "packs/pe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"

enum {
    DOS_HEADER_BYTES = 64,
    PE_HEADER_BYTES = 24, // signature and COFF header
    SECTION_BYTES = 40,
    DIRECTORY_BYTES = 16,
    ENTRY_BYTES = 8,
    DATA_ENTRY_BYTES = 16,
    RESOURCE_DIRECTORY = 2, // of the data directories
    READ_ENTRIES = 256,     // at once
    NAME_UNITS_MAX = 64,
    // Resources may share their bytes, but not without end.
    SHARED_TIMES_MAX = 16,
};

#define HIGH_BIT 0x80000000u

struct pe {
    const evx_input *input;
    struct memory *memory;
    struct pe_fault *fault;
    struct pe_resources *found;
    uint64_t file_bytes;
    uint64_t sections; // file offset of the headers
    uint32_t section_count;
    uint64_t tree; // file offset
    uint32_t tree_bytes;
    uint64_t entries_left; // that may be looked at
    uint64_t bytes_left;   // that may be found
};

static bool fault_text(struct pe *pe, const char *format, ...)
    __attribute__((format(printf, 2, 3), cold));

static bool fault_text(struct pe *pe, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(pe->fault->text, sizeof pe->fault->text, format, arguments);
    va_end(arguments);
    return false;
}

static bool has_fault(const struct pe *pe)
{
    return pe->fault->system_errno || pe->fault->no_memory || *pe->fault->text;
}

static bool not_pe(struct pe *pe)
{
    if (has_fault(pe))
        return false;
    return fault_text(pe, "input is not a valid PE file: failed to parse PE via goblin");
}

// Whether [offset, offset + size) of the file is there, and read.
static bool read_at(struct pe *pe, uint64_t offset, uint32_t size, void *ret, bool *ret_there)
{
    *ret_there = offset <= pe->file_bytes && size <= pe->file_bytes - offset;
    if (!*ret_there)
        return true;
    int64_t n = pe->input->read(pe->input->context, ret, size, offset);
    if (n < 0) {
        pe->fault->system_errno = errno ? errno : EIO;
        return false;
    }
    *ret_there = n == size;
    return true;
}

// The same where a file that is too short is no PE file.
static bool read_header(struct pe *pe, uint64_t offset, uint32_t size, void *ret)
{
    bool is_there;
    return read_at(pe, offset, size, ret, &is_there) && (is_there || not_pe(pe));
}

// Whether the optional header is one of 32 or 64 bits; where its data directories begin.
static bool find_directories(struct pe *pe, uint64_t optional, uint32_t optional_bytes,
                             uint32_t *ret_offset)
{
    uint8_t magic[2];
    if (optional_bytes < sizeof magic || !read_header(pe, optional, sizeof magic, magic))
        return not_pe(pe);
    bool is_64 = load_u16(magic) == 0x20B;
    *ret_offset = is_64 ? 112 : 96;
    return (is_64 || load_u16(magic) == 0x10B) && optional_bytes >= *ret_offset ? true : not_pe(pe);
}

// RVA and size of the resource tree; 0 when there is none.
static bool read_headers(struct pe *pe, uint32_t *ret_rva, uint32_t *ret_bytes)
{
    uint8_t dos[DOS_HEADER_BYTES], head[PE_HEADER_BYTES], last[SECTION_BYTES], count[4], entry[8];
    uint32_t directories = 0;
    *ret_rva = *ret_bytes = 0;
    if (!read_header(pe, 0, sizeof dos, dos))
        return false;
    uint64_t at = load_u32(dos + 0x3C);
    if (load_u16(dos) != 0x5A4D || !read_header(pe, at, sizeof head, head) ||
        load_u32(head) != 0x4550)
        return not_pe(pe);
    uint32_t optional_bytes = load_u16(head + 20);
    uint64_t optional = at + PE_HEADER_BYTES;
    pe->section_count = load_u16(head + 6);
    pe->sections = optional + optional_bytes;
    if (pe->section_count > 0 &&
        !read_header(pe, pe->sections + (uint64_t)(pe->section_count - 1) * SECTION_BYTES,
                     sizeof last, last))
        return false;
    if (optional_bytes == 0)
        return true;
    if (!find_directories(pe, optional, optional_bytes, &directories) ||
        !read_header(pe, optional + directories - 4, sizeof count, count))
        return false;
    if (load_u32(count) <= RESOURCE_DIRECTORY ||
        optional_bytes < directories + 8 * (RESOURCE_DIRECTORY + 1))
        return true;
    if (!read_header(pe, optional + directories + 8 * RESOURCE_DIRECTORY, sizeof entry, entry))
        return false;
    *ret_rva = load_u32(entry);
    *ret_bytes = load_u32(entry + 4);
    return true;
}

// Where an address lies in the file: in the first section that holds it.
static bool map_rva(struct pe *pe, uint32_t rva, uint64_t *ret_offset)
{
    enum { AT_ONCE = 32 };
    uint8_t sections[AT_ONCE * SECTION_BYTES];
    for (uint32_t i = 0; i < pe->section_count; i += AT_ONCE) {
        uint32_t count = pe->section_count - i < AT_ONCE ? pe->section_count - i : AT_ONCE;
        if (!read_header(pe, pe->sections + (uint64_t)i * SECTION_BYTES, count * SECTION_BYTES,
                         sections))
            return false;
        for (uint32_t k = 0; k < count; k++) {
            const uint8_t *section = sections + k * SECTION_BYTES;
            uint32_t size = load_u32(section + 8), start = load_u32(section + 12);
            uint32_t raw_size = load_u32(section + 16);
            size = size > raw_size ? size : raw_size;
            if (rva >= start && rva - start < size) {
                *ret_offset = (uint64_t)load_u32(section + 20) + (rva - start);
                return true;
            }
        }
    }
    return fault_text(pe, "failed to map RVA 0x%08x to a file offset", rva);
}

static bool read_tree(struct pe *pe, uint64_t offset, uint32_t size, void *ret, const char *what)
{
    bool is_there = offset <= pe->tree_bytes && size <= pe->tree_bytes - offset;
    if (is_there && !read_at(pe, pe->tree + offset, size, ret, &is_there))
        return false;
    return is_there ||
           fault_text(pe, "resource directory is malformed: resource directory %s out of bounds",
                      what);
}

// A directory of the tree, read entry by entry.
struct directory {
    uint32_t offset, named, count;
    uint32_t index;           // of the next entry
    uint32_t first, buffered; // entries that are in the buffer
    uint8_t entries[READ_ENTRIES * ENTRY_BYTES];
};

static bool directory_open(struct pe *pe, uint32_t offset, struct directory *ret)
{
    uint8_t head[DIRECTORY_BYTES];
    if (!read_tree(pe, offset, sizeof head, head, "header"))
        return false;
    ret->offset = offset;
    ret->named = load_u16(head + 12);
    ret->count = ret->named + load_u16(head + 14);
    ret->index = ret->first = ret->buffered = 0;
    if (offset + DIRECTORY_BYTES + (uint64_t)ret->count * ENTRY_BYTES > pe->tree_bytes)
        return read_tree(pe, pe->tree_bytes, 1, head, "entries");
    if (ret->count > pe->entries_left) // more than fit into the tree: directories are shared
        return fault_text(pe, "resource directory is malformed: resource directory entries repeat");
    pe->entries_left -= ret->count;
    return true;
}

struct entry {
    uint32_t name, target;
};

// False behind the last entry, or with a fault.
static bool directory_next(struct pe *pe, struct directory *directory, struct entry *ret)
{
    if (directory->index == directory->count)
        return false;
    if (directory->index == directory->first + directory->buffered) {
        uint32_t left = directory->count - directory->index;
        uint32_t count = left < READ_ENTRIES ? left : READ_ENTRIES;
        uint64_t at =
            directory->offset + DIRECTORY_BYTES + (uint64_t)directory->index * ENTRY_BYTES;
        if (!read_tree(pe, at, count * ENTRY_BYTES, directory->entries, "entries"))
            return false;
        directory->first = directory->index;
        directory->buffered = count;
    }
    EVX_CHECK(directory->index >= directory->first);
    const uint8_t *entry =
        directory->entries + (directory->index++ - directory->first) * ENTRY_BYTES;
    *ret = (struct entry){load_u32(entry), load_u32(entry + 4)};
    return true;
}

static bool name_is(struct pe *pe, uint32_t offset, const char *name, bool *ret_is)
{
    uint8_t units[2 * NAME_UNITS_MAX];
    size_t count = strlen(name);
    EVX_CHECK(count <= NAME_UNITS_MAX);
    *ret_is = false;
    if (!read_tree(pe, offset, 2, units, "name"))
        return false;
    if (load_u16(units) != count)
        return true;
    if (!read_tree(pe, (uint64_t)offset + 2, 2 * (uint32_t)count, units, "name"))
        return false;
    *ret_is = true;
    for (size_t i = 0; i < count; i++)
        *ret_is &= load_u16(units + 2 * i) == (uint8_t)name[i];
    return true;
}

// The directory of the type, if there is one. False with a fault.
static bool find_type(struct pe *pe, const struct pe_type *type, bool *ret_found,
                      uint32_t *ret_offset)
{
    struct directory types;
    struct entry entry;
    *ret_found = false;
    if (!directory_open(pe, 0, &types))
        return false;
    while (directory_next(pe, &types, &entry)) {
        bool is_type = !type->name && entry.name == type->number;
        if (type->name && entry.name & HIGH_BIT &&
            !name_is(pe, entry.name & ~HIGH_BIT, type->name, &is_type))
            return false;
        if (!is_type)
            continue;
        *ret_found = entry.target & HIGH_BIT;
        *ret_offset = entry.target & ~HIGH_BIT;
        return true;
    }
    return !has_fault(pe);
}

static bool add(struct pe *pe, const struct pe_resource *resource)
{
    struct pe_resources *found = pe->found;
    if (found->count == found->capacity) {
        uint32_t capacity = found->capacity ? 2 * found->capacity : 8;
        struct pe_resource *list = memory_reallocate(
            pe->memory, found->list, found->capacity * sizeof *list, capacity * sizeof *list);
        if (!list) {
            pe->fault->no_memory = true;
            return false;
        }
        found->list = list;
        found->capacity = capacity;
    }
    EVX_CHECK(found->count < found->capacity);
    found->list[found->count++] = *resource;
    return true;
}

static bool add_data(struct pe *pe, uint32_t id, uint32_t language, uint32_t offset)
{
    uint8_t data[DATA_ENTRY_BYTES];
    struct pe_resource resource = {.language = language, .id = id & HIGH_BIT ? 0 : id};
    if (!read_tree(pe, offset, sizeof data, data, "data entry"))
        return false;
    resource.size = load_u32(data + 4);
    if (resource.size == 0)
        return true;
    if (!map_rva(pe, load_u32(data), &resource.offset))
        return false;
    if (resource.offset > pe->file_bytes || resource.size > pe->file_bytes - resource.offset)
        return fault_text(pe, "malformed PE file: resource data out of bounds");
    if (resource.size > pe->bytes_left)
        return fault_text(pe, "malformed PE file: resource data overlap");
    pe->bytes_left -= resource.size;
    return add(pe, &resource);
}

static bool add_languages(struct pe *pe, uint32_t id, uint32_t offset)
{
    struct directory languages;
    struct entry entry;
    if (!directory_open(pe, offset, &languages))
        return false;
    while (directory_next(pe, &languages, &entry))
        if (!(entry.name & HIGH_BIT) && !(entry.target & HIGH_BIT) &&
            !add_data(pe, id, entry.name, entry.target))
            return false;
    return !has_fault(pe);
}

static bool find(struct pe *pe, const struct pe_type *type)
{
    uint32_t rva, offset;
    bool is_found;
    if (!read_headers(pe, &rva, &pe->tree_bytes))
        return false;
    if (rva == 0 || pe->tree_bytes == 0)
        return true;
    if (!map_rva(pe, rva, &pe->tree))
        return false;
    if (pe->tree > pe->file_bytes || pe->tree_bytes > pe->file_bytes - pe->tree)
        return fault_text(pe, "malformed PE file: resource directory out of bounds");
    pe->entries_left = pe->tree_bytes / ENTRY_BYTES;
    if (!find_type(pe, type, &is_found, &offset))
        return false;
    if (!is_found)
        return true;
    struct directory ids;
    struct entry entry;
    if (!directory_open(pe, offset, &ids))
        return false;
    while (directory_next(pe, &ids, &entry))
        if (entry.target & HIGH_BIT && !add_languages(pe, entry.name, entry.target & ~HIGH_BIT))
            return false;
    return !has_fault(pe);
}

bool pe_find(const evx_input *input, const struct pe_type *type, struct memory *memory,
             struct pe_resources *ret, struct pe_fault *ret_fault)
{
    *ret = (struct pe_resources){0};
    *ret_fault = (struct pe_fault){0};
    struct pe pe = {.input = input, .memory = memory, .fault = ret_fault, .found = ret};
    int64_t size = input->get_size(input->context);
    if (size < 0) {
        ret_fault->system_errno = errno ? errno : EIO;
        return false;
    }
    pe.file_bytes = (uint64_t)size;
    pe.bytes_left = pe.file_bytes * SHARED_TIMES_MAX;
    if (find(&pe, type))
        return true;
    pe_resources_destroy(ret, memory);
    return false;
}

void pe_resources_destroy(struct pe_resources *resources, struct memory *memory)
{
    memory_release(memory, resources->list, resources->capacity * sizeof *resources->list);
    *resources = (struct pe_resources){0};
}
