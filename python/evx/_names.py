# SPDX-License-Identifier: MIT
"""Columns by the names that others have for them: schema="ecs" and such."""
from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

NAMES = ("ecs", "evtxecmd", "plaso", "ocsf")
JSON_DATA = ("evtxecmd", "ocsf")  # have event_data as one text

# How a value is told.
_AS_IS, _TEXT, _LEVEL, _LEVEL_TITLE, _SEVERITY, _MILLISECONDS, _TICKS, _NOTHING, _FALSE, _CONSTANT = range(10)

_LEVELS: Dict[int, Any] = {0: "information", 1: "critical", 2: "error", 3: "warning", 4: "information", 5: "verbose"}
_TITLES: Dict[int, Any] = {0: "LogAlways", 1: "Critical", 2: "Error", 3: "Warning", 4: "Info", 5: "Verbose"}
_SEVERITIES: Dict[int, Any] = {0: 1, 1: 5, 2: 4, 3: 3, 4: 1, 5: 1}  # of OCSF: 1 informational, 3 medium, 4 high, 5 critical


class _Column(NamedTuple):
    name: str
    source: Optional[str]
    how: int = _AS_IS
    text: str = ""


_ECS = (
    _Column("@timestamp", "time_created"), _Column("event.created", "written"), _Column("event.code", "event_id", _TEXT),
    _Column("event.provider", "provider"), _Column("host.name", "computer"), _Column("log.level", "level", _LEVEL),
    _Column("log.file.path", "source_path"), _Column("winlog.event_id", "event_id", _TEXT),
    _Column("winlog.record_id", "event_record_id", _TEXT), _Column("winlog.provider_name", "provider"),
    _Column("winlog.provider_guid", "provider_guid"), _Column("winlog.channel", "channel"),
    _Column("winlog.computer_name", "computer"), _Column("winlog.version", "version"),
    _Column("winlog.task", "task", _TEXT), _Column("winlog.opcode", "opcode", _TEXT),
    _Column("winlog.keywords", "keywords", _TEXT), _Column("winlog.process.pid", "process_id"),
    _Column("winlog.process.thread.id", "thread_id"), _Column("winlog.user.identifier", "user_id"),
    _Column("winlog.activity_id", "activity_id"), _Column("winlog.related_activity_id", "related_activity_id"),
    _Column("winlog.event_data", "event_data"), _Column("winlog.user_data", "user_data"))

_EVTXECMD = (
    _Column("RecordNumber", "record_id"), _Column("EventRecordId", "event_record_id"),
    _Column("TimeCreated", "time_created", _TICKS), _Column("EventId", "event_id"),
    _Column("Level", "level", _LEVEL_TITLE), _Column("Provider", "provider"), _Column("Channel", "channel"),
    _Column("ProcessId", "process_id"), _Column("ThreadId", "thread_id"), _Column("Computer", "computer"),
    _Column("ChunkNumber", "chunk"), _Column("UserId", "user_id"), _Column("MapDescription", None, _NOTHING),
    _Column("UserName", None, _NOTHING), _Column("RemoteHost", None, _NOTHING),
    *(_Column(f"PayloadData{number}", None, _NOTHING) for number in range(1, 7)),
    _Column("ExecutableInfo", None, _NOTHING), _Column("HiddenRecord", None, _FALSE),
    _Column("SourceFile", "source_path"), _Column("Keywords", "keywords", _TEXT),
    _Column("ExtraDataOffset", None, _NOTHING), _Column("Payload", "event_data"))

_PLASO = (
    _Column("datetime", "time_created"), _Column("timestamp_desc", None, _CONSTANT, "Creation Time"),
    _Column("data_type", None, _CONSTANT, "windows:evtx:record"), _Column("written_time", "written"),
    _Column("event_identifier", "event_id"), _Column("record_number", "event_record_id"),
    _Column("event_level", "level"), _Column("source_name", "provider"), _Column("computer_name", "computer"),
    _Column("user_sid", "user_id"), _Column("strings", "event_data"), _Column("filename", "source_path"),
    _Column("offset", "offset"))

