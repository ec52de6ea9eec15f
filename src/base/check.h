// SPDX-License-Identifier: MIT
// What must hold if we made no mistake. A check states what the lines behind it rely on and what is
// established elsewhere; it never judges the input, which is answered by a status or a note.
//
// Checks are on where memory is watched anyway, in builds with a sanitizer, or with -DEVX_CHECKS=1.
// There a broken one prints its place and aborts, so that a fuzzer or a test points to the mistake
// and not to what came of it. In all other builds the condition is compiled but not evaluated: the
// library then neither prints nor aborts.
#ifndef EVX_BASE_CHECK_H
#define EVX_BASE_CHECK_H

#if defined(__has_feature)
#define EVX_HAS_FEATURE(name) __has_feature(name)
#else
#define EVX_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || EVX_HAS_FEATURE(address_sanitizer)
#define EVX_POISONING 1
#else
#define EVX_POISONING 0
#endif

#ifndef EVX_CHECKS
#if EVX_POISONING || defined(__SANITIZE_THREAD__) || EVX_HAS_FEATURE(thread_sanitizer)
#define EVX_CHECKS 1
#else
#define EVX_CHECKS 0
#endif
#endif

#if EVX_CHECKS

#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, noreturn, unused)) static void check_failed(const char *file, int line,
                                                                     const char *condition)
{
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
    abort();
}

#define EVX_CHECK(condition)                                                                       \
    (__builtin_expect(!(condition), 0) ? check_failed(__FILE__, __LINE__, #condition) : (void)0)

#else

#define EVX_CHECK(condition) ((void)sizeof((condition) ? 1 : 0))

#endif

// Memory of ours that nobody may touch for now: AddressSanitizer then reports who does. It has to
// be unpoisoned before it goes back to the allocator it came from.
#if EVX_POISONING
#include <sanitizer/asan_interface.h>
#define EVX_POISON(p, size)   __asan_poison_memory_region(p, size)
#define EVX_UNPOISON(p, size) __asan_unpoison_memory_region(p, size)
#else
#define EVX_POISON(p, size)   ((void)(p), (void)(size))
#define EVX_UNPOISON(p, size) ((void)(p), (void)(size))
#endif

#endif
