#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every value of every column of real logs against what JSONL says of them, in each profile and unit.
usage: check_values.py LIBRARY EVX_PROGRAM [LOG_OR_FOLDER...]     without logs: the samples of the corpus"""
import json
import pathlib
import subprocess
import sys
import uuid

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))

import expected  # noqa: E402
import table  # noqa: E402
from bench.corpus import corpus_folder  # noqa: E402

SHOWN = 5
SETTINGS = [
    {},
    {"unit": "us", "event_data": "pairs"},
    {"profile": "exact", "event_data": "json"},
    {"profile": "spark"},
    {"no_dictionaries": 1, "batch_rows": 100, "threads": 1},
]


def dump(program, log, *options):
    run = subprocess.run([program, "dump", *options, str(log)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [line for line in run.stdout.split(b"\n") if line]


def plain(name, value, profile):
    """A value of the table as the portable profile has it."""
    if value is None:
        return None
    if name in ("provider_guid", "activity_id", "related_activity_id") and isinstance(value, (bytes, uuid.UUID)):
        return "{%s}" % (value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=value))
    if profile == "exact" and isinstance(value, int) and value >= 1 << 63:
        return value - (1 << 64)
    return value


def cells(column):
    """The values of a column; times as numbers."""
    pa = table.pyarrow
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column.to_pylist()


def pairs_of(value):
    if isinstance(value, str):
        return list(json.loads(value, object_pairs_hook=list))
    return [(item["key"], item["value"]) if isinstance(item, dict) else item for item in value]


class Check:
    def __init__(self, log, setting):
        self.log, self.setting, self.failures, self.values = log, setting, 0, 0

    def fail(self, text):
        self.failures += 1
        if self.failures <= SHOWN:
            print(f"{self.log.name} {self.setting}: {text}")

    def column(self, name, got, wanted, same=lambda a, b: a == b):
        for row, (a, b) in enumerate(zip(got, wanted)):
            self.values += 1
            if not same(a, b):
                self.fail(f"row {row}, {name}: {a!r}, and JSON has {b!r}")


def check(engine, log, setting, records):
    failed = Check(log, setting)
    found = engine.table(log, reports=[], **setting)
    found.validate(full=True)
    if found.num_rows != len(records):
        failed.fail(f"{found.num_rows} rows, and JSON has {len(records)}")
        return failed
    unit = "us" if setting.get("profile") == "spark" else setting.get("unit", "ns")
    wanted = [expected.system(record, unit) for record in records]
    for name in wanted[0] if wanted else []:
        got = [plain(name, value, setting.get("profile")) for value in cells(found.column(name))]
        failed.column(name, got, [row[name] for row in wanted])
    failed.column("event_data", map(pairs_of, cells(found.column("event_data"))), map(expected.data, records),
                  lambda got, entries: expected.same_entries(entries, got))
    others = [value and json.loads(value, parse_int=str, parse_float=str)
              for value in cells(found.column("user_data"))]
    failed.column("user_data", others, map(expected.user_data, records))
    failed.column("source_path", cells(found.column("source_path")), [str(log)] * len(records))
    return failed


def check_texts(engine, log, lines, compact):
    failed = Check(log, "xml, json")
    found = engine.table(log, columns=["json", "xml"], reports=[])
    failed.column("json", (text.encode() for text in cells(found.column("json"))), lines)
    failed.column("xml", (text.encode() for text in cells(found.column("xml"))), compact)
    return failed


def logs_of(arguments):
    if not arguments:
        corpus = corpus_folder()
        if not corpus:
            print("skipped: there is no corpus")
            sys.exit(table.SKIPPED)
        arguments = [corpus / "samples"]
    for argument in map(pathlib.Path, arguments):
        yield from sorted(argument.rglob("*.evtx")) if argument.is_dir() else [argument]


def main():
    table.need_pyarrow()
    library, program, *arguments = sys.argv[1:]
    logs = list(logs_of(arguments))
    engine = table.Engine(library)
    values = failures = 0
    for log in logs:
        lines = dump(program, log, "-o", "jsonl")
        records = [expected.load(line) for line in lines]
        compact = [line for line in dump(program, log, "-o", "xml", "--no-indent") if not line.startswith(b"<?xml")]
        checks = [check(engine, log, setting, records) for setting in SETTINGS]
        if len(compact) == len(lines):
            checks.append(check_texts(engine, log, lines, compact))
        values += sum(one.values for one in checks)
        failures += sum(one.failures for one in checks)
    engine.close()
    print(f"{len(logs)} logs, {values} values, {failures} of them wrong")
    return 1 if failures or not values else 0


if __name__ == "__main__":
    sys.exit(main())
