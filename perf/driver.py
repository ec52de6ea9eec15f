# SPDX-License-Identifier: MIT
"""The laboratory's commands: the steps of PERF.md's playbook, and what there is beside it. usage: ./dev perf COMMAND

Each step says what it does and what comes next, can be given again, and refuses with a reason. The
thesis is that of the branch which is checked out.
"""
import argparse
import importlib
import sys
from collections.abc import Callable
from typing import Any

from bench import measure, workloads
from perf import check, landing, pairs, profiling, repository, states, thesis as theses, verdict, writeup
from perf.say import Refused, say
from perf.thesis import ACCEPTED, BENCH, CHECK, OPEN, PROFILE, Thesis

ALL_WORKLOADS = ",".join(workloads.NAMES)


def following(command: str) -> None:
    say(f"next: {command}")


def current() -> Thesis:
    return theses.load(repository.current_number())


def artifact(thesis: Thesis, name: str, command: str) -> Any:
    """An artifact that belongs to the programs as they are now."""
    found = thesis.artifact(name)
    if not found or found["programs"] != states.facts(states.both(thesis.number)):
        raise Refused(f"{thesis.place}/{name} is not there or is of other programs; run: ./dev perf {command}")
    return found


def current_programs(thesis: Thesis) -> tuple[states.Program, states.Program]:
    """The kept programs, when they are those of the branch as it is now."""
    before, after = states.both(thesis.number)
    if before.commit != thesis.data["base_commit"]:
        raise Refused("the program _before is not of the base commit; run: ./dev perf before")
    if not repository.is_current(after.commit):
        raise Refused("the branch has changed since the program _after was built; run: ./dev perf after")
    return before, after


# ----------------------------------------------------------------------------------------------- steps

def new(options: argparse.Namespace) -> None:
    repository.refuse_unclean()
    base = repository.head()
    if not repository.is_on_main(base):
        raise Refused(f"{base[:12]} is not on {repository.MAIN}; a thesis begins there: git switch "
                      f"{repository.MAIN}, or git switch --detach {repository.MAIN}")
    number = theses.next_number(repository.names_ever())
    words = {word: getattr(options, word).strip() for word in theses.WORDS}
    thesis = theses.start(number, options.title, base, words, theses.criterion(options.success),
                          [theses.criterion(text) for text in options.guardrail or [theses.GUARDRAIL]])
    for criterion in thesis.criteria:
        workloads.path(workloads.parse(criterion["workload"]).log)  # a misspelt name shows now
    branch = f"perf/h{number}-{theses.slug(options.title)}"
    thesis.data["branch"] = branch
    repository.git("switch", "--quiet", "-c", branch)
    thesis.save()
    repository.git("add", "--", str(thesis.place))
    repository.git("commit", "--quiet", "-m", f"State {thesis.name}: {options.title}")
    say(f"{thesis.name} is stated in {thesis.place}/thesis.json, on the branch {branch}")
    following(("" if thesis.is_stated() else f"write {', '.join(theses.WORDS)} into it, then ") + "./dev perf before")


def before(_: argparse.Namespace) -> None:
    thesis = current()
    if not thesis.is_stated():
        raise Refused(f"first say in {thesis.place}/thesis.json what is claimed: {', '.join(theses.WORDS)}")
    base = repository.git("merge-base", "HEAD", repository.MAIN)
    states.build(f"h{thesis.number}_before", states.State(base))
    thesis.data["base_commit"] = base
    thesis.save()
    following("make the change, commit it, then ./dev perf after")


def after(_: argparse.Namespace) -> None:
    thesis = current()
    repository.refuse_dirty()
    base, head = thesis.data["base_commit"], repository.head()
    if repository.git("merge-base", "HEAD", repository.MAIN) != base:
        raise Refused("the branch no longer begins at the base commit; run: ./dev perf before")
    if repository.same_sources(base, head):
        raise Refused("nothing has changed since the base; make the change and commit it")
    label = f"h{thesis.number}_after"
    last = states.kept(label)
    commit = last.commit if last and repository.is_current(last.commit) else head
    program = states.build(label, states.State(commit))
    base_program = states.kept(f"h{thesis.number}_before")
    if base_program and base_program.sha256 == program.sha256:
        say("note: both programs are the same bytes, so the change does not reach evtx_dump")
    thesis.data["change_commit"] = commit
    thesis.save()
    following("./dev perf profile")


