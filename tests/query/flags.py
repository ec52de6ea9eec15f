# SPDX-License-Identifier: MIT
"""The filters that flags of the command line stand for, as predicates of records like queries are."""
import base64
import ipaddress
import re
import time
from datetime import datetime, timedelta, timezone

from record import SHORT
from values import (OPERATORS, TICKS_PER_SECOND, Literal, all3, any3, compare,
                    days_from_civil, days_in_month, fold, not3, number, stamp, time_ticks, whole)


class FlagError(Exception):
    pass


# ---- combinations ----

class AnyOf:
    def __init__(self, predicates):
        self.predicates = predicates

    def test(self, record, run):
        return any3(predicate.test(record, run) for predicate in self.predicates)


class AllOf:
    def __init__(self, predicates):
        self.predicates = predicates

    def test(self, record, run):
        return all3(predicate.test(record, run) for predicate in self.predicates)


class Not:
    def __init__(self, predicate):
        self.predicate = predicate

    def test(self, record, run):
        return not3(self.predicate.test(record, run))


class Some:
    """Whether some value of a field satisfies a condition, a function (node, record, run) to truth."""

    def __init__(self, field, condition):
        self.field = field
        self.condition = condition

    def test(self, record, run):
        return any3(self.condition(node, record, run) for node in self.field(record))


def system(*path):
    return lambda record: record.values("System", *path)


def named_data(name):
    """What has this name in System; else data of this name, whatever its case, for param3 also the third data if it has no name, and the elements
    of this name below the root of UserData.
    """
    if name in SHORT:
        return system(*SHORT[name])

    def field(record):
        data = [node for node in record.values("EventData", "Data")
                if node.attribute("Name") is not None and fold(node.attribute("Name")) == fold(name)]
        place = re.fullmatch("param([0-9]+)", name)
        return data + (record.nameless_data_at(int(place[1])) if place else []) + record.values("UserData", "*", name)
    return field


def any_text(record):
    return [node for node in record.document.children[0].everything() if node.value() is not None]


def comparison(op, literal):
    return lambda node, record, run: compare(run.kinds(node), node.value(), op, literal)


# ---- lists of numbers ----

ID = re.compile(r"\s*(-?)\s*([0-9]+)(?:\s*-\s*([0-9]+))?\s*")


def rising_range(low, high, limit, what):
    first, last = int(low), int(high or low)
    if high is not None and first >= last:
        raise FlagError(f"the range {low}-{high} does not rise")
    if last > limit:
        raise FlagError(f"{what} {last} is above {limit}")
    return first, last


def parse_ids(text):
    """Included and removed ranges."""
    included, removed = [], []
    for item in text.split(","):
        match = ID.fullmatch(item)
        if not match:
            raise FlagError(f"'{item}' is no event id, range of them, or one with '-' in front")
        (removed if match[1] else included).append(rising_range(match[2], match[3], 65535, "event id"))
    return included, removed


def in_ranges(ranges):
    def condition(node, _record, _run):
        value = number(node.value())
        return value is not None and any(low <= value <= high for low, high in ranges)
    return condition


def id_filter(lists):
    included, removed = [], []
    for text in lists:
        more, less = parse_ids(text)
        included += more
        removed += less
    parts = [Some(system("EventID"), in_ranges(included))] if included else []
    if removed:
        parts.append(Not(Some(system("EventID"), in_ranges(removed))))
    return AllOf(parts)


def excluded_ids(lists):
    ranges = []
    for text in lists:
        included, removed = parse_ids(text)
        if removed:
            raise FlagError(f"'{text}': ids to exclude have no '-' in front")
        ranges += included
    return Not(Some(system("EventID"), in_ranges(ranges)))


def record_id_filter(lists):
    ranges = []
    for item in split_lists(lists):
        match = re.fullmatch(r"\s*([0-9]+)(?:\s*-\s*([0-9]+))?\s*", item)
        if not match or match[2] and int(match[1]) > int(match[2]):
            raise FlagError(f"'{item}' is no record id or range of them")
        ranges.append((int(match[1]), int(match[2] or match[1])))
    return Some(system("EventRecordID"), in_ranges(ranges))


# ---- lists of names ----

def split_lists(lists):
    return [item.strip() for text in lists for item in text.split(",")]


def glob(pattern):
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(c, re.escape(c)) for c in fold(pattern)), re.S)


def name_filter(field, lists):
    patterns = [glob(item) for item in split_lists(lists)]
    return Some(field, lambda node, _record, _run: any(p.fullmatch(fold(node.value())) for p in patterns))


