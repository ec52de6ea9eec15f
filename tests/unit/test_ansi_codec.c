// SPDX-License-Identifier: MIT
// Guards against ANSI text decoded by the wrong table: a label that names another codec than in the
// WHATWG Encoding Standard, a hole of a code page that is filled (or a filled one left open), a
// character that differs from the standard's, and a broken sequence that is accepted. Expected
// values are those of the standard's index files.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/ansi_codec.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct ansi_codec *codec(const char *label)
{
    const struct ansi_codec *found = NULL;
    if (ansi_codec_find(label, &found) != ANSI_FOUND)
        fail_msg("label %s is not found", label);
    return found;
}

// The buffers have the exact size, so that a sanitizer sees every byte too many.
static bool decode(const char *label, const void *bytes, size_t size, uint16_t *units,
                   size_t *ret_count)
{
    uint8_t *in = malloc(size ? size : 1);
    uint16_t *out = malloc(size ? 2 * size * sizeof(*out) : 1);
    assert_non_null(in);
    assert_non_null(out);
    memcpy(in, bytes, size);
    bool valid = ansi_codec_decode(codec(label), in, size, out, ret_count);
    if (valid)
        memcpy(units, out, *ret_count * sizeof(*out));
    free(in);
    free(out);
    return valid;
}

static void expect(const char *label, const char *bytes, size_t size, const uint16_t *expected,
                   size_t expected_count)
{
    uint16_t units[128];
    size_t count = 0;
    if (!decode(label, bytes, size, units, &count))
        fail_msg("%s refuses a valid text that starts with %02X", label, (uint8_t)bytes[0]);
    assert_int_equal(count, expected_count);
    for (size_t i = 0; i < count; i++) {
        if (units[i] != expected[i])
            fail_msg("%s: unit %zu is %04X, not %04X", label, i, units[i], expected[i]);
    }
}

#define EXPECT(label, bytes, text) \
    expect(label, bytes, sizeof(bytes) - 1, (const uint16_t *)(text), COUNT(text) - 1)

static void expect_invalid(const char *label, const char *bytes, size_t size)
{
    uint16_t units[128];
    size_t count;
    if (decode(label, bytes, size, units, &count))
        fail_msg("%s accepts %zu bytes that start with %02X", label, size, (uint8_t)bytes[0]);
}

#define EXPECT_INVALID(label, bytes) expect_invalid(label, bytes, sizeof(bytes) - 1)

