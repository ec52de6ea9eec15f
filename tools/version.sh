#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the version that include/evx/evx_version.h states, for meson.build.
sed -n 's/^#define EVX_VERSION_STRING "\(.*\)"$/\1/p' "$(dirname "$0")/../include/evx/evx_version.h"
