#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests:
#
#   tests/run.sh                  everything: the unit tests under the sanitizers, then all tests of the release build
#   tests/run.sh --no-sanitizer   only the release build's
#
# Exit status 0 if and only if everything passed. The last lines are ctest's own summary of the release build's tests.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

with_sanitizer=yes
case ${1:-} in
  '') ;;
  --no-sanitizer) with_sanitizer=no ;;
  *) echo "tests/run.sh: unknown argument '$1' (there is --no-sanitizer)" >&2; exit 2 ;;
esac

step() { printf '\n== %s\n' "$1"; }
# build PRESET TARGET...
build() { cmake --preset "$1" && cmake --build --preset "$1" --parallel "$(nproc)" --target "${@:2}"; }

step "Packages"
jobs/packages.sh build plots test peers slurm || exit 1

step "Release build"
build release all all_verify_interface_header_sets || exit 1

failed=0
if [ $with_sanitizer = yes ]; then
  step "Unit tests under the address and undefined-behaviour sanitizers"
  if ! build sanitize unit_tests || ! ctest --preset sanitize -L '^unit$' -j2; then
    failed=1
    step "THE SANITIZER BUILD FAILED (above); the release build's tests follow"
  fi
fi

step "All tests of the release build"
ctest --preset release -j2 || failed=1
exit $failed
