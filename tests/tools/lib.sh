# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used where it is sourced
# What the scripts in this folder share. Sourced, never run.

set -euo pipefail

# Under `make`, a build of ours is a build of its own.
unset MAKEFLAGS MFLAGS MAKELEVEL

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
tools=$root/tests/tools
deps=$root/.deps
build=$root/build
me=$(basename "$0")

# Everything said to the user carries the script's name; a warning is meant to be seen.
say() { printf '%s: %s\n' "$me" "$*" >&2; }
loud() { printf '\n!! %s: %s\n\n' "$me" "$*" >&2; }
die() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least VERSION WANTED: are the dotted numbers of VERSION as high as those of WANTED?
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

# nvim_version PROGRAM: "0.10.4", or nothing when it does not run.
nvim_version() {
  "$1" --version 2>/dev/null | sed -n '1s/^NVIM v\([0-9.]*\).*/\1/p'
}

# quietly LOG COMMAND...: run with the output in LOG; show its end when the command fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    say "failed: $*"
    tail -n 60 "$log" >&2
    say "the whole output is in ${log#"$root"/}"
    return 1
  fi
}

# Two at a time where there are two; no more than the machine has.
jobs() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1; }

# count LABEL PASSED FAILED [SKIPPED]: one step's results. The driver adds them up; alone they are printed.
count() {
  printf '%-28s %5d passed, %d failed, %d skipped\n' "$1" "$2" "$3" "${4:-0}" >&2
  if [ -n "${PURSER_COUNTS:-}" ]; then
    printf '%d %d %d %s\n' "$2" "$3" "${4:-0}" "$1" >>"$PURSER_COUNTS"
  fi
}
