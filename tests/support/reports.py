# SPDX-License-Identifier: MIT
"""What our standard error and old records may differ in from the reference's: notes (docs/differences.md)."""
import re

# In front of the first line of each report.
REPORT = re.compile(rb"^(?=Note: |Dumped a record|Failed to dump the next record\.|Error:|warning:)", re.MULTILINE)
WITHHELD = re.compile(rb"^Note: old record number [0-9]+ of chunk [0-9]+ is not shown: ", re.MULTILINE)


def without_notes(errors):
    """Standard error without its notes: each goes on to the first line of the next report."""
    return b"".join(report for report in REPORT.split(errors) if not report.startswith(b"Note: "))


def split_records(out):
    """The live and the recovered records of JSON lines or of XML with record numbers."""
    if out.startswith(b"Record "):
        records = re.split(rb"^(?=Record [0-9]+(?: \(recovered\))?$)", out, flags=re.MULTILINE)[1:]
        is_old = [b" (recovered)\n" in record[:40] for record in records]
    else:
        records = out.splitlines(keepends=True)
        is_old = [record.startswith(b'{"recovered":true,') for record in records]
    return ([r for r, old in zip(records, is_old) if not old], [r for r, old in zip(records, is_old) if old])


def recovery_difference(out, err, expected):
    """None when all live records are there, and of the old ones those that no note tells of."""
    live, old = split_records(out)
    expected_live, expected_old = split_records(expected)
    if live != expected_live:
        return "live records differ"
    rest = iter(expected_old)
    if not all(record in rest for record in old):
        return "an old record is not the reference's"
    withheld = len(WITHHELD.findall(err))
    if withheld < len(expected_old) - len(old):
        return f"{len(expected_old) - len(old)} old records less, and {withheld} notes"
    return None
