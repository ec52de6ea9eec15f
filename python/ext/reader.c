// SPDX-License-Identifier: MIT
//
// The type Reader: an iterator over the records of one log. Records are fetched some at a time
// without the GIL; a lock keeps other threads out meanwhile, who may use the reader in turns.
#include "ext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A fetch ends after so many records, or so many that a query left out, or so much text.
enum { BATCH_RECORDS = 256, FETCH_RECORDS = 4096, BATCH_TEXT_BYTES = 1 << 20 };

struct reader {
    PyObject_HEAD evx_engine *engine;
    evx_reader *reader;
    evx_query *query;
    evx_pack *pack;   // definitions from outside; NULL: none
    bool checks;      // chunks whose checksums are wrong are left out
    uint64_t checked; // the chunk that was looked at last, or EVX_NONE
    bool checked_is_bad;
    struct input input;
    struct fetched fetched;
    struct lookup lookup;
    struct form form;
    bool is_over, failed; // failed: `failure` ends it, behind what has been fetched
    evx_error failure;
    PyThread_type_lock lock;
    unsigned long owner;   // the thread that has the lock, or 0
    char *file_name;       // without folders; NULL: unknown
    PyObject *make_record; // (reader, id, written, chunk, offset, text) -> record; NULL: dict
    PyObject *make_error;
    PyObject *on_damage; // called with an error; NULL: ignored
    PyObject *key_id, *key_timestamp, *key_data;
};

// ---------------------------------------------------------------------------------------------------
// The lock.

