# SPDX-License-Identifier: MIT
"""WevtCache and the manifests of providers, as the module evtx 0.14.0 has them."""
from __future__ import annotations

import os
import struct
import tempfile
import uuid
from typing import Any, Iterator, List, Optional, Tuple

from . import _evx
from ._errors import Error

_Value = Tuple[int, bytes]
_NULL, _STRING, _I64, _U64, _DOUBLE, _BOOL, _BINARY = 0, 1, 9, 10, 12, 13, 14


def _path(path: Any) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError("path must be a path (str or Path)")
    return os.fspath(path)


def _guid(text: str) -> Optional[uuid.UUID]:
    try:
        return uuid.UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


def _os_error(error: OSError) -> OSError:
    number = error.errno or 0
    return type(error)(f"{os.strerror(number)} (os error {number})")


def value_of(given: Any) -> _Value:
    """A value of a template out of None, bool, int, float, str or bytes; of others their text."""
    if given is None:
        return _NULL, b""
    if isinstance(given, bool):
        return _BOOL, struct.pack("<I", given)
    if isinstance(given, int):
        if -(2**63) <= given < 2**63:
            return _I64, struct.pack("<q", given)
        if 0 <= given < 2**64:
            return _U64, struct.pack("<Q", given)
        given = float(given)
    if isinstance(given, float):
        return _DOUBLE, struct.pack("<d", given)
    if isinstance(given, (bytes, bytearray)):
        return _BINARY, bytes(given)
    return _STRING, str(given).encode("utf-16-le", "surrogatepass")


