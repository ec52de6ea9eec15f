// SPDX-License-Identifier: MIT
// What is in a log: its fields, and its templates.
#include "table.h"

static bool append(PyObject *list, PyObject *item)
{
    bool fine = item && PyList_Append(list, item) == 0;
    Py_XDECREF(item);
    return fine;
}

static int add_field(void *list, const evx_table_field_info *info)
{
    PyGILState_STATE state = PyGILState_Ensure();
    bool fine = append(list, Py_BuildValue("(siisKK)", info->name, (int)info->type, info->is_mixed,
                                           info->declared, (unsigned long long)info->templates,
                                           (unsigned long long)info->uses));
    PyGILState_Release(state);
    return !fine;
}

static PyObject *ids_of(const evx_template_info *info)
{
    PyObject *ids = PyTuple_New((Py_ssize_t)info->event_id_count);
    for (size_t i = 0; ids && i < info->event_id_count; i++) {
        PyObject *id = PyLong_FromUnsignedLong(info->event_ids[i]);
        if (!id || PyTuple_SetItem(ids, (Py_ssize_t)i, id) < 0)
            Py_CLEAR(ids);
    }
    return ids;
}

static PyObject *fields_of(const evx_template_info *info)
{
    PyObject *fields = PyTuple_New((Py_ssize_t)info->field_count);
    for (size_t i = 0; fields && i < info->field_count; i++) {
        const evx_template_field *field = info->fields[i];
        PyObject *tuple =
            Py_BuildValue("(szsi)", field->path, field->name, field->type, field->is_optional);
        if (!tuple || PyTuple_SetItem(fields, (Py_ssize_t)i, tuple) < 0)
            Py_CLEAR(fields);
    }
    return fields;
}

static int add_template(void *list, const evx_template_info *info)
{
    PyGILState_STATE state = PyGILState_Ensure();
    bool fine =
        append(list, Py_BuildValue("(y#iKszNN)", (const char *)info->guid, (Py_ssize_t)16,
                                   info->is_nested, (unsigned long long)info->uses, info->root,
                                   info->provider, ids_of(info), fields_of(info)));
    PyGILState_Release(state);
    return !fine;
}

enum listing { LISTING_FIELDS, LISTING_TEMPLATES };

static evx_status list_input(evx_engine *engine, struct input *input, enum listing listing,
                             int mode, PyObject *list, evx_error *error)
{
    evx_reader *reader = NULL;
    const evx_input given = input_for_library(input);
    evx_status status = evx_open_input(engine, &given, &reader, error);
    if (status == EVX_OK)
        status = listing == LISTING_FIELDS
                     ? evx_table_infer(reader, (evx_table_infer_mode)mode, add_field, list, error)
                     : evx_list_templates(reader, add_template, list, NULL, error);
    evx_close(&reader);
    return status;
}

// (path, data, file, mode, make_error) -> list
static PyObject *make_list(PyObject *arguments, enum listing listing)
{
    PyObject *path, *data, *file, *make_error;
    struct input input;
    int mode;
    if (!PyArg_ParseTuple(arguments, "OOOiO", &path, &data, &file, &mode, &make_error) ||
        !input_open(&input, path, data, file))
        return NULL;
    PyObject *list = PyList_New(0);
    evx_engine *engine = NULL;
    evx_error error = {0};
    evx_status status = evx_engine_create(NULL, &engine, &error);
    if (list && status == EVX_OK) {
        Py_BEGIN_ALLOW_THREADS status = list_input(engine, &input, listing, mode, list, &error);
        Py_END_ALLOW_THREADS
    }
    evx_engine_destroy(&engine);
    if (input_has_raised(&input) || PyErr_Occurred()) {
        Py_CLEAR(list);
    } else if (status != EVX_OK) {
        error.status = status;
        error_raise(make_error, &error);
        Py_CLEAR(list);
    }
    input_clear(&input);
    return list;
}

PyObject *table_fields(PyObject *module, PyObject *arguments)
{
    (void)module;
    return make_list(arguments, LISTING_FIELDS);
}

PyObject *table_templates(PyObject *module, PyObject *arguments)
{
    (void)module;
    return make_list(arguments, LISTING_TEMPLATES);
}
