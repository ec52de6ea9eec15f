# SPDX-License-Identifier: MIT
"""How the laboratory talks: one line per step, a moving line on a terminal only, one kind of refusal."""
import sys
from collections.abc import Callable


class Refused(RuntimeError):
    """A command cannot do its work; the text tells what to do about it."""


def say(text: str) -> None:
    print(f"perf: {text}", flush=True)


def progress(label: str) -> Callable[[int, int], None] | None:
    """For measure.interleave() and the like; None where nobody looks."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\r{label}: {done} of {total}" + ("\r\033[K" if done >= total else ""))
        sys.stderr.flush()
    return show


def rounds(label: str) -> Callable[[int, int], None] | None:
    """Counts what has no known end."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, _: int) -> None:
        sys.stderr.write(f"\r{label}: {done} rounds")
        sys.stderr.flush()
    return show


def clear_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
