// SPDX-License-Identifier: MIT
// Guards against a fast UTF-16 writer that escapes differently from the plain one, reads outside
// the units or writes further than promised. The plain one is held against the rules' own table
// and, for everything that is not escaped, against iconv.
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/load.h"
#include "guard_page.h"
#include "kernels/avx512.h"
#include "kernels/utf16.h"
#include "kernels/utf16_plain.h"
#include "plain_text.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { UNITS_MAX = 300, ROOM_MAX = TEXT_EXPANSION_MAX * UNITS_MAX + TEXT_SLACK_BYTES };

typedef uint8_t *put_function(uint8_t *out, const uint8_t *units, size_t count);

static put_function *const put_functions[TEXT_MODE_COUNT] = {
    [TEXT_XML] = utf16_put_xml,
    [TEXT_XML_ATTRIBUTE] = utf16_put_xml_attribute,
    [TEXT_JSON] = utf16_put_json,
    [TEXT_CDATA] = utf16_put_cdata,
    [TEXT_PI] = utf16_put_pi,
    [TEXT_RAW] = utf16_put_raw,
};

static struct guarded source;
static struct guarded target;

static int set_up(void **state)
{
    (void)state;
    random_start();
    source = guarded_new(2 * UNITS_MAX + 32);
    target = guarded_new(ROOM_MAX + 32);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    guarded_free(source);
    guarded_free(target);
    return 0;
}

static bool is_untouched(const uint8_t *p, const uint8_t *end)
{
    while (p != end && *p == 0xA5)
        p++;
    return p == end;
}

// The writer against the reference. The target has exactly the room that was promised; in front of
// it and behind the slack nothing may change.
static void check_writer(put_function *put, const uint8_t *units, size_t count, enum text_mode mode)
{
    static uint8_t expected[ROOM_MAX];
    uint8_t *expected_end = utf16_put_reference(expected, units, count, mode);
    size_t size = (size_t)(expected_end - expected);
    uint8_t *out = target.end - TEXT_EXPANSION_MAX * count - TEXT_SLACK_BYTES;
    memset(out - 32, 0xA5, (size_t)(target.end - out) + 32);
    uint8_t *end = put(out, units, count);
    if (end != out + size || memcmp(out, expected, size) != 0) {
        print_error("mode %d, units:", mode);
        for (size_t i = 0; i < count; i++)
            print_error(" %04X", load_u16(units + 2 * i));
        fail_msg("%zu units give \"%.*s\" instead of \"%.*s\"", count, (int)(end - out), out,
                 (int)size, expected);
    }
    const uint8_t *slack_end = end + TEXT_SLACK_BYTES;
    assert_true(is_untouched(out - 32, out));
    assert_true(slack_end >= target.end || is_untouched(slack_end, target.end));
}

static void check(const uint8_t *units, size_t count, enum text_mode mode)
{
    check_writer(put_functions[mode], units, count, mode);
#if EVX_HAS_AVX512
    if (mode == TEXT_JSON && avx512_is_there())
        check_writer(utf16_put_json_avx512, units, count, mode);
#endif
}

static void check_everywhere(const uint16_t *units, size_t count)
{
    uint8_t *at_end = source.end - 2 * count;
    memcpy(at_end, units, 2 * count);
    for (int mode = 0; mode < TEXT_MODE_COUNT; mode++)
        check(at_end, count, mode);
}

// ---- Data ---------------------------------------------------------------------------------------

static uint16_t from(const char *set)
{
    return (uint8_t)set[random_below((uint32_t)strlen(set))];
}

static uint16_t any_unit(void)
{
    return (uint16_t)random_u64();
}

static uint16_t ascii_unit(void)
{
    return (uint16_t)('a' + random_below(26));
}

static uint16_t path_unit(void)
{
    return random_below(8) != 0 ? ascii_unit() : '\\';
}

static uint16_t escaped_unit(void)
{
    return random_below(3) != 0 ? ascii_unit() : from("&<>\"'\\\t\r\n\b\f\x01\x0b\x1f\x7f]?");
}

static uint16_t latin_unit(void)
{
    return (uint16_t)(random_below(10) != 0 ? ascii_unit() : 0x80 + random_below(0x80));
}

static uint16_t cyrillic_unit(void)
{
    return (uint16_t)(random_below(7) != 0 ? 0x410 + random_below(64) : from(" .,\"&"));
}

static uint16_t cjk_unit(void)
{
    return (uint16_t)(random_below(12) != 0 ? 0x4E00 + random_below(0x5000) : ascii_unit());
}

static uint16_t surrogate_unit(void)
{
    return (uint16_t)(random_below(9) != 0 ? 0xD800 + random_below(0x800) : 'x');
}

static uint16_t terminated_unit(void)
{
    return random_below(40) != 0 ? escaped_unit() : 0;
}

