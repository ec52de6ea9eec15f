#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against any change of what the programs make of definitions and texts from outside of logs: real
provider binaries, caches, logs with broken definitions and an MTA file against what the reference did.

EVTX_DUMP: the program. The results are in golden/providers of the folder of bench/corpus.py; skipped where
there is none. Of the binaries, those that the results bring are always used; more from the folder
$EVX_PROVIDER_BINARIES, which the script golden/providers/tools/get_binaries.sh fills. Rows of others are
left out, and counted.
"""
import csv
import hashlib
import json
import os
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile
import unittest
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "support")]

from bench.corpus import corpus_folder  # noqa: E402
from reports import without_notes  # noqa: E402

CORPUS = corpus_folder()
GOLDEN = CORPUS / "golden" / "providers" if CORPUS else None
EVTX_DUMP = os.environ.get("EVTX_DUMP", str(REPOSITORY / "build" / "cli" / "evtx_dump"))
BINARIES = os.environ.get("EVX_PROVIDER_BINARIES")
PROCESSES = 2
VALUES = json.dumps([f"v{i}" for i in range(100)])


def lines(name):
    """Without the first one, whose names may repeat."""
    with open(GOLDEN / name, newline="", encoding="utf-8") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def rows(name):
    with open(GOLDEN / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def sha(data):
    return hashlib.sha256(data).hexdigest()


def escaped(data):
    text = data.decode("utf-8", "replace").replace("\\", "\\\\")
    return text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def blobs_of(cache):
    """The resources of a cache file."""
    data = cache.read_bytes()
    count, at, found = struct.unpack_from("<I", data, 12)[0], 16, []
    for _ in range(count):
        size = struct.unpack_from("<Q", data, at + 1)[0]
        found.append(data[at + 9:at + 9 + size])
        at += 9 + size
    return found


def providers_of(blob):
    """(GUID, {offset: GUID} of its templates, [(id, version, offset)] of its events) of each provider."""
    for k in range(struct.unpack_from("<I", blob, 12)[0]):
        guid = str(uuid.UUID(bytes_le=blob[16 + 20 * k:32 + 20 * k]))
        wevt = struct.unpack_from("<I", blob, 32 + 20 * k)[0]
        templates, events = {}, []
        for j in range(struct.unpack_from("<I", blob, wevt + 12)[0]):
            at = struct.unpack_from("<I", blob, wevt + 20 + 8 * j)[0]
            count = struct.unpack_from("<I", blob, at + 8)[0]
            if blob[at:at + 4] == b"TTBL":
                temp = at + 12
                for _ in range(count):
                    templates[temp] = str(uuid.UUID(bytes_le=blob[temp + 24:temp + 40]))
                    temp += struct.unpack_from("<I", blob, temp + 4)[0]
            elif blob[at:at + 4] == b"EVNT":
                for row in range(at + 16, at + 16 + 48 * count, 48):
                    events.append((struct.unpack_from("<H", blob, row)[0], blob[row + 2],
                                   struct.unpack_from("<I", blob, row + 20)[0]))
        yield guid, templates, events


def break_definitions(data, guids):
    """The log with the first byte of each definition that has one of the GUIDs made 0xFF, and how many."""
    data, hits = bytearray(data), 0
    for chunk in range(4096, len(data) - 65535, 65536):
        if data[chunk:chunk + 8] != b"ElfChnk\0":
            continue
        for slot in range(32):
            at, seen = struct.unpack_from("<I", data, chunk + 384 + 4 * slot)[0], set()
            while 512 <= at <= 65536 - 25 and at not in seen:
                seen.add(at)
                if bytes(data[chunk + at + 4:chunk + at + 20]) in guids:
                    data[chunk + at + 24] = 0xFF
                    hits += 1
                at = struct.unpack_from("<I", data, chunk + at)[0]
    return bytes(data), hits


class Providers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.work = pathlib.Path(cls.folder.name)
        for name in ("bin", "c", "b", "m", "h"):
            (cls.work / name).mkdir()
        (cls.work / "s").symlink_to(CORPUS / "samples")
        with zipfile.ZipFile(GOLDEN / "small.zip") as archive:
            archive.extractall(cls.work / "bin")
        for path in sorted(pathlib.Path(BINARIES).iterdir()) if BINARIES else []:
            if not (cls.work / "bin" / path.name).exists():
                (cls.work / "bin" / path.name).symlink_to(path)
        with zipfile.ZipFile(CORPUS / "corpora" / "mta" / "setup-export.zip") as archive:
            for name in archive.namelist():
                if name.lower().endswith(".evtx"):
                    (cls.work / "m" / "test.evtx").write_bytes(archive.read(name))
                elif name.upper().endswith(".MTA"):
                    (cls.work / "m" / "test_1033.MTA").write_bytes(archive.read(name))
        with zipfile.ZipFile(CORPUS / "corpora" / "windows-host-logs.zip") as archive:
            for name in archive.namelist():
                if name.endswith(".evtx"):
                    (cls.work / "h" / pathlib.PurePath(name).name).write_bytes(archive.read(name))
        # What has no such resource adds nothing to what is made of the whole folder.
        here = {path.name for path in (cls.work / "bin").iterdir()}
        cls.is_whole = all(row["file"] in here or row["WEVT_TEMPLATE"] == "-" or
                           row["file"].startswith("artemis_") for row in rows("binaries.tsv"))
        for row in rows("extract.tsv"):
            arguments = shlex.split(row["arguments"])
            if cls.can_extract(arguments):
                cls.run_program("extract-wevt-templates", *arguments)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_program(cls, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RUST_")}
        done = subprocess.run([EVTX_DUMP, *arguments], cwd=cls.work, env=environment, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        return done.returncode, done.stdout, without_notes(done.stderr)

    @classmethod
    def can_extract(cls, arguments):
        inputs = [b for a, b in zip(arguments, arguments[1:]) if a == "-i"]
        if "bin" in inputs or "--glob" in arguments:
            return cls.is_whole
        return all((cls.work / path).exists() for path in inputs)

    def check(self, function, jobs, what):
        done = [job for job in jobs if job is not None]
        self.assertTrue(done, what)
        with ThreadPoolExecutor(PROCESSES) as pool:
            wrong = [text for text in pool.map(function, done) if text]
        print(f"{what}: {len(done)} of {len(jobs)}", file=sys.stderr)
        self.assertFalse(wrong, f"{len(wrong)} of {len(done)} differ:\n" + "\n".join(wrong[:20]))

    def has_cache(self, arguments):
        named = [b for a, b in zip(arguments, arguments[1:]) if a in ("--cache", "--wevt-cache")]
        return all((self.work / path).exists() for path in named)

    def test_extraction(self):
        def one(row):
            arguments = shlex.split(row["arguments"])
            cache = self.work / arguments[-1]
            cache.unlink(missing_ok=True)
            code, _, err = self.run_program("extract-wevt-templates", *arguments)
            data = cache.read_bytes() if cache.exists() else b""
            got = (str(code), escaped(err), str(len(data)), sha(data))
            want = (row["exit"], row["stderr"], row["cache bytes"], row["cache sha256"])
            return None if got == want else f"{row['arguments']}: {got}"
        jobs = [row if self.can_extract(shlex.split(row["arguments"])) else None
                for row in rows("extract.tsv")]
        self.check(one, jobs, "extraction")

    def digest(self, cache, queries):
        def one(query):
            return self.run_program("apply-wevt-cache", "--cache", cache, *query, "--substitutions", VALUES)
        digest, failed = hashlib.sha256(), 0
        with ThreadPoolExecutor(PROCESSES) as pool:
            for code, out, err in pool.map(one, queries):
                failed += code != 0
                digest.update(out if code == 0 else b"error %d: " % code + err)
        return [str(len(queries)), str(failed), digest.hexdigest()]

    def test_every_template(self):
        count = 0
        for row in lines("apply-all.tsv"):
            name = f"c/{row[0]}.wevtcache"
            if not (self.work / name).exists():
                continue
            count += 1
            guids, triples = set(), set()
            for blob in blobs_of(self.work / name):
                for guid, templates, events in providers_of(blob):
                    guids |= set(templates.values())
                    triples |= {(guid, e, v) for e, v, t in events if t in templates}
            code, _, err = self.run_program("-t", "1", "-o", "jsonl", "--wevt-cache", name,
                                            "s/new-user-security.evtx")
            got = [row[0], str(code), escaped(err)]
            got += self.digest(name, [["--template-guid", g] for g in sorted(guids)])
            got += self.digest(name, [["--provider-guid", g, "--event-id", str(e), "--version", str(v)]
                                      for g, e, v in sorted(triples)])
            self.assertEqual(got, row)
        self.assertGreater(count, 0)

    def test_applying(self):
        def one(row):
            arguments = json.loads(row["arguments (after apply-wevt-cache)"])
            code, out, err = self.run_program("apply-wevt-cache", *arguments)
            got = (str(code), escaped(out), escaped(err))
            want = (row["exit"], row["stdout"], row["stderr"])
            return None if got == want else f"{arguments}: {got} instead of {want}"
        jobs = [row if self.has_cache(json.loads(row["arguments (after apply-wevt-cache)"])) else None
                for row in rows("apply.tsv")]
        self.check(one, jobs, "applying")

    def test_instances(self):
        def one(row):
            arguments = json.loads(row["arguments"])
            code, out, err = self.run_program("dump-template-instances", *arguments)
            got = (str(code), str(out.count(b"\n")), sha(out), escaped(err))
            want = (row["exit"], row["lines"], row["stdout sha256"], row["stderr"])
            return None if got == want else f"{arguments}: {got} instead of {want}"
        self.check(one, rows("dump-template-instances.tsv"), "instances")

    def test_broken_definitions(self):
        if not self.is_whole:
            self.skipTest("not all binaries are there: see EVX_PROVIDER_BINARIES")
        guids = {uuid.UUID(guid).bytes_le
                 for cache in (self.work / "c").iterdir() for blob in blobs_of(cache)
                 for _, templates, _ in providers_of(blob) for guid in templates.values()}
        def one(row):
            log = row["log"]
            data, hits = break_definitions((self.work / log).read_bytes(), guids)
            damaged = f"b/{row['format'].replace(' ', '')}{pathlib.PurePath(log).name}"
            (self.work / damaged).write_bytes(data)
            options = ["-t", "1", *row["format"].split()]
            plain = self.run_program(*options, log)
            bare = self.run_program(*options, damaged)
            cached = self.run_program(*options, "--wevt-cache", "c/all.wevtcache", damaged)
            got = [log, str(hits), row["format"], sha(plain[1]), str(bare[0]), sha(bare[1]), str(bare[2].count(b"\n")),
                   str(cached[0]), sha(cached[1]), escaped(cached[2])]
            return None if got == row["row"] else f"{got} instead of {row['row']}"
        jobs = [{"log": row[0], "format": row[2], "row": row} for row in lines("wevt-cache.tsv")]
        self.check(one, jobs, "broken definitions")

    def test_texts(self):
        def one(row):
            arguments = json.loads(row["arguments"])
            code, out, err = self.run_program(*arguments)
            count = out.count(b"<RenderingInfo>") + out.count(b'"RenderingInfo"')
            got = (str(code), str(len(out)), sha(out), str(count), escaped(err))
            want = (row["exit"], row["stdout bytes"], row["stdout sha256"], row["RenderingInfo count"],
                    row["stderr"])
            return None if got == want else f"{arguments}: {got} instead of {want}"
        jobs = [row if self.has_cache(json.loads(row["arguments"])) else None for row in rows("mta.tsv")]
        self.check(one, jobs, "texts")


if __name__ == "__main__":
    if not GOLDEN or not (GOLDEN / "extract.tsv").is_file():
        print(f"SKIP: no results of providers in {GOLDEN or 'an empty EVX_CORPUS'}; set EVX_CORPUS to a folder "
              "with golden/providers, samples/ and corpora/")
        raise SystemExit(77)
    unittest.main(verbosity=2)
