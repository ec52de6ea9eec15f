#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against wrong attribution: what each recorder's output says, in tables and files made of it.

The recorders' outputs are canned and small enough to be summed by hand.
"""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from perf import firefox, flamegraph, profiles, recorders  # noqa: E402
from perf.stacks import Frame, Profile, Sample, deltas, name, sums  # noqa: E402

COMMAND = ["/x/dump", "log"]
# A sample of the shell, one of another thread, two of the main thread, a truncated one.
PERF_SCRIPT = """sh 10/10 1.000000: 1000000
\t  10 main (/bin/sh)

dump 11/12 1.001000: 1000000
\t  100 leaf (/x/dump)

dump 11/11 1.001000: 1000000
\t  100 leaf.part.0 (/x/dump)
\t  201 run (/x/dump)
\t   50 main (/x/dump)

dump 11/11 1.002000: 1500000
\tffffffff81b6ab30 copy ([kernel.kallsyms])
\t   30 pread (/usr/lib/libc.so.6)
\t  201 run (/x/dump)
\t   50 main (/x/dump)

dump 11/11 1.003000: 1000000
\t  100 leaf (/x/dump)
\tffffffffffffffff [unknown] ([unknown])
"""
CALLGRIND = """version: 1
positions: line
events: Ir
ob=(1) /x/dump
fl=(1) a.c
fn=(1) main
1 5
cob=(2) /usr/lib/libc.so.6
cfn=(2) memcpy'main
calls=2 0
1 70
cob=(1)
cfn=(3) run.isra.0'main
calls=1 0
+2 30

fn=(3)
2 10
cfn=(4) run.isra.0'2'run.isra.0'main
calls=1 0
2 20

