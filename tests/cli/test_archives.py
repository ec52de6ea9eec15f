# SPDX-License-Identifier: MIT
"""Archives and compressed files as inputs of evx, and what it says of files that are no logs."""
import bz2
import gzip
import io
import json
import lzma
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest
import zipfile

EVX, EVTX_DUMP = os.environ["EVX"], os.environ["EVTX_DUMP"]
HAS_ARCHIVES = os.environ["EVX_ARCHIVES"] == "1"


def run(*arguments, program=EVX, **options):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


def zip_of(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def tar_of(members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.logs = []
        for seed in (1, 2):
            path = self.folder / f"{seed}.evtx"
            made = run("gen", "--profile", "mixed", "--size", "200K", "--seed", seed, "-f", path)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.logs.append(path.read_bytes())

    def put(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def dump(self, *arguments):
        return run("dump", "-o", "jsonl", *arguments)


@unittest.skipUnless(HAS_ARCHIVES, "built without archives")
class Archives(Case):
    def setUp(self):
        super().setUp()
        self.texts = [self.dump(self.folder / f"{seed}.evtx").stdout for seed in (1, 2)]
        self.assertTrue(all(self.texts))

    def test_one_compressed_file_is_a_log(self):
        for name, compress in (("a.gz", gzip.compress), ("a.bz2", bz2.compress), ("a.xz", lzma.compress)):
            result = self.dump(self.put(name, compress(self.logs[0])))
            self.assertEqual((result.stdout, result.stderr, result.returncode), (self.texts[0], "", 0))

    def test_members_are_inputs(self):
        members = [("Logs/b.evtx", self.logs[1]), ("read.me", b"no log"), ("a.EVTX", self.logs[0])]
        for content in (zip_of(members), tar_of(members)):
            path = self.put("case", content)
            result = self.dump(path)
            self.assertEqual((result.stdout, result.returncode), (self.texts[1] + self.texts[0], 0))
            named = self.dump("--add-source", path).stdout
            self.assertIn(f'"SourceFile":"{path}!Logs/b.evtx"', named)
            self.assertEqual(named.count("!a.EVTX"), self.texts[0].count("\n"))

    def test_archives_in_archives(self):
        inner = tar_of([("x.evtx", self.logs[0]), ("y.evtx.gz", gzip.compress(self.logs[1]))])
        path = self.put("outer.zip", zip_of([("in.tar.gz", inner), ("z.evtx", self.logs[1])]))
        result = self.dump("--add-source", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        for name, text in (("!in.tar.gz!x.evtx", self.texts[0]), ("!in.tar.gz!y.evtx.gz", self.texts[1]),
                           ("!z.evtx", self.texts[1])):
            self.assertEqual(result.stdout.count(f'"SourceFile":"{path}{name}"'), text.count("\n"))

    def test_depth_is_bounded(self):
        content = zip_of([("x.evtx", self.logs[0])])
        for _ in range(3):
            content = zip_of([("deep.zip", content)])
        self.assertEqual(self.dump(self.put("fits.zip", content)).stdout, self.texts[0])
        result = self.dump(self.put("too.zip", zip_of([("deep.zip", content)])))
        self.assertEqual((result.stdout, result.returncode), ("", 1))
        self.assertIn("lies in too many others", result.stderr)

    def test_what_can_be_unpacked_is_read(self):
        whole = gzip.compress(self.logs[0])
        result = self.dump(self.put("cut.gz", whole[:len(whole) // 2]))
        self.assertEqual(result.returncode, 1)
        self.assertIn("Failed to read archive", result.stderr)
        self.assertTrue(result.stdout and self.texts[0].startswith(result.stdout))

    def test_one_name_twice(self):
        members = [("a.evtx", self.logs[0]), ("b.evtx", self.logs[1]), ("a.evtx", self.logs[1])]
        result = self.dump(self.put("twice.tgz", tar_of(members)))
        self.assertEqual(result.stdout, self.texts[0] + 2 * self.texts[1])

    def test_names_move_no_cursor(self):
        result = self.dump("--add-source", self.put("odd.tgz", tar_of([("\x1b[2Jx.evtx", self.logs[0])])))
        self.assertIn("!?[2Jx.evtx", result.stdout)
        self.assertNotIn("\x1b", result.stdout + result.stderr)

    def test_damage_is_told_to_programs(self):
        whole = gzip.compress(self.logs[0])
        result = self.dump("--error-format", "json", self.put("cut.gz", whole[:len(whole) // 2]))
        problem = json.loads(result.stderr.splitlines()[0])
        self.assertEqual((problem["kind"], problem["severity"]), ("input-read", "error"))
        self.assertIn("Failed to read archive", problem["text"])

    def test_what_only_looks_like_an_archive(self):
        result = self.dump(self.put("x.zip", b"PK\3\4" + bytes(5000)))
        self.assertEqual((result.stdout, result.returncode), ("", 1))
        self.assertIn("Note: it is a zip file", result.stderr)

    def test_archive_without_a_log(self):
        result = self.dump(self.put("none.zip", zip_of([("a.txt", b"text")])))
        self.assertEqual(result.returncode, 1)
        self.assertIn("No *.evtx file in archive", result.stderr)

    def test_archive_is_no_output(self):
        path = self.put("case.zip", zip_of([("a.evtx", self.logs[0])]))
        before = path.read_bytes()
        result = run("dump", "--no-confirm-overwrite", "-f", path, path)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(path.read_bytes(), before)

    def test_other_commands(self):
        path = self.put("case.zip", zip_of([("a.evtx", self.logs[0])]))
        self.assertEqual(run("stats", "--by", "EventID", path).stdout,
                         run("stats", "--by", "EventID", self.folder / "1.evtx").stdout)
        self.assertIn(f"{path}!a.evtx", run("verify", path).stdout)

    def test_nothing_is_loaded_for_logs(self):
        linked = subprocess.run(["ldd", EVX], capture_output=True, text=True).stdout
        self.assertNotIn("libarchive", linked)

    def test_reference_reads_no_archives(self):
        path = self.put("case.zip", zip_of([("a.evtx", self.logs[0])]))
        result = run(path, program=EVTX_DUMP)
        self.assertEqual(result.returncode, 1)
        self.assertIn("Invalid EVTX file header magic", result.stderr)
        self.assertNotIn("Note:", result.stderr)


class WrongFiles(Case):
    def test_words(self):
        trace = bytearray(4096)
        trace[0:4], trace[0x36] = (65536).to_bytes(4, "little"), 4
        for content, words in (
                (b"", "the file is empty"), (bytes(100), "nothing but zeros"),
                (bytes(5000), "begins with zeros"), (b"0\0\0\0LfLe" + bytes(40), "Windows XP"),
                (bytes(trace), "Event Tracing"), (b"regf" + bytes(4092), "registry hive"),
                (self.logs[0][4096:], "evx recover"), ("<?xml ?>".encode(), "it is XML")):
            result = self.dump(self.put("x.evtx", content))
            self.assertEqual((result.stdout, result.returncode), ("", 1))
            self.assertIn(words, result.stderr.splitlines()[-1])


if __name__ == "__main__":
    unittest.main()
