#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against samples that do not belong together: rounds, order, loops, sinks, failures."""
import os
import pathlib
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from bench import measure  # noqa: E402


class Measure(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.notes = pathlib.Path(folder.name) / "notes"

    def noting(self, word):
        return ["sh", "-c", f'printf {word} >>"$0"', str(self.notes)]

    def test_order_turns_round_and_back(self):
        commands = {word: self.noting(word) for word in "abc"}
        samples = measure.interleave(commands, warmup=1, rounds=6)
        self.assertEqual(self.notes.read_text(), "abc" "abccba" "bcaacb" "cabbac")
        self.assertEqual({name: len(taken) for name, taken in samples.items()}, {"a": 6, "b": 6, "c": 6})

    def test_until_stops_behind_a_whole_round(self):
        commands = {word: self.noting(word) for word in "ab"}
        samples = measure.interleave(commands, warmup=0, rounds=10, until=lambda s: len(s["b"]) == 3)
        self.assertEqual([len(taken) for taken in samples.values()], [3, 3])

    def test_loops_are_summed(self):
        sample = measure.run(self.noting("x"), loops=4)
        self.assertEqual(self.notes.read_text(), "xxxx")
        self.assertGreater(sample.wall_ns, 0)

    def test_a_program_that_fails_is_no_sample(self):
        for command in (["false"], ["/nowhere/evtx_dump"], ["sh", "-c", "kill -9 $$"]):
            for sink in ("null", "pipe", "file"):
                with self.subTest(command=command, sink=sink), self.assertRaises(measure.CommandFailed):
                    measure.run(command, sink)

    def test_a_pipe_is_read_to_its_end(self):
        measure.run(["sh", "-c", 'head -c 300000 /dev/zero && printf done >"$0"', str(self.notes)], "pipe")
        self.assertEqual(self.notes.read_text(), "done")

    def test_environment_is_small_and_the_same(self):
        os.environ["RUST_BACKTRACE"] = "1"
        self.addCleanup(os.environ.pop, "RUST_BACKTRACE")
        measure.run(["sh", "-c", 'env >"$0"', str(self.notes)])
        names = {line.split("=", 1)[0] for line in self.notes.read_text().splitlines()}
        self.assertEqual(names - {"PWD", "_", "SHLVL", "OLDPWD"}, {"PATH", "HOME", "LC_ALL"})


if __name__ == "__main__":
    unittest.main()
