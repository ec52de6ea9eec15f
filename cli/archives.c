// SPDX-License-Identifier: MIT
#include "archives.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "problem.h"
#include "report.h"
#include "system/file.h"
#include "unpack.h"

// An archive that was listed. Those inside of others come behind these.
struct listed {
    char *name;  // a path, or the name of an archive's member
    bool is_raw; // a compressed file: all of it is one log
    unsigned depth;
};

// One that is open: archives that lie in one another are open together.
struct level {
    const struct listed *listed;
    struct unpack *unpack;
};

static struct {
    struct listed *archives;
    size_t count;
    struct level levels[ARCHIVE_DEPTH_MAX];
    unsigned open_count;
    bool was_damaged; // a log could not be unpacked whole
} state;

// ---------------------------------------------------------------------------------------------
// kinds

const char *archive_kind(const void *head, size_t size)
{
    static const struct {
        const char *kind, *magic;
        size_t offset, size;
    } kinds[] = {
        {"gzip", "\x1F\x8B", 0, 2},
        {"zip", "PK\x03\x04", 0, 4},
        {"7z", "7z\xBC\xAF\x27\x1C", 0, 6},
        {"xz",
         "\xFD"
         "7zXZ",
         0, 5},
        {"bzip2", "BZh", 0, 3},
        {"zstd", "\x28\xB5\x2F\xFD", 0, 4},
        {"tar", "ustar", 257, 5},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].offset + kinds[i].size <= size &&
            memcmp((const char *)head + kinds[i].offset, kinds[i].magic, kinds[i].size) == 0)
            return kinds[i].kind;
    return NULL;
}

bool archive_is_at(const char *path)
{
    char head[ARCHIVE_HEAD_BYTES];
    struct file_status status;
    if (!file_find_status(path, &status) || status.kind != FILE_KIND_REGULAR)
        return false;
    int fd = file_open(path);
    if (fd < 0)
        return false; // whoever opens it as a log says why
    int64_t size = file_read_at(fd, head, sizeof head, 0);
    file_close(fd);
    return size > 0 && archive_kind(head, (size_t)size) != NULL;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t size = strlen(name), suffix_size = strlen(suffix);
    return size > suffix_size && strcasecmp(name + size - suffix_size, suffix) == 0;
}

