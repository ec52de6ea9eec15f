// SPDX-License-Identifier: MIT
// Writes a log to standard output in which each line of standard input (UTF-8) names an element, its
// attribute and the target of its processing instruction.
#include <stdio.h>
#include <string.h>

#include "encode/encode.h"

enum { NAMES_PER_RECORD = 32 };

static encode_node *element_of(encode_builder *b, const char *name)
{
    encode_node *element = encode_element(b, name);
    encode_append(element, encode_append(encode_attribute(b, name), encode_text(b, "v")));
    encode_append(element, encode_pi_target(b, name));
    return encode_append(element, encode_pi_data(b, "d"));
}

int main(void)
{
    char name[256];
    encode_builder *b = encode_create();
    encode_node *root = NULL;
    for (unsigned count = 0; fgets(name, sizeof name, stdin); count++) {
        name[strcspn(name, "\n")] = 0;
        if (root && count % NAMES_PER_RECORD == 0) {
            encode_add_fragment(b, encode_append(encode_fragment(b), root));
            root = NULL;
        }
        if (!root)
            root = encode_element(b, "E");
        encode_append(root, element_of(b, name));
    }
    if (root)
        encode_add_fragment(b, encode_append(encode_fragment(b), root));
    size_t size;
    const uint8_t *bytes = encode_finish(b, &size);
    if (!bytes)
        fprintf(stderr, "%s\n", encode_error(b));
    bool fine = bytes && fwrite(bytes, 1, size, stdout) == size && fflush(stdout) == 0;
    encode_free(&b);
    return fine ? 0 : 1;
}
