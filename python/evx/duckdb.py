# SPDX-License-Identifier: MIT
"""Logs in DuckDB: evx.duckdb.register(connection, "ev", "logs")."""
from __future__ import annotations

from typing import Any

from ._scan import Scan, scan

__all__ = ["register"]


def register(connection: Any, name: str, paths: Any, **options: Any) -> Scan:
    """Gives a connection of DuckDB a view of logs; columns and filters are pushed into it. Needs pyarrow.

    Args:
        connection: of ``duckdb.connect()``, or the module ``duckdb`` for the default one.
        name: of the view.
        paths: as in :func:`evx.scan`, or a scan.
        options: of :func:`evx.scan`. Times are in microseconds unless told otherwise: DuckDB has few functions
            for nanoseconds, and pushes no filter on them.

    Returns:
        The scan.

    Example:
        >>> evx.duckdb.register(con, "ev", "logs/*.evtx", fields=["TargetUserName"])
        >>> con.sql("select TargetUserName, count(*) from ev where event_id = 4625 group by all")
    """
    if isinstance(paths, Scan):
        logs = paths.replace(**options) if options else paths
    else:
        logs = scan(paths, **{"time_unit": "us", **options})
    connection.register(name, logs.to_dataset())
    return logs
