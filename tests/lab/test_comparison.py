#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the promises of perf/profile_comparison.sh: its options, what it says of a converter that is missing
or writes something else, and its files. A time is measured, but none is looked at.

EVTX_DUMP, EVX: our programs. Python's environment is that of the laboratory.
"""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "perf" / "profile_comparison.sh"
EVTX_DUMP = os.environ.get("EVTX_DUMP", str(REPOSITORY / "build" / "cli" / "evtx_dump"))
EVX = os.environ.get("EVX", str(REPOSITORY / "build" / "cli" / "evx"))
# Ours in the clothes of another: the same records in another notation, or one record less.
OTHER_NOTATION = '#!/bin/sh\n"$EVTX_DUMP" "$@" | sed \'s/"EventRecordID":\\([0-9]*\\)/"EventRecordID":"\\1"/; s/^{/{ /\'\n'
ONE_LESS = '#!/bin/sh\n"$EVTX_DUMP" "$@" | sed 1d\n'


class Comparison(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.log = self.folder / "small.evtx"
        subprocess.run([EVX, "gen", "--size", "64K", "--seed", "1", "-f", self.log], check=True)

    def program(self, name, text):
        path = self.folder / name
        path.write_text(text.replace("$EVTX_DUMP", EVTX_DUMP), encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def run_script(self, *arguments, **variables):
        environment = {**os.environ, "SAMPLE_FILE": str(self.log), "OUTPUT_DIR": str(self.folder / "out"), "RUNS": "2",
                       "EVX_BINARY": EVTX_DUMP, "RUST_BINARY": str(self.folder / "nothing"), **variables}
        return subprocess.run([SCRIPT, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)

    def results(self, name="benchmark.json"):
        return json.loads((self.folder / "out" / name).read_text(encoding="utf-8"))

    def test_help(self):
        done = self.run_script("--help")
        self.assertEqual(done.returncode, 0)
        for word in ("--bench-only", "--profile-only", "--top-leaves", "--flamegraph", "SAMPLE_FILE", "RUNS", "OUTPUT_DIR",
                     "RUST_BINARY", "ZIG_BINARY", "TOP_LEAVES_N", "TOP_LEAVES_WEIGHT", "QUIET_CHECK", "BENCH_MT"):
            self.assertIn(word, done.stdout)

    def test_bad_options_and_values(self):
        for arguments, variables in ((["--nothing"], {}), (["--bench-only", "--top-leaves"], {}), ([], {"RUNS": "0"}),
                                     ([], {"TOP_LEAVES_WEIGHT": "bytes"}), ([], {"TOP_LEAVES_N": "all"}),
                                     ([], {"SAMPLE_FILE": "/nowhere"}), ([], {"QUIET_CHECK": "yes"})):
            with self.subTest(arguments=arguments, variables=variables):
                done = self.run_script(*arguments, **variables)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertFalse((self.folder / "out").exists())
                for name in variables:
                    self.assertIn(name, done.stderr)

    def test_a_missing_rival_is_reported(self):
        done = self.run_script("--bench-only", ZIG_BINARY=str(self.folder / "nothing"))
        self.assertEqual(done.returncode, 0, done.stderr)
        found = self.results()
        self.assertEqual(found["absent"]["cargo-evtx"], "missing (RUST_BINARY)")
        self.assertEqual(found["absent"]["zig-evtx"], "missing (ZIG_BINARY)")
        self.assertIn("without cargo-evtx: missing", done.stderr)
        text = (self.folder / "out" / "benchmark.md").read_text(encoding="utf-8")
        self.assertIn("- cargo-evtx: missing", text)
        self.assertIn("| evx |", text)
        self.assertIn("<svg", (self.folder / "out" / "benchmark.svg").read_text(encoding="utf-8"))
        self.assertFalse((self.folder / "out" / "profiles").exists())

    def test_who_takes_part(self):
        done = self.run_script("--bench-only", ZIG_BINARY=self.program("other", OTHER_NOTATION), BENCH_MT="1")
        self.assertEqual(done.returncode, 0, done.stderr)
        for name, threads in (("benchmark.json", 1), ("benchmark_mt.json", 8)):
            found = self.results(name)
            results = {result["name"]: result for result in found["results"]}
            self.assertEqual(found["threads"], threads)
            self.assertEqual(len(results["zig-evtx"]["times_ns"]), 2)
            self.assertEqual(results["evx"]["ratio"], 1.0)
            self.assertEqual(results["zig-evtx"]["command"][1:4], ["-t", str(threads), "-o"])

    def test_another_output_is_not_timed(self):
        for rival, variable, text in (("zig-evtx", "ZIG_BINARY", ONE_LESS), ("cargo-evtx", "RUST_BINARY", OTHER_NOTATION)):
            with self.subTest(rival=rival):
                done = self.run_script("--bench-only", **{variable: self.program("other", text)})
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("something else", self.results()["absent"][rival])
                self.assertNotIn(rival, [result["name"] for result in self.results()["results"]])

    def test_without_our_program(self):
        done = self.run_script("--bench-only", EVX_BINARY=str(self.folder / "nothing"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("./dev build", done.stderr)

    def test_what_the_guard_says(self):
        done = self.run_script("--bench-only", QUIET_CHECK="1", QUIET_PROC=str(self.folder))
        self.assertEqual(done.returncode, 2)
        self.assertIn("ensure_quiet", done.stderr)


if __name__ == "__main__":
    unittest.main()
