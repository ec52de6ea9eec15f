// SPDX-License-Identifier: MIT
// Holds a file for itself until its standard input ends, as the Event Log service holds logs.
#include <stdio.h>
#include <windows.h>

int main(int argument_count, char **arguments)
{
    HANDLE file = argument_count < 2 ? INVALID_HANDLE_VALUE
                                     : CreateFileA(arguments[1], GENERIC_READ | GENERIC_WRITE, 0, NULL,
                                                   OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return 1;
    fputs("held", stdout);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
