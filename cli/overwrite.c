// SPDX-License-Identifier: MIT
#include "overwrite.h"

#include "report.h"
#include "system/console.h"
#include "system/process.h"

#define HIDE_CURSOR "\x1b[?25l"
#define SHOW_CURSOR "\x1b[?25h"
#define CLEAR_LINE  "\r\x1b[2K"

static const char question[] = "Are you sure you want to override output file at";

// 1 yes, 0 no, -1 no answer, 2 interrupted
static int read_answer(struct console_keys *keys)
{
    for (;;) {
        switch (console_read_key(keys)) {
        case 'y':
        case 'Y':
            return 1;
        case 'n':
        case 'N':
        case '\r':
        case '\n':
            return 0;
        case 3: // Ctrl-C
            return 2;
        case -1:
            return -1;
        }
    }
}

const char *overwrite_refused(const char *path)
{
    static const char no_prompt[] = "Failed to display confirmation prompt";
    struct console_keys *keys = console_is(PROCESS_ERRORS) ? console_open_keys() : NULL;
    if (!keys)
        return no_prompt;
    report_part("%s %s [y/N] " HIDE_CURSOR, question, path);
    int answer = read_answer(keys);
    console_close_keys(keys);
    if (answer == 0 || answer == 1)
        report_line(CLEAR_LINE "%s %s %s", question, path, answer ? "yes" : "no");
    report_text(SHOW_CURSOR);
    if (answer == 2)
        process_interrupt();
    if (answer < 0)
        return no_prompt;
    return answer == 1 ? NULL : "Cancelled";
}
