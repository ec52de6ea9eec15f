#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against counts that are not those of the records: evx stats of every real log against counts of what
evx dump shows of it, with plans and without, on one thread and on two. Of a log with damaged records, which
are counted when the damage is in what is not looked at, none that is shown may be missing. Without the logs it says so and is
skipped.

EVX: the program.
"""
import collections
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2])]

from bench.corpus import corpus_folder  # noqa: E402

CORPUS = corpus_folder()
EVX = os.environ["EVX"]
NO_TIME = ("", "")


def run(*args, **env):
    """(stdout, whether a record could not be read)"""
    done = subprocess.run([EVX, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, **env}, timeout=600)
    return done.stdout.decode("utf-8"), b"Failed to dump" in done.stderr


def text(value):
    """Of an element in JSON, as a cell shows it."""
    if isinstance(value, dict):
        value = value.get("#text")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def attribute(element, name):
    attributes = element.get("#attributes", {}) if isinstance(element, dict) else {}
    return text(attributes.get(name))


def of_dump(path):
    counts, times = collections.Counter(), {}
    out, is_damaged = run("dump", "-o", "jsonl", path)
    for line in out.splitlines():
        event = next(iter(json.loads(line).values()))
        system = event.get("System") or {}
        key = (text(system.get("Channel")), attribute(system.get("Provider"), "Name"),
               text(system.get("EventID")))
        counts[key] += 1
        time = attribute(system.get("TimeCreated"), "SystemTime")
        if time:
            first, last = times.get(key, (time, time))
            times[key] = min(first, time, key=moment), max(last, time, key=moment)
    return {key: (count, *times.get(key, NO_TIME)) for key, count in counts.items()}, is_damaged


def moment(time):
    year, rest = time.split("-", 1)
    whole, _, fraction = rest.rstrip("Z").partition(".")
    return int(year), whole, fraction.ljust(7, "0")[:7]  # ticks


def of_stats(path, *args, **env):
    rows = list(csv.reader(io.StringIO(run("stats", "-o", "csv", *args, path, **env)[0])))[1:]
    counts = [int(row[0]) for row in rows]
    # Data that is not there and data that is empty are two groups and one cell.
    merged = {}
    for row in rows:
        count, first, last = merged.get(tuple(row[1:4]), (0, *NO_TIME))
        merged[tuple(row[1:4])] = (
            count + int(row[0]),
            min(filter(None, (first, row[4])), key=moment, default=""),
            max(filter(None, (last, row[5])), key=moment, default=""))
    return merged, counts


def plain(groups):
    return {key: (count, first and moment(first), last and moment(last))
            for key, (count, first, last) in groups.items()}


@unittest.skipUnless(CORPUS and (CORPUS / "samples").is_dir(), "there are no real logs")
class Stats(unittest.TestCase):
    maxDiff = 6000

    def test_every_log(self):
        for path in sorted((CORPUS / "samples").rglob("*.evtx")):
            with self.subTest(log=path.name):
                groups, counts = of_stats(path)
                self.assertEqual(counts, sorted(counts, reverse=True))
                shown, is_damaged = of_dump(path)
                if is_damaged:
                    few = [key for key in shown if shown[key][0] > groups.get(key, (0,))[0]]
                    self.assertEqual(few, [])
                else:
                    self.assertEqual(plain(groups), plain(shown))
                self.assertEqual(of_stats(path, "-t", 2, EVX_PLANS="0"), (groups, counts))


if __name__ == "__main__":
    if not (CORPUS and (CORPUS / "samples").is_dir()):
        print("SKIP: the folder of real logs is not there; set EVX_CORPUS to it")
        raise SystemExit(77)
    unittest.main()
