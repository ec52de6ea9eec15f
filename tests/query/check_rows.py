#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards rows of fields: for every sample log, what `evx dump --fields` writes as CSV, TSV and JSON lines, read
back, must be the values that stand in the XML of the same records. Without the corpus it says so and is skipped.

EVX: the program.
"""
import csv
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from bench.corpus import corpus_folder  # noqa: E402
from record import SHORT, read_records  # noqa: E402

EVX = os.environ.get("EVX", str(HERE.parents[1] / "build" / "evx"))
CORPUS = corpus_folder()
SAMPLES = CORPUS / "samples" if CORPUS else None
OWN = ("RecordID", "Written", "Chunk", "Offset", "SourceFile", "Recovered", "EventData", "Data")
EVERYTHING = bool(os.environ.get("EVX_TEST_ALL"))
NAMES_MAX = 500
CHOICES, CHOSEN_MAX = 2, 12  # of columns, by chance, for each log
ODD_PATHS = ("*", "System", "EventData", "EventData/Data/@Name", "EventData/Data[2]", "UserData/*/*", "System/*",
             "System/Provider", "System/Provider/@*", "EventData/Binary", "EventData/*", "*/*/Data", "Data/text()",
             "System/TimeCreated/@SystemTime", "UserData/*/@xmlns", "@xmlns", "RenderingInfo/Message")
# What XML cannot say is written as an underscore there.
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd-\uffff\ud800-\udfff]")


def dump(log, *arguments, plans=True, with_reports=False):
    environment = dict(os.environ, EVX_PLANS="1" if plans else "0")
    result = subprocess.run([EVX, "dump", *arguments, str(log)], stdout=subprocess.PIPE, env=environment,
                            stderr=subprocess.STDOUT if with_reports else subprocess.DEVNULL, check=False)
    return result.stdout


def said(text):
    return UNSAYABLE.sub("_", text)


def data(record, name):
    """The values of data, or else of elements in UserData."""
    nodes = [(node.attribute("Name") or "", node.value()) for node in record.values("EventData", "Data")]
    place = re.fullmatch("param([0-9]+)", name)
    return [value for own, value in nodes if own == name] or \
        [value for own, value in nodes if own.lower() == name.lower()] or \
        [node.value() for node in (record.nameless_data_at(int(place[1])) if place else ())] or \
        [node.value() for node in record.values("UserData", "*", name)]


def usual_names(records):
    """Of data and of elements in UserData."""
    names = {node.attribute("Name") for record in records for node in record.values("EventData", "Data")}
    names |= {node.name for record in records for node in record.values("UserData", "*", "*")}
    return sorted(name for name in names - {None} if re.fullmatch(r"[A-Za-z][\w ,-]*", name) and
                  name not in SHORT and name not in OWN)[:NAMES_MAX]


def expected_of(records):
    """Columns of this log, each with the values that the records have."""
    columns = {name: [[node.value() for node in record.values("System", *path)] for record in records]
               for name, path in SHORT.items()}
    columns.update({name: [data(record, name) for record in records] for name in usual_names(records)})
    columns["RecordID"] = [[str(record.id)] for record in records]
    columns["EventData/Data"] = [[node.value() for node in record.values("EventData", "Data")]
                                 for record in records]
    columns["Data[2]"] = [[node.value() for node in record.data_at(2)] for record in records]
    columns["Second=param2"] = [data(record, "param2") for record in records]
    columns["System.Provider.Name"] = columns["Provider"]
    return columns


def text_of(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed(value):
    return [] if value is None else [text_of(each) for each in (value if isinstance(value, list) else [value])]


@unittest.skipUnless(SAMPLES and SAMPLES.is_dir(), "the folder of real logs is not there")
class Rows(unittest.TestCase):
    def test_rows_of_all_samples(self):
        logs = sorted(SAMPLES.glob("*.evtx"))
        self.assertGreater(len(logs), 0)
        wrong = [difference for at, log in enumerate(logs) for difference in self.compare(log, at)]
        self.assertEqual(len(wrong), 0, "\n".join(wrong[:20]))

    def test_columns_by_chance(self):
        """Where values stand is compiled for the columns that are asked for: any of them, beside any others."""
        chance = random.Random(1)
        for log in sorted(SAMPLES.glob("*.evtx"))[::1 if EVERYTHING else 2]:
            records = read_records(dump(log, "--no-indent", "-o", "xml").decode(), log.name)
            names = sorted({*usual_names(records), *SHORT, *OWN, *ODD_PATHS, "Data[2]", "Second=param2"})
            for _ in range(CHOICES):
                chosen = chance.sample(names, chance.randint(1, min(CHOSEN_MAX, len(names))))
                fields = ",".join(f'"{name}"' for name in chosen)
                arguments = ("-o", chance.choice(("csv", "tsv", "jsonl")), "-F", fields)
                with self.subTest(log=log.name, arguments=arguments):
                    self.assertEqual(dump(log, *arguments, with_reports=True),
                                     dump(log, *arguments, plans=False, with_reports=True))

    def compare(self, log, at):
        records = read_records(dump(log, "--no-indent", "-o", "xml").decode(), log.name)
        columns = expected_of(records)
        fields = ",".join(f'"{name}"' for name in columns)
        others = ("tsv", "jsonl") if EVERYTHING else (("tsv", "jsonl")[at % 2],)
        for arguments in (("-o", form) for form in ("csv", *others)):
            written = dump(log, *arguments, "-F", fields)
            if arguments[1] == "csv":
                ways = (dump(log, "-t", "1", *arguments, "-F", fields),
                        dump(log, *arguments, "-F", fields, plans=False))
                if any(way != written for way in ways):
                    yield f"{log.name} {arguments}: threads or plans make a difference"
            compare = self.compare_json if arguments[1] == "jsonl" else self.compare_csv
            yield from compare(log, columns, written.decode(), "\t" if arguments[1] == "tsv" else ",")

    def compare_csv(self, log, columns, written, delimiter):
        header, *rows = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)
        self.assertEqual(header, [name.partition("=")[0] for name in columns])
        yield from differences(log, columns, rows, lambda values: said(", ".join(values)), said)

    def compare_json(self, log, columns, written, _):
        rows = [list(json.loads(line).values()) for line in written.split("\n")[:-1]]
        yield from differences(log, columns, rows, lambda values: [said(each) for each in values],
                               lambda cell: [said(each) for each in listed(cell)])


def differences(log, columns, rows, wanted_of, found_of):
    count = len(next(iter(columns.values())))
    if len(rows) != count:
        yield f"{log.name}: {len(rows)} rows, {count} records"
        return
    for index, row in enumerate(rows):
        for (name, values), cell in zip(columns.items(), row):
            wanted, found = wanted_of(values[index]), found_of(cell)
            if wanted != found:
                yield f"{log.name}, row {index + 1}, {name}: {wanted!r} in XML, {found!r} in the row"


if __name__ == "__main__":
    if not (SAMPLES and SAMPLES.is_dir()):
        print("SKIP: the folder of real logs is not there; set EVX_CORPUS to it")
        raise SystemExit(77)
    csv.field_size_limit(1 << 26)
    unittest.main(verbosity=1)
