#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against an oracle that is wrong itself: real queries with the records they select, and what Windows
accepts, refuses and answers. Without the corpus it says so and is skipped.

EVX: the program that turns logs into XML.
"""
import csv
import functools
import hashlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile
from contextlib import redirect_stderr, redirect_stdout

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import oracle  # noqa: E402
from bench.corpus import corpus_folder  # noqa: E402
from flags import parse_time  # noqa: E402
from record import DeclaredKinds  # noqa: E402
from structured import parse_structured  # noqa: E402
from xpath import QueryError, XPathQuery  # noqa: E402

CORPUS = corpus_folder()
QUERIES = CORPUS / "corpora" / "event-queries" if CORPUS else None
NOW = "2026-01-01T00:00:00Z"
HOST_LOGS = tempfile.TemporaryDirectory()


def rows(name):
    with open(QUERIES / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def sample(name):
    return CORPUS / "samples" / name


def log_path(name):
    """A log of the host is unpacked when it is asked for."""
    if not name.startswith("host/"):
        return CORPUS / name
    path = pathlib.Path(HOST_LOGS.name) / name[len("host/"):]
    if not path.exists():
        with zipfile.ZipFile(CORPUS / "corpora" / "windows-host-logs.zip") as logs:
            entry = next(each for each in logs.namelist() if pathlib.PurePosixPath(each).name == path.name)
            path.write_bytes(logs.read(entry))
    return path


@functools.lru_cache(maxsize=None)
def log(path):
    """The records of a log and a run with the types of its templates."""
    listing = subprocess.run([oracle.EVX, "templates", "-o", "json", str(path)], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=False, text=True).stdout
    now = parse_time(NOW, lambda _: 0)
    return oracle.read_log(path, oracle.EVX), oracle.Run(DeclaredKinds(listing), now)


def selected(xpath, path):
    records, run = log(path)
    query = XPathQuery(xpath)
    return [record.id for record, chosen, _ in oracle.select(query.test, records, run) if chosen]


def refused(query):
    try:
        XPathQuery(query)
    except QueryError:
        return True
    return False


def command(*arguments):
    """Exit code, lines and messages of the program."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = oracle.main(list(map(str, arguments)))
    return code, out.getvalue().split(), err.getvalue()


def file_name(source, path):
    return QUERIES / "xml" / source.replace("/", "+") / pathlib.PurePosixPath(path).name


def flat(text):
    return re.sub(r"\s+", " ", text).strip()


