#!/usr/bin/env bash
# Callan-Symanzik flow and KPZ balance of a small run: as the last stage of the run and from its files the same numbers, on
# any number of ranks; the point's file stays as it is; theory and ensemble agree where the theory is exact.
# usage: derive.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
small_config '[initial]
mean = 0.5
std = 0.3
tracked_mean = 0.5
tracked_std = 0.3
others = shared
[training]
trained = tracked
replicas = 2000
learning_rate = 0.02
time = 2
snapshots = 6
snapshot_layers = 0
[closure]
names = fixed, mean_trajectory
drift_correction = modified_loss
[fokker_planck]
cells = 200
[comparison]
test_inputs = 2
splits = 2
bootstrap = 2
permutations = 19
[derive]
with_run = true
bootstrap = 50'
quietly() { "$@" > "$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }; }
refused() {
  local status=0
  "$@" > "$scratch/log" 2>&1 || status=$?
  [ "$status" = 2 ] || { echo "exit $status of: $*"; cat "$scratch/log"; exit 1; }
}
run=$scratch/run
quietly mpirun -n 2 "$driftwood" run "$scratch/small.ini" --output "$run"
point=$(echo "$run"/points/*.h5)
derived=$run/derive/$(basename "$point")
cp "$derived" "$scratch/with-run.h5"
before=$(sha256sum "$point")
for ranks in 1 3; do
  rm "$derived"
  quietly mpirun -n "$ranks" "$driftwood" derive "$run"
  /usr/bin/python3 "$source/tests/support/check_derive.py" same "$scratch/with-run.h5" "$derived"
done
[ "$before" = "$(sha256sum "$point")" ] || { echo "the point's file was changed"; exit 1; }
/usr/bin/python3 "$source/tests/support/check_derive.py" sound "$derived"
/usr/bin/python3 "$source/tests/support/check_derive.py" readable "$derived"

# Other operators than the run's; and what cannot be.
quietly "$driftwood" derive "$run" --derive.operators=powers "--derive.powers=2;4" --derive.field=bare
/usr/bin/python3 "$source/tests/support/check_derive.py" operators "$derived" 'u^2' 'u^4'
refused "$driftwood" derive "$run" --training.replicas=3
grep -q 'derive\.\*' "$scratch/log"
refused "$driftwood" derive "$run" --derive.operators=powers "--derive.powers=1 2"
grep -q 'derive.powers' "$scratch/log"
refused "$driftwood" derive "$scratch"
refused "$driftwood" run "$scratch/small.ini" --output "$scratch/other" --derive.operators=powers
