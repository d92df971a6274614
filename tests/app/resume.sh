#!/usr/bin/env bash
# The same command again skips what is done, computes again what is damaged, and gives the same bytes of data.
# usage: resume.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
# shellcheck source=tests/support/interruptions.sh
source "$source/tests/support/interruptions.sh"
small_config '[training]
replicas = 200
learning_rate = 0.02, 0.04
time = 1
snapshots = 3
[closure]
names = mean_trajectory, conditional
[fokker_planck]
cells = 64
[comparison]
test_inputs = 2
splits = 2
projections = 2'
run() { mpirun -n 2 "$driftwood" run "$scratch/small.ini" --output "$scratch/run" > "$scratch/log" 2>&1; }
run || fail "the first run exits with $?"
cp -r "$scratch/run" "$scratch/first"
# As left by a run that is killed right after it has committed a point.
one=$(basename "$(find "$scratch/run/points" -name '*.h5' | head -n 1)" .h5)
touch "$scratch/run/points/.$one.checkpoint" "$scratch/run/points/.$one.conditional.checkpoint"
touch "$scratch/marker"; sleep 0.1
run || fail "the second run exits with $?"
[ -z "$(find "$scratch/run/points" -name '*.h5' -newer "$scratch/marker")" ] || fail "a finished point was written again"
[ -z "$(find "$scratch/run/points" -name '.*' -type f)" ] || fail "the saved states of a finished point are left"
damaged=$(find "$scratch/run/points" -name '*.h5' | sort | head -n 1)
truncate -s -100 "$damaged"
run || fail "the run after the damage exits with $?"
grep -q "warning: .*$(basename "$damaged")" "$scratch/log" || fail "the damaged file is not named"
/usr/bin/python3 "$source/tests/support/compare_runs.py" "$scratch/first" "$scratch/run" --density-tolerance 0 ||
  fail "the results differ"
[ "$(grep -c "done" "$scratch/run/status.tsv")" = 3 ] || fail "status.tsv does not tell the story"

# Asked to stop while a density is solved: exit status 75, and the same command goes on to the same bytes.
long=(run "$scratch/small.ini" --training.learning_rate=0.02 --closure.names=conditional --fokker_planck.cells=1000
  --fokker_planck.tolerance=5e-6 --run.checkpoint_seconds=0.05)
"$driftwood" "${long[@]}" --output "$scratch/whole" > "$scratch/log" 2>&1 || fail "the whole run exits with $?"
"$driftwood" "${long[@]}" --output "$scratch/asked" > "$scratch/log" 2>&1 &
job=$!
wait_for_file "$scratch/asked" '.*.conditional.checkpoint'
stop_cleanly $job
grep -q "stopped while solving, saved at t = " "$scratch/log" || fail "the stop is not told"
"$driftwood" "${long[@]}" --output "$scratch/asked" > "$scratch/log" 2>&1 || fail "the run after USR1 exits with $?"
/usr/bin/python3 "$source/tests/support/compare_runs.py" "$scratch/whole" "$scratch/asked" --density-tolerance 0 ||
  fail "the results after a stop while solving differ"
[ -z "$(find "$scratch/asked/points" -name '.*' -type f)" ] || fail "scratch files are left"
