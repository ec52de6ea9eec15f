# SPDX-License-Identifier: MIT
"""The module ``evtx`` 0.14.0 of PyPI by evx: ``from evx.compat import PyEvtxParser``.

Classes, arguments, the shape of records, and the texts of exceptions are those of that module. docs/python.md
lists what differs: records that it loses, texts that are no XML or JSON, and their order in a log that has
been written all around.
"""
from __future__ import annotations

import io
import os
import tempfile
import warnings
from typing import Any, Iterator, Optional, Tuple

from . import _evx, wevt
from ._errors import Error
from ._records import JSONL, XML, file_name
from ._wevt import WevtCache

__all__ = ["PyEvtxParser", "PyRecordsIterator", "WevtCache", "wevt"]

_READ_HEADER = "An error occurred while trying to deserialize evtx stream.: failed to read EVTX file header block"
_DIALECTS = {"0.14": 1, "0.15": 0}


class PyRecordsIterator(_evx.Reader):
    """Yields dicts ``{"event_record_id": int, "timestamp": str, "data": str}``.

    ``timestamp`` is the time in the record header, ``2016-07-08T18:12:51.6816408Z UTC``; ``data`` the record as
    XML or JSON. What cannot be read raises RuntimeError; the iterator then goes on behind it.
    """

    _may_be_made = False

    def __new__(cls, *arguments: Any, **options: Any) -> "PyRecordsIterator":
        if not cls._may_be_made:
            raise TypeError("cannot create 'builtins.PyRecordsIterator' instances")
        return super().__new__(cls, *arguments, **options)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'builtins.PyRecordsIterator' object")

    __reduce_ex__ = lambda self, protocol: self.__reduce__()  # noqa: E731


def _make_iterator(*arguments: Any, **options: Any) -> PyRecordsIterator:
    made = _Made.__new__(_Made, *arguments, **options)
    made.__init__(*arguments, **options)  # type: ignore[misc]
    return made


class _Made(PyRecordsIterator):
    _may_be_made = True


_Made.__name__ = _Made.__qualname__ = "PyRecordsIterator"


def _text_of(error: Error) -> str:
    causes = error.causes
    if len(causes) > 1 and causes[0].startswith("Failed to read the record at offset"):
        causes = causes[1:]
    return ": ".join(causes)


def _raise(error: Error) -> None:
    if not error.is_note:
        raise RuntimeError(_text_of(error))


def _skip(error: Error) -> None:
    if not error.is_note:
        warnings.warn(f"Skipping EVTX data: RuntimeError: {_text_of(error)}", RuntimeWarning, stacklevel=2)


def _want(value: Any, kind: type) -> Any:
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"'{type(value).__name__}' object is not an instance of '{kind.__name__}'")
    return value


def _check_threads(number: Any) -> None:
    if number is None:
        return
    if not hasattr(number, "__index__"):
        raise TypeError(f"'{type(number).__name__}' object cannot be interpreted as an integer")
    if number.__index__() < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if number.__index__() >= 2**64:
        raise OverflowError("int too big to convert")


class _File:
    """A file object whose exceptions while the header is read are told as the module tells them."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.raised: Optional[BaseException] = None

    def seek(self, *place: int) -> Any:
        return self._call(self.file.seek, *place)

    def read(self, size: int) -> Any:
        data = self._call(self.file.read, size)
        if not isinstance(data, bytes):
            self.raised = TypeError(f"'{type(data).__name__}' object is not an instance of 'Sequence'")
            raise self.raised
        return data

    def _call(self, function: Any, *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as raised:
            self.raised = raised
            raise


def _source(given: Any) -> Tuple[Optional[bytes], Optional[bytes], Any, Optional[str]]:
    """(path, data, file, name) of a path or a file object."""
    if isinstance(given, (str, os.PathLike)) and not isinstance(os.fspath(given), bytes):
        return os.fsencode(given), None, None, os.fspath(given)
    for method in ("read", "seek"):
        if not hasattr(given, method):
            raise TypeError(f"Object does not have a .{method}() method.")
    if isinstance(given, io.TextIOBase):
        return None, given.read(4096).encode("utf-8", "surrogatepass"), None, None
    return None, None, _File(given), None


def _opening_error(error: OSError, file: Optional[_File]) -> BaseException:
    """The module's exception for what has been raised while a log was opened."""
    if not isinstance(error, Error):
        number = error.errno or 0
        return type(error)(f"{os.strerror(number)} (os error {number})")
    text = ": ".join(error.causes)
    if error.status == "EVX_ERR_ARGUMENT":
        return ValueError(text.replace("unknown encoding", "Unknown encoding", 1).replace("`; expected", "`, expected", 1))
    if error.status == "EVX_ERR_IO" or error.kind == "EVX_DAMAGE_FILE_CUT":
        return OSError(text)
    return RuntimeError(text)


