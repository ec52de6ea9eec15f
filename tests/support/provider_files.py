# SPDX-License-Identifier: MIT
"""Programs as Windows has them, as far as events need it: PE files with resources, WEVT_TEMPLATE (CRIM) resources,
message tables, and registry hives. Made from their descriptions, for tests."""
import struct
import uuid

NONE = 0xFFFFFFFF
MESSAGE_TABLE, VERSION, MANIFEST = 11, 16, "WEVT_TEMPLATE"


def pad(data, to=4):
    return data + b"\0" * (-len(data) % to)


# ------------------------------------------------------------------------------------------------- PE


class Tree:
    """A resource tree: type, name, language. Directories come first, then data entries, names, data."""

    def __init__(self, resources, rva):
        self.resources, self.rva = resources, rva
        self.heads, self.data, self.names, self.bodies = [], [], b"", b""

    def build(self):
        size = self.measure(self.resources)
        entries = sum(len(languages) for names in self.resources.values() for languages in names.values())
        self.data_at, self.names_at = size, size + 16 * entries
        strings = [name for name in self.resources if isinstance(name, str)]
        for names in self.resources.values():
            strings += [name for name in names if isinstance(name, str)]
        self.bodies_at = self.names_at + len(pad(b"".join(self.name(text) for text in strings), 8))
        tree = self.directory(self.resources, 0, [0])
        return (tree + b"".join(self.data)).ljust(self.names_at, b"\0") + self.names.ljust(
            self.bodies_at - self.names_at, b"\0") + self.bodies

    @staticmethod
    def name(text):
        return struct.pack("<H", len(text)) + text.encode("utf-16le")

    def measure(self, level):
        below = sum(self.measure(item) for item in level.values() if isinstance(item, dict))
        return 16 + 8 * len(level) + below

    def directory(self, level, at, _):
        keys = sorted((key for key in level if isinstance(key, str))) + sorted(
            key for key in level if isinstance(key, int))
        named = sum(isinstance(key, str) for key in keys)
        out, rest, next_at = struct.pack("<IIHHHH", 0, 0, 0, 0, named, len(keys) - named), b"", at + 16 + 8 * len(keys)
        for key in keys:
            number = key
            if isinstance(key, str):
                number = 0x80000000 | self.names_at + len(self.names)
                self.names += self.name(key)
            item = level[key]
            if isinstance(item, dict):
                out += struct.pack("<II", number, 0x80000000 | next_at)
                inner = self.directory(item, next_at, _)
                rest += inner
                next_at += len(inner)
            else:
                out += struct.pack("<II", number, self.data_at + 16 * len(self.data))
                self.data.append(struct.pack("<IIII", self.rva + self.bodies_at + len(self.bodies), len(item), 0, 0))
                self.bodies += pad(item, 8)
        return out + rest


def pe(resources, wide=False):
    """A PE32 (or PE32+) file with a tree of resources {type: {name: {language: bytes}}}."""
    rva, raw = 0x1000, 0x400
    tree = Tree(resources, rva).build()
    section = pad(tree, 0x200)
    optional = struct.pack("<H", 0x20B if wide else 0x10B).ljust(112 - 4 if wide else 96 - 4, b"\0") + struct.pack("<I", 16)
    optional += struct.pack("<II", 0, 0) * 2 + struct.pack("<II", rva, len(tree)) + b"\0" * 8 * 13
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)
    head = head.ljust(0x80, b"\0") + b"PE\0\0"
    head += struct.pack("<HHIIIHH", 0x8664 if wide else 0x14C, 1, 0, 0, 0, len(optional), 0x2022) + optional
    head += b".rsrc\0\0\0" + struct.pack("<IIIIIIHHI", len(tree), rva, len(section), raw, 0, 0, 0, 0, 0x40000040)
    assert len(head) <= raw
    return head.ljust(raw, b"\0") + section


def version(a, b, c, d):
    """A VS_VERSION_INFO with nothing but its fixed part."""
    fixed = struct.pack("<IIIIII", 0xFEEF04BD, 0x10000, a << 16 | b, c << 16 | d, 0, 0).ljust(52, b"\0")
    key = "VS_VERSION_INFO\0".encode("utf-16le")
    body = pad(struct.pack("<HHH", 0, len(fixed), 0) + key) + fixed
    return struct.pack("<H", len(body)) + body[2:]


def message_table(messages, flags=1):
    """{number: text}; flags 1: UTF-16, 0: ANSI (bytes), 2: UTF-8."""
    blocks, entries = [], b""
    numbers = sorted(messages)
    start = 0
    while start < len(numbers):
        end = start
        while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
            end += 1
        blocks.append((numbers[start], numbers[end], len(entries)))
        for number in numbers[start:end + 1]:
            text = messages[number]
            if not isinstance(text, bytes):
                text = (text + "\0").encode("utf-16le" if flags == 1 else "utf-8")
            text = pad(text)
            entries += struct.pack("<HH", len(text) + 4, flags) + text
        start = end + 1
    at = 4 + 12 * len(blocks)
    return struct.pack("<I", len(blocks)) + b"".join(
        struct.pack("<III", low, high, at + offset) for low, high, offset in blocks) + entries