static uint16_t breaking_unit(void)
{
    return from("]]>?>a");
}

static uint16_t mixed_unit(void)
{
    static uint16_t (*const kinds[])(void) = {ascii_unit, latin_unit, cyrillic_unit, cjk_unit,
                                              surrogate_unit, terminated_unit, any_unit};
    return kinds[random_below(COUNT(kinds))]();
}

static uint16_t (*const distributions[])(void) = {
    any_unit,      ascii_unit, path_unit,      escaped_unit,    latin_unit,    cyrillic_unit,
    cjk_unit,      surrogate_unit, terminated_unit, breaking_unit, mixed_unit,
};

// ---- Tests --------------------------------------------------------------------------------------

// Text of every length, flush with the guard page behind it and at every alignment, flush with the
// guard page in front of it.
static void test_lengths_and_alignments(void **state)
{
    (void)state;
    for (size_t count = 0; count <= UNITS_MAX; count++) {
        for (size_t kind = 0; kind < COUNT(distributions); kind++) {
            uint16_t units[UNITS_MAX];
            for (size_t i = 0; i < count; i++)
                units[i] = distributions[kind]();
            check_everywhere(units, count);
            for (size_t shift = 0; shift < 16; shift++) {
                enum text_mode mode = (enum text_mode)((count + shift) % TEXT_MODE_COUNT);
                memcpy(source.begin + shift, units, 2 * count);
                check(source.begin + shift, count, mode);
                memcpy(source.end - shift - 2 * count, units, 2 * count);
                check(source.end - shift - 2 * count, count, mode);
            }
        }
    }
}

// Every unit alone, and somewhere in ASCII text and in text of two and three bytes.
static void test_every_unit(void **state)
{
    (void)state;
    static const uint16_t around[] = {'a', 0x436, 0x4E2D};
    for (uint32_t unit = 0; unit <= 0xFFFF; unit++) {
        uint16_t alone = (uint16_t)unit;
        check_everywhere(&alone, 1);
        for (size_t kind = 0; kind < COUNT(around); kind++) {
            uint16_t units[20];
            for (size_t i = 0; i < COUNT(units); i++)
                units[i] = around[kind];
            units[unit % COUNT(units)] = (uint16_t)unit;
            check_everywhere(units, COUNT(units));
        }
    }
}

static void test_interesting_pairs(void **state)
{
    (void)state;
    static const uint16_t interesting[] = {
        0,      1,      8,      9,      0xA,    0xB,    0xC,    0xD,    0x1F,   ' ',    '"',
        '&',    '\'',   '<',    '>',    '?',    '\\',   ']',    '_',    0x7F,   0x80,   0xFF,
        0x100,  0x7FF,  0x800,  0xFFF,  0x7FFF, 0x8000, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF,
        0xE000, 0xFEFF, 0xFDD0, 0xFFFD, 0xFFFE, 0xFFFF,
    };
    static const size_t fronts[] = {0, 1, 2, 3, 6, 7, 13, 14, 15};
    for (size_t a = 0; a < COUNT(interesting); a++) {
        for (size_t b = 0; b < COUNT(interesting); b++) {
            uint16_t units[24];
            for (size_t i = 0; i < COUNT(units); i++)
                units[i] = (uint16_t)('A' + i);
            for (size_t i = 0; i < COUNT(fronts); i++) {
                units[fronts[i]] = interesting[a];
                units[fronts[i] + 1] = interesting[b];
                check_everywhere(units, fronts[i] + 2);
                check_everywhere(units, COUNT(units));
                units[fronts[i]] = 'y';
                units[fronts[i] + 1] = 0xE9;
            }
        }
    }
}

// Plain text may be refused only for units that are not printable ASCII, and must be for what the
// reference writes as something else.
static void check_plain(plain_function *put, const uint8_t *units, uint32_t count,
                        enum text_mode mode)
{
    uint8_t expected[ROOM_MAX];
    size_t size = (size_t)(utf16_put_reference(expected, units, count, mode) - expected);
    bool is_plain = size == count - (load_u16(units + 2 * count - 2) == 0);
    for (size_t i = 0; i < size && is_plain; i++) {
        uint16_t unit = load_u16(units + 2 * i);
        is_plain = unit >= ' ' && unit < 0x80 && unit == expected[i];
    }
    uint8_t *out = target.end - count - TEXT_SLACK_BYTES;
    const uint8_t *end = put(out, units, count, mode);
    assert_true(end || !is_plain);
    assert_true(!end || (end == out + size && memcmp(out, expected, size) == 0));
}

static void check_all_plain(const uint8_t *units, uint32_t count)
{
    for (int mode = TEXT_XML; mode <= TEXT_JSON; mode++) {
        if (EVX_SIMD)
            check_plain(plain_text, units, count, mode);
#if EVX_HAS_AVX512
        if (avx512_is_there())
            check_plain(plain_text_avx512, units, count, mode);
#endif
    }
}

