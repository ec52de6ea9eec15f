// SPDX-License-Identifier: MIT
//
// The C half of the Python package: the public calls of libevx as two Python types, no more. It
// knows Python's stable interface (PEP 384) and <evx/...>; what a record, a warning or an exception
// looks like is the Python half's business, which hands in the callables for them.
#ifndef EVX_PYTHON_EXT_H
#define EVX_PYTHON_EXT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include <evx/evx.h>
#include <evx/packs.h>
#include <evx/packs.h>

// ---------------------------------------------------------------------------------------------------
// Inputs.

// Where the bytes come from; one of three.
struct input {
    int fd;          // of a file of our own, or -1
    PyObject *bytes; // a bytes object
    PyObject *file;  // an object with read() and seek()
    PyObject
        *raised; // what that object, or a signal's handler, has raised during a call of the library
    uint64_t reads; // since signals were looked at
};

// Sets the fields from Python's arguments, of which exactly one is no None: a path as bytes, bytes,
// or a file object. False with an exception set, OSError when the file cannot be opened.
bool input_open(struct input *input, PyObject *path, PyObject *bytes, PyObject *file);
void input_clear(struct input *input);
// For evx_open_input; may be called without the GIL.
evx_input input_for_library(struct input *input);
int64_t input_read(void *input, void *buffer, size_t size, uint64_t offset);
// Raises what was raised inside a call of the library, if anything was.
bool input_has_raised(struct input *input);

// ---------------------------------------------------------------------------------------------------
// Errors.

// The positional arguments for the Python half's maker of errors; NULL with an exception set.
PyObject *error_arguments(const evx_error *error);
// Gives what `make` makes of the error to a callable. False with an exception set.
bool error_tell(PyObject *make, PyObject *callable, const evx_error *error);
// Raises what `make` makes of the error.
void error_raise(PyObject *make, const evx_error *error);

// ---------------------------------------------------------------------------------------------------
// Records.

struct item {
    evx_record record;
    size_t text_start, text_size;
    ptrdiff_t damage; // index of a report instead of a record, or -1
};

// Some records with their texts, and what was reported between them. Filled without the GIL.
struct fetched {
    struct item *items;
    size_t count, capacity, next;
    char *text;
    size_t text_size, text_capacity;
    evx_error *damages;
    size_t damage_count, damage_capacity;
};

void fetched_clear(struct fetched *fetched);
void fetched_free(struct fetched *fetched);
// Each is false without memory.
bool fetched_add_record(struct fetched *fetched, const evx_record *record, const char *text,
                        size_t size);
bool fetched_add_damage(struct fetched *fetched, const evx_error *error);

// How records are shown.
struct form {
    bool has_text; // records come with their text
    evx_render_options options;
};

// A second reader over one chunk, for records that have gone by: records are rendered in any order.
struct lookup {
    evx_reader *reader;
    struct input *input;
    uint64_t chunk;
    evx_record record; // that it stands on
    bool has_record;
};

evx_status lookup_render(struct lookup *lookup, evx_engine *engine, struct input *input,
                         uint64_t chunk, uint64_t offset, const evx_render_options *options,
                         const char **ret_text, size_t *ret_size, evx_error *error);
void lookup_close(struct lookup *lookup);

extern PyType_Spec reader_spec;

// FILETIME as the module `evtx` shows the time of a record; `ret_text` has 48 bytes.
void format_timestamp(uint64_t filetime, char *ret_text);

// A query of [(kind, text), ...]; NULL with an exception set (by make_error) or when `conditions`
// is None.
bool query_compile(evx_engine *engine, PyObject *conditions, PyObject *make_error,
                   evx_query **ret_query);

#endif
