#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who failed to log on, and from where.  usage: failed_logons.py LOG..."""
import collections
import sys

import evx

counts = collections.Counter()
for path in sys.argv[1:]:
    for record in evx.open(path, query="*[System[EventID=4625]]"):
        data = record.dict()["Event"]["EventData"]
        counts[data["TargetUserName"], data["IpAddress"]] += 1
for (user, address), count in counts.most_common(10):
    print(f"{count:6}  {user}  {address}")
