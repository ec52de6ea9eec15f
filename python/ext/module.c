// SPDX-License-Identifier: MIT
// The module evx._evx.
#include "pack.h"
#include "table.h"

static PyMethodDef functions[] = {
    {"pack_resources", pack_resources, METH_VARARGS,
     "pack_resources(path, make_error) -> list of bytes"},
    {"pack_cache", pack_cache, METH_O, "pack_cache(blobs) -> bytes of a .wevtcache file"},
    {"pack_open", pack_open, METH_VARARGS, "pack_open(path, ansi_codec, make_error) -> pack"},
    {"pack_has", pack_has, METH_VARARGS, "pack_has(pack, guid) -> bool"},
    {"pack_find", pack_find, METH_VARARGS,
     "pack_find(pack, provider, event_id, version) -> guid or None"},
    {"pack_render", pack_render, METH_VARARGS, "pack_render(pack, guid, values) -> XML"},
    {"pack_values", pack_values, METH_VARARGS,
     "pack_values(path, data, file, record_id, index, ansi_codec, make_error) -> values"},
    {"table_open", (PyCFunction)(void (*)(void))table_open, METH_VARARGS | METH_KEYWORDS,
     "table_open(...) -> (stream capsule, Watch)"},
    {"table_schema", (PyCFunction)(void (*)(void))table_schema, METH_VARARGS | METH_KEYWORDS,
     "table_schema(...) -> schema capsule; reads no input"},
    {"table_stream_schema", table_stream_schema, METH_O,
     "table_stream_schema(stream capsule) -> schema capsule"},
    {"table_formats", table_formats, METH_O, "table_formats(schema capsule) -> list"},
    {"table_columns", table_columns, METH_NOARGS, "table_columns() -> list: the catalogue"},
    {"table_fields", table_fields, METH_VARARGS,
     "table_fields(path, data, file, mode, make_error) -> list"},
    {"table_templates", table_templates, METH_VARARGS,
     "table_templates(path, data, file, mode, make_error) -> list"},
    {0},
};

static bool add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    if (type && PyModule_AddObject(module, name, type) == 0)
        return true; // the module has it now
    Py_XDECREF(type);
    return false;
}

static int execute(PyObject *module)
{
    bool fine = add_type(module, "Reader", &reader_spec) &&
                add_type(module, "Watch", &watch_spec) &&
                PyModule_AddStringConstant(module, "__version__", evx_version()) == 0;
    return fine ? 0 : -1;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "evx._evx",
    .m_doc = "The C half of the package evx. Use evx itself.",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__evx(void); // for -Wmissing-prototypes

PyMODINIT_FUNC PyInit__evx(void)
{
    return PyModuleDef_Init(&definition);
}
