# SPDX-License-Identifier: MIT
"""python -m evx table LOGS -o out.parquet"""
from __future__ import annotations

import argparse
import sys
from typing import List, Optional

from ._scan import scan


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evx", description="Windows event logs as tables.")
    commands = parser.add_subparsers(dest="command", required=True)
    table = commands.add_parser("table", help="write logs as one table", description="Logs as one table.")
    table.add_argument("logs", nargs="+", metavar="LOGS", help="files, patterns, folders")
    table.add_argument("-o", "--output", required=True, metavar="OUT",
                       help="out.parquet, .arrow, .csv, .db (SQLite), .duckdb, delta:DIR, iceberg:DIR")
    table.add_argument("-f", "--overwrite", action="store_true", help="replace OUT if it is there")
    table.add_argument("-q", "--query", help="XPath or XML query: which records")
    table.add_argument("--columns", metavar="A,B", help="these columns only")
    table.add_argument("--fields", metavar="A,B", help="columns of data")
    table.add_argument("--event-data", choices=("map", "json", "pairs", "none"), default="map")
    table.add_argument("--time-unit", choices=("ns", "us"), default="ns")
    table.add_argument("--partition-by", metavar="host,channel,day", help="folders by these")
    table.add_argument("--limit", type=int, help="rows at most")
    table.add_argument("--threads", type=int, default=0, help="that read; 0: one per core")
    table.add_argument("--recover", action="store_true", help="carve records out of free space, too")
    return parser


def _listed(text: Optional[str]) -> Optional[List[str]]:
    return None if text is None else [name for name in text.split(",") if name]


def main(arguments: Optional[List[str]] = None) -> int:
    """The program; its exit status."""
    given = _parser().parse_args(arguments)
    try:
        written = scan(
            given.logs, columns=_listed(given.columns), fields=_listed(given.fields), query=given.query,
            time_unit=given.time_unit, event_data=None if given.event_data == "none" else given.event_data,
            threads=given.threads, recover=given.recover, limit=given.limit, damage="ignore",
        ).write(given.output, partition_by=_listed(given.partition_by), overwrite=given.overwrite)
    except ImportError as missing:
        print(f"Error: {missing}; pip install 'evx[all]' brings it", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    for found in written.damage:
        print(f"{found} (chunk {found.chunk}, record {found.record_id}, offset {found.offset})", file=sys.stderr)
    for name, each in written.conversions.items():
        print(f"{name}: {each.count:,} values did not fit and are null, the first of type {each.type}", file=sys.stderr)
    print(f"{given.output}: {written.rows:,} rows, {len(written.damage):,} reports of damage", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
