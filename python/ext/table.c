// SPDX-License-Identifier: MIT
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What a stream needs until it is released, which may happen without the GIL.
struct stream {
    struct ArrowArrayStream inner;
    evx_engine *engine;
    evx_query *query;
    char *bytes; // of an input in memory; NULL: files
    struct watch *watch;
    int failed; // errno of what was raised in Python
    const char *text;
};

// What Python asks for.
struct request {
    evx_engine *engine;
    evx_query *query;
    evx_table_options options;
    const char **columns, **paths;
    evx_table_field *fields;
    size_t path_count;
};

// ---------------------------------------------------------------------------------------------------
// The stream that consumers see.

static bool on_main_thread(void)
{
    return gettid() == getpid();
}

// False when something was raised; it becomes the stream's error. An interrupt is asked for once
// more, since the consumer makes an error of its own out of that.
static bool listen_to_python(struct stream *self)
{
    PyGILState_STATE state = PyGILState_Ensure();
    bool fine = watch_tell(self->watch, &self->text);
    if (!fine) {
        bool interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
        PyErr_Clear();
        if (interrupted)
            PyErr_SetInterrupt();
        self->failed = interrupted ? EINTR : EIO;
    }
    PyGILState_Release(state);
    return fine;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct stream *self = stream->private_data;
    return self->inner.get_schema(&self->inner, out);
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct stream *self = stream->private_data;
    if (self->failed)
        return self->failed;
    int status = self->inner.get_next(&self->inner, out);
    watch_note(self->watch, &self->inner);
    if (status != 0 || !on_main_thread() || listen_to_python(self))
        return status;
    if (out->release)
        out->release(out);
    return self->failed;
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
    struct stream *self = stream->private_data;
    return self->failed ? self->text : self->inner.get_last_error(&self->inner);
}

static void free_stream(struct stream *self)
{
    if (self->inner.release)
        self->inner.release(&self->inner);
    evx_query_destroy(&self->query);
    evx_engine_destroy(&self->engine);
    free(self->bytes);
    if (self->watch)
        watch_drop(self->watch);
    free(self);
}

static void release_stream(struct ArrowArrayStream *stream)
{
    struct stream *self = stream->private_data;
    watch_note(self->watch, &self->inner);
    free_stream(self);
    stream->release = NULL;
}

static void destroy_stream_capsule(PyObject *capsule)
{
    struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, "arrow_array_stream");
    if (stream && stream->release)
        stream->release(stream);
    free(stream);
}

static void destroy_schema_capsule(PyObject *capsule)
{
    struct ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");
    if (schema && schema->release)
        schema->release(schema);
    free(schema);
}

// ---------------------------------------------------------------------------------------------------
// Requests.

static void request_free(struct request *request)
{
    evx_query_destroy(&request->query);
    evx_engine_destroy(&request->engine);
    free(request->columns);
    free(request->paths);
    free(request->fields);
}

// An array of a struct for each item of a tuple, at least one. NULL with an exception set.
static void *array_for(PyObject *tuple, size_t size, size_t *ret_count)
{
    Py_ssize_t count = PyTuple_Size(tuple);
    if (count < 0)
        return NULL;
    void *array = calloc((size_t)count + 1, size);
    if (!array)
        PyErr_NoMemory();
    *ret_count = (size_t)count;
    return array;
}

static bool read_columns(struct request *request, PyObject *columns)
{
    size_t count;
    if (columns == Py_None)
        return true;
    request->columns = array_for(columns, sizeof *request->columns, &count);
    for (size_t i = 0; request->columns && i < count; i++) {
        if (!PyArg_Parse(PyTuple_GetItem(columns, (Py_ssize_t)i), "s", &request->columns[i]))
            return false;
    }
    request->options.columns = request->columns;
    request->options.column_count = request->columns ? count : 0;
    return request->columns != NULL;
}

static bool read_fields(struct request *request, PyObject *fields)
{
    size_t count;
    request->fields = array_for(fields, sizeof *request->fields, &count);
    for (size_t i = 0; request->fields && i < count; i++) {
        evx_table_field *field = &request->fields[i];
        int type;
        if (!PyArg_ParseTuple(PyTuple_GetItem(fields, (Py_ssize_t)i), "zsi", &field->name,
                              &field->field, &type))
            return false;
        field->type = (evx_table_type)type;
    }
    request->options.fields = request->fields;
    request->options.field_count = request->fields ? count : 0;
    return request->fields != NULL;
}

