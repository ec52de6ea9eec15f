// SPDX-License-Identifier: MIT
// Guards against records that are counted under another key, spans that shrink, and a cap that is
// passed or takes more than what is new.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "stats/groups.h"

static struct group part_of(const void *key, uint32_t size, uint64_t count, int64_t first,
                            int64_t last)
{
    struct group part = {.count = count, .span = {first, last}, .key = key, .key_size = size};
    part.hash = groups_hash(part.key, size);
    return part;
}

static void keys_are_told_apart(void **state)
{
    struct memory memory;
    struct groups groups;
    const struct group *order[3];
    (void)state;
    memory_init(&memory, NULL);
    groups_init(&groups, &memory, 100, 1 << 20);
    struct group parts[] = {part_of("ab", 2, 1, 5, 5), part_of("abc", 3, 4, 9, 9),
                            part_of("ab", 2, 2, 3, 4), part_of("", 0, 3, INT64_MAX, INT64_MIN),
                            part_of("ab", 2, 1, 7, 8)};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_non_null(groups_add(&groups, &parts[i]));
    assert_int_equal(groups.count, 3);
    groups_sort(&groups, order);
    assert_memory_equal(order[0]->key, "ab", 2); // as many as "abc" has, but first
    assert_int_equal(order[0]->count, 4);
    assert_int_equal(order[0]->span.first, 3);
    assert_int_equal(order[0]->span.last, 8);
    assert_int_equal(order[1]->key_size, 3);
    assert_int_equal(order[2]->key_size, 0);
    assert_true(order[2]->span.first > order[2]->span.last);
    groups_destroy(&groups);
}

static void cap_stops_what_is_new(void **state)
{
    enum { MANY = 1000, CAP = 700 };
    struct memory memory;
    struct groups groups;
    const struct group *order[CAP];
    (void)state;
    memory_init(&memory, NULL);
    groups_init(&groups, &memory, CAP, 1 << 20);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            struct group part = part_of(&i, sizeof i, 1 + i % 7, i, i);
            assert_int_equal(groups_add(&groups, &part) != NULL, i < CAP);
        }
    }
    assert_int_equal(groups.count, CAP);
    groups_sort(&groups, order);
    for (uint32_t i = 1; i < CAP; i++)
        assert_true(order[i - 1]->count > order[i]->count ||
                    (order[i - 1]->count == order[i]->count && order[i - 1] < order[i]));
    groups_clear(&groups);
    assert_int_equal(groups.count, 0);
    struct group part = part_of("x", 1, 1, 0, 0);
    assert_int_equal(groups_add(&groups, &part)->count, 1);
    groups_destroy(&groups);
}

static void keys_have_a_cap(void **state)
{
    static uint8_t key[40 << 10];
    struct memory memory;
    struct groups groups;
    (void)state;
    memory_init(&memory, NULL);
    groups_init(&groups, &memory, 100, 100 << 10);
    for (uint8_t i = 0; i < 4; i++) {
        memset(key, i, sizeof key);
        struct group part = part_of(key, sizeof key, 1, 0, 0);
        assert_int_equal(groups_add(&groups, &part) != NULL, i < 2);
    }
    assert_int_equal(memory.refusals, 0);
    groups_destroy(&groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_told_apart),
        cmocka_unit_test(cap_stops_what_is_new),
        cmocka_unit_test(keys_have_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
