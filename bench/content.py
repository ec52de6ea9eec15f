# SPDX-License-Identifier: MIT
"""What the records of a dump say, whichever converter wrote it, and where two dumps disagree.

A record's content is a list of (name, text): every leaf and attribute, in order. Empty ones are left out:
the converters do not agree on which of them to keep. How a converter writes a value in its own way is
known by its Rules; whatever these do not forgive is a difference.
"""
import base64
import json
import mmap
import re
import uuid
from collections.abc import Iterator
from itertools import islice, zip_longest
from xml.etree import ElementTree

Content = list[tuple[str, str]]
Dump = bytes | mmap.mmap
Element = ElementTree.Element

NAMESPACE = re.compile(r"\{[^}]*\}")
# Characters that XML 1.0 does not have: we write _, others write them raw.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
EVENT = re.compile(rb"<Event[ >].*?</Event>", re.DOTALL)
LINE = re.compile(rb"[^\n]+")
XML_IDENTIFIER = re.compile(rb"<EventRecordID>(\d+)")
JSON_IDENTIFIER = re.compile(rb'"EventRecordID": ?(\d+)')
HEX = re.compile(r"0x[0-9a-fA-F]+$")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?$")
GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?$")


def normalised(value: str) -> object:
    """Hex without padding, GUIDs in lower case, times as (seconds, ticks of 100 ns)."""
    value = value.strip()
    if HEX.match(value):
        return int(value, 16)
    if match := GUID.match(value):
        return match[1].lower()
    if match := TIME.match(value):
        return f"{match[1]}T{match[2]}", int((match[3] or "").ljust(9, "0")[:7])
    return value


def same_time(our: str, their: str, ticks: int) -> bool:
    ours, theirs = normalised(our), normalised(their)
    return (isinstance(ours, tuple) and isinstance(theirs, tuple) and ours[0] == theirs[0] and
            abs(ours[1] - theirs[1]) <= ticks)


def same_size(our: str, their: str) -> bool:
    """Of a size_t, which we write in hex."""
    return bool(HEX.match(our)) and their.isdecimal() and int(our, 16) == int(their)


class Rules:
    """How a converter that knows the format from elsewhere writes things. These are our own ways."""
    our_format: str | None = None # what of ours its dump is compared with; None: the same format
    lost: tuple[str, ...] = () # elements that it does not show
    is_ordered = True

    def clean(self, text: str) -> str:
        """The XML of a record, made well formed."""
        return text

    def name(self, path: tuple[str, ...], element: Element, attribute: str | None) -> str | None:
        """Of an element's text or of an attribute. None: not looked at."""
        return f"{path[-1]}/@{attribute}" if attribute else path[-1]

    def expand(self, content: Content) -> Content:
        """Its content, with everything where we have it."""
        return content

    def is_known(self, our: str, their: str) -> bool:
        """Whether two texts are one value."""
        return normalised(our) == normalised(their)


# ------------------------------------------------------------------------------------------- reading

def leaves(element: Element, rules: Rules, path: tuple[str, ...] = ()) -> Content:
    path += (NAMESPACE.sub("", element.tag),)
    texts = [(NAMESPACE.sub("", name), value) for name, value in element.attrib.items()]
    if len(element) == 0:
        texts.append((None, element.text or ""))
    found = [(name, text) for attribute, text in texts
             if text.strip() and (name := rules.name(path, element, attribute))]
    for child in element:
        if NAMESPACE.sub("", child.tag) not in rules.lost:
            found += leaves(child, rules, path)
    return found


def of_xml(dump: Dump, rules: Rules) -> Iterator[Content]:
    for match in EVENT.finditer(dump):
        text = ILLEGAL.sub("_", rules.clean(match.group().decode()))
        yield leaves(ElementTree.fromstring(text), rules)


def members(value: object, rules: Rules, name: str = "") -> Content:
    if isinstance(value, tuple): # an object, as pairs: some write a key twice
        return [leaf for key, item in value if key not in rules.lost
                for leaf in members(item, rules, key)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in members(item, rules, name)]
    text = "" if value is None else str(value)
    return [(name, text)] if text.strip() else []


def of_json_lines(dump: Dump, rules: Rules) -> Iterator[Content]:
    for match in LINE.finditer(dump):
        yield members(json.loads(match.group(), object_pairs_hook=tuple), rules)


def of_dump(dump: Dump, output_format: str, rules: Rules) -> Iterator[Content]:
    return (of_xml if output_format == "xml" else of_json_lines)(dump, rules)


# ----------------------------------------------------------------------------------------- comparing

def identifiers(dump: Dump, output_format: str) -> list[int]:
    """The EventRecordID of each record."""
    pattern = XML_IDENTIFIER if output_format == "xml" else JSON_IDENTIFIER
    return [int(number) for number in pattern.findall(dump)]


def identifier_difference(our: list[int], their: list[int]) -> str | None:
    if our == their:
        return None
    if len(our) != len(their):
        return f"{len(our)} records, but {len(their)} there"
    at = next(i for i, (a, b) in enumerate(zip(our, their)) if a != b)
    return f"record {at + 1} has the EventRecordID {our[at]}, but {their[at]} there"


