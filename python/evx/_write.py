# SPDX-License-Identifier: MIT
"""Tables into files: Scan.write, and `python -m evx table`."""
from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, TextIO, Tuple, Union

import pyarrow
import pyarrow.compute
import pyarrow.dataset

from ._errors import Error
from ._scan import Conversion, Scan

__all__ = ["FORMATS", "Written", "write"]

FORMATS = ("parquet", "arrow", "csv", "sqlite", "duckdb", "delta", "iceberg")
_ENDINGS = {".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow", ".csv": "csv", ".db": "sqlite",
            ".sqlite": "sqlite", ".duckdb": "duckdb"}
_PARTITIONS = {"host": "computer", "channel": "channel", "day": "written"}
_GROUP_ROWS = 1 << 18  # of Parquet's row groups; smaller ones double a file


@dataclass(frozen=True)
class Written:
    """What was written. rows: how many; damage, conversions: as those of the scan."""

    rows: int
    damage: List[Error]
    conversions: Dict[str, Conversion]


class _Progress:
    """A line on a terminal, rewritten a few times a second: how much of the logs, how many rows."""

    def __init__(self, files: Sequence[str], out: Optional[TextIO]) -> None:
        self.out, self.files = out, list(files)
        self.sizes = [os.path.getsize(file) if os.path.isfile(file) else 0 for file in files]
        self.number = self.offset = 0
        self.rows = 0
        self.shown = 0.0

    def follow(self, batch: Any) -> None:
        self.rows += batch.num_rows
        names = batch.schema.names
        if self.out is None or time.monotonic() - self.shown < 0.2:
            return
        self.shown = time.monotonic()
        share = ""
        if batch.num_rows and {"source_path", "offset"} <= set(names) and sum(self.sizes):
            path = batch["source_path"][batch.num_rows - 1].as_py()
            while self.files[self.number] != path and self.number < len(self.files) - 1:
                self.number, self.offset = self.number + 1, 0
            self.offset = max(self.offset, batch["offset"][batch.num_rows - 1].as_py())
            done = (sum(self.sizes[:self.number]) + self.offset) / sum(self.sizes)
            share = f"[{'#' * int(30 * done):<30}] {100 * done:3.0f}%, "
        self.out.write(f"\r{share}{self.rows:,} rows")
        self.out.flush()

    def end(self) -> None:
        if self.out is not None and self.shown:
            self.out.write("\r\033[K")


def _with_day(batch: Any) -> Any:
    day = pyarrow.compute.cast(batch["written"], pyarrow.date32(), safe=False)
    return batch.append_column("day", day)


class _Source:
    """The rows of a scan on their way into a file."""

    def __init__(self, scan: Scan, has_day: bool, progress: _Progress) -> None:
        self.scan, self.has_day, self.progress = scan, has_day, progress

    def _batches(self) -> Iterator[Any]:
        for batch in self.scan.batches():
            self.progress.follow(batch)
            yield _with_day(batch) if self.has_day else batch

    def reader(self) -> Any:
        schema = self.scan.schema
        if self.has_day:
            schema = schema.append(pyarrow.field("day", pyarrow.date32()))
        return pyarrow.RecordBatchReader.from_batches(schema, self._batches())


def _parquet(source: _Source, path: str, **options: Any) -> None:
    import pyarrow.parquet

    reader = source.reader()
    held: List[Any] = []
    rows = 0
    with pyarrow.parquet.ParquetWriter(path, reader.schema, **{"compression": "zstd", **options}) as out:
        for batch in reader:
            held.append(batch)
            rows += batch.num_rows
            if rows >= _GROUP_ROWS:
                out.write_table(pyarrow.Table.from_batches(held), row_group_size=rows)
                held, rows = [], 0
        if held:
            out.write_table(pyarrow.Table.from_batches(held), row_group_size=rows)


def _arrow(source: _Source, path: str, **options: Any) -> None:
    settings = pyarrow.ipc.IpcWriteOptions(**{"compression": "lz4", **options})
    reader = source.reader()
    with pyarrow.ipc.new_file(path, reader.schema, options=settings) as out:
        for batch in reader:
            out.write_batch(batch)


def _csv(source: _Source, path: str, **options: Any) -> None:
    import pyarrow.csv

    reader = source.reader()
    with pyarrow.csv.CSVWriter(path, reader.schema, write_options=pyarrow.csv.WriteOptions(**options)) as out:
        for batch in reader:
            out.write_batch(batch)


def _sqlite(source: _Source, path: str, table: str = "events") -> None:
    import adbc_driver_sqlite.dbapi

    with adbc_driver_sqlite.dbapi.connect(path) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest(table, source.reader(), mode="create")
        connection.commit()


def _duckdb(source: _Source, path: str, table: str = "events") -> None:
    import duckdb

    connection = duckdb.connect(path)
    try:
        connection.register("evx_rows", source.reader())
        connection.execute(f"create table {_quoted(table)} as from evx_rows")
        connection.unregister("evx_rows")
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _delta(source: _Source, path: str, **options: Any) -> None:
    import deltalake

    deltalake.write_deltalake(path, source.reader(), **options)


