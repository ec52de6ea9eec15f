// SPDX-License-Identifier: MIT
#ifdef _WIN32
#include "system/address.h"

#include <winsock2.h>
#include <ws2tcpip.h>

bool address_parse(const char *text, bool is_ipv6, uint8_t *ret_address)
{
    return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, ret_address) == 1;
}

#endif
