#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards perf/ablate.py: it must know every switch of the engine, see unequal output, and tell ratios right."""
import pathlib
import stat
import sys
import tempfile
import unittest
from unittest import mock

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from bench.measure import Sample  # noqa: E402
from perf import ablate  # noqa: E402
from perf.say import Refused  # noqa: E402


def samples(*milliseconds: float) -> list[Sample]:
    return [Sample(round(ms * 1e6), round(ms * 1e6), 1) for ms in milliseconds]


class Ablate(unittest.TestCase):
    def test_switches(self):
        header = "// No vectors.\n#ifndef EVX_ABLATE_SIMD\n#define EVX_ABLATE_SIMD 0\n#endif\n"
        self.assertEqual(ablate.switches(header), {"simd": "No vectors."})
        engine = ablate.HEADER.read_text(encoding="utf-8")
        self.assertEqual(len(ablate.switches(engine)), engine.count("#define EVX_ABLATE_"))

    def test_rows(self):
        times = {"base": samples(10, 20, 10, 20), "twice": samples(20, 40, 20, 40), "none": samples(10, 20, 10, 20)}
        found = ablate.rows({"none": "nothing", "twice": "much"}, times, {"base": 100, "twice": 150, "none": 100})
        self.assertEqual([(row["name"], row["ratio"], row["instructions_ratio"], row["verdict"]) for row in found],
                         [("twice", 2.0, 1.5, "slower"), ("none", 1.0, 1.0, "no difference")])
        table = ablate.table({"machine": {"cpu": "C", "compiler": "gcc", "commit": "a" * 40}, "date": "2026-01-01",
                              "rounds": 4, "workloads": {"W1": {"base": ablate.summary_ms(times["base"]), "rows": found}}})
        self.assertIn("| `twice` | 2.000 | 2.000 to 2.000 | 1.500 | much |", table)
        self.assertIn("15.0 ms (median), 10.0 ms (minimum)", table)

    def test_unequal_output_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            programs = {}
            for name, text in (("base", "same"), ("good", "same"), ("bad", "other")):
                programs[name] = pathlib.Path(folder) / name
                programs[name].write_text(f"#!/bin/sh\necho {text}\n", encoding="utf-8")
                programs[name].chmod(stat.S_IRWXU)
            with mock.patch.object(ablate.workloads, "command", return_value=["evtx_dump", "log"]):
                ablate.prove_equal({name: programs[name] for name in ("base", "good")})
                with self.assertRaisesRegex(Refused, "without bad the output differs"):
                    ablate.prove_equal(programs)


if __name__ == "__main__":
    unittest.main()
