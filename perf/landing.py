# SPDX-License-Identifier: MIT
"""Brings a reported thesis to main so that both of its states stay reachable from there.

Recorded commits must be commits of main, so nothing is ever rewritten: an accepted branch is fast-forwarded
to, after main was merged into it where main has moved. Of any other thesis only the write-up lands, with the
change as a patch in it; its branch goes.
"""
import pathlib
import shutil
import subprocess
import tempfile

from bench.measure import REPOSITORY
from perf import writeup
from perf.repository import MAIN, WITHOUT_WRITE_UP, git, succeeds, worktree_of
from perf.say import Refused, say
from perf.states import State
from perf.thesis import ACCEPTED, PATCH, THESES, Thesis


def diff(base: str, change: str) -> str:
    """As bytes that git apply takes, binary files and all; little context, as it is applied to the base alone."""
    return git("diff", "--binary", "--unified=1", base, change, *WITHOUT_WRITE_UP) + "\n"


def keep_patch(thesis: Thesis, commit: str) -> None:
    """The change will be in no commit of main: the patch takes its place."""
    (thesis.folder / PATCH).write_text(diff(thesis.data["base_commit"], commit), encoding="utf-8")
    thesis.data.update(patch=PATCH, change_commit=None)


def keep_commit(thesis: Thesis, commit: str) -> None:
    (thesis.folder / PATCH).unlink(missing_ok=True)
    thesis.data.update(patch=None, change_commit=commit)


def both_states(thesis: Thesis) -> tuple[State, State]:
    """Of a reported thesis."""
    base = thesis.data["base_commit"]
    if thesis.data["patch"]:
        patch = (thesis.folder / thesis.data["patch"]).read_text(encoding="utf-8")
        return State(base), State(base, patch)
    return State(base), State(thesis.data["change_commit"])


def commit_write_up(subject: str) -> None:
    git("add", "--all", "--", str(THESES), writeup.PAGE)
    if (REPOSITORY / writeup.HISTORY).exists():
        git("add", "--", str(writeup.HISTORY))
    if succeeds("diff", "--cached", "--quiet"):
        say("nothing new to commit")
    else:
        git("commit", "--quiet", "-m", subject)
        say(f"committed: {subject}")


def _merge_main(thesis: Thesis) -> None:
    """main into the branch. The write-ups of both sides are rendered again rather than merged by text."""
    done = subprocess.run(["git", "merge", "--no-commit", "--no-ff", MAIN], cwd=REPOSITORY, capture_output=True,
                          text=True, check=False)
    conflicts = set(git("diff", "--name-only", "--diff-filter=U").splitlines())
    if conflicts - {writeup.PAGE, str(writeup.HISTORY)} or (done.returncode != 0 and not conflicts):
        git("merge", "--abort")
        raise Refused(f"merging {MAIN} conflicts in {', '.join(sorted(conflicts)) or done.stderr}; merge it by hand, "
                      "run ./dev test, then land again")
    for path in conflicts:
        git("checkout", MAIN, "--", path)
    writeup.write_pages()
    writeup.write_history(thesis)
    git("add", "--all", "--", str(THESES), writeup.PAGE, str(writeup.HISTORY))
    git("commit", "--quiet", "-m", f"Merge {MAIN} into {thesis.data['branch']}")


def _advance_main(branch: str) -> None:
    """Fast-forwards main to the branch, wherever main is checked out, and drops the branch."""
    place = worktree_of(MAIN)
    if place:
        git("merge", "--quiet", "--ff-only", branch, root=place)
        git("switch", "--quiet", "--detach", MAIN)
    else:
        git("switch", "--quiet", "-C", MAIN, branch)
    git("branch", "--quiet", "-D", branch)


def _land_accepted(thesis: Thesis) -> bool:
    """False when main had to be merged first: the result is new, and is to be tested."""
    if succeeds("merge-base", "--is-ancestor", MAIN, "HEAD"):
        return True
    say(f"{MAIN} has moved; merging it into {thesis.data['branch']}, which keeps the recorded commits ...")
    _merge_main(thesis)
    return False


def _land_write_up(thesis: Thesis) -> None:
    """A commit on top of main that holds nothing but the thesis's folder and the index."""
    branch = thesis.data["branch"]
    with tempfile.TemporaryDirectory() as folder:
        kept = pathlib.Path(folder) / "thesis"
        shutil.copytree(thesis.folder, kept)
        git("switch", "--quiet", "-C", branch, MAIN)
        shutil.copytree(kept, thesis.folder, dirs_exist_ok=True)
    writeup.write_pages()
    commit_write_up(report_subject(thesis))


def report_subject(thesis: Thesis) -> str:
    verb = {"accepted": "Accept", "rejected": "Reject", "undecided": "Leave undecided"}[thesis.data["state"]]
    return f"{verb} {thesis.name}: {thesis.data['title']}"


def land(thesis: Thesis) -> bool:
    if thesis.data["state"] == ACCEPTED:
        if not _land_accepted(thesis):
            return False
    else:
        _land_write_up(thesis)
    _advance_main(thesis.data["branch"])
    return True