def record_difference(our: Content, their: Content, rules: Rules) -> str | None:
    their = rules.expand(their)
    if not rules.is_ordered:
        our, their = (sorted(content, key=lambda leaf: leaf[0]) for content in (our, their))
    names, their_names = [name for name, _ in our], [name for name, _ in their]
    if names != their_names:
        return f"has {names}, but {their_names} there"
    for (name, a), (_, b) in zip(our, their):
        if a != b and not rules.is_known(a, b):
            return f"{name} is {a!r}, but {b!r} there"
    return None


def difference(ours: Dump, theirs: Dump, output_format: str, rules: Rules,
               limit: int | None = None) -> str | None:
    """Where two dumps differ, or None. All identifiers are compared, and the content of the first `limit`
    records. Ours is in the rules' format."""
    our_format = rules.our_format or output_format
    if found := identifier_difference(identifiers(ours, our_format), identifiers(theirs, output_format)):
        return found
    our_records = of_dump(ours, our_format, rules)
    their_records = of_dump(theirs, output_format, rules)
    pairs = islice(zip_longest(our_records, their_records), limit)
    for number, (our, their) in enumerate(pairs, 1):
        if our is None or their is None:
            return f"record {number} is in one of the dumps only"
        if found := record_difference(our, their, rules):
            return f"record {number}: {found}"
    return None


# ---------------------------------------------------------------------------------------- converters

# libevtx escapes neither attributes nor ANSI strings, and decodes surrogate pairs to a wrong character.
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+);)")
EMPTY_ELEMENT = re.compile(r'(?m)^( *<\w+ \w+=")(.*)("/>)$')
NEXT_ATTRIBUTE = re.compile(r'(" \w+=")')
BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")


class Libevtx(Rules):
    lost = ("RenderingInfo",) # of several elements in one value it takes the first

    def clean(self, text: str) -> str:
        # <none> is the one ANSI string in generated logs with markup in it.
        text = EMPTY_ELEMENT.sub(self.clean_attributes, text.replace("<none>", "&lt;none&gt;"))
        return BARE_AMPERSAND.sub("&amp;", text)

    @staticmethod
    def clean_attributes(element: re.Match[str]) -> str:
        values = NEXT_ATTRIBUTE.split(element[2]) # and the markup between them
        values[::2] = [value.replace("<", "&lt;").replace('"', "&quot;") for value in values[::2]]
        return element[1] + "".join(values) + element[3]

    def is_known(self, our: str, their: str) -> bool:
        if super().is_known(BEYOND_16_BITS.sub("?", our), BEYOND_16_BITS.sub("?", their)):
            return True
        if our.startswith("-") and our[1:].isdecimal(): # it takes the top bit for a sign and no more
            return their in (str(-(1 << bits) - int(our)) for bits in (7, 15, 31, 63))
        # Numbers in booleans: the reference shows them, libevtx does not.
        return same_size(our, their) or (their == "true" and our.isdecimal() and int(our) > 1)


class PyEvtx(Rules):
    """PyPI's evtx, the reference as it was earlier."""
    lost = ("RenderingInfo",)

    def is_known(self, our: str, their: str) -> bool:
        return super().is_known(our, their) or same_time(our, their, 9) # it leaves out the last digit


STRINGS = re.compile(r"<string>(.*?)</string>", re.DOTALL)


class PythonEvtx(Rules):
    def expand(self, content: Content) -> Content:
        """It shows string arrays as markup within one element."""
        found = []
        for name, value in content:
            items = STRINGS.findall(value)
            found += [(name, item) for item in items if item.strip()] if items else [(name, value)]
        return found

    def is_known(self, our: str, their: str) -> bool:
        if super().is_known(our, their) or same_size(our, their):
            return True
        if same_time(our, their, 30): # its times went through a float
            return True
        if their in ("True", "False"): # of any number
            return our == their.lower() or (our.isdecimal() and their == "True")
        try: # binary
            return base64.b64decode(their, validate=True).hex().upper() == our
        except ValueError:
            return False


class Dissect(Rules):
    """A flat dictionary per record: System and EventData are left out, Data goes by its Name."""
    our_format = "xml"
    lost = ("RenderingInfo",)
    is_ordered = False

    def name(self, path: tuple[str, ...], element: Element, attribute: str | None) -> str | None:
        is_named = path[-1] == "Data" and "Name" in element.attrib
        if attribute:
            is_shown = path != ("Event",) and not (is_named and attribute == "Name")
            return f"{path[-1]}_{attribute}" if is_shown else None
        return element.attrib["Name"] if is_named else "_".join(path[2:])

    def expand(self, content: Content) -> Content:
        names = {name for name, _ in content}
        found = []
        for name, value in content:
            base = re.sub(r"_\d+$", "", name) # it numbers names that repeat
            if not name.endswith("_xmlns"):
                found.append((base if base in names else name, value))
        return found

    def is_known(self, our: str, their: str) -> bool:
        their = their.replace("\r\n", "\n").replace("\r", "\n") # as XML does
        if match := GUID.match(their): # it reads the first three numbers from the wrong end
            their = str(uuid.UUID(bytes_le=uuid.UUID(match[1]).bytes))
        if their.isdecimal(): # of a boolean it reads the first byte
            our = {"true": "1", "false": "0"}.get(our, our)
            return our.isdecimal() and int(our) & 0xFF == int(their)
        return (super().is_known(our, their) or our == their.upper() or # hex of binary
                same_time(our, their, 30))
