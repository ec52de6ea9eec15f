// SPDX-License-Identifier: MIT
// The character tables come from the C library's iconv, whose converters differ from the standard
// in few places (the corrections below). Character boundaries are found here by the standard's
// rules, so iconv only ever sees one character. What it says is kept: a table is filled at first
// use.
#include "text/ansi_multibyte.h"

#include <iconv.h>
#include <pthread.h>
#include <stdatomic.h>

// One character as one or two UTF-16 units: the first in the low half. 0: undefined.
// (Two units are a surrogate pair or, in Big5, a letter and its combining mark.)
typedef uint32_t cell_t;

enum {
    PAIR_FIRST = 0x8140, // lowest lead and trail byte of all two-byte sets
    PAIR_COUNT = 0xFEFF - PAIR_FIRST + 1,
    GB_BMP_COUNT = 39420,     // linear positions of the four-byte sequences up to 84 31 A4 39
    GB_ASTRAL_FIRST = 189000, // that of 90 30 81 30 = U+10000
    GB_ASTRAL_COUNT = 0x100000,
};

struct correction {
    uint16_t key; // the two bytes, or the linear position of a four-byte sequence
    uint16_t unit;
};

struct charset {
    const char *converter;
    const struct correction *corrections;
    size_t correction_count;
    size_t (*spell)(size_t key, uint8_t *bytes); // the bytes iconv takes for a key
    cell_t *cells;
    size_t first_key;
    size_t count;
    atomic_bool filled;
};

// glibc follows a newer assignment than the standard here: private-use characters stay private-use,
// and A3 A0 is the full-width blank of older GBK text.
static const struct correction gb_pair_corrections[] = {
    {0xA3A0, 0x3000}, {0xFE51, 0xE816}, {0xFE52, 0xE817}, {0xFE53, 0xE818},
    {0xFE6C, 0xE831}, {0xFE76, 0xE83B}, {0xFE91, 0xE855},
};

// These characters have a two-byte and a four-byte sequence; glibc knows only the former.
static const struct correction gb_four_corrections[] = {
    {19057, 0x9FB4}, {19058, 0x9FB5}, {19059, 0x9FB6}, {19060, 0x9FB7}, {19061, 0x9FB8},
    {19062, 0x9FB9}, {19063, 0x9FBA}, {19064, 0x9FBB}, {39076, 0xFE10}, {39077, 0xFE11},
    {39078, 0xFE12}, {39079, 0xFE13}, {39080, 0xFE14}, {39081, 0xFE15}, {39082, 0xFE16},
    {39083, 0xFE17}, {39084, 0xFE18}, {39085, 0xFE19},
};

