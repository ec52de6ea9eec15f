// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "process.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <shellapi.h>

#include "system/file.h"
#include "system/wide.h"

static UINT code_page_before;

static void restore_console(void)
{
    SetConsoleOutputCP(code_page_before);
}

// UTF-8, and the escapes of the progress line.
static void prepare_console(void)
{
    for (int fd = PROCESS_OUTPUT; fd <= PROCESS_ERRORS; fd++) {
        HANDLE handle = (HANDLE)_get_osfhandle(fd);
        DWORD mode;
        if (!GetConsoleMode(handle, &mode))
            continue;
        SetConsoleMode(handle, mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
        if (code_page_before)
            continue;
        code_page_before = GetConsoleOutputCP();
        SetConsoleOutputCP(CP_UTF8);
        atexit(restore_console);
    }
}

static char *argument_to_utf8(const wchar_t *wide)
{
    char *argument = wide_to_utf8(wide);
    if (!argument)
        exit(EXIT_FAILURE);
    return argument;
}

// They live as long as the process.
static void take_arguments(int *argument_count, char ***arguments)
{
    int count;
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
    char **list = wide ? malloc(((size_t)count + 1) * sizeof *list) : NULL;
    if (!list)
        exit(EXIT_FAILURE);
    for (int i = 0; i < count; i++)
        list[i] = argument_to_utf8(wide[i]);
    list[count] = NULL;
    LocalFree(wide);
    *argument_count = count;
    *arguments = list;
}

void process_begin(int *argument_count, char ***arguments)
{
    for (int fd = PROCESS_INPUT; fd <= PROCESS_ERRORS; fd++) {
        if (_get_osfhandle(fd) < 0) { // closed
            int null = _open("NUL", _O_RDWR | _O_BINARY);
            if (null != fd && (_dup2(null, fd) != 0 || _close(null) != 0))
                exit(EXIT_FAILURE);
        }
        _setmode(fd, _O_BINARY);
    }
    prepare_console();
    take_arguments(argument_count, arguments);
}

void process_interrupt(void)
{
    restore_console();
    ExitProcess(0xC000013A); // STATUS_CONTROL_C_EXIT
}

bool process_input_is_empty(void)
{
    HANDLE input = (HANDLE)_get_osfhandle(PROCESS_INPUT);
    struct file_status status;
    if (!file_get_status(PROCESS_INPUT, &status))
        return true;
    if (status.kind == FILE_KIND_REGULAR)
        return file_position(PROCESS_INPUT) >= (int64_t)status.size_bytes;
    if (status.kind == FILE_KIND_CHARACTER) {
        DWORD mode;
        return !GetConsoleMode(input, &mode); // NUL
    }
    DWORD waiting = 0;
    while (PeekNamedPipe(input, NULL, 0, NULL, &waiting, NULL)) {
        if (waiting > 0)
            return false;
        Sleep(1);
    }
    return GetLastError() == ERROR_BROKEN_PIPE;
}

// Of two pipes the system does not tell; then the order is kept, which costs little.
bool process_shares_output(int fd, int other_fd)
{
    struct file_status one, other;
    return file_get_status(fd, &one) && file_get_status(other_fd, &other) &&
           one.kind == other.kind && one.device == other.device && one.number == other.number;
}

void process_widen_pipe(int fd, size_t bytes)
{
    (void)fd, (void)bytes;
}

static void take_found(const char *folder, size_t folder_size, const wchar_t *name,
                       void (*take)(void *context, const char *path), void *context)
{
    char *utf8 = argument_to_utf8(name);
    const size_t size = strlen(utf8);
    char *path = malloc(folder_size + size + 1);
    if (!path)
        exit(EXIT_FAILURE);
    memcpy(path, folder, folder_size);
    memcpy(path + folder_size, utf8, size + 1);
    take(context, path);
    free(path);
    free(utf8);
}

void process_expand_name(const char *name, void (*take)(void *context, const char *path),
                         void *context)
{
    WIN32_FIND_DATAW found;
    const char *last = file_name(name);
    wchar_t *wide = strpbrk(last, "*?") ? wide_path(name) : NULL;
    HANDLE search = wide ? FindFirstFileW(wide, &found) : INVALID_HANDLE_VALUE;
    free(wide);
    if (search == INVALID_HANDLE_VALUE) {
        take(context, name);
        return;
    }
    do { // in the order of NTFS: by name
        if (wcscmp(found.cFileName, L".") != 0 && wcscmp(found.cFileName, L"..") != 0)
            take_found(name, (size_t)(last - name), found.cFileName, take, context);
    } while (FindNextFileW(search, &found));
    FindClose(search);
}

char process_list_separator(void)
{
    return ';'; // a colon stands behind drives
}

#endif
