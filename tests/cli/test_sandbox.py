# SPDX-License-Identifier: MIT
"""What programs give up before they read logs, and that they can do all they have to without it."""
import os
import pathlib
import subprocess
import tempfile
import unittest
import zipfile

EVX, EVTX_DUMP, PROBE = (os.environ[name] for name in ("EVX", "EVTX_DUMP", "SANDBOX_PROBE"))


class Sandbox(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        # A sanitizer looks for leaks by what the sandbox refuses.
        self.environment = {**os.environ, "EVX_SANDBOX": "1", "TMPDIR": str(self.temporary),
                            "ASAN_OPTIONS": "detect_leaks=0"}

    def run_as(self, environment, *arguments, **options):
        return subprocess.run(list(map(str, arguments)), capture_output=True, env=environment, timeout=60, **options)

    def probe(self, allowed):
        (self.folder / "named").write_text("x")
        (self.folder / "other").write_text("x")
        result = self.run_as(self.environment, PROBE, allowed, self.folder / "other")
        if result.returncode == 77:
            self.skipTest("the system has no Landlock")
        return dict(line.split(" ") for line in result.stdout.decode().splitlines())

    def test_what_is_given_up(self):
        self.assertEqual(self.probe(self.folder / "named"), {
            "named": "yes", "write": "no", "other": "no", "temporary": "yes", "socket": "no", "exec": "no"})

    def test_programs_do_their_work(self):
        log, case = self.folder / "a.evtx", self.folder / "case.zip"
        subprocess.run([EVX, "gen", "--size", "300K", "--seed", "3", "-f", log], check=True)
        with zipfile.ZipFile(case, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(log, "a.evtx")
        content = log.read_bytes()
        for command in ([EVTX_DUMP, "-t", "2", log], [EVX, "dump", log], [EVX, "dump", self.folder],
                        [EVX, "dump", "--recover-records", log], [EVX, "stats", log], [EVX, "verify", log],
                        [EVX, "query", "--regex", "a.c", log], [EVX, "recover", log], [EVX, "dump", case],
                        [EVX, "query", "--now", "end", "--since", "1d", log]):
            inside = self.run_as(self.environment, *command)
            outside = self.run_as({**self.environment, "EVX_SANDBOX": "0"}, *command)
            self.assertEqual((inside.stdout, inside.stderr, inside.returncode),
                             (outside.stdout, outside.stderr, outside.returncode), command)
        piped = self.run_as(self.environment, EVX, "dump", "--recover-records", "-", input=content)
        self.assertEqual((piped.returncode, piped.stderr), (0, b""))

    def test_what_was_not_named_is_refused(self):
        self.probe(self.folder)
        log, link = self.folder / "a.evtx", self.folder / "folder" / "link.evtx"
        subprocess.run([EVX, "gen", "--size", "100K", "--seed", "3", "-f", log], check=True)
        link.parent.mkdir()
        link.symlink_to(log)
        result = self.run_as(self.environment, EVX, "dump", link.parent) # a link is a log that was named
        self.assertEqual((result.returncode, result.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()
