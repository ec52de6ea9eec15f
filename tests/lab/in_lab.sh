#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a Python test with the laboratory's libraries. 77 tells Meson that the test was skipped.
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! cmp -s "$root/bench/requirements.txt" "$root/build/lab/venv/requirements.txt"; then
    echo "skipped: the laboratory's libraries are not installed; ./dev lab installs them"
    exit 77
fi
exec "$root/build/lab/venv/bin/python" "$@"
