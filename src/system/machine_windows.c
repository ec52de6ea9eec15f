// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/machine.h"

#include <windows.h>

#include "base/check.h"

unsigned machine_core_count(void)
{
    DWORD_PTR own, all;
    if (GetProcessAffinityMask(GetCurrentProcess(), &own, &all) && own)
        return (unsigned)__builtin_popcountll(own);
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwNumberOfProcessors ? info.dwNumberOfProcessors : 1;
}

int64_t machine_time(void)
{
    FILETIME now; // since 1601
    GetSystemTimeAsFileTime(&now);
    EVX_CHECK(now.dwHighDateTime < 1u << 31);
    return (int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) -
           INT64_C(116444736000000000);
}

int64_t machine_milliseconds(void)
{
    return (int64_t)GetTickCount64();
}

#endif