static bool enter(struct reader *self)
{
    unsigned long me = PyThread_get_thread_ident();
    if (!self->reader) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on a closed log");
        return false;
    }
    if (self->owner == me) {
        PyErr_SetString(PyExc_RuntimeError,
                        "a log cannot be used while it reads from its own file object");
        return false;
    }
    if (PyThread_acquire_lock(self->lock, NOWAIT_LOCK) != PY_LOCK_ACQUIRED) {
        Py_BEGIN_ALLOW_THREADS PyThread_acquire_lock(self->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    if (!self->reader) { // closed while we waited
        PyThread_release_lock(self->lock);
        PyErr_SetString(PyExc_ValueError, "I/O operation on a closed log");
        return false;
    }
    self->owner = me;
    return true;
}

static void leave(struct reader *self)
{
    self->owner = 0;
    PyThread_release_lock(self->lock);
}

// ---------------------------------------------------------------------------------------------------
// Fetching; without the GIL.

static bool is_about_a_part(evx_status status)
{
    return status == EVX_NOTE || status == EVX_VALUE_REFUSED || status == EVX_ERR_CHUNK ||
           status == EVX_ERR_RECORD || status == EVX_ERR_LIMIT;
}

static bool fail(struct reader *self, evx_status status, const evx_error *error)
{
    self->failure = *error;
    self->failure.status = status;
    self->failed = true;
    return false;
}

static bool add_report(struct reader *self, evx_status status, evx_error *error)
{
    error->status = status;
    return fetched_add_damage(&self->fetched, error) || fail(self, EVX_ERR_MEMORY, error);
}

// A record's text by itself: without the line feeds that end it in a file.
static size_t text_size(const evx_render_options *options, const char *text, size_t size)
{
    while (options->dialect == EVX_DIALECT_0_15 && size > 0 && text[size - 1] == '\n')
        size--;
    return size;
}

// In the words of the module evtx.
static bool report_checksum(struct reader *self, uint64_t chunk)
{
    evx_error error = {
        .kind = EVX_DAMAGE_CHUNK_CHECKSUM,
        .chunk = chunk,
        .record_id = EVX_NONE,
        .offset = EVX_FILE_HEADER_SIZE + chunk * EVX_CHUNK_SIZE,
        .length = EVX_CHUNK_SIZE,
        .cause_count = 2,
        .cause = {"", "chunk data CRC32 invalid"},
    };
    snprintf(error.cause[0], EVX_CAUSE_SIZE, "Failed to parse chunk number %llu",
             (unsigned long long)chunk);
    return add_report(self, EVX_ERR_CHUNK, &error);
}

// Looks at the chunk of a record when it is another one. *ret_is_bad: the record is left out.
static bool check_chunk(struct reader *self, uint64_t chunk, bool *ret_is_bad)
{
    evx_chunk_info info;
    if (self->checks && chunk != self->checked) {
        self->checked = chunk;
        self->checked_is_bad = evx_get_chunk_info(self->reader, chunk, &info, NULL) == EVX_OK &&
                               !(info.flags & EVX_FLAG_NO_CRC32) &&
                               !(info.header_crc32_ok && info.records_crc32_ok);
        if (self->checked_is_bad && !report_checksum(self, chunk))
            return false;
    }
    *ret_is_bad = self->checked_is_bad;
    return true;
}

// What evx_next has given. False when the fetch has to end.
static bool take_record(struct reader *self, const evx_record *record)
{
    const char *text = "";
    size_t size = 0;
    evx_error error = {0};
    int is_meant = 1;
    evx_status status = EVX_OK;
    bool is_bad;
    if (!check_chunk(self, record->chunk, &is_bad))
        return false;
    if (is_bad)
        return true;
    if (self->query)
        status = evx_match(self->reader, self->query, self->file_name, &is_meant, &error);
    if (status == EVX_NOTE && !add_report(self, status, &error))
        return false;
    if ((status == EVX_OK || status == EVX_NOTE) && is_meant && self->form.has_text)
        status = evx_render(self->reader, &self->form.options, &text, &size, &error);
    else if (status == EVX_NOTE)
        status = EVX_OK;
    const bool shown = status == EVX_OK || status == EVX_VALUE_REFUSED || status == EVX_NOTE;
    size = text_size(&self->form.options, text, size);
    if (shown && is_meant && !fetched_add_record(&self->fetched, record, text, size))
        return fail(self, EVX_ERR_MEMORY, &error);
    if (status == EVX_OK)
        return true;
    return is_about_a_part(status) ? add_report(self, status, &error) : fail(self, status, &error);
}

static void fetch(struct reader *self)
{
    fetched_clear(&self->fetched);
    for (int i = 0; i < FETCH_RECORDS && self->fetched.count < BATCH_RECORDS &&
                    self->fetched.text_size < BATCH_TEXT_BYTES;
         i++) {
        evx_record record;
        evx_error error = {0};
        evx_status status = evx_next(self->reader, &record, &error);
        if (status == EVX_END) {
            self->is_over = true;
            return;
        }
        bool goes_on = status == EVX_OK          ? take_record(self, &record)
                       : is_about_a_part(status) ? add_report(self, status, &error)
                                                 : fail(self, status, &error);
        if (!goes_on || self->input.raised)
            return;
    }
}

// ---------------------------------------------------------------------------------------------------
// From records to Python.

static PyObject *text_of(const struct reader *self, const struct item *item)
{
    return PyUnicode_DecodeUTF8(self->fetched.text + item->text_start, (Py_ssize_t)item->text_size,
                                "surrogatepass");
}

static bool set_item(PyObject *dict, PyObject *key, PyObject *value)
{
    bool fine = value && PyDict_SetItem(dict, key, value) == 0;
    Py_XDECREF(value);
    return fine;
}

static PyObject *make_dict(const struct reader *self, const struct item *item)
{
    char timestamp[48];
    PyObject *text = text_of(self, item); // first: what comes next may let other threads fetch
    PyObject *dict = text ? PyDict_New() : NULL;
    format_timestamp(item->record.written, timestamp);
    bool fine = dict &&
                set_item(dict, self->key_id, PyLong_FromUnsignedLongLong(item->record.id)) &&
                set_item(dict, self->key_timestamp, PyUnicode_FromString(timestamp));
    if (!fine)
        Py_XDECREF(text);
    if (fine && set_item(dict, self->key_data, text))
        return dict;
    Py_XDECREF(dict);
    return NULL;
}

static PyObject *make_record(struct reader *self, const struct item *item)
{
    if (!self->make_record)
        return make_dict(self, item);
    PyObject *text = Py_None;
    if (self->form.has_text)
        text = text_of(self, item);
    else
        Py_INCREF(text);
    const evx_record *record = &item->record;
    return text ? PyObject_CallFunction(
                      self->make_record, "OKKKKN", (PyObject *)self, (unsigned long long)record->id,
                      (unsigned long long)record->written, (unsigned long long)record->chunk,
                      (unsigned long long)record->offset, text)
                : NULL;
}

// Fetches more. False with an exception set, or without at the end.
static bool refill(struct reader *self)
{
    if (!self->failed && !self->is_over) {
        if (PyErr_CheckSignals() < 0)
            return false;
        Py_BEGIN_ALLOW_THREADS fetch(self);
        Py_END_ALLOW_THREADS if (input_has_raised(&self->input))
        {
            self->is_over = true;
            return false;
        }
        return true;
    }
    if (self->failed) {
        self->failed = false;
        self->is_over = true;
        error_raise(self->make_error, &self->failure);
    }
    return false;
}

static PyObject *reader_next(PyObject *object)
{
    struct reader *self = (struct reader *)object;
    PyObject *result = NULL;
    // The usual way: nobody is reading, so nothing changes what has been fetched while we hold the
    // GIL.
    const size_t next = self->fetched.next;
    if (self->owner == 0 && next < self->fetched.count && self->fetched.items[next].damage < 0) {
        const struct item item = self->fetched.items[next];
        self->fetched.next++;
        return make_record(self, &item);
    }
    if (!enter(self))
        return NULL;
    while (!result) {
        if (self->fetched.next == self->fetched.count) {
            if (!refill(self))
                break;
            continue;
        }
        const struct item item = self->fetched.items[self->fetched.next++];
        if (item.damage < 0) {
            result = make_record(self, &item);
            break;
        }
        // The callable may use the reader: it gets it without the lock.
        const evx_error damage = self->fetched.damages[item.damage];
        leave(self);
        if ((self->on_damage && !error_tell(self->make_error, self->on_damage, &damage)) ||
            !enter(self))
            return NULL;
    }
    leave(self);
    return result;
}

// ---------------------------------------------------------------------------------------------------
// Methods.

static bool read_form(evx_render_options *options, int format, int compact, int separate,
                      int dialect)
{
    if (format != EVX_FORMAT_XML && format != EVX_FORMAT_JSONL) {
        PyErr_SetString(PyExc_ValueError, "unknown format");
        return false;
    }
    *options = (evx_render_options){
        .size = sizeof *options,
        .format = (evx_format)format,
        .compact = compact,
        .hide_record_numbers = 1,
        .separate_attributes = separate,
        .dialect = (evx_dialect)dialect,
    };
    return true;
}

static PyObject *reader_set_form(PyObject *object, PyObject *arguments)
{
    struct reader *self = (struct reader *)object;
    int format, compact, separate, dialect;
    if (!PyArg_ParseTuple(arguments, "iiii", &format, &compact, &separate, &dialect) ||
        !enter(self))
        return NULL;
    bool fine = read_form(&self->form.options, format, compact, separate, dialect);
    self->form.has_text = fine;
    leave(self);
    if (!fine)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *reader_render(PyObject *object, PyObject *arguments)
{
    struct reader *self = (struct reader *)object;
    unsigned long long chunk, offset;
    int format, compact, separate, dialect;
    evx_render_options options;
    if (!PyArg_ParseTuple(arguments, "KKiiii", &chunk, &offset, &format, &compact, &separate,
                          &dialect) ||
        !read_form(&options, format, compact, separate, dialect) || !enter(self))
        return NULL;
    const char *text;
    size_t size;
    evx_error error = {0};
    evx_status status;
    Py_BEGIN_ALLOW_THREADS status = lookup_render(&self->lookup, self->engine, &self->input, chunk,
                                                  offset, &options, &text, &size, &error);
    Py_END_ALLOW_THREADS PyObject *result = NULL;
    error.status = status;
    if (input_has_raised(&self->input))
        lookup_close(&self->lookup);
    else if (status == EVX_OK || status == EVX_VALUE_REFUSED || status == EVX_NOTE)
        result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)text_size(&options, text, size),
                                      "surrogatepass");
    else if (status == EVX_END)
        PyErr_SetString(PyExc_LookupError, "the record is not there any more");
    else
        error_raise(self->make_error, &error);
    leave(self);
    return result;
}

