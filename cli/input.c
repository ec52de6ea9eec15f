// SPDX-License-Identifier: MIT
#include "input.h"

#include <stdio.h>
#include <stdlib.h>

#include "report.h"
#include "system/file.h"
#include "system/process.h"
#include "walk_inputs.h"

void input_report_failure(const char *name, const evx_error *error)
{
    char *top;
    if (input_is_stdin(name)) {
        report_failure("Failed to parse EVTX data from stdin", error, 0);
        return;
    }
    if (asprintf(&top, "Failed to open evtx file at: %s", name) < 0)
        report_no_memory();
    report_failure(top, error, 0);
    free(top);
}

static evx_reader *open_stdin(evx_engine *engine, const char *name)
{
    if (process_input_is_empty()) {
        report_failure_text("No input received on stdin", NULL);
        return NULL;
    }
    evx_reader *reader;
    evx_error error = {0};
    int fd = file_duplicate(PROCESS_INPUT); // the reader closes it
    if (fd >= 0 && evx_open_fd(engine, fd, &reader, &error) == EVX_OK)
        return reader;
    if (fd >= 0)
        file_close(fd);
    if (error.status == EVX_ERR_IO) { // such as a folder
        char text[256];
        report_os_text(error.system_errno, text, sizeof text);
        report_failure_text("Failed to read EVTX data from stdin", text);
    } else {
        input_report_failure(name, &error);
    }
    return NULL;
}

evx_reader *input_open(evx_engine *engine, const char *name)
{
    if (input_is_stdin(name))
        return open_stdin(engine, name);
    evx_reader *reader;
    evx_error error = {0};
    if (evx_open_file(engine, name, &reader, &error) == EVX_OK)
        return reader;
    input_report_failure(name, &error);
    return NULL;
}
