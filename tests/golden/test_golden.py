#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against any change of output: real logs against what the reference printed for them, standard
output, standard error but for notes, and exit code, in eight modes and with several numbers of threads; and
once more with every record walked, which no compiled template may tell from.

Of old records the reference shows many through another record's structure; we show those that are proved
and tell of each other one (docs/differences.md). So the recover modes are compared record by record.

EVTX_DUMP: the program. The logs are in golden/, samples/ and corpora/ of the folder of bench/corpus.py.
Skipped where there is none.
"""
import csv
import hashlib
import lzma
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile
from concurrent.futures import ThreadPoolExecutor

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "support")]

from bench.corpus import corpus_folder  # noqa: E402
from reports import WITHHELD, recovery_difference, without_notes  # noqa: E402

CORPUS = corpus_folder()
EVTX_DUMP = os.environ.get("EVTX_DUMP", str(REPOSITORY / "build" / "cli" / "evtx_dump"))
PROCESSES = 2
EVERYTHING = bool(os.environ.get("EVX_TEST_ALL"))
THREADS = (1, 2, 8) if EVERYTHING else (1, 8)
MODES = {
    "xml": ("-o", "xml"),
    "xml-flat": ("-o", "xml", "--no-indent", "--dont-show-record-number"),
    "json": ("-o", "json"),
    "jsonl": ("-o", "jsonl"),
    "jsonl-separate": ("-o", "jsonl", "--separate-json-attributes"),
    "jsonl-recover": ("-o", "jsonl", "--recover-records"),
    "xml-recover": ("-o", "xml", "--recover-records"),
    "jsonl-checksums": ("-o", "jsonl", "--validate-checksums"),
}
HOST_MODES = {
    "jsonl": ("-o", "jsonl"),
    "xml": ("-o", "xml"),
    "recover": ("-o", "jsonl", "--recover-records"),
}
RIVAL = REPOSITORY / "build" / "rivals" / "bin" / "evtx_dump"


def rows(name):
    with open(CORPUS / "golden" / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def run(folder, plans, *arguments, program=EVTX_DUMP):
    """The paths that were recorded have no folder, so the program runs in it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RUST_")}
    environment["EVX_PLANS"] = str(int(plans))
    done = subprocess.run([program, *arguments], cwd=folder, env=environment, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=300)
    return done.returncode, done.stdout, done.stderr


def recorded(row):
    return lzma.decompress((CORPUS / "golden" / row["mode"] /
                            (row["file"].removesuffix(".evtx") + ".xz")).read_bytes())


def first_difference(actual, expected):
    at = next((i for i, (a, b) in enumerate(zip(actual, expected)) if a != b),
              min(len(actual), len(expected)))
    start = max(0, at - 60)
    return f"byte {at}: {actual[start:at + 60]!r} instead of {expected[start:at + 60]!r}"


def check_sample(job):
    """None, or what is wrong."""
    row, threads, plans = job
    code, out, err = run(CORPUS / "samples", plans, "-t", str(threads), *MODES[row["mode"]], row["file"])
    name = f"{row['file']} {row['mode']} -t {threads}{'' if plans else ' EVX_PLANS=0'}"
    if code != int(row["exit"]):
        return f"{name}: exit code {code} instead of {row['exit']}"
    if hashlib.md5(without_notes(err)).hexdigest() != row["md5_stderr"]:
        return f"{name}: standard error differs:\n{err.decode('utf-8', 'replace')}"
    if hashlib.sha256(out).hexdigest() == row["sha256_stdout"]:
        return None
    expected = recorded(row)
    difference = first_difference(out, expected)
    if "recover" in row["mode"]:
        difference = recovery_difference(out, err, expected)
    return difference and f"{name}: standard output differs: {difference}"


def check_host_log(job):
    row, folder, mode, plans = job
    code, out, err = run(folder, plans, *HOST_MODES[mode], row["file"])
    name = f"{row['file']} {mode}{'' if plans else ' EVX_PLANS=0'}"
    difference = None
    if hashlib.sha256(out).hexdigest() != row[mode + "_sha256"]:
        difference = "standard output differs"
        if mode == "recover" and not RIVAL.exists(): # only the checksum is recorded
            return None if WITHHELD.search(err) else f"{name}: {difference}, without a note"
        if mode == "recover":
            _, expected, _ = run(folder, plans, *HOST_MODES[mode], row["file"], program=RIVAL)
            difference = recovery_difference(out, err, expected)
    if code != int(row[mode + "_exit"]) or difference:
        return f"{name}: exit code {code}, {len(out)} bytes: {difference}"
    errors = err.count(b"Failed to dump the next record.")
    if errors != int(row["errors"]):
        return f"{name}: {errors} errors instead of {row['errors']}"
    return None


class Notes(unittest.TestCase):
    def test_nothing_but_notes_is_left_out(self):
        note = b"Note: the log is cut.\n\nCaused by:\n    0: chunk 3\n    1: Note: this is no first line\n"
        others = (b"warning: a\n", b"Failed to dump the next record.\n\nCaused by:\n    b\n",
                  b"Dumped a record with a damaged value.\n\nCaused by:\n    c\n", b"Error: d\n")
        for before in (b"", *others):
            for behind in (b"", *others):
                self.assertEqual(without_notes(before + note + note + behind), before + behind)


class Golden(unittest.TestCase):
    def check(self, function, jobs):
        with ThreadPoolExecutor(PROCESSES) as pool:
            wrong = [text for text in pool.map(function, jobs) if text]
        self.assertFalse(wrong, f"{len(wrong)} of {len(jobs)} differ:\n" + "\n".join(wrong[:20]))

    def test_samples(self):
        samples = rows("samples.tsv")
        self.assertEqual({row["mode"] for row in samples}, set(MODES))
        ways = [*((threads, True) for threads in THREADS), (1, False)]
        self.check(check_sample, [(row, *way) for row in samples for way in ways])

    def test_host_logs(self):
        archive = CORPUS / "corpora" / "windows-host-logs.zip"
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive) as logs:
            logs.extractall(folder)
            places = {path.name: path.parent for path in pathlib.Path(folder).rglob("*.evtx")}
            # Without plans each log in one mode, another one than the log before it; all where all is asked for.
            self.check(check_host_log, [(row, places[row["file"]], mode, plans)
                                        for at, row in enumerate(rows("host-logs.tsv"))
                                        for number, mode in enumerate(HOST_MODES) for plans in (True, False)
                                        if plans or EVERYTHING or at % len(HOST_MODES) == number])


if __name__ == "__main__":
    if not CORPUS or not (CORPUS / "golden" / "samples.tsv").is_file():
        print(f"SKIP: no golden output in {CORPUS or 'an empty EVX_CORPUS'}; set EVX_CORPUS to a folder with "
              "golden/, samples/ and corpora/")
        raise SystemExit(77)
    unittest.main(verbosity=2)
