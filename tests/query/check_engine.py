#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against a query engine that selects other records than Windows and the slow evaluator: the tables of
check_oracle.py once more, asked of `evx query`, and random queries asked of both. Without the corpus it says
so and is skipped.

EVX: the program. EVX_SEED: of the random queries, the same ones unless it is given; it is printed. EVX_QUERIES_PER_LOG: how many there are.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import check_oracle  # noqa: E402
import oracle  # noqa: E402

QUERIES_PER_LOG = int(os.environ.get("EVX_QUERIES_PER_LOG", "12"))
PROFILES = ("security", "system", "sysmon", "powershell", "mixed")
LOGS = ("security.evtx", "system.evtx", "sysmon.evtx", "new-user-security.evtx",
        "Microsoft-Windows-LanguagePackSetup%4Operational.evtx", "Security_with_size_t.evtx")
SELECTED, NOTHING, TROUBLE = 0, 1, 2


def run(*arguments):
    return subprocess.run([oracle.EVX, "query", *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, text=True, errors="replace")


def ids(*arguments):
    """Header identifiers of the records that are written; None: the query is refused."""
    now = () if "--now" in arguments else ("--now", check_oracle.NOW)
    result = run("-o", "json", *now, *arguments)
    if "Error: " in result.stderr:
        return None
    assert "error: " not in result.stderr, result.stderr  # of usage
    assert result.returncode in (SELECTED, NOTHING, TROUBLE), result.stderr
    return [int(each) for each in re.findall(r"^Record (\d+)$", result.stdout, re.M)]


def selected(xpath, path):
    found = ids("--any-channel", "-q", xpath, path)
    assert found is not None, xpath
    return found


def refused(query):
    result = run("-q", query, "/dev/null")
    return "Error: --query" in result.stderr


def command(*arguments):
    """As the evaluator's: exit code, identifiers, messages."""
    result = run("-o", "json", *arguments)
    return result.returncode, re.findall(r"^Record (\d+)$", result.stdout, re.M), result.stderr


class Engine(check_oracle.Corpus):
    """The same tables with the engine in the evaluator's place."""

    def setUp(self):
        self.was = check_oracle.selected, check_oracle.refused, check_oracle.command
        check_oracle.selected, check_oracle.refused, check_oracle.command = selected, refused, command

    def tearDown(self):
        check_oracle.selected, check_oracle.refused, check_oracle.command = self.was

    def test_queries_that_windows_refuses(self):
        self.each("rejected.tsv", lambda row: self.assertTrue(refused(row["xpath"])))

    def test_query_files_are_read(self):
        bad = {pathlib.PurePosixPath(row["path"]).name for row in check_oracle.rows("rejected.tsv")}
        wrong = []
        for path in sorted((check_oracle.QUERIES / "xml").rglob("*")):
            if path.is_file() and "Error: " in run("-Q", path, "/dev/null").stderr.replace("Error: Failed", ""):
                wrong.append(path.name)
        self.assertEqual(set(wrong), bad)


def without_plans(*arguments):
    """The same answers by walking every record, and looking at every value that a search is for."""
    os.environ["EVX_PLANS"] = os.environ["EVX_SKIPS"] = "0"
    try:
        return ids(*arguments)
    finally:
        del os.environ["EVX_PLANS"], os.environ["EVX_SKIPS"]


class Random(unittest.TestCase):
    """Random queries asked of the evaluator and of the engine, with plans and without."""

    @classmethod
    def setUpClass(cls):
        cls.seed = int(os.environ.get("EVX_SEED", "1"))
        print(f"EVX_SEED={cls.seed}")

    def compare_all(self, make_logs):
        differing = []
        with tempfile.TemporaryDirectory() as folder:
            for log in make_logs(pathlib.Path(folder)):
                differing += self.compare(pathlib.Path(folder), log, self.seed)
        self.assertEqual(len(differing), 0, "\n".join(differing[:20]))

    @unittest.skipUnless(os.environ.get("EVX_GENERATED"), "generated logs are a test of their own")
    def test_generated_logs(self):
        def make_logs(folder):
            for profile in PROFILES:
                log = folder / f"{profile}.evtx"
                subprocess.run([oracle.EVX, "gen", "--profile", profile, "--size", "128K", "--seed",
                                str(self.seed % 1000), "-f", str(log)], check=True)
                yield log
        self.compare_all(make_logs)

    @unittest.skipUnless(check_oracle.QUERIES and check_oracle.QUERIES.is_dir(),
                         "the folder of real logs and queries is not there")
    def test_real_logs(self):
        self.compare_all(lambda _: map(check_oracle.sample, LOGS))

    def compare(self, folder, log, seed):
        xml, types, queries = folder / f"{log.stem}.xml", folder / "types", folder / "queries"
        with open(xml, "wb") as out:
            subprocess.run([oracle.EVX, "dump", "--no-indent", "-o", "xml", str(log)], stdout=out,
                           stderr=subprocess.DEVNULL, check=False)
        with open(types, "wb") as out:
            subprocess.run([oracle.EVX, "templates", "-o", "json", str(log)], stdout=out, check=False)
        with open(queries, "wb") as out:
            subprocess.run([sys.executable, str(HERE / "random_queries.py"), "--seed", str(seed), "--count",
                            str(QUERIES_PER_LOG), str(xml)], stdout=out, stderr=subprocess.DEVNULL, check=True)
        answers = subprocess.run([sys.executable, str(HERE / "oracle.py"), "--batch", str(queries), "--types",
                                  str(types), str(xml)], stdout=subprocess.PIPE, check=True, text=True).stdout
        for arguments, answer in zip(queries.read_text().splitlines(), answers.splitlines()):
            arguments, answer = json.loads(arguments), json.loads(answer)
            found = ids(*arguments, log)
            if found != without_plans(*arguments, log):
                yield name_of(log, arguments, "plans and walks differ")
            if (wrong := disagreement(answer, found)) is not None:
                yield name_of(log, arguments, wrong)


def name_of(log, arguments, wrong):
    return f"{log.name} {json.dumps(arguments)}: {wrong}"


def disagreement(answer, found):
    """What differs between the evaluator's answer for a log and the engine's, or None."""
    if isinstance(answer, str):
        return None if found is None else f"evaluator refuses: {answer}"
    if found is None:
        return "engine refuses"
    expected = next(iter(answer.values())) if isinstance(answer, dict) else answer[0]
    sure = [each for each in expected if not str(each).endswith("?")]
    unsure = {int(str(each).rstrip(" ?")) for each in expected if str(each).endswith("?")}
    missing = [each for each in map(int, sure) if each not in set(found)]
    extra = [each for each in found if each not in set(map(int, sure)) and each not in unsure]
    return f"missing {missing[:5]}, extra {extra[:5]}" if missing or extra else None


if __name__ == "__main__":
    if not os.environ.get("EVX_GENERATED") and not (check_oracle.QUERIES and check_oracle.QUERIES.is_dir()):
        print("SKIP: the folder of real logs is not there; set EVX_CORPUS to it")
        raise SystemExit(77)
    sys.setrecursionlimit(20000)
    del check_oracle.Corpus  # its tables are asked by Engine
    unittest.main(verbosity=1)