_OCSF = (
    _Column("time", "time_created", _MILLISECONDS), _Column("severity_id", "level", _SEVERITY),
    _Column("metadata.original_time", "time_created", _TICKS), _Column("metadata.logged_time", "written", _MILLISECONDS),
    _Column("metadata.event_code", "event_id", _TEXT), _Column("metadata.uid", "event_record_id", _TEXT),
    _Column("metadata.log_provider", "provider"), _Column("metadata.log_name", "channel"),
    _Column("device.hostname", "computer"), _Column("actor.user.uid", "user_id"), _Column("unmapped", "event_data"))

_TABLES: Dict[str, Tuple[Tuple[_Column, ...], str]] = {  # columns, and what stands in front of a field's name
    "ecs": (_ECS, "winlog.event_data."), "evtxecmd": (_EVTXECMD, ""), "plaso": (_PLASO, ""), "ocsf": (_OCSF, "unmapped.")}


def columns_of(schema: str, own: List[str], fields: int) -> List[_Column]:
    """The columns of a schema for a table of these columns, the last of which are fields."""
    table, prefix = _TABLES[schema]
    fixed = set(own[:len(own) - fields])
    known = [column for column in table if column.source is None or column.source in fixed]
    return known + [_Column(prefix + name, name) for name in own[len(own) - fields:]]


def _named(values: Any, names: Dict[int, Any], kind: Any) -> Any:
    """Names of numbers; a text has the number itself where it has no name."""
    import pyarrow

    encoded = values.dictionary_encode()
    is_text = pyarrow.types.is_string(kind)
    told = [names.get(number, str(number) if is_text else None) for number in encoded.dictionary.to_pylist()]
    return pyarrow.array(told, kind).take(encoded.indices)


def _ticks(values: Any) -> Any:
    """2024-02-21 10:40:10.0476119, with seven digits whatever the unit is."""
    import pyarrow.compute

    text = pyarrow.compute.strftime(values, "%Y-%m-%d %H:%M:%S")  # with as many digits as the unit has
    return pyarrow.compute.utf8_slice_codeunits(pyarrow.compute.utf8_rpad(text, 29, "0"), 0, 27)


def _type(column: _Column, schema: Any) -> Any:
    import pyarrow

    if column.how == _AS_IS:
        return schema.field(column.source).type
    if column.how == _SEVERITY:
        return pyarrow.int32()
    if column.how == _MILLISECONDS:
        return pyarrow.int64()
    return pyarrow.bool_() if column.how == _FALSE else pyarrow.string()


def _values(column: _Column, batch: Any, kind: Any) -> Any:
    import pyarrow
    import pyarrow.compute

    if column.source is None:
        value = {_FALSE: False, _CONSTANT: column.text}.get(column.how)
        return pyarrow.repeat(pyarrow.scalar(value, kind), batch.num_rows)
    values = batch[column.source]
    if column.how == _TEXT:
        return values.cast(kind)
    if column.how in (_LEVEL, _LEVEL_TITLE, _SEVERITY):
        names = {_LEVEL: _LEVELS, _LEVEL_TITLE: _TITLES, _SEVERITY: _SEVERITIES}[column.how]
        return _named(values, names, kind)
    if column.how == _MILLISECONDS:
        return values.cast(pyarrow.timestamp("ms", "UTC"), safe=False).cast(kind)
    return _ticks(values) if column.how == _TICKS else values


def schema_of(columns: List[_Column], schema: Any) -> Any:
    """The pyarrow.Schema of the columns."""
    import pyarrow

    return pyarrow.schema([pyarrow.field(column.name, _type(column, schema)) for column in columns])


def batches_of(columns: List[_Column], schema: Any, batches: Iterator[Any]) -> Iterator[Any]:
    """Batches of a table, renamed."""
    import pyarrow

    for batch in batches:
        arrays = [_values(column, batch, kind) for column, kind in zip(columns, schema.types)]
        yield pyarrow.RecordBatch.from_arrays(arrays, schema=schema)
