#!/usr/bin/env bash
# Builds the fuzz target with clang (jobs/packages.sh build fuzz) and gives it inputs:
#
#   tests/fuzz/run.sh [INPUTS] [SECONDS]      1000000 inputs, at most 600 seconds
#
# As many processes as there are cores share the inputs. Exit status 0 if nothing was found. What is found is left in build/fuzz/found,
# what was learnt in build/fuzz/corpus; the last lines count inputs and seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
inputs=${1:-1000000} seconds=${2:-600}
n_jobs=$(getconf _NPROCESSORS_ONLN)
mkdir -p build/fuzz/{corpus,found,logs}
CC=clang CXX=clang++ cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DDRIFTWOOD_FUZZ=ON \
  > build/fuzz/configure.log || { cat build/fuzz/configure.log; exit 1; }
cmake --build build/fuzz --target fuzz_config --parallel "$n_jobs"

export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=2  # most of the time would go into memory that comes and goes
start=$(date +%s) processes=() failed=0 done=0
for ((k = 0; k < n_jobs; ++k)); do
  build/fuzz/tests/fuzz/fuzz_config -runs=$(((inputs + n_jobs - 1) / n_jobs)) -max_total_time="$seconds" -seed=$((k + 1)) \
    -max_len=400 -timeout=10 -rss_limit_mb=1024 -entropic=0 -detect_leaks=0 -reload=1 -print_final_stats=1 \
    -dict=tests/fuzz/words.dict -artifact_prefix=build/fuzz/found/ build/fuzz/corpus tests/fuzz/corpus share/examples \
    > build/fuzz/logs/$k 2>&1 &
  processes+=($!)
done
for ((k = 0; k < n_jobs; ++k)); do
  wait "${processes[k]}" || { failed=1; tail -n 40 build/fuzz/logs/$k; }
  done=$((done + $(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz/logs/$k)))
done
echo "$done inputs in $(($(date +%s) - start)) s, $(find build/fuzz/found -type f | wc -l) findings in build/fuzz/found"
exit $failed
