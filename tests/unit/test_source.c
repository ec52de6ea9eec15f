// SPDX-License-Identifier: MIT
// Guards against inputs that give other bytes than they hold: reads at and behind the end, bases that are
// not 0, pipes that are read in order or spooled, and against openings that leave descriptors behind.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/memory.h"
#include "bytes/source.h"
#include "meter.h"
#include "runs.h"
#include "system/file.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { SIZE = 300000 };

static uint8_t content[SIZE];
static uint8_t buffer[SIZE];
static struct memory memory;

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN); // writers outlive what they write to
    memory_init(&memory, NULL);
    for (uint32_t i = 0; i < SIZE; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 24);
    return 0;
}

static int free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY);
    close(fd);
    return fd;
}

static void assert_reads(struct source *source, const uint8_t *expected, size_t size)
{
    static const struct {
        uint64_t offset;
        size_t size;
    } reads[] = {{0, 1}, {0, SIZE}, {4096, 512}, {100, SIZE}, {SIZE - 1, 1}, {SIZE - 1, 2}, {SIZE, 1},
                 {SIZE + 5, 10}, {UINT64_C(1) << 40, 10}, {65536, 65536}};
    assert_int_equal(source->size, size);
    for (size_t i = 0; i < COUNT(reads); i++) {
        uint64_t offset = reads[i].offset;
        size_t left = offset < size ? size - (size_t)offset : 0;
        size_t n = reads[i].size < left ? reads[i].size : left;
        assert_int_equal(source_read(source, buffer, reads[i].size, offset), n);
        if (n > 0)
            assert_memory_equal(buffer, expected + offset, n);
    }
}

static void test_memory(void **state)
{
    (void)state;
    struct source *source;
    assert_int_equal(source_open_memory(&memory, content, SIZE, &source), 0);
    assert_reads(source, content, SIZE);
    source_close(source);
    assert_int_equal(source_open_memory(&memory, NULL, 0, &source), 0);
    assert_int_equal(source_read(source, buffer, 10, 0), 0);
    source_close(source);
    source_close(NULL);
}

// A callback that gives a part of what it is asked for, as it should at the end only.
static int64_t read_pieces(void *context, void *to, size_t size, uint64_t offset)
{
    size_t left = offset < SIZE ? SIZE - (size_t)offset : 0, piece = *(const size_t *)context;
    size = size < left ? size : left;
    size = size < piece ? size : piece;
    memcpy(to, content + SIZE - left, size);
    return (int64_t)size;
}

static int64_t whole_size(void *context)
{
    (void)context;
    return SIZE;
}

static void test_callbacks(void **state)
{
    (void)state;
    static const size_t pieces[] = {SIZE, 4096, 1000};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        const evx_input input = {read_pieces, whole_size, (void *)&pieces[i]};
        struct source *source;
        assert_int_equal(source_open_input(&memory, &input, &source), 0);
        assert_reads(source, content, SIZE);
        source_close(source);
    }
}

static void test_file_with_a_base(void **state)
{
    (void)state;
    static const uint64_t bases[] = {0, 1, 4096, SIZE, SIZE + 10};
    int before = free_descriptor();
    for (size_t i = 0; i < COUNT(bases); i++) {
        struct source *source;
        size_t skipped = bases[i] < SIZE ? (size_t)bases[i] : SIZE;
        assert_int_equal(source_open_file(&memory, run_file(content, SIZE), bases[i], &source), 0);
        if (bases[i] == 0)
            assert_reads(source, content, SIZE);
        assert_int_equal(source->size, SIZE - skipped);
        assert_int_equal(source_read(source, buffer, SIZE, 0), SIZE - skipped);
        assert_memory_equal(buffer, content + skipped, SIZE - skipped);
        source_close(source);
    }
    assert_int_equal(free_descriptor(), before);
}

struct pipe_input {
    struct source *source;
    pthread_t thread;
    struct run_writer writer;
};

static void open_pipe(struct pipe_input *input, size_t size, size_t piece)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    input->writer = (struct run_writer){content, size, piece, ends[1]};
    assert_int_equal(pthread_create(&input->thread, NULL, run_writer_main, &input->writer), 0);
    assert_int_equal(source_open_stream(&memory, ends[0], &input->source), 0);
    assert_true(input->source->sequential);
    assert_int_equal(input->source->size, EVX_NONE);
}

static void close_pipe(struct pipe_input *input)
{
    source_close(input->source);
    pthread_join(input->thread, NULL);
}

