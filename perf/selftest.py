# SPDX-License-Identifier: MIT
"""Takes two toy theses through PERF.md's playbook, in a clone under build/lab/selftest: a deliberate
slow-down must end rejected, its removal accepted, both must be found in the clone's main alone, and rerun
must agree. Only commands of the playbook are given, read from the page.
"""
import argparse
import pathlib
import shutil
import subprocess
from collections.abc import Callable

from bench.measure import REPOSITORY
from perf import playbook, repository, thesis as theses
from perf.repository import git
from perf.say import Refused, say
from perf.thesis import ACCEPTED, PATCH, REJECTED, Thesis

CLONE = REPOSITORY / "build" / "lab" / "selftest"
SOURCE = pathlib.PurePath("cli/main_evtx_dump.c")
# A tenth of the instructions of W1, burnt before main().
BURN = """
__attribute__((constructor)) static void toy_slow_down(void)
{
    for (unsigned i = 0; i < 15000000; i++)
        __asm__ volatile("" ::: "memory");
}
"""
# What makes the steps short; --full leaves it out. The wide margin of 15000000 loops needs no narrow interval.
SHORT = {"check": ["--tests", "lint", "--workloads", "security,stitched"], "profile": ["--iterations", "5"],
         "bench": ["--half-width", "0.01"], "rerun": ["--half-width", "0.01", "--workloads", "security"]}


def _run(command: list[str]) -> None:
    say(f"$ {' '.join(command)}")
    if subprocess.run(command, cwd=CLONE, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise Refused(f"selftest: {' '.join(command)} failed in {CLONE}")


def _require(condition: bool, text: str) -> None:
    if not condition:
        raise Refused(f"selftest: {text}")
    say(f"ok: {text}")


def _clone() -> None:
    """Of what is committed; the libraries are shared, the rest is made anew."""
    shutil.rmtree(CLONE, ignore_errors=True)
    CLONE.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(REPOSITORY), str(CLONE)], check=True)
    git("switch", "--quiet", "-C", repository.MAIN, git("rev-parse", "HEAD"), root=CLONE)
    for key in ("user.name", "user.email"):
        if not subprocess.run(["git", "config", key], cwd=CLONE, capture_output=True, check=False).stdout:
            git("config", key, "selftest", root=CLONE)
    (CLONE / "build" / "lab").mkdir(parents=True)
    (CLONE / "build" / "lab" / "venv").symlink_to(REPOSITORY / "build" / "lab" / "venv")


def _slow_down() -> None:
    file = CLONE / SOURCE
    file.write_text(file.read_text(encoding="utf-8") + BURN, encoding="utf-8")


def _remove() -> None:
    file = CLONE / SOURCE
    file.write_text(file.read_text(encoding="utf-8").removesuffix(BURN), encoding="utf-8")


def _follow(values: dict[str, str], change: Callable[[], None], extra: dict[str, list[str]]) -> None:
    page = (CLONE / "PERF.md").read_text(encoding="utf-8")
    for command in playbook.commands(page, values):
        if command == playbook.CHANGE:
            change()
        else:
            _run(command + extra.get(playbook.step(command), []))


def _newest() -> Thesis:
    return theses.load_all(CLONE)[-1]


def _check_landed(thesis: Thesis, state: str) -> None:
    name, page = thesis.name, (CLONE / "PERF.md").read_text(encoding="utf-8")
    _require(thesis.data["state"] == state, f"{name} is {state}")
    _require(f"{thesis.place}/README.md" in page, f"{name} is in the index")
    _require((thesis.folder / "README.md").exists(), f"{name} is written up")
    _require(not git("branch", "--list", "perf/h*", root=CLONE), f"{name} left no branch behind")
    _require(not git("status", "--porcelain", root=CLONE), f"{name} left a clean tree behind")
    for commit in filter(None, (thesis.data["base_commit"], thesis.data["change_commit"])):
        git("merge-base", "--is-ancestor", commit, repository.MAIN, root=CLONE)
    say(f"ok: the recorded commits of {name} are on {repository.MAIN}")
    if state == REJECTED:
        _require((thesis.folder / PATCH).exists(), f"{name} kept its change as a patch")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev perf selftest", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--full", action="store_true", help="with all tests, logs and profile iterations")
    full = parser.parse_args(arguments).full
    say(f"cloning into {CLONE}; two theses and their reruns, {'an hour' if full else 'ten minutes'} or so")
    extra = {} if full else SHORT
    _clone()
    number = _newest().number + 1 if theses.load_all(CLONE) else 1

    values = {"TITLE": "A toy slow-down", "CLAIM": "burning time before main makes evtx_dump faster",
              "EVIDENCE": "none; this is the laboratory's self-test", "CHANGE": "a loop that does nothing",
              "SUBJECT": "Burn time before main"}
    _follow(values, _slow_down, extra)
    _check_landed(_newest(), REJECTED)
    _require(BURN not in (CLONE / SOURCE).read_text(encoding="utf-8"), "the slow-down is not on main")

    _slow_down()
    git("commit", "--quiet", "-a", "-m", "Burn time before main", root=CLONE)
    values |= {"TITLE": "Remove the toy slow-down", "CLAIM": "evtx_dump is faster without it",
               "CHANGE": "the loop goes", "SUBJECT": "Burn no time before main"}
    _follow(values, _remove, extra)
    thesis = _newest()
    _check_landed(thesis, ACCEPTED)
    _require(BURN not in (CLONE / SOURCE).read_text(encoding="utf-8"), "the removal is on main")
    _require(thesis.number == number + 1, "the number of the rejected thesis was not used again")
    _require(thesis.name in (CLONE / "perf/history/accepted.jsonl").read_text(encoding="utf-8"),
             "the history has its line")

    for again in (number, number + 1):
        shutil.rmtree(CLONE / "build" / "lab" / "bin")
        _run(["./dev", "perf", "rerun", f"H{again}", *extra.get("rerun", [])])
    say("selftest: a slow-down was rejected, its removal accepted, and both verdicts hold")
    return 0
