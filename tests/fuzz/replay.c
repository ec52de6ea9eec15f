// SPDX-License-Identifier: MIT
// Guards against the return of what the fuzzer found, on every test run and without libFuzzer: calls one
// target with the empty input, each file of the folders given, a small sample log of each profile, and
// mutations of all these. The mutations come from a seed that is printed, always the same unless
// EVX_REPLAY_SEED says another, so a failure repeats; EVX_REPLAY_MUTATIONS says how many there are. A failing
// run is stopped by the sanitizer; the last line is the input it was, or was made from.
#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/generate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
    INPUTS_MAX = 256,
    MUTATIONS_USUAL = 400,
    CHANGES_MAX = 16,
};

struct input {
    uint8_t *bytes;
    size_t size;
    char name[256];
};

static struct input inputs[INPUTS_MAX];
static size_t input_count;
static uint64_t random_state;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static int append(void *context, const void *bytes, size_t size)
{
    struct input *input = context;
    uint8_t *grown = realloc(input->bytes, input->size + size);
    if (!grown)
        return -1;
    memcpy(grown + input->size, bytes, size);
    input->bytes = grown;
    input->size += size;
    return 0;
}

static struct input *new_input(const char *name)
{
    if (input_count == INPUTS_MAX) {
        fprintf(stderr, "more than %d inputs\n", INPUTS_MAX);
        exit(1);
    }
    struct input *input = &inputs[input_count++];
    snprintf(input->name, sizeof(input->name), "%s", name);
    return input;
}

static void add_file(const char *folder, const char *name)
{
    char path[4096];
    char block[4096];
    size_t got;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    struct input *input = new_input(name);
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        if (append(input, block, got) != 0)
            exit(1);
    fclose(file);
}

static void add_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            add_file(folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void add_sample_logs(void)
{
    for (const char *const *name = generate_profile_names(); *name; name++) {
        generate_options options = {.profile = *name, .size_bytes = 1, .seed = 1};
        evx_error error;
        if (generate_log(&options, append, new_input(*name), &error) != EVX_OK) {
            fprintf(stderr, "%s: cannot be generated\n", *name);
            exit(1);
        }
    }
}

// Bytes set, bits flipped, pieces copied over others, the end cut off.
static size_t mutate(uint8_t *bytes, size_t size)
{
    size_t changes = 1 + next_random() % CHANGES_MAX;
    for (size_t i = 0; i < changes && size > 0; i++) {
        size_t at = next_random() % size;
        size_t from = next_random() % size;
        size_t length = next_random() % 64;
        switch (next_random() % 6) {
        case 0:
            bytes[at] = (uint8_t)next_random();
            break;
        case 1:
            bytes[at] = (uint8_t)(next_random() % 2 ? 0xFF : 0);
            break;
        case 2:
            bytes[at] ^= (uint8_t)(1u << next_random() % 8);
            break;
        case 3:
        case 4:
            if (length > size - at)
                length = size - at;
            if (length > size - from)
                length = size - from;
            memmove(bytes + at, bytes + from, length);
            break;
        default:
            if (next_random() % 8 == 0)
                size = at;
            break;
        }
    }
    return size;
}

// A copy of exact size, so that a read past the end is seen.
static void run_one(const uint8_t *bytes, size_t size, int mutated)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        exit(1);
    if (size)
        memcpy(copy, bytes, size);
    if (mutated) {
        size_t shorter = mutate(copy, size);
        uint8_t *exact = realloc(copy, shorter ? shorter : 1);
        copy = exact ? exact : copy;
        size = shorter;
    }
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : usual;
}

int main(int argc, char **argv)
{
    const uint64_t all_mutations = setting("EVX_REPLAY_MUTATIONS", MUTATIONS_USUAL);
    const uint64_t seed = setting("EVX_REPLAY_SEED", 1);
    size_t runs = 0;
    random_state = seed * 0x9E3779B97F4A7C15u | 1; // never 0, which would stay
    setvbuf(stdout, NULL, _IOLBF, 0);
    new_input("empty");
    for (int i = 1; i < argc; i++)
        add_folder(argv[i]);
    add_sample_logs();
    printf("EVX_REPLAY_SEED=%" PRIu64 "\n", seed);
    for (size_t i = 0; i < input_count; i++) {
        size_t mutations = inputs[i].size ? all_mutations / input_count : 0;
        printf("%s, %zu bytes\n", inputs[i].name, inputs[i].size);
        run_one(inputs[i].bytes, inputs[i].size, 0);
        for (size_t k = 0; k < mutations; k++, runs++)
            run_one(inputs[i].bytes, inputs[i].size, 1);
    }
    printf("%zu inputs, %zu mutations\n", input_count, runs);
    for (size_t i = 0; i < input_count; i++)
        free(inputs[i].bytes);
    return 0;
}
