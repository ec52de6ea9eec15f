#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against examples that a change of the library left behind: each must give what evx gives, tell of
damage, and refuse what is no log.  usage: test_examples.py EVX TO_JSON_LINES WALK_RECORDS FAILED_LOGONS
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

EVX, TO_JSON_LINES, WALK_RECORDS, FAILED_LOGONS = sys.argv[1:5]


def run(*arguments):
    return subprocess.run(list(map(str, arguments)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          text=True)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.log = pathlib.Path(cls.folder.name) / "security.evtx"
        cls.damaged = pathlib.Path(cls.folder.name) / "damaged.evtx"
        for log, more in ((cls.log, ()), (cls.damaged, ("--damage", "bad-token"))):
            subprocess.run([EVX, "gen", "--profile", "security", "--size", "1M", "--seed", "3", *more, "-f", log],
                           check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_lines_are_those_of_the_program(self):
        for log in (self.log, self.damaged):
            ours = run(TO_JSON_LINES, log)
            self.assertEqual(ours.stdout, run(EVX, "dump", "-o", "jsonl", log).stdout)
            self.assertEqual(ours.returncode, 0)
            self.assertEqual("EVX_DAMAGE_" in ours.stderr, log == self.damaged)

    def test_every_record_is_listed_and_one_is_shown(self):
        listed = run(WALK_RECORDS, self.log)
        dumped = run(EVX, "dump", "-F", "RecordID,Chunk,Offset", "-o", "tsv", self.log).stdout.splitlines()[1:]
        own = [[word.split()[-1] for word in line.split("\t")] for line in listed.stdout.splitlines()]
        self.assertEqual([[record, chunk, at] for record, _, chunk, at, _ in own],
                         [line.split("\t") for line in dumped])
        self.assertEqual(listed.returncode, 0)
        self.assertEqual(run(WALK_RECORDS, self.log, "5").stdout,
                         run(EVX, "dump", "-o", "xml", "--events", "5", self.log).stdout)
        self.assertNotEqual(run(WALK_RECORDS, self.damaged).stdout, "")

    def test_the_table_is_that_of_the_program(self):
        table = run(FAILED_LOGONS, self.log)
        fields = "TimeCreated,Account=TargetUserName,Address=IpAddress,LogonType,SubStatus"
        self.assertEqual(table.stdout, run(EVX, "query", "--any-channel", "--id", "4625", "-F", fields, "-o", "csv",
                                           self.log).stdout)
        self.assertGreater(len(table.stdout.splitlines()), 1)
        self.assertEqual(table.returncode, 0)

    def test_what_is_no_log_is_refused(self):
        for program in (TO_JSON_LINES, WALK_RECORDS, FAILED_LOGONS):
            for path in ("/no/such/log", __file__):
                result = run(program, path)
                self.assertEqual((result.returncode, result.stdout), (1, ""), program)
                self.assertIn(path, result.stderr)
            self.assertEqual(run(program).returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
