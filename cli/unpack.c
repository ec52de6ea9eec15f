// SPDX-License-Identifier: MIT
#include "unpack.h"

#include <stddef.h>

#if EVX_HAVE_ARCHIVES

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "system/file.h"
#include "system/library.h"

#define ARCHIVE_CALLS(CALL)                                                                        \
    CALL(archive_read_new)                                                                         \
    CALL(archive_read_free)                                                                        \
    CALL(archive_read_support_filter_gzip)                                                         \
    CALL(archive_read_support_filter_bzip2)                                                        \
    CALL(archive_read_support_filter_xz)                                                           \
    CALL(archive_read_support_filter_zstd)                                                         \
    CALL(archive_read_support_format_zip)                                                          \
    CALL(archive_read_support_format_7zip)                                                         \
    CALL(archive_read_support_format_tar)                                                          \
    CALL(archive_read_support_format_raw)                                                          \
    CALL(archive_read_open2)                                                                       \
    CALL(archive_read_set_seek_callback)                                                           \
    CALL(archive_read_next_header)                                                                 \
    CALL(archive_read_data)                                                                        \
    CALL(archive_error_string)                                                                     \
    CALL(archive_format)                                                                           \
    CALL(archive_filter_code)                                                                      \
    CALL(archive_entry_pathname)                                                                   \
    CALL(archive_entry_pathname_utf8)                                                              \
    CALL(archive_entry_filetype)                                                                   \
    CALL(archive_entry_is_encrypted)

enum { PIECE_BYTES = 64 << 10 };

struct unpack {
    struct archive *archive;
    int fd;
    uint64_t position; // of the file
    bool is_damaged;   // it cannot be read on
    bool is_encrypted; // the member
    char *name;        // of the member
    char error[512];   // empty: nothing is wrong
    char piece[PIECE_BYTES];
};

#define MEMBER(name) static __typeof__(&name) call_##name;
ARCHIVE_CALLS(MEMBER)
#undef MEMBER

