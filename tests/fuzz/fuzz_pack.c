// SPDX-License-Identifier: MIT
// Guards packs and other people's databases: what is read of them, merged from them, and said by them. SQLite
// wants a file, so that each input is written to one.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <evx/pack_file.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct looking {
    evx_pack_file *file;
    evx_messages *messages;
    uint64_t sum;
    unsigned left; // providers whose events are looked at
};

static int visit_event(void *context, const evx_pack_event *event)
{
    struct looking *looking = context;
    looking->sum += event->keywords + (event->text ? strlen(event->text) : 0);
    if (event->template_guid)
        looking->sum += event->template_guid[15];
    return 0;
}

static int visit_provider(void *context, const evx_pack_provider *provider)
{
    struct looking *looking = context;
    evx_error error;
    const char *text;
    size_t size;
    looking->sum += strlen(provider->name) + strlen(provider->path) + strlen(provider->system);
    if (looking->left-- == 0)
        return 1;
    for (uint16_t id = 0; looking->messages && id < 20; id++) {
        const evx_event_key key = {
            .size = sizeof key, .provider_guid = provider->guid, .provider = provider->name, .event_id = id};
        if (evx_messages_format(looking->messages, &key, NULL, 0, &text, &size, &error) == EVX_OK)
            looking->sum += size;
    }
    return evx_pack_file_list_events(looking->file, provider->id, visit_event, looking, &error) != EVX_OK;
}

static void look(const char *path, struct looking *looking)
{
    evx_error error;
    evx_pack *pack;
    if (evx_messages_create(NULL, &looking->messages, &error) != EVX_OK)
        abort();
    if (evx_messages_add_pack(looking->messages, path, &error) != EVX_OK)
        evx_messages_destroy(&looking->messages);
    if (evx_pack_file_open(path, &looking->file, &error) == EVX_OK)
        evx_pack_file_list_providers(looking->file, visit_provider, looking, &error);
    evx_pack_file_close(&looking->file);
    evx_messages_destroy(&looking->messages);
    if (evx_pack_open(path, &pack, &error) == EVX_OK)
        evx_pack_close(&pack);
}

static void take_in(const char *path, const char *into)
{
    evx_pack_writer *writer;
    evx_error error;
    unlink(into);
    if (evx_pack_create(into, NULL, &writer, &error) != EVX_OK)
        abort();
    // Whatever is wrong with the input, the new pack is not.
    if (evx_pack_add(writer, path, &error) != EVX_OK || evx_pack_finish(&writer, NULL, &error) != EVX_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static volatile uint64_t sum;
    static char path[64], into[80];
    struct looking looking = {.left = 50};
    if (!path[0]) {
        snprintf(path, sizeof path, "%s/evx-fuzz-pack-%d", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", getpid());
        snprintf(into, sizeof into, "%s-new", path);
    }
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd) != 0)
        abort();
    look(path, &looking);
    take_in(path, into);
    sum += looking.sum;
    unlink(path);
    unlink(into);
    return 0;
}
