# SPDX-License-Identifier: MIT
"""Values of records and literals of queries: how text reads as a number, a time or a GUID, and what each
comparison of the two means.

The XML of a record does not tell the types of its values, and some comparisons depend on them. So a value has
one or more *kinds* that it may be of, and a verdict is True, False, or None: it depends on the kind.
"""
import functools
import operator
import re
import sys
from fractions import Fraction

getattr(sys, "set_int_max_str_digits", int)(0)  # literals may be as long as a query

INTEGER, FLOAT, BOOL, TIME, GUID, SID, BINARY, STRING = (
    "integer", "float", "bool", "time", "guid", "sid", "binary", "string")

OPERATORS = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
             ">": operator.gt, ">=": operator.ge}


# ---- three values of truth ----

def any3(truths):
    result = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def all3(truths):
    return not3(any3(not3(truth) for truth in truths))


def not3(truth):
    return None if truth is None else not truth


def agreed(truths):
    """The verdict that holds whatever kind the value is of."""
    different = set(truths)
    return different.pop() if len(different) == 1 else None


# ---- text ----

@functools.lru_cache(maxsize=1 << 16)
def fold(text):
    return text.upper() if text.isascii() else "".join(map(fold_character, text))


@functools.lru_cache(maxsize=1 << 12)
def fold_character(character):
    """Simple upper case, one UTF-16 unit to one unit: sharp s and dotless i stay."""
    if character == "\u0131" or character > "\uffff":
        return character
    # Where upper() gives several characters, the simple mapping, if there is one, is that to title case.
    return next((one for one in (character.upper(), character.title()) if len(one) == 1), character)


def text_order(text):
    """Sorts like the unsigned UTF-16 units of the folded text."""
    return fold(text).encode("utf-16-be", "surrogatepass")


def compare_text(left, op, right):
    return OPERATORS[op](text_order(left), text_order(right))


# ---- numbers ----

NUMBER = re.compile(r"[ \t\r\n]*(?:0[xX]([0-9A-Fa-f]+)|([+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?))[ \t\r\n]*")


@functools.lru_cache(maxsize=1 << 16)
def number(text):
    """The number that all of the text is, or None. What fits no 64-bit integer is a double."""
    match = NUMBER.fullmatch(text)
    if not match:
        return None
    if match[1]:
        return narrowed(int(match[1], 16))
    double = float(match[2])
    if not re.search("[1-9]", match[2].lower().split("e")[0]):
        return 0
    if double == 0 or abs(double) >= 2.0 ** 65:  # a fraction of such an exponent has no end
        return double
    return narrowed(Fraction(match[2]))


def narrowed(exact):
    if exact == int(exact) and -2 ** 63 <= exact < 2 ** 64:
        return int(exact)
    try:
        return float(exact)
    except OverflowError:
        return float("inf")


def whole(value):
    """The 64 bits of a whole number, or None."""
    return value & (2 ** 64 - 1) if isinstance(value, int) else None


# ---- time, in ticks of 100 ns since 1601 ----

TICKS_PER_SECOND = 10_000_000
STAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?)?"
    r"(?:(Z| UTC)| ?([+-])([0-9]{2}):?([0-9]{2}))?")
TICKS = re.compile(r"[0-9]{18}")


def days_from_civil(year, month, day):
    """Days since 1601-01-01 in the Gregorian calendar."""
    year -= month <= 2
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 584694


