// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/file.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/check.h"
#include "system/wide.h"

// One call: consoles refuse larger pieces, and the system counts in 32 bits.
enum { CONSOLE_PIECE_BYTES = 16 << 10, PIECE_BYTES = 1 << 30 };

static HANDLE handle_of(int fd)
{
    return (HANDLE)_get_osfhandle(fd);
}

// Others may go on reading, writing and renaming the file, as on POSIX.
static int open_path(const char *path, DWORD access, DWORD how, DWORD attributes)
{
    const DWORD shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    wchar_t *wide = wide_path(path);
    if (!wide) {
        errno = ENOMEM;
        return -1;
    }
    HANDLE handle = CreateFileW(wide, access, shared, NULL, how, attributes, NULL);
    free(wide);
    if (handle == INVALID_HANDLE_VALUE)
        return wide_fail();
    int fd = _open_osfhandle((intptr_t)handle, _O_BINARY | _O_NOINHERIT);
    if (fd < 0)
        CloseHandle(handle);
    return fd;
}

int file_open(const char *path)
{
    // With this flag folders can be opened, too, and fail as on POSIX: when they are read.
    return open_path(path, GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
}

int file_open_at_once(const char *path)
{
    return file_open(path);
}

int file_create(const char *path)
{
    return open_path(path, GENERIC_WRITE, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL);
}

int file_create_new(const char *path)
{
    return open_path(path, GENERIC_READ | GENERIC_WRITE, CREATE_NEW, FILE_ATTRIBUTE_NORMAL);
}

int file_open_temporary(void)
{
    wchar_t folder[MAX_PATH + 2], path[MAX_PATH + 32];
    if (GetTempPathW(MAX_PATH + 1, folder) == 0 || GetTempFileNameW(folder, L"evx", 0, path) == 0)
        return wide_fail();
    HANDLE handle =
        CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_DELETE, NULL, CREATE_ALWAYS,
                    FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return wide_fail();
    int fd = _open_osfhandle((intptr_t)handle, _O_BINARY | _O_NOINHERIT);
    if (fd < 0)
        CloseHandle(handle);
    return fd;
}

int file_duplicate(int fd)
{
    int copy = _dup(fd);
    if (copy >= 0)
        _setmode(copy, _O_BINARY);
    return copy;
}

int file_close(int fd)
{
    return _close(fd);
}

static bool take_attributes(DWORD attributes, struct file_status *ret_status)
{
    ret_status->kind = attributes & FILE_ATTRIBUTE_REPARSE_POINT ? FILE_KIND_OTHER
                       : attributes & FILE_ATTRIBUTE_DIRECTORY   ? FILE_KIND_FOLDER
                                                                 : FILE_KIND_REGULAR;
    return true;
}

static bool status_of(HANDLE handle, struct file_status *ret_status)
{
    BY_HANDLE_FILE_INFORMATION found;
    *ret_status = (struct file_status){0};
    SetLastError(NO_ERROR);
    switch (GetFileType(handle)) {
    case FILE_TYPE_CHAR:
        ret_status->kind = FILE_KIND_CHARACTER;
        return true;
    case FILE_TYPE_PIPE:
        ret_status->kind = FILE_KIND_PIPE;
        return true;
    case FILE_TYPE_DISK:
        break;
    default:
        if (GetLastError() != NO_ERROR)
            wide_fail();
        return GetLastError() == NO_ERROR;
    }
    if (!GetFileInformationByHandle(handle, &found)) {
        // Of an inherited file wine tells no more than the size.
        LARGE_INTEGER size;
        const bool has_size = GetFileSizeEx(handle, &size);
        if (has_size)
            *ret_status = (struct file_status){.kind = FILE_KIND_REGULAR,
                                               .size_bytes = (uint64_t)size.QuadPart};
        else
            wide_fail();
        return has_size;
    }
    ret_status->size_bytes = (uint64_t)found.nFileSizeHigh << 32 | found.nFileSizeLow;
    ret_status->device = found.dwVolumeSerialNumber;
    ret_status->number = (uint64_t)found.nFileIndexHigh << 32 | found.nFileIndexLow;
    return take_attributes(found.dwFileAttributes, ret_status);
}

bool file_get_status(int fd, struct file_status *ret_status)
{
    return status_of(handle_of(fd), ret_status);
}

static bool find_status(const char *path, DWORD flags, struct file_status *ret_status)
{
    int fd =
        open_path(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | flags);
    if (fd < 0)
        return false;
    bool fine = file_get_status(fd, ret_status);
    _close(fd);
    return fine;
}

bool file_find_status(const char *path, struct file_status *ret_status)
{
    return find_status(path, 0, ret_status);
}

bool file_find_own_status(const char *path, struct file_status *ret_status)
{
    return find_status(path, FILE_FLAG_OPEN_REPARSE_POINT, ret_status);
}

// Whether a read failed only because there is no more; else errno is set, in the words of POSIX.
static bool is_end(HANDLE handle)
{
    struct file_status status;
    const DWORD code = GetLastError();
    if (code == ERROR_HANDLE_EOF || code == ERROR_BROKEN_PIPE)
        return true;
    wide_fail();
    if (status_of(handle, &status) && status.kind == FILE_KIND_FOLDER)
        errno = EISDIR;
    return false;
}

int64_t file_read(int fd, void *buffer, size_t size)
{
    DWORD n = 0;
    if (ReadFile(handle_of(fd), buffer, size < PIECE_BYTES ? (DWORD)size : PIECE_BYTES, &n, NULL))
        return n;
    return is_end(handle_of(fd)) ? 0 : -1;
}

int64_t file_read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
    HANDLE handle = handle_of(fd);
    size_t done = 0;
    while (done < size) {
        const uint64_t at = offset + done;
        const size_t left = size - done;
        OVERLAPPED place = {.Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32)};
        DWORD n = 0;
        if (!ReadFile(handle, (uint8_t *)buffer + done,
                      left < PIECE_BYTES ? (DWORD)left : PIECE_BYTES, &n, &place)) {
            if (!is_end(handle))
                return -1;
            break;
        }
        if (n == 0)
            break;
        done += n;
    }
    EVX_CHECK(done <= size);
    return (int64_t)done;
}

