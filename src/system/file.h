// SPDX-License-Identifier: MIT
// Files by descriptors of the C library. Paths are UTF-8 (on POSIX: the system's bytes); what fails
// sets errno. Knows nothing of what is in a file.
#ifndef EVX_SYSTEM_FILE_H
#define EVX_SYSTEM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum file_kind {
    FILE_KIND_OTHER, // a link that was not to be followed, a socket
    FILE_KIND_REGULAR,
    FILE_KIND_FOLDER,
    FILE_KIND_PIPE,
    FILE_KIND_BLOCK,
    FILE_KIND_CHARACTER, // a terminal, the null device
};

struct file_status {
    enum file_kind kind;
    uint64_t size_bytes;     // of a regular file
    uint64_t device, number; // both equal: one file
};

// For reading. A FIFO is waited for until somebody writes to it, but for _at_once.
int file_open(const char *path);
int file_open_at_once(const char *path);
// For writing: makes the file or empties it; _new: there must be none of this name.
int file_create(const char *path);
int file_create_new(const char *path);
// A file without a name, gone when it is closed; in the folder of the environment for such.
int file_open_temporary(void);
// Above the standard descriptors.
int file_duplicate(int fd);
int file_close(int fd);

bool file_get_status(int fd, struct file_status *ret_status);
bool file_find_status(const char *path, struct file_status *ret_status);
// Of a link itself, where the path is one.
bool file_find_own_status(const char *path, struct file_status *ret_status);

// What is there, up to size bytes; 0 at the end. Over EINTR.
int64_t file_read(int fd, void *buffer, size_t size);
// Less than size only at the end. Thread-safe; the descriptor's position means nothing.
int64_t file_read_at(int fd, void *buffer, size_t size, uint64_t offset);
// All of both, the second behind the first; waits for a pipe whose writers do not. 0 or an errno
// value.
int file_write(int fd, const void *bytes, size_t size);
int file_write_two(int fd, const void *first, size_t first_size, const void *second,
                   size_t second_size);

// All of it, at a place of a file; the descriptor's position means nothing. 0 or an errno value.
int file_write_at(int fd, const void *bytes, size_t size, uint64_t offset);

int64_t file_position(int fd);
// Also the size of a block device.
int64_t file_end(int fd);
// Whether nothing was ever written to the range. False where the system does not tell.
bool file_is_hole(int fd, uint64_t start, uint64_t size);

int file_make_folder(const char *path);
int file_remove(const char *path);
// Over a file of the new name.
int file_rename(const char *from, const char *to);

// The path from the root, without links; free(). NULL: there is none.
char *file_resolve(const char *path);
// The last part of a path.
const char *file_name(const char *path);
bool file_is_separator(char c);
// Bytes in front of a path's first name: "/", "C:\", "\\host\share\".
size_t file_root_bytes(const char *path);

// The system's words for an errno value.
const char *file_error_text(int number);

#endif
