#!/bin/sh
# SPDX-License-Identifier: MIT
# Guards against quoting slips in the scripts. 77 tells Meson that the test was skipped.
cd "$1" || exit 1
if ! command -v shellcheck >/dev/null; then
    echo "skipped: shellcheck is not installed"
    exit 77
fi
find . -path './build*' -prune -o -path './.git' -prune -o -name '*.sh' -print0 |
    xargs -0 shellcheck dev .ci/run
