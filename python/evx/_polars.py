# SPDX-License-Identifier: MIT
"""A scan as a LazyFrame of Polars."""
from __future__ import annotations

from typing import Any, Iterator, List, Optional

import polars
import pyarrow
from polars.io.plugins import register_io_source

from . import _pushdown
from ._scan import Scan

__all__ = ["lazy_frame"]


def _frames(scan: Scan, columns: Optional[List[str]], predicate: Any, rows: Optional[int]) -> Iterator[Any]:
    """Polars trusts its sources: these columns in this order, and of the first rows those of the predicate."""
    if rows == 0:
        return
    if rows is not None:
        own = scan.options.limit
        scan = scan.replace(limit=rows if own is None else min(rows, own))
    wanted = {} if predicate is None else _pushdown.of_polars(predicate)
    for batch in _pushdown.narrow(scan, columns, wanted).batches():
        frame = polars.DataFrame(pyarrow.Table.from_batches([batch]))
        if predicate is not None:
            frame = frame.filter(predicate)
        yield frame if columns is None else frame.select(columns)


def lazy_frame(scan: Scan) -> Any:
    """A LazyFrame whose columns, predicates and limits go into the scan."""
    schema = polars.DataFrame(scan.schema.empty_table()).schema

    def source(with_columns: Optional[List[str]], predicate: Any, n_rows: Optional[int],
               batch_size: Optional[int]) -> Iterator[Any]:
        small = scan if batch_size is None else scan.replace(batch_rows=min(batch_size, scan.options.batch_rows))
        return _frames(small, with_columns, predicate, n_rows)

    return register_io_source(source, schema=schema, explain_name="EVTX SCAN")