# ----------------------------------------------------------------------------------------------- CRIM


def name_hash(name):
    value = 0
    for unit in struct.unpack(f"<{len(name)}H", name.encode("utf-16le")):
        value = value * 65599 + unit
    return value & 0xFFFF


def inline_name(name):
    return struct.pack("<HH", name_hash(name), len(name)) + name.encode("utf-16le") + b"\0\0"


def fragment(items):
    """BinXML of <EventData><Data Name="..">%n</Data>...</EventData>."""
    data = b""
    for index, item in enumerate(items):
        attribute = b"\x06" + inline_name("Name") + b"\x05\x01" + struct.pack("<H", len(item["name"]))
        attribute += item["name"].encode("utf-16le")
        inner = struct.pack("<I", len(attribute)) + attribute + b"\x02"
        inner += b"\x0d" + struct.pack("<HB", index, item.get("in", 1)) + b"\x04"
        head = inline_name("Data")
        data += b"\x41" + struct.pack("<HI", 0xFFFF, len(head) + len(inner)) + head + inner
    head = inline_name("EventData")
    body = b"\x02" + data + b"\x04"
    return b"\x0f\x01\x01\x00\x01" + struct.pack("<HI", 0xFFFF, len(head) + len(body)) + head + body + b"\x00"


def sized(text):
    data = text.encode("utf-16le") + b"\0\0"
    data = pad(data)
    return struct.pack("<I", 4 + len(data)) + data


class Crim:
    """Providers as dicts: guid, name, message, events, templates, maps, levels, tasks, opcodes, keywords, channels."""

    def __init__(self, providers):
        self.providers, self.out = providers, bytearray()

    def build(self):
        self.out += b"CRIM" + struct.pack("<IHHI", 0, 5, 1, len(self.providers))
        heads = len(self.out)
        self.out += b"\0" * 20 * len(self.providers)
        for index, provider in enumerate(self.providers):
            offset = len(self.out)
            self.provider(provider)
            struct.pack_into("<16sI", self.out, heads + 20 * index, uuid.UUID(provider["guid"]).bytes_le, offset)
        struct.pack_into("<I", self.out, 4, len(self.out))
        return bytes(self.out) + b"\0\0"

    def provider(self, provider):
        kinds = [(6, self.maps), (7, self.templates), (13, self.names), (2, self.opcodes), (0, self.levels),
                 (1, self.tasks), (3, self.keywords), (5, self.channels), (4, self.events)]
        start = len(self.out)
        self.out += b"WEVT" + struct.pack("<III", 0, provider.get("message", NONE), len(kinds))
        pairs = len(self.out)
        self.out += b"\0" * 8 * len(kinds)
        for index, (kind, write) in enumerate(kinds):
            struct.pack_into("<II", self.out, pairs + 8 * index, kind, len(self.out))
            write(provider)
        struct.pack_into("<I", self.out, start + 4, len(self.out) - start)

    def table(self, sign, rows, head=12):
        """Rows of bytes, or pairs (bytes in front of a name's offset, name)."""
        start = len(self.out)
        size = sum(len(row) if isinstance(row, bytes) else len(row[0]) + 4 + len(row[2]) for row in rows)
        at = start + head + size
        body, texts = b"", b""
        for row in rows:
            if isinstance(row, bytes):
                body += row
                continue
            body += row[0] + struct.pack("<I", at + len(texts)) + row[2]
            texts += sized(row[1])
        self.out += (sign + struct.pack("<II", head + size + len(texts), len(rows))).ljust(head, b"\0") + body + texts

    def levels(self, provider):
        self.table(b"LEVL", [(struct.pack("<II", v, m), n, b"") for v, m, n in provider.get("levels", [])])

    def tasks(self, provider):
        self.table(b"TASK", [(struct.pack("<II", v, m) + b"\0" * 16, n, b"") for v, m, n in provider.get("tasks", [])])

    def opcodes(self, provider):
        self.table(b"OPCO", [(struct.pack("<II", v, m), n, b"") for v, m, n in provider.get("opcodes", [])])

    def keywords(self, provider):
        self.table(b"KEYW", [(struct.pack("<QI", v, m), n, b"") for v, m, n in provider.get("keywords", [])])

    def channels(self, provider):
        self.table(b"CHAN", [(struct.pack("<I", 0), n, struct.pack("<II", v, m))
                             for v, m, n in provider.get("channels", [])])

    def names(self, provider):
        start = len(self.out)
        text = pad(provider["name"].encode("utf-16le") + b"\0\0")
        self.out += b"PRVA" + struct.pack("<IIII", 20 + len(text), 1, 0x10000001, start + 20) + text

    def maps(self, provider):
        maps = provider.get("maps", [])
        start = len(self.out)
        self.map_offsets, bodies = [], b""
        at = start + 12 + 4 * len(maps)
        for each in maps:
            self.map_offsets.append(at + len(bodies))
            rows = b"".join(struct.pack("<II", value, message) for value, message in each["rows"])
            name = sized(each["name"])
            name_at = at + len(bodies) + 20 + len(rows)
            bits = each.get("bits", False)
            bodies += (b"BMAP" if bits else b"VMAP") + struct.pack(
                "<IIII", 20 + len(rows), name_at, int(bits), len(each["rows"])) + rows + name
        self.out += b"MAPS" + struct.pack("<II", 12 + 4 * len(maps) + len(bodies), len(maps))
        self.out += b"".join(struct.pack("<I", offset) for offset in self.map_offsets) + bodies

    def templates(self, provider):
        templates = provider.get("templates", [])
        start = len(self.out)
        self.template_offsets = []
        self.out += b"TTBL" + struct.pack("<II", 0, len(templates))
        for template in templates:
            self.template(template)
        struct.pack_into("<I", self.out, start + 4, len(self.out) - start)

    def template(self, template):
        start, items = len(self.out), template["items"]
        self.template_offsets.append(start)
        body = pad(fragment(items))
        items_at = start + 40 + len(body)
        names_at = items_at + 20 * len(items)
        rows, names = b"", b""
        for item in items:
            offset = self.map_offsets[item["map"]] if "map" in item else 0
            rows += struct.pack("<IBBHIHHI", 0, item.get("in", 1), item.get("out", 1), 0, offset, 1, 0,
                                names_at + len(names))
            names += sized(item["name"])
        size = names_at + len(names) - start
        self.out += b"TEMP" + struct.pack("<IIIII", size, len(items), len(items), items_at if items else 0, 1)
        self.out += uuid.UUID(template["guid"]).bytes_le + body + rows + names

    def events(self, provider):
        rows = []
        for event in provider.get("events", []):
            template = self.template_offsets[event["template"]] if "template" in event else 0
            rows.append(struct.pack(
                "<HBBBBHQII6I", event["id"], event.get("version", 0), event.get("channel", 0), event.get("level", 4),
                event.get("opcode", 0), event.get("task", 0), event.get("keywords", 0), event.get("message", NONE),
                template, 0, 0, 0, 0, 0, 0))
        self.table(b"EVNT", rows, 16)


