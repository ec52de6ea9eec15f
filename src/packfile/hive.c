// SPDX-License-Identifier: MIT
#include "packfile/hive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "system/file.h"
#include "system/library.h"

#if EVX_HAVE_HIVEX

#include <hivex.h>

#define HIVEX_CALLS(CALL)                                                                          \
    CALL(open)                                                                                     \
    CALL(close)                                                                                    \
    CALL(root)                                                                                     \
    CALL(node_get_child)                                                                           \
    CALL(node_children)                                                                            \
    CALL(node_name)                                                                                \
    CALL(node_get_value)                                                                           \
    CALL(value_value)

enum {
    NAME_MAX_BYTES = 256,
    DEPTH_MAX = 16,
    KEYS_MAX = 100000, // below one key
};

struct hive_api {
    void *library;
#define MEMBER(name) __typeof__(&hivex_##name) name;
    HIVEX_CALLS(MEMBER)
#undef MEMBER
};

static bool load(struct hive_api *api)
{
    *api = (struct hive_api){.library = library_load("libhivex.so.0")};
    if (!api->library)
        return false;
    bool fine = true;
#define LOAD(name)                                                                                 \
    void *call_##name = library_find(api->library, "hivex_" #name);                                \
    fine = fine && call_##name;                                                                    \
    memcpy(&api->name, &call_##name, sizeof call_##name);
    HIVEX_CALLS(LOAD)
#undef LOAD
    if (!fine)
        library_unload(api->library);
    return fine;
}

bool hive_open(struct hive *hive, struct memory *memory, const char *path)
{
    *hive = (struct hive){.memory = memory, .why = "not enough memory"};
    hive->api = memory_allocate(memory, sizeof *hive->api);
    if (!hive->api)
        return false;
    if (!load(hive->api)) {
        memory_release(memory, hive->api, sizeof *hive->api);
        hive->api = NULL;
        hive->why = "libhivex is not installed (libhivex.so.0), so that providers are found by "
                    "their resources alone";
        return false;
    }
    errno = 0;
    hive->handle = hive->api->open(path, 0);
    if (!hive->handle)
        hive->why = errno ? file_error_text(errno) : "it is no registry hive";
    return hive->handle != NULL;
}

void hive_close(struct hive *hive)
{
    if (hive->handle)
        hive->api->close(hive->handle);
    if (hive->api) {
        EVX_CHECK(hive->api->library != NULL);
        library_unload(hive->api->library);
        memory_release(hive->memory, hive->api, sizeof *hive->api);
    }
    *hive = (struct hive){0};
}

hive_key hive_root(struct hive *hive)
{
    return hive->api->root(hive->handle);
}

hive_key hive_find(struct hive *hive, hive_key key, const char *path)
{
    for (int depth = 0; key && *path && depth < DEPTH_MAX; depth++) {
        char name[NAME_MAX_BYTES];
        size_t size = strcspn(path, "/");
        if (size >= sizeof name)
            return 0;
        memcpy(name, path, size);
        name[size] = 0;
        path += size + (path[size] == '/');
        key = hive->api->node_get_child(hive->handle, key, name);
    }
    return key;
}

bool hive_visit(struct hive *hive, hive_key key,
                bool (*visit)(void *context, hive_key key, const char *name), void *context)
{
    hive_node_h *keys = hive->api->node_children(hive->handle, key);
    bool fine = true;
    for (size_t i = 0; keys && keys[i] && i < KEYS_MAX && fine; i++) {
        char *name = hive->api->node_name(hive->handle, keys[i]);
        if (name)
            fine = visit(context, keys[i], name);
        hive_free(name);
    }
    hive_free(keys);
    return fine;
}

void *hive_value(struct hive *hive, hive_key key, const char *name, size_t *ret_size)
{
    hive_type type;
    hive_value_h value = hive->api->node_get_value(hive->handle, key, name);
    *ret_size = 0;
    return value ? hive->api->value_value(hive->handle, value, &type, ret_size) : NULL;
}

// What libhivex gives is the C library's.
void hive_free(void *bytes)
{
    free(bytes);
}

#else

bool hive_open(struct hive *hive, struct memory *memory, const char *path)
{
    (void)path;
    *hive = (struct hive){.memory = memory};
    hive->why = "this program has been built without libhivex, so that providers are found by "
                "their resources alone";
    return false;
}

void hive_close(struct hive *hive)
{
    *hive = (struct hive){0};
}

hive_key hive_root(struct hive *hive)
{
    (void)hive;
    return 0;
}

hive_key hive_find(struct hive *hive, hive_key key, const char *path)
{
    (void)hive, (void)key, (void)path;
    return 0;
}

bool hive_visit(struct hive *hive, hive_key key,
                bool (*visit)(void *context, hive_key key, const char *name), void *context)
{
    (void)hive, (void)key, (void)visit, (void)context;
    return true;
}

void *hive_value(struct hive *hive, hive_key key, const char *name, size_t *ret_size)
{
    (void)hive, (void)key, (void)name;
    *ret_size = 0;
    return NULL;
}

void hive_free(void *bytes)
{
    (void)bytes;
}

#endif
