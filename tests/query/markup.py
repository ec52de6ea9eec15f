# SPDX-License-Identifier: MIT
"""A small strict parser of XML without DTD: for records and for files of queries.

No parser of the standard library will do: they turn line ends into others and refuse the control characters
that events hold, and a comparison must see the characters of the record.
"""
import re

NAME = r"[^\s<>/=\"'&!?]+"
ATTRIBUTE = re.compile(rf"\s+({NAME})\s*=\s*(\"[^\"<]*\"|'[^'<]*')")
TOKEN = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)\]\]>"
    r"|(?P<ignored><!--.*?-->|<\?.*?\?>)"
    rf"|</(?P<end>{NAME})\s*>"
    rf"|<(?P<start>{NAME})(?P<attributes>(?:\s+{NAME}\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(?P<empty>/?)>"
    r"|(?P<text>[^<]+)", re.S)
REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+);|#([0-9]+);|(amp|lt|gt|quot|apos);)?")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
DEPTH = 64


class MarkupError(Exception):
    def __init__(self, message, text, offset):
        line = text.count("\n", 0, offset) + 1
        column = offset - text.rfind("\n", 0, offset)
        super().__init__(f"line {line}, column {column}: {message}")


class Node:
    """An element, an attribute, a text, or (without a name, around the root) a document."""
    __slots__ = ("name", "attributes", "children", "text", "path")

    def __init__(self, name, path="", text=""):
        self.name = name
        self.path = path
        self.text = text
        self.attributes = []
        self.children = []

    def value(self):
        """An element with element children has none."""
        return None if self.children else self.text

    def attribute(self, name):
        return next((each.text for each in self.attributes if each.name == name), None)

    def named(self, name):
        return [child for child in self.children if child.name == name]

    def everything(self):
        """This node and all elements and attributes in it, in the order of the document."""
        yield self
        yield from self.attributes
        for child in self.children:
            yield from child.everything()


def local_name(name):
    return name.rpartition(":")[2]


def parse(text, depth=DEPTH):
    """The document node of a well-formed text."""
    return Builder(text, depth).document()


class Builder:
    def __init__(self, text, depth):
        self.text = text
        self.depth = depth
        self.open = [(Node(None), None)]  # nodes and the names of their tags

    def document(self):
        offset = 0
        while offset < len(self.text):
            token = TOKEN.match(self.text, offset)
            if not token:
                raise MarkupError("no tag, text, comment or CDATA begins like this", self.text, offset)
            self.take(token)
            offset = token.end()
        if len(self.open) > 1:
            raise MarkupError(f"<{self.open[-1][1]}> is not closed", self.text, offset)
        document = self.open[0][0]
        if not document.children:
            raise MarkupError("no element", self.text, offset)
        return document

    def take(self, token):
        if token["start"]:
            self.start(token)
        elif token["end"]:
            self.end(token)
        elif token["text"]:
            self.characters(self.resolve(token["text"], token.start()), token.start())
        elif token["cdata"] is not None:
            self.characters(token["cdata"], token.start())

    def start(self, token):
        parent = self.open[-1][0]
        if parent.name is None and parent.children:
            raise MarkupError("a second root element", self.text, token.start())
        if len(self.open) > self.depth:
            raise MarkupError(f"more than {self.depth} elements in one another", self.text, token.start())
        node = Node(local_name(token["start"]))
        self.add_attributes(node, token)
        node.path = step_path(parent, node)
        for each in node.attributes:
            each.path = f"{node.path}/@{each.name}"
        parent.children.append(node)
        if not token["empty"]:
            self.open.append((node, token["start"]))

    def add_attributes(self, node, token):
        seen = set()
        for match in ATTRIBUTE.finditer(self.text, token.start("attributes"), token.end("attributes")):
            if match[1] in seen:
                raise MarkupError(f"a second attribute {match[1]}", self.text, match.start(1))
            seen.add(match[1])
            value = self.resolve(match[2][1:-1], match.start(2) + 1)
            node.attributes.append(Node(local_name(match[1]), text=value))

    def end(self, token):
        if token["end"] != self.open[-1][1]:
            raise MarkupError(f"</{token['end']}> closes no open element", self.text, token.start())
        self.open.pop()

    def characters(self, characters, offset):
        node = self.open[-1][0]
        if node.name is None and characters.strip("\ufeff \t\r\n"):
            raise MarkupError("text outside of the root element", self.text, offset)
        node.text += characters

    def resolve(self, text, offset):
        def replace(match):
            if match[3]:
                return ENTITIES[match[3]]
            number = int(match[1], 16) if match[1] else int(match[2]) if match[2] else -1
            if not 0 <= number <= 0x10FFFF:
                raise MarkupError("no reference begins like this", self.text, offset + match.start())
            return chr(number)
        return REFERENCE.sub(replace, text)


def step_path(parent, node):
    """The path as `evx templates` writes it, which leaves out the root."""
    if parent.name is None:
        return ""
    name = node.attribute("Name")
    step = node.name if name is None else f"{node.name}[@Name='{name}']"
    return f"{parent.path}/{step}" if parent.path else step


DECLARED = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data, warn):
    """The text of a file: its byte order mark decides, then its declaration, then UTF-8."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    declared = DECLARED.match(data)
    names = [declared[1].decode()] if declared else []
    # A declaration that can be read as bytes is not in UTF-16, whatever it says.
    for encoding in [name for name in names if not name.lower().startswith("utf-16")] + ["utf-8"]:
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    warn("neither its declared encoding nor UTF-8: read as code page 1252")
    return data.decode("cp1252", "replace")
