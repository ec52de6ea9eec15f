# SPDX-License-Identifier: MIT
"""Logs as tables: evx.scan."""
from __future__ import annotations

import glob as _glob
import os
from dataclasses import dataclass, fields as _dataclass_fields, replace as _dataclass_replace
from typing import Any, Collection, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from . import _evx, _names
from ._errors import Damage, Error, damage_handler
from ._query import Query, conditions_of

__all__ = ["Conversion", "Options", "Scan", "scan"]

# The numbers of evx/arrow.h.
_PROFILES = {"portable": 0, "exact": 1, "spark": 2}
_UNITS = {"ns": 0, "us": 1}
_DATA = {"map": 0, "json": 1, "pairs": 2, None: 3}
_INFER = {"templates": 0, "all": 1, None: 2}
TYPES = {"auto": 0, "utf8": 1, "int64": 2, "bool": 3, "timestamp": 4, "float64": 5, "binary": 6, "list<utf8>": 7,
         "dictionary": 8}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
_SCHEMAS = ("evx", *_names.NAMES)

Paths = Union[str, "os.PathLike[str]", bytes, Sequence[Union[str, "os.PathLike[str]"]]]
FieldSpec = Union[str, Tuple[str, ...], Mapping[str, str]]
NormalField = Tuple[Optional[str], str, str]  # name of the column (None: the field's), field, type


@dataclass(frozen=True)
class Options:
    """What a scan was asked for; each is an argument of :func:`scan`, in one form."""

    paths: Tuple[str, ...] = ()
    data: Optional[bytes] = None
    columns: Optional[Tuple[str, ...]] = None
    fields: Tuple[NormalField, ...] = ()
    query: Query = None
    time_unit: str = "ns"
    event_data: Optional[str] = "map"
    schema: str = "evx"
    profile: str = "portable"
    threads: int = 0
    damage: Damage = "warn"
    infer: Optional[str] = "templates"
    dictionaries: bool = True
    recover: bool = False
    validate_checksums: bool = False
    strict: bool = False
    limit: Optional[int] = None
    batch_rows: int = 65536
    batch_bytes: int = 32 << 20
    first_chunk: int = 0
    chunk_count: Optional[int] = None
    ansi_codec: Optional[str] = None


@dataclass(frozen=True)
class Conversion:
    """Values that did not fit their column, and are null in it.

    Attributes:
        column: its name. count: how many. type: of the first of them, as the log has it (``"string"``).
        input, chunk, record_id, offset: where the first of them is: the number of the path, the slot, the
            identifier in the record header, the record's byte offset.
    """

    column: str
    count: int
    type: str
    input: int
    chunk: int
    record_id: int
    offset: int


def _one_of(name: str, value: Any, allowed: Any) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {' or '.join(repr(each) for each in allowed)}, not {value!r}")


def _normal_field(spec: FieldSpec) -> List[NormalField]:
    if isinstance(spec, str):
        return [(None, spec, "auto")]
    if isinstance(spec, Mapping):
        return [(None, field, kind) for field, kind in spec.items()]
    parts = tuple(spec)
    if len(parts) not in (2, 3):
        raise ValueError(f"a field is NAME, (COLUMN, NAME), (COLUMN, NAME, TYPE) or {{NAME: TYPE}}, not {spec!r}")
    return [(parts[0], parts[1], parts[2] if len(parts) > 2 else "auto")]


def _normal_fields(specs: Union[None, str, Mapping[str, str], Sequence[FieldSpec]]) -> Tuple[NormalField, ...]:
    if specs is None:
        return ()
    given = [specs] if isinstance(specs, (str, Mapping)) else specs
    normal = [field for spec in given for field in _normal_field(spec)]
    for _, _, kind in normal:
        _one_of("the type of a field", kind, TYPES)
    return tuple(normal)


def _normal_paths(paths: Paths) -> Tuple[Tuple[str, ...], Optional[bytes]]:
    if isinstance(paths, bytes):
        return (), paths
    if isinstance(paths, (str, os.PathLike)):
        return (os.fspath(paths),), None
    return tuple(os.fspath(path) for path in paths), None


def _in_folder(folder: str) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(".evtx"):
                yield os.path.join(here, name)


def expand(paths: Sequence[str]) -> List[str]:
    """The files that paths, patterns and folders (all logs in them) mean, in order.

    Raises:
        FileNotFoundError: a pattern or folder has no log.
    """
    found: List[str] = []
    for path in paths:
        if os.path.isdir(path):
            files = list(_in_folder(path))
        elif _glob.has_magic(path) and not os.path.exists(path):
            files = sorted(_glob.glob(path, recursive=True))
        else:
            found.append(path)
            continue
        if not files:
            raise FileNotFoundError(2, "no logs here", path)
        found.extend(files)
    return found


