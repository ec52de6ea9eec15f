// SPDX-License-Identifier: MIT
// evtx_dump extract-wevt-templates: WEVT_TEMPLATE resources of PE files into one cache file.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <evx/packs.h>

#include "commands.h"
#include "glob_paths.h"
#include "path_set.h"
#include "report.h"
#include "system/folder.h"

enum { COPY_BYTES = 64 << 10 };

// -------------------------------------------------------------------------------------------
// inputs

static bool has_extension(const char *list, const char *name)
{
    size_t size;
    const char *extension = path_extension(name, &size);
    while (extension && *list) {
        const char *item = list + strspn(list, " \t.,");
        size_t item_size = strcspn(item, ",");
        list = item + item_size;
        while (item_size > 0 && strchr(" \t", item[item_size - 1]))
            item_size--;
        if (item_size > 0 && item_size == size && strncasecmp(item, extension, size) == 0)
            return true;
    }
    return false;
}

struct search {
    const char *extensions;
    bool recursive;
    struct path_set folders; // that are still to be read
    struct path_set files;
};

// Reads one folder. Links to folders are not followed: they may lead back.
static bool read_folder(struct search *search, const char *folder)
{
    const char *name;
    enum file_kind kind;
    struct folder_reader *entries = folder_open(folder);
    while (entries && (name = folder_next(entries, &kind)) != NULL) {
        struct file_status target;
        char *path = path_join(folder, name);
        if (kind == FILE_KIND_FOLDER)
            path_set_add(&search->folders, path);
        else if (file_find_status(path, &target) && target.kind == FILE_KIND_REGULAR &&
                 has_extension(search->extensions, name))
            path_set_add(&search->files, path);
        free(path);
    }
    if (entries && errno == 0) {
        folder_close(entries);
        return true;
    }
    char text[256], *top;
    report_os_text(errno, text, sizeof text);
    if (asprintf(&top, "failed to read directory `%s`", folder) < 0)
        report_no_memory();
    report_failure_text(top, text);
    free(top);
    if (entries)
        folder_close(entries);
    return false;
}

static bool add_input(struct search *search, const char *path)
{
    struct file_status status;
    if (!file_find_status(path, &status))
        return true;
    if (status.kind == FILE_KIND_REGULAR)
        path_set_add(&search->files, path);
    if (status.kind != FILE_KIND_FOLDER || !search->recursive)
        return true;
    path_set_add(&search->folders, path);
    while (search->folders.count > 0) {
        char *folder = search->folders.paths[--search->folders.count];
        bool fine = read_folder(search, folder);
        free(folder);
        if (!fine)
            return false;
    }
    return true;
}

// What the options name: files, and folders when they are to be searched.
static bool find_files(const struct options *options, struct search *search)
{
    const struct option_value *inputs = &options->values[OPT_INPUT];
    const struct option_value *globs = &options->values[OPT_GLOB];
    struct path_set hits = {0};
    bool fine = true;
    for (unsigned i = 0; i < globs->count; i++) {
        char *why = glob_check(globs->texts[i]), *top;
        if (!why) {
            glob_expand(globs->texts[i], &hits);
            continue;
        }
        if (asprintf(&top, "invalid glob pattern `%s`", globs->texts[i]) < 0)
            report_no_memory();
        report_failure_text(top, why);
        free(top);
        free(why);
        path_set_free(&hits);
        return false;
    }
    if (inputs->count == 0 && hits.count == 0) {
        report_failure_text("No inputs provided. Use --input and/or --glob.", NULL);
        fine = false;
    }
    for (unsigned i = 0; i < inputs->count && fine; i++)
        fine = add_input(search, inputs->texts[i]);
    for (size_t i = 0; i < hits.count && fine; i++)
        fine = add_input(search, hits.paths[i]);
    path_set_free(&hits);
    path_set_sort(&search->files);
    return fine;
}

// -------------------------------------------------------------------------------------------
// output

struct cache {
    const char *path;
    FILE *file;
    uint32_t count; // of its entries
};

static void report_cache_error(const struct cache *cache, const char *doing)
{
    char text[256];
    report_os_text(errno, text, sizeof text);
    report_line("Error: I/O error while %s `%s`: %s\n\nCaused by:\n    %s", doing, cache->path,
                text, text);
}

static bool put_header(struct cache *cache)
{
    uint8_t head[EVX_WEVTCACHE_HEADER_SIZE];
    evx_wevtcache_put_header(head, cache->count);
    return fwrite(head, 1, sizeof head, cache->file) == sizeof head;
}