static const struct {
    const char *name;
    const char *labels;
} standard[] = {
    {"UTF-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"},
    {"IBM866", "866 cp866 csibm866 ibm866"},
    {"ISO-8859-2", "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 "
                   "iso_8859-2:1987 l2 latin2"},
    {"ISO-8859-3", "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 "
                   "iso_8859-3:1988 l3 latin3"},
    {"ISO-8859-4", "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 "
                   "iso_8859-4:1988 l4 latin4"},
    {"ISO-8859-5", "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 "
                   "iso_8859-5 iso_8859-5:1988"},
    {"ISO-8859-6", "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 "
                   "iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 "
                   "iso_8859-6:1987"},
    {"ISO-8859-7", "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 "
                   "iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek"},
    {"ISO-8859-8", "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 "
                   "iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual"},
    {"ISO-8859-8-I", "csiso88598i iso-8859-8-i logical"},
    {"ISO-8859-10", "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"},
    {"ISO-8859-13", "iso-8859-13 iso8859-13 iso885913"},
    {"ISO-8859-14", "iso-8859-14 iso8859-14 iso885914"},
    {"ISO-8859-15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"},
    {"ISO-8859-16", "iso-8859-16"},
    {"KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r"},
    {"KOI8-U", "koi8-ru koi8-u"},
    {"macintosh", "csmacintosh mac macintosh x-mac-roman"},
    {"windows-874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"},
    {"windows-1250", "cp1250 windows-1250 x-cp1250"},
    {"windows-1251", "cp1251 windows-1251 x-cp1251"},
    {"windows-1252", "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 "
                     "iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii "
                     "windows-1252 x-cp1252"},
    {"windows-1253", "cp1253 windows-1253 x-cp1253"},
    {"windows-1254", "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
                     "iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254"},
    {"windows-1255", "cp1255 windows-1255 x-cp1255"},
    {"windows-1256", "cp1256 windows-1256 x-cp1256"},
    {"windows-1257", "cp1257 windows-1257 x-cp1257"},
    {"windows-1258", "cp1258 windows-1258 x-cp1258"},
    {"x-mac-cyrillic", "x-mac-cyrillic x-mac-ukrainian"},
    {"GBK", "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk"},
    {"gb18030", "gb18030"},
    {"Big5", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"},
    {"EUC-JP", "cseucpkdfmtjapanese euc-jp x-euc-jp"},
    {"Shift_JIS", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"},
    {"EUC-KR", "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 "
               "ksc5601 ksc_5601 windows-949"},
    {"x-user-defined", "x-user-defined"},
};

static void labels_name_the_codecs_of_the_standard(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < COUNT(standard); i++) {
        char labels[512];
        snprintf(labels, sizeof(labels), "%s", standard[i].labels);
        char *rest = NULL;
        char *label = strtok_r(labels, " ", &rest);
        for (; label; label = strtok_r(NULL, " ", &rest)) {
            assert_string_equal(ansi_codec_name(codec(label)), standard[i].name);
            count++;
        }
    }
    assert_int_equal(count, 211); // 228 in the standard, 17 of them not ASCII-compatible
}

static void case_and_blanks_around_a_label_do_not_matter(void **state)
{
    (void)state;
    assert_ptr_equal(codec("LATIN1"), ansi_codec_default());
    assert_ptr_equal(codec(" \t\n\f\rWindows-1252\r\f\n\t "), ansi_codec_default());
    assert_ptr_equal(codec("ShIfT_jIs                                     "), codec("sjis"));
    assert_string_equal(ansi_codec_name(ansi_codec_default()), "windows-1252");
}

static void other_labels_are_refused(void **state)
{
    static const char *const not_ascii[] = {
        "unicodefffe", "utf-16be", "csunicode", "iso-10646-ucs-2", "ucs-2", "unicode",
        "unicodefeff", "utf-16", " UTF-16LE ", "csiso2022jp", "iso-2022-jp", "csiso2022kr",
        "hz-gb-2312", "iso-2022-cn", "iso-2022-cn-ext", "iso-2022-kr", "replacement",
    };
    static const char *const unknown[] = {
        "", " ", "cp437", "cp850", "cp932", "cp936", "cp949", "mac-roman", "utf-7", "utf-32", "hz",
        "big5-2003", "windows-125", "windows-12522", "l1 latin1", "l1\vl2", "\vl1", "l1\xA0",
        "latin1latin1latin1latin1latin1latin1latin1latin1latin1latin1latin1latin1latin1latin1",
    };
    const struct ansi_codec *found = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(not_ascii); i++)
        assert_int_equal(ansi_codec_find(not_ascii[i], &found), ANSI_NOT_ASCII);
    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_int_equal(ansi_codec_find(unknown[i], &found), ANSI_UNKNOWN);
    assert_null(found);
}

static void ascii_is_ascii_everywhere(void **state)
{
    char ascii[128];
    uint16_t expected[128];

    (void)state;
    for (int i = 0; i < 128; i++) {
        ascii[i] = (char)i;
        expected[i] = (uint16_t)i;
    }
    for (size_t i = 0; i < COUNT(standard); i++) {
        expect(standard[i].name, ascii, sizeof(ascii), expected, COUNT(expected));
        expect(standard[i].name, "", 0, expected, 0);
    }
}

