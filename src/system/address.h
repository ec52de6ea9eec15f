// SPDX-License-Identifier: MIT
// Network addresses as text.
#ifndef EVX_SYSTEM_ADDRESS_H
#define EVX_SYSTEM_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { ADDRESS_TEXT_BYTES = 46 }; // of the longest one, with its NUL

// Of 16 bytes for IPv6, else of 4; in network order. False: the text is no such address.
bool address_parse(const char *text, bool is_ipv6, uint8_t *ret_address);

#endif
