#!/usr/bin/env bash
# A solve that was killed or asked to stop goes on from its last checkpoint, on any number of ranks, to the same bits; a
# checkpoint that is damaged or another problem's is named and not used.
# usage: interrupted_solve.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
# shellcheck source=tests/support/interruptions.sh
source "$source/tests/support/interruptions.sh"
cd "$scratch"
# A second or more, whatever the machine.
cat > plane.ini <<INI
[problem]
family = ornstein_uhlenbeck
drift_matrix = 1, 0.6, -0.4, 0.8
diffusion = 0.2, 0.05, 0.05, 0.1
start_mean = 0.8, -0.6
start_std = 0.3
time = 1
snapshots = 3
[fokker_planck]
cells = 96
tolerance = 0
max_step = 0.01
[run]
checkpoint_seconds = 0.05
INI
solve() { local n=$1; shift; mpirun -n "$n" "$driftwood" solve "$@"; }
for step in 0.01 0.002 0.0005 0.0001; do
  sed -i "s/^max_step = .*/max_step = $step/" plane.ini
  solve 2 plane.ini --output whole.h5 > log 2>&1 || fail "the whole solve exits with $?"
  /usr/bin/python3 -c 'import h5py, sys; sys.exit(int(h5py.File("whole.h5")["solve_seconds"][()] < 1))' && break
done
[ ! -e .whole.h5.checkpoint ] || fail "a checkpoint is left"
# All but the time it took and the checkpoints' interval.
same() {
  /usr/bin/python3 - "$1" <<'PYTHON' || fail "$2"
import sys

import h5py
import numpy

with h5py.File("whole.h5") as whole, h5py.File(sys.argv[1]) as other:
    assert set(whole) == set(other)
    for name in set(whole) - {"solve_seconds"}:
        a, b = whole[name][()], other[name][()]
        assert numpy.array_equal(a, b, equal_nan=a.dtype.kind == "f"), name
PYTHON
  [ -z "$(find . -name ".$1.*" -type f)" ] || fail "$2: scratch files are left"
}
# kill -9 of all ranks, then on another number of ranks.
mpirun -n 2 "$driftwood" solve plane.ini --output killed.h5 > log 2>&1 &
job=$!
wait_for_file . .killed.h5.checkpoint
kill_all $job
[ ! -e killed.h5 ] || fail "the solve was over before it was killed"
cp .killed.h5.checkpoint saved
cp saved .damaged.h5.checkpoint
solve 3 plane.ini --output killed.h5 > log 2>&1 || fail "the solve after kill -9 exits with $?"
grep -q "^going on from t = " log || fail "the second solve does not say that it goes on"
same killed.h5 "killed and gone on with"
# A flipped byte, and another problem's checkpoint: named, and solved from the start.
flip_bit .damaged.h5.checkpoint
solve 2 plane.ini --output damaged.h5 > log 2>&1 || fail "the solve after the damage exits with $?"
grep -q "warning: .*damaged.h5.checkpoint.*from the start" log || fail "the damaged checkpoint is not named"
same damaged.h5 "damaged and solved again"
cp saved .other.h5.checkpoint
"$driftwood" solve plane.ini --output other.h5 --fokker_planck.max_step=0.01 --problem.start_mean=0.7,-0.6 > log 2>&1 ||
  fail "another problem exits with $?"
grep -q "warning: .*other.h5.checkpoint: of another problem.*from the start" log || fail "the other's is not named"
# USR1: a clean stop with exit status 75, and no result file yet.
for scheme in strang bdf2; do
  extra=("--fokker_planck.time_scheme=$scheme")
  [ $scheme = strang ] || extra+=(--fokker_planck.flux=chang_cooper --fokker_planck.frame=fixed --fokker_planck.low=-2
    --fokker_planck.high=2 --fokker_planck.cells=48 --fokker_planck.max_step=0.0005)
  [ $scheme = strang ] || "$driftwood" solve plane.ini --output whole.h5 "${extra[@]}" > log 2>&1 || fail "$scheme exits with $?"
  "$driftwood" solve plane.ini --output asked.h5 "${extra[@]}" > log 2>&1 &
  job=$!
  wait_for_file . .asked.h5.checkpoint
  stop_cleanly $job
  [ ! -e asked.h5 ] || fail "a stopped $scheme leaves a result"
  "$driftwood" solve plane.ini --output asked.h5 "${extra[@]}" > log 2>&1 || fail "$scheme after USR1 exits with $?"
  grep -q "^going on from t = " log || fail "$scheme after USR1 does not go on"
  same asked.h5 "$scheme stopped and gone on with"
  rm asked.h5
done