// A hole is one only where nothing at all was written, and only while the file reaches over it.
static void test_holes(void **state)
{
    (void)state;
    enum { HOLE = 65536 };
    int fd = run_file(content, 4096);
    struct source *source;
    assert_int_equal(ftruncate(fd, 4096 + 3 * HOLE), 0);
    assert_int_equal(pwrite(fd, "x", 1, 4096 + 2 * HOLE - 1), 1);
    assert_int_equal(source_open_file(&memory, fd, 4096, &source), 0);
    if (source->is_hole && lseek(fd, 4096, SEEK_DATA) > 4096) { // the system knows holes
        assert_true(source->is_hole(source, 0, HOLE));
        assert_false(source->is_hole(source, HOLE, HOLE));
        assert_true(source->is_hole(source, 2 * HOLE, HOLE));
        assert_int_equal(ftruncate(fd, 4096 + 3 * HOLE - 1), 0);
        assert_false(source->is_hole(source, 2 * HOLE, HOLE));
        assert_int_equal(ftruncate(fd, 4096 + 2 * HOLE), 0);
        assert_false(source->is_hole(source, 2 * HOLE, HOLE));
    }
    source_close(source);
}

static void test_stream_in_order(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 100, 4095, 65536};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct pipe_input input;
        open_pipe(&input, SIZE, pieces[i]);
        // As the reader does: the header block, the first slot's header, it all again, the rest.
        assert_int_equal(source_read(input.source, buffer, 4096, 0), 4096);
        assert_memory_equal(buffer, content, 4096);
        assert_int_equal(source_read(input.source, buffer, 512, 4096), 512);
        assert_memory_equal(buffer, content + 4096, 512);
        uint64_t offset = 4096;
        for (;;) {
            int64_t n = source_read(input.source, buffer, 65536, offset);
            assert_true(n >= 0);
            assert_memory_equal(buffer, content + offset, (size_t)n);
            offset += (uint64_t)n;
            if (n < 65536)
                break;
        }
        assert_int_equal(offset, SIZE);
        assert_int_equal(input.source->size, SIZE);
        assert_int_equal(source_read(input.source, buffer, 10, 70000), -1); // no way back
        assert_int_equal(errno, ESPIPE);
        close_pipe(&input);
    }
}

static void test_stream_spooled(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4095, 4096, 4300, 4608, 4609, 70000, SIZE};
    int before = free_descriptor();
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (int looks = 0; looks < 3; looks++) {
            struct pipe_input input;
            open_pipe(&input, sizes[i], 1000);
            if (looks > 0)
                source_read(input.source, buffer, 4096, 0);
            if (looks > 1)
                source_read(input.source, buffer, 512, 4096);
            assert_int_equal(source_stream_spool(input.source, file_open_temporary()), 0);
            assert_false(input.source->sequential);
            if (sizes[i] == SIZE)
                assert_reads(input.source, content, SIZE);
            assert_int_equal(input.source->size, sizes[i]);
            assert_int_equal(source_read(input.source, buffer, SIZE, 0), sizes[i]);
            assert_memory_equal(buffer, content, sizes[i]);
            close_pipe(&input);
        }
    }
    assert_int_equal(free_descriptor(), before);
}

static void test_interrupted_stream(void **state)
{
    (void)state;
    int ends[2];
    struct source *source;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(source_open_stream(&memory, ends[0], &source), 0);
    assert_int_equal(write(ends[1], content, 5000), 5000);
    assert_int_equal(source_read(source, buffer, 4096, 0), 4096);
    source_stream_interrupt(source);
    assert_int_equal(source_read(source, buffer, 512, 4096), -1);
    assert_int_equal(errno, ECANCELED);
    assert_int_equal(source_read(source, buffer, 4096, 0), 4096); // what was taken is still there
    source_close(source);
    close(ends[1]);
}

static void test_unreadable_descriptors(void **state)
{
    (void)state;
    struct source *source;
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(source_open_stream(&memory, directory, &source), 0);
    assert_int_equal(source_read(source, buffer, 10, 0), -1);
    assert_int_equal(errno, EISDIR);
    int spool_fd = file_open_temporary();
    assert_int_equal(source_stream_spool(source, spool_fd), EISDIR);
    close(spool_fd);
    source_close(source);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(source_open_file(&memory, ends[0], 0, &source), ESPIPE);
    close(ends[0]);
    close(ends[1]);
}

static void test_spool_without_a_folder(void **state)
{
    (void)state;
    const char *old = getenv("TMPDIR");
    char *kept = old ? strdup(old) : NULL;
    setenv("TMPDIR", "/nowhere/at/all", 1);
    assert_int_equal(file_open_temporary(), -1);
    assert_int_equal(errno, ENOENT);
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
}

// ---------------------------------------------------------------------------------- through the interface

struct opened {
    evx_status status;
    evx_error error;
    evx_file_info info;
};

static struct opened open_path(const char *path)
{
    struct opened opened = {0};
    evx_engine *engine;
    evx_reader *reader = NULL;
    assert_int_equal(evx_engine_create(NULL, &engine, &opened.error), EVX_OK);
    opened.status = evx_open_file(engine, path, &reader, &opened.error);
    if (opened.status == EVX_OK)
        evx_get_file_info(reader, &opened.info);
    evx_close(&reader);
    evx_engine_destroy(&engine);
    return opened;
}

