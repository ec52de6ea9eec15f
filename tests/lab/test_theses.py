#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guards against verdicts and write-ups that the figures do not bear: numbers, criteria, rules, rendering."""
import contextlib
import io
import json
import pathlib
import re
import sys
import tempfile
import unittest
from unittest import mock

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from bench.measure import Sample  # noqa: E402
from perf import driver, pairs, playbook, profiling, states, thesis, verdict, writeup  # noqa: E402
from perf.say import Refused  # noqa: E402
from perf.thesis import ACCEPTED, REJECTED, UNDECIDED, criterion  # noqa: E402

PAGE = "before\n<!-- playbook -->\n<!-- end -->\n<!-- theses -->\nold\n<!-- end -->\nbehind\n"
KEPT_BYTES_MAX = 20 << 10
SUCCESS, GUARDRAIL = criterion("W1 cpu_median <= 0.95"), criterion("W3 cpu_median <= 1.02")
PROGRAMS = {side: {"commit": "c" * 40, "patch_sha256": None, "sha256": "5" * 64} for side in ("before", "after")}
SOUND = {"tests": {"suite": "all", "exit_code": 0, "summary": "9 passed, 0 failed, 0 skipped"},
         "bytes": {"workloads": ["big"], "runs": 11, "different": 0, "differences": []},
         "records": {"workload": "big", "records": "1-10", "compared": 10, "different": 0}}


def figures(ratios, noise=0.001, rounds=40):
    """What bench keeps, for programs whose times have these ratios on W1, W2 and W3."""
    found = {}
    for workload, ratio in ratios.items():
        found[workload] = {"log": "x.evtx", "bytes": 1, "sha256": "0"}
        for state, factor in (("before", 1.0), ("after", ratio)):
            taken = [Sample(round(4e7 * factor * (1 + noise * (i * 7 % 11))), round(3e7 * factor * (1 + noise * (i % 5))),
                            1 << 20) for i in range(rounds)]
            found[workload][state] = pairs.result(taken, [pairs.main_measure(workload), "peak_memory"],
                                                  round(1e9 * factor) if workload != "W2" else None)
    return {"programs": PROGRAMS, "quiet": True, "date": "2026-01-02", "workloads": found,
            "machine": {"cpu": "Abacus", "cores": 2, "kernel": "6.1", "compiler": "cc 12", "commit": "c" * 40}}


class Numbers(unittest.TestCase):
    def test_none_is_used_twice(self):
        for names, wanted in (([], 1), (["refs/heads/main", "perf/theses"], 1),
                              (["refs/heads/perf/h4-a-b", "perf/theses/h2/thesis.json"], 5),
                              (["refs/remotes/origin/perf/h7-x"], 8),
                              (["perf/theses/h12/change.patch", "refs/heads/perf/h3-h99-is-no-number"], 13),
                              (["refs/heads/superperf/h50-x", "docs/perf/theses/h3/x"], 4)):
            with self.subTest(names=names):
                self.assertEqual(thesis.next_number(names), wanted)

    def test_branch_names(self):
        self.assertEqual(thesis.slug("Write 4 digits at once: faster, isn't it?"), "write-4-digits-at-once")
        self.assertEqual(thesis.slug("???"), "thesis")


class Criteria(unittest.TestCase):
    def test_text_and_back(self):
        for text in ("W1 cpu_median <= 0.95", "stitched@xml@t2 wall_median <= 1", "a b.evtx instructions <= 0.5"):
            self.assertEqual(thesis.criterion_text(criterion(text)), text)

    def test_what_cannot_be_judged_is_refused(self):
        for text in ("W1 faster", "W1 cpu <= 0.9", "W1 cpu_median >= 0.9", "cpu_median <= 0.9", "W1 cpu_median <= 5%", ""):
            with self.subTest(text=text), self.assertRaises(Refused):
                criterion(text)