def days_in_month(year, month):
    following = (year + month // 12, month % 12 + 1, 1)
    return days_from_civil(*following) - days_from_civil(year, month, 1)


class Stamp:
    """A time as it was written; offset is None where no zone was given."""

    def __init__(self, match):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        hour, minute, second = (int(match[i] or 0) for i in (4, 5, 6))
        self.date = (year, month, day)
        self.date_only = match[4] is None
        self.ok = (1 <= month <= 12 and 1 <= day <= days_in_month(year, month)
                   and hour < 24 and minute < 60 and second < 60)
        self.offset = 0 if match[8] else None
        if match[9]:
            self.offset = (int(match[10]) * 60 + int(match[11])) * 60 * (-1 if match[9] == "-" else 1)
            self.ok = self.ok and int(match[10]) < 24 and int(match[11]) < 60
        if self.ok:
            self.seconds = days_from_civil(year, month, day) * 86400 + (hour * 60 + minute) * 60 + second
        self.fraction = int(((match[7] or "") + "0000000")[:7])

    def ticks(self, offset=0):
        """With the zone that was written, or else with this offset in seconds."""
        used = offset if self.offset is None else self.offset
        return (self.seconds - used) * TICKS_PER_SECOND + self.fraction


def stamp(text):
    match = STAMP.fullmatch(text)
    read = Stamp(match) if match else None
    return read if read and read.ok else None


@functools.lru_cache(maxsize=1 << 16)
def time_ticks(text):
    """Ticks of a time literal, UTC where it has no zone, or None."""
    read = stamp(text)
    return read.ticks() if read else None


def time_or_ticks(text):
    """What timediff takes: a time stamp, or eighteen digits of ticks."""
    return int(text) if TICKS.fullmatch(text) else time_ticks(text)


# ---- kinds of values ----

SHAPES = (  # how evx prints a value of each kind, all of it; anything may be a string
    (INTEGER, re.compile(r"-?(?:0|[1-9][0-9]{0,19})|0x(?:0|[1-9a-f][0-9a-f]{0,15})")),
    (FLOAT, re.compile(r"-?[0-9]+\.[0-9]+|-?[0-9.]+e[+-]?[0-9]+|NaN|-?inf")),
    (BOOL, re.compile(r"true|false")),
    (TIME, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]+)?Z")),
    (GUID, re.compile(r"\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")),
    (SID, re.compile(r"S-1-[0-9]+(?:-[0-9]+)*")),
    (BINARY, re.compile(r"(?:[0-9A-F]{2})+")),
)
LIKELY = {INTEGER, TIME, GUID, SID, BOOL, FLOAT}  # short digits are rarely bytes, and never taken for them first


@functools.lru_cache(maxsize=1 << 16)
def possible_kinds(text):
    """The kinds that print like this, the likely one first."""
    shaped = [kind for kind, shape in SHAPES if shape.fullmatch(text)]
    likely = [kind for kind in shaped if kind in LIKELY]
    return tuple(likely + [STRING] + [kind for kind in shaped if kind not in LIKELY])


# ---- literals and comparisons ----

GUID_LITERAL = re.compile(r"\{([0-9A-Fa-f-]{36})\}|([0-9A-Fa-f-]{36})")


def guid(text):
    match = GUID_LITERAL.fullmatch(text)
    digits = (match[1] or match[2]).upper() if match else ""
    return digits if re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", digits) else None


class Literal:
    """A constant of a query with all that it may be read as."""

    def __init__(self, text, is_number=False):
        self.text = text
        self.is_number = is_number
        self.number = number(text)
        self.time = time_ticks(text)
        self.guid = guid(text)
        self.truth = number({"TRUE": "1", "FALSE": "0"}.get(fold(text), text))


def compare_integer(text, op, literal):
    if literal.number is None:
        return compare_text(text, op, literal.text)
    return OPERATORS[op](number(text), literal.number)


def compare_float(text, op, literal):
    if literal.number is None:
        return compare_text(text, op, literal.text)
    return OPERATORS[op](float(text), float(literal.number))


def compare_bool(text, op, literal):
    if literal.truth is None:
        return compare_text(text, op, literal.text)
    return OPERATORS[op](int(text == "true"), literal.truth)


def compare_time(text, op, literal):
    ticks = literal.number if literal.is_number else literal.time
    if ticks is not None:
        return OPERATORS[op](time_ticks(text), ticks)
    return op in ("=", "!=") and compare_text(text, op, literal.text)


def compare_guid(text, op, literal):
    if literal.is_number:
        return False
    if literal.guid is not None and op in ("=", "!="):
        return OPERATORS[op](guid(text), literal.guid)
    return compare_text(text, op, literal.text)


def compare_opaque(text, op, literal):
    """SIDs and bytes: text that no number is compared with."""
    return not literal.is_number and compare_text(text, op, literal.text)


def compare_string(text, op, literal):
    value = number(text)
    numeric = literal.is_number or op not in ("=", "!=")
    if numeric and value is not None and literal.number is not None:
        return OPERATORS[op](value, literal.number)
    return compare_text(text, op, literal.text)


COMPARISONS = {INTEGER: compare_integer, FLOAT: compare_float, BOOL: compare_bool, TIME: compare_time,
               GUID: compare_guid, SID: compare_opaque, BINARY: compare_opaque, STRING: compare_string}


def compare(kinds, text, op, literal):
    """Whether `text op literal` holds for a value of one of these kinds: True, False, None."""
    return agreed(COMPARISONS[kind](text, op, literal) for kind in kinds)
