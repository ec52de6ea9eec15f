// SPDX-License-Identifier: MIT
// Where the real logs are; bench/corpus.py says the same for scripts.
#ifndef EVX_SUPPORT_CORPUS_H
#define EVX_SUPPORT_CORPUS_H

#include <stdlib.h>

// $EVX_CORPUS if that is set, else `shared` beside the repository. NULL: there are none, which is
// what an empty EVX_CORPUS says.
static inline const char *corpus_folder(void)
{
    const char *folder = getenv("EVX_CORPUS");
    if (!folder)
        return EVX_DEFAULT_CORPUS;
    return *folder ? folder : NULL;
}

#endif
