#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the rule of perf/gate.py on canned figures: more than 2 % above fails, other machines are skipped."""
import contextlib
import copy
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from bench.measure import CommandFailed  # noqa: E402
from perf import gate  # noqa: E402

RECORDED = {
    "machine": {"architecture": "x86_64", "compiler": "gcc 12.2.0", "libc": "glibc 2.36", "valgrind": "valgrind-3.19.0"},
    "logs": {"security": {"records": 1000, "sha256": "ab"}},
    "instructions_per_record": {"security jsonl": 1000.0, "security xml": 2000.0},
}


class Gate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.record = pathlib.Path(folder.name) / "instructions.json"
        self.record.write_text(json.dumps(RECORDED), encoding="utf-8")
        self.counted = copy.deepcopy(RECORDED)
        self.counted["machine"] = dict(RECORDED["machine"])
        self.built = mock.Mock()

    def run_gate(self, *arguments, valgrind="/usr/bin/valgrind"):
        """(exit code, output) of the command when this build's figures are self.counted."""
        output = io.StringIO()
        with mock.patch.multiple(gate, RECORD=self.record, REPOSITORY=self.record.parent,
                                 machine=lambda _: self.counted["machine"], count=self.count), \
                mock.patch.object(gate.workloads, "build", self.built), \
                mock.patch.object(gate.shutil, "which", lambda _: valgrind), \
                contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            return gate.main(list(arguments)), output.getvalue()

    def count(self, _build):
        return self.counted

    def figures(self, jsonl, xml):
        self.counted["instructions_per_record"] = {"security jsonl": jsonl, "security xml": xml}

    def test_the_same(self):
        code, output = self.run_gate()
        self.assertEqual(code, 0)
        self.assertNotIn("--update", output)

    def test_what_is_counted_is_built_unless_it_is_named(self):
        self.run_gate("--build", "elsewhere")
        self.built.assert_not_called()
        self.run_gate()
        self.built.assert_called_once_with()

    def test_two_per_cent_are_let_pass_and_no_more(self):
        self.figures(1020.0, 2040.0)
        self.assertEqual(self.run_gate()[0], 0)
        for jsonl, xml in ((1020.1, 2000.0), (1000.0, 2040.2), (500.0, 2060.0)):
            with self.subTest(jsonl=jsonl, xml=xml):
                self.figures(jsonl, xml)
                code, output = self.run_gate()
                self.assertEqual(code, 1)
                self.assertIn("MORE", output)
                self.assertIn("./dev perf gate --update", output)

    def test_fewer_are_to_be_recorded(self):
        self.figures(981.0, 2000.0)
        self.assertNotIn("--update", self.run_gate()[1])
        self.figures(979.0, 2000.0)
        code, output = self.run_gate()
        self.assertEqual(code, 0)
        self.assertIn("fewer", output)
        self.assertIn("./dev perf gate --update", output)

    def test_another_machine_is_skipped(self):
        for key in RECORDED["machine"]:
            with self.subTest(key=key):
                self.counted["machine"] = {**RECORDED["machine"], key: "another"}
                self.figures(9000.0, 9000.0)
                code, output = self.run_gate()
                self.assertEqual(code, 77)
                self.assertIn(f"{key}: recorded with {RECORDED['machine'][key]}, here another", output)

    def test_without_valgrind(self):
        code, output = self.run_gate(valgrind=None)
        self.assertEqual(code, 77)
        self.assertIn("valgrind", output)

    def test_other_logs_or_formats_fail(self):
        self.counted["logs"] = {"security": {"records": 1000, "sha256": "cd"}}
        self.assertEqual(self.run_gate()[0], 1)
        self.counted["logs"] = RECORDED["logs"]
        self.counted["instructions_per_record"] = {"security jsonl": 1000.0}
        self.assertEqual(self.run_gate()[0], 1)

    def test_update(self):
        self.figures(1500.0, 2500.0)
        self.assertEqual(self.run_gate("--update")[0], 0)
        self.assertEqual(json.loads(self.record.read_text(encoding="utf-8")), self.counted)
        self.assertEqual(self.run_gate()[0], 0)

    def test_a_program_that_fails(self):
        with mock.patch.object(self, "count", side_effect=CommandFailed("exit code 2")):
            code, output = self.run_gate()
        self.assertEqual(code, 1)
        self.assertIn("exit code 2", output)

    def test_compilers(self):
        gcc = b"\0GCC: (Debian 12.2.0-14+deb12u1) 12.2.0\0"
        self.assertEqual(gate.compiler(gcc), "gcc 12.2.0")
        self.assertEqual(gate.compiler(gcc + b"Debian clang version 14.0.6\0"), "clang 14.0.6")
        self.assertEqual(gate.compiler(b"icc"), "unknown")

    def test_the_kept_record_is_whole(self):
        kept = json.loads((REPOSITORY / "perf" / "instructions.json").read_text(encoding="utf-8"))
        self.assertEqual(set(kept["machine"]), set(RECORDED["machine"]))
        self.assertEqual(set(kept["instructions_per_record"]),
                         {f"{log} {name}" for log in gate.LOGS for name in gate.FORMATS})


if __name__ == "__main__":
    unittest.main()