class WevtCache:
    """Definitions of templates out of programs (WEVT_TEMPLATE resources)."""

    def __init__(self) -> None:
        self._blobs: List[bytes] = []
        self._opened: Optional[Tuple[int, Optional[str], object]] = None

    @staticmethod
    def load(path: Any) -> "WevtCache":
        """The cache in a .wevtcache file.

        Raises:
            ValueError: it is none. OSError: it cannot be read.
        """
        name = _path(path)
        if not name.endswith(".wevtcache"):
            raise ValueError("expected a `.wevtcache` file")
        try:
            with open(name, "rb") as file:
                data = file.read()
        except OSError as error:
            raise OSError(f"I/O error while open `{name}`: {_os_error(error)}") from None
        if len(data) < 16:
            raise OSError(f"I/O error while read header `{name}`: failed to fill whole buffer")
        if data[:8] != b"WEVTCACH":
            raise ValueError(f"invalid `.wevtcache` magic for `{name}`")
        cache = WevtCache()
        place = 16
        for _ in range(struct.unpack_from("<I", data, 12)[0]):
            if place + 9 > len(data) or place + 9 + struct.unpack_from("<Q", data, place + 1)[0] > len(data):
                raise OSError(f"I/O error while read entry `{name}`: failed to fill whole buffer")
            size = struct.unpack_from("<Q", data, place + 1)[0]
            cache._blobs.append(data[place + 9:place + 9 + size])
            place += 9 + size
        return cache

    def add_dll(self, path: Any) -> int:
        """Adds the templates of a program (EXE, DLL); how many resources' templates there are in it.

        Raises:
            FileNotFoundError, OSError: it cannot be read. RuntimeError: it is no PE file.
        """
        name = _path(path)
        try:
            found = _evx.pack_resources(os.fsencode(name), Error)
        except Error as error:
            raise RuntimeError("input is not a valid PE file: failed to parse PE via goblin") from error
        except OSError as error:
            raise _os_error(error) from None
        count = sum(len(provider.templates) for blob in found for provider in Manifest.parse(blob).providers)
        self._blobs += found
        self._opened = None
        return count

    def add_dir(self, path: Any, recursive: bool = True, extensions: Optional[str] = None) -> int:
        """Adds the programs of a folder: files with one of the extensions (``"exe,dll,sys"``)."""
        name = _path(path)
        endings = tuple("." + each.strip().lstrip(".").lower() for each in (extensions or "exe,dll,sys").split(","))
        count = 0
        for folder, folders, files in os.walk(name):
            folders.sort()
            for file in sorted(files):
                if file.lower().endswith(endings):
                    count += self.add_dll(os.path.join(folder, file))
            if not recursive:
                break
        return count

    def _bytes(self) -> bytes:
        return _evx.pack_cache(tuple(self._blobs))

    def dump(self, path: Any, overwrite: bool = False) -> None:
        """Writes a .wevtcache file.

        Raises:
            ValueError: it has another name, or is there. OSError: it cannot be written.
        """
        name = _path(path)
        if not name.endswith(".wevtcache"):
            raise ValueError("expected a `.wevtcache` file")
        if os.path.exists(name) and not overwrite:
            raise ValueError(f"refusing to overwrite existing output file `{name}` (pass overwrite=true)")
        with open(name, "wb") as file:
            file.write(self._bytes())

    def __repr__(self) -> str:
        return "WevtCache(...)"

    def _pack(self, ansi_codec: Optional[str]) -> Optional[object]:
        """What the library has made of the blobs; None: there are none."""
        if not self._blobs:
            return None
        key = (len(self._blobs), ansi_codec)
        if self._opened is None or self._opened[:2] != key:
            with tempfile.NamedTemporaryFile(suffix=".wevtcache") as file:
                file.write(self._bytes())
                file.flush()
                self._opened = (*key, _evx.pack_open(os.fsencode(file.name), ansi_codec, Error))
        return self._opened[2]

    def resolve_template_guid(self, provider_guid: str, event_id: int, version: int) -> str:
        """The GUID of an event's template. KeyError: none is known."""
        provider = _guid(provider_guid)
        pack = self._pack(None)
        found = _evx.pack_find(pack, provider.bytes_le, event_id, version) if pack and provider else None
        if found is None:
            raise KeyError(f"No template_guid found for provider_guid={provider_guid} event_id={event_id} "
                           f"version={version}")
        return str(uuid.UUID(bytes_le=found))

    def _render(self, template_guid: str, values: Tuple[_Value, ...], ansi_codec: Optional[str]) -> str:
        guid = _guid(template_guid)
        try:
            pack = self._pack(ansi_codec)
        except Error as error:
            if error.status != "EVX_ERR_ARGUMENT":
                raise
            raise ValueError(str(error).replace("unknown", "Unknown", 1).replace("`; expected", "`, expected")) from None
        if guid is None or pack is None or not _evx.pack_has(pack, guid.bytes_le):
            shown = str(guid) if guid else template_guid
            raise KeyError(f"template GUID `{shown}` not found")
        return _evx.pack_render(pack, guid.bytes_le, values).decode("utf-8")

    def render_template_xml(self, template_guid: str, substitutions: Any, ansi_codec: Optional[str] = None) -> str:
        """A template as XML, filled with values (None, bool, int, float, str, bytes).

        Raises:
            KeyError: there is no such template. TypeError: the values are no sequence.
        """
        if not hasattr(substitutions, "__getitem__") or not hasattr(substitutions, "__len__"):
            raise TypeError(f"'{type(substitutions).__name__}' object is not an instance of 'Sequence'")
        return self._render(template_guid, tuple(value_of(each) for each in substitutions), ansi_codec)

    def render_record_xml(self, evtx_path_or_file_like: Any, record_id: int, template_instance_index: int = 0,
                          template_guid: Optional[str] = None, provider_guid: Optional[str] = None,
                          event_id: Optional[int] = None, version: Optional[int] = None,
                          ansi_codec: Optional[str] = None) -> str:
        """A template as XML, filled with the values that a record has for its template number
        template_instance_index.

        Raises:
            ValueError: neither the template nor provider, event and version are given; or there is no such
            record. KeyError: there is no such template.
        """
        from .compat import _source

        if template_guid is None:
            if provider_guid is None or event_id is None or version is None:
                raise ValueError("Must provide template_guid, or (provider_guid, event_id, version)")
            template_guid = self.resolve_template_guid(provider_guid, event_id, version)
        guid = _guid(template_guid)
        pack = self._pack(None)
        if guid is None or pack is None or not _evx.pack_has(pack, guid.bytes_le):
            raise KeyError(f"template GUID `{str(guid) if guid else template_guid}` not found")
        path, data, file, _ = _source(evtx_path_or_file_like)
        try:
            values = _evx.pack_values(path, data, file, record_id, template_instance_index, ansi_codec, Error)
        except Error:
            raise
        except OSError as error:
            raise _os_error(error) from None
        if values == 0:
            raise ValueError(f"Record {record_id} not found")
        if values == 1:
            raise ValueError(f"Record {record_id} has no TemplateInstance at index {template_instance_index}")
        return self._render(template_guid, values, ansi_codec)


# ------------------------------------------------------------------------------------------------ manifests


class TemplateItem:
    """A value that a template wants: its types, how many values and bytes, and its name."""

    __slots__ = ("input_data_type", "output_data_type", "number_of_values", "value_data_size", "name")

    def __init__(self, input_data_type: int, output_data_type: int, number_of_values: int, value_data_size: int,
                 name: Optional[str]) -> None:
        self.input_data_type = input_data_type
        self.output_data_type = output_data_type
        self.number_of_values = number_of_values
        self.value_data_size = value_data_size
        self.name = name


class Template:
    """A template of a provider."""

    __slots__ = ("identifier", "items", "_blob", "_offset")

    def __init__(self, identifier: str, items: List[TemplateItem], blob: bytes, offset: int) -> None:
        self.identifier = identifier
        self.items = items
        self._blob = blob
        self._offset = offset

    def to_xml(self, ansi_codec: Optional[str] = None) -> str:
        """The template as XML with ``{sub:N}`` where values stand."""
        cache = WevtCache()
        cache._blobs.append(self._blob)
        return cache.render_template_xml(self.identifier, [f"{{sub:{i}}}" for i in range(len(self.items) or 256)],
                                         ansi_codec)