static bool load(void)
{
    static void *library;
    if (library)
        return true;
    library = library_load("libarchive.so.13");
    bool fine = library != NULL;
#define LOAD(name)                                                                                 \
    {                                                                                              \
        void *found = fine ? library_find(library, #name) : NULL;                                  \
        fine = fine && found;                                                                      \
        memcpy(&call_##name, &found, sizeof found);                                                \
    }
    ARCHIVE_CALLS(LOAD)
#undef LOAD
    if (library && !fine) {
        library_unload(library);
        library = NULL;
    }
    return fine;
}

static la_ssize_t on_read(struct archive *archive, void *context, const void **ret_bytes)
{
    struct unpack *unpack = context;
    (void)archive;
    int64_t size = file_read_at(unpack->fd, unpack->piece, PIECE_BYTES, unpack->position);
    *ret_bytes = unpack->piece;
    if (size > 0)
        unpack->position += (uint64_t)size;
    return size < 0 ? ARCHIVE_FATAL : size;
}

static la_int64_t on_seek(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct unpack *unpack = context;
    struct file_status status;
    (void)archive;
    if (!file_get_status(unpack->fd, &status))
        return ARCHIVE_FATAL;
    int64_t base = whence == SEEK_SET   ? 0
                   : whence == SEEK_END ? (int64_t)status.size_bytes
                                        : (int64_t)unpack->position;
    if (offset < -base || (uint64_t)(base + offset) > status.size_bytes)
        return ARCHIVE_FATAL;
    unpack->position = (uint64_t)(base + offset);
    return base + offset;
}

static const char *keep_error(struct unpack *unpack, const char *text)
{
    snprintf(unpack->error, sizeof unpack->error, "%s", text ? text : "it cannot be read");
    return unpack->error;
}

static void end_reading(struct unpack *unpack)
{
    if (unpack->archive)
        call_archive_read_free(unpack->archive);
    unpack->archive = NULL;
    free(unpack->name);
    unpack->name = NULL;
}

const char *unpack_rewind(struct unpack *unpack)
{
    end_reading(unpack);
    unpack->position = 0;
    unpack->is_damaged = false;
    *unpack->error = 0;
    struct archive *archive = unpack->archive = call_archive_read_new();
    if (!archive)
        report_no_memory();
    // No other program is started for a compression that this library was built without.
    call_archive_read_support_filter_gzip(archive);
    call_archive_read_support_filter_bzip2(archive);
    call_archive_read_support_filter_xz(archive);
    call_archive_read_support_filter_zstd(archive);
    call_archive_read_support_format_zip(archive);
    call_archive_read_support_format_7zip(archive);
    call_archive_read_support_format_tar(archive);
    call_archive_read_support_format_raw(archive);
    call_archive_read_set_seek_callback(archive, on_seek);
    if (call_archive_read_open2(archive, unpack, NULL, on_read, NULL, NULL) != ARCHIVE_OK)
        return keep_error(unpack, call_archive_error_string(archive));
    return NULL;
}

const char *unpack_open(int fd, struct unpack **ret_unpack)
{
    static char why[512];
    if (!load()) {
        file_close(fd);
        return "libarchive is not installed (libarchive.so.13): unpack it first";
    }
    struct unpack *unpack = calloc(1, sizeof *unpack);
    if (!unpack)
        report_no_memory();
    unpack->fd = fd;
    *ret_unpack = unpack;
    if (!unpack_rewind(unpack))
        return NULL;
    snprintf(why, sizeof why, "%s", unpack->error);
    unpack_close(ret_unpack);
    return why;
}

void unpack_close(struct unpack **unpack)
{
    if (!*unpack)
        return;
    end_reading(*unpack);
    file_close((*unpack)->fd);
    free(*unpack);
    *unpack = NULL;
}

// Names come from the archive: nothing in them moves a terminal's cursor.
static char *shown_name(struct archive_entry *entry)
{
    const char *name = call_archive_entry_pathname_utf8(entry);
    if (!name)
        name = call_archive_entry_pathname(entry);
    char *copy = strdup(name ? name : "?");
    if (!copy)
        report_no_memory();
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    return copy;
}

const char *unpack_next(struct unpack *unpack)
{
    struct archive_entry *entry;
    while (!unpack->is_damaged) {
        int result = call_archive_read_next_header(unpack->archive, &entry);
        if (result == ARCHIVE_EOF)
            return NULL;
        if (result < ARCHIVE_WARN) {
            unpack->is_damaged = true;
            keep_error(unpack, call_archive_error_string(unpack->archive));
            continue;
        }
        // What is not even compressed only looks like an archive.
        if (unpack_is_raw(unpack) &&
            call_archive_filter_code(unpack->archive, 0) == ARCHIVE_FILTER_NONE) {
            unpack->is_damaged = true;
            keep_error(unpack, "it is damaged from its start");
            continue;
        }
        // One compressed file has no kind of its own.
        if (call_archive_entry_filetype(entry) != AE_IFREG && !unpack_is_raw(unpack))
            continue;
        free(unpack->name);
        unpack->name = shown_name(entry);
        unpack->is_encrypted = call_archive_entry_is_encrypted(entry) > 0;
        return unpack->name;
    }
    return NULL;
}

const char *unpack_error(const struct unpack *unpack)
{
    return *unpack->error ? unpack->error : NULL;
}

bool unpack_is_raw(const struct unpack *unpack)
{
    return call_archive_format(unpack->archive) == ARCHIVE_FORMAT_RAW;
}

const char *unpack_copy(struct unpack *unpack, int fd, uint64_t limit_bytes, uint64_t *ret_size)
{
    char piece[PIECE_BYTES];
    *ret_size = 0;
    if (unpack->is_encrypted)
        return keep_error(unpack, "it is encrypted: unpack it first, with its password");
    for (;;) {
        la_ssize_t size = call_archive_read_data(unpack->archive, piece, sizeof piece);
        if (size < 0)
            return keep_error(unpack, call_archive_error_string(unpack->archive));
        if (size == 0)
            return NULL;
        if ((uint64_t)size > limit_bytes - *ret_size)
            return keep_error(unpack, "it is larger than a log can be");
        int number = file_write_at(fd, piece, (size_t)size, *ret_size);
        if (number != 0)
            return keep_error(unpack, file_error_text(number));
        *ret_size += (uint64_t)size;
    }
}

#else

#include "system/file.h"

const char *unpack_open(int fd, struct unpack **ret_unpack)
{
    *ret_unpack = NULL;
    file_close(fd);
    return "this program was built without archives: unpack it first";
}

void unpack_close(struct unpack **unpack)
{
    *unpack = NULL;
}

const char *unpack_next(struct unpack *unpack)
{
    (void)unpack;
    return NULL;
}

const char *unpack_error(const struct unpack *unpack)
{
    (void)unpack;
    return NULL;
}

bool unpack_is_raw(const struct unpack *unpack)
{
    (void)unpack;
    return false;
}

const char *unpack_rewind(struct unpack *unpack)
{
    (void)unpack;
    return NULL;
}

const char *unpack_copy(struct unpack *unpack, int fd, uint64_t limit_bytes, uint64_t *ret_size)
{
    (void)unpack, (void)fd, (void)limit_bytes;
    *ret_size = 0;
    return NULL;
}

#endif
