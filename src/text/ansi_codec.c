// SPDX-License-Identifier: MIT
#include "text/ansi_codec.h"

#include <string.h>

#include "text/ansi_multibyte.h"
#include "text/ansi_tables.h"

struct ansi_codec {
    const char *name;
    const char *labels; // lower case, separated by one blank
    const uint16_t *high_half;
    ansi_decode_fn *decode; // multi-byte codecs only
};

static ansi_decode_fn decode_utf8;

static const struct ansi_codec codecs[] = {
    // The default, which ansi_codec_default() takes from here, stands first.
    {"windows-1252",
     "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591"
     " iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
     windows_1252_high, NULL},
    {"UTF-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8", NULL,
     decode_utf8},
    {"IBM866", "866 cp866 csibm866 ibm866", ibm866_high, NULL},
    {"ISO-8859-2",
     "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
     iso_8859_2_high, NULL},
    {"ISO-8859-3",
     "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
     iso_8859_3_high, NULL},
    {"ISO-8859-4",
     "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
     iso_8859_4_high, NULL},
    {"ISO-8859-5",
     "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5"
     " iso_8859-5:1988",
     iso_8859_5_high, NULL},
    {"ISO-8859-6",
     "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e"
     " iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
     iso_8859_6_high, NULL},
    {"ISO-8859-7",
     "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597"
     " iso_8859-7 iso_8859-7:1987 sun_eu_greek",
     iso_8859_7_high, NULL},
    {"ISO-8859-8",
     "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598"
     " iso_8859-8 iso_8859-8:1988 visual",
     iso_8859_8_high, NULL},
    {"ISO-8859-8-I", "csiso88598i iso-8859-8-i logical", iso_8859_8_high, NULL},
    {"ISO-8859-10", "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
     iso_8859_10_high, NULL},
    {"ISO-8859-13", "iso-8859-13 iso8859-13 iso885913", iso_8859_13_high, NULL},
    {"ISO-8859-14", "iso-8859-14 iso8859-14 iso885914", iso_8859_14_high, NULL},
    {"ISO-8859-15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9", iso_8859_15_high,
     NULL},
    {"ISO-8859-16", "iso-8859-16", iso_8859_16_high, NULL},
    {"KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r", koi8_r_high, NULL},
    {"KOI8-U", "koi8-ru koi8-u", koi8_u_high, NULL},
    {"macintosh", "csmacintosh mac macintosh x-mac-roman", macintosh_high, NULL},
    {"x-mac-cyrillic", "x-mac-cyrillic x-mac-ukrainian", x_mac_cyrillic_high, NULL},
    {"windows-874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
     windows_874_high, NULL},
    {"windows-1250", "cp1250 windows-1250 x-cp1250", windows_1250_high, NULL},
    {"windows-1251", "cp1251 windows-1251 x-cp1251", windows_1251_high, NULL},
    {"windows-1253", "cp1253 windows-1253 x-cp1253", windows_1253_high, NULL},
    {"windows-1254",
     "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5"
     " latin5 windows-1254 x-cp1254",
     windows_1254_high, NULL},
    {"windows-1255", "cp1255 windows-1255 x-cp1255", windows_1255_high, NULL},
    {"windows-1256", "cp1256 windows-1256 x-cp1256", windows_1256_high, NULL},
    {"windows-1257", "cp1257 windows-1257 x-cp1257", windows_1257_high, NULL},
    {"windows-1258", "cp1258 windows-1258 x-cp1258", windows_1258_high, NULL},
    {"GBK", "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk", NULL,
     ansi_decode_gb18030},
    {"gb18030", "gb18030", NULL, ansi_decode_gb18030},
    {"Big5", "big5 big5-hkscs cn-big5 csbig5 x-x-big5", NULL, ansi_decode_big5},
    {"EUC-JP", "cseucpkdfmtjapanese euc-jp x-euc-jp", NULL, ansi_decode_euc_jp},
    {"Shift_JIS", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis", NULL,
     ansi_decode_shift_jis},
    {"EUC-KR",
     "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601"
     " ksc_5601 windows-949",
     NULL, ansi_decode_euc_kr},
    {"x-user-defined", "x-user-defined", x_user_defined_high, NULL},
};

