// SPDX-License-Identifier: MIT
// The one place of the version numbers: meson.build reads them from here.
#ifndef EVX_EVX_VERSION_H
#define EVX_EVX_VERSION_H

#define EVX_VERSION_MAJOR 0
#define EVX_VERSION_MINOR 1
#define EVX_VERSION_PATCH 0
#define EVX_VERSION_STRING "0.1.0"

// Grows by one when a program built against an older header could break.
#define EVX_ABI_VERSION 3

#endif
