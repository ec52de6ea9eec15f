# SPDX-License-Identifier: MIT
"""What engines ask of a table, as columns to make and conditions to select by.

A filter becomes conditions that select every row it selects, and perhaps more: the engine's own filter goes over
the rows again. So what is not understood here costs time, and no row.
"""
from __future__ import annotations

import json
import re
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ._query import Query
from ._scan import Scan

# Column to the values that rows must have in it, one of these; None: no row can be meant.
Wanted = Optional[Dict[str, FrozenSet[Any]]]

_CONDITIONS = {"event_id": "ids", "channel": "channels", "provider": "providers", "computer": "computers",
               "level": "levels", "user_id": "users"}
_NUMBERS = {"event_id": range(65536), "level": range(256)}
_PLAIN = re.compile(r"[\w.()-][\w .()/-]*")  # no wildcards, nothing that a condition could read otherwise
_SID = re.compile(r"S-1(-\d+)+")
_AT_MOST = 64


def both(one: Wanted, other: Wanted) -> Wanted:
    """What rows have that fit both."""
    if one is None or other is None:
        return None
    joined = dict(one)
    for column, values in other.items():
        joined[column] = joined[column] & values if column in joined else values
    return joined


def either(parts: Iterable[Wanted]) -> Wanted:
    """What rows have that fit one of these."""
    possible = [part for part in parts if part is not None]
    if not possible:
        return None
    shared = set.intersection(*(set(part) for part in possible))
    return {column: frozenset().union(*(part[column] for part in possible)) for column in shared}


def equals(column: Optional[str], values: Sequence[Any]) -> Wanted:
    """column = one of the values; what cannot be said is left open."""
    if column is None or not all(type(value) in (int, str) for value in values):
        return {}
    return {column: frozenset(values)}


def conditions(wanted: Wanted) -> Dict[str, List[str]]:
    """The conditions of a query that all rows fit which are wanted."""
    said: Dict[str, List[str]] = {}
    for column, values in (wanted or {}).items():
        kind = _CONDITIONS.get(column)
        if kind is None or not values or len(values) > _AT_MOST:
            continue
        if column in _NUMBERS:
            fits = all(type(value) is int and value in _NUMBERS[column] for value in values)
        else:
            form = _SID if column == "user_id" else _PLAIN
            fits = all(isinstance(value, str) and form.fullmatch(value) for value in values)
        if fits:
            said[kind] = sorted(map(str, values))
    return said


def _with(query: Query, more: Mapping[str, List[str]]) -> Query:
    """The query, and the conditions as well; those that it has already stay as they are, since values of one
    condition are alternatives."""
    own: Dict[str, Any] = {"query": query} if isinstance(query, str) else dict(query or {})
    if "invert" in own:
        return query
    return {**more, **own} or None


def narrow(scan: Scan, columns: Optional[Sequence[str]], wanted: Wanted) -> Scan:
    """A scan of these columns (None: all), in whose rows are all that are wanted."""
    changes: Dict[str, Any] = {}
    if scan.options.schema != "evx":  # by names that are none of ours
        return scan
    if scan.options.limit is None:  # the first rows of all are others than the first of these
        said = conditions(wanted)
        if said:
            changes["query"] = _with(scan.options.query, said)
    narrowed = scan.replace(**changes) if changes else scan
    if columns is None:
        return narrowed
    return narrowed.only(set(columns) or set(scan.columns[:1]))  # a table without columns would have no rows


# ------------------------------------------------------------------------------------------------ Substrait

Message = Dict[int, List[Any]]


def _varint(data: bytes, at: int) -> Tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _message(data: bytes) -> Message:
    """The members of a message of Protocol Buffers, by number."""
    found: Message = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        value: Union[int, bytes]
        if kind == 0:
            value, at = _varint(data, at)
        else:
            size, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at:at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