LEVELS = {"LOGALWAYS": (0,), "CRITICAL": (1,), "CRIT": (1,), "ERROR": (2,), "ERR": (2,), "WARNING": (3,), "WARN": (3,),
          "INFO": (4, 0), "INFORMATION": (4, 0), "VERBOSE": (5,)}


def level_filter(lists):
    levels = set()
    for item in split_lists(lists):
        if re.fullmatch("[0-9]+", item) and int(item) <= 255:
            levels.add(int(item))
        elif fold(item) in LEVELS:
            levels.update(LEVELS[fold(item)])
        else:
            raise FlagError(f"'{item}' is no level: a number up to 255 or a name")
    return Some(system("Level"), in_ranges([(level, level) for level in levels]))


KEYWORDS = {"AUDIT-FAILURE": 1 << 52, "AUDIT-SUCCESS": 1 << 53, "CLASSIC": 1 << 55}


def keyword_mask(item):
    named = KEYWORDS.get(fold(item))
    value = number(item) if named is None else named
    if whole(value) is None:
        raise FlagError(f"'{item}' is no mask and no name of a keyword")
    return whole(value)


def keyword_filter(lists):
    mask = 0
    for item in split_lists(lists):
        mask |= keyword_mask(item)
    return Some(system("Keywords"), lambda node, _record, _run: bool((whole(number(node.value())) or 0) & mask))


def user_filter(lists):
    users = {fold(item) for item in split_lists(lists)}
    return Some(system("Security", "@UserID"), lambda node, _record, _run: fold(node.value()) in users)


# ---- time ----

def parse_zone(text):
    """A function from seconds of local time since 1601 to the offset of the zone."""
    if fold(text) == "UTC":
        return lambda seconds: 0
    match = re.fullmatch(r"([+-])([0-9]{2}):?([0-9]{2})", text)
    if match:
        offset = (int(match[2]) * 60 + int(match[3])) * 60 * (-1 if match[1] == "-" else 1)
        return lambda seconds: offset
    if text == "local":
        return local_offset
    return area_offset(text)


def civil(seconds):
    return datetime(1601, 1, 1) + timedelta(seconds=seconds)


def local_offset(seconds):
    when = time.mktime(civil(seconds).timetuple()[:8] + (-1,))
    return time.localtime(when).tm_gmtoff


def area_offset(name):
    import zoneinfo  # only where an area is asked for: the data of time zones may not be installed
    try:
        zone = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise FlagError(f"there is no time zone '{name}'") from None
    return lambda seconds: int(civil(seconds).replace(tzinfo=zone).utcoffset().total_seconds())


EPOCH = days_from_civil(1970, 1, 1) * 86400


def parse_time(text, zone, end_of_day=False):
    """Ticks of a time in a flag."""
    match = re.fullmatch(r"@(-?[0-9]+)(?:\.([0-9]{1,9}))?", text)
    if match:
        return (int(match[1]) + EPOCH) * TICKS_PER_SECOND + int(((match[2] or "") + "0000000")[:7])
    read = stamp(text)
    if not read:
        raise FlagError(f"'{text}' is no time")
    if end_of_day and read.date_only:
        following = read.seconds + 86400
        return read.ticks(zone(following)) + 86400 * TICKS_PER_SECOND - 1
    return read.ticks(zone(read.seconds))


def time_filter(op, ticks):
    def condition(node, _record, _run):
        value = time_ticks(node.value())
        return value is not None and OPERATORS[op](value, ticks)
    return Some(system("TimeCreated", "@SystemTime"), condition)


SPAN = re.compile(r"([0-9]+)([ywdhmsM])")
SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


class Last:
    """Records not older than a span before now: years and months by the calendar, then the rest."""

    def __init__(self, text):
        if not re.fullmatch(f"(?:{SPAN.pattern})+", text):
            raise FlagError(f"'{text}' is no span of time such as 24h or 1d12h")
        parts = [(int(amount), unit) for amount, unit in SPAN.findall(text)]
        self.months = sum(n * (12 if unit == "y" else 1) for n, unit in parts if unit in "yM")
        self.seconds = sum(n * SECONDS[unit] for n, unit in parts if unit in SECONDS)

    def test(self, record, run):
        start = months_before(run.now, self.months) - self.seconds * TICKS_PER_SECOND
        return time_filter(">=", start).test(record, run)