static void test_plain_text(void **state)
{
    (void)state;
    static uint16_t (*const kinds[])(void) = {ascii_unit, path_unit, escaped_unit, latin_unit,
                                              mixed_unit};
    uint8_t *units = source.end - UTF16_PLAIN_READ_BYTES; // of which all are read
    for (uint32_t round = 0; round < 64 * UTF16_PLAIN_UNITS_MAX; round++) {
        uint32_t count = 1 + round % UTF16_PLAIN_UNITS_MAX;
        uint32_t odd = random_below(count);
        for (uint32_t i = 0; i < UTF16_PLAIN_READ_BYTES / 2; i++)
            store_u16(units + 2 * i, i < count ? ascii_unit() : any_unit());
        if (round % 4)
            store_u16(units + 2 * odd, kinds[random_below(COUNT(kinds))]());
        if (round % 7 == 0)
            store_u16(units + 2 * count - 2, 0);
        check_all_plain(units, count);
    }
}

// Every unit where text would be plain without it.
static void test_plain_text_with_every_unit(void **state)
{
    (void)state;
    uint8_t *units = source.end - UTF16_PLAIN_READ_BYTES;
    for (uint32_t unit = 0; unit <= 0xFFFF; unit++) {
        uint32_t at = unit % UTF16_PLAIN_UNITS_MAX;
        for (uint32_t i = 0; i < UTF16_PLAIN_READ_BYTES / 2; i++)
            store_u16(units + 2 * i, i == at ? (uint16_t)unit : 'a');
        check_all_plain(units, UTF16_PLAIN_UNITS_MAX);
    }
}

static void test_put_by_mode(void **state)
{
    (void)state;
    static const uint16_t units[] = {'<', '"', '\\', 1, ']', ']', '>', '?', '>', 0xD800};
    for (int mode = 0; mode < TEXT_MODE_COUNT; mode++) {
        uint8_t expected[ROOM_MAX];
        uint8_t written[ROOM_MAX];
        const uint8_t *bytes = (const uint8_t *)units;
        size_t size = (size_t)(put_functions[mode](expected, bytes, COUNT(units)) - expected);
        assert_int_equal(utf16_put(written, bytes, COUNT(units), mode) - written, size);
        assert_memory_equal(written, expected, size);
    }
}

static void expect(enum text_mode mode, const uint16_t *units, size_t count, const char *text)
{
    uint8_t out[ROOM_MAX];
    uint8_t *end = utf16_put_reference(out, (const uint8_t *)units, count, mode);
    *end = '\0';
    assert_string_equal((const char *)out, text);
}

// The table of text_mode.h, typed again.
static void test_reference_rules(void **state)
{
    (void)state;
    static const struct {
        uint16_t units[6];
        const char *text[TEXT_MODE_COUNT]; // XML, attribute, JSON, CDATA, PI, raw
    } rules[] = {
        {u"a&b", {"a&amp;b", "a&amp;b", "a&b", "a&b", "a&b", "a&b"}},
        {u"<", {"&lt;", "&lt;", "<", "<", "<", "<"}},
        {u">", {"&gt;", "&gt;", ">", ">", ">", ">"}},
        {u"\"", {"\"", "&quot;", "\\\"", "\"", "\"", "\""}},
        {u"'", {"'", "&apos;", "'", "'", "'", "'"}},
        {u"\\/", {"\\/", "\\/", "\\\\/", "\\/", "\\/", "\\/"}},
        {u"\t\n\r", {"\t\n\r", "\t\n\r", "\\t\\n\\r", "\t\n\r", "\t\n\r", "\t\n\r"}},
        {u"\b\f", {"__", "__", "\\b\\f", "__", "__", "\b\f"}},
        {u"\v\x1f", {"__", "__", "\\u000B\\u001F", "__", "__", "\v\x1f"}},
        {u"\x7f", {"\x7f", "\x7f", "\x7f", "\x7f", "\x7f", "\x7f"}},
        {{0xFFFE, 0xFFFF},
         {"__", "__", "\xEF\xBF\xBE\xEF\xBF\xBF", "__", "__", "\xEF\xBF\xBE\xEF\xBF\xBF"}},
        {{0xD800}, {"_", "_", "\xEF\xBF\xBD", "\xEF\xBF\xBD", "\xEF\xBF\xBD", "\xEF\xBF\xBD"}},
        {{0xD800, 0xD800, 0xDC00},
         {"_\xF0\x90\x80\x80", "_\xF0\x90\x80\x80", "\xEF\xBF\xBD\xF0\x90\x80\x80",
          "\xEF\xBF\xBD\xF0\x90\x80\x80", "\xEF\xBF\xBD\xF0\x90\x80\x80", "\xEF\xBF\xBD\xF0\x90\x80\x80"}},
        {{0xDC00, 'x'}, {"_x", "_x", "\xEF\xBF\xBDx", "\xEF\xBF\xBDx", "\xEF\xBF\xBDx", "\xEF\xBF\xBDx"}},
        {{'a', 0, 'b'}, {"a", "a", "a", "a", "a", "a"}},
        {u"]]>", {"]]&gt;", "]]&gt;", "]]>", "]]]]><![CDATA[>", "]]>", "]]>"}},
        {u"]]]>", {"]]]&gt;", "]]]&gt;", "]]]>", "]]]]]><![CDATA[>", "]]]>", "]]]>"}},
        {u"?>", {"?&gt;", "?&gt;", "?>", "?>", "? >", "?>"}},
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        size_t count = COUNT(rules[i].units);
        for (int mode = 0; mode < TEXT_MODE_COUNT; mode++)
            expect(mode, rules[i].units, count, rules[i].text[mode]);
    }
}

