#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against `evx query` that says too little: what is odd in a query, what Windows would refuse, names that
no log has, regular expressions that were given up; and against times that are read in another zone, or count
from another "now", than was asked for. Makes its own logs.

EVX: the program.
"""
import collections
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
from xml.etree import ElementTree

EVX = os.environ["EVX"]
HAS_ZONES = pathlib.Path("/usr/share/zoneinfo/Europe/Berlin").exists()


def run(*arguments, **environment):
    return subprocess.run([EVX, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          text=True, env={**os.environ, **environment})


class Query(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.log = pathlib.Path(cls.folder.name) / "security.evtx"
        run("gen", "--profile", "security", "--size", "256K", "-f", cls.log)
        table = run("query", "-F", "RecordID,TimeCreated,Written,SubjectUserSid,TargetUserSid", "*", cls.log).stdout
        cls.rows = list(csv.DictReader(io.StringIO(table)))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def count(self, *arguments, **environment):
        result = run("query", "-c", *arguments, self.log, **environment)
        self.assertEqual(result.stderr.replace("Note: No template has: ", ""), "", arguments)
        return int(result.stdout.split("\t")[0])

    def refused(self, message, *arguments):
        result = run("query", "-c", *arguments, self.log)
        self.assertIn(message, result.stderr)
        self.assertEqual((result.stdout, result.returncode), ("", 2))

    # -------------------------------------------------------------------------------------------------- what is said

    def test_warnings(self):
        always = run("query", "-c", "*[System[EventID!=1 or EventID!=2]]", self.log)
        self.assertIn("warning: every record that has the field passes", always.stderr)
        self.assertEqual(int(always.stdout.split("\t")[0]), len(self.rows))
        never = run("query", "-c", "*[System[EventID=4624 and EventID=4634]]", self.log)
        self.assertIn("warning: no record passes", never.stderr)
        for fine in ("*[System[EventID=4624 or EventID=4634]]", "*[System[EventID!=1 and EventID!=2]]",
                     "*[EventData[Data='a' and Data='b']]", "*[System[EventID=1 or Level!=2]]"):
            self.assertNotIn("warning", run("query", "-c", fine, self.log).stderr, fine)
        suppress = ("<QueryList><Query><Select Path='Security'>*</Select><Suppress Path='System'>*</Suppress>"
                    "</Query></QueryList>")
        result = run("query", "-c", suppress, self.log)
        self.assertIn("warning: query: this takes nothing away", result.stderr)
        self.assertIn("^", result.stderr)
        self.assertEqual(result.returncode, 0)

    def test_names_that_no_template_has(self):
        result = run("query", "-c", "*[system[EventID=4624]]", self.log)
        self.assertIn("Note: No template has: system", result.stderr)
        result = run("query", "-c", "-d", "TargetUserNam=x", self.log)
        self.assertEqual(result.stderr, "Note: No template has: TargetUserNam\n")
        self.assertEqual(run("query", "-c", "-d", "TargetUserName=nobody at all", self.log).stderr, "")

    def test_explain(self):
        text = run("query", "--explain", "*[System[EventID=4624] and EventData[Data[@Name='Nobody']='x']]", self.log)
        self.assertEqual(text.returncode, 1)
        self.assertIn("Asked: *[(System[EventID = 4624] and EventData[Data[@Name = 'Nobody'] = 'x'])]", text.stdout)
        self.assertIn("No template has: Nobody", text.stdout)
        self.assertRegex(text.stdout, r"value \d+ System/EventID = 4624\?")
        self.assertRegex(text.stdout, r"EventData: a record is meant: no")
        self.assertNotIn("Windows", text.stdout)
        text = run("query", "--explain", "*[EventData[Data[@Name='LogonType']=3]]", self.log).stdout
        self.assertRegex(text, r"value \d+ Data\[@Name='LogonType'\] = 3\?")
        for query, limit in (("*[System[" + " or ".join(f"EventID={i}" for i in range(24)) + "]]", "24 operands"),
                             ("*" + "[*" * 22 + "]" * 22, "22 predicates")):
            self.assertIn("Windows would refuse it: " + limit, run("query", "--explain", query, self.log).stdout)
        every = run("query", "--explain", "--id", "1,4-6", "-e", "a.c", "--written-from", "2020-01-01", "-d",
                    "A|fieldref|contains=B", "-d", "T|hour=3", "*[System[band(Keywords,7)]]", self.log)
        self.assertEqual(every.stderr.count("Error"), 1)  # the query cannot stand behind conditions
        every = run("query", "--explain", "--id", "1,4-6", "-e", "a.c", "--written-from", "2020-01-01", "-d",
                    "A|fieldref|contains=B", "-d", "T|hour=3", "-q", "*[System[band(Keywords,7)]]", self.log).stdout
        for part in ("{1, 4-6}", "any value matches 'a.c'", "written >= 2020-01-01T00:00:00.0000000Z",
                     "contains the value of", "(its hour) = 3", "band(Keywords, 0x7)"):
            self.assertIn(part, every)

    def test_regular_expression_that_runs_away(self):
        plain = run("query", "-c", "-e", "^S-1-5-18$", self.log)
        self.assertEqual(plain.stderr, "")
        result = run("query", "-o", "json", "--events", "1-10", "-e", r"^(([a-zA-Z0-9\\.\-:{}% ]+)+)+!$|^4624$", self.log)
        if "this build has no regular expressions" in result.stderr:
            self.skipTest("built without PCRE2")
        notes = re.findall(r"^Note: record number (\d+) of chunk 0 has a value on which a regular", result.stderr, re.M)
        self.assertGreater(len(notes), 0)
        self.assertEqual(len(notes), len(set(notes)))
        self.assertLessEqual(set(map(int, notes)), set(range(1, 11)))

    # --------------------------------------------------------------------------------------------------------- times

    def test_now_is_the_end(self):
        last = max(row["TimeCreated"] for row in self.rows)
        for span in ("10s", "1m", "5m"):
            self.assertEqual(self.count("--last", span, "--now", "end"), self.count("--last", span, "--now", last))
        self.assertGreater(self.count("--last", "1m", "--now", "end"), 0)
        with open(self.log, "rb") as stream:
            piped = subprocess.run(f"cat | {EVX} query -c --last 1m --now end -", shell=True, stdin=stream,
                                   stderr=subprocess.PIPE, check=False, text=True)
        self.assertIn("--now end needs files", piped.stderr)
        stats = run("stats", "-o", "jsonl", "--by", "Channel", "--last", "1m", "--now", "end", self.log).stdout
        self.assertEqual(json.loads(stats)["Count"], self.count("--last", "1m", "--now", "end"))

    @unittest.skipUnless(HAS_ZONES, "the system has no table of zones")
    def test_zones_by_name(self):
        middle = sorted(row["TimeCreated"] for row in self.rows)[len(self.rows) // 2]
        expected = self.count("--from", middle)
        day, hour, rest = middle[:10], int(middle[11:13]), middle[13:27]
        self.assertTrue(1 < hour < 22)
        local = f"{day}T{hour + 1:02}{rest}"  # winter
        self.assertEqual(self.count("--from", local, "--tz", "Europe/Berlin"), expected)
        self.assertEqual(self.count("--from", local, "--tz", "local", TZ="Europe/Berlin"), expected)
        self.assertEqual(self.count("--from", middle, "--tz", "Europe/Berlin"), expected)  # it has a zone
        explained = run("query", "--explain", "--tz", "Europe/Berlin", "--from", "2024-07-01", "--to", "2024-01-31",
                        self.log).stdout
        self.assertIn("2024-06-30T22:00:00", explained)  # summer
        self.assertIn("2024-01-31T22:59:59.9999999", explained)
        for name in ("Europe/Nowhere", "../zoneinfo/UTC", "/etc/passwd", ""):
            self.refused("--tz", "--from", "2024-01-01", "--tz", name)

    def test_times_of_headers(self):
        middle = sorted(row["Written"] for row in self.rows)[len(self.rows) // 2]
        first = sum(row["Written"] <= middle for row in self.rows)
        self.assertEqual(self.count("--written-to", middle), first)
        self.assertEqual(self.count("--written-from", middle), sum(row["Written"] >= middle for row in self.rows))
        self.assertEqual(self.count("--written-from", "@4000000000"), 0)

    # -------------------------------------------------------------------------------------------------------- fields

    def test_values_of_other_fields(self):
        both = [row for row in self.rows if row["SubjectUserSid"] and row["TargetUserSid"]]
        same = sum(row["SubjectUserSid"].upper() == row["TargetUserSid"].upper() for row in both)
        self.assertEqual(self.count("-d", "SubjectUserSid|fieldref=TargetUserSid"), same)
        self.assertEqual(self.count("-d", "SubjectUserSid|fieldref=SubjectUserSid", "-d", "TargetUserSid"), len(both))
        self.assertEqual(self.count("-d", "SubjectUserSid|fieldref|neq=TargetUserSid"), len(self.rows) - same)
        starts = sum(row["SubjectUserSid"].startswith(row["TargetUserSid"]) for row in both)
        self.assertEqual(self.count("-d", "SubjectUserSid|startswith|fieldref=TargetUserSid"), starts)
        self.refused("modifiers that go together", "-d", "A|re|fieldref=B")

    def test_source_in_records(self):
        """What is added can be taken away again, and nothing else has changed."""
        odd = pathlib.Path(self.folder.name) / 'a <b> & "c" \\ \u00fc\t.evtx'
        odd.write_bytes(self.log.read_bytes())
        name = str(odd)
        for options in (["-o", "jsonl"], ["-o", "json"], ["-o", "jsonl", "--separate-json-attributes"]):
            plain = run("dump", "-t", "1", "--dont-show-record-number", *options, odd).stdout
            added = run("dump", "-t", "1", "--dont-show-record-number", "--add-source", *options, odd).stdout
            member = '"SourceFile":' + json.dumps(name, ensure_ascii=False) + ","
            self.assertEqual(added.count(member), len(self.rows))
            self.assertEqual(added.replace(member, ""), plain)
            if "jsonl" in options:
                self.assertEqual({json.loads(line)["SourceFile"] for line in added.splitlines()}, {name})
        array = json.loads(run("query", "-o", "json-array", "--add-source", "*", odd).stdout)
        self.assertEqual([record["SourceFile"] for record in array], [name] * len(self.rows))
        document = run("query", "-o", "xml-document", "--add-source", "*", odd).stdout
        sources = [event.get("SourceFile") for event in ElementTree.fromstring(document)]
        self.assertEqual(sources, [name] * len(self.rows))
        attribute = re.compile(' SourceFile="[^"]*"')
        for options in (["-o", "xml"], ["-o", "xml", "--no-indent"]):
            added = run("dump", "--add-source", *options, odd).stdout
            self.assertEqual(attribute.sub("", added), run("dump", *options, odd).stdout)
            self.assertEqual(len(attribute.findall(added)), len(self.rows))

    def test_counts_by_file(self):
        other = pathlib.Path(self.folder.name) / "other.evtx"
        run("gen", "--profile", "system", "--size", "128K", "-f", other)
        rows = [json.loads(line) for line in
                run("stats", "-o", "jsonl", "--by", "SourceFile,Recovered", self.log, other).stdout.splitlines()]
        self.assertEqual({row["SourceFile"]: row["Count"] for row in rows},
                         {str(self.log): len(self.rows), str(other): int(run("query", "-c", "*", other).stdout
                                                                         .split("\t")[0])})
        self.assertEqual({row["Recovered"] for row in rows}, {"false"})
        for field in ("RecordID", "Chunk", "Offset", "Written"):
            table = run("query", "-F", field, "*", self.log).stdout.splitlines()[1:]
            counted = [json.loads(line) for line in
                       run("stats", "-o", "jsonl", "--by", field, self.log).stdout.splitlines()]
            self.assertEqual({row[field]: row["Count"] for row in counted}, dict(collections.Counter(table)), field)

    def test_placeholders(self):
        self.assertEqual(self.count("-d", "LogonType|expand=3"), self.count("-d", "LogonType=3"))
        self.refused("expected a value without placeholders", "-d", "LogonType|expand=%types%")


if __name__ == "__main__":
    unittest.main()