def months_before(ticks, months):
    if not months:
        return ticks
    days, rest = divmod(ticks, 86400 * TICKS_PER_SECOND)
    date = civil(days * 86400)
    index = date.year * 12 + date.month - 1 - months
    year, month = index // 12, index % 12 + 1
    day = min(date.day, days_in_month(year, month))
    return days_from_civil(year, month, day) * 86400 * TICKS_PER_SECOND + rest


def clock():
    since = datetime.now(timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (since // timedelta(microseconds=1)) * 10 + EPOCH * TICKS_PER_SECOND


# ---- search anywhere ----

def search_filter(texts):
    wanted = [fold(text) for text in texts]
    return Some(any_text, lambda node, _record, _run: any(text in fold(node.value()) for text in wanted))


def regex_filter(patterns):
    compiled = [compile_regex(pattern, 0) for pattern in patterns]
    return Some(any_text, lambda node, _record, _run: any(each.search(node.value()) for each in compiled))


def compile_regex(pattern, options):
    try:
        return re.compile(pattern, options)
    except re.error as error:
        raise FlagError(f"regular expression '{pattern}': {error}") from None


# ---- named data with Sigma's modifiers ----

def data_filter(arguments):
    """Values of one field are alternatives, fields are all asked for."""
    items = {}
    for argument in arguments:
        key, has_value, value = argument.partition("=")
        name, *modifiers = key.split("|")
        if not name:
            raise FlagError(f"'{argument}' names no field")
        items.setdefault(name, {}).setdefault(tuple(modifiers), []).append(value if has_value else None)
    return AllOf([AnyOf([DataItem(name, modifiers, values) for modifiers, values in field.items()])
                  for name, field in items.items()])


ANY_RUN, ANY_ONE = object(), object()
DASHES = frozenset("-/\u2013\u2014\u2015")
WHERES = {"contains": (True, True), "startswith": (False, True), "endswith": (True, False)}
NUMERIC = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
WIDE = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16"}
PARTS = {"minute": lambda t: t.minute, "hour": lambda t: t.hour, "day": lambda t: t.day,
         "week": lambda t: t.isocalendar()[1], "month": lambda t: t.month, "year": lambda t: t.year}
REGEX_OPTIONS = {"i": re.I, "m": re.M, "s": re.S}


class DataItem:
    """One field, its modifiers, and the values that were given with them."""

    def __init__(self, name, modifiers, values):
        self.field = named_data(name)
        self.modifiers = list(modifiers)
        self.every = self.take("all")
        self.none = self.take("neq")
        self.cased = self.take("cased")
        if self.every and len(values) == 1:
            raise FlagError(f"{name}|all asks for more than one value")
        if None in values and (modifiers or len(values) > 1):
            raise FlagError(f"{name} without '=' asks for the field alone")
        self.predicates = [self.predicate(value) for value in values]

    def take(self, modifier):
        found = modifier in self.modifiers
        if found:
            self.modifiers.remove(modifier)
        return found

    def test(self, record, run):
        combine = all3 if self.every else any3
        truth = combine(predicate.test(record, run) for predicate in self.predicates)
        return not3(truth) if self.none else truth

    def predicate(self, value):
        if value is None:
            return Some(self.field, lambda node, record, run: True)
        same = None if self.modifiers or self.cased else comparison("=", Literal(value))
        if self.modifiers and self.modifiers[0] in SPECIAL:
            return SPECIAL[self.modifiers[0]](self, value)
        patterns = [self.pattern(tokens) for tokens in self.transformed(value)]
        return Some(self.field, lambda node, record, run: any3(
            [bool(p.fullmatch(self.folded(node.value()))) for p in patterns] +
            ([same(node, record, run)] if same else [])))

    def alone(self):
        if len(self.modifiers) > 1:
            raise FlagError(f"{'|'.join(self.modifiers)}: modifiers that do not go together")

    def folded(self, text):
        return text if self.cased else fold(text)

    # -- text with wildcards --

    def transformed(self, value):
        """Alternatives, each a list of characters, sets of characters, and wildcards."""
        alternatives = [sigma_tokens(value)]
        encoding = "utf-8"
        for modifier in self.modifiers:
            if modifier in WHERES:
                before, after = WHERES[modifier]
                alternatives = [[ANY_RUN] * before + tokens + [ANY_RUN] * after for tokens in alternatives]
            elif modifier == "windash":
                alternatives = [windash(tokens) for tokens in alternatives]
            elif modifier in WIDE:
                encoding = WIDE[modifier]
            elif modifier in ("base64", "base64offset"):
                offsets = range(3) if modifier == "base64offset" else [None]
                alternatives = [list(base64_text(tokens, encoding, offset))
                                for tokens in alternatives for offset in offsets]
            else:
                raise FlagError(f"'{modifier}' is no modifier, or not in this place")
        return alternatives

    def pattern(self, tokens):
        return re.compile("".join(self.token_pattern(token) for token in tokens), re.S)

    def token_pattern(self, token):
        if token is ANY_RUN:
            return ".*"
        if token is ANY_ONE:
            return "."
        if isinstance(token, frozenset):
            return "[" + "".join(map(re.escape, token)) + "]"
        return re.escape(self.folded(token))

    # -- modifiers that are no text --

    def regex(self, value):
        options = 0
        for modifier in self.modifiers[1:]:
            if modifier not in REGEX_OPTIONS:
                raise FlagError(f"re|{modifier}: modifiers that do not go together")
            options |= REGEX_OPTIONS[modifier]
        compiled = compile_regex(value, options)
        return Some(self.field, lambda node, _record, _run: bool(compiled.search(node.value())))

    def cidr(self, value):
        self.alone()
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError as error:
            raise FlagError(str(error)) from None
        return Some(self.field, lambda node, _record, _run: address_in(node.value(), network))

    def numeric(self, value):
        self.alone()
        limit = number(value)
        if limit is None:
            raise FlagError(f"{self.modifiers[0]} asks for a number, not '{value}'")
        return Some(self.field, lambda node, _record, _run: compare_number(
            node.value(), NUMERIC[self.modifiers[0]], limit))

    def exists(self, value):
        self.alone()
        if fold(value) not in ("TRUE", "FALSE"):
            raise FlagError(f"exists is true or false, not '{value}'")
        there = Some(self.field, lambda node, record, run: True)
        return there if fold(value) == "TRUE" else Not(there)

    def same_as(self, value):
        other = named_data(value)
        before, after = False, False
        for modifier in self.modifiers[1:]:
            if modifier not in WHERES:
                raise FlagError(f"fieldref|{modifier}: modifiers that do not go together")
            before, after = WHERES[modifier]
        return Some(self.field, lambda node, record, _run: any(
            within(self.folded(node.value()), self.folded(each.value()), before, after) for each in other(record)))

    def part(self, value):
        self.alone()
        wanted = number(value)
        if wanted is None:
            raise FlagError(f"{self.modifiers[0]} asks for a number, not '{value}'")
        return Some(self.field, lambda node, _record, _run: time_part(node.value(), self.modifiers[0]) == wanted)

    def expand(self, value):
        raise FlagError(f"there is no table for the placeholders of '{value}'")


SPECIAL = {"re": DataItem.regex, "cidr": DataItem.cidr, "exists": DataItem.exists, "fieldref": DataItem.same_as,
           "expand": DataItem.expand, **dict.fromkeys(NUMERIC, DataItem.numeric), **dict.fromkeys(PARTS, DataItem.part)}


def sigma_tokens(text):
    """A backslash escapes '*', '?' and itself only."""
    tokens = []
    for match in re.finditer(r"\\([\\*?])|(\*)|(\?)|(.)", text, re.S):
        tokens.append(match[1] or (ANY_RUN if match[2] else ANY_ONE if match[3] else match[4]))
    return tokens


def windash(tokens):
    """Each '-' or '/' before a word character and not behind one may be any dash."""
    text = "".join(token if isinstance(token, str) else "*" for token in tokens)
    places = {match.start() for match in re.finditer(r"\B[-/]\b", text)}
    return [DASHES if place in places else token for place, token in enumerate(tokens)]


def base64_text(tokens, encoding, offset):
    if not all(isinstance(token, str) for token in tokens):
        raise FlagError("base64 takes no wildcards and no windash")
    data = "".join(tokens).encode(encoding, "surrogatepass")
    if offset is None:
        return base64.b64encode(data).decode()
    encoded = base64.b64encode(bytes(offset) + data).decode()
    return encoded[(0, 2, 3)[offset]:(None, -3, -2)[(offset + len(data)) % 3]]


def address_in(text, network):
    try:
        return ipaddress.ip_address(text) in network
    except ValueError:
        return False


def compare_number(text, op, limit):
    value = number(text)
    return value is not None and OPERATORS[op](value, limit)


def within(text, part, before, after):
    if before and after:
        return part in text
    return text.endswith(part) if before else text.startswith(part) if after else text == part


def time_part(text, unit):
    read = stamp(text)
    return PARTS[unit](civil(read.ticks() // TICKS_PER_SECOND)) if read else None
