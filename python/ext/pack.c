// SPDX-License-Identifier: MIT
#include "pack.h"

#include <stdlib.h>
#include <string.h>

static const char capsule_name[] = "evx._evx.pack";

struct pack {
    evx_engine *engine;
    evx_pack *pack;
    PyObject *make_error; // lives as long as the module
};

// ---------------------------------------------------------------------------------------------------
// Programs and caches.

struct finding {
    struct input *input;
    PyObject *list;
};

static int add_resource(void *context, const evx_resource *resource)
{
    struct finding *finding = context;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)resource->size_bytes);
    char *data = bytes ? PyBytes_AsString(bytes) : NULL;
    bool fine = data && input_read(finding->input, data, resource->size_bytes, resource->offset) ==
                            (int64_t)resource->size_bytes;
    fine = fine && PyList_Append(finding->list, bytes) == 0;
    Py_XDECREF(bytes);
    return !fine;
}

// (path, make_error) -> [bytes of a WEVT_TEMPLATE resource]
PyObject *pack_resources(PyObject *module, PyObject *arguments)
{
    PyObject *path, *make_error;
    struct input input;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OO", &path, &make_error) ||
        !input_open(&input, path, Py_None, Py_None))
        return NULL;
    struct finding finding = {&input, PyList_New(0)};
    const evx_input given = input_for_library(&input);
    evx_error error = {0};
    evx_status status = EVX_ERR_MEMORY;
    if (finding.list)
        status =
            evx_find_resources(&given, EVX_RESOURCE_WEVT_TEMPLATE, add_resource, &finding, &error);
    if (status != EVX_OK && !input_has_raised(&input) && !PyErr_Occurred()) {
        error.status = status;
        error_raise(make_error, &error);
    }
    if (status != EVX_OK)
        Py_CLEAR(finding.list);
    input_clear(&input);
    return finding.list;
}

// (tuple of bytes) -> the bytes of a .wevtcache file
PyObject *pack_cache(PyObject *module, PyObject *blobs)
{
    Py_ssize_t count = PyTuple_Size(blobs);
    uint8_t head[EVX_WEVTCACHE_HEADER_SIZE], entry[EVX_WEVTCACHE_ENTRY_SIZE];
    (void)module;
    if (count < 0)
        return NULL;
    evx_wevtcache_put_header(head, (uint32_t)count);
    PyObject *cache = PyBytes_FromStringAndSize((const char *)head, sizeof head);
    for (Py_ssize_t i = 0; cache && i < count; i++) {
        PyObject *blob = PyTuple_GetItem(blobs, i);
        evx_wevtcache_put_entry(entry, (uint64_t)PyBytes_Size(blob));
        PyBytes_ConcatAndDel(&cache, PyBytes_FromStringAndSize((const char *)entry, sizeof entry));
        PyBytes_Concat(&cache, blob);
    }
    return cache;
}

static void pack_close(struct pack *self)
{
    evx_engine_destroy(&self->engine);
    evx_pack_close(&self->pack);
    Py_DECREF(self->make_error);
    free(self);
}

static void destroy_capsule(PyObject *capsule)
{
    pack_close(PyCapsule_GetPointer(capsule, capsule_name));
}

// (path of a .wevtcache, codec or None, make_error) -> a capsule
PyObject *pack_open(PyObject *module, PyObject *arguments)
{
    const char *path, *codec;
    PyObject *make_error, *capsule = NULL;
    evx_error error = {0};
    (void)module;
    if (!PyArg_ParseTuple(arguments, "yzO", &path, &codec, &make_error))
        return NULL;
    struct pack *self = calloc(1, sizeof *self);
    if (!self)
        return PyErr_NoMemory();
    Py_INCREF(make_error);
    self->make_error = make_error;
    const evx_engine_options options = {.size = sizeof options, .ansi_codec = codec};
    evx_status status = evx_engine_create(&options, &self->engine, &error);
    if (status == EVX_OK)
        status = evx_pack_open_wevtcache(path, &self->pack, &error);
    if (status == EVX_OK)
        status = evx_engine_use_pack(self->engine, self->pack, &error);
    error.status = status;
    if (status == EVX_OK)
        capsule = PyCapsule_New(self, capsule_name, destroy_capsule);
    else
        error_raise(make_error, &error);
    if (!capsule)
        pack_close(self);
    return capsule;
}

// ---------------------------------------------------------------------------------------------------
// Templates.

static bool read_guid(PyObject *bytes, const uint8_t **ret_guid)
{
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &data, &size) < 0)
        return false;
    *ret_guid = (const uint8_t *)data;
    if (size != 16)
        PyErr_SetString(PyExc_ValueError, "a GUID has 16 bytes");
    return size == 16;
}

// (capsule, guid) -> whether there is such a template
PyObject *pack_has(PyObject *module, PyObject *arguments)
{
    PyObject *capsule, *bytes;
    const uint8_t *guid;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OO", &capsule, &bytes) || !read_guid(bytes, &guid))
        return NULL;
    const struct pack *self = PyCapsule_GetPointer(capsule, capsule_name);
    return self ? PyBool_FromLong(evx_pack_has_template(self->pack, guid)) : NULL;
}

