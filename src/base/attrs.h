// SPDX-License-Identifier: MIT
// Compiler differences, all of them here.
#ifndef EVX_BASE_ATTRS_H
#define EVX_BASE_ATTRS_H

#define EVX_LIKELY(x)   __builtin_expect(!!(x), 1)
#define EVX_UNLIKELY(x) __builtin_expect(!!(x), 0)

#define EVX_INLINE   static inline __attribute__((always_inline))
#define EVX_NOINLINE __attribute__((noinline))
// For what is rare. Not the attribute `cold`: gcc takes everything that leads to such a call for
// rare, too, and through inlining that reaches the loop over the records.
#define EVX_COLD         __attribute__((noinline))
#define EVX_HIDDEN       __attribute__((visibility("hidden")))
#define EVX_MUST_USE     __attribute__((warn_unused_result))
#define EVX_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define EVX_FALLTHROUGH  __attribute__((fallthrough))

#endif
