// SPDX-License-Identifier: MIT
#include "ext.h"

#include <stdlib.h>

#include <string.h>

void fetched_clear(struct fetched *fetched)
{
    fetched->count = fetched->next = 0;
    fetched->text_size = fetched->damage_count = 0;
}

void fetched_free(struct fetched *fetched)
{
    free(fetched->items);
    free(fetched->text);
    free(fetched->damages);
    *fetched = (struct fetched){0};
}

// Makes room for `more` things of `size` bytes behind the first `count`.
static bool grow(void **array, size_t *capacity, size_t count, size_t more, size_t size)
{
    if (more <= *capacity - count)
        return true;
    size_t wanted = count + more;
    if (wanted > PY_SSIZE_T_MAX / 2 / size)
        return false;
    wanted += wanted / 2;
    void *moved = realloc(*array, wanted * size);
    if (!moved)
        return false;
    *array = moved;
    *capacity = wanted;
    return true;
}

static bool add_item(struct fetched *fetched, const struct item *item)
{
    if (!grow((void **)&fetched->items, &fetched->capacity, fetched->count, 1, sizeof *item))
        return false;
    fetched->items[fetched->count++] = *item;
    return true;
}

bool fetched_add_record(struct fetched *fetched, const evx_record *record, const char *text,
                        size_t size)
{
    if (!grow((void **)&fetched->text, &fetched->text_capacity, fetched->text_size, size, 1))
        return false;
    if (size > 0)
        memcpy(fetched->text + fetched->text_size, text, size);
    const struct item item = {*record, fetched->text_size, size, -1};
    fetched->text_size += size;
    return add_item(fetched, &item);
}

bool fetched_add_damage(struct fetched *fetched, const evx_error *error)
{
    if (!grow((void **)&fetched->damages, &fetched->damage_capacity, fetched->damage_count, 1,
              sizeof *error))
        return false;
    fetched->damages[fetched->damage_count] = *error;
    return add_item(fetched, &(struct item){.damage = (ptrdiff_t)fetched->damage_count++});
}
