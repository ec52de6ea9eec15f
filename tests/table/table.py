# SPDX-License-Identifier: MIT
"""Tables of libevx in Python, through ctypes and pyarrow: as little as the tests need."""
import ctypes
import os
import sys

try:
    import pyarrow
except ImportError:
    pyarrow = None

SKIPPED = 77
PROFILES = {"portable": 0, "exact": 1, "spark": 2}
UNITS = {"ns": 0, "us": 1}
DATA = {"map": 0, "json": 1, "pairs": 2, "none": 3}
TYPES = {"auto": 0, "text": 1, "int64": 2, "bool": 3, "time": 4, "float64": 5, "binary": 6, "texts": 7, "names": 8}
INFER = {"few": 0, "all": 1, "none": 2}


def need_pyarrow():
    """Goes on in $EVX_ARROW_PYTHON where this Python has no pyarrow."""
    other = os.environ.pop("EVX_ARROW_PYTHON", None)
    if pyarrow is None and other:
        os.execv(other, [other, *sys.argv])
    if pyarrow is None:
        print("skipped: there is no pyarrow in this Python, and none in $EVX_ARROW_PYTHON")
        sys.exit(SKIPPED)


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("kind", ctypes.c_int), ("system_errno", ctypes.c_int),
                ("input", ctypes.c_uint32), ("chunk", ctypes.c_uint64), ("record_id", ctypes.c_uint64),
                ("offset", ctypes.c_uint64), ("length", ctypes.c_uint64), ("reserved", ctypes.c_uint64 * 4),
                ("cause_count", ctypes.c_uint), ("cause", (ctypes.c_char * 240) * 4)]

    def text(self):
        return ": ".join(self.cause[i].value.decode() for i in range(self.cause_count))


class Field(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("field", ctypes.c_char_p), ("type", ctypes.c_int),
                ("reserved", ctypes.c_void_p * 2)]


REPORT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Error))
PROGRESS = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_uint64)


class Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("threads", ctypes.c_uint),
                ("columns", ctypes.POINTER(ctypes.c_char_p)), ("column_count", ctypes.c_size_t),
                ("fields", ctypes.POINTER(Field)), ("field_count", ctypes.c_size_t),
                ("profile", ctypes.c_int), ("time_unit", ctypes.c_int), ("event_data", ctypes.c_int),
                ("no_dictionaries", ctypes.c_int), ("infer", ctypes.c_int),
                ("query", ctypes.c_void_p), ("ids", ctypes.c_void_p), ("id_count", ctypes.c_size_t),
                ("first_chunk", ctypes.c_uint64), ("chunk_count", ctypes.c_uint64),
                ("row_limit", ctypes.c_uint64), ("batch_rows", ctypes.c_size_t), ("batch_bytes", ctypes.c_size_t),
                ("recover", ctypes.c_int), ("validate_checksums", ctypes.c_int), ("strict", ctypes.c_int),
                ("source_path", ctypes.c_char_p), ("report", REPORT), ("progress", PROGRESS),
                ("context", ctypes.c_void_p)]