// The standard adds to HKSCS the duplicates and ETEN extensions that HKSCS left out and takes the
// Windows choice for punctuation.
static const struct correction big5_corrections[] = {
    {0x8E69, 0x7BB8}, {0x8E6F, 0x7C06}, {0x8E7E, 0x7CCE}, {0x8EAB, 0x7DD2}, {0x8EB4, 0x7E1D},
    {0x8ECD, 0x8005}, {0x8ED0, 0x8028}, {0x8F57, 0x83C1}, {0x8F69, 0x84A8}, {0x8F6E, 0x840F},
    {0x8FCB, 0x89A6}, {0x8FCC, 0x89A9}, {0x8FFE, 0x8D77}, {0x906D, 0x90FD}, {0x907A, 0x92B9},
    {0x90DC, 0x975C}, {0x90F1, 0x97FF}, {0x91BF, 0x9F16}, {0x9244, 0x8503}, {0x92AF, 0x5159},
    {0x92B0, 0x515B}, {0x92B1, 0x515D}, {0x92B2, 0x515E}, {0x92C8, 0x936E}, {0x92D1, 0x7479},
    {0x9447, 0x6D67}, {0x94CA, 0x799B}, {0x95D9, 0x9097}, {0x9644, 0x975D}, {0x96ED, 0x701E},
    {0x96FC, 0x5B28}, {0x9B76, 0x7201}, {0x9B78, 0x77D7}, {0x9B7B, 0x7E87}, {0x9BC6, 0x99D6},
    {0x9BDE, 0x91D4}, {0x9BEC, 0x60DE}, {0x9BF6, 0x6FB6}, {0x9C42, 0x8F36}, {0x9C53, 0x4FBB},
    {0x9C62, 0x71DF}, {0x9C68, 0x9104}, {0x9C6B, 0x9DF0}, {0x9C77, 0x83CF}, {0x9CBC, 0x5C10},
    {0x9CBD, 0x79E3}, {0x9CD0, 0x5A67}, {0x9D57, 0x8F0B}, {0x9D5A, 0x7B51}, {0x9DC4, 0x62D0},
    {0x9EA9, 0x6062}, {0x9EEF, 0x75F9}, {0x9EFD, 0x6C4A}, {0x9F60, 0x9B2E}, {0x9F66, 0x9F17},
    {0x9FCB, 0x50ED}, {0x9FD8, 0x5F0C}, {0xA063, 0x880F}, {0xA077, 0x62CE}, {0xA0D5, 0x7468},
    {0xA0DF, 0x7162}, {0xA0E4, 0x7250}, {0xA145, 0x2027}, {0xA14E, 0xFE51}, {0xA15A, 0x2574},
    {0xA1C2, 0x00AF}, {0xA1C3, 0xFFE3}, {0xA1C5, 0x02CD}, {0xA1E3, 0xFF5E}, {0xA1F2, 0x2295},
    {0xA1F3, 0x2299}, {0xA1FE, 0xFF0F}, {0xA240, 0xFF3C}, {0xA241, 0x2215}, {0xA242, 0xFE68},
    {0xA244, 0xFFE5}, {0xA246, 0xFFE0}, {0xA247, 0xFFE1}, {0xA2CC, 0x5341}, {0xA2CE, 0x5345},
    {0xA3C0, 0x2400}, {0xA3C1, 0x2401}, {0xA3C2, 0x2402}, {0xA3C3, 0x2403}, {0xA3C4, 0x2404},
    {0xA3C5, 0x2405}, {0xA3C6, 0x2406}, {0xA3C7, 0x2407}, {0xA3C8, 0x2408}, {0xA3C9, 0x2409},
    {0xA3CA, 0x240A}, {0xA3CB, 0x240B}, {0xA3CC, 0x240C}, {0xA3CD, 0x240D}, {0xA3CE, 0x240E},
    {0xA3CF, 0x240F}, {0xA3D0, 0x2410}, {0xA3D1, 0x2411}, {0xA3D2, 0x2412}, {0xA3D3, 0x2413},
    {0xA3D4, 0x2414}, {0xA3D5, 0x2415}, {0xA3D6, 0x2416}, {0xA3D7, 0x2417}, {0xA3D8, 0x2418},
    {0xA3D9, 0x2419}, {0xA3DA, 0x241A}, {0xA3DB, 0x241B}, {0xA3DC, 0x241C}, {0xA3DD, 0x241D},
    {0xA3DE, 0x241E}, {0xA3DF, 0x241F}, {0xA3E0, 0x2421}, {0xA3E1, 0x20AC}, {0xC6CF, 0x5EF4},
    {0xC6D3, 0x65E0}, {0xC6D5, 0x7676}, {0xC6D7, 0x96B6}, {0xC6DE, 0x3003}, {0xC6DF, 0x4EDD},
    {0xFA5F, 0x5029}, {0xFA66, 0x507D}, {0xFABD, 0x5305}, {0xFAC5, 0x5344}, {0xFAD5, 0x537F},
    {0xFB48, 0x5605}, {0xFBB8, 0x5A77}, {0xFBF3, 0x5E75}, {0xFBF9, 0x5ED0}, {0xFC4F, 0x5F58},
    {0xFC6C, 0x60A4}, {0xFCB9, 0x6490}, {0xFCE2, 0x6674}, {0xFCF1, 0x675E}, {0xFDB7, 0x6C9C},
    {0xFDB8, 0x6E1D}, {0xFDBB, 0x6E2F}, {0xFDF1, 0x716E}, {0xFE52, 0x732A}, {0xFE6F, 0x745C},
    {0xFEAA, 0x74E9}, {0xFEDD, 0x7809},
};

static size_t spell_pair(size_t key, uint8_t *bytes)
{
    bytes[0] = (uint8_t)(key >> 8);
    bytes[1] = (uint8_t)key;
    return 2;
}

static size_t spell_jis0212(size_t key, uint8_t *bytes)
{
    bytes[0] = 0x8F;
    return 1 + spell_pair(key, bytes + 1);
}

