// SPDX-License-Identifier: MIT
// The East Asian code pages of the WHATWG Encoding Standard; contract as of ansi_codec_decode().
#ifndef EVX_TEXT_ANSI_MULTIBYTE_H
#define EVX_TEXT_ANSI_MULTIBYTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool ansi_decode_fn(const uint8_t *bytes, size_t size, uint16_t *units, size_t *ret_count);

ansi_decode_fn ansi_decode_gb18030; // also GBK: the standard decodes both alike
ansi_decode_fn ansi_decode_big5;
ansi_decode_fn ansi_decode_euc_jp;
ansi_decode_fn ansi_decode_shift_jis;
ansi_decode_fn ansi_decode_euc_kr;

#endif