class Condition(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("text", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class Totals(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("rows", ctypes.c_uint64), ("recovered", ctypes.c_uint64),
                ("errors", ctypes.c_uint64), ("conversions", ctypes.c_uint64)]


class Conversion(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("column", ctypes.c_char_p), ("count", ctypes.c_uint64),
                ("type", ctypes.c_char_p), ("input", ctypes.c_uint32), ("chunk", ctypes.c_uint64),
                ("record_id", ctypes.c_uint64), ("offset", ctypes.c_uint64)]


class EngineOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("allocator", ctypes.c_void_p), ("ansi_codec", ctypes.c_char_p),
                ("no_plans", ctypes.c_int), ("no_skips", ctypes.c_int), ("cpu", ctypes.c_char_p)]


class Stream(ctypes.Structure):
    _fields_ = [("get_schema", ctypes.c_void_p), ("get_next", ctypes.c_void_p), ("get_last_error", ctypes.c_void_p),
                ("release", ctypes.c_void_p), ("private_data", ctypes.c_void_p)]


class Schema(ctypes.Structure):
    _fields_ = [("words", ctypes.c_uint64 * 9)]


class Refused(Exception):
    def __init__(self, error):
        super().__init__(error.text())
        self.error = error


class Engine:
    def __init__(self, library, **options):
        self.lib = ctypes.CDLL(library)
        self.handle = ctypes.c_void_p()
        known = EngineOptions(size=ctypes.sizeof(EngineOptions), **options)
        error = Error()
        if self.lib.evx_engine_create(ctypes.byref(known), ctypes.byref(self.handle), ctypes.byref(error)):
            raise Refused(error)

    def close(self):
        self.lib.evx_engine_destroy(ctypes.byref(self.handle))

    def query(self, xpath):
        text = xpath.encode()
        condition, query, error = Condition(0, text, len(text)), ctypes.c_void_p(), Error()
        if self.lib.evx_query_compile(self.handle, ctypes.byref(condition), ctypes.c_size_t(1), None,
                                      ctypes.byref(query), ctypes.byref(error)):
            raise Refused(error)
        return query

    def options(self, columns=None, fields=None, profile="portable", unit="ns", event_data="map", infer="few",
                reports=None, **rest):
        """Options, and what they point to."""
        known = Options(size=ctypes.sizeof(Options), profile=PROFILES[profile], time_unit=UNITS[unit],
                        event_data=DATA[event_data], infer=INFER[infer], **rest)
        if columns is not None:
            known.columns = (ctypes.c_char_p * (len(columns) + 1))(*[name.encode() for name in columns])
            known.column_count = len(columns)
        if fields:
            made = [Field(*field_of(field)) for field in fields]
            known.fields = (Field * len(made))(*made)
            known.field_count = len(made)
        if reports is not None:
            def report(_, error):
                reports.append((error[0].status, error[0].kind, error[0].input, error[0].chunk,
                                error[0].record_id, error[0].offset, error[0].text()))
                return 0
            known.report = REPORT(report)
        return known

    def schema(self, **options):
        schema, error = Schema(), Error()
        if self.lib.evx_table_schema(self.handle, ctypes.byref(self.options(**options)), ctypes.byref(schema),
                                     ctypes.byref(error)):
            raise Refused(error)
        return pyarrow.Schema._import_from_c(ctypes.addressof(schema))

    def stream(self, paths, **options):
        """The stream, and what must live as long."""
        stream, error = Stream(), Error()
        known = self.options(**options)
        names = [os.fsencode(path) for path in (paths if isinstance(paths, list) else [paths])]
        array = (ctypes.c_char_p * (len(names) + 1))(*names)
        if self.lib.evx_table_open_paths(self.handle, array, ctypes.c_size_t(len(names)), ctypes.byref(known),
                                         ctypes.byref(stream), ctypes.byref(error)):
            raise Refused(error)
        return stream, known

    def totals(self, stream):
        totals = Totals(size=ctypes.sizeof(Totals))
        assert self.lib.evx_table_result(ctypes.byref(stream), ctypes.byref(totals)) == 0
        return totals

    def conversions(self, stream):
        found = []
        conversion = Conversion(size=ctypes.sizeof(Conversion))
        while self.lib.evx_table_conversions(ctypes.byref(stream), ctypes.c_size_t(len(found)),
                                             ctypes.byref(conversion)) == 0:
            found.append((conversion.column.decode(), conversion.count, conversion.type.decode()))
        return found

    def batches(self, paths, **options):
        stream, known = self.stream(paths, **options)
        with pyarrow.RecordBatchReader._import_from_c(ctypes.addressof(stream)) as reader:
            yield from reader
        del known

    def table(self, paths, **options):
        stream, known = self.stream(paths, **options)
        with pyarrow.RecordBatchReader._import_from_c(ctypes.addressof(stream)) as reader:
            table = reader.read_all()
        del known
        return table


def field_of(field):
    """A name, (column, field) or {field: type}."""
    if isinstance(field, dict):
        (name, kind), = field.items()
        return name.encode(), name.encode(), TYPES[kind]
    name, path = field if isinstance(field, tuple) else (field, field)
    return name.encode(), path.encode(), 0
