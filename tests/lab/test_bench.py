#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against a benchmark that lies: a difference that is not found before timing, a rival that is
missing in silence, a figure in the wrong column. Nothing is measured here."""
import pathlib
import stat
import sys
import tempfile
import unittest
from unittest import mock

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))
from bench import content, micro_table, plan, rivals, table

RESULTS = pathlib.Path(__file__).parent / "results.jsonl"

EVENT = """<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>\
<Provider Name="Reader &amp; Co" Guid="{54849625-5478-4994-a5ba-3e3b0328c30d}"/><EventID>4624</EventID>\
<TimeCreated SystemTime="2024-02-21T10:40:10.0129545Z"/><EventRecordID>%d</EventRecordID></System>\
<EventData><Data Name="Status">0xc0</Data><Data Name="Open">true</Data><Data Name="Text">a\tb</Data>\
</EventData></Event>\n"""
OURS = "".join(EVENT % number for number in (1, 2, 3)).encode()


class Versions(unittest.TestCase):
    def test_texts(self):
        for text, version in (("EVTX Parser 0.15.1\n", "0.15.1"), ("evtxexport 20181227\n\n", "20181227"),
                              ("evx 0.1.0\n", "0.1.0"), ("3.11\n", "3.11"), ("no number", None)):
            self.assertEqual(rivals.version_in(text), version)

    def test_installed_and_missing(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(rivals, "FOLDER", pathlib.Path(folder)), \
                mock.patch.dict("os.environ", PATH=folder):
            self.assertEqual({rival.version() for rival in rivals.RIVALS}, {None})
            program = pathlib.Path(folder) / "bin" / "evtx_dump"
            program.parent.mkdir()
            program.write_text("#!/bin/sh\necho EVTX Parser 9.8.7\n", encoding="utf-8")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            self.assertEqual(rivals.CargoEvtx().version(), "9.8.7")
            program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
            self.assertIsNone(rivals.CargoEvtx().version())

    def test_every_rival_has_its_own_name(self):
        names = [rival.name for rival in rivals.RIVALS]
        self.assertEqual(len(set(names)), len(names))


class Bytes(unittest.TestCase):
    def test_equal(self):
        self.assertIsNone(rivals.CargoEvtx().difference(OURS, OURS, "xml"))

    def test_every_byte_counts(self):
        block = rivals.BLOCK_BYTES
        long = b"x" * (2 * block) + b"\nend\n"
        for at in (0, block - 1, block, 2 * block + 1, len(long) - 1):
            theirs = bytearray(long)
            theirs[at] ^= 1
            self.assertIn(f"at byte {at} ", rivals.CargoEvtx().difference(long, bytes(theirs), "xml"))

    def test_length_counts(self):
        for theirs in (OURS[:-1], OURS + b"\n", b""):
            self.assertIsNotNone(rivals.CargoEvtx().difference(OURS, theirs, "xml"))


class Content(unittest.TestCase):
    def difference(self, rules, theirs, output_format="xml", limit=None):
        return content.difference(OURS, theirs.encode(), output_format, rules, limit)

    def check(self, rules, old, known, unknown):
        """A known way to write a value passes, anything else there does not."""
        theirs = OURS.decode()
        self.assertIn(old, theirs)
        self.assertIsNone(self.difference(rules, theirs.replace(old, known)))
        self.assertIsNotNone(self.difference(rules, theirs.replace(old, unknown)))

    def test_identifiers_are_compared_behind_the_limit(self):
        theirs = OURS.decode().replace("<EventRecordID>3", "<EventRecordID>4")
        self.assertIn("EventRecordID", self.difference(content.Rules(), theirs, limit=1))
        self.assertIn("3 records, but 2", self.difference(content.Rules(), EVENT % 1 + EVENT % 2, limit=1))

    def test_content_is_compared_up_to_the_limit(self):
        theirs = EVENT % 1 + EVENT % 2 + EVENT.replace("a\tb", "c") % 3
        self.assertIsNone(self.difference(content.Rules(), theirs, limit=2))
        self.assertIn("record 3: Data", self.difference(content.Rules(), theirs))

    def test_names_are_compared(self):
        theirs = OURS.decode().replace('Name="Open">true<', 'Name="Open"><')
        self.assertIsNotNone(self.difference(content.Rules(), theirs))

    def test_libevtx(self):
        self.check(content.Libevtx(), "10.0129545Z", "10.012954500Z", "10.012954600Z")
        self.check(content.Libevtx(), "0xc0", "0x000000c0", "0x000000c1")
        self.check(content.Libevtx(), "{54849625-5478-4994-a5ba-3e3b0328c30d}",
                   "{54849625-5478-4994-A5BA-3E3B0328C30D}", "{54849625-5478-4994-A5BA-3E3B0328C30E}")
        self.check(content.Libevtx(), "Reader &amp; Co", "Reader & Co", "Reader & Cd")

    def test_libevtx_attributes_with_markup(self):
        element = '  <Path value="%s" other="x"/>'
        broken, whole = element % 'a <b> "c" & d', element % "a &lt;b> &quot;c&quot; &amp; d"
        self.assertEqual(content.Libevtx().clean(broken), whole)

    def test_pypi_evtx(self):
        self.check(content.PyEvtx(), "10.0129545Z", "10.012954Z", "10.012953Z")
        self.check(content.PyEvtx(), "{54849625-5478-4994-a5ba-3e3b0328c30d}",
                   "54849625-5478-4994-A5BA-3E3B0328C30D", "54849625-5478-4994-A5BA-3E3B0328C30E")

    def test_python_evtx(self):
        self.check(content.PythonEvtx(), "2024-02-21T10:40:10.0129545Z", "2024-02-21 10:40:10.012955+00:00",
                   "2024-02-21 10:40:10.012959+00:00")
        self.check(content.PythonEvtx(), ">true<", ">True<", ">False<")

    def test_dissect(self):
        theirs = "\n".join(
            '{"Provider_Guid": "{25968454-7854-9449-A5BA-3E3B0328C30D}", "Provider_Name": "Reader & Co", '
            '"EventID": 4624, "TimeCreated_SystemTime": "2024-02-21 10:40:10.012955+00:00", "Status": "0xc0", '
            f'"EventRecordID": {number}, "Open": 1, "Text": "a\\tb", "Empty": null}}' for number in (1, 2, 3))
        self.assertIsNone(self.difference(content.Dissect(), theirs, "jsonl"))
        for old, new in (("25968454", "54849625"), ('"Open": 1', '"Open": 0'), ("a\\tb", "a b"),
                         ('"Status"', '"State"'), ("4624", "4625"), (".012955", ".013955")):
            self.assertIn(old, theirs)
            self.assertIsNotNone(self.difference(content.Dissect(), theirs.replace(old, new), "jsonl"), new)

    def test_json_keys_that_repeat(self):
        ours = b'{"EventRecordID":1,"Data":["a","b"]}\n'
        for theirs, is_equal in ((b'{"EventRecordID":1,"Data":"a","Data":"b"}', True),
                                 (b'{"EventRecordID":1,"Data":"b"}', False)):
            found = content.difference(ours, theirs, "jsonl", content.Rules())
            self.assertEqual(found is None, is_equal, found)


class Fake(rivals.Converter):
    def __init__(self, name, log_bytes_max=None, is_threaded=True):
        self.name, self.log_bytes_max, self.is_threaded = name, log_bytes_max, is_threaded


class Plan(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        path = pathlib.Path(self.folder.name) / "log.evtx"
        path.write_bytes(bytes(100))
        self.log = plan.Log("log", path)

    def test_who_takes_part(self):
        others = [Fake("any"), Fake("one thread", is_threaded=False), Fake("small", log_bytes_max=99)]
        selection = plan.Selection(("log",), ("xml",), (1, 2), ("null",))
        cases = {case.threads: [converter.name for converter in case.converters]
                 for case in plan.cases_of(self.log, selection, others)}
        self.assertEqual(cases, {1: ["evx", "any", "one thread"], 2: ["evx", "any"]})

    def test_smaller_logs_for_slow_ones_come_last(self):
        path = self.log.path
        selection = plan.Selection(("security", "mixed"), ("xml",), (1,), ("null",))
        with mock.patch.object(plan, "log", lambda name: plan.Log(name, path, name)), \
                mock.patch.object(plan, "small_log", lambda profile, size: plan.Log(f"{profile} {size}", path, profile)):
            path.write_bytes(bytes(100 << 10))
            cases = plan.cases([selection, selection], [Fake("small", log_bytes_max=64 << 10), Fake("any")])
        self.assertEqual([(case.log.name, [converter.name for converter in case.converters]) for case in cases],
                         [("security", ["evx", "any"]), ("mixed", ["evx", "any"]),
                          ("security 64K", ["evx", "small"]), ("mixed 64K", ["evx", "small"])])

    def test_slow_ones_do_not_hold_up_the_others(self):
        fast, slow = Fake("fast"), Fake("slow")
        case = plan.Case(self.log, "xml", 1, "null", (plan.OURS, fast, slow))
        costs = mock.Mock(run_seconds=lambda _, converter: {"evx": 0.01, "fast": 0.1, "slow": 5.0}[converter.name])
        first, second = plan.sessions(case, costs, plan.FULL)
        self.assertEqual([list(first.loops), list(second.loops)], [[plan.OURS, fast], [plan.OURS, slow]])
        self.assertEqual((first.loops[plan.OURS], second.loops[slow]), (2, 1))
        self.assertEqual(first.rounds, plan.FULL.most_rounds)
        self.assertEqual(second.rounds, plan.FULL.slow_rounds)

    def test_folder_is_one_call_of_ours_and_many_of_others(self):
        folder = pathlib.Path(self.folder.name)
        log = plan.Log("folder", folder)
        ours = log.command(plan.OURS, "jsonl", 2)
        self.assertEqual(ours[1:], ["dump", "-t", "2", "-o", "jsonl", str(folder)])
        self.assertEqual(log.command(plan.OURS_PER_LOG, "jsonl", 2)[3:], ["sh", str(folder / "log.evtx")])


class Table(unittest.TestCase):
    def setUp(self):
        self.results = table.read(RESULTS)

    def test_text(self):
        lines = table.text(self.results).splitlines()
        self.assertEqual(lines[0].split(), "log format threads sink converter median ms min ms times ours MB/s "
                                           "ns/record instr/record peak MB rounds".split())
        self.assertEqual(lines[1].split(),
                         "security jsonl 1 null evx 28.8 28.3 1 1165 554 4423 2.32 40".split())
        self.assertEqual(lines[2].split(), "cargo-evtx 78.7 77.4 2.73 [2.70, 2.76] 426 1515 14259 5.33 40".split())
        self.assertEqual(lines[3].split(), "security xml 1 null evx 26.5 25.9 1 1266 510 - 2.43 7".split())
        self.assertEqual(lines[4], "")

    def test_notes(self):
        notes = table.notes(self.results)
        self.assertIn("missing: python-evtx (PyPI package python-evtx); ./dev rivals installs it", notes)
        self.assertIn("versions: evx 0.1.0, cargo-evtx 0.15.1, evtxexport 20181227", notes)
        self.assertIn("not timed: evtxexport, security xml 1 null: record 7: Data is 'a', but 'b' there", notes)
        self.assertIn("equal output: cargo-evtx, every byte, in 1 of 1 cases", notes)
        self.assertIn("not reached in time: mixed, xml, 1 thread, null", notes)
        self.assertTrue(any("commit 0123456789ab" in note and "2 cores" in note for note in notes))

    def test_markdown(self):
        lines = table.markdown(self.results).splitlines()
        rows = [line for line in lines if line.startswith("|")]
        self.assertEqual(len(rows), 2 + 3)
        self.assertEqual({line.count("|") for line in rows}, {len(table.COLUMNS) + 1})
        self.assertIn("| cargo-evtx | 78.7 | 77.4 | 2.73 [2.70, 2.76] |", rows[3])

    def test_digits(self):
        for value, text in ((7327.4, "7327"), (28.84, "28.8"), (2.734, "2.73"), (0.0456, "0.046")):
            self.assertEqual(table.three_digits(value), text)


class Micro(unittest.TestCase):
    UNTIL = {"start": 1e6, "read": 2e6, "walk": 3e6, "decode": 5e6, "run": 25e6, "convert": 26e6, "whole": 30e6}

    def test_parts_add_up_to_the_whole(self):
        parts = micro_table.parts(self.UNTIL)
        self.assertEqual(list(parts), list(micro_table.PARTS))
        self.assertEqual(sum(parts.values()), self.UNTIL["whole"])
        self.assertEqual((parts["read"], parts["run"], parts["rest"]), (2e6, 20e6, 3e6))
        self.assertAlmostEqual(micro_table.explained(self.UNTIL), 0.9)

    def test_steps_are_those_of_the_program(self):
        source = (REPOSITORY / "bench" / "micro" / "stages.c").read_text(encoding="utf-8")
        self.assertIn("{%s};" % ", ".join(f'"{step}"' for step in micro_table.STEPS), source)

    def test_text(self):
        results = [{"machine": {}},
                   {"log": "security", "format": "jsonl", "records": 1000, "ns": self.UNTIL,
                    "instructions_per_record": {name: value / 1e4 for name, value in self.UNTIL.items()}},
                   {"kernel": "put", "text": "ascii", "units": 1, "median_ns": 3.14, "minimum_ns": 3.0},
                   {"kernel": "put", "text": "latin", "units": 1, "median_ns": 4.0, "minimum_ns": 4.0},
                   {"kernel": "crc", "text": "", "units": 0, "median_ns": 20.0, "minimum_ns": 20.0}]
        text = micro_table.text(results)
        self.assertIn("explained: 90.0% of the time and 90.0% of the instructions\n", text)
        self.assertRegex(text, r"\nrun +20\.00 +66\.7% +20000\.0 +2000 +programs")
        self.assertRegex(text, r"units +ascii +latin\n +1 +3\.1 +4\.0\n")
        self.assertRegex(text, r"\ncrc +20\.0\n")


if __name__ == "__main__":
    unittest.main()