static void release(struct reader *self)
{
    lookup_close(&self->lookup);
    evx_close(&self->reader);
    evx_query_destroy(&self->query);
    evx_engine_destroy(&self->engine);
    evx_pack_close(&self->pack);
    fetched_free(&self->fetched);
    input_clear(&self->input);
}

static PyObject *reader_close(PyObject *object, PyObject *unused)
{
    struct reader *self = (struct reader *)object;
    (void)unused;
    if (self->reader) {
        if (!enter(self))
            return NULL;
        release(self);
        self->is_over = true;
        leave(self);
    }
    Py_RETURN_NONE;
}

static PyObject *reader_file_info(PyObject *object, PyObject *unused)
{
    struct reader *self = (struct reader *)object;
    evx_file_info info;
    (void)unused;
    if (!enter(self))
        return NULL;
    evx_get_file_info(self->reader, &info);
    leave(self);
    return Py_BuildValue(
        "{sKsKsKsKsIsIsIsOsO}", "size", (unsigned long long)info.size_bytes, "first_chunk",
        (unsigned long long)info.first_chunk, "last_chunk", (unsigned long long)info.last_chunk,
        "next_record_id", (unsigned long long)info.next_record_id, "major_version",
        (unsigned)info.major_version, "minor_version", (unsigned)info.minor_version, "chunk_count",
        (unsigned)info.chunk_count, "is_dirty", info.flags & EVX_FLAG_DIRTY ? Py_True : Py_False,
        "is_full", info.flags & EVX_FLAG_FULL ? Py_True : Py_False);
}