// UTF-16BE, UTF-16LE, ISO-2022-JP and replacement.
static const char not_ascii_labels[] =
    "unicodefffe utf-16be csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"
    " csiso2022jp iso-2022-jp csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr"
    " replacement";

enum { LABEL_BYTES_MAX = 32 }; // the longest label has 19

// Lower case without the blanks around (those of the standard: no vertical tab). Returns the size,
// 0 if there is no such label for sure.
static size_t normalise(const char *label, char word[LABEL_BYTES_MAX])
{
    static const char blanks[] = "\t\n\f\r ";

    label += strspn(label, blanks);
    size_t size = strlen(label);
    while (size > 0 && strchr(blanks, label[size - 1]))
        size--;
    if (size > LABEL_BYTES_MAX)
        return 0;
    for (size_t i = 0; i < size; i++)
        word[i] = label[i] >= 'A' && label[i] <= 'Z' ? (char)(label[i] - 'A' + 'a') : label[i];
    return size;
}

static bool lists(const char *labels, const char *word, size_t size)
{
    for (;;) {
        size_t length = strcspn(labels, " ");
        if (length == size && memcmp(labels, word, size) == 0)
            return true;
        if (labels[length] == '\0')
            return false;
        labels += length + 1;
    }
}

enum ansi_lookup ansi_codec_find(const char *label, const struct ansi_codec **ret_codec)
{
    char word[LABEL_BYTES_MAX];
    size_t size = normalise(label, word);
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (lists(codecs[i].labels, word, size)) {
            *ret_codec = &codecs[i];
            return ANSI_FOUND;
        }
    }
    return lists(not_ascii_labels, word, size) ? ANSI_NOT_ASCII : ANSI_UNKNOWN;
}

const struct ansi_codec *ansi_codec_default(void)
{
    return &codecs[0];
}

const char *ansi_codec_name(const struct ansi_codec *codec)
{
    return codec->name;
}

const uint16_t *ansi_codec_high_half(const struct ansi_codec *codec)
{
    return codec->high_half;
}

static bool decode_single_byte(const uint16_t *high_half, const uint8_t *bytes, size_t size,
                               uint16_t *units)
{
    for (size_t i = 0; i < size; i++) {
        uint16_t unit = bytes[i] < 0x80 ? bytes[i] : high_half[bytes[i] - 0x80];
        if (unit == 0 && bytes[i] != 0)
            return false;
        units[i] = unit;
    }
    return true;
}

// Size of the sequence that the lead byte announces, 0 if it cannot lead. The range of the second
// byte is what keeps out overlong forms, surrogates and code points above U+10FFFF.
static size_t utf8_lead(uint8_t lead, uint8_t *ret_low, uint8_t *ret_high)
{
    *ret_low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *ret_high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// Reads a sequence that starts with a byte above 0x7F. Returns its size, 0 if it is invalid.
static size_t take_utf8(const uint8_t *bytes, size_t size, uint32_t *ret_point)
{
    uint8_t low, high;
    size_t length = utf8_lead(bytes[0], &low, &high);
    if (length == 0 || length > size || bytes[1] < low || bytes[1] > high)
        return 0;
    uint32_t point = bytes[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3F);
    }
    *ret_point = point;
    return length;
}

static bool decode_utf8(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    uint16_t *out = units;
    for (size_t i = 0; i < size;) {
        if (bytes[i] < 0x80) {
            *out++ = bytes[i++];
            continue;
        }
        uint32_t point;
        size_t taken = take_utf8(bytes + i, size - i, &point);
        if (!taken)
            return false;
        i += taken;
        if (point >= 0x10000) {
            *out++ = (uint16_t)(0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + (point & 0x3FF);
        }
        *out++ = (uint16_t)point;
    }
    *ret_count = (size_t)(out - units);
    return true;
}

bool ansi_codec_decode(const struct ansi_codec *codec, const uint8_t *bytes, size_t size,
                       uint16_t *units, size_t *ret_count)
{
    if (codec->decode)
        return codec->decode(bytes, size, units, ret_count);
    *ret_count = size;
    return decode_single_byte(codec->high_half, bytes, size, units);
}
