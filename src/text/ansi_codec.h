// SPDX-License-Identifier: MIT
// ANSI strings: the code pages of the WHATWG Encoding Standard that are supersets of ASCII.
#ifndef EVX_TEXT_ANSI_CODEC_H
#define EVX_TEXT_ANSI_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ansi_codec;

enum ansi_lookup {
    ANSI_FOUND,
    ANSI_UNKNOWN,   // no label of the standard
    ANSI_NOT_ASCII, // UTF-16, ISO-2022-JP, replacement: cannot hold ANSI strings
};

// Finds a codec by label: any case, blanks around it ignored. The codec is constant and lives for
// ever.
enum ansi_lookup ansi_codec_find(const char *label, const struct ansi_codec **ret_codec);
const struct ansi_codec *ansi_codec_default(void);           // windows-1252
const char *ansi_codec_name(const struct ansi_codec *codec); // "windows-1252", "UTF-8", "GBK"

// For single-byte codecs: 128 UTF-16 units for the bytes 0x80..0xFF, 0 where the byte is undefined;
// NULL for multi-byte codecs. Bytes below 0x80 are ASCII in every codec.
const uint16_t *ansi_codec_high_half(const struct ansi_codec *codec);

// Strict decoding of any codec to UTF-16LE units; no byte is special (NULs must be removed before).
// Returns false on an invalid or undefined sequence. units has room for 2 * size (every input byte
// yields at most two units). Safe to call from several threads at once.
bool ansi_codec_decode(const struct ansi_codec *codec, const uint8_t *bytes, size_t size,
                       uint16_t *units, size_t *ret_count);

#endif
