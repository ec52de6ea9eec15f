// SPDX-License-Identifier: MIT
// Guards against numbers, GUIDs, SIDs, times and floats that differ from the reference's text:
// digits lost at a power of ten, a wrong day around leap years, a float that is not the shortest, a
// decimal comma from the process's locale. Expected texts are the reference's own; printf and
// gmtime_r serve as oracles for random values.
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "print/number.h"
#include "guard_page.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { ROOM = NUMBER_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES };

static struct guarded target;

static int set_up(void **state)
{
    (void)state;
    random_start();
    target = guarded_new(SID_TEXT_BYTES_MAX + NUMBER_SLACK_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    guarded_free(target);
    return 0;
}

// Where a text starts that has just the room it may need.
static uint8_t *place(void)
{
    return target.end - ROOM;
}

#define ASSERT_TEXT(call, text) assert_text(call, text, #call)

static void assert_text(const uint8_t *end, const char *text, const char *call)
{
    size_t size = (size_t)(end - place());
    if (size != strlen(text) || memcmp(place(), text, size) != 0)
        fail_msg("%s: \"%.*s\" instead of \"%s\"", call, (int)size, place(), text);
}

static uint64_t random_magnitude(void)
{
    return random_u64() >> random_below(64);
}

// ---- Integers and bytes -------------------------------------------------------------------------

static void check_integer(uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    ASSERT_TEXT(put_u64(place(), value), text);
    snprintf(text, sizeof text, "%" PRIu32, (uint32_t)value);
    ASSERT_TEXT(put_u32(place(), (uint32_t)value), text);
    snprintf(text, sizeof text, "%" PRId64, (int64_t)value);
    ASSERT_TEXT(put_i64(place(), (int64_t)value), text);
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    ASSERT_TEXT(put_hex(place(), value), text);
}

static void test_integers(void **state)
{
    (void)state;
    for (uint64_t value = 0; value < 200000; value++)
        check_integer(value);
    for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
        check_integer(10 * power - 1);
        check_integer(10 * power);
        check_integer(10 * power + 1);
    }
    for (int shift = 0; shift < 64; shift++) {
        check_integer((1ull << shift) - 1);
        check_integer(1ull << shift);
        check_integer(0 - (1ull << shift));
    }
    for (int i = 0; i < 300000; i++)
        check_integer(random_magnitude());
    ASSERT_TEXT(put_i64(place(), INT64_MIN), "-9223372036854775808");
    ASSERT_TEXT(put_u64(place(), UINT64_MAX), "18446744073709551615");
    ASSERT_TEXT(put_hex(place(), 0xDEADBEEF), "0xdeadbeef");
    ASSERT_TEXT(put_hex(place(), 0), "0x0");
}

static void test_guids(void **state)
{
    (void)state;
    struct guarded source = guarded_new(16);
    uint8_t *guid = source.end - 16;
    for (uint8_t i = 0; i < 16; i++)
        guid[i] = i;
    ASSERT_TEXT(put_guid(place(), guid), "{03020100-0504-0706-0809-0a0b0c0d0e0f}");
    for (int i = 0; i < 10000; i++) {
        char text[64];
        for (int k = 0; k < 16; k++)
            guid[k] = (uint8_t)random_u64();
        snprintf(text, sizeof text,
                 "{%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x}", guid[3],
                 guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6], guid[8], guid[9],
                 guid[10], guid[11], guid[12], guid[13], guid[14], guid[15]);
        ASSERT_TEXT(put_guid(place(), guid), text);
    }
    guarded_free(source);
}

static void test_hex_bytes(void **state)
{
    (void)state;
    struct guarded source = guarded_new(256);
    for (size_t size = 0; size <= 100; size++) {
        uint8_t *bytes = source.end - size;
        uint8_t *out = target.end - 2 * size - NUMBER_SLACK_BYTES;
        char text[201] = "";
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (uint8_t)random_u64();
            snprintf(text + 2 * i, 3, "%02X", bytes[i]);
        }
        assert_int_equal(put_hex_bytes(out, bytes, size) - out, 2 * size);
        assert_memory_equal(out, text, 2 * size);
    }
    guarded_free(source);
}

