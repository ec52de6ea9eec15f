#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the static library that is installed: one object whose only global symbols are the public ones, so
# that a program that links it keeps its own arena_init.
# usage: localize.sh OBJCOPY LD AR INTERNAL_ARCHIVE OUTPUT
set -e
objcopy=$1 ld=$2 ar=$3 archive=$4 output=$5
object=$output.o
"$ld" -r --whole-archive "$archive" -o "$object"
# The code is there; the intermediate form of LTO beside it would bring the hidden names back.
"$objcopy" --wildcard --keep-global-symbol='evx_*' --remove-section='.gnu.lto_*' \
    --remove-section='.gnu.debuglto_*' "$object"
rm -f "$output"
"$ar" rcsD "$output" "$object"
rm -f "$object"
