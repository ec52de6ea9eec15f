#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random schemas against logs: any columns in any order, any fields as any types, in any batches, threads and parts
have the values that the usual table has, or what its map says.
usage: check_random.py LIBRARY EVX_PROGRAM [SEED [ROUNDS [LOG_OR_FOLDER...]]]"""
import pathlib
import random
import re
import sys
import tempfile
import subprocess

import expected
import table

COLUMNS = ["record_id", "written", "time_created", "event_id", "version", "level", "keywords", "provider", "channel",
           "computer", "user_id", "process_id", "activity_id", "event_data", "user_data", "source_path", "chunk", "offset"]
# Names that mean something of System, or are no data.
SHORT = {"Data", "Level", "Task", "Opcode", "Version", "Channel", "Computer", "Keywords", "Provider", "Binary",
         "ProcessID", "ThreadID", "UserID", "EventID", "Qualifiers", "Execution", "Security", "Correlation"}
UNSAID = object()  # a truth value or a time as an integer: the text does not tell what it is
WHOLE = re.compile(r"\s*(-?\d+|0[xX][0-9a-fA-F]+)\s*$")


def as_int64(text):
    """An integer, or None with whether it is one that did not fit."""
    if not text or not text.strip():
        return None
    match = WHOLE.match(text)
    if not match:
        return UNSAID if text in ("true", "false") or expected.TIME.match(text) else None
    number = int(match.group(1), 16 if match.group(1).lower().startswith("0x") else 10)
    return None if number >= 1 << 64 or number < -(1 << 63) else expected.integer(str(number))


def lone_names(maps):
    """Names that stand in EventData at most once in each record, whatever their case."""
    names, seen = set(), {}
    for entries in maps:
        for key, _ in entries:
            names.add(key)
            seen.setdefault(key.lower(), set()).add(key)
    numbered = {re.sub(r"_\d+$", "", name) for name in names if re.search(r"_\d+$", name)}
    return sorted(name for name in names if len(seen[name.lower()]) == 1 and name not in numbered
                  and re.fullmatch(r"[A-Za-z]{4,}", name) and name not in SHORT)


def wish_of(dice, names):
    columns = dice.sample(COLUMNS, dice.randint(0, len(COLUMNS)))
    fields = [{name: dice.choice(["text", "names", "int64", "texts"])}
              for name in dice.sample(names, min(len(names), dice.randint(0, 6)))]
    if not columns and not fields:
        columns = ["record_id"]
    return {"columns": columns, "fields": fields, "batch_rows": dice.choice([0, 1, 17, 1000]),
            "batch_bytes": dice.choice([0, 5000]), "threads": dice.choice([0, 1]),
            "no_dictionaries": dice.choice([0, 1])}


def parts_of(engine, log, wish, dice, chunks):
    """The table, whole or from parts."""
    if dice.random() < 0.5:
        return engine.table(log, **wish)
    size = dice.randint(1, chunks)
    return table.pyarrow.concat_tables([engine.table(log, first_chunk=first, chunk_count=size, **wish)
                                        for first in range(0, chunks, size)])


def values(column):
    pa = table.pyarrow
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column.to_pylist()


def field_values(kind, name, maps):
    for entries in maps:
        text = dict(entries).get(name) or None
        yield as_int64(text) if kind == "int64" else [text] if kind == "texts" and text else text


def check(engine, log, seed, rounds):
    dice = random.Random(f"{seed} {log.name}")
    base = engine.table(log, columns=COLUMNS)
    if base.num_rows == 0 or base.column("chunk").to_pylist() != sorted(base.column("chunk").to_pylist()):
        return 0  # parts are in the order of their slots
    maps = base.column("event_data").to_pylist()
    others = base.column("user_data").to_pylist()
    names = [name for name in lone_names(maps) if not any(name in (other or "") for other in others)]
    chunks = max(base.column("chunk").to_pylist()) + 1
    failures = 0
    for _ in range(rounds):
        wish = wish_of(dice, names)
        found = parts_of(engine, log, wish, dice, chunks)
        found.validate(full=True)
        wanted = [(name, values(base.column(name))) for name in wish["columns"]]
        for field in wish["fields"]:
            (name, kind), = field.items()
            wanted.append((name, list(field_values(kind, name, maps))))
        for place, (name, cells) in enumerate(wanted):
            got = values(found.column(place))
            got = [None if cell is UNSAID else value for value, cell in zip(got, cells)]
            cells = [None if cell is UNSAID else cell for cell in cells]
            if got != cells:
                at = next((i for i, pair in enumerate(zip(got, cells)) if pair[0] != pair[1]), len(got))
                failures += 1
                print(f"seed {seed}, {log.name}, {wish}: {name}, row {at}: {got[at:at + 1]}, not {cells[at:at + 1]}")
    return failures


def generated(program, folder):
    for profile in ("security", "mixed", "sysmon"):
        path = pathlib.Path(folder, profile + ".evtx")
        subprocess.run([program, "gen", "--profile", profile, "--size", "500K", "--seed", "5", "-f", str(path)],
                       check=True, stdout=subprocess.DEVNULL)
        yield path


def main():
    table.need_pyarrow()
    library, program, *rest = sys.argv[1:]
    seed = rest[0] if rest else "1"
    rounds = int(rest[1]) if len(rest) > 1 else 4
    engine = table.Engine(library)
    with tempfile.TemporaryDirectory() as folder:
        logs = [log for path in map(pathlib.Path, rest[2:])
                for log in (sorted(path.rglob("*.evtx")) if path.is_dir() else [path])]
        logs = logs or list(generated(program, folder))
        failures = sum(check(engine, log, seed, rounds) for log in logs)
    engine.close()
    print(f"seed {seed}: {len(logs)} logs, {rounds} schemas each, {failures} columns wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
