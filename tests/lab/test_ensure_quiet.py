#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the promise of perf/ensure_quiet.sh: its three exit codes, its limits, and what it prints.

The counters are canned. A `sleep` of our own moves them on, so nothing waits and the real load is no matter.
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "perf" / "ensure_quiet.sh"
# Each sleep takes one line of `steps`, "BUSY IDLE IOWAIT", adds it to the counters, and notes that it ran; the
# last line stays. The sleep of 0.5 s, between two looks at the processes, moves those on too.
SLEEP = """#!/bin/sh
cd "$CANNED" || exit 1
echo "$1" >>sleeps
read -r busy idle iowait <steps || exit 0
sed -n '2,$p' steps >rest && [ ! -s rest ] || cp rest steps
read -r _ user _ _ was_idle was_iowait _ <stat
user=$((user + busy)) idle=$((was_idle + idle)) iowait=$((was_iowait + iowait))
printf 'cpu  %s 0 0 %s %s 0 0 0 0 0\\ncpu0 0 0 0 0 0 0 0 0 0 0\\ncpu1 0 0 0 0 0 0 0 0 0 0\\n' \\
    $user $idle $iowait >stat
[ "$1" = 0.5 ] || exit 0
for folder in [0-9]*; do
    cp "$folder/next" "$folder/stat"
done
"""


class Quiet(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.program("sleep", SLEEP)
        self.write("stat", "cpu  1000 0 0 9000 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n")
        self.write("loadavg", "0.50 0.60 0.70 1/100 4242\n")
        self.write("steps", "0 20 0\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def program(self, name, text):
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run_script(self, **variables):
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "CANNED": str(self.folder),
                       "QUIET_PROC": str(self.folder), **variables}
        return subprocess.run(["bash", SCRIPT], env=environment, check=False, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)

    def check(self, code, done):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_quiet_after_three_samples(self):
        done = self.run_script()
        self.check(0, done)
        self.assertEqual(done.stderr, "")
        self.assertEqual((self.folder / "sleeps").read_text().split(),
                         ["0.1", "0.25", "0.1", "0.25", "0.1"])

    def test_a_busy_sample_starts_again(self):
        # Sleeps in turn: within a sample, between two, ...; the second sample is busy.
        self.write("steps", "0 20 0\n0 0 0\n20 0 0\n0 0 0\n0 20 0\n")
        done = self.run_script(QUIET_VERBOSE="1", QUIET_STABLE_SAMPLES="2")
        self.check(0, done)
        self.assertEqual([line.split(", ")[2] for line in done.stderr.splitlines()],
                         [f"{count} of 2 quiet samples" for count in (1, 0, 1, 2)])

    def test_limits_are_inclusive(self):
        self.write("steps", "2 18 0\n")
        self.write("loadavg", "2.00 0 0 1/100 4242\n")
        self.check(0, self.run_script())

    def test_waiting_for_disks_is_idle(self):
        self.write("steps", "2 9 9\n")
        self.check(0, self.run_script())

    def test_busy(self):
        self.write("steps", "21 179 0\n")  # 89.5 % idle
        for pid in range(1, 13):
            self.write(f"{pid}/stat", self.process(pid, 100))
            self.write(f"{pid}/next", self.process(pid, 100 + pid))
        done = self.run_script(QUIET_MAX_WAIT_SEC="0")
        self.check(1, done)
        lines = done.stderr.splitlines()
        self.assertIn("idle 89.5 % (at least 90), load 0.50 (at most 2.0)", lines[0])
        self.assertEqual(len(lines), 2 + 10)
        self.assertEqual(lines[2].split(), ["12.0", "12", "name", "(12)", "x"])
        self.assertEqual(lines[-1].split()[1], "3")

    @staticmethod
    def process(pid, ticks):
        return f"{pid} (name ({pid}) x) R 1 1 1 0 -1 0 0 0 0 0 {ticks} {ticks // 50} 0 0 20 0 1 0\n"

    def test_high_load_with_idle_processors(self):
        self.write("loadavg", "2.01 0 0 1/100 4242\n")
        self.check(1, self.run_script(QUIET_MAX_WAIT_SEC="0"))
        self.check(0, self.run_script(QUIET_MAX_WAIT_SEC="0", QUIET_LOAD1_MAX="2.5",
                                      QUIET_STABLE_SAMPLES="1"))

    def test_time_is_up_before_enough_samples(self):
        self.check(1, self.run_script(QUIET_MAX_WAIT_SEC="0"))

    def test_cannot_tell(self):
        for name, text in (("stat", ""), ("stat", "intr 5\n"), ("loadavg", "")):
            with self.subTest(name=name, text=text):
                kept = (self.folder / name).read_text()
                self.write(name, text)
                done = self.run_script()
                self.check(2, done)
                self.assertIn(str(self.folder / name), done.stderr)
                self.write(name, kept)
        self.write("steps", "0 0 0\n")
        self.assertIn("stand still", self.run_script().stderr)

    def test_another_system(self):
        self.program("uname", "#!/bin/sh\necho OpenBSD\n")
        self.check(2, self.run_script())

    def test_bad_values(self):
        for name, value in (("QUIET_IDLE_MIN", "lots"), ("QUIET_IDLE_MIN", "101"),
                            ("QUIET_LOAD1_MAX", "-1"), ("QUIET_STABLE_SAMPLES", "0"),
                            ("QUIET_STABLE_SAMPLES", "1.5"), ("QUIET_SAMPLE_INTERVAL_SEC", "1s"),
                            ("QUIET_MAX_WAIT_SEC", "1.5"), ("QUIET_VERBOSE", "yes")):
            with self.subTest(name=name, value=value):
                done = self.run_script(**{name: value})
                self.check(2, done)
                self.assertIn(f"{name} is '{value}'; it must be", done.stderr)
                self.assertFalse((self.folder / "sleeps").exists())

    def test_macos(self):
        self.program("uname", "#!/bin/sh\necho Darwin\n")
        self.program("sysctl", "#!/bin/sh\necho '{ 1.50 1.20 1.10 }'\n")
        self.program("top", "#!/bin/sh\necho 'CPU usage: 50.0% user, 20.0% sys, 30.0% idle '\n"
                            "[ \"$1 $2\" = '-l 2' ] && echo 'CPU usage: 3.2% user, 1.4% sys, 95.4% idle '\n")
        self.program("ps", "#!/bin/sh\nseq 1 20\n")
        self.check(0, self.run_script())
        done = self.run_script(QUIET_IDLE_MIN="95.5", QUIET_MAX_WAIT_SEC="0")
        self.check(1, done)
        self.assertIn("idle 95.4 % (at least 95.5), load 1.50", done.stderr)
        self.assertEqual(done.stderr.splitlines()[-10:], [str(n) for n in range(1, 11)])
        self.program("top", "#!/bin/sh\nexit 1\n")
        self.check(2, self.run_script())


if __name__ == "__main__":
    unittest.main()
