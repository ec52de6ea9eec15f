// SPDX-License-Identifier: MIT
#include "remains.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "problem.h"
#include "report.h"
#include "system/file.h"
#include "system/process.h"
#include "walk_inputs.h"

enum { COPY_BYTES = 256 << 10 };

static int64_t read_input(void *context, void *buffer, size_t size, uint64_t offset)
{
    return file_read_at(*(int *)context, buffer, size, offset);
}

static int64_t get_size(void *context)
{
    return file_end(*(int *)context);
}

static void report_refused(const char *name, int number)
{
    char text[256], *top;
    report_os_text(number, text, sizeof text);
    if (report_is_json()) {
        problem_report_input(name, EVX_DAMAGE_INPUT_OPEN, "Failed to open", text);
        return;
    }
    if (asprintf(&top, "Failed to open %s", name) < 0)
        report_no_memory();
    report_failure_text(top, text);
    free(top);
}

// 0 or an errno value.
static int copy_all(int from, int to)
{
    static char buffer[COPY_BYTES];
    for (;;) {
        int64_t n = file_read(from, buffer, sizeof buffer);
        int number = n < 0 ? errno : n > 0 ? file_write(to, buffer, (size_t)n) : 0;
        if (n <= 0 || number)
            return number;
    }
}

static int open_stdin(void)
{
    if (file_position(PROCESS_INPUT) >= 0)
        return file_duplicate(PROCESS_INPUT);
    int fd = file_open_temporary();
    int number = fd >= 0 ? copy_all(PROCESS_INPUT, fd) : 0;
    if (number) {
        file_close(fd);
        errno = number;
        return -1;
    }
    return fd;
}

bool remains_open(struct remains *remains, const char *name)
{
    struct file_status status;
    *remains =
        (struct remains){.fd = input_is_stdin(name) ? open_stdin() : file_open_at_once(name)};
    int number = errno;
    if (remains->fd >= 0 && file_get_status(remains->fd, &status) &&
        status.kind == FILE_KIND_FOLDER) {
        file_close(remains->fd);
        remains->fd = -1;
        number = EISDIR;
    }
    remains->is_refused = remains->fd < 0;
    if (remains->is_refused)
        report_refused(name, number);
    remains->input = (evx_input){.read = read_input, .get_size = get_size, .context = &remains->fd};
    return remains->fd >= 0;
}

bool remains_find(struct remains *remains, evx_engine *engine, const char *name, bool *ret_failed)
{
    evx_error error = {0};
    *ret_failed = false;
    if (remains->is_all && remains->next == 0) { // it is there since the last time
        remains->next = EVX_NONE;
        return true;
    }
    evx_close(&remains->reader);
    remains->is_all = false;
    if (remains->next == EVX_NONE)
        return false;
    remains->is_first = remains->next == 0;
    evx_status status = evx_open_remains(engine, &remains->input, remains->next, &remains->reader,
                                         &remains->next, &error);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    *ret_failed = status != EVX_OK;
    if (*ret_failed)
        report_refused(name, error.system_errno);
    return status == EVX_OK;
}

void remains_rewind(struct remains *remains)
{
    remains->next = 0;
}

void remains_close(struct remains *remains)
{
    evx_close(&remains->reader);
    if (remains->fd >= 0)
        file_close(remains->fd);
    remains->fd = -1;
    remains->is_all = false;
}
