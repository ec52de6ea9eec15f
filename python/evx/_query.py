# SPDX-License-Identifier: MIT
"""Queries: which records are meant."""
from __future__ import annotations

from typing import Mapping, Optional, Sequence, Tuple, Union

# The numbers of enum evx_condition_kind.
KINDS = {
    "query": 0, "suppress": 1, "ids": 2, "not_ids": 3, "providers": 4, "not_providers": 5, "channels": 6,
    "not_channels": 7, "computers": 8, "not_computers": 9, "levels": 10, "keywords": 11, "users": 12,
    "record_ids": 13, "from": 14, "to": 15, "last": 16, "data": 17, "search": 18, "regex": 19, "invert": 20,
    "written_from": 21, "written_to": 22,
}

Query = Union[str, Mapping[str, Union[str, int, Sequence[Union[str, int]]]], None]
Conditions = Optional[Tuple[Tuple[int, str], ...]]


def conditions_of(query: Query) -> Conditions:
    """What the library wants for an argument `query`: (kind, text) pairs, or None for all records.

    Raises:
        ValueError: a condition has no such name.
    """
    if query is None:
        return None
    if isinstance(query, str):
        return ((KINDS["query"], query),)
    pairs = []
    for name, texts in query.items():
        kind = KINDS.get(name)
        if kind is None:
            raise ValueError(f"no condition is called {name!r}; they are {', '.join(KINDS)}")
        for text in [texts] if isinstance(texts, (str, int)) else texts:
            pairs.append((kind, str(text)))
    return tuple(pairs)
