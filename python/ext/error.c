// SPDX-License-Identifier: MIT
#include "ext.h"

static PyObject *known_or_none(uint64_t number)
{
    if (number != EVX_NONE)
        return PyLong_FromUnsignedLongLong(number);
    Py_INCREF(Py_None);
    return Py_None;
}

static PyObject *causes_of(const evx_error *error)
{
    PyObject *causes = PyTuple_New((Py_ssize_t)error->cause_count);
    for (unsigned i = 0; causes && i < error->cause_count; i++) {
        PyObject *cause =
            PyUnicode_DecodeUTF8(error->cause[i], (Py_ssize_t)strlen(error->cause[i]), "replace");
        if (!cause || PyTuple_SetItem(causes, (Py_ssize_t)i, cause) < 0)
            Py_CLEAR(causes);
    }
    return causes;
}

PyObject *error_arguments(const evx_error *error)
{
    return Py_BuildValue("(sisiINNNNN)", evx_status_name(error->status), (int)error->status,
                         evx_damage_name(error->kind), error->system_errno, error->input,
                         known_or_none(error->chunk), known_or_none(error->record_id),
                         known_or_none(error->offset), known_or_none(error->length),
                         causes_of(error));
}

bool error_tell(PyObject *make, PyObject *callable, const evx_error *error)
{
    PyObject *arguments = error_arguments(error);
    PyObject *made = arguments ? PyObject_CallObject(make, arguments) : NULL;
    PyObject *told = made ? PyObject_CallFunction(callable, "O", made) : NULL;
    Py_XDECREF(arguments);
    Py_XDECREF(made);
    Py_XDECREF(told);
    return told != NULL;
}

void error_raise(PyObject *make, const evx_error *error)
{
    if (error->status == EVX_ERR_MEMORY) {
        PyErr_NoMemory();
        return;
    }
    PyObject *arguments = error_arguments(error);
    PyObject *exception = arguments ? PyObject_CallObject(make, arguments) : NULL;
    Py_XDECREF(arguments);
    if (!exception)
        return;
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_DECREF(exception);
}
