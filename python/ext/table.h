// SPDX-License-Identifier: MIT
//
// Logs as Arrow streams for Python. A stream may be pulled by threads that Python knows nothing of,
// and by consumers that hold the GIL while another thread pulls: so it never waits for the GIL, but
// on Python's main thread, where nobody can be waiting for it. What is reported is kept in a
// `watch`, which stream and Python share, until Python takes it.
#ifndef EVX_PYTHON_TABLE_H
#define EVX_PYTHON_TABLE_H

#include "ext.h"

#include <evx/arrow.h>

struct watch;

extern PyType_Spec watch_spec;

// A new watch as a Python object; on_damage takes an Error, or is None.
PyObject *watch_make(PyObject *type, PyObject *make_error, PyObject *on_damage,
                     bool ends_at_damage);
struct watch *watch_of(PyObject *object);
void watch_hold(struct watch *watch);
void watch_drop(struct watch *watch);

// For evx_table_options.report, with a watch as context.
int watch_report(void *watch, const evx_error *error);
// Behind a batch, and behind the last one: what has come of the stream so far.
void watch_note(struct watch *watch, const struct ArrowArrayStream *stream);
// On the main thread, where its GIL can be had: runs handlers of signals and tells of damage. False
// when something was raised; its text is then in *ret_text.
bool watch_tell(struct watch *watch, const char **ret_text);

// The functions of the module.
PyObject *table_open(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *table_schema(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *table_columns(PyObject *module, PyObject *unused);
PyObject *table_formats(PyObject *module, PyObject *schema);
PyObject *table_stream_schema(PyObject *module, PyObject *arguments);
PyObject *table_fields(PyObject *module, PyObject *arguments);
PyObject *table_templates(PyObject *module, PyObject *arguments);

#endif
