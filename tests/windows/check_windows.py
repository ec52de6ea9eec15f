#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Windows programs under wine say what those of this machine say: output, errors and exit codes of every real log
there is, and of generated ones; and what is Windows' own: names, wildcards, pipes, locked logs.
usage: check_windows.py [--quick] WINDOWS_FOLDER FOLDER      the folders have evx.exe and evtx_dump.exe, evx and evtx_dump
Exit code 77: there is no wine."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICK = "--quick" in sys.argv and not sys.argv.remove("--quick")
WINE = next((path for path in ("/usr/lib/wine/wine64", shutil.which("wine64"), shutil.which("wine"))
             if path and os.path.exists(path)), None)
CORPUS = os.environ.get("EVX_CORPUS", str(ROOT.parent / "shared"))
IN_USE = (b"the log is in use by the Event Log service: export it with wevtutil epl, or copy it with a backup tool "
          b"(os error 16)")


class Outcome:
    def __init__(self, run):
        self.code, self.out, self.err = run.returncode, run.stdout, run.stderr


def run(command, **more):
    return Outcome(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **more))


class Windows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.kept.name)
        cls.windows("evx", "--version")  # the first run makes wine's folder, and says so
        cls.logs = []
        for profile in ("security", "mixed"):
            log = cls.folder / f"{profile}.evtx"
            log.write_bytes(cls.native("evx", "gen", "--profile", profile, "--size", "256K", "--seed", "1").out)
            cls.logs.append(log)
        damaged = bytearray(cls.logs[0].read_bytes())
        damaged[70000:70400] = b"\xff" * 400
        (cls.folder / "damaged.evtx").write_bytes(damaged)
        cls.logs.append(cls.folder / "damaged.evtx")

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    @classmethod
    def native(cls, program, *arguments, **more):
        return run([str(NATIVE / program), *arguments], cwd=more.pop("cwd", cls.folder), **more)

    @classmethod
    def windows(cls, program, *arguments, **more):
        return run([WINE, str(PROGRAMS / f"{program}.exe"), *arguments], cwd=more.pop("cwd", cls.folder),
                   env=ENVIRONMENT, **more)

    def assert_same(self, program, *arguments, **more):
        ours, theirs = self.windows(program, *arguments, **more), self.native(program, *arguments, **more)
        self.assertEqual(ours.code, theirs.code, arguments)
        self.assertEqual(ours.err, theirs.err, arguments)
        self.assertTrue(ours.out == theirs.out, f"{program} {arguments}: {len(ours.out)} bytes, not {len(theirs.out)}")
        return ours

    def test_generated_logs(self):
        for log in self.logs:
            for arguments in (["-o", "jsonl"], ["-o", "xml", "-t", "1"]):
                self.assert_same("evtx_dump", *arguments, log.name)
                self.assert_same("evx", "dump", *arguments, log.name)
            self.assert_same("evx", "info", log.name)
        self.assert_same("evx", "gen", "--profile", "mixed", "--size", "64K", "--seed", "2")
        self.assert_same("evx", "query", "--regex", "S-1-5-[0-9]+", "-o", "jsonl", "security.evtx")
        self.assert_same("evx", "stats", "--by", "EventID", "mixed.evtx")
        self.assert_same("evx", "dump", "-o", "jsonl", "--from", "127.0.0.1", "mixed.evtx")

    def test_real_logs(self):
        samples = sorted(pathlib.Path(CORPUS).glob("samples/*.evtx")) if CORPUS else []
        if not samples:
            self.skipTest("no real logs")
        for sample in samples[:2] if QUICK else samples:
            self.assert_same("evtx_dump", "-o", "jsonl", str(sample))
            self.assert_same("evtx_dump", str(sample))
            self.assert_same("evtx_dump", "info", "-i", str(sample))
            if not QUICK:
                self.assert_same("evtx_dump", "--recover-records", "-o", "json", str(sample))
                self.assert_same("evx", "dump", "-o", "csv", str(sample))

    def test_failures(self):
        (self.folder / "short.evtx").write_bytes(b"ElfFile\0")
        (self.folder / "other.evtx").write_bytes(b"NotEvtx\0" + bytes(5000))
        (self.folder / "empty").mkdir()
        for arguments in (["absent.evtx"], ["short.evtx"], ["other.evtx"], ["empty"], ["absent/x.evtx"], ["-o", "XML"], [],
                          ["-t", "1", "-t", "2"], ["--bogus"], ["-f", "empty", "mixed.evtx"],
                          ["-f", "", "mixed.evtx"], ["--mta", "absent", "mixed.evtx"],
                          ["--wevt-cache", "absent", "mixed.evtx"], ["info"], ["info", "-i", "absent"]):
            self.assert_same("evtx_dump", *arguments)
        self.assert_same("evx", "dump", "empty", "absent.evtx")
        self.assert_same("evx", "query", "*[System[EventID=4624", "mixed.evtx")
        self.assert_same("evtx_dump", "--help")

    def test_pipes(self):
        log = self.logs[0].read_bytes()
        for arguments in (["dump", "-o", "jsonl", "-"], ["dump", "-o", "jsonl", "--reverse", "-"]):
            self.assert_same("evx", *arguments, input=log)
        self.assert_same("evtx_dump", "-", input=log)
        self.assertEqual(self.windows("evtx_dump", "-", input=b"").code, 1)  # wine cannot look into such a pipe
        (self.folder / "nothing").touch()
        with open(self.folder / "nothing", "rb") as nothing:
            self.assert_same("evtx_dump", "-", stdin=nothing)
        self.assert_same("evtx_dump", "-", stdin=subprocess.DEVNULL)
        with open(self.logs[1], "rb") as file:
            ours = self.windows("evtx_dump", "-o", "jsonl", "-", stdin=file)
        self.assertEqual(ours.out, self.native("evtx_dump", "-o", "jsonl", "mixed.evtx").out)
        reader = subprocess.Popen([WINE, str(PROGRAMS / "evtx_dump.exe"), "mixed.evtx"], cwd=self.folder,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        reader.stdout.read(10)
        reader.stdout.close()  # a reader that goes away is a normal end
        self.assertEqual((reader.stderr.read(), reader.wait(60)), (b"", 0))
        reader.stderr.close()

    def test_written_log(self):
        for program, run in (("ours", self.windows), ("theirs", self.native)):
            self.assertEqual(run("evx", "recover", "--write", f"{program}.evtx", "damaged.evtx").code, 0)
        self.assertTrue((self.folder / "ours.evtx").read_bytes() == (self.folder / "theirs.evtx").read_bytes())

    def test_version(self):
        self.assertRegex(self.windows("evx", "--version").out,
                         rb"\Aevx [0-9.]+\nbuilt without packs of providers \(SQLite\), registries of images \(libhivex\), archives \(libarchive\)\n\Z")

    def test_output_files(self):
        expected = self.native("evtx_dump", "-o", "jsonl", "mixed.evtx").out
        for path in ("out.jsonl", "new\\deeper/out.jsonl", str(self.folder / "full" / "out.jsonl")):
            ours = self.windows("evtx_dump", "-o", "jsonl", "-f", path, "mixed.evtx")
            self.assertEqual((ours.code, ours.err, ours.out), (0, b"", b""))
            self.assertTrue((self.folder / path.replace("\\", "/")).read_bytes() == expected, path)
        ours = self.windows("evtx_dump", "-f", "out.jsonl", "mixed.evtx")
        self.assertEqual(ours.code, 1)
        self.assertIn(b"Failed to display confirmation prompt", ours.err)
        ours = self.windows("evtx_dump", "-f", "mixed.evtx", "--no-confirm-overwrite", "MIXED.evtx")
        self.assertIn(b"It is an input file", ours.err)
        self.assertEqual(self.windows("evtx_dump", "--no-confirm-overwrite", "-f", "NUL", "mixed.evtx").code, 0)

    def test_names(self):
        expected = self.native("evtx_dump", "-o", "jsonl", "security.evtx").out
        deep = "\\".join(["a" * 60] * 5)
        (self.folder / deep.replace("\\", "/")).mkdir(parents=True)
        for name in ("A%4Operational.evtx", "\u00fcml\u00e4ut \u6f22\U0001f4d3.evtx", "con.evtx", "nul.tar.evtx",
                     "sub\\con.evtx", "trail .evtx", f"{deep}\\log.evtx"):
            path = self.folder / name.replace("\\", "/")
            path.parent.mkdir(exist_ok=True)
            shutil.copy(self.folder / "security.evtx", path)
            full = "Z:" + str(path).replace("/", "\\")
            for said in (name, full, f"\\\\?\\{full}"):
                ours = self.windows("evtx_dump", "-o", "jsonl", said)
                self.assertEqual((ours.code, ours.err), (0, b""), said)
                self.assertTrue(ours.out == expected, said)

    def test_wildcards_and_folders(self):
        inside = self.folder / "inside"
        inside.mkdir()
        for name in ("b.evtx", "a.evtx", "c.log"):
            shutil.copy(self.folder / "mixed.evtx", inside / name)
        one = self.windows("evx", "query", "--count", "--id", "1-65535", "inside\\*.evtx").out.decode()
        self.assertEqual([line.split("\t")[1] for line in one.splitlines()],
                         ["inside\\a.evtx", "inside\\b.evtx", "total"])
        two = self.windows("evx", "query", "--count", "--id", "1-65535", "inside").out.decode()
        self.assertEqual([line.split("\t")[1] for line in two.splitlines()], ["inside/a.evtx", "inside/b.evtx", "total"])

    def test_locked_log(self):
        # A wine process of another program, which holds the file as the service does: for itself.
        script = self.folder / "lock.exe"
        if not (PROGRAMS / "lock_file.exe").exists():
            self.skipTest("no lock_file.exe")
        shutil.copy(PROGRAMS / "lock_file.exe", script)
        holder = subprocess.Popen([WINE, str(script), "mixed.evtx"], cwd=self.folder, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, env=ENVIRONMENT)
        self.assertEqual(holder.stdout.read(4), b"held")
        ours = self.windows("evtx_dump", "mixed.evtx")
        holder.stdin.close()
        holder.wait(60)
        holder.stdout.close()
        self.assertEqual(ours.code, 1)
        self.assertIn(IN_USE, ours.err)


if __name__ == "__main__":
    if not WINE:
        print("wine is not installed")
        sys.exit(77)
    NATIVE = pathlib.Path(sys.argv.pop()).resolve()
    PROGRAMS = pathlib.Path(sys.argv.pop()).resolve()
    ENVIRONMENT = {**os.environ, "WINEDEBUG": "-all", "WINEPREFIX": str(PROGRAMS / "wine")}
    ENVIRONMENT.pop("DISPLAY", None)
    unittest.main(verbosity=2)
