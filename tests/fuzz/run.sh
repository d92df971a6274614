#!/usr/bin/env bash
# Builds the fuzz target with clang (package clang) and gives it inputs:
#
#   tests/fuzz/run.sh [INPUTS] [SECONDS]      1000000 inputs, at most 600 seconds
#
# Exit status 0 if nothing was found. What it finds is left in build/fuzz/found, together with what it learnt in build/fuzz/corpus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
inputs=${1:-1000000} seconds=${2:-600}
CC=clang CXX=clang++ cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DDRIFTWOOD_FUZZ=ON > build/fuzz.log ||
  { cat build/fuzz.log; exit 1; }
cmake --build build/fuzz --target fuzz_config --parallel "$(nproc)"
mkdir -p build/fuzz/corpus build/fuzz/found
build/fuzz/tests/fuzz/fuzz_config -runs="$inputs" -max_total_time="$seconds" -max_len=400 -timeout=10 -rss_limit_mb=1024 \
  -dict=tests/fuzz/words.dict -artifact_prefix=build/fuzz/found/ -print_final_stats=1 \
  build/fuzz/corpus tests/fuzz/corpus share/examples
