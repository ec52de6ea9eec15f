// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "overwrite.h"
#include "report.h"

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
    // Fewer switches to the reader of a pipe; refused on anything else.
    fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
}

void output_open_stdout(struct output *ret_output)
{
    output_open_fd(STDOUT_FILENO, false, ret_output);
}

static bool make_parents(const char *path)
{
    char *folder = strdup(path);
    if (!folder)
        report_no_memory();
    bool ok = true;
    for (char *slash = folder + strspn(folder, "/"); ok && (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        ok = mkdir(folder, 0777) == 0 || errno == EEXIST;
        *slash++ = '/';
    }
    free(folder);
    return ok;
}

static bool is_input(const struct stat *status, const struct stat *inputs, size_t input_count)
{
    for (size_t i = 0; i < input_count; i++) {
        if (!S_ISCHR(status->st_mode) && status->st_dev == inputs[i].st_dev &&
            status->st_ino == inputs[i].st_ino)
            return true;
    }
    return false;
}

// NULL, or why the file must not be written. os_text has room for a message of the system.
static const char *refuse(const char *path, bool overwrite, const struct stat *inputs,
                          size_t input_count, char *os_text, size_t os_size)
{
    struct stat status;
    if (!*path)
        return "Output file cannot be root.";
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
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
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd >= 0)
        output_open_fd(fd, true, ret_output);
    return fd >= 0;
}

bool output_open_file(const char *path, bool overwrite, const struct stat *inputs,
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

// Takes what was written out of the parts.
static void skip_written(struct iovec parts[2], size_t size)
{
    for (int i = 0; i < 2; i++) {
        const size_t n = size < parts[i].iov_len ? size : parts[i].iov_len;
        parts[i].iov_base = (char *)parts[i].iov_base + n;
        parts[i].iov_len -= n;
        size -= n;
    }
}

// Writes what was collected, and the bytes behind it, which are not copied.
static int write_with(struct output *output, const void *bytes, size_t size)
{
    struct iovec parts[2] = {{output->buffer, output->used}, {(void *)bytes, size}};
    output->used = 0;
    if (output->write_errno)
        return -1;
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        const bool is_second = parts[0].iov_len == 0;
        ssize_t n = writev(output->fd, parts + is_second, 2 - is_second);
        if (n >= 0) {
            skip_written(parts, (size_t)n);
        } else if (errno == EAGAIN) { // somebody else's descriptor, set to non-blocking
            poll(&(struct pollfd){.fd = output->fd, .events = POLLOUT}, 1, -1);
        } else if (errno != EINTR) {
            output->write_errno = errno;
            return -1;
        }
    }
    return 0;
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
    if (output->closes_fd && close(output->fd) < 0 && !output->write_errno && errno != EINTR)
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
    struct stat *stats;
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
