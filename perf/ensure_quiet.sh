#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Waits until the machine is quiet enough to measure on; `hyperfine --prepare perf/ensure_quiet.sh` runs it
# before each measured run, outside the measured time.
#
# A sample is quiet when the processors are idle enough and the load average is low enough. That many quiet
# samples in a row, and the machine is quiet:
#
#   QUIET_IDLE_MIN             90     idle time in percent, waiting for disks included, at least
#   QUIET_LOAD1_MAX            2.0    load average of the last minute, at most
#   QUIET_STABLE_SAMPLES       3      quiet samples in a row
#   QUIET_SAMPLE_INTERVAL_SEC  0.25   seconds between two samples
#   QUIET_MAX_WAIT_SEC         60     whole seconds until the wait is given up
#   QUIET_VERBOSE              0      1: print each sample on standard error
#   QUIET_PROC                 /proc  where the counters of Linux are (tests put their own there)
#
# Exit code: 0 quiet; 1 not quiet in time, then the last sample and the ten busiest processes are on standard
# error; 2 cannot tell (no counters, another system, a bad value).
set -uo pipefail

LC_ALL=C # decimal points
export LC_ALL
readonly SAMPLE_SECONDS=0.1

cannot_tell() {
    printf 'ensure_quiet: %s\n' "$*" >&2
    exit 2
}

# setting NAME DEFAULT PATTERN DESCRIPTION: NAME from the environment, or its default
setting() {
    local value=${!1:-$2}
    [[ $value =~ ^($3)$ ]] || cannot_tell "$1 is '$value'; it must be $4"
    printf -v "$1" '%s' "$value"
}

readonly WHOLE='[0-9]+' DECIMAL='[0-9]+([.][0-9]+)?|[.][0-9]+'
setting QUIET_IDLE_MIN 90 '100([.]0+)?|[0-9]{1,2}([.][0-9]+)?' 'a percentage from 0 to 100'
setting QUIET_LOAD1_MAX 2.0 "$DECIMAL" 'a number, 0 or more'
setting QUIET_STABLE_SAMPLES 3 '[1-9][0-9]*' 'a whole number, 1 or more'
setting QUIET_SAMPLE_INTERVAL_SEC 0.25 "$DECIMAL" 'a number of seconds'
setting QUIET_MAX_WAIT_SEC 60 "$WHOLE" 'a whole number of seconds'
setting QUIET_VERBOSE 0 '[01]' '0 or 1'
: "${QUIET_PROC:=/proc}"

# -------------------------------------------------------------------------------------------- Linux

# "TOTAL IDLE PROCESSORS": the sum of the first eight times, idle and waiting for disks, number of processors
linux_cpu() {
    awk '$1 == "cpu" { total = $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9; idle = $5 + $6 }
         /^cpu[0-9]/ { count++ }
         END { if (!count) exit 1; printf "%.0f %.0f %d\n", total, idle, count }' "$QUIET_PROC/stat" 2>/dev/null
}

# Sets idle and load.
linux_sample() {
    local before after
    before=$(linux_cpu) || cannot_tell "no processor times in $QUIET_PROC/stat"
    sleep "$SAMPLE_SECONDS"
    after=$(linux_cpu) || cannot_tell "no processor times in $QUIET_PROC/stat"
    idle=$(awk '{ total = $4 - $1; if (total <= 0) exit 1; printf "%.1f", 100 * ($5 - $2) / total }' \
        <<<"$before $after") || cannot_tell "the times in $QUIET_PROC/stat stand still"
    load=$(awk 'NF { print $1; found = 1; exit } END { exit !found }' "$QUIET_PROC/loadavg" 2>/dev/null) ||
        cannot_tell "no load average in $QUIET_PROC/loadavg"
}

# "cpu TOTAL IDLE PROCESSORS", then lines "PID TICKS NAME"
linux_ticks() {
    echo "cpu $(linux_cpu)"
    cat "$QUIET_PROC"/[0-9]*/stat 2>/dev/null | # processes that end meanwhile are no fault
        awk '{ pid = $1; name = $0; sub(/^[^(]*\(/, "", name); sub(/\)[^)]*$/, "", name)
               sub(/^.*\)/, ""); print pid, $12 + $13, name }'
}

linux_busiest() {
    local before after
    before=$(linux_ticks)
    sleep 0.5
    after=$(linux_ticks)
    printf '%s\n--\n%s\n' "$before" "$after" | awk '
        $0 == "--" { second = 1; next }
        !second { was[$1] = $2; next }
        $1 == "cpu" { total = $2 - was["cpu"]; count = $4; next }
        total > 0 && $2 > was[$1] {
            name = $0
            sub(/^[^ ]+ [^ ]+ /, "", name)
            printf "%6.1f %7d %s\n", 100 * count * ($2 - was[$1]) / total, $1, name
        }' | sort -rn | head -n 10
}

# -------------------------------------------------------------------------------------------- macOS

# Sets idle and load; the first of top's samples is the average since the start of the machine.
macos_sample() {
    idle=$(top -l 2 -n 0 -s 1 2>/dev/null |
        awk '/^CPU usage/ { for (i = 2; i <= NF; i++) if ($i ~ /^idle/) idle = $(i - 1) }
             END { sub(/%/, "", idle); if (idle == "") exit 1; print idle }') ||
        cannot_tell "top tells no idle time"
    load=$(sysctl -n vm.loadavg 2>/dev/null | awk '{ print $2; found = 1 } END { exit !found }') ||
        cannot_tell "sysctl tells no load average"
}

macos_busiest() {
    ps -Aceo pcpu=,pid=,comm= -r | head -n 10
}

# --------------------------------------------------------------------------------------------- wait

case $(uname -s) in
Linux)
    sample() { linux_sample; }
    busiest() { linux_busiest; }
    ;;
Darwin)
    sample() { macos_sample; }
    busiest() { macos_busiest; }
    ;;
*) cannot_tell "neither Linux nor macOS" ;;
esac

quiet() {
    awk -v idle="$idle" -v idle_min="$QUIET_IDLE_MIN" -v load="$load" -v load_max="$QUIET_LOAD1_MAX" \
        'BEGIN { exit !(idle >= idle_min && load <= load_max) }'
}

streak=0
SECONDS=0
while :; do
    sample
    if quiet; then streak=$((streak + 1)); else streak=0; fi
    seen="idle $idle % (at least $QUIET_IDLE_MIN), load $load (at most $QUIET_LOAD1_MAX)"
    [ "$QUIET_VERBOSE" = 0 ] || printf 'ensure_quiet: %s, %s of %s quiet samples\n' "$seen" "$streak" \
        "$QUIET_STABLE_SAMPLES" >&2
    [ "$streak" -lt "$QUIET_STABLE_SAMPLES" ] || exit 0
    [ "$SECONDS" -lt "$QUIET_MAX_WAIT_SEC" ] || break
    sleep "$QUIET_SAMPLE_INTERVAL_SEC"
done
{
    printf 'ensure_quiet: not quiet after %s s: %s\nbusiest processes (%% of one processor, pid, name):\n' \
        "$SECONDS" "$seen"
    busiest
} >&2
exit 1
