#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards what ./dev perf compare says of canned figures: its table, its limit, and that output may differ."""
import contextlib
import io
import pathlib
import sys
import unittest
from unittest import mock

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from perf import compare  # noqa: E402
from test_theses import figures  # noqa: E402

FIGURES = figures({"W1": 0.9, "W2": 0.8, "W3": 1.05})
FIGURES["workloads"]["W1"]["after"]["instructions"] = 950_000_000
TABLE = """\
workload  measure      before    after     after / before [99 %]    instructions  peak memory
W1        cpu_median   30.06 ms  27.05 ms  0.9000 [0.9000, 0.9000]  0.9500        1.0000 [1.0000, 1.0000]
W2        wall_median  40.20 ms  32.16 ms  0.8000 [0.8000, 0.8000]  -             1.0000 [1.0000, 1.0000]
W3        cpu_median   30.06 ms  31.56 ms  1.0500 [1.0500, 1.0500]  1.0500        1.0000 [1.0000, 1.0000]
"""


class Compare(unittest.TestCase):
    def compare(self, *options, different=0):
        """(exit code, what is printed, the call that measured) against the commit b, of W1, W2 and W3."""
        printed = io.StringIO()
        outputs = {"workloads": ["big", "stitched"], "runs": 22, "different": different, "differences": ["-o xml a.evtx"]}
        build = mock.Mock(side_effect=lambda label, state: mock.Mock(path=pathlib.Path(label), commit=state.commit))
        with mock.patch.multiple(compare.repository, commit_of=lambda name: name * 40, head=lambda: "a" * 40,
                                 uncommitted=lambda: ""), \
                mock.patch.object(compare.workloads, "path"), mock.patch.object(compare.states, "build", build), \
                mock.patch.object(compare.pairs, "bench", return_value=FIGURES) as bench, \
                mock.patch.object(compare.check, "same_bytes", return_value=outputs), \
                contextlib.redirect_stdout(printed):
            code = compare.main(["b", *options, "W1", "W2", "W3"])
        return code, printed.getvalue(), bench.call_args

    def test_table(self):
        code, text, _ = self.compare()
        self.assertEqual(code, 0)
        self.assertIn(TABLE, text)
        self.assertIn(f"before is {'b' * 12}, after is HEAD, {'a' * 12}; both write the same in 22 runs", text)

    def test_what_is_measured(self):
        (before, after), measures, judged, method = self.compare("--rounds", "7")[2].args
        self.assertEqual((before.commit, after.commit), ("b" * 40, "a" * 40))
        self.assertEqual(measures, {"W1": ["cpu_median", "peak_memory"], "W2": ["wall_median", "peak_memory"],
                                    "W3": ["cpu_median", "peak_memory"]})
        self.assertEqual((set(judged), method.rounds), (set(measures), 7))
        self.assertEqual(compare.parse(["b"]).workloads, ("W1", "W3", "mixed", "powershell"))

    def test_limit(self):
        code, text, _ = self.compare("--max-ratio", "1.02")
        self.assertEqual(code, 1)
        self.assertIn("above --max-ratio 1.02: W3\n", text)
        self.assertEqual(self.compare("--max-ratio", "1.06")[0], 0)

    def test_output_may_differ(self):
        code, text, _ = self.compare(different=3)
        self.assertEqual(code, 0)
        self.assertIn("the output differs in 3 of 22 runs, such as -o xml a.evtx", text)


if __name__ == "__main__":
    unittest.main()
