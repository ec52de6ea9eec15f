// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include "base/check.h"
#include "system/wide.h"

struct folder_reader {
    HANDLE search;
    WIN32_FIND_DATAW found;
    bool is_taken; // what was found has been given
    char *name;
};

struct folder_reader *folder_open(const char *path)
{
    struct file_status status;
    if (!file_find_status(path, &status))
        return NULL;
    wchar_t *wide = wide_path(path);
    const size_t size = wide ? wcslen(wide) : 0;
    wchar_t *pattern = malloc((size + 3) * sizeof *pattern);
    struct folder_reader *folder = calloc(1, sizeof *folder);
    if (wide && pattern && folder) {
        memcpy(pattern, wide, size * sizeof *pattern);
        memcpy(pattern + size, L"\\*", 3 * sizeof *pattern);
        if (size > 0 && pattern[size - 1] == L'\\')
            memcpy(pattern + size, L"*", 2 * sizeof *pattern);
        folder->search = FindFirstFileW(pattern, &folder->found);
    }
    bool fine = folder && folder->search && folder->search != INVALID_HANDLE_VALUE;
    if (!fine) {
        wide_fail();
        free(folder);
    }
    free(wide);
    free(pattern);
    return fine ? folder : NULL;
}

static bool is_dots(const wchar_t *name)
{
    return wcscmp(name, L".") == 0 || wcscmp(name, L"..") == 0;
}

const char *folder_next(struct folder_reader *folder, enum file_kind *ret_kind)
{
    while (folder->is_taken || is_dots(folder->found.cFileName)) {
        folder->is_taken = false;
        if (FindNextFileW(folder->search, &folder->found))
            continue;
        errno = 0;
        folder->is_taken = true;
        if (GetLastError() != ERROR_NO_MORE_FILES)
            wide_fail();
        return NULL;
    }
    EVX_CHECK(!folder->is_taken);
    const DWORD attributes = folder->found.dwFileAttributes;
    *ret_kind = attributes & FILE_ATTRIBUTE_REPARSE_POINT ? FILE_KIND_OTHER
                : attributes & FILE_ATTRIBUTE_DIRECTORY   ? FILE_KIND_FOLDER
                                                          : FILE_KIND_REGULAR;
    free(folder->name);
    folder->name = wide_to_utf8(folder->found.cFileName);
    folder->is_taken = true;
    errno = folder->name ? 0 : ENOMEM;
    return folder->name;
}

void folder_close(struct folder_reader *folder)
{
    FindClose(folder->search);
    free(folder->name);
    free(folder);
}

#endif
