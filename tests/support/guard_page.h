// SPDX-License-Identifier: MIT
// Memory between two pages that must not be touched: one byte too far is a crash, whatever the
// width of the access and without a sanitizer.
#ifndef EVX_TESTS_GUARD_PAGE_H
#define EVX_TESTS_GUARD_PAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct guarded {
    uint8_t *begin; // behind a guard page
    uint8_t *end;   // in front of one
};

static inline struct guarded guarded_new(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t inner = (size + page - 1) / page * page;
    uint8_t *map = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + page, inner, PROT_READ | PROT_WRITE) != 0) {
        perror("guarded_new");
        abort();
    }
    return (struct guarded){map + page, map + page + inner};
}

static inline void guarded_free(struct guarded memory)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(memory.begin - page, (size_t)(memory.end - memory.begin) + 2 * page);
}

#endif
