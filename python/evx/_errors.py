# SPDX-License-Identifier: MIT
"""What goes wrong: one exception, one warning, and what to do with damage."""
from __future__ import annotations

import errno as _errno
import os
import warnings
from typing import Any, Callable, Optional, Tuple, Union

__all__ = ["Damage", "Error", "EvxWarning"]

_NOT_EVTX = -4
_SYSTEM = {_errno.ENOENT: FileNotFoundError}


class Error(OSError):
    """What evx cannot do, or what is damaged in a log.

    Attributes:
        status: name of the status, as ``"EVX_ERR_CHUNK"``; positive ones (``EVX_NOTE``, ``EVX_VALUE_REFUSED``)
            are notes.
        kind: name of the kind of damage, as ``"EVX_DAMAGE_CHUNK_MAGIC"``; ``"EVX_DAMAGE_NONE"``: no damage.
        errno: of the system's call that failed, or None.
        path: of the log as it was given, or None.
        chunk: slot number in the file from 0, or None.
        record_id: identifier in the record header, or None.
        offset: byte offset in the file, or None.
        length: bytes that are lost, missing or in doubt, or None.
        input: of several inputs (or conditions of a query) which one, from 0.
        causes: texts, the outermost first.
    """

    status: str
    kind: str
    path: Optional[str]
    chunk: Optional[int]
    record_id: Optional[int]
    offset: Optional[int]
    length: Optional[int]
    input: int
    causes: Tuple[str, ...]

    def __init__(self, status: str = "EVX_OK", code: int = 0, kind: str = "EVX_DAMAGE_NONE",
                 system_errno: int = 0, input: int = 0, chunk: Optional[int] = None,
                 record_id: Optional[int] = None, offset: Optional[int] = None,
                 length: Optional[int] = None, causes: Tuple[str, ...] = (),
                 path: Optional[str] = None) -> None:
        super().__init__()
        self._arguments = (status, code, kind, system_errno, input, chunk, record_id, offset, length,
                           tuple(causes), path)
        self.status = status
        self.kind = kind
        self.input = input
        self.chunk = chunk
        self.record_id = record_id
        self.offset = offset
        self.length = length
        self.causes = tuple(causes)
        self.path = path
        self._code = code
        if system_errno:
            self.errno = system_errno
            self.strerror = os.strerror(system_errno)

    @property
    def is_note(self) -> bool:
        """Whether nothing is lost: the record is shown, or the note is on the log as a whole."""
        return self._code > 0

    def __str__(self) -> str:
        text = ": ".join(self.causes) or self.status
        return f"{self.path}: {text}" if self.path else text

    def __repr__(self) -> str:
        return (f"Error({self.status}, {self.kind}, chunk={self.chunk}, record_id={self.record_id}, "
                f"offset={self.offset}, {str(self)!r})")

    def __reduce__(self) -> Any:
        return (type(self), self._arguments)


class EvxWarning(UserWarning):
    """Damage in a log that reading goes on behind, or what is odd in a query.

    Attributes:
        error: the :class:`Error` that tells of it, or None.
    """

    error: Optional[Error] = None


Damage = Union[str, Callable[[Error], object], None]


def warn(error: Error) -> None:
    warning = EvxWarning(f"{error} (chunk {error.chunk}, record {error.record_id}, offset {error.offset})")
    warning.error = error
    warnings.warn(warning, stacklevel=3)


def _raise(error: Error) -> None:
    if not error.is_note:
        raise error


def damage_handler(damage: Damage) -> Optional[Callable[[Error], object]]:
    """The callable for an argument `damage`; None: nothing is told."""
    if damage == "warn":
        return warn
    if damage == "raise":
        return _raise
    if damage == "ignore" or damage is None:
        return None
    if callable(damage):
        return damage
    raise ValueError('damage is "warn", "raise", "ignore" or a callable that takes an Error')
