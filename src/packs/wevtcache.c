// SPDX-License-Identifier: MIT
// .wevtcache files: resources one after the other.
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "base/load.h"
#include "packs/pack_build.h"
#include "system/file.h"

// The bytes as they come: of a file, or in memory.
struct stream {
    int fd; // -1: memory
    const uint8_t *bytes;
    uint64_t left;
};

enum taken { TAKEN_ALL, TAKEN_CUT, TAKEN_REFUSED };

static enum taken take(struct stream *stream, void *ret, size_t size)
{
    size_t done = 0;
    if (stream->fd < 0) {
        if (size > stream->left)
            return TAKEN_CUT;
        if (size > 0)
            memcpy(ret, stream->bytes, size);
        stream->bytes += size;
        stream->left -= size;
        return TAKEN_ALL;
    }
    while (done < size) {
        int64_t n = file_read(stream->fd, (uint8_t *)ret + done, size - done);
        if (n <= 0)
            return n < 0 ? TAKEN_REFUSED : TAKEN_CUT;
        done += (size_t)n;
    }
    stream->left -= size < stream->left ? size : stream->left;
    return TAKEN_ALL;
}

static bool fail(struct pack_fault *fault, enum pack_fault_kind kind, uint64_t number)
{
    *fault = (struct pack_fault){.kind = kind, .number = number};
    return false;
}

static bool fail_taking(struct pack_fault *fault, enum taken taken, enum pack_fault_kind cut,
                        enum pack_fault_kind refused)
{
    *fault = (struct pack_fault){.kind = taken == TAKEN_CUT ? cut : refused};
    fault->system_errno = taken == TAKEN_CUT ? 0 : errno;
    return false;
}

static bool read_entry(struct pack *pack, struct stream *stream, struct pack_fault *fault)
{
    uint8_t head[WEVTCACHE_ENTRY_BYTES];
    enum taken taken = take(stream, head, sizeof head);
    if (taken != TAKEN_ALL)
        return fail_taking(fault, taken, PACK_CUT_ENTRY_HEADER, PACK_REFUSED_ENTRY_HEADER);
    if (head[0] != WEVTCACHE_KIND_CRIM)
        return fail(fault, PACK_KIND, head[0]);
    uint64_t size = load_u64(head + 1);
    if (size > stream->left) // before anything is allocated for it
        return fail(fault, PACK_TOO_LARGE, size);
    uint8_t *blob = pack_add_blob(pack, size);
    if (!blob)
        return fail(fault, PACK_NO_MEMORY, 0);
    taken = take(stream, blob, size);
    return taken == TAKEN_ALL ||
           fail_taking(fault, taken, PACK_CUT_ENTRY_HEADER, PACK_REFUSED_ENTRY);
}

static bool read_all(struct pack *pack, struct stream *stream, struct pack_fault *fault)
{
    uint8_t head[WEVTCACHE_HEADER_BYTES];
    EVX_CHECK(pack->blob_count == 0);
    enum taken taken = take(stream, head, sizeof head);
    if (taken != TAKEN_ALL)
        return fail_taking(fault, taken, PACK_CUT_HEADER, PACK_REFUSED_HEADER);
    if (memcmp(head, WEVTCACHE_MAGIC, 8) != 0)
        return fail(fault, PACK_MAGIC, 0);
    if (load_u32(head + 8) != WEVTCACHE_VERSION)
        return fail(fault, PACK_VERSION, load_u32(head + 8));
    for (uint32_t left = load_u32(head + 12); left > 0; left--)
        if (!read_entry(pack, stream, fault))
            return false;
    return pack_index(pack, fault);
}

bool pack_parse_wevtcache(struct pack *pack, const uint8_t *bytes, size_t size,
                          struct pack_fault *ret_fault)
{
    struct stream stream = {.fd = -1, .bytes = bytes, .left = size};
    return read_all(pack, &stream, ret_fault);
}

bool pack_read_wevtcache(struct pack *pack, const char *path, struct pack_fault *ret_fault)
{
    struct file_status status;
    struct stream stream = {.fd = file_open(path)};
    if (stream.fd < 0 || !file_get_status(stream.fd, &status)) {
        fail_taking(ret_fault, TAKEN_REFUSED, PACK_FINE, PACK_REFUSED_OPEN);
        if (stream.fd >= 0)
            file_close(stream.fd);
        return false;
    }
    stream.left = status.size_bytes;
    bool fine = read_all(pack, &stream, ret_fault);
    file_close(stream.fd);
    return fine;
}