class _Substrait:
    """An ExtendedExpression, as far as it is equalities, lists, and, or."""

    def __init__(self, data: bytes) -> None:
        whole = _message(data)
        self.names = [name.decode() for name in _message(whole[4][0])[1]]
        self.functions: Dict[int, str] = {}
        for each in whole.get(2, []):
            function = _message(_message(each)[3][0])
            self.functions[function.get(2, [0])[0]] = function[3][0].decode()
        self.expression = _message(_message(whole[3][0])[1][0])

    def column(self, expression: Message) -> Optional[str]:
        if 11 in expression:  # a cast
            return self.column(_message(_message(expression[11][0])[2][0]))
        if 2 not in expression:
            return None
        segment = _message(_message(expression[2][0])[1][0])
        field = _message(segment[2][0])
        return None if 2 in field else self.names[field.get(1, [0])[0]]

    def literal(self, expression: Message) -> Any:
        """Whole numbers and texts; False for what is never true; else None."""
        if 11 in expression:
            return self.literal(_message(_message(expression[11][0])[2][0]))
        value = _message(expression[1][0]) if 1 in expression else {}
        for number in (2, 3, 5, 7):
            if number in value:
                return value[number][0] - (value[number][0] >> 63 << 64)
        if 12 in value:
            return value[12][0].decode()
        return False if 29 in value or value.get(1) == [0] else None

    def wanted(self, expression: Message) -> Wanted:
        if 1 in expression:
            return None if self.literal(expression) is False else {}
        if 3 in expression:
            call = _message(expression[3][0])
            arguments = [_message(_message(each)[3][0]) for each in call.get(4, []) if 3 in _message(each)]
            return self.call(self.functions.get(call.get(1, [0])[0], "").split(":")[0], arguments)
        if 6 in expression:
            branches = _message(expression[6][0])
            ends = [_message(each)[2][0] for each in branches[1]] + branches.get(2, [])
            return either(self.wanted(_message(end)) for end in ends)
        if 8 in expression:
            listed = _message(expression[8][0])
            values = [self.literal(_message(each)) for each in listed[2]]
            return equals(self.column(_message(listed[1][0])), values)
        return {}

    def call(self, name: str, arguments: List[Message]) -> Wanted:
        if name == "and":
            all_of: Wanted = {}
            for each in arguments:
                all_of = both(all_of, self.wanted(each))
            return all_of
        if name == "or":
            return either(self.wanted(each) for each in arguments)
        if name == "equal":
            one, other = arguments
            if self.column(one) is None:
                one, other = other, one
            return equals(self.column(one), [self.literal(other)])
        return {}


def of_arrow(expression: Any, schema: Any) -> Wanted:
    """What a filter of pyarrow wants."""
    import pyarrow

    plain = pyarrow.schema([field.with_type(field.type.value_type) if pyarrow.types.is_dictionary(field.type)
                            else field for field in schema])
    try:
        read = _Substrait(bytes(expression.to_substrait(plain)))
        return read.wanted(read.expression)
    except (pyarrow.ArrowException, ValueError, LookupError, TypeError):  # nanoseconds, maps, functions
        return {}


def columns_in(expression: Any, names: Sequence[str]) -> List[str]:
    """The columns that a filter of pyarrow reads, or some more."""
    text = str(expression)
    return [name for name in names if name in text] or list(names)


# ------------------------------------------------------------------------------------------------ Polars

def _literals(node: Any) -> Iterator[Any]:
    """The value of a literal of Polars, if it is a text or a whole number; else None."""
    for name in ("Literal", "Scalar", "Dyn"):
        if isinstance(node, dict) and name in node:
            node = node[name]
    if isinstance(node, dict) and len(node) == 1:
        (kind, value), = node.items()
        if kind == "String" or kind.startswith(("Int", "UInt")):
            yield value
            return
    yield None


def _polars_list(node: Any) -> Wanted:
    """COLUMN.is_in(LIST), whose list is a file of Arrow."""
    import polars

    if "IsIn" not in node["function"].get("Boolean", {}):
        return {}
    column, listed = node["input"]
    data = bytes(listed["Literal"]["Scalar"]["List"])
    return equals(column["Column"], polars.read_ipc_stream(data).to_series().explode().to_list())


def _polars_wanted(node: Any) -> Wanted:
    if isinstance(node, dict) and "Function" in node:
        return _polars_list(node["Function"])
    if not isinstance(node, dict) or "BinaryExpr" not in node:
        return {}
    binary = node["BinaryExpr"]
    if binary["op"] in ("And", "LogicalAnd"):
        return both(_polars_wanted(binary["left"]), _polars_wanted(binary["right"]))
    if binary["op"] in ("Or", "LogicalOr"):
        return either([_polars_wanted(binary["left"]), _polars_wanted(binary["right"])])
    if binary["op"] == "Eq":
        one, other = binary["left"], binary["right"]
        if not isinstance(one, dict) or "Column" not in one:
            one, other = other, one
        return equals(one.get("Column") if isinstance(one, dict) else None, list(_literals(other)))
    return {}


def of_polars(predicate: Any) -> Wanted:
    """What a predicate of Polars wants."""
    try:
        return _polars_wanted(json.loads(predicate.meta.serialize(format="json")))
    except Exception:  # whatever Polars cannot put into words
        return {}