def profile(options: argparse.Namespace) -> None:
    thesis = current()
    say(f"recording {options.iterations} runs of each program on W1 ...")
    profiling.record(thesis, current_programs(thesis), options.iterations)
    profiling.keep(thesis)
    say(f"the largest changes are kept in {thesis.place}/{PROFILE}")
    following("./dev perf bench")


def measured(thesis: Thesis, programs: tuple[states.Program, states.Program],
             options: argparse.Namespace) -> pairs.Benched:
    judged = {criterion["workload"] for criterion in thesis.criteria}
    return pairs.bench(programs, pairs.wanted(thesis.criteria), judged, pairs.method(options))


def bench(options: argparse.Namespace) -> None:
    thesis = current()
    benched = measured(thesis, current_programs(thesis), options)
    pairs.write(benched, thesis.folder / BENCH)
    thesis.reopen()
    say(f"all times are in {thesis.place}/{BENCH}")
    following("./dev perf check")


def outputs_checked(programs: tuple[states.Program, states.Program], options: argparse.Namespace) -> dict[str, Any]:
    one, other = (program.path for program in programs)
    names = options.workloads.split(",")
    say(f"comparing the output of both programs on {', '.join(names)} ...")
    return {"programs": states.facts(programs),
            "bytes": check.same_bytes(one, other, names),
            "records": check.same_records(one, other, options.records, options.records_of)}


def check_(options: argparse.Namespace) -> None:
    thesis = current()
    repository.refuse_dirty()
    found = outputs_checked(current_programs(thesis), options)
    found["tests"] = check.tests(options.tests)
    writeup.write_json(thesis.folder / CHECK, found)
    thesis.reopen()
    failures = check.failures(found)
    for failure in failures:
        say(f"FAILED: {failure}")
    say(f"the check {'failed; such a thesis can only be rejected' if failures else 'passed'}; "
        f"{thesis.place}/{CHECK} has the details")
    following("./dev perf verdict")


def verdict_(_: argparse.Namespace) -> None:
    thesis = current()
    current_programs(thesis)
    word, reasons = verdict.decide(thesis.criteria, artifact(thesis, BENCH, "bench"),
                                   artifact(thesis, CHECK, "check"))
    for reason in reasons:
        say(reason)
    say(f"{thesis.name} is {word}")
    thesis.data.update(state=word, verdict={"word": word, "reasons": reasons})
    thesis.save()
    following("./dev perf report" + ("" if word != theses.UNDECIDED else
                                     ", or ./dev perf bench again with a smaller --half-width and more --seconds"))


def report(_: argparse.Namespace) -> None:
    thesis = current()
    if thesis.data["state"] == OPEN:
        raise Refused("there is no verdict yet; run: ./dev perf verdict")
    _, changed = current_programs(thesis)
    artifact(thesis, BENCH, "bench")
    artifact(thesis, CHECK, "check")
    if thesis.data["state"] == ACCEPTED:
        landing.keep_commit(thesis, changed.commit)
    else:
        landing.keep_patch(thesis, changed.commit)
    thesis.save()
    writeup.write_pages()
    writeup.write_history(thesis)
    say(f"{thesis.name} is written up in {thesis.place}/{writeup.README}")
    landing.commit_write_up(landing.report_subject(thesis))
    following("look at it, then ./dev perf land")


def land(_: argparse.Namespace) -> None:
    thesis = current()
    repository.refuse_unclean()
    if thesis.data["state"] == OPEN:
        raise Refused("there is no report yet; run: ./dev perf report")
    if landing.land(thesis):
        say(f"{thesis.name} is on {repository.MAIN}; its branch is gone")
        following(f"./dev perf rerun {thesis.name}, now or ever")
    else:
        following("./dev test, then ./dev perf land again")


# ----------------------------------------------------------------------------------------------- rerun

def rerun_one(thesis: Thesis, options: argparse.Namespace) -> bool:
    """Builds both recorded states, measures and compares them again, and says whether the verdict holds."""
    recorded = thesis.artifact(BENCH)["programs"]
    label, programs = f"h{thesis.number}", []
    for side, state in zip(states.STATES, landing.both_states(thesis)):
        program = states.build(f"{label}_{side}", state)
        same = "the same bytes as" if program.sha256 == recorded[side]["sha256"] else "other bytes than"
        say(f"{program.path.name} is {same} the program that was measured")
        programs.append(program)
    if options.profile:
        profiling.record(thesis, tuple(programs), options.iterations)
    benched = measured(thesis, tuple(programs), options)
    then, now = thesis.artifact(BENCH)["machine"]["cpu"], benched["machine"]["cpu"]
    if then != now:
        say(f"note: measured on another processor, {now}, than at first, {then}")
    folder = thesis.root / "build" / "lab" / "rerun" / label
    pairs.write(benched, folder / BENCH)
    for name, facts in benched["workloads"].items():
        if facts["sha256"] != thesis.artifact(BENCH)["workloads"][name]["sha256"]:
            say(f"note: {name} is another log here than the one that was measured")
    found = {**outputs_checked(tuple(programs), options), "tests": thesis.artifact(CHECK)["tests"]}
    word, reasons = verdict.decide(thesis.criteria, benched, found)
    for reason in reasons:
        say(reason)
    holds = word == thesis.data["state"]
    say(f"{thesis.name} was {thesis.data['state']}, is {word} now: the verdict {'holds' if holds else 'DOES NOT HOLD'}")
    return holds