int file_write(int fd, const void *bytes, size_t size)
{
    HANDLE handle = handle_of(fd);
    const size_t piece = GetFileType(handle) == FILE_TYPE_CHAR ? CONSOLE_PIECE_BYTES : PIECE_BYTES;
    while (size > 0) {
        DWORD n = 0;
        if (!WriteFile(handle, bytes, (DWORD)(size < piece ? size : piece), &n, NULL)) {
            wide_fail();
            return errno;
        }
        bytes = (const uint8_t *)bytes + n;
        EVX_CHECK(n <= size);
        size -= n;
    }
    return 0;
}

int file_write_two(int fd, const void *first, size_t first_size, const void *second,
                   size_t second_size)
{
    int number = file_write(fd, first, first_size);
    return number ? number : file_write(fd, second, second_size);
}

int file_write_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
    HANDLE handle = handle_of(fd);
    if (GetFileType(handle) != FILE_TYPE_DISK)
        return ESPIPE;
    for (size_t done = 0; done < size;) {
        const uint64_t at = offset + done;
        const size_t left = size - done;
        OVERLAPPED place = {.Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32)};
        DWORD n = 0;
        if (!WriteFile(handle, (const uint8_t *)bytes + done,
                       left < PIECE_BYTES ? (DWORD)left : PIECE_BYTES, &n, &place)) {
            wide_fail();
            return errno;
        }
        if (n == 0)
            return ENOSPC;
        EVX_CHECK(n <= left);
        done += n;
    }
    return 0;
}

static int64_t seek(int fd, DWORD from)
{
    LARGE_INTEGER position;
    HANDLE handle = handle_of(fd);
    if (GetFileType(handle) != FILE_TYPE_DISK) {
        errno = ESPIPE;
        return -1;
    }
    if (!SetFilePointerEx(handle, (LARGE_INTEGER){0}, &position, from))
        return wide_fail();
    return position.QuadPart;
}

int64_t file_position(int fd)
{
    return seek(fd, FILE_CURRENT);
}

int64_t file_end(int fd)
{
    struct file_status status;
    if (file_get_status(fd, &status) && status.kind == FILE_KIND_FOLDER)
        return INT64_MAX; // as on Linux: reading it tells
    return seek(fd, FILE_END);
}