class Event:
    """An event of a provider. template_offset: of its template in the manifest, or None."""

    __slots__ = ("identifier", "version", "message_identifier", "template_offset")

    def __init__(self, identifier: int, version: int, message_identifier: int,
                 template_offset: Optional[int]) -> None:
        self.identifier = identifier
        self.version = version
        self.message_identifier = message_identifier
        self.template_offset = template_offset


class Provider:
    """A provider of a manifest."""

    __slots__ = ("identifier", "events", "templates")

    def __init__(self, identifier: str, events: List[Event], templates: List[Template]) -> None:
        self.identifier = identifier
        self.events = events
        self.templates = templates

    def get_template_by_offset(self, offset: int) -> Optional[Template]:
        """The template at an offset that an event has, or None."""
        return next((template for template in self.templates if template._offset == offset), None)


class _Reader:
    """The bytes of a manifest; what lies behind their end is a ValueError."""

    def __init__(self, blob: bytes) -> None:
        self.blob = blob

    def unpack(self, format: str, offset: int, what: str) -> Tuple[Any, ...]:
        need = struct.calcsize("<" + format)
        if offset < 0 or offset + need > len(self.blob):
            have = max(0, len(self.blob) - offset)
            raise ValueError(f"buffer too small for {what} at offset {offset} (need {need} bytes, have {have})")
        return struct.unpack_from("<" + format, self.blob, offset)

    def guid(self, offset: int, what: str) -> str:
        return str(uuid.UUID(bytes_le=self.unpack("16s", offset, what)[0]))

    def text(self, offset: int) -> Optional[str]:
        if offset == 0 or offset + 4 > len(self.blob):
            return None
        size = self.unpack("I", offset, "text")[0]
        if size < 4 or offset + size > len(self.blob):
            return None
        return self.blob[offset + 4:offset + size].decode("utf-16-le", "replace").split("\0")[0]

    def items(self, count: int, offset: int) -> Iterator[TemplateItem]:
        for place in range(offset, offset + 20 * count, 20):
            _, kind, out, _, _, number, length, name = self.unpack("IBBHIHHI", place, "template item")
            yield TemplateItem(kind, out, number, length, self.text(name))

    def templates(self, offset: int) -> Iterator[Template]:
        _, _, count = self.unpack("4sII", offset, "TTBL header")
        place = offset + 12
        for _ in range(count):
            _, size, items, _, items_offset, _ = self.unpack("4sIIIII", place, "TEMP header")
            if size < 40:
                raise ValueError(f"a template at offset {place} has {size} bytes")
            yield Template(self.guid(place + 24, "TEMP header"), list(self.items(items, items_offset)), self.blob, place)
            place += size

    def events(self, offset: int) -> Iterator[Event]:
        _, _, count = self.unpack("4sII", offset, "EVNT header")
        for place in range(offset + 16, offset + 16 + 48 * count, 48):
            identifier, version = self.unpack("HB", place, "event")
            message, template = self.unpack("II", place + 16, "event")
            yield Event(identifier, version, message, template or None)

    def provider(self, identifier: str, offset: int) -> Provider:
        events: List[Event] = []
        templates: List[Template] = []
        _, _, _, count = self.unpack("4s3I", offset, "WEVT header")
        for place in range(offset + 16, offset + 16 + 8 * count, 8):
            _, element = self.unpack("II", place, "element")
            signature = self.unpack("4s", element, "element signature")[0]
            if signature == b"EVNT":
                events += self.events(element)
            elif signature == b"TTBL":
                templates += self.templates(element)
        return Provider(identifier, events, templates)


class Manifest:
    """What the manifests of providers compile to: a WEVT_TEMPLATE resource."""

    __slots__ = ("providers",)

    def __init__(self, providers: List[Provider]) -> None:
        self.providers = providers

    @staticmethod
    def parse(crim_blob: bytes) -> "Manifest":
        """Reads a resource. ValueError: it is damaged; TypeError: it is no bytes."""
        if not isinstance(crim_blob, bytes):
            raise TypeError(f"'{type(crim_blob).__name__}' object is not an instance of 'bytes'")
        reader = _Reader(crim_blob)
        if reader.unpack("4s", 0, "CRIM signature")[0] != b"CRIM":
            raise ValueError("invalid CRIM signature at offset 0")
        count = reader.unpack("I", 12, "CRIM header")[0]
        return Manifest([reader.provider(reader.guid(place, "provider descriptor"),
                                         reader.unpack("I", place + 16, "provider descriptor")[0])
                         for place in range(16, 16 + 20 * count, 20)])