static void test_sids(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[16];
        const char *text;
    } sids[] = {
        {{1, 0, 0, 0, 0, 0, 0, 5}, "S-1-5"},
        {{1, 1, 0, 0, 0, 0, 0, 5, 18}, "S-1-5-18"},
        {{1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
         "S-1-281474976710655-4294967295"},
        {{255, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 21, 0, 0, 0}, "S-255-256-0-21"},
    };
    for (size_t i = 0; i < COUNT(sids); i++)
        ASSERT_TEXT(put_sid(place(), sids[i].bytes), sids[i].text);

    struct guarded source = guarded_new(8 + 4 * 255);
    uint8_t *sid = source.end - (8 + 4 * 255);
    memset(sid, 0xFF, 8 + 4 * 255);
    uint8_t *out = target.end - SID_TEXT_BYTES_MAX - NUMBER_SLACK_BYTES;
    uint8_t *end = put_sid(out, sid);
    assert_int_equal(end - out, strlen("S-255-281474976710655") + 255 * strlen("-4294967295"));
    assert_true(end - out <= SID_TEXT_BYTES_MAX);
    assert_memory_equal(end - 11, "-4294967295", 11);
    guarded_free(source);
}

// ---- Times --------------------------------------------------------------------------------------

static void check_filetime(uint64_t filetime)
{
    char text[64];
    time_t seconds = (time_t)(filetime / 10000000) - 11644473600;
    struct tm tm;
    assert_non_null(gmtime_r(&seconds, &tm));
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%07dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
             (int)(filetime % 10000000));
    ASSERT_TEXT(put_filetime(place(), filetime), text);
}

static void test_filetimes(void **state)
{
    (void)state;
    static const struct {
        uint64_t filetime;
        const char *text;
    } times[] = {
        {0, "1601-01-01T00:00:00.0000000Z"},
        {1, "1601-01-01T00:00:00.0000001Z"},
        {131124910916816408, "2016-07-08T22:38:11.6816408Z"},
        {2650467743999999999, "9999-12-31T23:59:59.9999999Z"},
        {2650467744000000000, "10000-01-01T00:00:00.0000000Z"},
        {0x7FFFFFFFFFFFFFFF, "30828-09-14T02:48:05.4775807Z"},
    };
    for (size_t i = 0; i < COUNT(times); i++)
        ASSERT_TEXT(put_filetime(place(), times[i].filetime), times[i].text);
    // Every day of 1601 to 2400: one whole cycle of leap years and more.
    for (uint64_t day = 0; day < 292200; day++)
        check_filetime(day * 864000000000 + day);
    for (int i = 0; i < 300000; i++)
        check_filetime(random_magnitude() >> 1);
}

static void test_systemtimes(void **state)
{
    (void)state;
    static const struct {
        uint16_t fields[8]; // year, month, day of the week, day, hour, minute, second, ms
        const char *text;
    } times[] = {
        {{2016, 7, 5, 8, 18, 12, 51, 789}, "2016-07-08T18:12:51.7890000Z"},
        {{2016, 7, 999, 8, 18, 12, 51, 789}, "2016-07-08T18:12:51.7890000Z"},
        {{12345, 1, 0, 1, 0, 0, 0, 0}, "12345-01-01T00:00:00.0000000Z"},
        {{1601, 1, 0, 1, 0, 0, 0, 1}, "1601-01-01T00:00:00.0010000Z"},
        {{30827, 12, 0, 31, 23, 59, 59, 999}, "30827-12-31T23:59:59.9990000Z"},
        {{2000, 2, 0, 29, 0, 0, 0, 0}, "2000-02-29T00:00:00.0000000Z"},
        {{2024, 2, 0, 29, 0, 0, 0, 0}, "2024-02-29T00:00:00.0000000Z"},
    };
    for (size_t i = 0; i < COUNT(times); i++) {
        uint8_t st[16];
        memcpy(st, times[i].fields, sizeof st);
        ASSERT_TEXT(put_systemtime(place(), st), times[i].text);
    }
}

// ---- Floats -------------------------------------------------------------------------------------

