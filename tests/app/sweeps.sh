#!/usr/bin/env bash
# How sweeps are made, grow, fail, are shared, watched and replayed: points from a file, zips and filters in a run; what is done
# stays done in a grown sweep; a second run is refused; failed points, limits of failures and time; jobs side by side.
# usage: sweeps.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
# shellcheck source=tests/support/interruptions.sh
source "$source/tests/support/interruptions.sh"
cat > "$scratch/small.ini" <<INI
[data]
file = $source/share/datasets/iris.csv
label_column = last
[network]
widths = 4-1-1-4
[training]
replicas = 50
time = 0.5
snapshots = 3
[closure]
names = none
INI
# drive EXIT_CODE ARGUMENTS...: the program on two ranks; alone: without mpirun, which takes longer than most of this.
launched=(mpirun -n 2 "$driftwood")
drive() {
  local wanted=$1 status=0
  shift
  timeout 120 "${launched[@]}" "$@" > "$scratch/log" 2>&1 < /dev/null || status=$?
  [ $status = "$wanted" ] || fail "exit code $status instead of $wanted: $*"
}
alone() { local launched=("$driftwood"); drive "$@"; }
n_points() { find "$scratch/$1/points" -name '*.h5' | wc -l; }

# Points from a file, with a zip and a filter; the run directory is a config of its own.
printf 'training.learning_rate,training.batch_size\n0.01,8\n0.02,16\n0.04,32\n' > "$scratch/points.csv"
plan=(--sweep.points_file="$scratch/points.csv" --run.seed="1, 2" --sweep.filter="training.batch_size > 8 or run.seed == 1")
drive 0 train "$scratch/small.ini" --output "$scratch/listed" "${plan[@]}"
[ "$(n_points listed)" = 5 ] || fail "the listed points are not 5"
rm "$scratch/points.csv"
alone 0 train "$scratch/listed/effective.ini" --output "$scratch/listed-again"
diff <(ls "$scratch/listed/points") <(ls "$scratch/listed-again/points") || fail "effective.ini gives other points"
alone 0 collect "$scratch/listed"
/usr/bin/python3 -c 'import h5py, sys
sweep = h5py.File(sys.argv[1])
assert sorted(sweep["batch_size"][()]) == [8, 16, 16, 32, 32] and (sweep["status"][()] == b"done").all()' \
  "$scratch/listed/sweep.h5" || fail "sweep.h5 has not the listed points"

# A grown sweep keeps what is done; one that loses points is refused.
drive 0 train "$scratch/small.ini" --output "$scratch/grown" --training.learning_rate="uniform(0.01, 0.1, 3)" --sweep.sampling=sobol
touch "$scratch/marker"; sleep 0.1
drive 0 train "$scratch/small.ini" --output "$scratch/grown" --training.learning_rate="uniform(0.01, 0.1, 6)" --sweep.sampling=sobol
[ "$(n_points grown)" = 6 ] || fail "the grown sweep has not 6 points"
[ "$(find "$scratch/grown/points" -name '*.h5' -newer "$scratch/marker" | wc -l)" = 3 ] || fail "done points were computed again"
alone 2 train "$scratch/small.ini" --output "$scratch/grown" --training.learning_rate="uniform(0.01, 0.1, 3)" --sweep.sampling=sobol
grep -q "3 of its 6 points are not in this one" "$scratch/log" || fail "the lost points are not told"

# Failures: told, not tried again unless asked for, and limited.
diverging=(train "$scratch/small.ini" --network.activation=linear --training.learning_rate="0.02, 5, 6, 7" --training.time=100)
drive 3 "${diverging[@]}" --output "$scratch/failing"
drive 3 "${diverging[@]}" --output "$scratch/failing"
grep -q "3 failed before and not tried again" "$scratch/log" || fail "failed points were tried again"
[ "$(grep -c "failed	" "$scratch/failing/status.tsv")" = 3 ] || fail "failed points have other than one attempt"
drive 3 "${diverging[@]}" --output "$scratch/failing" --retry-failed
[ "$(grep -c "failed	" "$scratch/failing/status.tsv")" = 6 ] || fail "--retry-failed did not try them"
drive 3 "${diverging[@]}" --output "$scratch/limited" --max-failures 1
[ "$(grep -c "failed	" "$scratch/limited/status.tsv")" -le 2 ] || fail "--max-failures 1 let more than the running ones fail"
id=$(awk -F'\t' '$3 == "failed" { print $2; exit }' "$scratch/failing/status.tsv")
alone 0 replay "$scratch/failing" --point "$id" --replica 7
grep -q "it diverges: set aside at the snapshot of step" "$scratch/log" || fail "replay does not show the divergence"
alone 0 status "$scratch/failing" --json
/usr/bin/python3 -c 'import json, sys
status = json.load(open(sys.argv[1]))
assert status["counts"] == {"done": 1, "failed": 3} and status["at_work"] is None, status["counts"]
assert all(point["attempts"] == 2 for point in status["points"] if point["state"] == "failed")' "$scratch/log" ||
  fail "status tells something else"

