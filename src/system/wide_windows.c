// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/wide.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/check.h"

char *wide_to_utf8(const wchar_t *text)
{
    char *utf8 = malloc(3 * wcslen(text) + 1), *to = utf8;
    if (!utf8)
        return NULL;
    for (; *text; text++) {
        uint32_t code = *text;
        if (code >= 0xD800 && code < 0xDC00 && text[1] >= 0xDC00 && text[1] < 0xE000)
            code = 0x10000 + ((code - 0xD800) << 10) + (*++text - 0xDC00u);
        if (code < 0x80) {
            *to++ = (char)code;
            continue;
        }
        const int rest = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3; // bytes behind the first
        *to++ = (char)((rest == 1 ? 0xC0 : rest == 2 ? 0xE0 : 0xF0) | code >> 6 * rest);
        for (int i = rest - 1; i >= 0; i--)
            *to++ = (char)(0x80 | (code >> 6 * i & 0x3F));
    }
    *to = 0;
    return utf8;
}

// The character at the text, U+FFFD where there is none.
static size_t read_character(const uint8_t *text, uint32_t *ret_code)
{
    const size_t size = *text < 0x80   ? 1
                        : *text < 0xC2 ? 0
                        : *text < 0xE0 ? 2
                        : *text < 0xF0 ? 3
                        : *text < 0xF5 ? 4
                                       : 0;
    uint32_t code = size == 1 ? *text : *text & (0x7Fu >> size);
    *ret_code = 0xFFFD;
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return i;
        code = code << 6 | (text[i] & 0x3F);
    }
    if (size == 0)
        return 1;
    if (code < 0x110000)
        *ret_code = code;
    return size;
}

wchar_t *wide_from_utf8(const char *text)
{
    const uint8_t *from = (const uint8_t *)text;
    wchar_t *wide = malloc((strlen(text) + 1) * sizeof *wide), *to = wide;
    while (wide && *from) {
        uint32_t code;
        from += read_character(from, &code);
        if (code >= 0x10000) {
            *to++ = (wchar_t)(0xD800 + ((code - 0x10000) >> 10));
            *to++ = (wchar_t)(0xDC00 + (code & 0x3FF));
        } else {
            *to++ = (wchar_t)code;
        }
    }
    if (wide)
        *to = 0;
    return wide;
}

static bool is_separator(wchar_t c)
{
    return c == L'/' || c == L'\\';
}

// "con", "NUL", "com1:"; with a folder or an extension they are files.
static bool is_device(const wchar_t *path)
{
    static const wchar_t *const names[] = {L"con", L"nul", L"aux", L"prn", L"conin$", L"conout$"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (_wcsicmp(path, names[i]) == 0)
            return true;
    return (_wcsnicmp(path, L"com", 3) == 0 || _wcsnicmp(path, L"lpt", 3) == 0) &&
           path[3] >= L'1' && path[3] <= L'9' && (!path[4] || wcscmp(path + 4, L":") == 0);
}

// The folder from the root, with a separator behind it; `room` units are left at its end.
static wchar_t *resolve_folder(const wchar_t *folder, size_t room)
{
    static const wchar_t local[] = L"\\\\?\\", remote[] = L"\\\\?\\UNC\\";
    const DWORD size = GetFullPathNameW(folder, 0, NULL, NULL);
    wchar_t *full = size ? malloc((size_t)size * sizeof *full) : NULL;
    wchar_t *path = full ? malloc(((size_t)size + 10 + room) * sizeof *path) : NULL;
    if (path && GetFullPathNameW(folder, size, full, NULL) < size) {
        const bool is_remote = full[0] == L'\\' && full[1] == L'\\';
        wcscpy(path, is_remote ? remote : local);
        wcscat(path, is_remote ? full + 2 : full);
        const size_t end = wcslen(path);
        EVX_CHECK(end > 0 && end < (size_t)size + 8);
        if (!is_separator(path[end - 1]))
            wcscpy(path + end, L"\\");
    }
    free(full);
    return path;
}

// What stands in front of the last name; the name itself is taken as it is written.
static wchar_t *resolve(wchar_t *path)
{
    size_t end = wcslen(path);
    while (end > 0 && !is_separator(path[end - 1]) && !(end == 2 && path[1] == L':'))
        end--;
    EVX_CHECK(end <= wcslen(path));
    const wchar_t *name = path + end;
    const bool is_plain = *name && wcscmp(name, L".") != 0 && wcscmp(name, L"..") != 0;
    wchar_t *folder = malloc((wcslen(path) + 3) * sizeof *folder);
    if (!folder)
        return NULL;
    wcscpy(folder, path);
    if (is_plain)
        wcscpy(folder + end, end == 0 || !is_separator(path[end - 1]) ? L"." : L"");
    wchar_t *full = resolve_folder(folder, wcslen(name));
    if (full && is_plain)
        wcscat(full, name);
    else if (full && !(wcslen(full) > 2 && full[wcslen(full) - 2] == L':'))
        full[wcslen(full) - 1] = 0; // of a folder that is meant itself
    free(folder);
    return full;
}

wchar_t *wide_path(const char *path)
{
    wchar_t *wide = wide_from_utf8(path);
    if (!wide || !*wide || is_device(wide) || wcsncmp(wide, L"\\\\?\\", 4) == 0 ||
        wcsncmp(wide, L"\\\\.\\", 4) == 0)
        return wide;
    wchar_t *full = resolve(wide);
    free(wide);
    return full;
}

int wide_fail(void)
{
    static const struct {
        DWORD code;
        int number;
    } codes[] = {
        {ERROR_FILE_NOT_FOUND, ENOENT},
        {ERROR_PATH_NOT_FOUND, ENOENT},
        {ERROR_INVALID_NAME, ENOENT},
        {ERROR_BAD_PATHNAME, ENOENT},
        {ERROR_BAD_NETPATH, ENOENT},
        {ERROR_BAD_NET_NAME, ENOENT},
        {ERROR_INVALID_DRIVE, ENOENT},
        {ERROR_NOT_READY, ENODEV},
        {ERROR_ACCESS_DENIED, EACCES},
        {ERROR_WRITE_PROTECT, EROFS},
        {ERROR_SHARING_VIOLATION, EBUSY},
        {ERROR_LOCK_VIOLATION, EBUSY},
        {ERROR_FILE_EXISTS, EEXIST},
        {ERROR_ALREADY_EXISTS, EEXIST},
        {ERROR_DIRECTORY, ENOTDIR},
        {ERROR_DIR_NOT_EMPTY, ENOTEMPTY},
        {ERROR_DISK_FULL, ENOSPC},
        {ERROR_HANDLE_DISK_FULL, ENOSPC},
        {ERROR_BROKEN_PIPE, EPIPE},
        {ERROR_NO_DATA, EPIPE},
        {ERROR_PIPE_NOT_CONNECTED, EPIPE},
        {ERROR_OPERATION_ABORTED, ECANCELED},
        {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
        {ERROR_OUTOFMEMORY, ENOMEM},
        {ERROR_INVALID_HANDLE, EBADF},
        {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
        {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
        {ERROR_NOT_SAME_DEVICE, EXDEV},
        {ERROR_SEEK, ESPIPE},
        {ERROR_INVALID_PARAMETER, EINVAL},
    };
    const DWORD code = GetLastError();
    errno = EIO;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code)
            errno = codes[i].number;
    return -1;
}

#endif