def _iceberg(source: _Source, path: str, table: str = "events") -> None:
    """A catalogue in SQLite beside the data: PATH/catalog.db."""
    from pyiceberg.catalog.sql import SqlCatalog

    folder = os.path.abspath(path)
    os.makedirs(folder)
    catalog = SqlCatalog("evx", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
    catalog.create_namespace("evx")
    reader = source.reader()
    catalog.create_table(f"evx.{table}", reader.schema).append(reader)


_WRITERS: Dict[str, Callable[..., None]] = {
    "parquet": _parquet, "arrow": _arrow, "csv": _csv, "sqlite": _sqlite, "duckdb": _duckdb, "delta": _delta,
    "iceberg": _iceberg}


def _partitioned(source: _Source, path: str, kind: str, by: Sequence[str], options: Dict[str, Any]) -> None:
    """Folders NAME=VALUE, as Hive has them."""
    if kind == "delta":
        _delta(source, path, partition_by=list(by), **options)
        return
    files = pyarrow.dataset.ParquetFileFormat() if kind == "parquet" else None
    reader = source.reader()
    schema = pyarrow.schema([reader.schema.field(name) for name in by])
    pyarrow.dataset.write_dataset(
        reader, path, format=files or kind, partitioning=pyarrow.dataset.partitioning(schema, flavor="hive"),
        file_options=files.make_write_options(**{"compression": "zstd", **options}) if files else None,
        max_partitions=1 << 20)


def _target(path: str, kind: Optional[str]) -> Tuple[str, str]:
    """Path and format of a target: delta:DIR, or a path with an ending."""
    word, colon, rest = path.partition(":")
    if kind is None and colon and word in FORMATS:
        kind, path = word, rest
    if kind is None:
        kind = _ENDINGS.get(os.path.splitext(path)[1].lower())
    if kind not in FORMATS:
        raise ValueError(f"{path!r} does not say what it is: it ends in {', '.join(_ENDINGS)}, or begins with "
                         f"one of {', '.join(name + ':' for name in FORMATS)}")
    return path, kind


def _fitting(scan: Scan, kind: str) -> Scan:
    """The scan in types that the format has."""
    options = scan.options
    changes: Dict[str, Any] = {}
    if kind in ("csv", "sqlite") and options.event_data in ("map", "pairs"):
        changes["event_data"] = "json"
    if kind in ("csv", "sqlite") and any(type == "list<utf8>" for _, _, type in options.fields):
        changes["fields"] = [(name or field, field, "utf8" if type == "list<utf8>" else type)
                             for name, field, type in options.fields]
    if kind in ("delta", "iceberg", "duckdb"):
        changes["time_unit"] = "us"
    if kind in ("delta", "iceberg", "sqlite", "csv", "arrow"):  # a file of Arrow's has one dictionary per column
        changes["dictionaries"] = False
    if kind in ("delta", "iceberg", "sqlite", "csv"):
        changes["profile"] = "portable"
    return scan.replace(**changes) if changes else scan


def _partition_columns(scan: Scan, kind: str, by: Union[None, str, Sequence[str]]) -> List[str]:
    names = [by] if isinstance(by, str) else list(by or ())
    if names and kind not in ("parquet", "arrow", "csv", "delta"):
        raise ValueError(f"{kind} is not partitioned; parquet, arrow, csv and delta are")
    for name in names:
        if name not in _PARTITIONS:
            raise ValueError(f"partition_by is {', '.join(_PARTITIONS)} or several of these, not {name!r}")
        if _PARTITIONS[name] not in scan.columns:
            raise ValueError(f"partition_by={name!r} needs the column {_PARTITIONS[name]!r}")
    return [name if name == "day" else _PARTITIONS[name] for name in names]


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def write(scan: Scan, path: Union[str, "os.PathLike[str]"], *, format: Optional[str] = None,
          partition_by: Union[None, str, Sequence[str]] = None, overwrite: bool = False,
          progress: Optional[bool] = None, **options: Any) -> Written:
    """See :meth:`evx.Scan.write`."""
    target, kind = _target(os.fspath(path), format)
    scan = _fitting(scan, kind)
    by = _partition_columns(scan, kind, partition_by)
    if os.path.exists(target) and not overwrite:
        raise FileExistsError(17, "exists; overwrite=True would replace it", target)
    is_shown = sys.stderr.isatty() if progress is None else progress
    line = _Progress(scan.files(), sys.stderr if is_shown else None)
    source = _Source(scan, "day" in by, line)
    # An iceberg's files name their folder. What else breaks off leaves nothing that looks whole.
    partial = target if kind == "iceberg" else f"{target}.{os.getpid()}.part"
    if kind == "iceberg":
        _remove(target)
    try:
        if by:
            _partitioned(source, partial, kind, by, options)
        else:
            _WRITERS[kind](source, partial, **options)
    except BaseException:
        _remove(partial)
        raise
    finally:
        line.end()
    if partial != target:
        _remove(target)
        os.rename(partial, target)
    return Written(line.rows, scan.damage, scan.conversions)
