// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "console.h"

#include <io.h>
#include <stdlib.h>
#include <windows.h>

struct console_keys {
    HANDLE input;
    DWORD before;
};

static bool is_console(HANDLE handle)
{
    DWORD mode;
    return GetConsoleMode(handle, &mode);
}

bool console_is(int fd)
{
    return is_console((HANDLE)_get_osfhandle(fd));
}

bool console_is_same(int fd, int other_fd)
{
    return console_is(fd) && console_is(other_fd); // a process has one
}

struct console_keys *console_open_keys(void)
{
    struct console_keys *keys = malloc(sizeof *keys);
    if (!keys)
        return NULL;
    keys->input = CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (!GetConsoleMode(keys->input, &keys->before)) {
        if (keys->input != INVALID_HANDLE_VALUE)
            CloseHandle(keys->input);
        free(keys);
        return NULL;
    }
    SetConsoleMode(keys->input, keys->before & ~(DWORD)(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT |
                                                        ENABLE_PROCESSED_INPUT));
    return keys;
}

int console_read_key(struct console_keys *keys)
{
    wchar_t key;
    DWORD n = 0;
    if (!ReadConsoleW(keys->input, &key, 1, &n, NULL) || n != 1)
        return -1;
    return key < 0x80 ? key : 0x1A; // one that means nothing
}

void console_close_keys(struct console_keys *keys)
{
    SetConsoleMode(keys->input, keys->before);
    CloseHandle(keys->input);
    free(keys);
}

#endif