static const struct {
    double value;
    const char *text;
} doubles[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {-1.5, "-1.5"},
    {100.0, "100.0"},
    {0.1, "0.1"},
    {123.456, "123.456"},
    {0.00001, "0.00001"},
    {0.000015, "0.000015"},
    {9.99e-6, "9.99e-6"},
    {1e-6, "1e-6"},
    {1000000000000000.0, "1000000000000000.0"},
    {9999999999999998.0, "9999999999999998.0"},
    {1e16, "1e+16"},
    {1.5e16, "1.5e+16"},
    {9007199254740992.0, "9007199254740992.0"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {2.225073858507201e-308, "2.225073858507201e-308"},
    {1e23, "1e+23"},
    {0x1p-44, "5.684341886080802e-14"}, // 16 digits, though not the nearest 16
    {INFINITY, "inf"},
    {-INFINITY, "-inf"},
    {NAN, "NaN"},
    {-NAN, "NaN"},
};

static const struct {
    float value;
    const char *text;
} floats[] = {
    {0.0f, "0.0"},
    {-0.0f, "-0.0"},
    {0.1f, "0.1"},
    {0.33333334f, "0.33333334"},
    {16777216.0f, "16777216.0"},
    {123456789.0f, "123456790.0"},
    {1e12f, "1000000000000.0"},
    {1e13f, "1e+13"},
    {0.000001f, "0.000001"},
    {0.00000999f, "0.00000999"},
    {1e-7f, "1e-7"},
    {3.4028235e38f, "3.4028235e+38"},
    {1e-45f, "1e-45"},
    {1.1754944e-38f, "1.1754944e-38"},
    {4.5035996e15f, "4.5035996e+15"},
    {-INFINITY, "-inf"},
    {NAN, "NaN"},
};

static void check_float_table(void)
{
    for (size_t i = 0; i < COUNT(doubles); i++)
        ASSERT_TEXT(put_f64(place(), doubles[i].value), doubles[i].text);
    for (size_t i = 0; i < COUNT(floats); i++)
        ASSERT_TEXT(put_f32(place(), floats[i].value), floats[i].text);
}

static void test_floats(void **state)
{
    (void)state;
    check_float_table();
}

// Digits of a text without leading and trailing zeros.
static int significant_digits(const char *text)
{
    int digits = 0;
    int zeros = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text >= '1' && *text <= '9') {
            digits += zeros + 1;
            zeros = 0;
        } else if (*text == '0' && digits != 0) {
            zeros++;
        }
    }
    return digits;
}

// Reads back as the value, and no printf of fewer digits does.
static void check_double(double value)
{
    char text[ROOM];
    uint8_t *end = put_f64(place(), value);
    memcpy(text, place(), (size_t)(end - place()));
    text[end - place()] = '\0';
    if (strtod(text, NULL) != value)
        fail_msg("%a is printed as %s", value, text);
    char shorter[ROOM];
    int digits = significant_digits(text);
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
    if (digits >= 2 && strtod(shorter, NULL) == value)
        fail_msg("%s would have done for %s", shorter, text);
}

static void check_float(float value)
{
    char text[ROOM];
    uint8_t *end = put_f32(place(), value);
    memcpy(text, place(), (size_t)(end - place()));
    text[end - place()] = '\0';
    if (strtof(text, NULL) != value)
        fail_msg("%a is printed as %s", (double)value, text);
    char shorter[ROOM];
    int digits = significant_digits(text);
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, (double)value);
    if (digits >= 2 && strtof(shorter, NULL) == value)
        fail_msg("%s would have done for %s", shorter, text);
}

static void test_random_floats(void **state)
{
    (void)state;
    for (int i = 0; i < 40000; i++) {
        uint64_t bits = i % 2 != 0 ? random_u64() : random_magnitude() & 0xFFFFFFFFFFFFF;
        uint32_t bits32 = (uint32_t)(i % 2 != 0 ? bits : bits & 0x7FFFFF);
        double value;
        float value32;
        memcpy(&value, &bits, sizeof value);
        memcpy(&value32, &bits32, sizeof value32);
        if (isfinite(value))
            check_double(value);
        if (isfinite(value32))
            check_float(value32);
        check_double((double)random_below(1000000) / (1 << random_below(12)));
        check_double((double)random_below(1000000) / 1000);
    }
    for (int exponent = -1074; exponent < 1024; exponent++)
        check_double(ldexp(1.0, exponent));
}

// A host program may have set a locale that writes 0,1.
static void test_floats_in_other_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (setlocale(LC_ALL, names[i]) != NULL) {
            check_float_table();
            setlocale(LC_ALL, "C");
            return;
        }
    }
    print_message("# not tested: no locale with a decimal comma is installed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_guids),
        cmocka_unit_test(test_hex_bytes),
        cmocka_unit_test(test_sids),
        cmocka_unit_test(test_filetimes),
        cmocka_unit_test(test_systemtimes),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_random_floats),
        cmocka_unit_test(test_floats_in_other_locale),
    };
    return cmocka_run_group_tests_name("number", tests, set_up, tear_down);
}