# A solve that fails is its point's failure: told, kept in its file, and the other point is done.
drive 3 run "$scratch/small.ini" --training.replicas=100 --closure.names=mean_trajectory --fokker_planck.cells=64 \
  --fokker_planck.frame=shifted --fokker_planck.z_max=2,10 --fokker_planck.when_wall_is_reached=fail --output "$scratch/walled"
[ "$(cut -f 3 "$scratch/walled/status.tsv" | grep -v state | sort | xargs)" = "done failed started started" ] ||
  fail "a failed solve: $(cut -f 3 "$scratch/walled/status.tsv" | xargs)"
grep -q "z_max 2): failed, mean_trajectory: wall reached: at t = 0 a probability of" "$scratch/log" || fail "why a solve failed is not told"
grep -q "^z_max 2 .* wall reached" "$scratch/log" || fail "the failed solve is not in the table"

# A run at work: a second one is refused, status sees it; the time limit stops it with 75, and it goes on.
long=(train "$scratch/small.ini" --training.time=300000 --training.learning_rate="0.02, 0.03" --run.checkpoint_seconds=0.2)
mpirun -n 2 "$driftwood" "${long[@]}" --output "$scratch/live" > "$scratch/log-live" 2>&1 &
job=$!
wait_for_file "$scratch/live" '.*.checkpoint'
drive 2 "${long[@]}" --output "$scratch/live"
grep -q "is in use: host $(hostname), process " "$scratch/log" || fail "who has the directory is not told"
alone 2 "${long[@]}" --output "$scratch/live" --share
alone 0 status "$scratch/live"
grep -q "at work: host $(hostname)" "$scratch/log" || fail "status does not see the run"
grep -q "2 running" "$scratch/log" || fail "status does not see the points at work"
kill_all $job
drive 75 "${long[@]}" --output "$scratch/live" --time-limit 1.5
[ ! -e "$scratch/live/lock" ] || fail "the lock is left"
SLURM_JOB_END_TIME=$(($(date +%s) + 62)) drive 75 "${long[@]}" --output "$scratch/live"  # a minute's margin
alone 2 "${long[@]}" --output "$scratch/live" --time-limit soon
alone 2 "${long[@]}" --output "$scratch/live" --max-failures 0

# On a terminal one line is rewritten, with the time left.
COLUMNS=200 timeout 60 script -qec "'$driftwood' train '$scratch/small.ini' --training.time=20000 --output '$scratch/seen'" /dev/null \
  > "$scratch/log" < /dev/null || fail "a run on a terminal exits with $?"
grep -qa "point 1 of rank 0: training, about [0-9.]* s left in all" "$scratch/log" || fail "the time left is not told"

# Two jobs share a directory: every point once, nothing left of claims' owners; a run alone then finds all done.
many=(train "$scratch/small.ini" --training.learning_rate="range(0.01, 0.05, 24)" --training.time=20)
jobs=()
for _ in 1 2 3; do
  timeout 60 "$driftwood" "${many[@]}" --output "$scratch/shared" --share > "$scratch/log" 2>&1 & jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job" || fail "a job that shares exits with $?"; done
[ "$(n_points shared)" = 24 ] || fail "the jobs did not make 24 points"
[ "$(grep -c "done	" "$scratch/shared/status.tsv")" = 24 ] || fail "points were made twice"
alone 0 "${many[@]}" --output "$scratch/shared"
grep -q "24 already done" "$scratch/log" || fail "not all points are done"
[ -z "$(find "$scratch/shared" -name '*.claim.*')" ] || fail "claims are left after the run alone"
