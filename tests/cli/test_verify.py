#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards `evx verify` and `evx dump --ledger`: verdicts, exit codes and which of several counts, both formats, and
that the lines of a ledger are the whole file; and what commands do about damage when they are told to. Makes its own
logs.

EVX: the program. EVX_CLI_DOCS: where the man pages are.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

EVX = os.environ["EVX"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
DAMAGES = {"hidden-record": 3, "bad-checksums": 4, "truncated": 3, "bad-token": 3, "zeroed-slot": 4, "stale-header": 0,
           "slack-records": 0, "wrapped": 0, "garbage-slot": 3, "torn-page": 3}


def run(*arguments, **options):
    return subprocess.run([EVX, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          text=True, **options)


class Logs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.logs = {}
        for name in (None, *DAMAGES):
            log = cls.folder / f"{name}.evtx"
            damage = ("--damage", name) if name else ()
            made = run("gen", "--size", "260K", *damage, "-f", log)
            assert made.returncode == 0, made.stderr
            cls.logs[name] = log
        cls.no_log = cls.folder / "no.log"
        cls.no_log.write_bytes(b"NotEvtx\0" + bytes(5000))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()


class Verify(Logs):
    def verify(self, *logs, code):
        result = run("verify", "-o", "json", *logs)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def test_verdicts(self):
        self.assertEqual(self.verify(self.logs[None], code=0)[0]["verdict"], "intact")
        for name, code in DAMAGES.items():
            with self.subTest(name):
                [log] = self.verify(self.logs[name], code=code)
                self.assertEqual(log["exit_code"], code)
                self.assertEqual(log["size"], self.logs[name].stat().st_size)
                self.assertEqual(sum(log["bytes"].values()), log["size"])

    def test_worst(self):
        intact, damaged, lost = self.logs[None], self.logs["bad-checksums"], self.logs["hidden-record"]
        self.verify(intact, damaged, code=4)
        self.verify(lost, damaged, intact, code=3)
        self.verify(lost, self.no_log, intact, code=5)
        logs = self.verify(self.no_log, self.folder / "none.evtx", lost, code=1)
        self.assertEqual([log["verdict"] for log in logs], ["not an event log", "cannot be read", "records lost"])
        self.verify(self.folder, code=3)
        self.assertEqual(run("verify").returncode, 2)
        self.assertEqual(run("verify", "-o", "xml", intact).returncode, 2)

    def test_text(self):
        result = run("verify", self.logs["hidden-record"])
        first, *lines = result.stdout.splitlines()
        self.assertRegex(first, r"hidden-record.evtx: records lost, \d+ records, 266240 bytes$")
        self.assertRegex(lines[0], r"^  loss: chunk \d+, record \d+, offset \d+: .* \[hidden-record\]$")
        self.assertIn("[record-tail]", result.stdout)
        self.assertRegex(run("verify", self.logs[None]).stdout, r"^.*None.evtx: intact, \d+ records, 266240 bytes\n")

    def test_threads_and_pipe(self):
        for name in ("wrapped", "truncated", "torn-page", "bad-token"):
            log = self.logs[name]
            with self.subTest(name):
                one = run("verify", "-t", "1", log).stdout
                self.assertEqual(run("verify", "-t", "4", log).stdout, one)
                with log.open("rb") as file:
                    piped = run("verify", "-", stdin=file).stdout
                self.assertEqual(piped.replace("-:", f"{log}:", 1), one)
                with subprocess.Popen(["cat", log], stdout=subprocess.PIPE) as cat:
                    piped = run("verify", "-", stdin=cat.stdout).stdout
                self.assertEqual(piped.replace("-:", f"{log}:", 1), one)

    def test_ledger(self):
        for name in (None, "wrapped", "slack-records", "garbage-slot", "bad-token"):
            log = self.logs[name]
            for options in ((), ("-n", 30), ("--reverse",), ("--recover-records",), ("--id", "4624"),
                            ("--events", "5-9,300"), ("--validate-checksums",)):
                with self.subTest(name, options=options):
                    ledger = self.folder / "ledger.jsonl"
                    result = run("dump", "--ledger", ledger, "--no-confirm-overwrite", "-o", "jsonl", *options, log)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    regions = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
                    end = 0
                    for region in sorted(regions, key=lambda region: region["offset"]):
                        self.assertEqual(region["offset"], end)
                        end += region["length"]
                    self.assertEqual(end, log.stat().st_size)
                    shown = [region for region in regions if region.get("outcome") in ("rendered", "partly")]
                    self.assertEqual(len(shown), len(result.stdout.splitlines()))

    def test_ledger_is_no_input(self):
        result = run("dump", "--ledger", self.logs[None], "--no-confirm-overwrite", self.logs[None])
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("It is an input file, refusing to overwrite it", result.stderr)

    def test_texts(self):
        """Each kind of finding has its texts, in the order of the header, and stands in the man page."""
        header = re.findall(r"^    EVX_FINDING_(\w+) = \d+,", (ROOT / "include/evx/ledger.h").read_text(encoding="utf-8"),
                            re.MULTILINE)
        table = re.findall(r'^FINDING\((\w+), "([\w-]+)"', (ROOT / "cli/findings.def").read_text(encoding="utf-8"),
                           re.MULTILINE)
        self.assertEqual([kind for kind, _ in table], header[1:])
        names = (ROOT / "src/ledger/names.c").read_text(encoding="utf-8")
        page = (pathlib.Path(os.environ["EVX_CLI_DOCS"]) / "evx.1").read_text(encoding="utf-8")
        for kind, name in table:
            self.assertIn(f'[EVX_FINDING_{kind}] = "{name}"', names)
            self.assertIn("\\fB" + name.replace("-", "\\-") + "\\fR", page)


class Policy(Logs):
    """Of the commands that read logs: --on-damage, --strict-exit, --error-format."""

    def setUp(self):
        self.log = self.logs["bad-token"]
        self.usual = run("dump", "-o", "jsonl", self.log)
        self.errors = self.usual.stderr.count("Failed to dump the next record.")
        self.assertEqual(self.usual.returncode, 0)
        self.assertGreater(self.errors, 1)

    def test_on_damage(self):
        report = run("dump", "-o", "jsonl", "--on-damage", "report", self.log)
        self.assertEqual((report.stdout, report.stderr), (self.usual.stdout, self.usual.stderr))
        skip = run("dump", "-o", "jsonl", "--on-damage", "skip", self.log)
        self.assertEqual((skip.returncode, skip.stdout), (0, self.usual.stdout))
        self.assertEqual(skip.stderr, f"{self.log}: {self.errors} reports of damage passed over\n")
        stop = run("dump", "-o", "jsonl", "--on-damage", "stop", self.log)
        same = run("dump", "-o", "jsonl", "--stop-after-one-error", self.log)
        self.assertEqual((stop.returncode, stop.stdout, stop.stderr), (same.returncode, same.stdout, same.stderr))
        self.assertEqual(stop.returncode, 1)
        slack = self.logs["slack-records"]
        salvage = run("dump", "-o", "jsonl", "--on-damage", "salvage", slack)
        same = run("dump", "-o", "jsonl", "--recover-records", slack)
        self.assertEqual((salvage.stdout, salvage.stderr), (same.stdout, same.stderr))
        self.assertGreater(len(salvage.stdout), len(run("dump", "-o", "jsonl", slack).stdout))
        self.assertEqual(run("dump", "--on-damage", "shout", self.log).returncode, 2)

    def test_strict_exit(self):
        for command in (("dump",), ("query", "*"), ("stats",)):
            with self.subTest(command):
                self.assertEqual(run(*command, "--strict-exit", self.logs["truncated"]).returncode, 3)
                self.assertEqual(run(*command, "--strict-exit", "--on-damage", "skip",
                                     self.logs["truncated"]).returncode, 3)
                self.assertEqual(run(*command, self.logs["truncated"]).returncode, 0)
                self.assertEqual(run(*command, "--strict-exit", self.logs[None]).returncode, 0)
        self.assertEqual(run("dump", "--strict-exit", "--on-damage", "salvage", self.logs["slack-records"]).returncode, 0)
        self.assertEqual(run("dump", "--strict-exit", self.log, self.folder / "none").returncode, 1)

    def test_error_format(self):
        result = run("dump", "-o", "jsonl", "--error-format", "json", self.log, self.no_log, self.folder / "none",
                     self.logs["bad-checksums"])
        self.assertEqual(result.returncode, 1)
        problems = [json.loads(line) for line in result.stderr.splitlines()]
        self.assertEqual([problem["kind"] for problem in problems],
                         ["token"] * self.errors + ["file-magic", "input-open", "file-crc32"])
        for problem in problems:
            self.assertLessEqual({"file", "kind", "severity", "chunk", "record_id", "offset", "length", "text"},
                                 problem.keys())
        first = problems[0]
        self.assertEqual((first["file"], first["code"], first["severity"]), (str(self.log), 402, "error"))
        self.assertIn(f"Failed to parse record number {first['record_id']}", first["text"])
        with self.log.open("rb") as log:
            log.seek(first["offset"])
            self.assertEqual(log.read(4), b"**\0\0")
        for command in ("verify", "templates", "recover"):
            failed = run(command, "--error-format", "json", self.folder / "none")
            self.assertEqual([json.loads(line)["kind"] for line in failed.stderr.splitlines()], ["input-open"], command)
        stats = run("stats", "--error-format", "json", self.logs["truncated"])
        self.assertIn("chunk-cut", [json.loads(line)["kind"] for line in stats.stderr.splitlines()])


if __name__ == "__main__":
    unittest.main()