static bool read_paths(struct request *request, PyObject *paths)
{
    request->paths = array_for(paths, sizeof *request->paths, &request->path_count);
    for (size_t i = 0; request->paths && i < request->path_count; i++) {
        request->paths[i] = PyBytes_AsString(PyTuple_GetItem(paths, (Py_ssize_t)i));
        if (!request->paths[i])
            return false;
    }
    return request->paths != NULL;
}

// (threads, profile, time_unit, event_data, no_dictionaries, infer, recover, validate_checksums,
// strict, first_chunk, chunk_count, row_limit, batch_rows, batch_bytes)
static bool read_numbers(evx_table_options *options, PyObject *numbers)
{
    int profile, unit, data, infer;
    unsigned long long first, chunks, rows, batch_rows, batch_bytes;
    options->size = sizeof *options;
    if (!PyArg_ParseTuple(numbers, "IiiipipppKKKKK", &options->threads, &profile, &unit, &data,
                          &options->no_dictionaries, &infer, &options->recover,
                          &options->validate_checksums, &options->strict, &first, &chunks, &rows,
                          &batch_rows, &batch_bytes))
        return false;
    options->profile = (evx_table_profile)profile;
    options->time_unit = (evx_table_unit)unit;
    options->event_data = (evx_table_data)data;
    options->infer = (evx_table_infer_mode)infer;
    options->first_chunk = first;
    options->chunk_count = chunks;
    options->row_limit = rows;
    options->batch_rows = (size_t)batch_rows;
    options->batch_bytes = (size_t)batch_bytes;
    return true;
}

static bool engine_make(evx_engine **ret_engine, PyObject *make_error, const char *codec)
{
    const evx_engine_options options = {.size = sizeof options, .ansi_codec = codec};
    evx_error error = {0};
    evx_status status = evx_engine_create(&options, ret_engine, &error);
    error.status = status;
    if (status != EVX_OK)
        error_raise(make_error, &error);
    return status == EVX_OK;
}

static bool request_read(struct request *request, PyObject *columns, PyObject *fields,
                         PyObject *conditions, PyObject *numbers, const char *codec,
                         PyObject *make_error)
{
    if (!read_columns(request, columns) || !read_fields(request, fields) ||
        !read_numbers(&request->options, numbers) ||
        !engine_make(&request->engine, make_error, codec) ||
        !query_compile(request->engine, conditions, make_error, &request->query))
        return false;
    request->options.query = request->query;
    return true;
}

// ---------------------------------------------------------------------------------------------------
// Opening.

static evx_status open_memory(struct stream *self, struct request *request, PyObject *data,
                              evx_error *error)
{
    char *bytes;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(data, &bytes, &size) < 0)
        return EVX_ERR_ARGUMENT;
    self->bytes = malloc((size_t)size + 1);
    if (!self->bytes)
        return EVX_ERR_MEMORY;
    memcpy(self->bytes, bytes, (size_t)size);
    evx_reader *reader = NULL;
    evx_status status = evx_open_memory(self->engine, self->bytes, (size_t)size, &reader, error);
    if (status == EVX_OK)
        status = evx_table_open(reader, &request->options, &self->inner, error);
    if (status != EVX_OK)
        evx_close(&reader);
    return status;
}

static bool open_inner(struct stream *self, struct request *request, PyObject *data,
                       PyObject *make_error)
{
    evx_error error = {0};
    evx_status status;
    self->engine = request->engine;
    self->query = request->query;
    request->engine = NULL;
    request->query = NULL;
    request->options.report = watch_report;
    request->options.context = self->watch;
    if (data != Py_None) {
        status = open_memory(self, request, data, &error);
    } else {
        Py_BEGIN_ALLOW_THREADS status =
            evx_table_open_paths(self->engine, request->paths, request->path_count,
                                 &request->options, &self->inner, &error);
        Py_END_ALLOW_THREADS
    }
    error.status = status;
    if (status != EVX_OK && !PyErr_Occurred())
        error_raise(make_error, &error);
    return status == EVX_OK;
}

// The outer stream in a capsule, which owns `self` now. NULL with an exception set.
static PyObject *wrap(struct stream *self)
{
    struct ArrowArrayStream *outer = malloc(sizeof *outer);
    if (!outer)
        return PyErr_NoMemory();
    *outer = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, self};
    PyObject *capsule = PyCapsule_New(outer, "arrow_array_stream", destroy_stream_capsule);
    if (!capsule)
        free(outer);
    return capsule;
}

