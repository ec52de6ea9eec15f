#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards the laboratory's page: every artifact is on it with its numbers, what is absent has a sentence, and it
needs nothing from the network. Made of canned artifacts."""
import contextlib
import html.parser
import io
import json
import pathlib
import re
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from perf import plots, site  # noqa: E402

MACHINE = {"cpu": "Some CPU", "cores": 2, "compiler": "cc 1.2", "commit": "0" * 40}
VOID = {"meta", "br", "path", "rect", "use", "circle", "line", "image"}


class Page(html.parser.HTMLParser):
    """Texts and links of a page, and whether its elements are closed in order."""

    def __init__(self, source):
        super().__init__()
        self.open, self.links, self.texts, self.plots = [], [], [], 0
        self.feed(source)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.plots += tag == "figure"
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, tag

    def handle_startendtag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]

    def handle_data(self, data):
        self.texts.append(data)


def rival(converter, median_ns, **more):
    return {"log": "security", "log_bytes": 33_000_000, "format": "jsonl", "threads": 1, "sink": "null",
            "converter": converter, "difference": None, "median_ns": median_ns, "minimum_ns": median_ns,
            "ratio": median_ns / 30e6, "ratio_low": 1.0, "ratio_high": 4.0, **more}


def figure(ratio):
    return {"measure": "cpu_median", "ratio": ratio, "low": ratio, "high": ratio}


class Site(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.target = self.root / "out" / "index.html"

    def write(self, name, *documents):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
        return path

    def page(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(site.main(["--root", str(self.root), "--out", str(self.target)]), 0)
        return Page(self.target.read_text(encoding="utf-8"))

    def thesis(self, number, title, state, after):
        before = [29000, 1000, 2000, 11000, 0, 1000]  # the least, then what the others take more
        self.write(f"perf/theses/h{number}/thesis.json", {
            "id": f"H{number}", "title": title, "state": state,
            "success": {"workload": "W1", "measure": "cpu_median", "at_most_ratio": 0.97}})
        self.write(f"perf/theses/h{number}/bench.json", {"workloads": {"W1": {
            "before": {"cpu_median": before}, "after": {"cpu_median": [time * after for time in before]}}}})

    def test_nothing_there_yet(self):
        page = self.page()
        self.assertEqual(page.plots, 0)
        text = "".join(page.texts)
        for command in ("./dev bench", "./dev perf new", "./dev perf ablate", "./dev perf gate --update"):
            self.assertIn(command, text)

    def test_everything(self):
        self.write("build/lab/bench/results.jsonl", {"machine": MACHINE, "versions": {"evx": "0.1", "cargo-evtx": "9.9"}},
                   rival("evx", 30e6), rival("cargo-evtx", 81e6), rival("evx", 1e6, threads=2),
                   {**rival("pypi-evtx", 1.0, difference="line 3 is <other>"), "median_ns": None})
        self.write("perf/history/accepted.jsonl", {"thesis": "H1", "title": "One", "date": "2026-01-02", "commit": "c" * 40,
                                                   "figures": {"W1": figure(0.8)}})
        self.write("perf/ablation.json", {"machine": MACHINE, "date": "2026-01-02", "workloads": {"W1": {
            "base": {"median_ms": 30.5}, "rows": [
                {"name": "small_thing", "ratio": 1.02, "low": 0.99, "high": 1.05, "instructions_ratio": 1.01},
                {"name": "big_thing", "ratio": 2.5, "low": 2.4, "high": 2.6, "instructions_ratio": 2.6}]}}})
        self.write("perf/instructions.json", {"machine": {"compiler": "gcc 1"}, "logs": {},
                                              "instructions_per_record": {"security jsonl": 5165.7}})
        self.thesis(1, "One <script>alert(1)</script>", "accepted", 0.8)
        self.thesis(10, "Ten", "rejected", 1.1)
        self.thesis(2, "Two", "undecided", 1.0)
        flame = self.root / "build/lab/profiles/h1/flame_h1_before.svg"
        flame.parent.mkdir(parents=True)
        flame.write_text("<svg/>", encoding="utf-8")

        page = self.page()
        text = "\n".join(page.texts)
        self.assertEqual(page.plots, 1 + 1 + 1 + 3)  # rivals, history, ablations, runs
        for expected in ("2.700", "1,100", " 407", "Some CPU, 2 cores", "cargo-evtx 9.9", "line 3 is <other>", "+150.0 %",
                         "2.400 to 2.600", "W1, the whole 30.5 ms", "5,165.7", "W1 0.800", "W1 1.100", "1.25\u00d7", "2.70\u00d7",
                         "H10, W1", "One <script>alert(1)</script>"):
            self.assertIn(expected, text)
        self.assertLess(text.index("big_thing"), text.index("small_thing"))
        self.assertLess(text.index("H2, W1"), text.index("H10, W1"))
        self.assertNotIn("script", page.open)
        outside = [link for link in page.links if not link.startswith("#")]
        self.assertEqual(outside, ["flames/h1/flame_h1_before.svg"])
        self.assertTrue((self.target.parent / outside[0]).exists())
        source = self.target.read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"https?://[^\"' <)]+", source)) - {"http://www.w3.org/2000/svg",
                                                                         "http://www.w3.org/1999/xlink"}, set())

    def test_kept_rivals_until_there_are_new_ones(self):
        self.write("perf/rivals.jsonl", rival("evx", 30e6), rival("kept", 60e6))
        self.write("build/lab/bench/micro.jsonl", {"kernel": "utf16"})
        self.assertIn("kept", self.page().texts)
        self.write("build/lab/bench/results.jsonl", rival("evx", 30e6), rival("new", 60e6))
        texts = self.page().texts
        self.assertIn("new", texts)
        self.assertNotIn("kept", texts)

    def test_what_the_suite_writes(self):
        suite = REPOSITORY / "tests/lab/results.jsonl"
        self.write("build/lab/bench/results.jsonl", *map(json.loads, suite.read_text(encoding="utf-8").splitlines()))
        page = self.page()
        self.assertEqual(page.plots, 2)
        self.assertIn("2.733", page.texts)

    def test_ratios_are_multiplied(self):
        history = [{"figures": {"W1": figure(0.5)}}, {"figures": {"W3": figure(0.8)}},
                   {"figures": {"W1": figure(0.8), "W3": figure(1.25)}}]
        self.assertEqual(site.cumulated(history), {"W1": [1.0, 2.0, 2.0, 2.5], "W3": [None, 1.0, 1.25, 1.0]})

    def test_plots_of_little(self):
        plots.runs("t", "ms", [1.0], [1.0])
        plots.ablations("t", [plots.Bar("x", 0.9, 0.8, 1.0)])
        plots.history(["start", "H1"], {"W1": [1.0, 1.0]})
        self.assertIn("0.02", plots.speeds({"xml": {"log": {"slow": 0.02}}}, {"slow": "red"})[0])
        self.assertEqual(plots.runs("t", "ms", [1, 2, 3], [2, 3, 4]), plots.runs("t", "ms", [1, 2, 3], [2, 3, 4]))


if __name__ == "__main__":
    unittest.main()