def rerun(options: argparse.Namespace) -> int:
    if options.all:
        chosen = [thesis for thesis in theses.load_all() if thesis.data["state"] in (ACCEPTED, theses.REJECTED)]
    elif options.thesis:
        chosen = [theses.load(theses.number_of(options.thesis))]
    else:
        raise Refused("name a thesis, such as H1, or give --all")
    if any(thesis.data["state"] == OPEN for thesis in chosen):
        raise Refused(f"{chosen[0].name} has no verdict yet")
    held = [rerun_one(thesis, options) for thesis in chosen]
    say(f"{sum(held)} of {len(held)} verdicts hold")
    return 0 if all(held) else 1


# ------------------------------------------------------------------------------------------------ main

BESIDE = {  # modules of perf/, with options of their own
    "compare": "measure HEAD against any commit as the states of a thesis are, without one",
    "gate": "instructions per record against the recorded figures, or record them",
    "ablate": "what each optimisation of the engine is worth: builds without it, measured",
    "site": "the laboratory's results as a page, build/lab/site/index.html",
    "selftest": "take a toy slow-down and its removal through the playbook, in a clone",
    "aa": "show that equal programs count as equal, and that three per cent are found",
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="./dev perf", description=__doc__.split(" usage", 1)[0])
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    stating = add("new", new, "state a thesis: number, branch, thesis.json")
    stating.add_argument("title")
    for word in theses.WORDS:
        stating.add_argument(f"--{word}", default="", metavar="TEXT")
    stating.add_argument("--success", default=theses.SUCCESS, metavar="CRITERION", help=f"else '{theses.SUCCESS}'")
    stating.add_argument("--guardrail", action="append", metavar="CRITERION",
                         help=f"may be given many times; else '{theses.GUARDRAIL}'")
    add("before", before, "build the base commit's program")
    add("after", after, "build the changed program, from the branch's last commit")
    profiled = add("profile", profile, "record profiles of both programs, with tables and flame graphs")
    benching = add("bench", bench, "measure both programs in turn")
    checking = add("check", check_, "run the tests, and compare what both programs write")
    checking.add_argument("--tests", default=check.ALL_TESTS, metavar="SUITE", help="one suite instead of all")
    add("verdict", verdict_, "accepted, rejected or undecided, from the figures and the criteria")
    add("report", report, "write the thesis up, put it into the index, and commit both")
    add("land", land, "bring the thesis to main")
    again = add("rerun", rerun, "build both states of a thesis again, measure, and compare verdicts")
    again.add_argument("thesis", nargs="?")
    again.add_argument("--all", action="store_true", help="all that were accepted or rejected")
    again.add_argument("--profile", action="store_true", help="make their profiles again, too, in build/lab/profiles")
    for each in (profiled, again):
        each.add_argument("--iterations", type=int, default=profiling.ITERATIONS, help="runs of one profile")
    for each in (benching, again):
        pairs.add_options(each)
    for each in (checking, again):
        each.add_argument("--workloads", default=ALL_WORKLOADS, metavar="NAME,...")
        each.add_argument("--records", default="1-2000", metavar="RANGE")
        each.add_argument("--records-of", default="big", metavar="NAME")
    for name, about in BESIDE.items():
        commands.add_parser(name, help=about)
    return top


def run(arguments: list[str]) -> int:
    if arguments and arguments[0] in BESIDE:
        return importlib.import_module(f"perf.{arguments[0]}").main(arguments[1:])
    options = parser().parse_args(arguments or ["--help"])
    return options.run(options) or 0


def main(arguments: list[str]) -> int:
    try:
        return run(arguments)
    except (Refused, workloads.WorkloadError, measure.CommandFailed) as error:
        print(f"perf: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