static void assert_causes(const struct opened *opened, evx_status status, const char *const *causes)
{
    assert_int_equal(opened->status, status);
    unsigned count = 0;
    for (; causes[count]; count++)
        assert_string_equal(opened->error.cause[count], causes[count]);
    assert_int_equal(opened->error.cause_count, count);
}

// A file that has a path but no folder.
static struct opened open_bytes(const void *bytes, size_t size)
{
    char path[40];
    int fd = run_file(bytes, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct opened opened = open_path(path);
    close(fd);
    return opened;
}

static void test_open_errors(void **state)
{
    (void)state;
    const char *stream = "An error occurred while trying to deserialize evtx stream.";
    const char *cut = "failed to read EVTX file header block: failed to fill whole buffer";
    int before = free_descriptor();
    struct opened opened = open_path("no/such/file");
    assert_causes(&opened, EVX_ERR_IO,
                  (const char *const[]){"An error occurred while trying to read input.",
                                        "Failed to open file no/such/file",
                                        "No such file or directory (os error 2)", NULL});
    assert_int_equal(opened.error.system_errno, ENOENT);
    opened = open_path("/");
    assert_causes(&opened, EVX_ERR_IO,
                  (const char *const[]){stream, "failed to read EVTX file header block: Is a directory "
                                                "(os error 21)", NULL});
    opened = open_bytes("", 0);
    assert_causes(&opened, EVX_ERR_NOT_EVTX, (const char *const[]){stream, cut, NULL});
    opened = open_bytes(content, 4095);
    assert_causes(&opened, EVX_ERR_NOT_EVTX, (const char *const[]){stream, cut, NULL});
    static uint8_t block[FILE_HEADER_BLOCK_BYTES] = "NotEvtx";
    opened = open_bytes(block, sizeof block);
    assert_causes(&opened, EVX_ERR_NOT_EVTX,
                  (const char *const[]){stream, "Invalid EVTX file header magic, expected `ElfFile0`, "
                                                "found `[4E, 6F, 74, 45, 76, 74, 78,  0]`", NULL});
    // A FIFO that nobody writes must not hang the open.
    const char *path = "evx-test-fifo"; // in the folder of the build
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    opened = open_path(path);
    unlink(path);
    assert_causes(&opened, EVX_ERR_IO,
                  (const char *const[]){"An IO error occured.", "Illegal seek (os error 29)", NULL});
    assert_int_equal(free_descriptor(), before);
}

static void test_block_size_beyond_the_file(void **state)
{
    (void)state;
    struct log log = log_make("1");
    log_put(log.bytes + FILE_BLOCK_SIZE_OFFSET, 2, 65535);
    evx_convert_options options = {.size = sizeof options};
    for (enum run_input input = RUN_MEMORY; input < RUN_INPUTS; input++) {
        struct run run = run_convert(log.bytes, FILE_HEADER_BLOCK_BYTES, input, &options);
        assert_int_equal(run.status, EVX_ERR_NOT_EVTX);
        run_free(&run);
    }
    log_free(&log);
}

// A descriptor belongs to the reader after a successful open, else to the caller; its offset is where the
// log begins.
static void test_descriptors(void **state)
{
    (void)state;
    struct log log = log_make("1 2|3");
    evx_engine *engine;
    evx_reader *reader = NULL;
    evx_error error;
    assert_int_equal(evx_engine_create(NULL, &engine, &error), EVX_OK);
    int fd = run_file(content, 5000);
    assert_int_equal(evx_open_fd(engine, fd, &reader, &error), EVX_ERR_NOT_EVTX);
    assert_int_equal(lseek(fd, 0, SEEK_END), 5000); // still open
    assert_int_equal(write(fd, log.bytes, log.size), log.size);
    assert_int_equal(lseek(fd, 5000, SEEK_SET), 5000);
    assert_int_equal(evx_open_fd(engine, fd, &reader, &error), EVX_OK);
    assert_int_equal(fcntl(fd, F_GETFD), -1); // taken
    evx_record record;
    for (uint64_t id = 1; id <= 3; id++) {
        assert_int_equal(evx_next(reader, &record, &error), EVX_OK);
        assert_int_equal(record.id, id);
    }
    assert_int_equal(evx_next(reader, &record, &error), EVX_END);
    evx_close(&reader);
    assert_int_equal(evx_open_fd(engine, -1, &reader, &error), EVX_ERR_IO);
    evx_engine_destroy(&engine);
    log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_callbacks),
        cmocka_unit_test(test_file_with_a_base),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_stream_in_order),
        cmocka_unit_test(test_stream_spooled),
        cmocka_unit_test(test_interrupted_stream),
        cmocka_unit_test(test_unreadable_descriptors),
        cmocka_unit_test(test_spool_without_a_folder),
        cmocka_unit_test(test_open_errors),
        cmocka_unit_test(test_block_size_beyond_the_file),
        cmocka_unit_test(test_descriptors),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