def crim(*providers):
    return Crim(providers).build()


# ----------------------------------------------------------------------------------------------- hives


class Hive:
    """A registry hive from nested dicts: {"Key": {...}, "@value": text or number}."""

    def __init__(self, root):
        self.cells = bytearray(b"\0" * 32) # the head of the only bin
        offset = self.key("root", root, 0, 0x2C)
        size = len(self.cells) + (-len(self.cells) % 4096)
        self.cells += struct.pack("<i", size - len(self.cells)) if size > len(self.cells) else b""
        self.cells = self.cells.ljust(size, b"\0")
        self.cells[:32] = struct.pack("<4sIIIIQI", b"hbin", 0, size, 0, 0, 0, 0)
        head = bytearray(struct.pack("<4sIIQIIIIIII", b"regf", 1, 1, 0, 1, 3, 0, 1, offset, size, 1).ljust(508, b"\0"))
        checksum = 0
        for word in struct.unpack("<127I", head):
            checksum ^= word
        self.data = (bytes(head) + struct.pack("<I", checksum)).ljust(4096, b"\0") + bytes(self.cells)

    def cell(self, body):
        size = len(body) + 4
        size += -size % 8
        offset = len(self.cells)
        self.cells += struct.pack("<i", -size) + body.ljust(size - 4, b"\0")
        return offset

    def value(self, name, data):
        if isinstance(data, int):
            kind, body = 4, struct.pack("<I", data)
            size, where = 4 | 0x80000000, data
        else:
            kind, body = 1, (data + "\0").encode("utf-16le")
            size, where = len(body), self.cell(body)
        return self.cell(struct.pack("<2sHIIIHH", b"vk", len(name), size, where, kind, 1, 0) + name.encode("latin-1"))

    def key(self, name, tree, parent, flags=0x20):
        at = self.cell(b"\0" * (76 + len(name)))
        children = sorted((key for key in tree if not key.startswith("@")), key=str.upper)
        below = [self.key(child, tree[child], at) for child in children]
        values = [self.value(key[1:], data) for key, data in tree.items() if key.startswith("@")]
        lists = values_at = NONE
        if below:
            lists = self.cell(struct.pack("<2sH", b"lf", len(below)) + b"".join(
                struct.pack("<I4s", offset, child[:4].encode()) for offset, child in zip(below, children)))
        if values:
            values_at = self.cell(b"".join(struct.pack("<I", offset) for offset in values))
        body = struct.pack("<2sHQIIIIIIIIIIIIIIIHH", b"nk", flags, 0, 0, parent, len(below), 0, lists, NONE, len(values),
                           values_at, NONE, NONE, 0, 0, 0, 0, 0, len(name), 0) + name.encode("latin-1")
        self.cells[at + 4:at + 4 + len(body)] = body
        return at


def hive(tree):
    return Hive(tree).data