// (capsule, provider's guid, event id, version) -> the template's guid, or None
PyObject *pack_find(PyObject *module, PyObject *arguments)
{
    PyObject *capsule, *bytes;
    const uint8_t *provider;
    unsigned id, version;
    uint8_t guid[16];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOII", &capsule, &bytes, &id, &version) ||
        !read_guid(bytes, &provider))
        return NULL;
    const struct pack *self = PyCapsule_GetPointer(capsule, capsule_name);
    if (!self)
        return NULL;
    if (id <= UINT16_MAX && version <= UINT8_MAX &&
        evx_pack_find_event(self->pack, provider, (uint16_t)id, (uint8_t)version, guid) == EVX_OK)
        return PyBytes_FromStringAndSize((const char *)guid, sizeof guid);
    Py_RETURN_NONE;
}

static int append_text(void *context, const void *bytes, size_t size)
{
    PyObject **text = context;
    PyBytes_ConcatAndDel(text, PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size));
    return *text == NULL;
}

// (capsule, guid, ((type, bytes), ...)) -> XML as UTF-8
PyObject *pack_render(PyObject *module, PyObject *arguments)
{
    PyObject *capsule, *bytes, *tuple;
    const uint8_t *guid;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOO", &capsule, &bytes, &tuple) || !read_guid(bytes, &guid))
        return NULL;
    const struct pack *self = PyCapsule_GetPointer(capsule, capsule_name);
    Py_ssize_t count = self ? PyTuple_Size(tuple) : -1;
    evx_value *values = count >= 0 ? calloc((size_t)count + 1, sizeof *values) : NULL;
    bool fine = values != NULL;
    for (Py_ssize_t i = 0; fine && i < count; i++) {
        int type;
        Py_ssize_t size;
        const char *data;
        fine = PyArg_ParseTuple(PyTuple_GetItem(tuple, i), "iy#", &type, &data, &size);
        if (fine)
            values[i] = (evx_value){data, (size_t)size, (uint8_t)type};
    }
    PyObject *text = fine ? PyBytes_FromStringAndSize("", 0) : NULL;
    if (text) {
        const evx_sink sink = {.write = append_text, .context = &text};
        evx_error error = {0};
        evx_status status =
            evx_render_template(self->engine, guid, values, (size_t)count, &sink, &error);
        error.status = status;
        if (status != EVX_OK && !PyErr_Occurred())
            error_raise(self->make_error, &error);
        if (status != EVX_OK)
            Py_CLEAR(text);
    }
    free(values);
    return text;
}

// ---------------------------------------------------------------------------------------------------
// Values of a record.

static PyObject *values_of(evx_reader *reader, uint64_t index, evx_error *error,
                           evx_status *ret_status)
{
    const evx_value *values;
    size_t count;
    *ret_status = evx_get_values(reader, index, &values, &count, error);
    if (*ret_status != EVX_OK)
        return NULL;
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *pair = Py_BuildValue("(iy#)", (int)values[i].type,
                                       values[i].size ? (const char *)values[i].bytes : "",
                                       (Py_ssize_t)values[i].size);
        if (!pair || PyTuple_SetItem(tuple, (Py_ssize_t)i, pair) < 0)
            Py_CLEAR(tuple);
    }
    return tuple;
}

// Stands on the record with the identifier; EVX_END: there is none.
static evx_status find_record(evx_reader *reader, uint64_t id, evx_error *error)
{
    for (;;) {
        evx_record record;
        evx_status status = evx_next(reader, &record, error);
        if (status == EVX_OK && record.id == id)
            return EVX_OK;
        if (status == EVX_END ||
            (status < 0 && status != EVX_ERR_CHUNK && status != EVX_ERR_RECORD))
            return status;
    }
}

// (path, data, file, record id, index, codec, make_error) -> ((type, bytes), ...), or 0: there is
// no such record, or 1: it has no such template
PyObject *pack_values(PyObject *module, PyObject *arguments)
{
    PyObject *path, *data, *file, *make_error, *result = NULL;
    unsigned long long id, index;
    const char *codec;
    struct input input;
    evx_engine *engine = NULL;
    evx_reader *reader = NULL;
    evx_error error = {0};
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOOKKzO", &path, &data, &file, &id, &index, &codec,
                          &make_error) ||
        !input_open(&input, path, data, file))
        return NULL;
    const evx_engine_options options = {.size = sizeof options, .ansi_codec = codec};
    const evx_input given = input_for_library(&input);
    evx_status status = evx_engine_create(&options, &engine, &error);
    if (status == EVX_OK)
        status = evx_open_input(engine, &given, &reader, &error);
    if (status == EVX_OK) {
        Py_BEGIN_ALLOW_THREADS status = find_record(reader, id, &error);
        Py_END_ALLOW_THREADS if (status == EVX_OK) result =
            values_of(reader, index, &error, &status);
        else if (status == EVX_END) result = PyLong_FromLong(0);
        if (!result && status == EVX_END)
            result = PyLong_FromLong(1);
    }
    error.status = status;
    if (!result && !input_has_raised(&input) && !PyErr_Occurred())
        error_raise(make_error, &error);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    input_clear(&input);
    return result;
}
