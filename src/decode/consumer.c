// SPDX-License-Identifier: MIT
#include "decode/consumer.h"

#include "base/check.h"

void payload_none_init(struct payload *payload, struct memory *memory)
{
    (void)memory;
    *payload = (struct payload){0};
}

void payload_none_clear(struct payload *payload)
{
    *payload = (struct payload){0};
}

void payload_none_destroy(struct payload *payload)
{
    (void)payload;
}

void payload_none_rewind(struct payload *payload, size_t mark)
{
    (void)payload;
    EVX_CHECK(mark == 0);
}
