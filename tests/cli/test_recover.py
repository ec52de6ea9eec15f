#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The promises of evx recover and of --recover-records: what comes out does not depend on threads, on pipes, or
on the order of the inputs; logs that are written say the same; memory does not grow with the input.

EVX: the program. With the cases of bench/corpus.py's folder, those are as its README.md says, too.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from bench.corpus import corpus_folder  # noqa: E402

EVX = os.environ.get("EVX", str(REPOSITORY / "build" / "cli" / "evx"))
CORPUS = corpus_folder()
CASES = CORPUS / "cases" if CORPUS else None
CHUNK, HEADER = 65536, 4096


def evx(*arguments, stdin=None, folder=None):
    return subprocess.run([EVX, *map(str, arguments)], input=stdin, cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)


def recovered(*arguments):
    """What is told and said of each record."""
    done = evx("recover", *arguments)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [(record.pop("recovered"), record) for record in records], done.stderr.decode()


class Recover(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.place = pathlib.Path(cls.folder.name)
        cls.log = cls.place / "log.evtx"
        evx("gen", "--profile", "mixed", "--size", "512K", "--seed", "5", "-f", cls.log)
        cls.bytes = cls.log.read_bytes()
        # Headers are lost, and a page in the middle; something else is around it all.
        damaged = bytearray(cls.bytes)
        damaged[0:HEADER] = bytes(HEADER)
        damaged[HEADER + CHUNK:HEADER + CHUNK + 512] = bytes(512)
        damaged[HEADER + 2 * CHUNK:HEADER + 2 * CHUNK + 8192] = b"x" * 8192
        cls.image = cls.place / "image"
        cls.image.write_bytes(b"y" * 12345 + bytes(damaged) + b"z" * 100)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_all_of_a_healthy_log(self):
        expected = [json.loads(line) for line in evx("dump", "-o", "jsonl", self.log).stdout.splitlines()]
        records, errors = recovered(self.log)
        self.assertEqual([record for _, record in records], expected)
        self.assertEqual({told["found"] for told, _ in records}, {"live"})
        self.assertEqual(errors, "")

    def test_most_of_a_damaged_one(self):
        records, _ = recovered(self.image)
        everything = [json.loads(line) for line in evx("dump", "-o", "jsonl", self.log).stdout.splitlines()]
        said = [record for _, record in records]
        self.assertGreater(len(said), len(everything) * 0.9)
        named = [record for told, record in records if "none" not in told["structure"]]
        self.assertTrue(all(record in everything for record in named))
        data = self.image.read_bytes()
        for told, _ in records:
            self.assertEqual(data[told["offset"]:told["offset"] + 4], b"**\0\0")

    def test_threads_and_pipes_are_equal(self):
        for command in (["recover"], ["dump", "-o", "jsonl", "--recover-records"]):
            log = self.image if command == ["recover"] else self.log
            expected = evx(*command, "-t", "1", log).stdout
            self.assertEqual(evx(*command, "-t", "8", log).stdout, expected)
            self.assertEqual(evx(*command, "-", stdin=log.read_bytes()).stdout, expected)

    def test_order_of_inputs(self):
        one, two = self.place / "one", self.place / "two"
        one.write_bytes(self.image.read_bytes()[:12345 + HEADER + 3 * CHUNK])
        two.write_bytes(self.image.read_bytes()[12345 + HEADER + 3 * CHUNK:])
        forth = evx("recover", one, two).stdout.splitlines()
        back = evx("recover", two, one).stdout.splitlines()
        self.assertEqual(sorted(forth), sorted(back))

    def test_written_log(self):
        for log in (self.log, self.image):
            written = self.place / "written.evtx"
            done = evx("recover", "--no-confirm-overwrite", "--write", written, log)
            self.assertEqual((done.returncode, done.stdout), (0, b""))
            records, _ = recovered(log)
            shown = evx("dump", "-o", "jsonl", "--validate-checksums", written)
            self.assertEqual(shown.stderr, b"")
            self.assertEqual([json.loads(line) for line in shown.stdout.splitlines()],
                             [record for _, record in records if list(record.get("Event", ())) != ["EventData"]])

    def test_refusals(self):
        self.assertEqual(evx("recover").returncode, 1)
        self.assertEqual(evx("recover", self.place / "none").returncode, 1)
        done = evx("recover", "--write", self.log, self.log)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.log.read_bytes(), self.bytes)
        self.assertEqual(evx("recover", "-", stdin=b"").returncode, 0)

    def test_memory_is_constant(self):
        if "sanitizers" in os.environ.get("EVX_BUILD", ""):
            self.skipTest("sanitizers take memory of their own")
        large = self.place / "large"
        with open(large, "wb") as file:
            file.truncate(256 << 20)
            file.seek(200 << 20)
            file.write(16 * self.bytes) # more text than a pipe takes at once
        with subprocess.Popen([EVX, "recover", "-t", "1", str(large)], stdout=subprocess.PIPE, bufsize=0) as process:
            self.assertEqual(process.stdout.read(1), b"{")  # it has looked through all, and waits for the pipe
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            while process.stdout.read(1 << 20):
                pass
        self.assertEqual(process.returncode, 0)
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        self.assertLess(int(peak), 16 << 10)


@unittest.skipUnless(CASES and CASES.is_dir(), "no cases")
class Cases(unittest.TestCase):
    def numbers(self, name):
        records, errors = recovered(CASES / name)
        return [told["record"] for told, _ in records], records, errors

    def test_lost_headers(self):
        for name in ("f_chunk_header_lost.evtx", "f_file_header_lost.evtx"):
            self.assertEqual(self.numbers(name)[0], [1, 2, 3, 4, 5, 6])

    def test_hidden_record(self):
        numbers, records, errors = self.numbers("f_hidden_record.evtx")
        self.assertEqual(numbers, [1, 2, 3, 4, 5, 6])
        self.assertEqual([told["found"] for told, _ in records].index("hidden"), 3)
        self.assertIn("behind its event", errors)

    def test_foreign_structure(self):
        for name in ("f_foreign_template.evtx", "f_overwritten_name.evtx"):
            _, records, _ = self.numbers(name)
            for told, record in records[1:]:
                self.assertEqual(told["structure"], ["none"])
                self.assertEqual(list(record["Event"]), ["EventData"])

    def test_cut_and_zeros(self):
        self.assertEqual(self.numbers("f_truncated.evtx")[0], [1, 2, 3, 4, 5, 6])
        self.assertEqual(self.numbers("f_zero_tail.evtx")[0], [1, 2, 3])


if __name__ == "__main__":
    unittest.main()
