#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What evx writes of all inputs together: the first records, the newest first, counts and documents.

EVTX_DUMP, EVX: the programs; EVX_CLI_DOCS: as test_cli.py wants it.
"""
import json
import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from bench.corpus import corpus_folder  # noqa: E402
from test_cli import CHUNK, EVX, Case, run  # noqa: E402

EVENTS = ("dump", "-o", "jsonl")


class Limits(Case):
    """-n and -r: a part of the usual output, or its mirror image."""

    def lines(self, *args, **more):
        code, out, text = run(*args, program=EVX, **more)
        self.assertEqual((code, text), (0, ""), args)
        return out.splitlines(keepends=True)

    def test_first_records_of_all_inputs(self):
        lines = self.lines(*EVENTS, self.log)
        for count in (1, len(lines) - 1, len(lines), len(lines) + 3, 2 * len(lines), 10 ** 19):
            wanted = (lines + lines)[:count]
            self.assertEqual(self.lines(*EVENTS, "-n", str(count), self.log, self.log), wanted)
            self.assertEqual(self.lines("query", "*", "--max-events", str(count), self.log, self.log),
                             wanted)

    def test_newest_first(self):
        lines = self.lines(*EVENTS, self.log)
        newest = lines[::-1]
        self.assertEqual(self.lines(*EVENTS, "-r", self.log), newest)
        self.assertEqual(self.lines("query", "*", "--reverse", self.log), newest)
        self.assertEqual(self.lines(*EVENTS, "-r", "-", input=self.bytes), newest)
        self.assertEqual(self.lines(*EVENTS, "-rn", "5", "-", input=self.bytes), newest[:5])
        self.assertEqual(self.lines(*EVENTS, "-r", "-n", str(len(lines) + 2), self.log, self.log),
                         newest + newest[:2])
        two = lines[-1:] + lines[:1]
        self.assertEqual(self.lines("query", "-r", "*[System[EventRecordID=1 or EventRecordID="
                                    f"{len(lines)}]]", self.log), two)

    def test_inputs_behind_the_end_are_not_opened(self):
        self.assertEqual(len(self.lines(*EVENTS, "-n", "2", self.log, "nofile")), 2)
        self.assertEqual(self.lines(*EVENTS, "-n", "0", "nofile"), [])
        self.assertEqual(run("query", "*", "-n", "0", self.log, program=EVX), (1, b"", ""))

    def test_damage_behind_the_end_is_not_reported(self):
        damaged = self.changed("limit.evtx", (4096 + CHUNK, b"NotChunk"))
        self.assertEqual(len(self.lines(*EVENTS, "-n", "3", damaged)), 3)
        self.assertEqual(len(self.lines(*EVENTS, "-rn", "3", damaged)), 3)
        for order in ((), ("-r",)):
            code, _, text = run(*EVENTS, *order, damaged, program=EVX)
            self.assertEqual((code, text.count("Failed to dump")), (0, 1), order)

    def test_wrong_numbers(self):
        for word in ("", "-1", "x", "1.5"):
            code, out, text = run(*EVENTS, f"--max-events={word}", self.log, program=EVX)
            self.assertEqual((code, out), (2, b""), word)
            self.assertIn("for '--max-events <N>'", text)


class Documents(Case):
    """One document of all inputs, whatever is in them: other programs parse it whole."""

    NOTHING = "*[System[EventID=1 and EventID=2]]"

    def parsed(self, *args, codes=(0,), **more):
        """How many events the documents have, which is the same for both formats, and both layouts."""
        counts = set()
        for options in (("-o", "xml-document"), ("-o", "xml-document", "--no-indent"), ("-o", "json-array"),
                        ("-o", "json-array", "--separate-json-attributes")):
            code, out, _ = run(*args, *options, program=EVX, **more)
            self.assertIn(code, codes, args)
            if options[1] == "json-array":
                events = json.loads(out)
                self.assertIs(type(events), list)
                counts.add(len(events))
                continue
            self.assertEqual(out.count(b"<?xml"), 1)
            root = xml.etree.ElementTree.fromstring(out)
            self.assertEqual(root.tag, "Events")
            counts.add(len(root))
        self.assertEqual(len(counts), 1, args)
        return counts.pop()

    def test_of_all_inputs(self):
        one = self.parsed("dump", self.log)
        self.assertEqual(one, len(run("dump", "-o", "jsonl", self.log, program=EVX)[1].splitlines()))
        self.assertEqual(self.parsed("dump", self.log, self.log), 2 * one)
        self.assertEqual(self.parsed("dump", "-n", str(one + 1), self.log, self.log), one + 1)
        self.assertEqual(self.parsed("dump", "-r", "-n", "1", self.log), 1)
        self.assertEqual(self.parsed("query", "*", self.log), one)

    def test_of_the_records_alone(self):
        lines = run("dump", "-o", "jsonl", self.log, program=EVX)[1].rstrip(b"\n").split(b"\n")
        array = run("dump", "-o", "json-array", self.log, program=EVX)[1]
        self.assertEqual(array, b"[\n" + b",\n".join(lines) + b"\n]\n")
        flat = ("dump", "--no-indent", "--dont-show-record-number", self.log)
        declaration = b'<?xml version="1.0" encoding="utf-8"?>\n'
        records = run(*flat, program=EVX)[1].replace(declaration, b"")
        document = run(*flat, "-o", "xml-document", program=EVX)[1]
        self.assertEqual(document, declaration + b"<Events>\n" + records + b"</Events>\n")

    def test_of_nothing(self):
        self.assertEqual(self.parsed("query", self.NOTHING, self.log, codes=(1,)), 0)
        self.assertEqual(self.parsed("query", self.NOTHING, self.log, "nofile", codes=(2,)), 0)
        self.assertEqual(self.parsed("dump", "nofile", codes=(1,)), 0)
        self.assertEqual(self.parsed("dump", "-n", "0", self.log), 0)
        self.assertEqual(run("query", self.NOTHING, "-o", "json-array", self.log, program=EVX)[1], b"[\n]\n")
        for wrong in (("query", "*[", self.log), ("query", "*", "-o", "json-list", self.log)):
            self.assertEqual(run(*wrong, "-o", "xml-document", program=EVX)[:2], (2, b""))

    def test_after_damage(self):
        kinds = run("gen", "--damage", "list", program=EVX)[1].decode().split()
        whole = self.parsed("dump", self.log)
        for kind in kinds:
            log = self.path("damaged.evtx")
            run("gen", "--size", "256K", "--seed", "5", "--damage", kind, "-f", log, "--no-confirm-overwrite",
                program=EVX)
            count = self.parsed("dump", "--recover-records", log, self.log, codes=(0, 1))
            self.assertGreaterEqual(count, whole, kind)
            self.parsed("dump", "--stop-after-one-error", log, self.log, codes=(0, 1))

    def test_counts(self):
        one = len(run("query", "*", self.log, program=EVX)[1].splitlines())
        lines = [f"{count}\t{name}" for count, name in ((one, self.log), (one, self.log), (2 * one, "total"))]
        out = run("query", "*", "-c", self.log, self.log, program=EVX)[1].decode()
        self.assertEqual(out.splitlines(), lines)
        self.assertEqual(run("query", "*", "-cn", "3", self.log, program=EVX)[1].decode(), f"3\t{self.log}\n")
        self.assertEqual(run("query", self.NOTHING, "-c", self.log, program=EVX)[:2],
                         (1, f"0\t{self.log}\n".encode()))

    def test_counts_are_no_document(self):
        usual = run("query", "*", "-c", self.log, program=EVX)
        for name in ("xml-document", "json-array"):
            self.assertEqual(run("query", "*", "-c", "-o", name, self.log, program=EVX), usual)

    def test_evtx_dump_has_none(self):
        for name in ("xml-document", "json-array"):
            self.assertEqual(run("-o", name, self.log)[:2], (2, b""))

    def test_of_real_logs(self):
        folder = corpus_folder()
        logs = sorted((folder / "samples").glob("*.evtx")) if folder else []
        if not logs:
            self.skipTest("no real logs; set EVX_CORPUS to a folder with samples/")
        for log in logs:
            self.parsed("dump", str(log), codes=(0, 1))
        self.parsed("dump", *map(str, logs), codes=(0, 1))


if __name__ == "__main__":
    unittest.main()