static void test_scalars(void **state)
{
    (void)state;
    static const struct {
        uint32_t scalar;
        const char *text[TEXT_MODE_COUNT];
    } rules[] = {
        {0, {"_", "_", "\\u0000", "_", "_", "\0"}},
        {0x0B, {"_", "_", "\\u000b", "_", "_", "\x0B"}},
        {0x1F, {"_", "_", "\\u001f", "_", "_", "\x1F"}},
        {'\t', {"\t", "\t", "\\t", "\t", "\t", "\t"}},
        {'"', {"\"", "&quot;", "\\\"", "\"", "\"", "\""}},
        {'>', {"&gt;", "&gt;", ">", ">", ">", ">"}},
        {0xE9, {"\xC3\xA9", "\xC3\xA9", "\xC3\xA9", "\xC3\xA9", "\xC3\xA9", "\xC3\xA9"}},
        {0xFFFE, {"_", "_", "\xEF\xBF\xBE", "_", "_", "\xEF\xBF\xBE"}},
        {0x1FFFE, {"\xF0\x9F\xBF\xBE", "\xF0\x9F\xBF\xBE", "\xF0\x9F\xBF\xBE",
                   "\xF0\x9F\xBF\xBE", "\xF0\x9F\xBF\xBE", "\xF0\x9F\xBF\xBE"}},
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        for (int mode = 0; mode < TEXT_MODE_COUNT; mode++) {
            uint8_t out[TEXT_SLACK_BYTES] = {0};
            uint8_t *end = text_put_scalar(out, rules[i].scalar, mode);
            size_t size = strlen(rules[i].text[mode]);
            assert_int_equal(end - out, size ? size : 1); // NUL
            assert_memory_equal(out, rules[i].text[mode], (size_t)(end - out));
        }
    }
}

// What no mode escapes is plain UTF-8: every scalar value from U+007F on.
static void test_reference_against_iconv(void **state)
{
    (void)state;
    iconv_t to_utf8 = iconv_open("UTF-8", "UTF-16LE");
    iconv_t to_utf16 = iconv_open("UTF-16LE", "UTF-32LE");
    assert_true(to_utf8 != (iconv_t)-1 && to_utf16 != (iconv_t)-1);
    for (uint32_t scalar = 0x7F; scalar <= 0x10FFFF; scalar++) {
        if ((scalar >= 0xD800 && scalar <= 0xDFFF) || scalar == 0xFFFE || scalar == 0xFFFF)
            continue;
        uint16_t units[2];
        uint8_t text[8];
        char *in = (char *)&scalar;
        char *out = (char *)units;
        size_t in_left = sizeof scalar;
        size_t out_left = sizeof units;
        assert_int_equal(iconv(to_utf16, &in, &in_left, &out, &out_left), 0);
        size_t count = (sizeof units - out_left) / 2;
        in = (char *)units;
        in_left = 2 * count;
        out = (char *)text;
        out_left = sizeof text - 1;
        assert_int_equal(iconv(to_utf8, &in, &in_left, &out, &out_left), 0);
        *out = '\0';
        expect(TEXT_XML, units, count, (const char *)text);
        expect(TEXT_JSON, units, count, (const char *)text);
    }
    iconv_close(to_utf8);
    iconv_close(to_utf16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_rules),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_reference_against_iconv),
        cmocka_unit_test(test_lengths_and_alignments),
        cmocka_unit_test(test_every_unit),
        cmocka_unit_test(test_interesting_pairs),
        cmocka_unit_test(test_plain_text),
        cmocka_unit_test(test_plain_text_with_every_unit),
        cmocka_unit_test(test_put_by_mode),
    };
    return cmocka_run_group_tests_name("utf16", tests, set_up, tear_down);
}