// The warnings of the query, as texts.
static PyObject *reader_query_warnings(PyObject *object, PyObject *unused)
{
    struct reader *self = (struct reader *)object;
    PyObject *list = PyList_New(0);
    evx_error warning;
    (void)unused;
    for (size_t i = 0;
         list && self->query && evx_query_get_warning(self->query, i, &warning) == EVX_OK; i++) {
        PyObject *text =
            PyUnicode_DecodeUTF8(warning.cause[0], (Py_ssize_t)strlen(warning.cause[0]), "replace");
        if (!text || PyList_Append(list, text) < 0)
            Py_CLEAR(list);
        Py_XDECREF(text);
    }
    return list;
}

// ---------------------------------------------------------------------------------------------------
// Life.

static PyObject *not_none(PyObject *object)
{
    if (object == Py_None)
        return NULL;
    Py_INCREF(object);
    return object;
}

static bool copy_name(struct reader *self, const char *name)
{
    if (!name)
        return true;
    size_t size = strlen(name) + 1;
    self->file_name = malloc(size);
    if (self->file_name)
        memcpy(self->file_name, name, size);
    else
        PyErr_NoMemory();
    return self->file_name != NULL;
}

static bool open_engine(struct reader *self, const char *codec, const char *pack)
{
    const evx_engine_options options = {.size = sizeof options, .ansi_codec = codec};
    evx_error error = {0};
    evx_status status = evx_engine_create(&options, &self->engine, &error);
    if (status == EVX_OK && pack)
        status = evx_pack_open_wevtcache(pack, &self->pack, &error);
    if (status == EVX_OK && pack)
        status = evx_engine_use_pack(self->engine, self->pack, &error);
    if (status != EVX_OK) {
        error.status = status;
        error_raise(self->make_error, &error);
    }
    return status == EVX_OK;
}

static bool open_input(struct reader *self)
{
    const evx_input input = input_for_library(&self->input);
    evx_error error = {0};
    evx_status status;
    Py_BEGIN_ALLOW_THREADS status = evx_open_input(self->engine, &input, &self->reader, &error);
    Py_END_ALLOW_THREADS if (input_has_raised(&self->input)) return false;
    if (status == EVX_OK)
        return true;
    error.status = status;
    error_raise(self->make_error, &error);
    return false;
}

static bool make_keys(struct reader *self)
{
    self->key_id = PyUnicode_InternFromString("event_record_id");
    self->key_timestamp = PyUnicode_InternFromString("timestamp");
    self->key_data = PyUnicode_InternFromString("data");
    return self->key_id && self->key_timestamp && self->key_data;
}

