// SPDX-License-Identifier: MIT
#include "remains.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd_input.h"
#include "report.h"
#include "walk_inputs.h"

enum { COPY_BYTES = 256 << 10 };

static int64_t read_input(void *context, void *buffer, size_t size, uint64_t offset)
{
    return fd_input_read(*(int *)context, buffer, size, offset);
}

// Also of block devices, whose status has no size.
static int64_t get_size(void *context)
{
    return lseek(*(int *)context, 0, SEEK_END);
}

static void report_refused(const char *name, int number)
{
    char text[256], *top;
    report_os_text(number, text, sizeof text);
    if (asprintf(&top, "Failed to open %s", name) < 0)
        report_no_memory();
    report_failure_text(top, text);
    free(top);
}

static int open_temporary(void)
{
    const char *folder = getenv("TMPDIR");
    char *path;
    if (asprintf(&path, "%s/evx-XXXXXX", folder && *folder ? folder : "/tmp") < 0)
        report_no_memory();
    int fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    free(path);
    return fd;
}

static bool copy_all(int from, int to)
{
    static char buffer[COPY_BYTES];
    for (;;) {
        ssize_t n = read(from, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        for (ssize_t done = 0; done < n;) {
            ssize_t written = write(to, buffer + done, (size_t)(n - done));
            if (written < 0 && errno != EINTR)
                return false;
            done += written > 0 ? written : 0;
        }
        if (n <= 0)
            return n == 0;
    }
}

static int open_stdin(void)
{
    if (lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int fd = open_temporary();
    if (fd >= 0 && !copy_all(STDIN_FILENO, fd)) {
        const int number = errno;
        close(fd);
        errno = number;
        return -1;
    }
    return fd;
}

bool remains_open(struct remains *remains, const char *name)
{
    struct stat status;
    *remains = (struct remains){
        .fd = input_is_stdin(name) ? open_stdin() : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    int number = errno;
    if (remains->fd >= 0 && fstat(remains->fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(remains->fd);
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
        close(remains->fd);
    remains->fd = -1;
    remains->is_all = false;
}
