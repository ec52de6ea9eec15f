#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the promise that both states of every thesis stay reachable from main: the driver's steps in a small
repository whose "engine" is a script and whose ./dev copies it. Figures are canned; nothing is measured.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from perf import pairs  # noqa: E402
from perf.thesis import ACCEPTED, REJECTED, UNDECIDED  # noqa: E402
from test_theses import PAGE, figures  # noqa: E402

DEV = """\
#!/bin/sh
set -e
case $1 in
build) mkdir -p build/cli && cp engine build/cli/evtx_dump && chmod +x build/cli/evtx_dump ;;
test) echo "3 passed, $(cat failing), 0 skipped"; [ "$(cat failing)" = "0 failed" ] ;;
esac
"""
ENGINE = """\
#!/bin/sh
# {comment}
echo '{{"x":{value}}}'
"""
CHECK = ["check", "--workloads", "x.evtx", "--records-of", "x.evtx"]


class Steps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "tree"
        self.tools = pathlib.Path(folder.name) / "tools"
        self.root.mkdir()
        for package in ("bench", "perf"):
            shutil.copytree(REPOSITORY / package, self.root / package,
                            ignore=shutil.ignore_patterns("theses", "history", "__pycache__"))
        for name, content in (("dev", DEV), ("engine", ENGINE.format(comment="plain", value=1)), ("PERF.md", PAGE),
                              ("failing", "0 failed\n"), (".gitignore", "/build/\n__pycache__/\n"), ("x.evtx", "a log")):
            (self.root / name).write_text(content, encoding="utf-8")
        (self.root / "dev").chmod(0o755)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("Begin")

    def git(self, *arguments):
        configured = ["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments]
        return subprocess.run(configured, cwd=self.root, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, subject):
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def perf(self, *arguments, code=0):
        environment = {**os.environ, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1",
                       "PATH": f"{self.tools}:{os.environ['PATH']}", "QUIET_MAX_WAIT_SEC": "0",
                       "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@y", "GIT_COMMITTER_NAME": "x",
                       "GIT_COMMITTER_EMAIL": "x@y"}
        done = subprocess.run([sys.executable, "-m", "perf.driver", *arguments], cwd=self.root, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def new(self, title="Faster", **options):
        words = [f"--{key}={value}" for key, value in {"claim": "c", "evidence": "e", "change": "x", **options}.items()]
        return self.perf("new", title, *words, "--success", "x.evtx cpu_median <= 0.95",
                         "--guardrail", "x.evtx instructions <= 1.02")

    def change(self, comment="changed", value=1):
        (self.root / "engine").write_text(ENGINE.format(comment=comment, value=value), encoding="utf-8")
        return self.commit(f"Change the engine: {comment}")

    def folder(self, number):
        return self.root / "perf" / "theses" / f"h{number}"

    def thesis(self, number):
        return json.loads((self.folder(number) / "thesis.json").read_text(encoding="utf-8"))

    def can_bench(self, number, ratio):
        """What bench would leave, with figures of our choice."""
        stamps = {side: json.loads((self.root / "build/lab/bin" / f"evtx_dump.h{number}_{side}.json").read_text())
                  for side in ("before", "after")}
        pairs.write({**figures({"x.evtx": ratio}), "programs": stamps}, self.folder(number) / "bench.json")

    def can_valgrind(self):
        """It counts a thousand instructions of whatever runs."""
        program = self.tools / "valgrind"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\necho '==1== Collected : 1000' >&2\n", encoding="utf-8")
        program.chmod(0o755)

    def through(self, number, ratio, comment="changed", value=1):
        """All steps from before to report; the change's commit."""
        self.perf("before")
        commit = self.change(comment, value)
        self.perf("after")
        self.can_bench(number, ratio)
        self.perf(*CHECK)
        self.perf("verdict")
        self.perf("report")
        return commit

    def assert_clean_main(self):
        self.assertEqual(self.git("branch", "--show-current"), "main")
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertEqual(self.git("branch", "--list", "perf/*"), "")

    def is_on_main(self, commit):
        return self.git("merge-base", commit, "main") == commit

    def test_accepted(self):
        base = self.git("rev-parse", "HEAD")
        self.new()
        commit = self.through(1, 0.9)
        self.perf("land")
        self.assert_clean_main()
        found = self.thesis(1)
        self.assertEqual((found["state"], found["base_commit"], found["change_commit"], found["patch"]),
                         (ACCEPTED, base, commit, None))
        self.assertTrue(self.is_on_main(commit))
        self.assertIn("changed", (self.root / "engine").read_text(encoding="utf-8"))
        self.assertIn("perf/theses/h1/README.md", (self.root / "PERF.md").read_text(encoding="utf-8"))
        self.assertIn("# H1: Faster", (self.folder(1) / "README.md").read_text(encoding="utf-8"))
        history = (self.root / "perf/history/accepted.jsonl").read_text(encoding="utf-8")
        self.assertEqual(json.loads(history)["commit"], commit)

    def test_rejected(self):
        base = self.git("rev-parse", "HEAD")
        self.new()
        commit = self.through(1, 1.1)
        self.perf("land")
        self.assert_clean_main()
        found = self.thesis(1)
        self.assertEqual((found["state"], found["base_commit"], found["change_commit"], found["patch"]),
                         (REJECTED, base, None, "change.patch"))
        self.assertFalse(self.is_on_main(commit))
        self.assertIn("plain", (self.root / "engine").read_text(encoding="utf-8"))
        self.assertFalse((self.root / "perf/history").exists())
        self.git("checkout", "--quiet", "--detach", base)
        patch = self.root.parent / "change.patch"
        patch.write_text(self.git("show", "main:perf/theses/h1/change.patch") + "\n", encoding="utf-8")
        self.git("apply", "--index", str(patch))
        self.assertEqual(self.git("diff", commit, "--", "engine"), "")

    def test_undecided_keeps_its_change_as_a_patch(self):
        self.new()
        self.perf("before")
        self.change()
        self.perf("after")
        self.can_bench(1, 0.9)
        benched = json.loads((self.folder(1) / "bench.json").read_text(encoding="utf-8"))
        benched["workloads"] = {}
        pairs.write(benched, self.folder(1) / "bench.json")
        self.perf(*CHECK)
        self.assertIn(UNDECIDED, self.perf("verdict"))

    def test_other_output_is_rejected_however_fast(self):
        self.new()
        self.through(1, 0.5, value=2)
        self.assertEqual(self.thesis(1)["state"], REJECTED)
        self.assertIn("output differs in 11 of 11 runs", self.thesis(1)["verdict"]["reasons"])

    def test_failing_tests_reject(self):
        self.new()
        (self.root / "failing").write_text("1 failed\n", encoding="utf-8")
        self.through(1, 0.5)
        self.assertEqual(self.thesis(1)["state"], REJECTED)
        self.assertIn("tests: 3 passed, 1 failed, 0 skipped", self.thesis(1)["verdict"]["reasons"])

    def test_main_moved(self):
        """The recorded commits are merged, not rebased; the result is to be tested before it lands."""
        self.new()
        commit = self.through(1, 0.9)
        self.git("switch", "--quiet", "main")
        (self.root / "other").write_text("other work\n", encoding="utf-8")
        page = (self.root / "PERF.md").read_text(encoding="utf-8")
        (self.root / "PERF.md").write_text(page.replace("old", "moved"), encoding="utf-8")  # conflicts with the report
        other = self.commit("Move on")
        self.git("switch", "--quiet", "perf/h1-faster")
        self.assertIn("./dev test", self.perf("land"))
        self.assertEqual(self.git("rev-parse", "main"), other)
        self.perf("land")
        self.assert_clean_main()
        self.assertTrue(self.is_on_main(commit) and self.is_on_main(other))
        self.assertIn("[H1]", (self.root / "PERF.md").read_text(encoding="utf-8"))

    def test_main_moved_below_a_rejected_thesis(self):
        self.new()
        self.through(1, 1.1)
        self.git("switch", "--quiet", "main")
        self.change("other work")
        self.git("switch", "--quiet", "perf/h1-faster")
        self.perf("land")
        self.assert_clean_main()
        self.assertIn("other work", (self.root / "engine").read_text(encoding="utf-8"))
        self.assertIn("[H1]", (self.root / "PERF.md").read_text(encoding="utf-8"))

    def test_main_is_checked_out_elsewhere(self):
        self.git("switch", "--quiet", "--detach")
        elsewhere = self.root.parent / "elsewhere"
        self.git("worktree", "add", "--quiet", str(elsewhere), "main")
        self.new()
        commit = self.through(1, 0.9)
        self.perf("land")
        self.assertTrue(self.is_on_main(commit))
        self.assertIn("changed", (elsewhere / "engine").read_text(encoding="utf-8"))
        self.assertEqual(self.git("branch", "--list", "perf/*"), "")

    def test_numbers_are_not_used_again(self):
        self.new()
        self.through(1, 1.1)
        self.perf("land")
        self.new("Another")
        self.assertEqual(self.git("branch", "--show-current"), "perf/h2-another")
        self.git("switch", "--quiet", "main")
        shutil.rmtree(self.folder(1))
        self.commit("Drop the write-up")
        self.git("branch", "--quiet", "-D", "perf/h2-another")
        self.new("Third")
        self.assertEqual(self.git("branch", "--show-current"), "perf/h2-third")  # H2 never was on main

    def test_steps_can_be_given_again(self):
        self.new()
        self.through(1, 0.9)
        for step in ("before", "after"):
            self.assertIn("is there already", self.perf(step))
        for step in ("verdict", "report"):
            self.perf(step)
        self.perf("land")
        self.assert_clean_main()

    def test_an_amended_commit_is_another_one(self):
        """The same sources, but the commit that was measured will never be on main."""
        self.new()
        self.through(1, 0.9)
        self.git("reset", "--quiet", "--hard", "HEAD~1")
        self.git("commit", "--quiet", "--amend", "-m", "Say it better")
        self.assertIn("./dev perf after", self.perf("bench", code=1))

    def test_a_better_second_attempt(self):
        """A rejected report is not the end while the branch is there."""
        self.new()
        self.through(1, 1.1)
        commit = self.change("changed more")
        self.perf("after")
        self.can_bench(1, 0.9)
        self.perf(*CHECK)
        self.perf("verdict")
        self.perf("report")
        self.perf("land")
        self.assert_clean_main()
        self.assertEqual((self.thesis(1)["state"], self.thesis(1)["change_commit"]), (ACCEPTED, commit))
        self.assertFalse((self.folder(1) / "change.patch").exists())

    def test_refusals(self):
        self.assertIn("is no thesis's branch", self.perf("before", code=1))
        (self.root / "dirt").write_text("dirt\n", encoding="utf-8")
        self.assertIn("not clean", self.perf("new", "Title", code=1))
        (self.root / "dirt").unlink()
        self.assertIn("no workload", self.perf("new", "Title", "--success", "W9 cpu_median <= 0.9", code=1))
        self.new(claim="")
        self.assertIn("claim", self.perf("before", code=1))
        file = self.folder(1) / "thesis.json"
        file.write_text(file.read_text(encoding="utf-8").replace('"claim": ""', '"claim": "c"'), encoding="utf-8")
        self.perf("before")
        self.assertIn("nothing has changed", self.perf("after", code=1))
        (self.root / "engine").write_text("dirt\n", encoding="utf-8")
        self.assertIn("in no commit", self.perf("after", code=1))
        self.change()
        for step in ("bench", "check", "profile", "verdict"):
            self.assertIn("./dev perf after", self.perf(step, code=1))
        self.assertIn("no verdict yet", self.perf("report", code=1))
        self.perf("after")
        self.assertIn("./dev perf bench", self.perf("verdict", code=1))
        self.can_bench(1, 0.9)
        self.assertIn("./dev perf check", self.perf("verdict", code=1))
        self.change("changed behind its back")
        self.assertIn("./dev perf after", self.perf("verdict", code=1))
        self.assertIn("there is no thesis H7", self.perf("rerun", "H7", code=1))

    def test_compare_needs_no_thesis(self):
        """On whatever is checked out, against any commit, and leaves nothing in the tree. No time is looked at."""
        self.can_valgrind()
        base = self.git("rev-parse", "HEAD")
        self.git("switch", "--quiet", "-c", "side")
        self.change()
        branches = self.git("branch", "--list")
        compare = ["compare", base[:8], "x.evtx", "--rounds", "10", "--seconds", "0"]
        said = self.perf(*compare)
        self.assertRegex(said, r"x\.evtx +cpu_median +[\d.]+ ms +[\d.]+ ms +[\d.]+ \[[\d., ]+\] +1\.0000 +[\d.]+ \[")
        self.assertIn("both write the same in 11 runs", said)
        self.change("other output", value=2)
        self.assertIn("the output differs in 11 of 11 runs", self.perf(*compare, "--max-ratio", "0.0001", code=1))
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertEqual(self.git("branch", "--list"), branches)
        self.assertIn("nowhere is no commit", self.perf("compare", "nowhere", code=1))
        self.assertIn("no workload", self.perf("compare", base, "W9", code=1))

    def test_a_thesis_begins_on_main(self):
        self.git("switch", "--quiet", "-c", "side")
        self.change()
        self.assertIn("is not on main", self.perf("new", "Title", code=1))

    def test_a_program_that_does_not_build(self):
        self.new()
        self.perf("before")
        (self.root / "engine").unlink()
        self.commit("Break it")
        self.assertIn("./dev build fails", self.perf("after", code=1))


if __name__ == "__main__":
    unittest.main()
