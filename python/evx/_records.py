# SPDX-License-Identifier: MIT
"""Record by record: evx.open."""
from __future__ import annotations

import io
import json
import os
import warnings
import weakref
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, Dict, Iterator, Optional, Tuple, Union

from . import _evx
from ._errors import Damage, Error, EvxWarning, damage_handler
from ._query import Query, conditions_of
from ._times import filetime_to_datetime, filetime_to_ns

__all__ = ["Log", "Record", "open"]

XML, JSONL = 0, 2  # of enum evx_format
Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO]
_FORMS = {None: None, "json": (JSONL, 0, 0, 0), "xml": (XML, 0, 0, 0)}


def _text_or_none(value: Any) -> Optional[str]:
    return None if value is None else str(value)


class Record:
    """One record of a log. It can be kept and shown at any time while its log is open.

    Attributes:
        id: identifier in the record header.
        written_filetime: time in the record header, 100 ns since 1601-01-01 UTC.
        chunk: slot number of its chunk in the file, from 0.
        offset: of the record header in the file, in bytes.
    """

    __slots__ = ("id", "written_filetime", "chunk", "offset", "_records", "_text", "_dict")

    id: int
    written_filetime: int
    chunk: int
    offset: int

    def __init__(self, records: "Records", id: int, written: int, chunk: int, offset: int,
                 text: Optional[str]) -> None:
        self._records = records
        self.id = id
        self.written_filetime = written
        self.chunk = chunk
        self.offset = offset
        self._text = text
        self._dict: Optional[Dict[str, Any]] = None

    @property
    def written(self) -> Optional[datetime]:
        """Time in the record header, UTC, cut to microseconds; None: behind the year 9999."""
        return filetime_to_datetime(self.written_filetime)

    @property
    def written_ns(self) -> int:
        """Time in the record header, nanoseconds since 1970-01-01 UTC."""
        return filetime_to_ns(self.written_filetime)

    def _shown(self, form: Tuple[int, int, int, int]) -> str:
        if self._text is not None and self._records.form == form:
            return self._text
        return self._records.render(self.chunk, self.offset, *form)

    def xml(self, indent: bool = True) -> str:
        """The record as an XML document.

        Args:
            indent: on several lines.
        Raises:
            Error: the record cannot be shown.
            ValueError: the log has been closed.
        """
        return self._shown((XML, int(not indent), 0, 0))

    def json(self, separate_attributes: bool = False) -> str:
        """The record as a JSON object on one line.

        Args:
            separate_attributes: attributes of an element X stand in a member ``X_attributes``.
        Raises:
            Error: the record cannot be shown.
            ValueError: the log has been closed.
        """
        return self._shown((JSONL, 0, int(separate_attributes), 0))

    def dict(self) -> Dict[str, Any]:
        """What :meth:`json` says, as dict; made once, and the same each time."""
        if self._dict is None:
            self._dict = json.loads(self.json())
        return self._dict

    def _system(self, name: str) -> Any:
        event = self.dict().get("Event")
        system = event.get("System") if isinstance(event, dict) else None
        return system.get(name) if isinstance(system, dict) else None

    def _text_of(self, name: str) -> Any:
        value = self._system(name)
        return value.get("#text") if isinstance(value, dict) else value

    def _attribute(self, element: str, name: str) -> Any:
        value = self._system(element)
        return value.get("#attributes", {}).get(name) if isinstance(value, dict) else None

    @property
    def time_created(self) -> Optional[str]:
        """System/TimeCreated/@SystemTime as it stands there (ISO 8601, UTC), or None."""
        return _text_or_none(self._attribute("TimeCreated", "SystemTime"))

    @property
    def event_id(self) -> Optional[int]:
        """System/EventID without qualifiers, or None."""
        value = self._text_of("EventID")
        try:
            return None if value is None else int(value)
        except ValueError:
            return None

    @property
    def provider(self) -> Optional[str]:
        """System/Provider/@Name, or None."""
        return _text_or_none(self._attribute("Provider", "Name"))

    @property
    def channel(self) -> Optional[str]:
        """System/Channel, or None."""
        return _text_or_none(self._text_of("Channel"))

    @property
    def computer(self) -> Optional[str]:
        """System/Computer, or None."""
        return _text_or_none(self._text_of("Computer"))

    def __repr__(self) -> str:
        return f"<evx.Record {self.id} written {self.written} at {self.offset}>"


class Records(_evx.Reader):
    """An iterator over the records of a log, in the log's order: oldest first. Threads may share it."""

    form: Optional[Tuple[int, int, int, int]]


