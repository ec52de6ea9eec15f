# SPDX-License-Identifier: MIT
"""A scan as pyarrow's Dataset: DuckDB, DataFusion and pyarrow push columns and filters into it."""
from __future__ import annotations

from typing import Any, Iterator, List, NoReturn, Optional, Sequence

import pyarrow
import pyarrow.dataset

from . import _pushdown
from ._scan import Scan

__all__ = ["EvxDataset"]


class _Fragment:
    """The whole of a dataset, as DataFusion wants it."""

    def __init__(self, dataset: "EvxDataset", filter: Any) -> None:
        self._dataset, self._filter = dataset, filter

    def scanner(self, schema: Any = None, columns: Optional[Sequence[str]] = None, filter: Any = None,
                **options: Any) -> Any:
        return self._dataset.scanner(columns=columns, filter=self._filter if filter is None else filter, **options)


class EvxDataset(pyarrow.dataset.Dataset):  # type: ignore[misc, unused-ignore]
    """Logs as a ``pyarrow.dataset.Dataset``. Columns that are not asked for are not made, and what a filter says
    of event_id, channel, provider, computer, level and user_id selects records before they are read; every filter
    is exact. ``to_table``, ``to_batches``, ``head``, ``take``, ``count_rows`` and ``write_dataset`` work."""

    def __init__(self, scan: Scan) -> None:  # there is no other __init__ to call
        self._scan = scan

    @property
    def schema(self) -> Any:
        """Columns: a pyarrow.Schema."""
        return self._scan.schema

    def narrowed(self, columns: Optional[List[str]], filter: Any) -> Scan:
        """The scan that a scanner of these reads."""
        if filter is None:
            return _pushdown.narrow(self._scan, columns, {})
        if columns is not None:
            columns = columns + _pushdown.columns_in(filter, self._scan.columns)
        return _pushdown.narrow(self._scan, columns, _pushdown.of_arrow(filter, self.schema))

    def scanner(self, columns: Any = None, filter: Any = None, **options: Any) -> Any:
        """A pyarrow.dataset.Scanner; options of pyarrow's own are let go by."""
        names: Optional[List[str]] = None
        if isinstance(columns, dict):
            names = [name for each in columns.values() for name in _pushdown.columns_in(each, self._scan.columns)]
        elif columns is not None:
            names = list(columns)
        scan = self.narrowed(names, filter)
        reader = pyarrow.RecordBatchReader.from_batches(scan.schema, scan.batches())
        return pyarrow.dataset.Scanner.from_batches(reader, columns=columns, filter=filter)

    def get_fragments(self, filter: Any = None) -> Iterator[Any]:
        """One fragment: everything."""
        yield _Fragment(self, filter)

    def __reduce__(self) -> Any:
        return (EvxDataset, (self._scan,))

    # What these inherit would look at an object of C++ that is not there, and end the process.

    def _refuse(self, *arguments: Any, **options: Any) -> NoReturn:
        raise NotImplementedError("logs do not do this; to_table() gives a table that does")

    filter = replace_schema = sort_by = join = join_asof = _refuse

    @property
    def partition_expression(self) -> Any:
        """No rows are known to be left out: a literal true."""
        return pyarrow.dataset.scalar(True)
