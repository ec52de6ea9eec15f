// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "system/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/check.h"

int file_open(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

int file_open_at_once(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int file_create(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

int file_create_new(const char *path)
{
    return open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOCTTY, 0666);
}

int file_open_temporary(void)
{
    const char *directory = getenv("TMPDIR");
    if (!directory || !*directory)
        directory = "/tmp";
#ifdef O_TMPFILE
    int anonymous = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (anonymous >= 0)
        return anonymous;
#endif
    char path[4096];
    if (snprintf(path, sizeof path, "%s/evx.XXXXXX", directory) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int file_duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

int file_close(int fd)
{
    return close(fd);
}

static bool take_status(int failed, const struct stat *from, struct file_status *ret_status)
{
    if (failed)
        return false;
    const mode_t mode = from->st_mode;
    *ret_status = (struct file_status){
        .kind = S_ISREG(mode)    ? FILE_KIND_REGULAR
                : S_ISDIR(mode)  ? FILE_KIND_FOLDER
                : S_ISFIFO(mode) ? FILE_KIND_PIPE
                : S_ISBLK(mode)  ? FILE_KIND_BLOCK
                : S_ISCHR(mode)  ? FILE_KIND_CHARACTER
                                 : FILE_KIND_OTHER,
        .size_bytes = from->st_size > 0 ? (uint64_t)from->st_size : 0,
        .device = from->st_dev,
        .number = from->st_ino,
    };
    return true;
}

bool file_get_status(int fd, struct file_status *ret_status)
{
    struct stat status;
    return take_status(fstat(fd, &status), &status, ret_status);
}

bool file_find_status(const char *path, struct file_status *ret_status)
{
    struct stat status;
    return take_status(stat(path, &status), &status, ret_status);
}

bool file_find_own_status(const char *path, struct file_status *ret_status)
{
    struct stat status;
    return take_status(lstat(path, &status), &status, ret_status);
}

int64_t file_read(int fd, void *buffer, size_t size)
{
    ssize_t n;
    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    EVX_CHECK(n <= (ssize_t)size);
    return n;
}

int64_t file_read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(fd, (uint8_t *)buffer + done, size - done, (off_t)(offset + done));
        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return -1;
    }
    EVX_CHECK(done <= size);
    return (int64_t)done;
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

int file_write_two(int fd, const void *first, size_t first_size, const void *second,
                   size_t second_size)
{
    struct iovec parts[2] = {{(void *)first, first_size}, {(void *)second, second_size}};
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        const bool is_second = parts[0].iov_len == 0;
        ssize_t n = writev(fd, parts + is_second, 2 - is_second);
        if (n >= 0)
            skip_written(parts, (size_t)n);
        else if (errno == EAGAIN) // somebody else's descriptor, set to non-blocking
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

int file_write(int fd, const void *bytes, size_t size)
{
    return file_write_two(fd, NULL, 0, bytes, size);
}

int file_write_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = pwrite(fd, (const uint8_t *)bytes + done, size - done, (off_t)(offset + done));
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return n == 0 ? ENOSPC : errno;
    }
    return 0;
}

int64_t file_position(int fd)
{
    return lseek(fd, 0, SEEK_CUR);
}

int64_t file_end(int fd)
{
    return lseek(fd, 0, SEEK_END);
}

bool file_is_hole(int fd, uint64_t start, uint64_t size)
{
#ifdef SEEK_DATA
    struct stat status;
    off_t data = lseek(fd, (off_t)start, SEEK_DATA);
    if (data >= 0)
        return (uint64_t)data >= start + size;
    // No data from here on: a hole, unless the file has meanwhile become shorter.
    return errno == ENXIO && fstat(fd, &status) == 0 && (uint64_t)status.st_size >= start + size;
#else
    (void)fd, (void)start, (void)size;
    return false;
#endif
}

int file_make_folder(const char *path)
{
    return mkdir(path, 0777);
}

int file_remove(const char *path)
{
    return unlink(path);
}

int file_rename(const char *from, const char *to)
{
    return rename(from, to);
}

char *file_resolve(const char *path)
{
    return realpath(path, NULL);
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool file_is_separator(char c)
{
    return c == '/';
}

size_t file_root_bytes(const char *path)
{
    return strspn(path, "/");
}

const char *file_error_text(int number)
{
    return strerror(number);
}

#endif