static PyObject *open_stream(struct request *request, PyObject *data, PyObject *watch,
                             PyObject *make_error)
{
    struct stream *self = calloc(1, sizeof *self);
    if (!self)
        return PyErr_NoMemory();
    self->watch = watch_of(watch);
    watch_hold(self->watch);
    PyObject *capsule = open_inner(self, request, data, make_error) ? wrap(self) : NULL;
    if (!capsule)
        free_stream(self);
    return capsule;
}

PyObject *table_open(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"watch_type", "paths",      "data",           "columns",
                            "fields",     "conditions", "numbers",        "ansi_codec",
                            "make_error", "on_damage",  "ends_at_damage", NULL};
    PyObject *type, *paths, *data, *columns, *fields, *conditions, *numbers, *make_error,
        *on_damage;
    const char *codec;
    int ends;
    struct request request = {0};
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOOOOOOzOOp", names, &type, &paths,
                                     &data, &columns, &fields, &conditions, &numbers, &codec,
                                     &make_error, &on_damage, &ends))
        return NULL;
    PyObject *watch = watch_make(type, make_error, on_damage, ends);
    PyObject *capsule = NULL;
    if (watch && read_paths(&request, paths) &&
        request_read(&request, columns, fields, conditions, numbers, codec, make_error))
        capsule = open_stream(&request, data, watch, make_error);
    request_free(&request);
    if (capsule)
        return Py_BuildValue("(NN)", capsule, watch);
    Py_XDECREF(watch);
    return NULL;
}

// ---------------------------------------------------------------------------------------------------
// Schemas.

static PyObject *wrap_schema(struct ArrowSchema *schema)
{
    struct ArrowSchema *own = malloc(sizeof *own);
    PyObject *capsule = NULL;
    if (own) {
        *own = *schema;
        capsule = PyCapsule_New(own, "arrow_schema", destroy_schema_capsule);
    } else {
        PyErr_NoMemory();
    }
    if (!capsule) {
        schema->release(schema);
        free(own);
    }
    return capsule;
}

PyObject *table_schema(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"columns", "fields", "numbers", "make_error", NULL};
    PyObject *columns, *fields, *numbers, *make_error, *capsule = NULL;
    struct request request = {0};
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOOO", names, &columns, &fields,
                                     &numbers, &make_error))
        return NULL;
    if (request_read(&request, columns, fields, Py_None, numbers, NULL, make_error)) {
        struct ArrowSchema schema = {0};
        evx_error error = {0};
        evx_status status = evx_table_schema(request.engine, &request.options, &schema, &error);
        error.status = status;
        if (status == EVX_OK)
            capsule = wrap_schema(&schema);
        else
            error_raise(make_error, &error);
    }
    request_free(&request);
    return capsule;
}

// (stream capsule) -> the schema of its stream, in a capsule
PyObject *table_stream_schema(PyObject *module, PyObject *capsule)
{
    struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, "arrow_array_stream");
    struct ArrowSchema schema = {0};
    (void)module;
    if (!stream)
        return NULL;
    if (stream->get_schema(stream, &schema) == 0)
        return wrap_schema(&schema);
    PyErr_SetString(PyExc_MemoryError, stream->get_last_error(stream));
    return NULL;
}

// (schema capsule) -> [(name, format, format of the dictionary's values or None, nullable)]
PyObject *table_formats(PyObject *module, PyObject *capsule)
{
    const struct ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");
    (void)module;
    if (!schema)
        return NULL;
    PyObject *list = PyList_New(0);
    for (int64_t i = 0; list && i < schema->n_children; i++) {
        const struct ArrowSchema *child = schema->children[i];
        PyObject *tuple = Py_BuildValue("(sszi)", child->name, child->format,
                                        child->dictionary ? child->dictionary->format : NULL,
                                        (child->flags & ARROW_FLAG_NULLABLE) != 0);
        if (!tuple || PyList_Append(list, tuple) < 0)
            Py_CLEAR(list);
        Py_XDECREF(tuple);
    }
    return list;
}

// [(name, format, help, dictionary, nullable, default)]
PyObject *table_columns(PyObject *module, PyObject *unused)
{
    PyObject *list = PyList_New(0);
    evx_table_column column = {.size = sizeof column};
    (void)module, (void)unused;
    for (size_t i = 0; list && evx_table_columns(i, &column) == EVX_OK; i++) {
        PyObject *tuple =
            Py_BuildValue("(sssiii)", column.name, column.format, column.help, column.is_dictionary,
                          column.is_nullable, column.is_default);
        if (!tuple || PyList_Append(list, tuple) < 0)
            Py_CLEAR(list);
        Py_XDECREF(tuple);
    }
    return list;
}
