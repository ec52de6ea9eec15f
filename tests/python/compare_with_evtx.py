#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""evx.compat against the module evtx 0.14.0: records, texts and exceptions on real logs and wrong arguments.

usage: compare_with_evtx.py [LOG...]   without arguments: the real logs

What may differ is decided, and counted: see the section "Instead of evtx" in docs/python.md.
"""
import collections
import importlib.metadata
import io
import json
import os
import re
import sys

from support import evx, sample_logs

import evx.compat

try:
    import evtx
except ImportError:
    print("the module evtx of PyPI is not installed")
    sys.exit(77)
if importlib.metadata.version("evtx") != "0.14.0":
    print("the module evtx is not 0.14.0")
    sys.exit(77)

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def drain(iterator):
    """(dicts, texts of exceptions)"""
    records, errors = [], []
    while True:
        try:
            records.append(next(iterator))
        except StopIteration:
            return records, errors
        except RuntimeError as error:
            errors.append(str(error))


def without_rendering_info(text):
    """The text without what the module loses: further elements of a record."""
    text = re.sub(r",\"RenderingInfo(_attributes)?\":\{.*\}(?=\}\}$)", "", text)
    return re.sub(r"\n? *<RenderingInfo.*</RenderingInfo>(?=\n?</Event>)", "", text, flags=re.S)


def keys_are_unique(text):
    def check(pairs):
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    try:
        json.loads(text, object_pairs_hook=check)
    except ValueError:
        return False
    return True


def why_different(ours, theirs, is_json):
    """The decided difference, or None."""
    if CONTROL.search(theirs) and CONTROL.sub("_", theirs) == ours:
        return "control characters, which XML has not"
    if without_rendering_info(ours) == theirs:
        return "RenderingInfo, which the module loses"
    if is_json and not keys_are_unique(theirs) and keys_are_unique(ours):
        return "a key twice in an object"
    if theirs.replace(',"Event":null', "").replace("<Event></Event>", "").replace("  <Event>\n  </Event>\n", "") == ours:
        return "a value without element, for which the module makes an Event up"
    return None


def compare_records(path, method, options, counts):
    """Compares by identifier and time: the order is the log's, and more records are read."""
    ours, our_errors = drain(getattr(evx.compat.PyEvtxParser(path, **options), method)())
    theirs, their_errors = drain(getattr(evtx.PyEvtxParser(path, number_of_threads=1, **options), method)())
    known = collections.defaultdict(list)
    for record in ours:
        known[record["event_record_id"], record["timestamp"]].append(record["data"])
    failures = 0
    for record in theirs:
        texts = known.get((record["event_record_id"], record["timestamp"]))
        if not texts:
            print(f"{path}: {method} {options}: record {record['event_record_id']} is not there")
            failures += 1
            continue
        text = texts.pop(0)
        counts["records"] += 1
        if text == record["data"]:
            counts["equal"] += 1
            continue
        why = why_different(text, record["data"], method == "records_json")
        counts[why] += 1
        if why is None:
            failures += 1
            at = next((i for i, (a, b) in enumerate(zip(text, record["data"])) if a != b), 0)
            if failures < 4:
                print(f"{path}: {method} {options}: record {record['event_record_id']}:\n"
                      f"  evx  {text[max(0, at - 60):at + 60]!r}\n  evtx {record['data'][max(0, at - 60):at + 60]!r}")
    in_order = [r["event_record_id"] for r in ours] == [r["event_record_id"] for r in theirs]
    counts["logs in another order or with more records"] += not in_order
    counts["records that only evx has"] += len(ours) - len(theirs)
    for error in their_errors:
        if error not in our_errors:
            counts["errors in other words"] += 1
            if "-v" in sys.argv:
                print(f"  only evtx says {error}\n  evx: {our_errors}")
    return failures


class Broken(io.BytesIO):
    def read(self, size=-1):
        raise RuntimeError("boom")


class NoBytes(io.BytesIO):
    def read(self, size=-1):
        return 5


def outcomes(module, path):
    """What comes of odd uses, as texts."""
    parser = module.PyEvtxParser

    def twice(first, second):
        used = parser(path)
        getattr(used, first)()
        getattr(used, second)()

    class NoSeek:
        def read(self, size=-1):
            return b""

    class NoRead:
        def seek(self, *place):
            return 0

    import pickle

    uses = {
        "bytes as path": lambda: parser(path.encode()), "int": lambda: parser(5), "None": lambda: parser(None),
        "missing": lambda: parser("/nonexistent"), "folder": lambda: parser("/tmp"),
        "no log": lambda: parser(__file__), "empty": lambda: parser(io.BytesIO(b"")),
        "text": lambda: parser(io.StringIO("x")), "other magic": lambda: parser(io.BytesIO(b"x" * 5000)),
        "unknown codec": lambda: parser(path, ansi_codec="nope"),
        "wide codec": lambda: parser(path, ansi_codec="utf-16le"),
        "threads -1": lambda: parser(path, number_of_threads=-1),
        "threads x": lambda: parser(path, number_of_threads="x"),
        "threads 1.5": lambda: parser(path, number_of_threads=1.5),
        "threads 2**70": lambda: parser(path, number_of_threads=2**70),
        "indent x": lambda: parser(path, indent="x"), "skip_errors x": lambda: parser(path, skip_errors="x"),
        "codec 5": lambda: parser(path, ansi_codec=5), "checksums 1": lambda: parser(path, validate_checksums=1),
        "cache 5": lambda: parser(path, wevt_cache=5),
        "twice": lambda: twice("records", "records_json"), "twice by iter": lambda: twice("records", "__iter__"),
        "next": lambda: next(parser(path)), "pickle": lambda: pickle.dumps(parser(path)),
        "pickle of an iterator": lambda: pickle.dumps(parser(path).records()),
        "subclass": lambda: type("Sub", (parser,), {}), "no seek": lambda: parser(NoSeek()),
        "no read": lambda: parser(NoRead()), "read raises": lambda: parser(Broken(b"x" * 9999)),
        "read gives int": lambda: parser(NoBytes(b"x" * 9999)), "iterator": lambda: module.PyRecordsIterator(),
    }
    found = {}
    for name, use in uses.items():
        try:
            found[name] = repr(type(use()).__name__)
        except Exception as error:
            found[name] = f"{type(error).__name__}{error.args}"
    return found


def compare_outcomes(path):
    ours, theirs = outcomes(evx.compat, path), outcomes(evtx, path)
    wrong = [name for name in theirs if ours[name] != theirs[name]]
    for name in wrong:
        print(f"{name}:\n  evx  {ours[name]}\n  evtx {theirs[name]}")
    return len(wrong)


def main():
    logs = [path for path in sys.argv[1:] if path != "-v"] or sample_logs()
    if not logs:
        print("no real logs here")
        return 77
    counts, failures = collections.Counter(), compare_outcomes(logs[0])
    for path in logs:
        for method, options in (("records", {}), ("records", {"indent": False}), ("records_json", {}),
                                ("records_json", {"separate_json_attributes": True}),
                                ("records", {"validate_checksums": True})):
            failures += compare_records(path, method, options, counts)
    for what, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:8} {what}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
