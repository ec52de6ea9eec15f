// SPDX-License-Identifier: MIT
#include "json_text.h"

#include <inttypes.h>

#include <evx/evx.h>

#include "utf8.h"

void json_write_text(FILE *out, const char *text)
{
    if (!text) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    utf8_write_escaped(out, text, "\"\\");
    fputc('"', out);
}

void json_write_number(FILE *out, uint64_t number)
{
    if (number == EVX_NONE)
        fputs("null", out);
    else
        fprintf(out, "%" PRIu64, number);
}
