#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is damaged in a log, and how much of it can be read.  usage: damage.py LOG..."""
import sys

import evx

for path in sys.argv[1:]:
    damage = []
    count = sum(1 for record in evx.open(path, damage=damage.append, format=None))
    print(f"{path}: {count} records")
    for error in damage:
        print(f"  {error.kind} in chunk {error.chunk} at {error.offset}: {error.causes[-1]}")
