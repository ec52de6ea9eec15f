// SPDX-License-Identifier: MIT
#include "filter/reading.h"

#include <string.h>

#include "system/address.h"

static bool is_white(uint32_t character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

struct reading_text reading_trim(struct reading_text text)
{
    while (text.count > 0 && is_white(reading_peek(&text)))
        reading_skip(&text, 1);
    while (text.count > 0) {
        struct reading_text last = text;
        reading_skip(&last, text.count - 1);
        if (!is_white(reading_peek(&last)))
            break;
        text.count--;
    }
    return text;
}

uint8_t reading_digit(uint32_t character)
{
    if (character >= '0' && character <= '9')
        return (uint8_t)(character - '0');
    uint32_t lower = character | 0x20;
    return lower >= 'a' && lower <= 'f' ? (uint8_t)(lower - 'a' + 10) : UINT8_MAX;
}

bool reading_is_word(struct reading_text text, const char *lower_word)
{
    if (text.count != strlen(lower_word))
        return false;
    for (; *lower_word; lower_word++, reading_skip(&text, 1)) {
        uint32_t character = reading_peek(&text);
        if (character >= 'A' && character <= 'Z')
            character += 'a' - 'A';
        if (character != (uint8_t)*lower_word)
            return false;
    }
    return true;
}

bool reading_truth(struct reading_text text, bool *ret_truth)
{
    bool truth = reading_is_word(text, "true");
    if (!truth && !reading_is_word(text, "false"))
        return false;
    *ret_truth = truth;
    return true;
}

bool reading_guid(struct reading_text text, uint8_t ret_guid[16])
{
    // Where the bytes of the text go: three little-endian numbers, then eight bytes.
    static const uint8_t places[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t guid[16];
    bool has_brace = reading_accept(&text, '{');
    for (int i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && !reading_accept(&text, '-'))
            return false;
        if (text.count < 2)
            return false;
        uint8_t high = reading_digit(reading_peek(&text));
        reading_skip(&text, 1);
        uint8_t low = reading_digit(reading_peek(&text));
        reading_skip(&text, 1);
        if (high > 15 || low > 15)
            return false;
        guid[places[i]] = (uint8_t)(high << 4 | low);
    }
    if ((has_brace && !reading_accept(&text, '}')) || text.count > 0)
        return false;
    memcpy(ret_guid, guid, sizeof guid);
    return true;
}

bool reading_address(struct reading_text text, uint8_t ret_address[16], bool *ret_is_ipv6)
{
    char ascii[ADDRESS_TEXT_BYTES];
    size_t size = 0;
    bool is_ipv6 = false;
    if (text.count >= sizeof ascii)
        return false;
    for (; text.count > 0; reading_skip(&text, 1)) {
        uint32_t character = reading_peek(&text);
        if (character == 0 || character > 0x7F)
            return false;
        is_ipv6 = is_ipv6 || character == ':';
        ascii[size++] = (char)character;
    }
    ascii[size] = '\0';
    if (!address_parse(ascii, is_ipv6, ret_address))
        return false;
    *ret_is_ipv6 = is_ipv6;
    return true;
}