@unittest.skipUnless(QUERIES and QUERIES.is_dir(), "the folder of real logs and queries is not there")
class Corpus(unittest.TestCase):
    def each(self, name, check):
        """All rows of a table; says how many agree."""
        table = rows(name)
        agreed = 0
        for row in table:
            with self.subTest(name, **row):
                check(row)
                agreed += 1
        print(f"{name}: {agreed} of {len(table)} agree")

    def test_grammar(self):
        limits = {"24 operands": "*[System[" + " or ".join(["EventID=1"] * 24) + "]]",
                  "25 parentheses": "*[System[" + "(" * 25 + "EventID=1" + ")" * 25 + "]]",
                  "22 predicates": "*" + "[a" * 22 + "]" * 22}

        def check(row):
            query = next((text for words, text in limits.items() if words in row["query"]), row["query"])
            self.assertEqual(refused(query), row["verdict"] == "reject")
        self.each("accepts.tsv", check)

    def test_published_queries_are_accepted(self):
        self.each("queries.tsv", lambda row: self.assertFalse(refused(row["xpath"])))

    def test_queries_that_windows_refuses(self):
        def check(row):
            place = re.search(r"found .* at ([0-9]+)$", row["why"])
            with self.assertRaisesRegex(QueryError, f"byte {place[1]}:" if place else "must start with"):
                XPathQuery(row["xpath"])
        self.each("rejected.tsv", check)

    def test_selected_records(self):
        xpaths = {row["id"]: row["xpath"] for row in rows("queries.tsv")}

        def check(row):
            path = log_path(row["log"])
            ids = [str(each) for each in selected(xpaths[row["id"]], path)]
            self.assertEqual(len(log(path)[0]), int(row["records"]))
            self.assertEqual(len(ids), int(row["selected"]))
            self.assertEqual(",".join(ids[:6]), row["first_ids"])
            self.assertEqual(hashlib.sha256(",".join(ids).encode()).hexdigest()[:16], row["sha256_16"])
        self.each("expected.tsv", check)

    def test_answers_of_windows_11(self):
        def check(row):
            expected = [1, 175, 309] if row["evx"] == "all" else []
            found = selected(row["xpath"], sample("system.evtx"))
            self.assertEqual([each for each in found if each in (1, 175, 309)], expected)
        self.each("oracle-windows11.tsv", check)

    def test_answers_of_powershell(self):
        """In EventRecordIDs. Windows reads three of the four records and leaves out 12, a twin of 10."""
        path = QUERIES / "logs" / "Saved-Events.evtx"
        names = {str(record.id): record.values("System", "EventRecordID")[0].value() for record in log(path)[0]}

        def check(row):
            arguments = [row["query"]] if row["kind"] == "xpath" else hashtable(row["query"])
            _, lines, _ = command(*arguments, path)
            found = [names[each] for each in lines]
            self.assertEqual("12" in found, "10" in found)
            self.assertEqual([each for each in found if each != "12"], row["windows_record_ids"].split(","))
        self.each("logs/expected.tsv", check)

    def test_query_files(self):
        """Every container loads and holds the published queries, but one that has an operator in upper case."""
        broken = {file_name(row["source"], row["path"]): row["why"] for row in rows("rejected.tsv")}
        files = sorted((QUERIES / "xml").rglob("*.xml"))
        texts = {}
        for path in files:
            with self.subTest(path=path.name):
                texts[path] = self.load(path, broken.get(path))
        print(f"xml/: {len(texts)} of {len(files)} agree")
        self.held(texts)

    def load(self, path, why):
        text = oracle.decode(path.read_bytes(), self.fail).lstrip("\ufeff \t\r\n")
        try:
            queries = parse_structured(text, self.fail).queries
        except QueryError as error:
            self.assertIsNotNone(why, str(error))
            return None
        return {flat(each.text) for query in queries for each in query.selects + query.suppresses}

    def held(self, texts):
        table = [row for row in rows("queries.tsv") if texts.get(file_name(row["source"], row["path"]))]
        for row in table:
            with self.subTest(**row):
                self.assertIn(flat(row["xpath"]), texts[file_name(row["source"], row["path"])])
        print(f"queries.tsv: {len(table)} queries found again in the files they come from")

    def test_short_forms(self):
        """The rows of builders.tsv that have a counterpart among the options."""
        path = sample("security.evtx")
        system = "*[System[{}]]".format
        for options, xpath in (
                (["--id", "1, 1-4700, -4624"], system("EventID>=1 and EventID<=4700 and EventID!=4624")),
                (["--id", "4624, 4600-5000, -4672", "--level", "info"],
                 system("EventID>=4600 and EventID<=5000 and (Level=0 or Level=4) and EventID!=4672")),
                (["--level", "warning,err,crit,verbose"], system("Level=1 or Level=2 or Level=3 or Level=5")),
                (["--provider", "Microsoft-Windows-Eventlog"], system("Provider[@Name='microsoft-windows-eventlog']")),
                (["--last", "87600h", "--now", NOW], system("TimeCreated[timediff(@SystemTime) <= 315360000000]")),
                (["--keywords", "audit-failure,0x20000000000000"], system("band(Keywords,13510798882111488)")),
                (["--user", "s-1-5-18"], system("Security[@UserID='S-1-5-18']")),
                (["-d", "LogonType=5", "-d", "LogonType=2"],
                 "*[EventData[Data[@Name='LogonType']=5 or Data[@Name='LogonType']=2]]"),
                (["--from", "2017-06-14 00:00", "--to", "2017-06-14"], system(
                    "TimeCreated[@SystemTime>='2017-06-14T00:00:00.000Z' and @SystemTime<='2017-06-14T23:59:59.9999999']")),
        ):
            with self.subTest(options=options):
                self.assertEqual(command(*options, path)[1], [str(each) for each in selected(xpath, path)])
        for wrong in ("7-7", "9-3", "--4", "abc", "4624.5"):
            with self.subTest(ids=wrong):
                self.assertEqual(command(f"--id={wrong}", path)[0], 2)

    @classmethod
    def tearDownClass(cls):
        HOST_LOGS.cleanup()


def hashtable(query):
    """The options for a row of PowerShell's filters; 'path only' asks for everything."""
    arguments = []
    if "SuppressHashFilter Id=" in query:
        arguments += [f"--exclude-id={query.partition('Id=')[2]}"]
    elif "SuppressHashFilter " in query:
        name, _, value = query.partition("SuppressHashFilter ")[2].partition("=")
        arguments += ["--suppress", f"*[UserData/*/{name}={value}]"]
    else:
        for name, values in re.findall(r"(\w+)=('[^']*'(?:,'[^']*')*)", query):
            arguments += [part for value in re.findall("'([^']*)'", values) for part in ("-d", f"{name}={value}")]
        if "DriverName as above" in query:
            arguments += [part for value in DRIVERS for part in ("-d", f"DriverName={value}")]
    return arguments or ["*"]


DRIVERS = ("Remote Desktop Easy Print", "Microsoft enhanced Point and Print compatibility driver")

if __name__ == "__main__":
    if not (QUERIES and QUERIES.is_dir()):
        print("SKIP: the folder of real logs is not there; set EVX_CORPUS to it")
        raise SystemExit(77)
    sys.exit(oracle.with_deep_stack(lambda: 0 if unittest.main(exit=False).result.wasSuccessful() else 1))
