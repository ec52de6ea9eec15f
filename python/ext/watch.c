// SPDX-License-Identifier: MIT
#include "table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

// Reports that are kept; the rest is counted.
enum { REPORTS_MAX = 10000, TEXT_BYTES = 400 };

struct conversion {
    char column[128], type[64];
    evx_table_conversion info;
};

// Shared by a stream and a Python object; whoever is last frees it. Without the GIL it can be used,
// too.
struct watch {
    atomic_int holders;
    pthread_mutex_t mutex; // of all below but `raised`
    evx_error *reports;
    size_t count, capacity, taken;
    uint64_t seen;
    evx_table_totals totals;
    struct conversion *conversions;
    size_t conversion_count;
    bool ends_at_damage;
    char text[TEXT_BYTES];            // of what was raised
    PyObject *make_error, *on_damage; // on_damage may be NULL
};

struct watch_object {
    PyObject_HEAD struct watch *watch;
};

struct watch *watch_of(PyObject *object)
{
    return ((struct watch_object *)object)->watch;
}

void watch_hold(struct watch *watch)
{
    atomic_fetch_add(&watch->holders, 1);
}

// With the GIL.
static int destroy(void *context)
{
    struct watch *watch = context;
    Py_XDECREF(watch->make_error);
    Py_XDECREF(watch->on_damage);
    pthread_mutex_destroy(&watch->mutex);
    free(watch->reports);
    free(watch->conversions);
    free(watch);
    return 0;
}

static bool is_last(struct watch *watch)
{
    return atomic_fetch_sub(&watch->holders, 1) == 1;
}

void watch_drop(struct watch *watch)
{
    if (is_last(watch))
        (void)Py_AddPendingCall(destroy, watch); // it stays where there are too many calls to come
}

static void drop_with_gil(struct watch *watch)
{
    if (is_last(watch))
        destroy(watch);
}

static bool keep(struct watch *watch, const evx_error *error)
{
    if (watch->count == watch->capacity) {
        size_t capacity = watch->capacity ? 2 * watch->capacity : 8;
        evx_error *moved = realloc(watch->reports, capacity * sizeof *moved);
        if (!moved)
            return false;
        watch->reports = moved;
        watch->capacity = capacity;
    }
    watch->reports[watch->count++] = *error;
    return true;
}

// Runs in Python's main thread, when that comes to it.
static int tell_later(void *context)
{
    struct watch *watch = context;
    const char *text;
    bool fine = watch_tell(watch, &text);
    drop_with_gil(watch);
    return fine ? 0 : -1;
}

int watch_report(void *context, const evx_error *error)
{
    struct watch *watch = context;
    pthread_mutex_lock(&watch->mutex);
    watch->seen++;
    bool was_empty = watch->taken == watch->count;
    bool kept = watch->count < REPORTS_MAX && keep(watch, error);
    bool ends = watch->ends_at_damage && error->status < 0;
    bool wanted = kept && was_empty && watch->on_damage && !ends;
    pthread_mutex_unlock(&watch->mutex);
    if (wanted) {
        watch_hold(watch);
        if (Py_AddPendingCall(tell_later, watch) != 0)
            watch_drop(watch); // there are too many: whoever comes next tells of it
    }
    return ends;
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t length = from ? strlen(from) : 0;
    if (length >= size)
        length = size - 1;
    memcpy(to, from ? from : "", length);
    to[length] = 0;
}

static void note_conversions(struct watch *watch, const struct ArrowArrayStream *stream)
{
    free(watch->conversions);
    watch->conversions = NULL;
    watch->conversion_count = 0;
    for (size_t i = 0;; i++) {
        evx_table_conversion info = {.size = sizeof info};
        if (evx_table_conversions(stream, i, &info) != EVX_OK)
            return;
        if (info.count == 0)
            continue;
        struct conversion *moved =
            realloc(watch->conversions, (watch->conversion_count + 1) * sizeof *moved);
        if (!moved)
            return;
        watch->conversions = moved;
        struct conversion *own = &moved[watch->conversion_count++];
        own->info = info;
        copy_text(own->column, sizeof own->column, info.column);
        copy_text(own->type, sizeof own->type, info.type);
    }
}

void watch_note(struct watch *watch, const struct ArrowArrayStream *stream)
{
    evx_table_totals totals = {.size = sizeof totals};
    if (evx_table_result(stream, &totals) != EVX_OK)
        return;
    pthread_mutex_lock(&watch->mutex);
    if (totals.conversions != watch->totals.conversions)
        note_conversions(watch, stream);
    watch->totals = totals;
    pthread_mutex_unlock(&watch->mutex);
}

// The next report that nobody has taken. False: there is none.
static bool take(struct watch *watch, evx_error *ret_error)
{
    pthread_mutex_lock(&watch->mutex);
    bool any = watch->taken < watch->count;
    if (any)
        *ret_error = watch->reports[watch->taken++];
    pthread_mutex_unlock(&watch->mutex);
    return any;
}

// With the GIL. False with an exception set.
static bool tell_all(struct watch *watch)
{
    evx_error error;
    while (watch->on_damage && take(watch, &error)) {
        if (!error_tell(watch->make_error, watch->on_damage, &error))
            return false;
    }
    return true;
}

