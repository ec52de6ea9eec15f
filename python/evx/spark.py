# SPDX-License-Identifier: MIT
"""Logs in Spark: ``spark.read.format("evx").load("/logs")``. Spark finds the source by the module pyspark_evx."""
from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

import pyarrow
from pyspark.sql.datasource import (DataSource, DataSourceReader, DataSourceStreamReader, EqualTo, In,
                                    InputPartition)
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from . import _pushdown
from ._scan import Scan, scan

__all__ = ["EvxSource"]

_FILE_HEADER, _CHUNK = 4096, 65536
_PART_CHUNKS = 512  # 32 MiB
_BATCH_ROWS = 16384
_FIELD_TYPES = {"string": "utf8", "bigint": "int64", "boolean": "bool", "timestamp": "timestamp",
                "double": "float64", "binary": "binary", "array<string>": "list<utf8>"}
_DAMAGE = pyarrow.schema([
    pyarrow.field("source_path", pyarrow.string()), pyarrow.field("chunk", pyarrow.int64()),
    pyarrow.field("record_id", pyarrow.int64()), pyarrow.field("offset", pyarrow.int64()),
    pyarrow.field("length", pyarrow.int64()), pyarrow.field("status", pyarrow.string()),
    pyarrow.field("kind", pyarrow.string()), pyarrow.field("text", pyarrow.string())])

Part = List[Tuple[str, int, Optional[int]]]  # path, first slot, slots (None: to the end)


def _paths(options: Mapping[str, str]) -> List[str]:
    if "paths" in options:
        return [_local(path) for path in json.loads(options["paths"])]
    if "path" not in options:
        raise ValueError("load() wants a path")
    return [_local(options["path"])]


def _local(path: str) -> str:
    """Workers read files themselves: what all of them see under one name."""
    if path.startswith("file:"):
        return path[5:] if not path.startswith("file://") else path[7:]
    if "://" in path:
        raise ValueError(f"{path}: logs are read from paths that every worker has")
    return path


def _scan_of(options: Mapping[str, str]) -> Scan:
    fields = [name for name in options.get("fields", "").split(",") if name]
    data = options.get("eventdata", "map")
    return scan(_paths(options), fields=fields, query=options.get("query"), profile="spark", time_unit="us",
                event_data=None if data == "none" else data, infer=options.get("infer", "templates"),
                recover=options.get("recover", "false").lower() == "true", threads=1, damage="ignore",
                dictionaries=False, batch_rows=_BATCH_ROWS)


def _in_types_of(base: Scan, schema: Any) -> Scan:
    """The scan with the columns of a schema, in their order among fixed columns and fields. Names that no column
    has are fields; all types are told, so that every worker has the same."""
    told = {field.name: _FIELD_TYPES.get(field.dataType.simpleString(), "utf8") for field in schema}
    names = base.columns
    own = base.options.fields
    fixed = set(names[:len(names) - len(own)])
    every = {name: field for name, (_, field, _) in zip(names[len(names) - len(own):], own)}
    fields = [(name, every.get(name, name), kind) for name, kind in told.items() if name not in fixed]
    return base.replace(columns=[name for name in told if name in fixed], fields=fields)