static int reader_init(PyObject *object, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"path",       "data", "file",        "name",       "ansi_codec",
                            "conditions", "form", "make_record", "make_error", "on_damage",
                            "checks",     "pack", NULL};
    struct reader *self = (struct reader *)object;
    PyObject *path, *data, *file, *conditions, *form, *maker, *make_error, *on_damage;
    const char *name, *codec, *pack_path = NULL;
    PyObject *pack = Py_None;
    int checks = 0, format, compact, separate, dialect;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOOzzOOOOO|pO", names, &path, &data,
                                     &file, &name, &codec, &conditions, &form, &maker, &make_error,
                                     &on_damage, &checks, &pack))
        return -1;
    if (pack != Py_None && !(pack_path = PyBytes_AsString(pack)))
        return -1;
    if (self->lock) {
        PyErr_SetString(PyExc_RuntimeError, "the reader is already open");
        return -1;
    }
    self->lock = PyThread_allocate_lock();
    if (!self->lock) {
        PyErr_NoMemory();
        return -1;
    }
    self->make_record = not_none(maker);
    Py_INCREF(make_error);
    self->make_error = make_error;
    self->on_damage = not_none(on_damage);
    self->checks = checks != 0;
    self->checked = EVX_NONE;
    self->form.has_text = form != Py_None;
    if (self->form.has_text &&
        (!PyArg_ParseTuple(form, "iiii", &format, &compact, &separate, &dialect) ||
         !read_form(&self->form.options, format, compact, separate, dialect)))
        return -1;
    bool fine = make_keys(self) && copy_name(self, name) && open_engine(self, codec, pack_path) &&
                query_compile(self->engine, conditions, make_error, &self->query) &&
                input_open(&self->input, path, data, file) && open_input(self);
    return fine ? 0 : -1;
}

static PyObject *reader_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    (void)arguments, (void)keywords;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct reader *self = (struct reader *)allocate(type, 0);
    if (self)
        self->input.fd = -1; // the rest is zeros
    return (PyObject *)self;
}

static int reader_traverse(PyObject *object, visitproc visit, void *arg)
{
    struct reader *self = (struct reader *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->input.file);
    Py_VISIT(self->make_record);
    Py_VISIT(self->make_error);
    Py_VISIT(self->on_damage);
    return 0;
}

static int reader_clear(PyObject *object)
{
    struct reader *self = (struct reader *)object;
    Py_CLEAR(self->make_record);
    Py_CLEAR(self->make_error);
    Py_CLEAR(self->on_damage);
    return 0;
}

static void reader_dealloc(PyObject *object)
{
    struct reader *self = (struct reader *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    reader_clear(object);
    release(self);
    free(self->file_name);
    Py_XDECREF(self->key_id);
    Py_XDECREF(self->key_timestamp);
    Py_XDECREF(self->key_data);
    if (self->lock)
        PyThread_free_lock(self->lock);
    freefunc deallocate = (freefunc)PyType_GetSlot(type, Py_tp_free);
    deallocate(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"set_form", reader_set_form, METH_VARARGS,
     "set_form(format, compact, separate, dialect): of the records to come"},
    {"render", reader_render, METH_VARARGS,
     "render(chunk, offset, format, compact, separate, dialect) -> str: a record again"},
    {"close", reader_close, METH_NOARGS, "close(): release the file and the memory"},
    {"file_info", reader_file_info, METH_NOARGS, "file_info() -> dict: the file header"},
    {"query_warnings", reader_query_warnings, METH_NOARGS, "query_warnings() -> list of str"},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "An iterator over the records of one log."},
    {Py_tp_new, reader_new},
    {Py_tp_init, reader_init},
    {Py_tp_dealloc, reader_dealloc},
    {Py_tp_traverse, reader_traverse},
    {Py_tp_clear, reader_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, reader_next},
    {Py_tp_methods, methods},
    {0},
};

PyType_Spec reader_spec = {
    .name = "evx._evx.Reader",
    .basicsize = sizeof(struct reader),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
