// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overwrite.h"
#include "report.h"
#include "system/process.h"

enum {
    BUFFER_BYTES = 256 << 10,
    DIRECT_BYTES = 16 << 10, // from here on a copy costs more than a system call
    PIPE_BYTES = 1 << 20,
};

static void output_open_fd(int fd, bool closes_fd, struct output *ret_output)
{
    *ret_output = (struct output){.fd = fd, .closes_fd = closes_fd};
    ret_output->buffer = malloc(BUFFER_BYTES);
    if (!ret_output->buffer)
        report_no_memory();
    process_widen_pipe(fd, PIPE_BYTES); // fewer switches to the reader
}

void output_open_stdout(struct output *ret_output)
{
    output_open_fd(PROCESS_OUTPUT, false, ret_output);
}

static bool make_parents(const char *path)
{
    char *folder = strdup(path);
    if (!folder)
        report_no_memory();
    bool ok = true;
    for (char *c = folder + file_root_bytes(folder); *c && ok; c++) {
        const char separator = *c;
        if (!file_is_separator(separator))
            continue;
        *c = '\0';
        ok = file_make_folder(folder) == 0 || errno == EEXIST;
        *c = separator;
    }
    free(folder);
    return ok;
}

static bool is_input(const struct file_status *status, const struct file_status *inputs,
                     size_t input_count)
{
    for (size_t i = 0; i < input_count; i++) {
        if (status->kind != FILE_KIND_CHARACTER && status->device == inputs[i].device &&
            status->number == inputs[i].number)
            return true;
    }
    return false;
}

// NULL, or why the file must not be written. os_text has room for a message of the system.
static const char *refuse(const char *path, bool overwrite, const struct file_status *inputs,
                          size_t input_count, char *os_text, size_t os_size)
{
    struct file_status status;
    if (!*path)
        return "Output file cannot be root.";
    if (file_find_status(path, &status)) {
        if (status.kind == FILE_KIND_FOLDER)
            snprintf(os_text, os_size, "There is a directory at %s, refusing to overwrite", path);
        else if (is_input(&status, inputs, input_count))
            return "It is an input file, refusing to overwrite it";
        else
            return overwrite ? NULL : overwrite_refused(path);
        return os_text;
    }
    if (errno == ENOENT && make_parents(path))
        return NULL;
    report_os_text(errno, os_text, os_size);
    return os_text;
}

bool output_create(const char *path, struct output *ret_output)
{
    int fd = file_create(path);
    if (fd >= 0)
        output_open_fd(fd, true, ret_output);
    return fd >= 0;
}

bool output_open_file(const char *path, bool overwrite, const struct file_status *inputs,
                      size_t input_count, struct output *ret_output)
{
    char text[8192];
    const char *why = refuse(path, overwrite, inputs, input_count, text, sizeof text);
    if (!why) {
        if (output_create(path, ret_output))
            return true;
        report_os_text(errno, text, sizeof text);
        why = text;
    }
    report_line("Error: An error occurred while creating output file at `%s`\n\nCaused by:\n    %s",
                path, why);
    return false;
}

// Writes what was collected, and the bytes behind it, which are not copied.
static int write_with(struct output *output, const void *bytes, size_t size)
{
    size_t used = output->used;
    output->used = 0;
    if (!output->write_errno)
        output->write_errno = file_write_two(output->fd, output->buffer, used, bytes, size);
    return output->write_errno ? -1 : 0;
}

int output_flush(struct output *output)
{
    return write_with(output, NULL, 0);
}

int output_write(struct output *output, const void *bytes, size_t size)
{
    if (size >= DIRECT_BYTES)
        return write_with(output, bytes, size);
    if (output->used + size > BUFFER_BYTES && output_flush(output) < 0)
        return -1;
    memcpy(output->buffer + output->used, bytes, size);
    output->used += size;
    return output->write_errno ? -1 : 0;
}

int output_close(struct output *output)
{
    output_flush(output);
    if (output->closes_fd && file_close(output->fd) < 0 && !output->write_errno && errno != EINTR)
        output->write_errno = errno; // a network file system may tell only now
    free(output->buffer);
    output->buffer = NULL;
    if (output->write_errno == 0 || output->write_errno == EPIPE)
        return EXIT_SUCCESS;
    char text[256];
    report_os_text(output->write_errno, text, sizeof text);
    report_failure_text(text, NULL);
    return EXIT_FAILURE;
}

bool output_open_chosen(const struct options *options, const struct input_list *inputs,
                        struct output *ret_output)
{
    const char *log = options_text(options, OPT_WRITE);
    const char *path = log ? log : options_text(options, OPT_OUTPUT);
    if (!path) {
        output_open_stdout(ret_output);
        return true;
    }
    struct file_status *stats;
    size_t count = input_list_stat(inputs, &stats);
    bool overwrite = options_flag(options, OPT_NO_CONFIRM_OVERWRITE);
    bool ok = output_open_file(path, overwrite, stats, count, ret_output);
    free(stats);
    return ok;
}

int output_print(const char *text, size_t size)
{
    struct output output;
    output_open_stdout(&output);
    output_write(&output, text, size);
    return output_close(&output);
}
