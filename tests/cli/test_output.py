#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What evx writes of all inputs together: the first records, the newest first, counts and documents.

EVTX_DUMP, EVX: the programs; EVX_CLI_DOCS: as test_cli.py wants it.
"""
import pathlib
import unittest

from test_cli import CHUNK, EVX, Case, run

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


if __name__ == "__main__":
    unittest.main()