static bool open_cache(const struct options *options, struct cache *ret)
{
    struct file_status status;
    *ret = (struct cache){.path = options_text(options, OPT_OUTPUT)};
    if (!options_flag(options, OPT_OVERWRITE) && file_find_status(ret->path, &status)) {
        report_line("Error: refusing to overwrite existing output file `%s` (pass overwrite=true)",
                    ret->path);
        return false;
    }
    int fd = file_create(ret->path);
    ret->file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!ret->file) {
        report_cache_error(ret, "create");
        return false;
    }
    return true; // the header comes last, and errors of writing show there
}

// The number of entries is known at last.
static bool close_cache(struct cache *cache)
{
    bool fine = fseek(cache->file, 0, SEEK_SET) == 0 && put_header(cache) && !ferror(cache->file);
    if (fclose(cache->file) != 0 || !fine) {
        report_cache_error(cache, "write");
        return false;
    }
    return true;
}

// --------------------------------------------------------------------------------------------
// files

// A PE file, read where the library wants it.
struct source {
    int fd;
    struct cache *cache;
    int read_errno; // of copying; 0: none. -1: the file has become shorter
};

static int64_t read_source(void *context, void *buffer, size_t size, uint64_t offset)
{
    return file_read_at(((const struct source *)context)->fd, buffer, size, offset);
}

static int64_t source_size(void *context)
{
    struct file_status status;
    const struct source *source = context;
    return file_get_status(source->fd, &status) ? (int64_t)status.size_bytes : -1;
}

static int copy_resource(void *context, const evx_resource *resource)
{
    static char buffer[COPY_BYTES];
    struct source *source = context;
    uint8_t head[EVX_WEVTCACHE_ENTRY_SIZE];
    long start = ftell(source->cache->file);
    evx_wevtcache_put_entry(head, resource->size_bytes);
    fwrite(head, 1, sizeof head, source->cache->file);
    for (uint32_t done = 0; done < resource->size_bytes;) {
        uint32_t left = resource->size_bytes - done;
        size_t size = left < COPY_BYTES ? left : COPY_BYTES;
        int64_t n = read_source(source, buffer, size, resource->offset + done);
        if (n < (int64_t)size) {
            source->read_errno = n < 0 ? errno : -1;
            // As if the entry had not been begun: what is behind it in the file does not count.
            fseek(source->cache->file, start, SEEK_SET);
            return -1;
        }
        fwrite(buffer, 1, size, source->cache->file);
        done += (uint32_t)size;
    }
    source->cache->count++;
    return 0;
}

static void report_unreadable(const char *path, int number)
{
    char text[256];
    report_os_text(number, text, sizeof text);
    report_line("failed to read `%s`: %s", path, text);
}

static bool extract(struct cache *cache, const char *path)
{
    struct source source = {.cache = cache, .fd = file_open(path)};
    const evx_input input = {read_source, source_size, &source};
    evx_error error = {0};
    if (source.fd < 0) {
        report_unreadable(path, errno);
        return false;
    }
    evx_status status =
        evx_find_resources(&input, EVX_RESOURCE_WEVT_TEMPLATE, copy_resource, &source, &error);
    file_close(source.fd);
    if (status == EVX_ERR_MEMORY)
        report_no_memory();
    if (status == EVX_ERR_IO || source.read_errno > 0)
        report_unreadable(path, source.read_errno ? source.read_errno : error.system_errno);
    else if (source.read_errno)
        report_line("failed to read `%s`: it has become shorter", path);
    else if (status != EVX_OK)
        report_line("failed to extract WEVT_TEMPLATE from `%s`: %s", path, error.cause[0]);
    return status == EVX_OK;
}

static bool extract_all(struct cache *cache, const struct path_set *files)
{
    unsigned long long errors = 0;
    bool fine = put_header(cache);
    for (size_t i = 0; i < files->count; i++)
        errors += !extract(cache, files->paths[i]);
    if (!close_cache(cache) || !fine)
        return false;
    if (errors > 0)
        report_line("Error: extract-wevt-templates completed with %llu error(s)", errors);
    else
        report_line("wrote %u resource blob(s) to `%s`", cache->count, cache->path);
    return errors == 0;
}

int command_extract(const struct options *options)
{
    size_t size;
    const char *extension = path_extension(options_text(options, OPT_OUTPUT), &size);
    if (!extension || size != strlen("wevtcache") || memcmp(extension, "wevtcache", size) != 0) {
        report_failure_text("output must have `.wevtcache` extension", NULL);
        return EXIT_FAILURE;
    }
    struct search search = {
        .extensions = options_text(options, OPT_EXTENSIONS),
        .recursive = options_flag(options, OPT_RECURSIVE),
    };
    struct cache cache;
    if (!search.extensions)
        search.extensions = "";
    bool fine = find_files(options, &search) && open_cache(options, &cache) &&
                extract_all(&cache, &search.files);
    path_set_free(&search.files);
    path_set_free(&search.folders);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