class Verdicts(unittest.TestCase):
    def decide(self, ratios, checked=SOUND, **options):
        return verdict.decide([SUCCESS, GUARDRAIL], figures(ratios, **options), checked)[0]

    def test_everything_met(self):
        self.assertEqual(self.decide({"W1": 0.9, "W3": 1.0}), ACCEPTED)
        self.assertEqual(self.decide({"W1": 0.95 - 1e-4, "W3": 1.02 - 1e-4}), ACCEPTED)

    def test_success_missed(self):
        self.assertEqual(self.decide({"W1": 0.96, "W3": 0.5}), REJECTED)

    def test_guardrail_missed(self):
        self.assertEqual(self.decide({"W1": 0.5, "W3": 1.03}), REJECTED)

    def test_interval_on_both_sides(self):
        """The estimate itself does not decide, on whichever side it is."""
        for ratio in (0.94, 0.96):
            benched = figures({"W1": ratio, "W3": 1.0})
            after = benched["workloads"]["W1"]["after"]
            times = pairs.runs(benched, "W1", "after", "cpu_median")
            after["cpu_median"] = [0, *(time * (1.04 if i % 2 else 0.96) for i, time in enumerate(times))]
            with self.subTest(ratio=ratio):
                self.assertEqual(verdict.decide([SUCCESS, GUARDRAIL], benched, SOUND)[0], UNDECIDED)

    def test_not_measured(self):
        self.assertEqual(self.decide({"W1": 0.9}), UNDECIDED)

    def test_a_faster_program_that_is_wrong_is_rejected(self):
        for part, change in (("bytes", {"different": 1}), ("records", {"different": 1}), ("tests", {"exit_code": 1})):
            with self.subTest(part=part):
                checked = {**SOUND, part: {**SOUND[part], **change}}
                self.assertEqual(self.decide({"W1": 0.5, "W3": 0.5}, checked), REJECTED)

    def test_every_measure(self):
        benched = figures({"W1": 0.9, "W2": 0.8})
        for text, wanted in (("W1 instructions <= 0.9", verdict.MET), ("W1 instructions <= 0.89", verdict.MISSED),
                             ("W2 instructions <= 1", verdict.NOT_DECIDED), ("W2 wall_median <= 0.81", verdict.MET),
                             ("W2 wall_median <= 0.79", verdict.MISSED), ("W1 peak_memory <= 1", verdict.MET),
                             ("W1 peak_memory <= 0.99", verdict.MISSED)):
            with self.subTest(text=text):
                self.assertEqual(verdict.judge(criterion(text), benched).outcome, wanted)

    def test_bench_json_is_read_as_written(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "bench.json"
            benched = figures({"W1": 0.9, "W2": 1.0})
            pairs.write(benched, file)
            self.assertEqual(json.loads(file.read_text(encoding="utf-8")), benched)

    def test_what_is_kept_of_a_run(self):
        taken = [Sample(9_000_400, ms * 1_000_000 + 600, 4096 * ms) for ms in (7, 5, 9)]
        benched = {"workloads": {"W1": {"before": pairs.result(taken, ["cpu_median", "peak_memory"], 42)}}}
        self.assertEqual(benched["workloads"]["W1"]["before"]["cpu_median"], [5001, 2000, 0, 4000])
        self.assertEqual(pairs.runs(benched, "W1", "before", "cpu_median"), [7001, 5001, 9001])
        self.assertEqual(pairs.runs(benched, "W1", "before", "peak_memory"), [28, 20, 36])
        self.assertEqual(pairs.runs(benched, "W1", "before", "wall_median"), [])
        self.assertEqual(pairs.instructions(benched, "W1"), [42, None])

    def test_every_criterion_has_its_runs(self):
        criteria = [criterion(f"{text} <= 1") for text in ("W2 cpu_median", "mixed peak_memory", "W1 instructions")]
        self.assertEqual(pairs.wanted(criteria), {
            "W1": ["cpu_median"], "W2": ["wall_median", "cpu_median"], "W3": ["cpu_median"],
            "mixed": ["cpu_median", "peak_memory"]})


class Scratch(unittest.TestCase):
    """Theses in a folder of their own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def thesis(self, number, state, title="Digits"):
        words = {"claim": "the claim", "evidence": "the evidence", "change": "the change"}
        made = thesis.start(number, title, "b" * 40, words, SUCCESS, [GUARDRAIL], self.root)
        made.data.update(state=state, verdict={"word": state, "reasons": ["because"]},
                         change_commit="a" * 40 if state == ACCEPTED else None,
                         patch=None if state == ACCEPTED else "change.patch")
        made.save()
        pairs.write(figures({"W1": 0.9, "W2": 0.8, "W3": 1.0}), made.folder / "bench.json")
        writeup.write_json(made.folder / "check.json", SOUND)
        return made


class Commands(unittest.TestCase):
    def output(self, *arguments):
        """What a command prints that ends argparse's way."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), self.assertRaises(SystemExit) as ended:
            driver.main(list(arguments))
        self.assertEqual(ended.exception.code, 0)
        return printed.getvalue()

    def test_help_names_all(self):
        listed = self.output("--help")
        self.assertEqual(self.output(), listed)
        names = re.findall(r"^    (\w+) ", listed, re.MULTILINE)
        for page in ("PERF.md", "HACKING.md"):
            documented = re.findall(r"\./dev perf ([a-z]+)", (REPOSITORY / page).read_text(encoding="utf-8"))
            self.assertLessEqual(set(documented), set(names), page)
        for name in names:
            with self.subTest(command=name):
                self.assertIn(f"usage: ./dev perf {name}", self.output(name, "--help"))


class Profiles(Scratch):
    def test_the_largest_changes_are_kept(self):
        made = self.thesis(1, ACCEPTED)
        self.assertIn("Not recorded", writeup.readme(made))
        place = profiling.folder(made) / "top_leaves_h1_before_vs_h1_after.json"
        place.parent.mkdir(parents=True)
        rows = [{"function": f"f{i}", "before": 2.0, "after": 2.0 + 1 / (i + 1)} for i in range(30)]
        place.write_text(json.dumps({"unit": "CPU ms", "rows": rows}), encoding="utf-8")
        profiling.keep(made)
        text = writeup.readme(made)
        self.assertIn("| `f9` | 2.000 | 2.100 | +0.100 |", text)
        self.assertNotIn("f10", text)


class Rerun(Scratch):
    """What was built and measured is canned."""

    def rerun(self, *options, ratio=0.9):
        programs = [states.Program(pathlib.Path(f"evtx_dump.h1_{side}"), "c" * 40, None, "5" * 64) for side in "ab"]
        benched = figures({"W1": ratio, "W2": 0.8, "W3": 1.0})
        with mock.patch.object(states, "build", side_effect=programs), \
                mock.patch.object(pairs, "bench", return_value=benched), \
                mock.patch.object(driver, "outputs_checked", return_value=SOUND), \
                mock.patch.object(profiling, "record") as recorded, contextlib.redirect_stdout(io.StringIO()):
            holds = driver.rerun_one(self.thesis(1, ACCEPTED), driver.parser().parse_args(["rerun", *options]))
        return holds, recorded

    def test_the_verdict_holds_or_not(self):
        self.assertTrue(self.rerun()[0])
        self.assertFalse(self.rerun(ratio=1.1)[0])

    def test_profiles_on_demand(self):
        self.rerun()[1].assert_not_called()
        recorded = self.rerun("--profile", "--iterations", "7")[1]
        self.assertEqual(recorded.call_args.args[2], 7)


class WriteUp(Scratch):
    def test_index_has_one_line_per_verdict(self):
        for number, state in ((1, ACCEPTED), (10, UNDECIDED), (2, REJECTED), (3, "open")):
            self.thesis(number, state, "Digits | Dates")
        (self.root / writeup.PAGE).write_text(PAGE, encoding="utf-8")
        for _ in range(2):
            writeup.write_pages(self.root)
        page = (self.root / writeup.PAGE).read_text(encoding="utf-8")
        head, rows = page.split("| --- | --- | --- | --- |\n")
        self.assertTrue(head.startswith("before\n<!-- playbook -->\n<!-- end -->\n<!-- theses -->\n\n| Thesis |"))
        self.assertEqual(rows, "".join(
            f"| [H{number}](perf/theses/h{number}/README.md) | Digits \\| Dates | {state}, 2026-01-02 "
            "| W1 cpu_median 0.9000 [0.9000, 0.9000] |\n"
            for number, state in ((1, ACCEPTED), (2, REJECTED), (10, UNDECIDED))) + "\n<!-- end -->\nbehind\n")
        written = sorted(file.parent.name for file in self.root.glob("perf/theses/*/README.md"))
        self.assertEqual(written, ["h1", "h10", "h2"])

    def test_write_up_tells_everything(self):
        text = writeup.readme(self.thesis(1, ACCEPTED))
        for part in ("the claim", "the evidence", "the change", "commit `aaaaaaaaaaaa`", "`W1 cpu_median <= 0.95`",
                     "`W3 cpu_median <= 1.02`", "accepted, 2026-01-02", "because", "Abacus", "Linux 6.1",
                     "| W1 | CPU | 40 | 30.06 ms | 27.05 ms | 30.00 ms | 27.00 ms |", "0.9000 [0.9000, 0.9000]", "| W2 | wall |",
                     "| W1 | 1,000,000,000 | 900,000,000 | 0.9000 |", "9 passed, 0 failed", "11 runs on big; 0 different",
                     "./dev perf rerun H1"):
            self.assertIn(part, text)
        self.assertIn("[change.patch](change.patch)", writeup.readme(self.thesis(2, REJECTED)))

    def test_history_has_one_line_per_accepted_thesis(self):
        one, two = self.thesis(1, ACCEPTED), self.thesis(2, ACCEPTED, "Dates")
        for each in (one, two, one):
            writeup.write_history(each)
        lines = [json.loads(line) for line in (self.root / writeup.HISTORY).read_text(encoding="utf-8").splitlines()]
        self.assertEqual([(line["thesis"], line["commit"]) for line in lines], [("H2", "a" * 40), ("H1", "a" * 40)])
        self.assertEqual(lines[0]["machine"]["cpu"], "Abacus")
        self.assertEqual(lines[0]["figures"]["W1"]["ratio"], 0.9)
        writeup.write_history(self.thesis(2, REJECTED))
        self.assertEqual(len((self.root / writeup.HISTORY).read_text(encoding="utf-8").splitlines()), 1)


class Kept(unittest.TestCase):
    """PERF.md and perf/theses of this tree."""
    text = (REPOSITORY / "PERF.md").read_text(encoding="utf-8")

    def test_it_is_what_the_artifacts_say(self):
        decided = [each for each in thesis.load_all() if each.data["state"] != thesis.OPEN]
        self.assertEqual(writeup.render(self.text, decided), self.text)
        for each in decided:
            with self.subTest(thesis=each.name):
                self.assertEqual((each.folder / writeup.README).read_text(encoding="utf-8"), writeup.readme(each))

    def test_a_thesis_keeps_what_its_verdict_rests_on(self):
        """No profiles, and short figures. A patch is as long as the change."""
        names = {writeup.README, "thesis.json", thesis.BENCH, thesis.CHECK, thesis.PROFILE, thesis.PATCH}
        for each in thesis.load_all():
            with self.subTest(thesis=each.name):
                sizes = {file.relative_to(each.folder).as_posix(): file.stat().st_size
                         for file in each.folder.rglob("*") if file.is_file()}
                self.assertLessEqual(sizes.keys(), names)
                self.assertLessEqual(sum(sizes.values()) - sizes.get(thesis.PATCH, 0), KEPT_BYTES_MAX,
                                     "a quiet machine needs fewer rounds: ./dev perf bench again")

    def test_kept_runs_bear_the_verdicts(self):
        for each in thesis.load_all():
            if each.data["state"] in (ACCEPTED, REJECTED):
                with self.subTest(thesis=each.name):
                    found = verdict.decide(each.criteria, each.artifact("bench.json"), each.artifact("check.json"))
                    self.assertEqual(found, (each.data["state"], each.data["verdict"]["reasons"]))

    def test_playbook_names_commands_that_exist(self):
        steps = []
        for command in playbook.commands(self.text, {"TITLE": "A title"}):
            step = playbook.step(command)
            if step:
                steps.append(step)
                self.assertTrue(callable(driver.parser().parse_args(command[2:]).run))
        self.assertEqual(steps, ["new", "before", "after", "profile", "bench", "check", "verdict", "report", "land"])


if __name__ == "__main__":
    unittest.main()
