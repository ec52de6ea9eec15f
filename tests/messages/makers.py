# SPDX-License-Identifier: MIT
"""Small provider files and logs for the tests of messages: PE files with message tables and WEVT_TEMPLATE
resources, and logs of events with any values (by the program write_log)."""
import struct
import subprocess
import uuid

ENGLISH = 0x409


def pad(data, unit=4):
    return data + b"\0" * (-len(data) % unit)


def utf16(text):
    return text.encode("utf-16-le", "surrogatepass")


# ----------------------------------------------------------------------------------------- resources


def message_table(texts, ansi=False):
    """Of {id: text}; ids in a row are one block."""
    blocks, entries = [], b""
    for number in sorted(texts):
        data = texts[number].encode("cp1252") + b"\0" if ansi else utf16(texts[number]) + b"\0\0"
        entry = pad(struct.pack("<HH", 0, 0 if ansi else 1) + data)
        entry = struct.pack("<H", len(entry)) + entry[2:]
        if blocks and blocks[-1][1] + 1 == number:
            blocks[-1][1] = number
        else:
            blocks.append([number, number, len(entries)])
        entries += entry
    start = 4 + 12 * len(blocks)
    return struct.pack("<I", len(blocks)) + b"".join(
        struct.pack("<III", low, high, start + at) for low, high, at in blocks) + entries


def guid_bytes(text):
    return uuid.UUID(text.strip("{}")).bytes_le


class Provider:
    """What a manifest says. events: (id, version, message id, template name or None); templates: {name: [(input
    type, output type, map name or None)]}; maps: {name: (is_bits, [(value, message id)])}; rows: {kind: [(value,
    message id, name)]} of levels, tasks, opcodes, keywords and channels."""

    def __init__(self, guid, events=(), templates=None, maps=None, rows=None, name=None, message_id=0xFFFFFFFF,
                 template_guids=None):
        self.guid, self.events, self.name, self.message_id = guid, events, name, message_id
        self.templates, self.maps, self.rows = templates or {}, maps or {}, rows or {}
        self.template_guids = template_guids or {}


ROWS = {"levels": (0, b"LEVL"), "tasks": (1, b"TASK"), "opcodes": (2, b"OPCO"), "keywords": (3, b"KEYW"),
        "channels": (5, b"CHAN")}


def sized(text):
    data = utf16(text) + b"\0\0"
    data = pad(data)
    return struct.pack("<I", 4 + len(data)) + data


class Writer:
    def __init__(self):
        self.data = bytearray()

    def add(self, data):
        at = len(self.data)
        self.data += data
        return at

    def name(self, text):
        return self.add(sized(text)) if text else 0


def put_row(writer, kind, row):
    value, message_id, name = row
    at = writer.name(name)
    if kind == "channels":
        return struct.pack("<IIII", 0, at, value, message_id)
    if kind == "keywords":
        return struct.pack("<QII", value, message_id, at)
    if kind == "tasks":
        return struct.pack("<II16xI", value, message_id, at)
    return struct.pack("<III", value, message_id, at)


def put_provider(writer, provider):
    """Returns the offset of the WEVT, behind everything that it names."""
    elements = []
    maps = {}
    for name, (is_bits, rows) in provider.maps.items():
        maps[name] = writer.add((b"BMAP" if is_bits else b"VMAP") + struct.pack(
            "<IIII", 20 + 8 * len(rows), 0, int(is_bits), len(rows)) + b"".join(
                struct.pack("<II", *row) for row in rows))
    if maps:
        table = struct.pack("<III", 0, 12 + 4 * len(maps), len(maps))[4:]
        elements.append((6, writer.add(b"MAPS" + table + b"".join(struct.pack("<I", at) for at in maps.values()))))
    templates = {}
    if provider.templates:
        head = writer.add(b"TTBL" + struct.pack("<II", 0, len(provider.templates)))
        for name, items in provider.templates.items():
            body = b"\x0f\x01\x01\x00\x00\x00\x00\x00"
            at = len(writer.data)
            size = 40 + len(body) + 20 * len(items)
            guid = provider.template_guids.get(name, str(uuid.uuid5(uuid.NAMESPACE_OID, name)))
            writer.add(b"TEMP" + struct.pack("<IIIII", size, len(items), len(items), at + 40 + len(body), 1) +
                       guid_bytes(guid) + body)
            for in_type, out_type, map_name in items:
                writer.add(struct.pack("<IBBHIHHI", 0, in_type, out_type, 0, maps.get(map_name, 0), 0, 0, 0))
            templates[name] = at
        struct.pack_into("<I", writer.data, head + 4, len(writer.data) - head)
        elements.append((7, head))
    for kind, (number, signature) in ROWS.items():
        rows = [put_row(writer, kind, row) for row in provider.rows.get(kind, ())]
        if rows:
            data = b"".join(rows)
            elements.append((number, writer.add(signature + struct.pack("<II", 12 + len(data), len(rows)) + data)))
    if provider.name:
        at = writer.add(utf16(provider.name) + b"\0\0")
        elements.append((13, writer.add(b"PRVA" + struct.pack("<IIII", 20, 1, 0x10000001, at))))
    if provider.events:
        events = b"".join(
            struct.pack("<HBBBBHQIIIIIIII", number, version, 0, 0, 0, 0, 0, message_id, templates.get(name, 0),
                        0, 0, 0, 0, 0, 0) for number, version, message_id, name in provider.events)
        elements.append((4, writer.add(b"EVNT" + struct.pack("<III", 16 + len(events), len(provider.events), 0) +
                                       events)))
    return writer.add(b"WEVT" + struct.pack("<III", 0, provider.message_id, len(elements)) +
                      b"".join(struct.pack("<II", *element) for element in elements))


