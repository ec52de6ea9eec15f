// SPDX-License-Identifier: MIT
// Random numbers and composed text of the generator.
#include "gen/generator.h"

void generate_seed(generator *g, uint64_t seed)
{
    for (unsigned i = 0; i < 4; i++) { // splitmix64
        uint64_t z = seed += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        g->random[i] = z ^ z >> 31;
    }
}

// The buffer is far larger than any record can be; what does not fit is left out.
static char16_t *text_room(generator *g, uint32_t count)
{
    if (count + 1 > GENERATE_TEXT_UNITS - g->text_used)
        return NULL;
    char16_t *units = g->text + g->text_used;
    g->text_used += count;
    return units;
}

void text_add16(generator *g, text16 text)
{
    char16_t *units = text_room(g, text.count);
    if (units)
        memcpy(units, text.units, text.count * sizeof *units);
}

void text_add(generator *g, const char *latin1)
{
    size_t count = strlen(latin1);
    char16_t *units = text_room(g, (uint32_t)count);
    for (size_t i = 0; units && i < count; i++)
        units[i] = (unsigned char)latin1[i];
}

void text_add_number(generator *g, uint64_t number, unsigned digits)
{
    char buffer[24], *p = buffer + sizeof buffer - 1;
    char *least = p - digits;
    *p = 0;
    do {
        *--p = (char)('0' + number % 10);
        number /= 10;
    } while (number || p > least);
    text_add(g, p);
}

void text_add_hex(generator *g, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    char16_t *units = text_room(g, (uint32_t)size * 2);
    for (size_t i = 0; units && i < size; i++) {
        units[2 * i] = (unsigned char)digits[bytes[i] >> 4];
        units[2 * i + 1] = (unsigned char)digits[bytes[i] & 15];
    }
}

text16 text_end(generator *g, uint32_t begin)
{
    text16 text = {g->text + begin, g->text_used - begin};
    g->text[g->text_used] = 0;
    if (g->text_used < GENERATE_TEXT_UNITS - 1)
        g->text_used++;
    return text;
}

text16 text_keep(generator *g, uint32_t begin)
{
    text16 text = text_end(g, begin);
    char16_t *copy = encode_allocate(g->builder, (text.count + 1) * sizeof *copy);
    g->text_used = begin;
    if (!copy)
        return (text16){u"", 0};
    memcpy(copy, text.units, (text.count + 1) * sizeof *copy);
    return (text16){copy, text.count};
}

encode_value text_value(generator *g, text16 text)
{
    uint32_t count = text.count + (random_below(g, 6) == 0);
    return encode_borrowed(ENCODE_STRING, text.units, count * sizeof(char16_t));
}

encode_value text_value_end(generator *g, uint32_t begin)
{
    return text_value(g, text_end(g, begin));
}

const char *pick_ascii(generator *g, const char *const *list)
{
    uint32_t count = 0;
    while (list[count])
        count++;
    return list[random_skewed(g, count)];
}