static size_t spell_gb_four(size_t key, uint8_t *bytes)
{
    bytes[0] = (uint8_t)(0x81 + key / 12600);
    bytes[1] = (uint8_t)(0x30 + key / 1260 % 10);
    bytes[2] = (uint8_t)(0x81 + key / 10 % 126);
    bytes[3] = (uint8_t)(0x30 + key % 10);
    return 4;
}

#define CORRECTED(table)                                                                           \
    .corrections = (table), .correction_count = sizeof(table) / sizeof(*(table))
#define PAIRS .cells = (cell_t[PAIR_COUNT]){0}, .first_key = PAIR_FIRST, .count = PAIR_COUNT

static struct charset gb_pairs = {
    .converter = "GB18030", .spell = spell_pair, PAIRS, CORRECTED(gb_pair_corrections)};
static struct charset gb_fours = {.converter = "GB18030",
                                  .spell = spell_gb_four,
                                  CORRECTED(gb_four_corrections),
                                  .cells = (cell_t[GB_BMP_COUNT]){0},
                                  .count = GB_BMP_COUNT};
static struct charset big5 = {
    .converter = "BIG5-HKSCS", .spell = spell_pair, PAIRS, CORRECTED(big5_corrections)};
static struct charset jis0208 = {.converter = "CP932", .spell = spell_pair, PAIRS};
static struct charset jis0212 = {.converter = "EUC-JP", .spell = spell_jis0212, PAIRS};
static struct charset uhc = {.converter = "UHC", .spell = spell_pair, PAIRS};

static cell_t ask_iconv(iconv_t converter, const struct charset *set, size_t key)
{
    uint8_t bytes[4];
    uint8_t text[8];
    size_t size = set->spell(key, bytes);
    size_t room = sizeof(text);
    char *from = (char *)bytes;
    char *to = (char *)text;
    iconv(converter, NULL, NULL, NULL, NULL);
    if (iconv(converter, &from, &size, &to, &room) != 0)
        return 0;
    // HKSCS holds back letters that may take a mark.
    if (iconv(converter, NULL, NULL, &to, &room) != 0)
        return 0;
    cell_t cell = text[0] | (cell_t)text[1] << 8;
    switch (sizeof(text) - room) {
    case 2:
        return cell;
    case 4:
        return cell | (cell_t)text[2] << 16 | (cell_t)text[3] << 24;
    default:
        return 0;
    }
}

static bool fill(struct charset *set)
{
    iconv_t converter = iconv_open("UTF-16LE", set->converter);
    if (converter == (iconv_t)-1)
        return false;
    for (size_t i = 0; i < set->count; i++)
        set->cells[i] = ask_iconv(converter, set, set->first_key + i);
    iconv_close(converter);
    for (size_t i = 0; i < set->correction_count; i++)
        set->cells[set->corrections[i].key - set->first_key] = set->corrections[i].unit;
    return true;
}

static bool ensure_filled(struct charset *set)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    if (atomic_load_explicit(&set->filled, memory_order_acquire))
        return true;
    pthread_mutex_lock(&lock);
    bool filled = atomic_load_explicit(&set->filled, memory_order_relaxed) || fill(set);
    atomic_store_explicit(&set->filled, filled, memory_order_release);
    pthread_mutex_unlock(&lock);
    return filled;
}

static cell_t look_up(struct charset *set, size_t key)
{
    return ensure_filled(set) ? set->cells[key - set->first_key] : 0;
}

// A taker reads the character at bytes (its first byte is no ASCII) and returns the size of its
// sequence, 0 if it is invalid.
typedef size_t take_fn(const uint8_t *bytes, size_t size, cell_t *ret_cell);

static size_t take_pair(struct charset *set, const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (size < 2 || bytes[0] < 0x81 || bytes[0] > 0xFE || bytes[1] < 0x40)
        return 0;
    *ret_cell = look_up(set, (size_t)bytes[0] << 8 | bytes[1]);
    return *ret_cell ? 2 : 0;
}

static size_t take_big5(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    return take_pair(&big5, bytes, size, ret_cell);
}

static size_t take_euc_kr(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    return take_pair(&uhc, bytes, size, ret_cell);
}