def wevt_template(*providers):
    writer = Writer()
    writer.add(b"CRIM" + struct.pack("<IHHI", 0, 5, 1, len(providers)) + b"\0" * (20 * len(providers)))
    for number, provider in enumerate(providers):
        at = put_provider(writer, provider)
        writer.data[16 + 20 * number:36 + 20 * number] = guid_bytes(provider.guid) + struct.pack("<I", at)
    struct.pack_into("<I", writer.data, 4, len(writer.data))
    return bytes(writer.data)


# ------------------------------------------------------------------------------------------------ PE


def tables(texts):
    """A message table of {id: text} in English, or several of {language: {id: text}}."""
    by_language = texts if all(isinstance(value, dict) for value in texts.values()) else {ENGLISH: texts}
    return {language: message_table(some) for language, some in by_language.items()}


def pe_file(definitions=None, messages=None, is_64=True):
    """definitions: bytes of a WEVT_TEMPLATE; messages: {language: bytes of a message table}."""
    types = []
    if definitions:
        types.append(("WEVT_TEMPLATE", {ENGLISH: definitions}))
    if messages:
        types.append((11, messages))
    tree, fixes, datas = bytearray(), [], []

    def directory(named, numbered):
        at = len(tree)
        tree.extend(struct.pack("<12xHH", named, numbered) + b"\0" * 8 * (named + numbered))
        return at + 16

    at = directory(sum(isinstance(kind, str) for kind, _ in types), sum(isinstance(kind, int) for kind, _ in types))
    for number, (kind, languages) in enumerate(types):
        name = kind
        if isinstance(kind, str):
            name = 0x80000000 | len(tree)
            tree.extend(struct.pack("<H", len(kind)) + utf16(kind))
            tree.extend(b"\0" * (-len(tree) % 4))
        struct.pack_into("<II", tree, at + 8 * number, name, 0x80000000 | len(tree))
        ids = directory(0, 1)
        struct.pack_into("<II", tree, ids, 1, 0x80000000 | len(tree))
        entries = directory(0, len(languages))
        for index, language in enumerate(sorted(languages)):
            struct.pack_into("<II", tree, entries + 8 * index, language, len(tree))
            fixes.append((len(tree), len(languages[language])))
            datas.append(languages[language])
            tree.extend(b"\0" * 16)
    rva = 0x1000
    for (place, size), data in zip(fixes, datas):
        struct.pack_into("<IIII", tree, place, rva + len(tree), size, 0, 0)
        tree.extend(pad(data))
    optional = bytearray(112 + 128 if is_64 else 96 + 128)
    struct.pack_into("<H", optional, 0, 0x20B if is_64 else 0x10B)
    struct.pack_into("<I", optional, 108 if is_64 else 92, 16)
    struct.pack_into("<II", optional, (112 if is_64 else 96) + 16, rva, len(tree))
    head = b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0" + struct.pack(
        "<HHIIIHH", 0x8664 if is_64 else 0x14C, 1, 0, 0, 0, len(optional), 0x2022) + optional
    head += struct.pack("<8sIIII16x", b".rsrc", len(tree), rva, len(tree), 0x400)
    return head.ljust(0x400, b"\0") + bytes(tree)


# ----------------------------------------------------------------------------------------------- logs


class Event:
    """values: (type code, bytes); template: as encode_nodes_text() has it, None: there is no data."""

    def __init__(self, provider, number, template=None, values=(), guid=None, source=None, version=0,
                 qualifiers=None, level=4, task=0, opcode=0, keywords=0x8000000000000000, channel="Test"):
        fields = [provider, guid, source, number, version, qualifiers, level, task, opcode, hex(keywords), channel,
                  template]
        self.lines = ["\t".join(["EVENT", *["-" if field is None else str(field) for field in fields]])]
        self.lines += [f"VALUE\t{kind:x}\t{data.hex()}" for kind, data in values]


def data_template(types):
    """EventData with a named element for each value of these declared types (codes)."""
    return "<EventData>" + "".join(f"<Data Name='v{i}'>%{i}:{kind:02x}</Data>" for i, kind in enumerate(types)) + \
        "</EventData>"


def write_log(program, path, events):
    lines = "".join(line + "\n" for event in events for line in event.lines)
    done = subprocess.run([program], input=lines.encode("utf-8"), check=True, capture_output=True, timeout=60)
    path.write_bytes(done.stdout)
