// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "system/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct folder_reader *folder_open(const char *path)
{
    return (struct folder_reader *)opendir(path);
}

static enum file_kind kind_of(DIR *entries, const struct dirent *entry)
{
    struct stat status;
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN && // some file systems do not tell
        fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        type = IFTODT(status.st_mode);
    switch (type) {
    case DT_REG:
        return FILE_KIND_REGULAR;
    case DT_DIR:
        return FILE_KIND_FOLDER;
    case DT_FIFO:
        return FILE_KIND_PIPE;
    case DT_BLK:
        return FILE_KIND_BLOCK;
    case DT_CHR:
        return FILE_KIND_CHARACTER;
    default:
        return FILE_KIND_OTHER;
    }
}

const char *folder_next(struct folder_reader *folder, enum file_kind *ret_kind)
{
    struct dirent *entry;
    do {
        errno = 0;
        entry = readdir((DIR *)folder);
        if (!entry)
            return NULL;
    } while (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    *ret_kind = kind_of((DIR *)folder, entry);
    return entry->d_name;
}

void folder_close(struct folder_reader *folder)
{
    closedir((DIR *)folder);
}

#endif