class Log:
    """A log. Iterating gives :class:`Record`, each time from the start. Usable as a context manager."""

    def __init__(self, source: Source, *, query: Query = None, damage: Damage = "warn",
                 format: Optional[str] = "json", ansi_codec: Optional[str] = None) -> None:
        if format not in _FORMS:
            raise ValueError('format is "json", "xml" or None')
        self._given, self.name = read_source(source)
        self._options: Dict[str, Any] = {"conditions": conditions_of(query), "form": _FORMS[format], "ansi_codec": ansi_codec,
                         "on_damage": damage_handler(damage)}
        self._is_open = True
        self._others: "weakref.WeakSet[Records]" = weakref.WeakSet()
        self._first = self._start()
        self._fresh: Optional[Records] = self._first
        if damage != "ignore":
            for text in self._first.query_warnings():
                warnings.warn(EvxWarning(text), stacklevel=3)

    def _start(self) -> Records:
        records = Records(*self._given, name=file_name(self.name), make_record=Record,
                          make_error=partial(Error, path=self.name), **self._options)
        records.form = self._options["form"]
        return records

    def __iter__(self) -> Iterator[Record]:
        if not self._is_open:
            raise ValueError("I/O operation on a closed log")
        records, self._fresh = self._fresh, None
        if records is None:
            records = self._start()
            self._others.add(records)
        return records

    @property
    def info(self) -> Dict[str, int]:
        """The file header: size (bytes), first_chunk, last_chunk, chunk_count, next_record_id,
        major_version, minor_version, is_dirty, is_full."""
        return self._first.file_info()

    def close(self) -> None:
        """Releases the file. Records that were given keep what they have been shown as, no more."""
        self._is_open = False
        self._fresh = None
        for records in [self._first, *self._others]:
            records.close()

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<evx.Log {self.name or 'in memory'}>"


def file_name(path: Optional[str]) -> Optional[str]:
    """Without folders, as queries want it; None: not known."""
    name = os.path.basename(path) if path else ""
    return name.encode("utf-8", "replace").decode("utf-8").replace("\0", "") or None


def read_source(source: Source) -> Tuple[Tuple[Optional[bytes], Optional[bytes], Any], Optional[str]]:
    """(path, data, file) of which one is no None, and the name, of an argument `source`."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return (None, bytes(source), None), None
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            with io.open(path, "rb") as stream:  # a pipe: it can be read once, and records want it again
                return (None, stream.read(), None), path
        return (os.fsencode(path), None, None), path
    if not hasattr(source, "read"):
        raise TypeError(f"a log is a path, bytes or a binary file object, not {type(source).__name__}")
    name = getattr(source, "name", None)
    name = name if isinstance(name, str) else None
    if not getattr(source, "seekable", lambda: True)():
        return (None, source.read(), None), name
    return (None, None, source), name


def open(source: Source, *, query: Query = None, damage: Damage = "warn", format: Optional[str] = "json",
         ansi_codec: Optional[str] = None) -> Log:
    """Opens a log (EVTX) and gives its records.

    Args:
        source: a path; the bytes of a log; or a binary file object. One that can be searched is read as the
            records are; of any other one everything is read at once.
        query: which records are meant: XPath as Windows has it, ``"*[System[EventID=4624]]"``, or an XML
            query list, or a mapping of conditions, ``{"ids": "4624, 4625", "data": ["LogonType=3"]}``.
            None: all.
        damage: what to do about damage, behind which reading goes on: ``"warn"`` (:class:`EvxWarning`),
            ``"raise"`` (:class:`Error`; iterating again goes on; notes are left out), ``"ignore"``, or a
            callable that takes the :class:`Error`.
        format: which text is made along the way, ``"json"``, ``"xml"`` or None; the other one, and
            both with None, are made when asked for.
        ansi_codec: of ANSI strings, a label of the WHATWG Encoding Standard; None: windows-1252.

    Returns:
        A :class:`Log`, to be iterated over.

    Raises:
        Error: the file cannot be read, is no event log, or the query cannot be read.
        OSError: the file cannot be opened (FileNotFoundError, PermissionError).
        TypeError: source is none of these. ValueError: an argument that is none.

    Example:
        >>> for record in evx.open("Security.evtx", query="*[System[EventID=4624]]"):
        ...     print(record.id, record.written, record.dict()["Event"]["EventData"]["TargetUserName"])
    """
    return Log(source, query=query, damage=damage, format=format, ansi_codec=ansi_codec)
