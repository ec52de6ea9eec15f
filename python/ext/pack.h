// SPDX-License-Identifier: MIT
// Definitions of templates out of programs: the calls of <evx/packs.h>.
#ifndef EVX_PYTHON_PACK_H
#define EVX_PYTHON_PACK_H

#include "ext.h"

PyObject *pack_resources(PyObject *module, PyObject *arguments);
PyObject *pack_cache(PyObject *module, PyObject *blobs);
PyObject *pack_open(PyObject *module, PyObject *arguments);
PyObject *pack_find(PyObject *module, PyObject *arguments);
PyObject *pack_has(PyObject *module, PyObject *arguments);
PyObject *pack_render(PyObject *module, PyObject *arguments);
PyObject *pack_values(PyObject *module, PyObject *arguments);

#endif