bool file_is_hole(int fd, uint64_t start, uint64_t size)
{
    (void)fd, (void)start, (void)size;
    return false;
}

static int by_path(const char *path, BOOL (*call)(const wchar_t *path))
{
    wchar_t *wide = wide_path(path);
    int result = wide && call(wide) ? 0 : wide_fail();
    free(wide);
    return result;
}

static BOOL make_folder(const wchar_t *path)
{
    return CreateDirectoryW(path, NULL);
}

static BOOL remove_file(const wchar_t *path)
{
    return DeleteFileW(path);
}

int file_make_folder(const char *path)
{
    int result = by_path(path, make_folder);
    struct file_status status;
    if (result < 0 && errno == EACCES && file_find_status(path, &status)) // a drive
        errno = EEXIST;
    return result;
}

int file_remove(const char *path)
{
    return by_path(path, remove_file);
}

int file_rename(const char *from, const char *to)
{
    wchar_t *wide_from = wide_path(from), *wide_to = wide_path(to);
    bool fine = wide_from && wide_to && MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING);
    int result = fine ? 0 : wide_fail();
    free(wide_from);
    free(wide_to);
    return result;
}

char *file_resolve(const char *path)
{
    wchar_t *wide = wide_path(path);
    char *resolved = wide ? wide_to_utf8(wide) : NULL;
    free(wide);
    if (resolved && strncmp(resolved, "\\\\?\\UNC\\", 8) == 0) {
        memmove(resolved + 1, resolved + 7, strlen(resolved + 7) + 1);
        resolved[0] = '\\';
    } else if (resolved && strncmp(resolved, "\\\\?\\", 4) == 0) {
        memmove(resolved, resolved + 4, strlen(resolved + 4) + 1);
    }
    return resolved;
}

bool file_is_separator(char c)
{
    return c == '/' || c == '\\';
}

const char *file_name(const char *path)
{
    const char *name = path;
    for (const char *c = path; *c; c++)
        if (file_is_separator(*c) || (*c == ':' && c == path + 1))
            name = c + 1;
    return name;
}

static size_t skip_name(const char *path, size_t at)
{
    while (path[at] && !file_is_separator(path[at]))
        at++;
    return at + (path[at] != 0);
}

size_t file_root_bytes(const char *path)
{
    if (path[0] && path[1] == ':')
        return 2 + file_is_separator(path[2]);
    if (!file_is_separator(path[0]))
        return 0;
    if (!file_is_separator(path[1]))
        return 1;
    const bool is_long = path[2] == '?' && file_is_separator(path[3]);
    if (is_long && path[4] && path[5] == ':')
        return 6 + file_is_separator(path[6]);
    return skip_name(path, skip_name(path, is_long ? skip_name(path, 4) : 2));
}

const char *file_error_text(int number)
{
    static const struct {
        int number;
        const char *text;
    } texts[] = {
        // The service holds the files of its logs open for itself.
        {EBUSY,
         "the log is in use by the Event Log service: export it with wevtutil epl, or copy it "
         "with a backup tool"},
        {EPERM, "Operation not permitted"},
        {ENOENT, "No such file or directory"},
        {EIO, "Input/output error"},
        {EBADF, "Bad file descriptor"},
        {ENOMEM, "Cannot allocate memory"},
        {EACCES, "Permission denied"},
        {EEXIST, "File exists"},
        {EXDEV, "Invalid cross-device link"},
        {ENODEV, "No such device"},
        {ENOTDIR, "Not a directory"},
        {EISDIR, "Is a directory"},
        {EINVAL, "Invalid argument"},
        {EMFILE, "Too many open files"},
        {EFBIG, "File too large"},
        {ENOSPC, "No space left on device"},
        {ESPIPE, "Illegal seek"},
        {EROFS, "Read-only file system"},
        {EPIPE, "Broken pipe"},
        {ENAMETOOLONG, "File name too long"},
        {ENOTEMPTY, "Directory not empty"},
        {ECANCELED, "Operation canceled"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].number == number)
            return texts[i].text;
    return strerror(number);
}

#endif