class Scan:
    """Logs as a table: lazy, immutable, and usable again and again.

    Anything that takes Arrow streams takes a scan: ``pyarrow.table(scan)``, ``polars.DataFrame(scan)``,
    ``pandas.DataFrame.from_arrow(scan)``, ``duckdb.sql("from scan")``. Each time, the files are found, opened
    and read anew. It pickles: options and no state.
    """

    __slots__ = ("_options", "_types", "_watch", "_watched", "__weakref__")

    def __init__(self, options: Options, _types: Optional[Tuple[int, ...]] = None) -> None:
        for name, allowed in (("time_unit", _UNITS), ("event_data", _DATA), ("profile", _PROFILES),
                              ("infer", _INFER), ("schema", _SCHEMAS)):
            _one_of(name, getattr(options, name), allowed)
        damage_handler(options.damage)
        conditions_of(options.query)
        self._options = options
        self._types = _types  # of the fields, once they are known
        self._watch: Optional[_evx.Watch] = None  # of the stream that was opened last
        self._watched: List[str] = []  # its files
        self._check()

    # ------------------------------------------------------------------------------------------- options

    @property
    def options(self) -> Options:
        """What was asked for."""
        return self._options

    def replace(self, **changes: Any) -> "Scan":
        """The same scan with other options: ``scan.replace(columns=["record_id"], limit=10)``.

        Raises:
            TypeError: there is no such option. ValueError: a value that is none.
        """
        if "paths" in changes:
            changes["paths"], changes["data"] = _normal_paths(changes["paths"])
        if "fields" in changes:
            changes["fields"] = _normal_fields(changes["fields"])
        if changes.get("columns") is not None:
            changes["columns"] = tuple(changes["columns"])
        types = self._types
        if {"paths", "data", "fields", "infer"} & set(changes):
            types = None
        return Scan(_dataclass_replace(self._options, **changes), types)

    def only(self, columns: Collection[str]) -> "Scan":
        """The same scan with some of its columns, in its order.

        Raises:
            ValueError: it has no such column, or a schema of others.
        """
        _one_of("schema", self._options.schema, ("evx",))
        names = self.columns
        missing = sorted(set(columns) - set(names))
        if missing:
            raise ValueError(f"there is no column {missing[0]!r}")
        fields = self._options.fields
        first = len(names) - len(fields)
        kept = [number for number in range(len(fields)) if names[first + number] in columns]
        types = self._known_types()
        options = _dataclass_replace(
            self._options, columns=tuple(name for name in names[:first] if name in columns),
            fields=tuple((names[first + number], *fields[number][1:]) for number in kept))
        return Scan(options, None if types is None else tuple(types[number] for number in kept))

    def files(self) -> List[str]:
        """The files that are read, in order; found anew at each call."""
        return expand(self._options.paths)

    def _numbers(self, infer: Optional[str]) -> Tuple[int, ...]:
        o = self._options
        return (o.threads, _PROFILES[o.profile], _UNITS[o.time_unit], _DATA[o.event_data],
                int(not o.dictionaries), _INFER[infer], int(o.recover), int(o.validate_checksums), int(o.strict),
                o.first_chunk, o.chunk_count or 0, o.limit or 0, o.batch_rows, o.batch_bytes)

    def _fields(self, types: Optional[Tuple[int, ...]]) -> Tuple[Tuple[Optional[str], str, int], ...]:
        own = [TYPES[kind] for _, _, kind in self._options.fields]
        return tuple((name, field, kind)
                     for (name, field, _), kind in zip(self._options.fields, types or own))

    def _check(self) -> None:
        """Names and combinations; reads no file."""
        try:
            _evx.table_schema(self._options.columns, self._fields(None), self._numbers(None), Error)
        except Error as error:
            if error.status == "EVX_ERR_ARGUMENT":
                names = list(self._options.columns or ()) + [n or field for n, field, _ in self._options.fields]
                where = f"{names[error.input]!r}: " if error.input < len(names) else ""
                raise ValueError(where + str(error)) from None
            raise

    def _is_known(self) -> bool:
        return self._types is not None or self._options.infer is None or all(
            kind != "auto" for _, _, kind in self._options.fields)

    def _known_types(self) -> Optional[Tuple[int, ...]]:
        """The types of the fields; looks at the templates of the files when it has to, once."""
        if not self._is_known():
            stream, _ = self._open(self._fields(None), self._options.infer, None, self.files())
            formats = _evx.table_formats(_evx.table_stream_schema(stream))
            first = len(formats) - len(self._options.fields)
            self._types = tuple(_type_of(*column) for column in formats[first:])
        return self._types

    # ------------------------------------------------------------------------------------------- columns

    @property
    def columns(self) -> List[str]:
        """Names of the columns, in order. Reads no file."""
        if self._options.schema != "evx":
            return [column.name for column in self._renamed()]
        capsule = _evx.table_schema(self._options.columns, self._fields(None), self._numbers(None), Error)
        return [name for name, *_ in _evx.table_formats(capsule)]

    @property
    def schema(self) -> Any:
        """The columns as ``pyarrow.Schema`` (needs pyarrow). Reads no file, but for the templates of the logs
        where fields are asked for without a type."""
        import pyarrow

        return pyarrow.schema(self)

    def __arrow_c_schema__(self) -> object:
        """The schema as Arrow's PyCapsule protocol has it."""
        if self._options.schema != "evx":
            own = self._native().schema
            schema: object = _names.schema_of(self._renamed(), own).__arrow_c_schema__()
            return schema
        return _evx.table_schema(self._options.columns, self._fields(self._known_types()), self._numbers(None),
                                 Error)

    def _native(self) -> "Scan":
        """The same scan by the names of ours."""
        changes: Dict[str, Any] = {"schema": "evx"}
        if self._options.schema in _names.JSON_DATA and self._options.event_data is not None:
            changes["event_data"] = "json"
        return self.replace(**changes)

    def _renamed(self) -> List[Any]:
        return _names.columns_of(self._options.schema, self._native().columns, len(self._options.fields))

    # ------------------------------------------------------------------------------------------- rows

    def _renamed_stream(self, requested_schema: Optional[object]) -> object:
        import pyarrow

        native, columns = self._native(), self._renamed()
        schema = _names.schema_of(columns, native.schema)
        rows = pyarrow.RecordBatchReader.from_stream(native)
        self._watch, self._watched = native._watch, native._watched
        reader = pyarrow.RecordBatchReader.from_batches(schema, _names.batches_of(columns, schema, rows))
        stream: object = reader.__arrow_c_stream__(requested_schema)
        return stream

    def _open(self, fields: Tuple[Tuple[Optional[str], str, int], ...], infer: Optional[str],
              on_damage: Any, paths: List[str]) -> Tuple[object, _evx.Watch]:
        o = self._options
        return _evx.table_open(
            _evx.Watch, tuple(os.fsencode(path) for path in paths), o.data, o.columns, fields,
            conditions_of(o.query), self._numbers(infer), o.ansi_codec, _ErrorOf(paths), on_damage,
            o.damage == "raise")

    def _stream(self) -> object:
        fields = self._fields(self._known_types())
        on_damage = None if self._options.damage == "raise" else damage_handler(self._options.damage)
        paths = self.files()
        stream, self._watch = self._open(fields, None, on_damage, paths)
        self._watched = paths
        return stream

    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        """The rows as Arrow's PyCapsule protocol has them; the files are opened anew.

        Args:
            requested_schema: with as many fields. Dictionaries are left out where it has none, and times are
                in microseconds where it has only such; the rest is for the consumer to convert.
        Raises:
            Error, OSError: the files cannot be found or opened. ValueError: another number of fields.
        """
        if self._options.schema != "evx":
            return self._renamed_stream(requested_schema)
        if requested_schema is None:
            return self._stream()
        wanted = _evx.table_formats(requested_schema)
        own = _evx.table_formats(self.__arrow_c_schema__())
        if len(wanted) != len(own):
            raise ValueError(f"the requested schema has {len(wanted)} fields, and this one has {len(own)}")
        changes: Dict[str, Any] = {}
        if any(column[2] for column in own) and not any(column[2] for column in wanted):
            changes["dictionaries"] = False
        times = [want[1] for want, column in zip(wanted, own) if column[1].startswith("ts")]
        if times and all(time.startswith("tsu") for time in times):
            changes["time_unit"] = "us"
        if not changes:
            return self._stream()
        changed = self.replace(**changes)
        stream = changed._stream()
        self._watch, self._watched = changed._watch, changed._watched
        return stream

    def batches(self) -> Iterator[Any]:
        """The rows as ``pyarrow.RecordBatch``, one after the other (needs pyarrow). Damage is told of in front
        of the batch that it belongs to."""
        import pyarrow

        reader = pyarrow.RecordBatchReader.from_stream(self)
        watch = self._watch
        try:
            for batch in reader:
                if watch is not None:
                    watch.tell()
                yield batch
            if watch is not None:
                watch.tell()
        finally:
            reader.close()

    def to_arrow(self) -> Any:
        """All rows as ``pyarrow.Table`` (needs pyarrow)."""
        import pyarrow

        return pyarrow.table(self)

    def to_dataset(self) -> Any:
        """A ``pyarrow.dataset.Dataset`` that DuckDB, DataFusion and pyarrow push columns and filters into (needs
        pyarrow): ``ev = scan.to_dataset(); duckdb.sql("select channel from ev where event_id = 4624")``."""
        from ._dataset import EvxDataset

        return EvxDataset(self)

    def to_polars(self) -> Any:
        """A ``polars.LazyFrame`` (needs polars and pyarrow). Columns, predicates and limits go into the scan."""
        from ._polars import lazy_frame

        return lazy_frame(self)

    def to_pandas(self) -> Any:
        """All rows as ``pandas.DataFrame`` of Arrow's types (needs pandas and pyarrow): 64-bit integers stay
        what they are where there are nulls, and nothing is copied."""
        import pandas

        return self.to_arrow().to_pandas(types_mapper=pandas.ArrowDtype)

    def write(self, path: Union[str, "os.PathLike[str]"], *, format: Optional[str] = None,
              partition_by: Union[None, str, Sequence[str]] = None, overwrite: bool = False,
              progress: Optional[bool] = None, **options: Any) -> Any:
        """Writes the rows into a file, a database or a folder (needs pyarrow, and the package of the format).

        Args:
            path: its ending says the format: ``.parquet``, ``.arrow``, ``.csv``, ``.db`` (SQLite), ``.duckdb``;
                or ``delta:DIR``, ``iceberg:DIR``. Types that a format has not are others: ``event_data`` is
                JSON in CSV and SQLite, times are in microseconds in DuckDB, Delta and Iceberg, and
                dictionaries are plain text but in Parquet.
            format: ``"parquet"``, ``"arrow"``, ``"csv"``, ``"sqlite"``, ``"duckdb"``, ``"delta"``, ``"iceberg"``.
            partition_by: ``"host"``, ``"channel"``, ``"day"`` or several: a folder of folders (parquet, arrow,
                csv, delta).
            overwrite: replace what is there.
            progress: a line on standard error; None: if it is a terminal.
            options: of the format's writer; ``table=`` for databases.

        Returns:
            Written: with rows, damage, conversions.

        Raises:
            FileExistsError: it is there. ValueError: a format or partition that is none.
            ImportError: the format's package is not there. Nothing is left behind that is not whole.
        """
        from ._write import write

        return write(self, path, format=format, partition_by=partition_by, overwrite=overwrite, progress=progress,
                     **options)

    # ------------------------------------------------------------------------------------------- outcome

    @property
    def damage(self) -> List[Error]:
        """What was damaged or noted in the stream that was opened last, in the order of its rows, at most
        10,000; empty before the first one."""
        if self._watch is None:
            return []
        make = _ErrorOf(self._watched)
        return [make(*arguments) for arguments in self._watch.reports()]

    @property
    def conversions(self) -> Dict[str, Conversion]:
        """Columns with values that did not fit, of the stream that was opened last."""
        if self._watch is None:
            return {}
        return {each[0]: Conversion(*each) for each in self._watch.conversions()}

    @property
    def totals(self) -> Dict[str, int]:
        """Counts of the stream that was opened last: rows, recovered, reports, conversions."""
        if self._watch is None:
            return {"rows": 0, "recovered": 0, "reports": 0, "conversions": 0}
        return self._watch.totals()

    # ------------------------------------------------------------------------------------------- object

    def __reduce__(self) -> Any:
        return (Scan, (self._options, self._types))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scan) and self._options == other._options

    def __hash__(self) -> int:
        return hash((self._options.paths, self._options.columns, self._options.fields))

    def __repr__(self) -> str:
        default = Options()
        given = [f"{field.name}={getattr(self._options, field.name)!r}" for field in _dataclass_fields(Options)
                 if getattr(self._options, field.name) != getattr(default, field.name) and field.name != "data"]
        return f"evx.scan({', '.join(given)})"


