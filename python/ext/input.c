// SPDX-License-Identifier: MIT
#include "ext.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Signals are looked at after so many reads of the library, so that Ctrl-C ends what takes long.
enum { READS_PER_LOOK = 256 };

static int open_path(const char *path)
{
    int fd;
    Py_BEGIN_ALLOW_THREADS do fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR)
        ;
    Py_END_ALLOW_THREADS return fd;
}

bool input_open(struct input *input, PyObject *path, PyObject *bytes, PyObject *file)
{
    *input = (struct input){.fd = -1};
    if (path != Py_None) {
        const char *name = PyBytes_AsString(path);
        if (!name)
            return false;
        input->fd = open_path(name);
        if (input->fd < 0) {
            PyObject *text = PyUnicode_DecodeFSDefault(name);
            PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, text);
            Py_XDECREF(text);
            return false;
        }
        return true;
    }
    if (bytes != Py_None) {
        if (!PyBytes_Check(bytes)) {
            PyErr_SetString(PyExc_TypeError, "data must be bytes");
            return false;
        }
        Py_INCREF(bytes);
        input->bytes = bytes;
        return true;
    }
    Py_INCREF(file);
    input->file = file;
    return true;
}

void input_clear(struct input *input)
{
    if (input->fd >= 0)
        close(input->fd);
    input->fd = -1;
    Py_CLEAR(input->bytes);
    Py_CLEAR(input->file);
    Py_CLEAR(input->raised);
}

static int64_t read_fd(int fd, uint8_t *buffer, size_t size, uint64_t offset)
{
    size_t done = 0;
    if (offset > INT64_MAX)
        return 0;
    while (done < size) {
        ssize_t n = pread(fd, buffer + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (int64_t)done;
}

static int64_t read_bytes(PyObject *bytes, uint8_t *buffer, size_t size, uint64_t offset)
{
    // A bytes object that somebody holds never moves nor changes: no GIL is needed to read it.
    char *data;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(bytes, &data, &length) < 0)
        return -1;
    if (offset >= (uint64_t)length)
        return 0;
    if (size > (uint64_t)length - offset)
        size = (size_t)((uint64_t)length - offset);
    memcpy(buffer, data + offset, size);
    return (int64_t)size;
}

// One read() of the object, which may give less than was asked for. -1 with an exception set.
static Py_ssize_t read_piece(PyObject *file, uint8_t *buffer, size_t size)
{
    PyObject *piece = PyObject_CallMethod(file, "read", "n", (Py_ssize_t)size);
    char *data;
    Py_ssize_t length = -1;
    if (!piece)
        return -1;
    if (!PyBytes_Check(piece)) {
        PyErr_Format(PyExc_TypeError, "read() of a log must return bytes, not %R",
                     (PyObject *)Py_TYPE(piece));
    } else if (PyBytes_AsStringAndSize(piece, &data, &length) == 0) {
        if ((size_t)length > size)
            length = (Py_ssize_t)size;
        memcpy(buffer, data, (size_t)length);
    }
    Py_DECREF(piece);
    return length;
}

static int64_t read_object(PyObject *file, uint8_t *buffer, size_t size, uint64_t offset)
{
    PyObject *place = PyObject_CallMethod(file, "seek", "K", (unsigned long long)offset);
    if (!place)
        return -1;
    Py_DECREF(place);
    size_t done = 0;
    while (done < size) {
        Py_ssize_t n = read_piece(file, buffer + done, size - done);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (int64_t)done;
}

static int64_t size_of_object(PyObject *file)
{
    PyObject *end = PyObject_CallMethod(file, "seek", "ii", 0, 2);
    if (!end)
        return -1;
    long long size = PyLong_AsLongLong(end);
    Py_DECREF(end);
    return size;
}

// Keeps what has been raised for the caller of the library; -1 as the library wants it.
static int64_t keep_raised(struct input *input)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    Py_XDECREF(input->raised);
    input->raised = value;
    errno = EIO;
    return -1;
}

static bool is_interrupted(struct input *input)
{
    if (++input->reads % READS_PER_LOOK != 0)
        return false;
    PyGILState_STATE state = PyGILState_Ensure();
    bool interrupted = PyErr_CheckSignals() != 0;
    if (interrupted)
        keep_raised(input);
    PyGILState_Release(state);
    return interrupted;
}

int64_t input_read(void *context, void *buffer, size_t size, uint64_t offset)
{
    struct input *input = context;
    if (!input->file) {
        if (is_interrupted(input)) {
            errno = EIO;
            return -1;
        }
        return input->bytes ? read_bytes(input->bytes, buffer, size, offset)
                            : read_fd(input->fd, buffer, size, offset);
    }
    PyGILState_STATE state = PyGILState_Ensure();
    int64_t n = PyErr_CheckSignals() == 0 ? read_object(input->file, buffer, size, offset) : -1;
    if (n < 0)
        n = keep_raised(input);
    PyGILState_Release(state);
    errno = n < 0 ? EIO : errno;
    return n;
}

static int64_t get_size(void *context)
{
    struct input *input = context;
    struct stat st;
    if (input->fd >= 0)
        return fstat(input->fd, &st) == 0 ? (int64_t)st.st_size : -1;
    PyGILState_STATE state = PyGILState_Ensure();
    int64_t size = input->bytes ? (int64_t)PyBytes_Size(input->bytes) : size_of_object(input->file);
    if (size < 0)
        keep_raised(input);
    PyGILState_Release(state);
    errno = size < 0 ? EIO : errno;
    return size;
}

evx_input input_for_library(struct input *input)
{
    return (evx_input){.read = input_read, .get_size = get_size, .context = input};
}

bool input_has_raised(struct input *input)
{
    PyObject *raised = input->raised;
    if (!raised)
        return false;
    input->raised = NULL;
    PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
    Py_DECREF(raised);
    return true;
}
