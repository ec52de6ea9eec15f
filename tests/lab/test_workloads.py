#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against measuring another log than the one that is named."""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import zipfile
import zlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from bench import corpus, workloads  # noqa: E402
from bench.workloads import WorkloadError  # noqa: E402

EVX = os.environ.get("EVX", str(REPOSITORY / "build" / "cli" / "evx"))


def chunk(byte, free=1024, magic=workloads.CHUNK_MAGIC):
    head = magic.ljust(workloads.CHUNK_FREE_SPACE, b"\0") + struct.pack("<I", free)
    return head.ljust(workloads.CHUNK_BYTES, bytes([byte]))


def log(*chunks):
    return bytes(workloads.FILE_HEADER_BYTES) + b"".join(chunks)


class Scratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.replace("FOLDER", self.folder)

    def replace(self, name, value):
        self.addCleanup(setattr, workloads, name, getattr(workloads, name))
        setattr(workloads, name, value)


class Hashes(Scratch):
    def test_changed_bytes_are_refused(self):
        file = self.folder / "x.evtx"
        file.write_bytes(b"as recorded")
        wanted = workloads.sha256(file)
        self.assertEqual(workloads.checked("x", file, wanted, "hint"), file)
        file.write_bytes(b"as RECORDED")
        os.utime(file, ns=(1, 1))
        with self.assertRaisesRegex(WorkloadError, f"{wanted}.*hint"):
            workloads.checked("x", file, wanted, "hint")

    def test_another_hash_is_recorded(self):
        file = self.folder / "x.evtx"
        file.write_bytes(b"as recorded")
        workloads.checked("x", file, workloads.sha256(file), "hint")
        with self.assertRaises(WorkloadError):
            workloads.checked("x", file, "0" * 64, "hint")

    def test_a_folder_is_its_names_and_contents(self):
        hashes = set()
        for name, content in (("a", b"1"), ("b", b"1"), ("b", b"2")):
            place = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
            (place / f"{name}.evtx").write_bytes(content)
            hashes.add(workloads.sha256(place))
        self.assertEqual(len(hashes), 3)

    def test_generated_logs_are_those_of_the_record(self):
        """The folder of small logs, made by this tree's evx: all profiles are in it."""
        self.replace("_evx", lambda: EVX)
        self.replace("corpus", lambda: None)
        place = workloads.path("folder")
        self.assertEqual(len(list(place.glob("*.evtx"))), workloads.RECORDED["folder"]["logs"])


class Corpus(Scratch):
    def named(self, value):
        """The folder of real logs, and what workloads take of it, with this EVX_CORPUS."""
        with unittest.mock.patch.dict(os.environ):
            os.environ.pop("EVX_CORPUS", None)
            if value is not None:
                os.environ["EVX_CORPUS"] = str(value)
            return corpus.corpus_folder(), workloads.corpus()

    def test_only_an_unset_variable_means_the_default(self):
        self.assertEqual(self.named(None)[0], REPOSITORY.parent / "shared")
        self.assertEqual(self.named(""), (None, None))
        self.assertEqual(self.named(self.folder), (self.folder, None))
        (self.folder / "samples").mkdir()
        (self.folder / "samples" / "a.evtx").touch()
        self.assertEqual(self.named(self.folder), (self.folder, self.folder))


class Stitched(Scratch):
    def test_each_chunk_once_and_nothing_else(self):
        logs = [("a", log(chunk(1), chunk(2), chunk(1))), ("b", log(chunk(2), chunk(3), chunk(4, free=512))),
                ("c", log(chunk(5, magic=b"ElfJunk\0"), bytes(workloads.CHUNK_BYTES), chunk(6)[:-1]))]
        stitched = workloads.stitch(iter(logs))
        self.assertEqual(stitched[workloads.FILE_HEADER_BYTES:], chunk(1) + chunk(2) + chunk(3))

    def test_header_is_valid(self):
        header = workloads.file_header(3)
        self.assertEqual(len(header), workloads.FILE_HEADER_BYTES)
        self.assertEqual(header[:8], b"ElfFile\0")
        self.assertEqual(struct.unpack_from("<QQ", header, 8), (0, 2))
        self.assertEqual(struct.unpack_from("<H", header, 42), (3,))
        self.assertEqual(struct.unpack_from("<I", header, 124)[0], zlib.crc32(header[:120]))

    def test_programs_read_it(self):
        source = self.folder / "source.evtx"
        subprocess.run([EVX, "gen", "--size", "192K", "--seed", "1", "-f", source], check=True)
        stitched = self.folder / "stitched.evtx"
        stitched.write_bytes(workloads.stitch(iter([("a", source.read_bytes())] * 2)))
        info = subprocess.run([EVX, "info", stitched], check=True, capture_output=True, text=True).stdout
        self.assertIn("3 chunks: 3 with records", info)

    def test_real_logs_keep_their_names(self):
        """Two logs of the same name, one a sample, one in an archive."""
        (self.folder / "samples").mkdir()
        (self.folder / "corpora").mkdir()
        (self.folder / "samples" / "a.evtx").write_bytes(b"1")
        (self.folder / "samples" / "readme.txt").write_bytes(b"no log")
        with zipfile.ZipFile(self.folder / "corpora" / "hosts.zip", "w") as archive:
            archive.writestr("deep/a.evtx", b"2")
        self.assertEqual(list(workloads.real_logs(self.folder)), [("samples/a.evtx", b"1"), ("hosts/a.evtx", b"2")])


class Names(Scratch):
    def test_command_lines(self):
        self.replace("path", lambda name: pathlib.PurePath("/logs") / name)
        for workload, wanted in (("W1", "p -t 1 -o jsonl /logs/big"), ("W2", "p -t 8 -o jsonl /logs/big"),
                                 ("W3", "p -t 1 -o jsonl /logs/stitched"), ("mixed@xml", "p -t 1 -o xml /logs/mixed"),
                                 ("W2@json@t3", "p -t 3 -o json /logs/big"), ("x.evtx", "p -t 1 -o jsonl /logs/x.evtx")):
            with self.subTest(workload=workload):
                self.assertEqual(" ".join(workloads.command("p", workload)), wanted)

    def test_what_is_not_there_is_refused(self):
        for name in ("nothing", "sample:nothing", "/nowhere/x.evtx"):
            with self.subTest(name=name), self.assertRaisesRegex(WorkloadError, "stitched"):
                workloads.path(name)
        with self.assertRaises(WorkloadError):
            workloads.parse("big@yaml")

    def test_real_logs_that_are_not_the_recorded_ones(self):
        corpus = self.folder / "corpus"
        (corpus / "samples").mkdir(parents=True)
        (corpus / "samples" / "a.evtx").write_bytes(log(chunk(1)))
        self.replace("corpus", lambda: corpus)
        for name in ("stitched", "folder"):
            with self.subTest(name=name), self.assertRaisesRegex(WorkloadError, "corpus"):
                workloads.path(name)


if __name__ == "__main__":
    unittest.main()