class _ErrorOf:
    """Makes errors that name the file."""

    def __init__(self, paths: List[str]) -> None:
        self.paths = paths

    def __call__(self, *arguments: Any) -> Error:
        number = arguments[4]
        path = self.paths[number] if arguments[0] != "EVX_ERR_ARGUMENT" and number < len(self.paths) else None
        return Error(*(*arguments, path))


def _type_of(name: str, format: str, values: Optional[str], nullable: int) -> int:
    """The type of a field from the format of its column."""
    if values is not None:
        return TYPES["dictionary"]
    if format.startswith("ts"):
        return TYPES["timestamp"]
    return TYPES[{"u": "utf8", "l": "int64", "b": "bool", "g": "float64", "z": "binary", "+l": "list<utf8>"}[format]]


def scan(paths: Paths, *, columns: Optional[Sequence[str]] = None,
         fields: Union[None, str, Mapping[str, str], Sequence[FieldSpec]] = None, query: Query = None,
         time_unit: str = "ns", event_data: Optional[str] = "map", schema: str = "evx",
         profile: str = "portable", threads: int = 0, damage: Damage = "warn",
         infer: Optional[str] = "templates", dictionaries: bool = True, recover: bool = False,
         validate_checksums: bool = False, strict: bool = False, limit: Optional[int] = None,
         batch_rows: int = 65536, batch_bytes: int = 32 << 20, first_chunk: int = 0,
         chunk_count: Optional[int] = None, ansi_codec: Optional[str] = None) -> Scan:
    """Logs as a table of typed columns, one row per record. Nothing is read until the rows are asked for.

    Args:
        paths: a path, a pattern (``"logs/**/*.evtx"``), a folder (all logs in it), several of these, or the
            bytes of a log.
        columns: names of columns, in the order wanted; None: the usual ones (:func:`evx.columns`).
        fields: columns of data, behind the others: ``"LogonType"``, ``("port", "DestinationPort")``,
            ``{"ProcessId": "int64"}``. Types: "utf8", "int64", "bool", "timestamp", "float64", "binary",
            "list<utf8>", "dictionary"; none: as ``infer`` says. All are nullable; a value that does not fit
            is null, and counted in ``conversions``.
        query: which records are meant, as in :func:`evx.open`.
        time_unit: of timestamps (UTC): ``"ns"`` (exact; null outside of 1677-2262) or ``"us"`` (cut).
        event_data: the column of that name: ``"map"`` (keys unique in a row), ``"json"``, ``"pairs"``, None.
        schema: names of columns: ``"evx"``, or those that others have for them (needs pyarrow): ``"ecs"``
            (winlogbeat), ``"evtxecmd"``, ``"plaso"`` (Timesketch), ``"ocsf"``. What they have no name for is
            left out, and filters of engines are not pushed; ``columns`` and ``fields`` are said in ours.
        profile: ``"portable"``, ``"exact"`` (unsigned integers, GUIDs as arrow.uuid, arrow.json) or ``"spark"``.
        threads: that read ahead; 0: one per core. The rows are the same.
        damage: as in :func:`evx.open`, but ``"raise"`` ends the stream with an error (OSError of the consumer).
            Warnings and calls come in Python's main thread, while or after the stream is read.
        infer: where types of fields come from: ``"templates"`` (some chunks of each log), ``"all"`` (of all
            chunks), None (the usual types, no file is read).
        dictionaries: few distinct texts as dictionaries.
        recover: carve records out of space that is not live; adds the column ``recovered``.
        validate_checksums: leave out chunks whose checksum is wrong.
        strict: a value that does not fit its column ends the stream with an error.
        limit: rows at most; None: all.
        batch_rows, batch_bytes: a batch has at most so many rows, and ends at so many bytes.
        first_chunk, chunk_count: a part of each log: these slots; None: to the end.
        ansi_codec: of ANSI strings; None: windows-1252.

    Returns:
        A :class:`Scan`.

    Raises:
        ValueError: a name or a value that is none.

    Example:
        >>> scan = evx.scan("logs", fields=["TargetUserName", "LogonType"], query="*[System[EventID=4624]]")
        >>> pyarrow.table(scan).group_by("TargetUserName").aggregate([("record_id", "count")])
    """
    names, data = _normal_paths(paths)
    return Scan(Options(
        names, data, None if columns is None else tuple(columns), _normal_fields(fields), query, time_unit,
        event_data, schema, profile, threads, damage, infer, dictionaries, recover, validate_checksums, strict,
        limit, batch_rows, batch_bytes, first_chunk, chunk_count, ansi_codec))
