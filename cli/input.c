// SPDX-License-Identifier: MIT
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archives.h"
#include "problem.h"
#include "report.h"
#include "system/file.h"
#include "system/process.h"
#include "walk_inputs.h"
#include "wrong_file.h"

static bool explains_wrong_files;

void input_explain_wrong_files(void)
{
    explains_wrong_files = true;
}

void input_report_failure(const char *name, const evx_error *error)
{
    char *top;
    if (report_is_json()) {
        problem_report(name, error);
        return;
    }
    if (input_is_stdin(name)) {
        report_failure("Failed to parse EVTX data from stdin", error, 0);
        return;
    }
    if (asprintf(&top, "Failed to open evtx file at: %s", name) < 0)
        report_no_memory();
    report_failure(top, error, 0);
    free(top);
    const char *words =
        error->status == EVX_ERR_NOT_EVTX && explains_wrong_files ? wrong_file_words(name) : NULL;
    if (words)
        report_line("Note: %s", words);
}

static evx_reader *open_stdin(evx_engine *engine, const char *name, evx_error *ret_error)
{
    if (process_input_is_empty()) {
        static const char text[] = "No input received on stdin";
        *ret_error = (evx_error){
            .status = EVX_ERR_IO,
            .kind = EVX_DAMAGE_FILE_CUT,
            .chunk = EVX_NONE,
            .record_id = EVX_NONE,
            .offset = 0,
            .length = EVX_NONE,
            .cause_count = 1,
        };
        memcpy(ret_error->cause[0], text, sizeof text);
        if (report_is_json())
            problem_report(name, ret_error);
        else
            report_failure_text(text, NULL);
        return NULL;
    }
    evx_reader *reader;
    int fd = file_duplicate(PROCESS_INPUT); // the reader closes it
    if (fd >= 0 && evx_open_fd(engine, fd, &reader, ret_error) == EVX_OK)
        return reader;
    if (fd >= 0)
        file_close(fd);
    if (ret_error->status == EVX_ERR_IO && !report_is_json()) { // such as a folder
        char text[256];
        report_os_text(ret_error->system_errno, text, sizeof text);
        report_failure_text("Failed to read EVTX data from stdin", text);
    } else {
        input_report_failure(name, ret_error);
    }
    return NULL;
}

static evx_reader *open_member(evx_engine *engine, const char *name, evx_error *ret_error)
{
    evx_reader *reader;
    int fd = archive_open(name);
    if (fd < 0) {
        ret_error->status = EVX_ERR_IO; // it was reported
        return NULL;
    }
    if (evx_open_fd(engine, fd, &reader, ret_error) == EVX_OK)
        return reader;
    file_close(fd);
    input_report_failure(name, ret_error);
    return NULL;
}

evx_reader *input_open_telling(evx_engine *engine, const char *name, evx_error *ret_error)
{
    *ret_error = (evx_error){0};
    if (input_is_stdin(name))
        return open_stdin(engine, name, ret_error);
    evx_reader *reader;
    if (archive_has(name))
        return open_member(engine, name, ret_error);
    if (evx_open_file(engine, name, &reader, ret_error) == EVX_OK)
        return reader;
    input_report_failure(name, ret_error);
    return NULL;
}

evx_reader *input_open(evx_engine *engine, const char *name)
{
    evx_error ignored;
    return input_open_telling(engine, name, &ignored);
}
