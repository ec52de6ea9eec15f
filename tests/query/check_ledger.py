#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the ledger on real logs: its sum is the size of each, every host log is intact, and so are the samples that
Windows closed in order; those that are damaged or edited are not. Without the corpus it says so and is skipped.

EVX: the program.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1])]

from bench.corpus import corpus_folder  # noqa: E402

EVX = os.environ.get("EVX", str(HERE.parents[1] / "build" / "evx"))
CORPUS = corpus_folder()
INTACT, LOST, DAMAGED = 0, 3, 4
# Of the samples: what is wrong with them is known. All others are intact.
KNOWN = {
    "2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx": LOST,  # torn pages
    "2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx": LOST,  # torn pages
    "2-vss_7-System.evtx": DAMAGED,  # chunks are missing
    "Microsoft-Windows-HelloForBusiness%4Operational.evtx": LOST,  # a torn page
    "Microsoft-Windows-LanguagePackSetup%4Operational.evtx": LOST,  # a torn page
    "post-Security.evtx": LOST,  # a record was unlinked
    "sample-with-zero-data-size-event.evtx": LOST,
    "sample_with_a_bad_chunk_magic.evtx": LOST,
    "security_bad_string_cache.evtx": DAMAGED,  # its table was edited
    "sysmon.evtx": LOST,  # slots of garbage
    "Saved-Events.evtx": DAMAGED,  # a record was edited, and its checksum was not
}


def verify(*paths):
    done = subprocess.run([EVX, "verify", "-o", "json", *map(str, paths)], stdout=subprocess.PIPE, check=False, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Ledger(unittest.TestCase):
    def expect(self, log, code):
        size = pathlib.Path(log["file"]).stat().st_size
        with self.subTest(log["file"]):
            self.assertEqual((log["size"], sum(log["bytes"].values())), (size, size))
            self.assertEqual(log["exit_code"], code, [finding["text"] for finding in log["findings"]])

    def test_samples(self):
        for log in verify(CORPUS / "samples", CORPUS / "corpora"):
            self.expect(log, KNOWN.get(pathlib.Path(log["file"]).name, INTACT))

    def test_cases(self):
        kinds = {}
        for log in verify(*sorted((CORPUS / "cases").glob("*.evtx"))):
            kinds[pathlib.Path(log["file"]).stem] = (log["exit_code"], {f["kind"] for f in log["findings"]})
        self.assertEqual(kinds["f_hidden_record"][0], LOST)
        self.assertLessEqual({"hidden-record", "record-tail"}, kinds["f_hidden_record"][1])
        self.assertEqual(kinds["f_zero_tail"][0], LOST)
        self.assertIn("chunk-records", kinds["f_zero_tail"][1])
        self.assertIn("chunk-cut", kinds["f_truncated"][1])
        self.assertEqual(kinds["f_chunk_header_lost"][0], LOST)
        self.assertEqual(kinds["f_file_header_lost"][0], 5)

    def test_host_logs(self):
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(CORPUS / "corpora" / "windows-host-logs.zip") as archive:
                archive.extractall(folder)
            logs = verify(folder)
            self.assertEqual(len(logs), 309)
            for log in logs:
                self.expect(log, INTACT)


if __name__ == "__main__":
    if not CORPUS or not (CORPUS / "samples").is_dir():
        print("no corpus here: skipped")
        sys.exit(77)
    unittest.main()
