# SPDX-License-Identifier: MIT
"""Builds a thesis's two states and keeps the programs as build/lab/bin/evtx_dump.hN_before and _after.

Both are built by `./dev build` in the same worktree, so that nothing but their sources differs: the same
sources give the same bytes. Debug information is added, for profiles; gcc makes the same code with it. The
user's working tree is not touched. A state is a commit, or a commit with a patch on top; a stamp beside
each program says which.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
from dataclasses import asdict, dataclass

from bench.measure import REPOSITORY
from perf.repository import git, has_commit
from perf.say import Refused, say

TREE = REPOSITORY / "build" / "lab" / "tree"
PROGRAMS = REPOSITORY / "build" / "lab" / "bin"
TARGET = "cli/evtx_dump"
STATES = ("before", "after")


@dataclass(frozen=True)
class State:
    """patch is the text of a diff against the commit, or nothing."""
    commit: str
    patch: str = ""

    def stamp(self) -> dict[str, str | None]:
        digest = hashlib.sha256(self.patch.encode()).hexdigest() if self.patch else None
        return {"commit": self.commit, "patch_sha256": digest}


@dataclass(frozen=True)
class Program:
    path: pathlib.Path
    commit: str
    patch_sha256: str | None
    sha256: str

    def facts(self) -> dict[str, str | None]:
        return {key: value for key, value in asdict(self).items() if key != "path"}


def facts(programs: tuple[Program, Program]) -> dict[str, dict[str, str | None]]:
    return {state: program.facts() for state, program in zip(STATES, programs)}


def program_path(label: str) -> pathlib.Path:
    return PROGRAMS / f"evtx_dump.{label}"


def _stamp_path(label: str) -> pathlib.Path:
    return PROGRAMS / f"evtx_dump.{label}.json"


def kept(label: str) -> Program | None:
    """The program of that label as it was built; None when there is none or somebody replaced it."""
    path, stamp = program_path(label), _stamp_path(label)
    if not path.exists() or not stamp.exists():
        return None
    program = Program(path, **json.loads(stamp.read_text(encoding="utf-8")))
    return program if file_hash(path) == program.sha256 else None


def file_hash(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_out(state: State) -> None:
    if not has_commit(state.commit):
        raise Refused(f"commit {state.commit} is not here; in a shallow clone: git fetch --unshallow")
    if (TREE / ".git").exists():
        git("checkout", "--quiet", "--force", "--detach", state.commit, root=TREE)
        git("clean", "-fdq", root=TREE)
    else:
        shutil.rmtree(TREE, ignore_errors=True)
        git("worktree", "prune")
        git("worktree", "add", "--quiet", "--force", "--detach", str(TREE), state.commit)
    if state.patch:
        done = subprocess.run(["git", "apply", "--index", "-"], cwd=TREE, input=state.patch, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise Refused(f"the patch does not apply to {state.commit[:12]}:\n{done.stderr.strip()}")


def _compile() -> None:
    """From nothing: what an older build of other options leaves behind must not matter."""
    shutil.rmtree(TREE / "build", ignore_errors=True)
    log = TREE.parent / "tree.log"
    environment = {**os.environ, "EVX_C_ARGS": f"-g -ffile-prefix-map={TREE}=."}
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(["./dev", "build", TARGET], cwd=TREE, env=environment, stdin=subprocess.DEVNULL,
                              stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
        raise Refused(f"./dev build fails in {TREE}; its whole output is in {log}\n{tail}")


def build(label: str, state: State) -> Program:
    """Builds the state unless the program that is kept under the label is of that state."""
    have = kept(label)
    wanted = state.stamp()
    if have and {"commit": have.commit, "patch_sha256": have.patch_sha256} == wanted:
        say(f"evtx_dump.{label} is there already, of {state.commit[:12]}")
        return have
    patched = " with the patch" if state.patch else ""
    say(f"building evtx_dump.{label} from {state.commit[:12]}{patched}, in build/lab/tree (a minute or so) ...")
    _check_out(state)
    _compile()
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    path = program_path(label)
    path.unlink(missing_ok=True)  # a running program's file cannot be written to
    shutil.copy2(TREE / "build" / TARGET, path)
    program = Program(path, state.commit, wanted["patch_sha256"], file_hash(path))
    _stamp_path(label).write_text(json.dumps(program.facts()) + "\n", encoding="utf-8")
    return program


def both(number: int) -> tuple[Program, Program]:
    """The kept programs of a thesis."""
    programs = []
    for side in STATES:
        program = kept(f"h{number}_{side}")
        if not program:
            raise Refused(f"build/lab/bin/evtx_dump.h{number}_{side} is not there; make it with: ./dev perf {side}")
        programs.append(program)
    return programs[0], programs[1]