static bool is_archive_name(const char *name)
{
    static const char *const suffixes[] = {".zip", ".7z",  ".tar", ".tgz", ".tbz2", ".txz",
                                           ".gz",  ".bz2", ".xz",  ".zst", ".tzst"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (ends_with(name, suffixes[i]))
            return true;
    return false;
}

// ---------------------------------------------------------------------------------------------
// state

static void report_archive(const char *name, const char *why)
{
    if (report_is_json()) {
        problem_report_input(name, EVX_DAMAGE_INPUT_READ, "Failed to read archive", why);
        return;
    }
    report_line("Error: Failed to read archive %s\n\nCaused by:\n    %s", name, why);
}

static void report_errno(const char *name, int number)
{
    char text[256];
    report_os_text(number, text, sizeof text);
    report_archive(name, text);
}

static void close_levels(unsigned from)
{
    while (state.open_count > from)
        unpack_close(&state.levels[--state.open_count].unpack);
}

static size_t add_listed(char *name, unsigned depth)
{
    struct listed *archives = realloc(state.archives, (state.count + 1) * sizeof *archives);
    if (!archives)
        report_no_memory();
    close_levels(0); // their pointers have gone
    state.archives = archives;
    archives[state.count] = (struct listed){.name = name, .depth = depth};
    return state.count++;
}

static char *member_name(const char *archive, const char *member)
{
    char *name;
    if (asprintf(&name, "%s!%s", archive, member) < 0)
        report_no_memory();
    return name;
}

// The innermost archive that a name lies in; NULL: none. Its name is the longest one.
static const struct listed *archive_around(const char *name)
{
    const struct listed *best = NULL;
    for (size_t i = 0; i < state.count; i++) {
        const struct listed *listed = &state.archives[i];
        size_t size = strlen(listed->name);
        if (strncmp(listed->name, name, size) == 0 && name[size] == '!' &&
            (!best || size > strlen(best->name)))
            best = listed;
    }
    return best;
}

// The same, or the archive itself when all of it is the log of this name.
static const struct listed *archive_of(const char *name)
{
    for (size_t i = 0; i < state.count; i++)
        if (state.archives[i].is_raw && strcmp(state.archives[i].name, name) == 0)
            return &state.archives[i];
    return archive_around(name);
}

bool archive_has(const char *name)
{
    return archive_of(name) != NULL;
}

bool archive_was_damaged(void)
{
    return state.was_damaged;
}

const char *archive_path(const char *name)
{
    const struct listed *listed = archive_of(name);
    while (listed && listed->depth > 0)
        listed = archive_around(listed->name);
    return listed ? listed->name : name;
}

// -------------------------------------------------------------------------------------------
// opening

static int copy_member(struct unpack *unpack, const char *name)
{
    int fd = file_open_temporary();
    if (fd < 0) {
        report_errno(name, errno);
        return -1;
    }
    uint64_t size;
    const char *why = unpack_copy(unpack, fd, ARCHIVE_MEMBER_BYTES_MAX, &size);
    if (why)
        report_archive(name, why);
    state.was_damaged |= why != NULL;
    // What could be unpacked of it is read.
    if (!why || size > 0)
        return fd;
    file_close(fd);
    return -1;
}

// The member is the next one of its name; where there is none behind the place that the archive is
// read to, it is begun again. -1: reported.
static int open_member(struct level *level, const char *name)
{
    const struct listed *listed = level->listed;
    const char *wanted = listed->is_raw ? NULL : name + strlen(listed->name) + 1;
    for (int pass = 0; pass < 2; pass++) {
        const char *member;
        while ((member = unpack_next(level->unpack)) != NULL)
            if (!wanted || strcmp(member, wanted) == 0)
                return copy_member(level->unpack, name);
        const char *why = pass == 0 ? unpack_rewind(level->unpack) : unpack_error(level->unpack);
        if (why || pass == 1) {
            report_archive(name, why ? why : "it is no longer there");
            return -1;
        }
    }
    return -1;
}

// Opens an archive on top of those around it, which are open. `fd` is its bytes.
static bool open_level(const struct listed *listed, int fd)
{
    struct level *level = &state.levels[state.open_count];
    const char *why = unpack_open(fd, &level->unpack);
    if (why) {
        report_archive(listed->name, why);
        return false;
    }
    level->listed = listed;
    state.open_count++;
    return true;
}

// All archives around a name, from the outermost one on.
static bool open_around(const struct listed *innermost)
{
    const struct listed *chain[ARCHIVE_DEPTH_MAX];
    unsigned depth = innermost->depth + 1;
    const struct listed *listed = innermost;
    for (unsigned i = depth; i-- > 0; listed = archive_around(listed->name))
        chain[i] = listed;
    unsigned same = 0;
    while (same < depth && same < state.open_count && state.levels[same].listed == chain[same])
        same++;
    close_levels(same);
    for (unsigned i = same; i < depth; i++) {
        int fd =
            i == 0 ? file_open(chain[0]->name) : open_member(&state.levels[i - 1], chain[i]->name);
        if (fd < 0) {
            if (i == 0)
                report_errno(chain[0]->name, errno);
            return false;
        }
        if (!open_level(chain[i], fd))
            return false;
    }
    return true;
}

int archive_open(const char *name)
{
    const struct listed *listed = archive_of(name);
    if (!listed || !open_around(listed))
        return -1;
    return open_member(&state.levels[state.open_count - 1], name);
}

// -------------------------------------------------------------------------------------------
// listing

// Lists one archive; archives in it join the list of them behind it.
static bool list_one(size_t index, void (*found)(void *, const char *), void *context)
{
    if (!open_around(&state.archives[index]))
        return false;
    char *name = strdup(state.archives[index].name);
    const unsigned depth = state.archives[index].depth;
    struct unpack *unpack = state.levels[state.open_count - 1].unpack;
    char **inner = NULL;
    size_t inner_count = 0, logs = 0, members = 0;
    bool fine = true;
    const char *member;
    while ((member = unpack_next(unpack)) != NULL && ++members <= ARCHIVE_MEMBERS_MAX) {
        const bool is_raw = unpack_is_raw(unpack);
        char *full = is_raw ? strdup(name) : member_name(name, member);
        if (!full || !name)
            report_no_memory();
        state.archives[index].is_raw = is_raw;
        if (is_raw || ends_with(member, ".evtx")) {
            logs++;
            found(context, full);
        } else if (is_archive_name(member) && depth + 1 == ARCHIVE_DEPTH_MAX) {
            report_archive(full, "it lies in too many others");
            fine = false;
        } else if (is_archive_name(member)) {
            inner = realloc(inner, (inner_count + 1) * sizeof *inner);
            if (!inner)
                report_no_memory();
            inner[inner_count++] = full;
            continue;
        }
        free(full);
    }
    const char *why = member ? "it has more members than are read" : unpack_error(unpack);
    if (why && logs + inner_count == 0 && depth == 0) {
        found(context, name); // it only looks like one: whoever opens it as a log says so
        free(inner);
        free(name);
        return true;
    }
    if (why)
        report_archive(name, why);
    else if (logs + inner_count == 0)
        report_line("Error: No *.evtx file in archive %s", name);
    fine = fine && !why && logs + inner_count > 0;
    for (size_t i = 0; i < inner_count; i++)
        add_listed(inner[i], depth + 1);
    free(inner);
    free(name);
    return fine;
}

bool archive_list(const char *path, void (*found)(void *context, const char *name), void *context)
{
    char *name = strdup(path);
    if (!name)
        report_no_memory();
    bool fine = true;
    for (size_t i = add_listed(name, 0); i < state.count; i++)
        fine = list_one(i, found, context) && fine;
    return fine;
}