def _slots(path: str) -> int:
    return max(0, -(-(os.path.getsize(path) - _FILE_HEADER) // _CHUNK)) if os.path.exists(path) else 0


def _parts(files: Iterable[str], most: int) -> List[InputPartition]:
    """Parts of so many slots at most: larger files are cut, and small ones go together; one of up to twice that
    stays whole."""
    parts: List[Part] = []
    small: Part = []
    filled = 0
    for path in files:
        slots = _slots(path)
        if slots > 2 * most:
            firsts = range(0, slots, most)
            parts.extend([(path, first, None if first == firsts[-1] else most)] for first in firsts)
            continue
        if small and filled + slots > most:
            parts.append(small)
            small, filled = [], 0
        small.append((path, 0, None))
        filled += slots
    return [InputPartition(part) for part in (*parts, small) if part]


class _Reading:
    """Reads parts; the same part gives the same rows, however often it is read."""

    def __init__(self, options: Dict[str, str], schema: Any) -> None:
        self.schema = schema
        self.is_damage = options.get("table") == "damage"
        base = _scan_of(options)
        self.scan = base if self.is_damage else _in_types_of(base, schema)
        self.wanted: _pushdown.Wanted = {}
        self.most = int(options.get("chunks", _PART_CHUNKS))
        if self.most < 1:
            raise ValueError("chunks is 1 or more")

    def parts(self, files: Iterable[str]) -> List[InputPartition]:
        return _parts(files, self.most)

    def read(self, partition: InputPartition) -> Iterator[Any]:
        wanted = to_arrow_schema(self.schema, timezone="UTC")
        whole = _pushdown.narrow(self.scan, None, self.wanted)
        for path, first, count in partition.value:
            part = whole.replace(paths=[path], first_chunk=first, chunk_count=count)
            for batch in part.batches():
                if not self.is_damage:
                    yield pyarrow.RecordBatch.from_arrays(
                        [batch[name].cast(kind) for name, kind in zip(wanted.names, wanted.types)], schema=wanted)
            if self.is_damage and part.damage:
                yield pyarrow.RecordBatch.from_pylist([_damage_row(path, error) for error in part.damage], wanted)


def _damage_row(path: str, error: Any) -> Dict[str, Any]:
    return {"source_path": path, "chunk": error.chunk, "record_id": error.record_id, "offset": error.offset,
            "length": error.length, "status": error.status, "kind": error.kind, "text": ": ".join(error.causes)}


class EvxReader(DataSourceReader):  # type: ignore[misc, unused-ignore]
    """Reads logs once."""

    def __init__(self, options: Dict[str, str], schema: Any) -> None:
        self.reading = _Reading(options, schema)

    def partitions(self) -> List[InputPartition]:
        return self.reading.parts(self.reading.scan.files())

    def read(self, partition: InputPartition) -> Iterator[Any]:
        return self.reading.read(partition)


class FilteringReader(EvxReader):
    """The same with filters, which Spark refuses to plan while its setting is off."""

    def pushFilters(self, filters: List[Any]) -> Iterable[Any]:
        for filter in filters:
            column = filter.attribute[0] if len(getattr(filter, "attribute", ())) == 1 else None
            if isinstance(filter, (EqualTo, In)):
                values = filter.value if isinstance(filter, In) else (filter.value,)
                self.reading.wanted = _pushdown.both(self.reading.wanted, _pushdown.equals(column, values))
            yield filter  # they select records, and Spark goes over the rows


class EvxStreamReader(DataSourceStreamReader):  # type: ignore[misc, unused-ignore]
    """Reads each log once, when it is first there: for folders into which whole logs are moved."""

    def __init__(self, options: Dict[str, str], schema: Any) -> None:
        self.reading = _Reading(options, schema)

    def initialOffset(self) -> Dict[str, Any]:
        return {"files": {}}

    def latestOffset(self, *_: Any) -> Dict[str, Any]:
        return {"files": {path: True for path in self._files()}}

    def _files(self) -> List[str]:
        try:
            return self.reading.scan.files()
        except FileNotFoundError:  # nothing there yet
            return []

    def partitions(self, start: Dict[str, Any], end: Dict[str, Any]) -> List[InputPartition]:
        return self.reading.parts(path for path in sorted(end["files"]) if path not in start["files"])

    def read(self, partition: InputPartition) -> Iterator[Any]:
        return self.reading.read(partition)


class EvxSource(DataSource):  # type: ignore[misc, unused-ignore]
    """Options: ``fields`` (names, with commas), ``query`` (XPath), ``eventData`` (map, json, none), ``infer``
    (templates, all), ``recover``, ``chunks`` (of 64 KiB, in a partition: 512), ``table`` (damage: the reports of
    damage instead of rows), ``pushdown`` (true: filters select records; wants
    ``spark.sql.python.filterPushdown.enabled``).

    A schema of the user's names the columns that are made; names that are no columns are fields of data."""

    @classmethod
    def name(cls) -> str:
        return "evx"

    def _lower(self) -> Dict[str, str]:
        return {key.lower(): value for key, value in self.options.items()}

    def schema(self) -> Any:
        options = self._lower()
        if options.get("table") == "damage":
            return from_arrow_schema(_DAMAGE)
        return from_arrow_schema(_scan_of(options).schema)

    def reader(self, schema: Any) -> DataSourceReader:
        options = self._lower()
        is_pushed = options.get("pushdown", "false").lower() == "true"
        return (FilteringReader if is_pushed else EvxReader)(options, schema)

    def streamReader(self, schema: Any) -> DataSourceStreamReader:
        return EvxStreamReader(self._lower(), schema)
