#!/usr/bin/env bash
# A training that was killed or asked to stop goes on from its last checkpoint, on any number of ranks, to the same bits;
# a checkpoint that is damaged or another's is named and not used.
# usage: interrupted_training.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
# shellcheck source=tests/support/interruptions.sh
source "$source/tests/support/interruptions.sh"
# Momentum: the optimiser's state has to come back too. Half a second of training or more on two ranks, whatever the machine.
cat > "$scratch/long.ini" <<INI
[data]
file = $source/share/datasets/iris.csv
test_fraction = 0.2
[network]
widths = 4-2-1-4
[training]
replicas = 41
optimiser = momentum
time = TIME
snapshots = 7
temperature = 0.001
[run]
checkpoint_seconds = 0.1
INI
run=("$driftwood" train "$scratch/long.ini")
for time in 20000 100000 500000 2500000; do
  sed -i "s/^time = .*/time = $time/" "$scratch/long.ini"
  rm -rf "$scratch/whole"
  mpirun -n 2 "${run[@]}" --output "$scratch/whole" > "$scratch/log" 2>&1 || fail "the whole run exits with $?"
  /usr/bin/python3 -c 'import glob, h5py, sys
file, = glob.glob(sys.argv[1] + "/points/*.h5")
sys.exit(int(h5py.File(file)["training_seconds"][()] < 0.5))' "$scratch/whole" && break
done
same() {
  /usr/bin/python3 "$source/tests/support/compare_runs.py" "$scratch/whole" "$1" --density-tolerance 0 || fail "$2"
  [ -z "$(find "$1/points" -name '.*' -type f)" ] || fail "$2: scratch files are left"
}
# kill -9 of all ranks, then on another number of ranks.
mpirun -n 2 "${run[@]}" --output "$scratch/killed" > "$scratch/log" 2>&1 &
job=$!
wait_for_file "$scratch/killed" '.*.checkpoint'
kill_all $job
[ -z "$(find "$scratch/killed/points" -name '*.h5')" ] || fail "the run was over before it was killed"
cp -r "$scratch/killed" "$scratch/damaged"
mpirun -n 3 "${run[@]}" --output "$scratch/killed" > "$scratch/log" 2>&1 || fail "the run after kill -9 exits with $?"
grep -q "went on from step" "$scratch/log" || fail "the second run does not say that it goes on"
same "$scratch/killed" "killed and gone on with"
# A flipped byte in the checkpoint: named, and trained from the start.
file=$(find "$scratch/damaged/points" -name '.*.checkpoint')
flip_bit "$file"
mpirun -n 2 "${run[@]}" --output "$scratch/damaged" > "$scratch/log" 2>&1 || fail "the run after the damage exits with $?"
grep -q "warning: .*checkpoint.*from the start" "$scratch/log" || fail "the damaged checkpoint is not named"
same "$scratch/damaged" "damaged and trained again"
# USR1: a clean stop with exit status 75.
"$driftwood" train "$scratch/long.ini" --run.checkpoint_seconds=0 --output "$scratch/asked" > "$scratch/log" 2>&1 &
job=$!
wait_for_file "$scratch/asked" '.*.observables'
stop_cleanly $job
"${run[@]}" --run.checkpoint_seconds=0 --output "$scratch/asked" > "$scratch/log" 2>&1 || fail "the run after USR1 exits with $?"
same "$scratch/asked" "stopped and gone on with"
# USR1 as early as the program can take it, while MPI starts: the same.
catches_usr1() { [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") & 0x200)) != 0 ]; }
"$driftwood" train "$scratch/long.ini" --output "$scratch/early" > "$scratch/log" 2>&1 &
job=$!
for _ in $(seq 2000); do catches_usr1 $job && break; sleep 0.002; done
stop_cleanly $job
