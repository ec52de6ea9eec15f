# SPDX-License-Identifier: MIT
"""Where the real logs are; tests/support/corpus.h says the same for C."""
import os
import pathlib

from bench.measure import REPOSITORY


def corpus_folder() -> pathlib.Path | None:
    """$EVX_CORPUS if that is set, else `shared` beside the repository. None: there are none, which is what an
    empty EVX_CORPUS says."""
    named = os.environ.get("EVX_CORPUS")
    if named is None:
        return REPOSITORY.parent / "shared"
    return pathlib.Path(named) if named else None
