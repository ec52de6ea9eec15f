# SPDX-License-Identifier: MIT
"""Records of a log, from the XML that `evx dump -o xml` writes, and the kinds of their values."""
import functools
import json
import re

from markup import parse
from values import BINARY, BOOL, FLOAT, GUID, INTEGER, SID, STRING, TIME, possible_kinds

# A line like this cannot stand in a value, whose '<' would be a reference.
FRAME = re.compile(r"^Record ([0-9]+)\n(?:<\?xml[^>]*\?>\n)", re.M)

# Names of what stands in System.
SHORT = {
    "EventID": ("EventID",), "Qualifiers": ("EventID", "@Qualifiers"), "Version": ("Version",),
    "Level": ("Level",), "Task": ("Task",), "Opcode": ("Opcode",), "Keywords": ("Keywords",),
    "TimeCreated": ("TimeCreated", "@SystemTime"), "EventRecordID": ("EventRecordID",),
    "Provider": ("Provider", "@Name"), "ProviderGuid": ("Provider", "@Guid"),
    "EventSourceName": ("Provider", "@EventSourceName"), "ActivityID": ("Correlation", "@ActivityID"),
    "RelatedActivityID": ("Correlation", "@RelatedActivityID"), "ProcessID": ("Execution", "@ProcessID"),
    "ThreadID": ("Execution", "@ThreadID"), "Channel": ("Channel",), "Computer": ("Computer",),
    "UserID": ("Security", "@UserID"),
}


class Record:
    def __init__(self, identifier, text, log_name):
        self.id = identifier
        self.text = text
        self.log_name = log_name

    @functools.cached_property
    def document(self):
        return parse(self.text, depth=len(self.text))

    def values(self, *path):
        """The nodes at a path below the root; '@x' is an attribute."""
        nodes = self.document.children
        for name in path:
            nodes = [node for parent in nodes for node in
                     (parent.attributes if name.startswith("@") else parent.children)
                     if name.lstrip("@") in ("*", node.name)]
        return [node for node in nodes if node.value() is not None]

    def data_at(self, place):
        """The Data elements at a place in their EventData, counted from 1, if they have a value."""
        containers = [each for root in self.document.children for each in root.named("EventData")]
        elements = [each for container in containers for each in container.named("Data")[place - 1:place] if place > 0]
        return [each for each in elements if each.value() is not None]

    def nameless_data_at(self, place):
        return [each for each in self.data_at(place) if each.attribute("Name") is None]

    @property
    def channel(self):
        return next((node.value() for node in self.values("System", "Channel")), None)


def read_records(text, log_name):
    frames = list(FRAME.finditer(text))
    ends = [frame.start() for frame in frames[1:]] + [len(text)]
    return [Record(int(frame[1]), text[frame.end():end], log_name) for frame, end in zip(frames, ends)]


def kinds_by_shape(node):
    """Digits may be bytes, but if that counted nearly every verdict would be unsure."""
    possible = possible_kinds(node.value())
    return tuple(kind for kind in possible if kind != BINARY) if node.value().isdecimal() else possible


def likely_kind(kinds_of):
    """Takes the likely kind of a value for its only one."""
    return lambda node: kinds_of(node)[:1]


KINDS_OF_TYPES = {
    "string": STRING, "ansi": STRING, "bool": BOOL, "binary": BINARY, "guid": GUID, "sid": SID,
    "filetime": TIME, "systemtime": TIME, "float": FLOAT, "double": FLOAT, "f32": FLOAT, "f64": FLOAT,
    **dict.fromkeys(("i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "size", "hex32", "hex64"), INTEGER),
}


class DeclaredKinds:
    """Kinds from the types that `evx templates -o json` lists. A path that no template has is literal text."""

    def __init__(self, listing):
        self.kinds = {}
        self.uses = {}
        self.outer = 0
        for log in map(json.loads, listing.splitlines()):
            for template in log["templates"]:
                self.add(template)

    def add(self, template):
        self.outer += not template["nested"]
        for field in template["fields"]:
            self.uses[field["path"]] = self.uses.get(field["path"], 0) + 1
            kind = KINDS_OF_TYPES.get(field["type"].rstrip("[]"))
            self.kinds.setdefault(field["path"], set()).add(kind)

    def __call__(self, node):
        possible = possible_kinds(node.value())
        declared = self.kinds.get(node.path, {STRING})
        if node.path.startswith("System/") and self.uses.get(node.path, 0) < self.outer:
            declared = declared | {STRING}  # the text of another template
        # A value may be of another type than its template declares: then its shape decides.
        return tuple(kind for kind in possible if kind in declared) or possible
