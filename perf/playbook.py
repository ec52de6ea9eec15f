# SPDX-License-Identifier: MIT
"""The commands of PERF.md's playbook, read from the page itself: what a stranger would type."""
import re
import shlex

BLOCK = re.compile(r"<!-- playbook -->\n```sh\n(.*?)```", re.DOTALL)
CHANGE = ["# make the change"]


def commands(page: str, values: dict[str, str]) -> list[list[str]]:
    """One list of arguments per line; each word of values stands for its value, the change for itself."""
    lines = BLOCK.search(page)[1].splitlines()
    return [CHANGE if line == CHANGE[0] else [values.get(word, word) for word in shlex.split(line)] for line in lines]


def step(command: list[str]) -> str:
    """before, after, ...; nothing when it is no command of the driver."""
    return command[2] if command[:2] == ["./dev", "perf"] else ""