fn=(4)
* 20
ob=(2)
fn=(2)
0 70
"""


def table(columns, **more):
    return {"length": len(next(iter(columns.values()))), **columns, **more}


def samply_document():
    """dump's main thread with three frames: main, run and an address in libc; samply's own thread beside."""
    thread = {
        "name": "dump", "processName": "dump", "isMainThread": True,
        "stringArray": ["0x50", "0x200", "0x30", "dump", "libc.so.6"],
        "funcTable": table({"name": [0, 1, 2], "resource": [0, 0, 1]}),
        "resourceTable": table({"lib": [0, 1], "name": [3, 4]}),
        "frameTable": table({"func": [0, 1, 2], "address": [0x50, 0x200, 0x30]}),
        "stackTable": table({"prefix": [None, 0, 1], "frame": [0, 1, 2]}),
        "samples": table({"stack": [1, 2, 2, None], "time": [1.0, 2.0, 3.0, 4.0], "weight": [1, 1, 1, 1],
                          "threadCPUDelta": [0, 900, 1100, 5]}),
    }
    other = {**thread, "processName": "samply"}
    libraries = [{"name": "dump", "path": "/x/dump", "debugName": "dump", "breakpadId": "AB" * 16 + "0"},
                 {"name": "libc.so.6", "path": "/l/libc.so.6", "debugName": "libc", "breakpadId": "CD" * 16 + "0"}]
    symbols = {"string_table": ["UNKNOWN", "main", "run.part.1", "pread", "stray"], "data": [
        {"debug_name": "dump", "debug_id": "-".join(["ab" * 8, "ab" * 8]), "known_addresses": [[0x50, 0], [0x200, 1]],
         "symbol_table": [{"rva": 0x40, "symbol": 1},
                          {"rva": 0x200, "symbol": 2, "frames": [{"function": 4}, {"function": 2}]}]},
        {"debug_name": "libc", "debug_id": "cd" * 16, "known_addresses": [[0x30, 0]],
         "symbol_table": [{"rva": 0x20, "symbol": 3}]}]}
    return {"meta": {"interval": 1.0}, "libs": libraries, "threads": [other, thread]}, symbols


def stacks(profile):
    return [("/".join(frame.function for frame in sample.stack), sample.cpu_us, sample.weight)
            for sample in profile.samples]


def nothing_inlined(_locations):
    return {}


class Recorders(unittest.TestCase):
    def test_perf(self):
        profile = recorders.read_perf(PERF_SCRIPT, COMMAND, 2, nothing_inlined)
        self.assertEqual(stacks(profile), [("main/run/leaf", 1000, 1), ("main/run/pread/copy", 1500, 1),
                                           ("leaf", 1000, 1)])
        self.assertEqual([frame.module for frame in profile.samples[1].stack],
                         ["dump", "dump", "libc.so.6", "kernel"])

    def test_inlined_functions_come_from_the_call_not_from_the_address_behind_it(self):
        asked = set()

        def inlined(locations):
            asked.update(locations)
            return {("/x/dump", 0x200): ["run", "walk", "step"], ("/x/dump", 0x100): ["leaf", "load"]}

        profile = recorders.read_perf(PERF_SCRIPT, COMMAND, 2, inlined)
        self.assertIn(("/x/dump", 0x100), asked)
        self.assertIn(("/x/dump", 0x4f), asked)
        self.assertEqual(stacks(profile)[0][0], "main/run/walk/step/leaf/load")

    def test_addr2line(self):
        answer = "0x0000000000000010\ninner\na.c:1\nouter\na.c:9\n0x0000000000000020\n??\n??:0\n"
        with _replaced(recorders, "_run", lambda command, *_: ".debug_info" if "readelf" in command[0] else answer), \
                _replaced(recorders.shutil, "which", lambda _: "there"):
            found = recorders.inlined({(__file__, 0x10), (__file__, 0x20)})
        self.assertEqual(found, {(__file__, 0x10): ["outer", "inner"]})

    def test_callgrind(self):
        profile = recorders.read_callgrind(CALLGRIND, COMMAND)
        self.assertEqual(stacks(profile), [("main", 0, 5), ("main/run", 0, 10), ("main/run/run", 0, 20),
                                           ("main/memcpy", 0, 70)])
        self.assertEqual(profile.samples[-1].stack[-1].module, "libc.so.6")
        self.assertEqual(profile.unit("cpu"), "instructions")

    def test_samply(self):
        profile = firefox.read_samply(*samply_document(), COMMAND, 1, nothing_inlined)
        self.assertEqual(stacks(profile), [("main/run", 0, 1), ("main/run/pread", 900, 1),
                                           ("main/run/pread", 1100, 1)])
        profile = firefox.read_samply(*samply_document(), COMMAND, 1,
                                      lambda _: {("/x/dump", 0x200): ["run", "walk"]})
        self.assertEqual(stacks(profile)[0][0], "main/run/walk")

    def test_the_first_recorder_that_works(self):
        def refused(*_):
            raise recorders.RecorderFailed("samply: no permission")

        said = []
        kept = Profile("perf", COMMAND, 3, 1.0, [Sample((Frame("main", "dump"),), 1.0, 1000, 1)])
        empty = Profile("samply", COMMAND, 3, 1.0)
        for first in (refused, lambda *_: empty):
            with _replaced(recorders, "RECORDERS", {"samply": first, "perf": lambda *_: kept}), \
                    _replaced(recorders.shutil, "which", lambda _: "there"):
                self.assertIs(recorders.record(COMMAND, 3, say=said.append), kept)
                with self.assertRaises(recorders.RecorderFailed):
                    recorders.record(COMMAND, 3, "samply", said.append)
        self.assertIn("samply: no permission", said)
        with _replaced(recorders.shutil, "which", lambda name: name == "perf"), \
                _replaced(recorders, "RECORDERS", {"samply": refused, "perf": lambda *_: kept}):
            self.assertIs(recorders.record(COMMAND, 3, say=said.append), kept)
        self.assertIn("no samply here", said)

    def test_names_of_copies(self):
        for written, meant in (("work.lto_priv.0", "work"), ("run.part.0.constprop.0.isra.1", "run"),
                               ("cold.cold", "cold"), ("evtx::run::h0123456789abcdef", "evtx::run"),
                               ("memcpy@@GLIBC_2.14", "memcpy@@GLIBC_2.14")):
            self.assertEqual(name(written, "m").function, meant)


class Sums(unittest.TestCase):
    def setUp(self):
        frames = {letter: Frame(letter, "dump") for letter in "abc"}
        self.profile = Profile("perf", COMMAND, 2, 1.0, [
            Sample(tuple(frames[letter] for letter in path), time, cpu, 1)
            for path, time, cpu in (("ab", 1.0, 1000), ("abb", 2.0, 3000), ("ac", 3.5, 4000), ("a", 90.0, 2000))])

    def rows(self, rows):
        return [(row.function, row.value) for row in rows]

    def test_cpu(self):
        summed = sums(self.profile)
        self.assertEqual(summed.total, 5.0)
        self.assertEqual(self.rows(summed.leaves), [("b", 2.0), ("c", 2.0), ("a", 1.0)])
        self.assertEqual(self.rows(summed.inclusive), [("a", 5.0), ("b", 2.0), ("c", 2.0)])
        self.assertEqual(self.rows(summed.callers[Frame("b", "dump")]), [("a", 2.0)])
        self.assertEqual(self.rows(summed.callers[Frame("a", "dump")]), [("(none)", 1.0)])
        self.assertAlmostEqual(summed.leaves[0].share, 0.4)

    def test_samples_and_wall(self):
        self.assertEqual(self.rows(sums(self.profile, "samples").leaves), [("b", 1.0), ("a", 0.5), ("c", 0.5)])
        self.assertEqual(self.rows(sums(self.profile, "wall").leaves), [("a", 1.0), ("b", 1.0), ("c", 0.75)])

    def test_unknown(self):
        self.profile.samples.append(Sample((Frame("[unknown]", "dump"),), 91.0, 10000, 1))
        self.assertAlmostEqual(sums(self.profile).unknown_share, 0.5)

    def test_deltas(self):
        after = Profile("perf", COMMAND, 1, 1.0, [Sample((Frame("b", "dump"),), 1.0, 500, 1),
                                                  Sample((Frame("d", "dump"),), 2.0, 250, 1)])
        self.assertEqual([(row.function, row.delta) for row in deltas(sums(self.profile), sums(after))],
                         [("c", -2.0), ("b", -1.5), ("a", -1.0), ("d", 0.25)])


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.profile = recorders.read_perf(PERF_SCRIPT, COMMAND, 2, nothing_inlined)
        firefox.write(self.profile, profiles.profile_path(self.folder, "x"))

    def test_a_profile_survives_its_file(self):
        self.assertEqual(firefox.read(profiles.profile_path(self.folder, "x")), self.profile)

    def test_every_column_of_the_file_has_its_length(self):
        document = firefox.load(profiles.profile_path(self.folder, "x"))
        thread = document["threads"][0]
        for key in ("samples", "stackTable", "frameTable", "funcTable", "resourceTable", "nativeSymbols", "markers"):
            for column, values in thread[key].items():
                if isinstance(values, list):
                    self.assertEqual(len(values), thread[key]["length"], f"{key}.{column}")
        self.assertTrue(all(prefix is None or prefix < at
                            for at, prefix in enumerate(thread["stackTable"]["prefix"])))
        self.assertEqual(len(document["libs"]), 3)

    def test_tables(self):
        self.assertEqual(self.main("tables", "--label", "x", "--out", str(self.folder)), 0)
        leaves = (self.folder / "top_leaves_x.md").read_text(encoding="utf-8")
        self.assertIn("| 1 | 1.000 | 57.14 | `leaf` | dump |", leaves)
        self.assertIn("| 2 | 0.750 | 42.86 | `copy` | kernel |", leaves)
        inclusive = json.loads((self.folder / "top_inclusive_x.json").read_text(encoding="utf-8"))
        self.assertEqual({row["function"]: row["value"] for row in inclusive["rows"]},
                         {"main": 1.25, "run": 1.25, "leaf": 1.0, "copy": 0.75, "pread": 0.75})
        callers = json.loads((self.folder / "leaf_callers_x.json").read_text(encoding="utf-8"))
        self.assertEqual([row["function"] for row in callers["rows"][0]["callers"]], ["(none)", "run"])
        self.main("tables", "--label", "x", "--out", str(self.folder), "--top", "1", "--weight", "samples")
        leaves = (self.folder / "top_leaves_x.md").read_text(encoding="utf-8")
        self.assertIn("| 1 | 1.000 | 66.67 | `leaf` | dump |", leaves)
        self.assertNotIn("`copy`", leaves)

    def test_flame_graph(self):
        root = flamegraph.tree([((Frame("main", "dump"), Frame("<a&b>", "dump")), 3.0),
                                ((Frame("main", "dump"), Frame("c", "kernel")), 1.0)])
        svg = ElementTree.fromstring(flamegraph.render(root, "t<", "n", "dump", "ms"))
        boxes = {title.text.split(" (")[0]: rectangle.attrib for title, rectangle in
                 ((group[0], group[1]) for group in svg.iter("{http://www.w3.org/2000/svg}g"))}
        widths = {function: float(box["width"]) for function, box in boxes.items()}
        self.assertAlmostEqual(widths["<a&b>"], 3 * widths["c"], delta=0.02)
        self.assertAlmostEqual(widths["main"], widths["<a&b>"] + widths["c"], delta=0.02)
        self.assertLess(float(boxes["c"]["y"]), float(boxes["main"]["y"]))

    def test_diff(self):
        firefox.write(self.profile, profiles.profile_path(self.folder, "y"))
        self.assertEqual(self.main("diff", "--out", str(self.folder), "x", "y"), 0)
        rows = json.loads((self.folder / "top_leaves_x_vs_y.json").read_text(encoding="utf-8"))["rows"]
        self.assertEqual({row["delta"] for row in rows}, {0.0})
        firefox.write(recorders.read_callgrind(CALLGRIND, COMMAND), profiles.profile_path(self.folder, "z"))
        self.assertEqual(self.main("diff", "--out", str(self.folder), "x", "z"), 1)

    def test_diff_of_two_programs(self):
        """Both have the function, whatever their files are called."""
        for label, value in (("old", 3), ("new", 5)):
            stack = (Frame("leaf", label), Frame("copy", "libc.so.6"))
            profile = Profile("callgrind", [f"/x/{label}"], 1, 1.0, [Sample(stack[:1], 0, 0, value), Sample(stack, 0, 0, 2)])
            firefox.write(profile, profiles.profile_path(self.folder, label))
        self.assertEqual(self.main("diff", "--out", str(self.folder), "old", "new"), 0)
        rows = json.loads((self.folder / "top_leaves_old_vs_new.json").read_text(encoding="utf-8"))["rows"]
        self.assertEqual([(row["function"], row["module"], row["delta"]) for row in rows],
                         [("leaf", "program", 2.0), ("copy", "libc.so.6", 0.0)])

    @staticmethod
    def main(*arguments):
        with contextlib.redirect_stderr(io.StringIO()):
            return profiles.main(list(arguments))


@contextlib.contextmanager
def _replaced(owner, attribute, value):
    kept = getattr(owner, attribute)
    setattr(owner, attribute, value)
    try:
        yield
    finally:
        setattr(owner, attribute, kept)


if __name__ == "__main__":
    unittest.main()
