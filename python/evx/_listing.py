# SPDX-License-Identifier: MIT
"""What is in a log: evx.columns, evx.fields, evx.templates."""
from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from typing import List, Optional, Tuple

from . import _evx
from ._errors import Error
from ._records import Source, read_source
from ._scan import TYPE_NAMES

__all__ = ["Column", "Field", "Template", "TemplateField", "columns", "fields", "templates"]


@dataclass(frozen=True)
class Column:
    """A column that every log has. format: Arrow's, of the values where it is a dictionary."""

    name: str
    format: str
    help: str
    is_dictionary: bool
    is_nullable: bool
    is_default: bool


@dataclass(frozen=True)
class Field:
    """A field of data. type: of a column of it; declared: by the first template; templates: how many have it;
    uses: records of these templates."""

    name: str
    type: str
    is_mixed: bool
    declared: str
    templates: int
    uses: int


@dataclass(frozen=True)
class TemplateField:
    """A place in a template. name: of a Data element, or None; type: declared, as ``"u32"``."""

    path: str
    name: Optional[str]
    type: str
    is_optional: bool


@dataclass(frozen=True)
class Template:
    """A template. is_nested: it stands in values of records (EventData); uses: in records that could be read;
    event_ids: of these records, at most 64."""

    guid: uuid.UUID
    is_nested: bool
    uses: int
    root: str
    provider: Optional[str]
    event_ids: Tuple[int, ...]
    fields: Tuple[TemplateField, ...]


def columns() -> List[Column]:
    """The columns of a scan, in order."""
    return [Column(name, format, help, bool(dictionary), bool(nullable), bool(default))
            for name, format, help, dictionary, nullable, default in _evx.table_columns()]


def fields(source: Source, *, all_chunks: bool = True) -> List[Field]:
    """The fields of data that the templates of a log have, the most used first.

    Args:
        source: as in :func:`evx.open`.
        all_chunks: look at all chunks, not at some.
    Raises:
        Error, OSError: it cannot be read.
    """
    given, name = read_source(source)
    found = _evx.table_fields(*given, 1 if all_chunks else 0, partial(Error, path=name))
    return [Field(name, TYPE_NAMES[type], bool(mixed), declared, templates, uses)
            for name, type, mixed, declared, templates, uses in found]


def templates(source: Source) -> List[Template]:
    """The templates that the records of a log use, with provider, events and fields, by first use.

    Args:
        source: as in :func:`evx.open`.
    Raises:
        Error, OSError: it cannot be read.
    """
    given, name = read_source(source)
    return [Template(uuid.UUID(bytes_le=guid), bool(nested), uses, root, provider, ids,
                     tuple(TemplateField(*field[:3], bool(field[3])) for field in places))
            for guid, nested, uses, root, provider, ids, places in
            _evx.table_templates(*given, 0, partial(Error, path=name))]
