# SPDX-License-Identifier: MIT
"""What the driver asks git: where main is, what differs, what was ever there. Changes nothing."""
import pathlib
import subprocess

from bench.measure import REPOSITORY
from perf.say import Refused
from perf.thesis import BRANCH, THESES

MAIN = "main"
# What the steps themselves write; it is no part of a measured state.
WRITE_UP = (str(THESES), "perf/history", "PERF.md")
WITHOUT_WRITE_UP = ("--", ".", *(f":(exclude){path}" for path in WRITE_UP))


def git(*arguments: str, root: pathlib.Path = REPOSITORY) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.rstrip("\n")


def succeeds(*arguments: str) -> bool:
    return subprocess.run(["git", *arguments], cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True,
                          check=False).returncode == 0


def head() -> str:
    return git("rev-parse", "HEAD")


def commit_of(name: str) -> str:
    if not succeeds("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
        raise Refused(f"{name} is no commit here")
    return git("rev-parse", f"{name}^{{commit}}")


def has_commit(commit: str) -> bool:
    return succeeds("cat-file", "-e", f"{commit}^{{commit}}")


def is_on_main(commit: str) -> bool:
    return succeeds("merge-base", "--is-ancestor", commit, MAIN)


def same_sources(one: str, other: str) -> bool:
    """Do two commits differ in nothing but write-ups?"""
    return succeeds("diff", "--quiet", one, other, *WITHOUT_WRITE_UP)


def is_current(commit: str) -> bool:
    """Is it in the branch's history, with nothing but write-ups behind it?"""
    return succeeds("merge-base", "--is-ancestor", commit, "HEAD") and same_sources(commit, "HEAD")


def uncommitted() -> str:
    return git("status", "--porcelain", *WITHOUT_WRITE_UP)


def refuse_dirty() -> None:
    if dirty := uncommitted():
        raise Refused(f"the working tree has changes that are in no commit; commit or stash them:\n{dirty}")


def refuse_unclean() -> None:
    dirty = git("status", "--porcelain")
    if dirty:
        raise Refused(f"the working tree is not clean:\n{dirty}")


def current_number() -> int:
    """Of the thesis whose branch is checked out."""
    branch = git("branch", "--show-current")
    match = BRANCH.search(branch)
    if not match:
        raise Refused(f"'{branch or 'a detached HEAD'}' is no thesis's branch; switch to perf/h{{N}}-..., or begin "
                      'one with: ./dev perf new "TITLE"')
    return int(match[1])


def names_ever() -> list[str]:
    """Every branch there is and every path that ever was below perf/theses, in any commit at hand."""
    branches = git("for-each-ref", "--format=%(refname)").splitlines()
    paths = git("log", "--all", "--pretty=format:", "--name-only", "--", str(THESES)).splitlines()
    folders = [f"{THESES}/{entry.name}" for entry in (REPOSITORY / THESES).glob("h*")]
    return [*branches, *paths, *folders]


def worktree_of(branch: str) -> pathlib.Path | None:
    """Where a branch is checked out."""
    place = None
    for line in git("worktree", "list", "--porcelain").splitlines():
        if line.startswith("worktree "):
            place = pathlib.Path(line.removeprefix("worktree "))
        if line == f"branch refs/heads/{branch}":
            return place
    return None