static bool is_between(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

static cell_t surrogate_pair(uint32_t above_bmp)
{
    return (0xD800 + (above_bmp >> 10)) | (0xDC00 + (above_bmp & 0x3FF)) << 16;
}

static size_t take_gb_four(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (size < 4 || !is_between(bytes[2], 0x81, 0xFE) || !is_between(bytes[3], 0x30, 0x39))
        return 0;
    uint32_t key = (uint32_t)((bytes[0] - 0x81) * 12600 + (bytes[1] - 0x30) * 1260 +
                              (bytes[2] - 0x81) * 10 + (bytes[3] - 0x30));
    if (key < GB_BMP_COUNT)
        *ret_cell = look_up(&gb_fours, key);
    else if (key >= GB_ASTRAL_FIRST && key - GB_ASTRAL_FIRST < GB_ASTRAL_COUNT)
        *ret_cell = surrogate_pair(key - GB_ASTRAL_FIRST);
    else
        *ret_cell = 0;
    return *ret_cell ? 4 : 0;
}

static size_t take_gb18030(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (bytes[0] == 0x80) { // the euro sign of Windows' GBK
        *ret_cell = 0x20AC;
        return 1;
    }
    if (size >= 2 && is_between(bytes[0], 0x81, 0xFE) && is_between(bytes[1], 0x30, 0x39))
        return take_gb_four(bytes, size, ret_cell);
    return take_pair(&gb_pairs, bytes, size, ret_cell);
}

static cell_t half_width_katakana(uint8_t byte)
{
    return 0xFF61 - 0xA1 + (cell_t)byte;
}

static size_t take_shift_jis(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (bytes[0] == 0x80 || is_between(bytes[0], 0xA1, 0xDF)) {
        *ret_cell = bytes[0] == 0x80 ? 0x80 : half_width_katakana(bytes[0]);
        return 1;
    }
    // iconv would take a lone katakana and an ASCII byte for a pair; A0 and FD..FF lead none.
    if (bytes[0] == 0xA0 || bytes[0] > 0xFC)
        return 0;
    return take_pair(&jis0208, bytes, size, ret_cell);
}

// The table of JIS X 0208 is laid out by Shift_JIS, which packs two rows of 94 into one lead byte.
static size_t shift_jis_key(uint8_t row_byte, uint8_t cell_byte)
{
    size_t position = (size_t)(row_byte - 0xA1) * 94 + (size_t)(cell_byte - 0xA1);
    size_t lead = position / 188;
    size_t trail = position % 188;
    return (lead + (lead < 0x1F ? 0x81 : 0xC1)) << 8 | (trail + (trail < 0x3F ? 0x40 : 0x41));
}

static size_t take_euc_jp(const uint8_t *bytes, size_t size, cell_t *ret_cell)
{
    if (size >= 2 && bytes[0] == 0x8E && is_between(bytes[1], 0xA1, 0xDF)) {
        *ret_cell = half_width_katakana(bytes[1]);
        return 2;
    }
    size_t prefix = bytes[0] == 0x8F;
    const uint8_t *pair = bytes + prefix;
    if (size < prefix + 2 || !is_between(pair[0], 0xA1, 0xFE) || !is_between(pair[1], 0xA1, 0xFE))
        return 0;
    *ret_cell = prefix ? look_up(&jis0212, (size_t)pair[0] << 8 | pair[1])
                       : look_up(&jis0208, shift_jis_key(pair[0], pair[1]));
    return *ret_cell ? prefix + 2 : 0;
}

static bool decode(take_fn *take, const uint8_t *bytes, size_t size, uint16_t *units,
                   size_t *ret_count)
{
    uint16_t *out = units;
    for (size_t i = 0; i < size;) {
        if (bytes[i] < 0x80) {
            *out++ = bytes[i++];
            continue;
        }
        cell_t cell;
        size_t taken = take(bytes + i, size - i, &cell);
        if (!taken)
            return false;
        i += taken;
        *out++ = (uint16_t)cell;
        if (cell >> 16)
            *out++ = (uint16_t)(cell >> 16);
    }
    *ret_count = (size_t)(out - units);
    return true;
}

bool ansi_decode_gb18030(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_gb18030, bytes, size, units, ret_count);
}

bool ansi_decode_big5(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_big5, bytes, size, units, ret_count);
}

bool ansi_decode_euc_jp(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_euc_jp, bytes, size, units, ret_count);
}

bool ansi_decode_shift_jis(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_shift_jis, bytes, size, units, ret_count);
}

bool ansi_decode_euc_kr(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count)
{
    return decode(take_euc_kr, bytes, size, units, ret_count);
}
