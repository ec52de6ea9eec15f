// SPDX-License-Identifier: MIT
#include "ext.h"

#include <stdlib.h>

// One (kind, text); the text stays alive with the pair.
static bool read_condition(PyObject *pair, evx_condition *ret)
{
    int kind;
    const char *text;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(pair, "is#;a condition is (kind, text)", &kind, &text, &size))
        return false;
    *ret = (evx_condition){(evx_condition_kind)kind, text, (size_t)size};
    return true;
}

bool query_compile(evx_engine *engine, PyObject *conditions, PyObject *make_error,
                   evx_query **ret_query)
{
    *ret_query = NULL;
    if (conditions == Py_None)
        return true;
    Py_ssize_t count = PyTuple_Size(conditions);
    if (count < 0)
        return false;
    evx_condition *list = malloc(((size_t)count + 1) * sizeof *list);
    bool fine = list != NULL;
    if (!fine)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; fine && i < count; i++)
        fine = read_condition(PyTuple_GetItem(conditions, i), &list[i]);
    evx_error error = {0};
    if (fine && evx_query_compile(engine, list, (size_t)count, NULL, ret_query, &error) != EVX_OK) {
        error_raise(make_error, &error);
        fine = false;
    }
    free(list);
    return fine;
}
