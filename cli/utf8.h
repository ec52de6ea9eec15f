// SPDX-License-Identifier: MIT
// Arguments are bytes; messages show them as UTF-8.
#ifndef EVX_CLI_UTF8_H
#define EVX_CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    UTF8_REPLACEMENT = 0xfffd,
};

// Decodes one character of text, which ends in NUL and is not at its end. What is no character
// counts as UTF8_REPLACEMENT, one for each longest piece that begins like a character. Returns the
// bytes taken.
size_t utf8_next(const char *text, uint32_t *ret_code);
bool utf8_is_valid(const char *text);
void utf8_write(FILE *out, const char *text); // with replacement characters for what is none
// Text from a log: with escapes for what could speak to a terminal, and a backslash in front of the
// characters in `also`.
void utf8_write_escaped(FILE *out, const char *text, const char *also);

#endif
