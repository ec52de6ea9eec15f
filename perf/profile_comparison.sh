#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# evx against the other converters that are installed; usage() says how.
set -euo pipefail

usage() {
    cat <<'END'
usage: perf/profile_comparison.sh [OPTION...]

evx against the other converters that ./dev rivals installed, on one log: their output is compared with ours,
then they are timed in turn, then profiled. What is missing, or writes something else, is reported and left out.

  --bench-only     times alone
  --profile-only   profiles alone: tables of leaves, inclusive costs, callers, and flame graphs
  --top-leaves     profiles alone, and prints the tables of the top leaves
  --flamegraph     profiles alone, and prints the paths of the flame graphs
  --help           this text

Environment:
  SAMPLE_FILE         the log; by default that of workload W1
  FORMAT              jsonl, xml or json (jsonl); some converters write only xml
  RUNS                rounds to time (15)
  OUTPUT_DIR          where results go (build/lab/comparison): benchmark.md, .json, .svg; profiles/
  EVX_BINARY          our evtx_dump (build/cli/evtx_dump); with -g, inlined functions are told apart
  RUST_BINARY         the Rust evtx_dump (build/rivals/bin/evtx_dump)
  ZIG_BINARY          evtx_dump_zig; none by default
  TOP_LEAVES_N        rows of the tables (20)
  TOP_LEAVES_WEIGHT   cpu, samples or wall (cpu)
  PROFILE_ITERATIONS  runs that are merged into one profile (200)
  QUIET_CHECK         1: wait for a quiet machine first (perf/ensure_quiet.sh)
  BENCH_MT            1: eight threads, too: benchmark_mt.md, .json, .svg
END
}

die() {
    printf 'profile_comparison: %s\n' "$*" >&2
    exit 2
}

# setting NAME DEFAULT PATTERN DESCRIPTION: NAME from the environment, or its default
setting() {
    local value=${!1:-$2}
    [[ $value =~ ^($3)$ ]] || die "$1 is '$value'; it must be $4"
    printf -v "$1" '%s' "$value"
}

bench=1 profile=1 options=()
for argument in "$@"; do
    case $argument in
    --bench-only) profile=0 ;;
    --profile-only) bench=0 ;;
    --top-leaves) bench=0 options+=(--print-leaves) ;;
    --flamegraph) bench=0 options+=(--print-flames) ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done
[ "$bench$profile" != 00 ] || die "--bench-only leaves out what the other options ask for"

setting FORMAT jsonl 'jsonl|xml|json' 'jsonl, xml or json'
setting RUNS 15 '[1-9][0-9]*' 'a whole number, 1 or more'
setting TOP_LEAVES_N 20 '[1-9][0-9]*' 'a whole number, 1 or more'
setting TOP_LEAVES_WEIGHT cpu 'cpu|samples|wall' 'cpu, samples or wall'
setting PROFILE_ITERATIONS 200 '[1-9][0-9]*' 'a whole number, 1 or more'
setting QUIET_CHECK 0 '[01]' '0 or 1'
setting BENCH_MT 0 '[01]' '0 or 1'

# Paths are the caller's; ./dev works in the repository.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
absolute() {
    case $1 in
    /*) printf '%s' "$1" ;;
    *) printf '%s' "$PWD/$1" ;;
    esac
}
options+=(--output "$(absolute "${OUTPUT_DIR:-$root/build/lab/comparison}")"
    --format "$FORMAT" --runs "$RUNS" --top "$TOP_LEAVES_N" --weight "$TOP_LEAVES_WEIGHT" --iterations "$PROFILE_ITERATIONS")
if [ -n "${SAMPLE_FILE:-}" ]; then
    [ -f "$SAMPLE_FILE" ] || die "SAMPLE_FILE is '$SAMPLE_FILE', which is no file"
    options+=(--log "$(absolute "$SAMPLE_FILE")")
fi
[ -z "${EVX_BINARY:-}" ] || options+=(--evx "$(absolute "$EVX_BINARY")")
[ -z "${RUST_BINARY:-}" ] || options+=(--rust "$(absolute "$RUST_BINARY")")
[ -z "${ZIG_BINARY:-}" ] || options+=(--zig "$(absolute "$ZIG_BINARY")")
[ "$bench" = 0 ] || options+=(--bench)
[ "$BENCH_MT" = 0 ] || options+=(--many-threads)
[ "$profile" = 0 ] || options+=(--profile)

if [ "$QUIET_CHECK" = 1 ]; then
    "$root/perf/ensure_quiet.sh" || exit
fi
exec "$root/dev" lab perf.contest "${options[@]}"
