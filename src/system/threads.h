// SPDX-License-Identifier: MIT
// Threads, locks and conditions: those of POSIX, which winpthreads has on Windows. Not C11's:
// sanitizers know these, and older C libraries have no others.
#ifndef EVX_SYSTEM_THREADS_H
#define EVX_SYSTEM_THREADS_H

#include <pthread.h>

#endif