static void single_byte_codecs_have_the_holes_of_the_standard(void **state)
{
    static const struct {
        const char *label;
        size_t holes;
    } pages[] = {
        {"ibm866", 0}, {"iso-8859-2", 0}, {"iso-8859-3", 7}, {"iso-8859-4", 0}, {"iso-8859-5", 0},
        {"iso-8859-6", 45}, {"iso-8859-7", 3}, {"iso-8859-8", 36}, {"iso-8859-8-i", 36},
        {"iso-8859-10", 0}, {"iso-8859-13", 0}, {"iso-8859-14", 0}, {"iso-8859-15", 0},
        {"iso-8859-16", 0}, {"koi8-r", 0}, {"koi8-u", 0}, {"macintosh", 0}, {"x-mac-cyrillic", 0},
        {"windows-874", 8}, {"windows-1250", 0}, {"windows-1251", 0}, {"windows-1252", 0},
        {"windows-1253", 3}, {"windows-1254", 0}, {"windows-1255", 10}, {"windows-1256", 0},
        {"windows-1257", 2}, {"windows-1258", 0}, {"x-user-defined", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(pages); i++) {
        const uint16_t *high_half = ansi_codec_high_half(codec(pages[i].label));
        assert_non_null(high_half);
        size_t holes = 0;
        for (unsigned byte = 0x80; byte < 0x100; byte++) {
            char text[] = {(char)byte};
            uint16_t unit = high_half[byte - 0x80];
            if (unit == 0) {
                expect_invalid(pages[i].label, text, 1);
                holes++;
            } else {
                expect(pages[i].label, text, 1, &unit, 1);
            }
        }
        if (holes != pages[i].holes)
            fail_msg("%s has %zu undefined bytes, not %zu", pages[i].label, holes, pages[i].holes);
    }
}

static void single_byte_codecs_have_their_characters(void **state)
{
    (void)state;
    EXPECT("windows-1252", "\x80\x81\x8D\x8F\x90\x9D\x9F\xA0\xFF",
           u"\u20AC\x81\x8D\x8F\x90\x9D\u0178\u00A0\u00FF");
    EXPECT("iso-8859-1", "\x80\x9F", u"\u20AC\u0178"); // it is windows-1252, not Latin 1
    EXPECT("ibm866", "\x80\xB0\xF0\xFF", u"\u0410\u2591\u0401\u00A0");
    EXPECT("koi8-r", "\x80\xA3\xAE\xBE\xC1", u"\u2500\u0451\u255D\u256C\u0430");
    EXPECT("koi8-u", "\xA4\xAD\xAE\xBE\xC1", u"\u0454\u0491\u045E\u040E\u0430");
    EXPECT("macintosh", "\x80\xBD\xDB\xF0\xFF", u"\u00C4\u03A9\u20AC\uF8FF\u02C7");
    EXPECT("x-mac-cyrillic", "\x80\xA2\xB6\xFF", u"\u0410\u0490\u0491\u20AC");
    EXPECT("windows-874", "\x80\x81\x85\x9F\xA1\xDF", u"\u20AC\x81\u2026\x9F\u0E01\u0E3F");
    EXPECT("tis-620", "\xFB", u"\u0E5B");
    EXPECT("windows-1250", "\x81\x8A\x98\xA3", u"\x81\u0160\x98\u0141");
    EXPECT("windows-1251", "\x80\x98\xA8\xFF", u"\u0402\x98\u0401\u044F");
    EXPECT("windows-1253", "\x88\xA1\xC1\xFE", u"\x88\u0385\u0391\u03CE");
    EXPECT("windows-1254", "\x8E\xD0\xFD", u"\x8E\u011E\u0131");
    EXPECT("windows-1255", "\x8A\xC9\xCA\xCB\xE0\xFE", u"\x8A\u05B9\u05BA\u05BB\u05D0\u200F");
    EXPECT("windows-1256", "\x81\x90\x9F\xFF", u"\u067E\u06AF\u06BA\u06D2");
    EXPECT("windows-1257", "\x8D\x9C\xA8\xFF", u"\u00A8\x9C\u00D8\u02D9");
    EXPECT("windows-1258", "\x8A\xC3\xCC\xFE", u"\x8A\u0102\u0300\u20AB");
    EXPECT("iso-8859-2", "\x80\xA1\xFF", u"\x80\u0104\u02D9");
    EXPECT("iso-8859-3", "\xA1\xFE", u"\u0126\u015D");
    EXPECT("iso-8859-4", "\xA2\xFE", u"\u0138\u016B");
    EXPECT("iso-8859-5", "\xA1\xF0\xFF", u"\u0401\u2116\u045F");
    EXPECT("iso-8859-6", "\xAC\xC1\xF2", u"\u060C\u0621\u0652");
    EXPECT("iso-8859-7", "\xA1\xA4\xA5\xAA\xFE", u"\u2018\u20AC\u20AF\u037A\u03CE");
    EXPECT("iso-8859-8", "\xAA\xDF\xE0\xFE", u"\u00D7\u2017\u05D0\u200F");
    EXPECT("iso-8859-8-i", "\xAA\xDF\xE0\xFE", u"\u00D7\u2017\u05D0\u200F");
    EXPECT("iso-8859-10", "\xA1\xBD\xFF", u"\u0104\u2015\u0138");
    EXPECT("iso-8859-13", "\xA1\xFF", u"\u201D\u2019");
    EXPECT("iso-8859-14", "\xA1\xFF", u"\u1E02\u00FF");
    EXPECT("iso-8859-15", "\xA4\xBE", u"\u20AC\u0178");
    EXPECT("iso-8859-16", "\xA4\xFE", u"\u20AC\u021B");
    EXPECT("x-user-defined", "\x80\xFF", u"\uF780\uF7FF");
    EXPECT_INVALID("windows-1253", "a\xD2z");
    EXPECT_INVALID("windows-1255", "\xD9");
    EXPECT_INVALID("windows-874", "\xDB");
    EXPECT_INVALID("windows-1257", "\xA1");
}

static void utf8_is_strict(void **state)
{
    static const char *const invalid[] = {
        "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2" "A", "\xC2\xC2", "\xE0\x9F\xBF",
        "\xE1\x80", "\xE1\x80" "A", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
        "\xF0\x90\x80", "\xF0\x90\x80" "A", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
    };

    (void)state;
    assert_null(ansi_codec_high_half(codec("utf-8")));
    EXPECT("utf-8", "\xEF\xBB\xBF" "a", u"\uFEFF" u"a"); // a BOM is a character
    EXPECT("utf-8", "\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
           u"\x80\u07FF\u0800\xD7FF\uE000\uFFFF");
    EXPECT("utf-8", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", u"\U00010000\U0010FFFF");
    for (size_t i = 0; i < COUNT(invalid); i++)
        expect_invalid("utf-8", invalid[i], strlen(invalid[i]));
}

static void gb18030_follows_the_standard(void **state)
{
    static const char *const labels[] = {"gbk", "gb18030"};
    static const char *const invalid[] = {
        "\x81", "\xFF", "\x81\x3A", "\x81\x7F", "\x81\xFF", "\x81\x30", "\x81\x30\x81",
        "\x81\x30\x81\x3A", "\x81\x30\x80\x30", "\x81\x30\xFF\x30", "\x84\x31\xA5\x30",
        "\x8F\x39\xFE\x39", "\xE3\x32\x9A\x36", "\xFE\x39\xFE\x39",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        assert_null(ansi_codec_high_half(codec(labels[i])));
        EXPECT(labels[i], "a\xC4\xE3\xBA\xC3z\x81\x40\xFE\x4F", u"a\u4F60\u597Dz\u4E02\uFA29");
        EXPECT(labels[i], "\x80\xA2\xE3", u"\u20AC\u20AC");
        EXPECT(labels[i], "\xA1\xA1\xA3\xA0\xA8\xBC\xFE\x51\xFE\x91",
               u"\u3000\u3000\u1E3F\uE816\uE855");
        EXPECT(labels[i], "\xA6\xD9\xFE\x59\xFE\xA0", u"\uFE10\u9FB4\u9FBB");
        EXPECT(labels[i], "\x81\x30\x81\x30\x81\x35\xF4\x37\x84\x31\xA4\x39", u"\x80\uE7C7\uFFFF");
        EXPECT(labels[i], "\x82\x35\x90\x37\x82\x35\x91\x34\x84\x31\x82\x36\x84\x31\x83\x35",
               u"\u9FB4\u9FBB\uFE10\uFE19");
        EXPECT(labels[i], "\x90\x30\x81\x30\xE3\x32\x9A\x35", u"\U00010000\U0010FFFF");
        for (size_t j = 0; j < COUNT(invalid); j++)
            expect_invalid(labels[i], invalid[j], strlen(invalid[j]));
    }
}

static void big5_follows_the_standard(void **state)
{
    static const char *const invalid[] = {
        "\x80", "\xFF", "\xA4", "\xA4\x3F", "\xA4\x7F", "\xA4\xA0", "\xA4\xFF", "\x81\x40",
        "\x86\x40", "\x80\x41",
    };

    (void)state;
    assert_null(ansi_codec_high_half(codec("big5")));
    EXPECT("big5", "\xA4\xA4\xA4\xE5|\xA1\x40", u"\u4E2D\u6587|\u3000");
    EXPECT("big5", "\x88\x62\x88\x64\x88\xA3\x88\xA5",
           u"\u00CA\u0304\u00CA\u030C\u00EA\u0304\u00EA\u030C");
    EXPECT("big5", "\x88\x66\x88\x62\x88\xA7", u"\u00CA\u00CA\u0304\u00EA"); // no mark is awaited
    EXPECT("big5", "\x87\x40\x87\x45", u"\u43F0\U00027267");
    EXPECT("big5", "\xA1\x45\xA1\xC2\xA1\xE3\xA1\xF2\xA2\x44\xA2\xCC\xA3\xE1",
           u"\u2027\u00AF\uFF5E\u2295\uFFE5\u5341\u20AC");
    EXPECT("big5", "\xF9\xFE\xFE\xDD\x8E\x69", u"\uFFED\u7809\u7BB8");
    for (size_t i = 0; i < COUNT(invalid); i++)
        expect_invalid("big5", invalid[i], strlen(invalid[i]));
}

static void japanese_codecs_follow_the_standard(void **state)
{
    static const char *const invalid_sjis[] = {
        "\xA0", "\xFD", "\xFE", "\xFF", "\x82", "\x82\x3F", "\x82\x7F", "\x82\xFD", "\x82\x40",
        "\x85\x40", "\xA0\x41",
    };
    static const char *const invalid_euc[] = {
        "\x80", "\xA0", "\xFF", "\xA4", "\xA4\xA0", "\xA4\xFF", "\xA4" "A", "\x8E", "\x8E\xA0",
        "\x8E\xE0", "\x8F", "\x8F\xB0", "\x8F\xB0" "A", "\x8F\xA1\xA1", "\xA9\xA1", "\xF5\xA1",
        "\x8F\xF5\xA1", "\x8F\xF3\xF3", "\x8D\xA1",
    };

    (void)state;
    assert_null(ansi_codec_high_half(codec("shift_jis")));
    EXPECT("shift_jis", "\x93\xFA\x96{\\~\xB1\xDF\x80", u"\u65E5\u672C\\~\uFF71\uFF9F\x80");
    EXPECT("shift_jis", "\x81\x5F\x81\x60\x81\x61\x81\x7C\x81\x91\x81\xCA",
           u"\uFF3C\uFF5E\u2225\uFF0D\uFFE0\uFFE2");
    EXPECT("shift_jis", "\x87\x40\xED\x40\xFA\x40\xFC\x4B\xF0\x40\xF9\xFC",
           u"\u2460\u7E8A\u2170\u9ED1\uE000\uE757");
    for (size_t i = 0; i < COUNT(invalid_sjis); i++)
        expect_invalid("shift_jis", invalid_sjis[i], strlen(invalid_sjis[i]));

    assert_null(ansi_codec_high_half(codec("euc-jp")));
    EXPECT("euc-jp", "\xC6\xFC\xCB\xDC\\~\x8E\xB1\x8E\xDF", u"\u65E5\u672C\\~\uFF71\uFF9F");
    EXPECT("euc-jp", "\xA1\xC0\xA1\xC1\xA1\xC2\xA1\xDD\xA1\xF1\xA2\xCC",
           u"\uFF3C\uFF5E\u2225\uFF0D\uFFE0\uFFE2");
    EXPECT("euc-jp", "\xAD\xA1\xF9\xA1\xFC\xFE\xF4\xA6", u"\u2460\u7E8A\uFF02\u7199");
    EXPECT("euc-jp", "\x8F\xB0\xA1\x8F\xA2\xB7\x8F\xA2\xC3\x8F\xED\xE3",
           u"\u4E02\uFF5E\u00A6\u9FA5");
    for (size_t i = 0; i < COUNT(invalid_euc); i++)
        expect_invalid("euc-jp", invalid_euc[i], strlen(invalid_euc[i]));
}

static void euc_kr_follows_the_standard(void **state)
{
    static const char *const invalid[] = {
        "\x80", "\xFF", "\xB0", "\xB0\x40", "\x81\x40", "\x81\x5B", "\xC9\xA1", "\xFE\xA1",
        "\xC6\x53", "\xB0\xFF",
    };

    (void)state;
    assert_null(ansi_codec_high_half(codec("euc-kr")));
    EXPECT("euc-kr", "\xC7\xD1\xB1\xDB\\", u"\uD55C\uAE00\\");
    EXPECT("euc-kr", "\x81\x41\xC6\x52\xFD\xFE\xA2\xE6", u"\uAC02\uD7A3\u8A70\u20AC");
    for (size_t i = 0; i < COUNT(invalid); i++)
        expect_invalid("euc-kr", invalid[i], strlen(invalid[i]));
}

static const uint64_t hash_seed = 0xCBF29CE484222325;

// Hashes (FNV-1a) the units of all pairs of bytes behind the prefix, 0 for those that are invalid.
// Without a prefix, two characters of one byte each are no pair. Returns how many are valid.
static size_t hash_pairs(const char *label, const char *prefix, uint64_t *hash)
{
    const struct ansi_codec *found = codec(label);
    size_t prefix_size = strlen(prefix);
    size_t valid = 0;
    uint8_t bytes[4];
    memcpy(bytes, prefix, prefix_size);
    for (unsigned pair = 0x8000; pair <= 0xFFFF; pair++) {
        uint16_t units[8];
        size_t count;
        bytes[prefix_size] = (uint8_t)(pair >> 8);
        bytes[prefix_size + 1] = (uint8_t)pair;
        if (prefix_size == 0 && ansi_codec_decode(found, bytes, 1, units, &count))
            continue;
        if (ansi_codec_decode(found, bytes, prefix_size + 2, units, &count)) {
            valid++;
        } else {
            units[0] = 0;
            count = 1;
        }
        for (size_t i = 0; i < count; i++)
            *hash = (*hash ^ units[i]) * 0x100000001B3;
    }
    return valid;
}

// The hashes were taken from what the crate encoding_rs 0.8.44 decodes.
static void every_pair_is_that_of_the_index(void **state)
{
    static const struct {
        const char *label;
        const char *prefix;
        size_t valid;
        uint64_t hash;
    } sets[] = {
        {"gb18030", "", 23940, 0x12FEA451C2E72BFF},
        {"euc-kr", "", 17048, 0x9F021BAFCAF00F08},
        {"big5", "", 18594, 0xCD6689916DF302C4},
        {"shift_jis", "", 9604, 0x8B9ACE6F5BA62F79},
        {"euc-jp", "", 7399, 0xB466719BB9DDB0F1},
        {"euc-jp", "\x8F", 6067, 0xBC274FF43FFB5365},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(sets); i++) {
        uint64_t hash = hash_seed;
        size_t valid = hash_pairs(sets[i].label, sets[i].prefix, &hash);
        if (valid != sets[i].valid || hash != sets[i].hash)
            fail_msg("%s has %zu pairs, not %zu, or others", sets[i].label, valid, sets[i].valid);
    }
}

static void every_sequence_of_four_bytes_is_that_of_the_index(void **state)
{
    uint64_t hash = hash_seed;
    size_t valid = 0;

    (void)state;
    for (int lead = 0x81; lead <= 0x84; lead++) { // the basic plane
        for (int second = '0'; second <= '9'; second++)
            valid += hash_pairs("gb18030", (char[]){(char)lead, (char)second, 0}, &hash);
    }
    assert_int_equal(valid, 39420);
    assert_int_equal(hash, 0xF8EE4867B2F93FBC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_name_the_codecs_of_the_standard),
        cmocka_unit_test(case_and_blanks_around_a_label_do_not_matter),
        cmocka_unit_test(other_labels_are_refused),
        cmocka_unit_test(ascii_is_ascii_everywhere),
        cmocka_unit_test(single_byte_codecs_have_the_holes_of_the_standard),
        cmocka_unit_test(single_byte_codecs_have_their_characters),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(gb18030_follows_the_standard),
        cmocka_unit_test(big5_follows_the_standard),
        cmocka_unit_test(japanese_codecs_follow_the_standard),
        cmocka_unit_test(euc_kr_follows_the_standard),
        cmocka_unit_test(every_pair_is_that_of_the_index),
        cmocka_unit_test(every_sequence_of_four_bytes_is_that_of_the_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