// The exception that is set, as a text.
static void keep_text(struct watch *watch)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Repr(value) : NULL;
    PyObject *bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "replace") : NULL;
    const char *chars = bytes ? PyBytes_AsString(bytes) : NULL;
    copy_text(watch->text, sizeof watch->text, chars ? chars : "an exception");
    Py_XDECREF(text);
    Py_XDECREF(bytes);
    PyErr_Restore(type, value, traceback);
}

bool watch_tell(struct watch *watch, const char **ret_text)
{
    bool fine = PyErr_CheckSignals() == 0 && tell_all(watch);
    if (!fine)
        keep_text(watch);
    *ret_text = watch->text;
    return fine;
}

// ---------------------------------------------------------------------------------------------------
// The Python object.

PyObject *watch_make(PyObject *type, PyObject *make_error, PyObject *on_damage, bool ends_at_damage)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot((PyTypeObject *)type, Py_tp_alloc);
    struct watch_object *self = (struct watch_object *)allocate((PyTypeObject *)type, 0);
    struct watch *watch = self ? calloc(1, sizeof *watch) : NULL;
    if (!watch) {
        Py_XDECREF((PyObject *)self);
        return PyErr_NoMemory();
    }
    watch->holders = 1;
    pthread_mutex_init(&watch->mutex, NULL);
    watch->ends_at_damage = ends_at_damage;
    Py_INCREF(make_error);
    watch->make_error = make_error;
    if (on_damage != Py_None) {
        Py_INCREF(on_damage);
        watch->on_damage = on_damage;
    }
    self->watch = watch;
    return (PyObject *)self;
}

static void dealloc(PyObject *object)
{
    struct watch *watch = watch_of(object);
    PyTypeObject *type = Py_TYPE(object);
    if (watch)
        drop_with_gil(watch);
    freefunc deallocate = (freefunc)PyType_GetSlot(type, Py_tp_free);
    deallocate(object);
    Py_DECREF(type);
}

// What the Python half makes errors of, each a tuple.
static PyObject *get_reports(PyObject *object, PyObject *unused)
{
    struct watch *watch = watch_of(object);
    PyObject *list = PyList_New(0);
    (void)unused;
    for (size_t i = 0; list; i++) {
        evx_error error;
        pthread_mutex_lock(&watch->mutex);
        bool any = i < watch->count;
        if (any)
            error = watch->reports[i];
        pthread_mutex_unlock(&watch->mutex);
        if (!any)
            break;
        PyObject *arguments = error_arguments(&error);
        if (!arguments || PyList_Append(list, arguments) < 0)
            Py_CLEAR(list);
        Py_XDECREF(arguments);
    }
    return list;
}

static PyObject *get_totals(PyObject *object, PyObject *unused)
{
    struct watch *watch = watch_of(object);
    (void)unused;
    pthread_mutex_lock(&watch->mutex);
    const evx_table_totals totals = watch->totals;
    const uint64_t seen = watch->seen;
    pthread_mutex_unlock(&watch->mutex);
    return Py_BuildValue("{sKsKsKsK}", "rows", (unsigned long long)totals.rows, "recovered",
                         (unsigned long long)totals.recovered, "reports", (unsigned long long)seen,
                         "conversions", (unsigned long long)totals.conversions);
}

// (column, count, type, input, chunk, record_id, offset) of each column with values that did not
// fit.
static PyObject *get_conversions(PyObject *object, PyObject *unused)
{
    struct watch *watch = watch_of(object);
    PyObject *list = PyList_New(0);
    (void)unused;
    for (size_t i = 0; list; i++) {
        struct conversion own;
        pthread_mutex_lock(&watch->mutex);
        bool any = i < watch->conversion_count;
        if (any)
            own = watch->conversions[i];
        pthread_mutex_unlock(&watch->mutex);
        if (!any)
            break;
        const evx_table_conversion *info = &own.info;
        PyObject *tuple =
            Py_BuildValue("(sKsIKKK)", own.column, (unsigned long long)info->count, own.type,
                          info->input, (unsigned long long)info->chunk,
                          (unsigned long long)info->record_id, (unsigned long long)info->offset);
        if (!tuple || PyList_Append(list, tuple) < 0)
            Py_CLEAR(list);
        Py_XDECREF(tuple);
    }
    return list;
}

static PyObject *tell(PyObject *object, PyObject *unused)
{
    (void)unused;
    if (!tell_all(watch_of(object)))
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"reports", get_reports, METH_NOARGS,
     "reports() -> list: what was reported, as arguments of Error"},
    {"totals", get_totals, METH_NOARGS, "totals() -> dict: what has come of the stream so far"},
    {"conversions", get_conversions, METH_NOARGS,
     "conversions() -> list: columns with values that did not fit"},
    {"tell", tell, METH_NOARGS, "tell(): calls on_damage for what is new"},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "What is known of one stream."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {0},
};

PyType_Spec watch_spec = {
    .name = "evx._evx.Watch",
    .basicsize = sizeof(struct watch_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};
