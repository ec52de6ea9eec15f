#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Libraries for systems that Debian has no binary packages of, made of Debian's source packages: libdeflate and
# PCRE2, which are linked in, and cmocka, which the unit tests use.
# usage: dependencies.sh HOST FOLDER, such as dependencies.sh x86_64-w64-mingw32 build/dependencies/windows
set -euo pipefail

host=$1
mkdir -p "$2"
prefix=$(cd "$2" && pwd)
sources=$(dirname "$prefix")/sources
readonly host prefix sources

# A look at source packages of our own: the system's lists stay as they are.
source_apt() {
    apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$sources/apt" \
        -o Dir::State::Lists="$sources/apt/lists" -o Dir::Cache="$sources/apt/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}

fetch() {
    local package
    mkdir -p "$sources/apt/lists/partial" "$sources/apt/cache/archives/partial"
    cat >"$sources/apt/source.sources" <<'EOF'
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
    source_apt update
    cd "$sources"
    for package in libdeflate pcre2 cmocka; do
        rm -rf "${package:?}"
        # Verified by the archive's signature and the checksums in it.
        source_apt source --download-only "$package"
        mkdir "$package"
        tar -xf "$package"_*.orig.tar.?z --strip-components=1 -C "$package"
    done
    touch "$sources/fetched"
}

fail() {
    tail -n 20 "$1" >&2
    exit 1
}

# with_cmake PACKAGE [CMAKE OPTION...]
with_cmake() {
    local package=$1 build=$prefix/build-$1
    shift
    rm -rf "$build"
    cmake -S "$sources/$package" -B "$build" -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_C_COMPILER="$host-gcc-posix" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS="-ffile-prefix-map=$sources=." -DCMAKE_INSTALL_PREFIX="$prefix" -DBUILD_SHARED_LIBS=OFF \
        "$@" >"$build.log" 2>&1 || fail "$build.log"
    cmake --build "$build" -j 2 --target install >>"$build.log" 2>&1 || fail "$build.log"
    rm -rf "$build"
}

# Its own build needs no more than this: every file is chosen by macros.
build_libdeflate() {
    local objects=$prefix/libdeflate-objects file
    rm -rf "$objects"
    mkdir -p "$objects" "$prefix/lib" "$prefix/include"
    (
        cd "$sources/libdeflate"
        for file in lib/*.c lib/*/*.c; do
            case $file in
            lib/arm/*) continue ;;
            esac
            "$host-gcc-posix" -O2 -std=c99 -I. -D_ANSI_SOURCE -c "$file" -o "$objects/$(tr / _ <<<"${file%.c}").o"
        done
    )
    rm -f "$prefix/lib/libdeflate.a"
    "$host-gcc-ar-posix" rcsD "$prefix/lib/libdeflate.a" "$objects"/*.o
    cp "$sources/libdeflate/libdeflate.h" "$prefix/include/"
    mkdir -p "$prefix/lib/pkgconfig"
    cat >"$prefix/lib/pkgconfig/libdeflate.pc" <<EOF
Name: libdeflate
Description: DEFLATE and checksums
Version: 1.14
Cflags: -I$prefix/include
Libs: -L$prefix/lib -ldeflate
EOF
    rm -rf "$objects"
}

[ -f "$sources/fetched" ] || (fetch)
build_libdeflate
with_cmake pcre2 -DPCRE2_BUILD_PCRE2_8=OFF -DPCRE2_BUILD_PCRE2_16=ON -DPCRE2_BUILD_PCRE2GREP=OFF -DPCRE2_BUILD_TESTS=OFF
with_cmake cmocka -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
touch "$prefix/complete"
