#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints "PASSED FAILED SKIPPED" of one run of `meson test`, from its testlog.json."""
import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}


def count(path):
    passed = failed = skipped = 0
    if os.path.exists(path):  # absent when no test was selected
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                result = json.loads(line)["result"]
                if result in PASSED:
                    passed += 1
                elif result == "SKIP":
                    skipped += 1
                else:  # FAIL, TIMEOUT, ERROR, INTERRUPT, UNEXPECTEDPASS
                    failed += 1
    return passed, failed, skipped


if __name__ == "__main__":
    print(*count(sys.argv[1]))