class PyEvtxParser:
    """A log, whose records can be read once.

    Args:
        path_or_file_like: a path (str, Path) or a binary file object with read and seek.
        number_of_threads: taken and checked; records are read ahead by a few hundred without the GIL.
        ansi_codec: label of the WHATWG Encoding Standard; None: windows-1252.
        validate_checksums: chunks whose checksum is wrong are left out.
        separate_json_attributes: attributes of an element X stand in a member ``X_attributes``.
        indent: XML on several lines; None: True.
        wevt_cache: a WevtCache or the path of a .wevtcache file, whose definitions stand in for damaged ones.
        skip_errors: what cannot be read becomes RuntimeWarning instead of RuntimeError.
        dialect: ``"0.14"``: ``data`` is written as that module does; ``"0.15"``: as evtx_dump 0.15.1.

    Raises:
        FileNotFoundError, OSError: the file cannot be read. RuntimeError: it is no event log.
        TypeError, ValueError, OverflowError: an argument that is none.
    """

    __slots__ = ("_records", "_is_used", "_separate", "_indent", "_dialect")

    def __init__(self, path_or_file_like: Any, number_of_threads: Optional[int] = None,
                 ansi_codec: Optional[str] = None, validate_checksums: Optional[bool] = None,
                 separate_json_attributes: Optional[bool] = None, indent: Optional[bool] = None,
                 wevt_cache: Any = None, skip_errors: bool = False, *, dialect: str = "0.14") -> None:
        _check_threads(number_of_threads)
        for flag in (validate_checksums, separate_json_attributes, indent):
            _want(flag, bool)
        if skip_errors is None:
            raise TypeError("'None' is not an instance of 'bool'")
        _want(skip_errors, bool)
        if dialect not in _DIALECTS:
            raise ValueError(f'dialect is "0.14" or "0.15", not {dialect!r}')
        self._is_used = False
        self._separate = bool(separate_json_attributes)
        self._indent = indent is not False
        self._dialect = _DIALECTS[dialect]
        path, data, file, name = _source(path_or_file_like)
        pack, kept = _pack_path(wevt_cache)
        try:
            self._records = _make_iterator(
                path, data, file, file_name(name), _want(ansi_codec, str), None, None, None, Error,
                _skip if skip_errors else _raise, bool(validate_checksums), pack)
        except OSError as error:
            if file is None or file.raised is None:
                raise _opening_error(error, file) from None
            raise _reading_error(file.raised) from None
        except Exception:
            if file is None or file.raised is None:
                raise
            raise _reading_error(file.raised) from None
        finally:
            if kept is not None:
                kept.close()

    def __init_subclass__(cls) -> None:
        raise TypeError("type 'builtins.PyEvtxParser' is not an acceptable base type")

    def _take(self, format: int) -> PyRecordsIterator:
        if self._is_used:
            raise RuntimeError("PyEvtxParser can only be used once")
        self._is_used = True
        self._records.set_form(format, int(not self._indent), int(self._separate), self._dialect)
        return self._records

    def records(self) -> PyRecordsIterator:
        """An iterator over the records as XML. RuntimeError: the parser has been used."""
        return self._take(XML)

    def records_json(self) -> PyRecordsIterator:
        """An iterator over the records as JSON. RuntimeError: the parser has been used."""
        return self._take(JSONL)

    def __iter__(self) -> PyRecordsIterator:
        return self.records()

    def __next__(self) -> Any:
        raise NotImplementedError("Using `next()` over `PyEvtxParser` is not supported. Try iterating over "
                                  "`PyEvtxParser(...).records()`")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("cannot pickle 'builtins.PyEvtxParser' object")


def _reading_error(raised: BaseException) -> OSError:
    return OSError(f"{_READ_HEADER}: {type(raised).__name__}: {raised}")


def _pack_path(wevt_cache: Any) -> Tuple[Optional[bytes], Any]:
    """The path of a cache, and what must stay alive until it has been read."""
    if wevt_cache is None:
        return None, None
    if isinstance(wevt_cache, (str, os.PathLike)):
        name = os.fspath(wevt_cache)
        if not str(name).endswith(".wevtcache"):
            raise ValueError("wevt_cache path must be a `.wevtcache` file")
        wevt_cache = WevtCache.load(name)
    if not isinstance(wevt_cache, WevtCache):
        raise TypeError("wevt_cache must be a path (str or Path) or a WevtCache instance")
    if not wevt_cache._blobs:
        return None, None
    file = tempfile.NamedTemporaryFile(suffix=".wevtcache")
    file.write(wevt_cache._bytes())
    file.flush()
    return os.fsencode(file.name), file
