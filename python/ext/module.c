// SPDX-License-Identifier: MIT
// The module evx._evx.
#include "ext.h"

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
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__evx(void); // for -Wmissing-prototypes

PyMODINIT_FUNC PyInit__evx(void)
{
    return PyModuleDef_Init(&definition);
}
