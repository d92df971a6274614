#!/usr/bin/env bash
# What breaks a run from outside: kill -9 of all or of one rank at random moments of every stage, a full disk, a directory that cannot be
# written, damaged files, a reader that leaves. After each the same command gives the data of an undisturbed run, or one message and its
# exit code.
# usage: faults.sh DRIFTWOOD SOURCE_DIR [KILLS]     KILLS: how many runs are killed (6)
set -euo pipefail
driftwood=$1 source=$2 n_kills=${3:-6}
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
mounted=
clean() { [ -z "$mounted" ] || umount "$mounted"; chmod -R u+w "$scratch"; rm -rf "$scratch"; }
trap clean EXIT
# shellcheck source=tests/support/interruptions.sh
source "$source/tests/support/interruptions.sh"
small_config '[training]
replicas = 200
learning_rate = 0.04, 0.08
batch_size = 8, 16
time = 40
snapshots = 3
[closure]
names = conditional
[fokker_planck]
cells = 32
time_scheme = strang
[comparison]
test_inputs = 2
splits = 2
projections = 2
bootstrap = 10
permutations = 19
[run]
checkpoint_seconds = 0.05'
run=("$driftwood" run "$scratch/small.ini")
two_ranks() { timeout 120 mpirun -n 2 "${run[@]}" "$@" < /dev/null; }
# same MESSAGE RUN...: the data of the undisturbed run, and nothing else left.
same() {
  local message=$1 run
  shift
  /usr/bin/python3 "$source/tests/support/compare_runs.py" "$scratch/whole" "$@" --density-tolerance 0 > "$scratch/log" || fail "$message"
  for run in "$@"; do [ -z "$(find "$run/points" -name '.*' -type f)" ] || fail "$message: scratch files are left in $run"; done
}
two_ranks --output "$scratch/whole" > "$scratch/log" 2>&1 || fail "the undisturbed run exits with $?"
n_points=4

# is_at MOMENT RUN: whether the run has come so far.
is_at() {
  case $1 in
    launched) true ;;
    started) [ -e "$2/status.tsv" ] ;;
    training) compgen -G "$2/points/.*.observables" > /dev/null ;;
    solving) compgen -G "$2/points/.*.conditional.checkpoint" > /dev/null ;;
    committed) compgen -G "$2/points/*.h5" > /dev/null ;;
    collecting) [ "$(compgen -G "$2/points/*.h5" | wc -l)" = $n_points ] ;;
  esac
}
moments=(launched started training solving committed collecting)
# killed RUN WHO MOMENT: at random up to a quarter of a second after the run has come to the moment, on however fast a machine.
killed() {
  local job delay=$((RANDOM % 250))
  mpirun -n 2 "${run[@]}" --output "$1" > "$scratch/log" 2>&1 < /dev/null &
  job=$!
  until is_at "$3" "$1" || ! kill -0 $job 2> /dev/null; do sleep 0.02; done
  sleep "$(printf '0.%03d' $delay)"
  "kill_$2" $job
}
# What the killed run was at, by what it left.
phase_of() {
  if [ -e "$1/sweep.h5" ]; then echo over
  elif is_at collecting "$1"; then echo collecting
  elif is_at solving "$1"; then echo solving
  elif is_at training "$1"; then echo training
  elif [ -e "$1/status.tsv" ]; then echo "between points"
  else echo starting; fi
}
declare -A n_in_phase=()
RANDOM=${SEED:-$$}
echo "kills: $n_kills, seed ${SEED:-$$}"
runs=()
for ((k = 0; k < n_kills; ++k)); do
  run_k=$scratch/killed-$k
  killed "$run_k" "$([ $(((k + k / 6) % 2)) = 0 ] && echo all || echo one)" "${moments[k % 6]}"
  phase=$(phase_of "$run_k")
  n_in_phase[$phase]=$((${n_in_phase[$phase]:-0} + 1))
  [ $((k % 4)) != 3 ] || killed "$run_k" all "${moments[RANDOM % 6]}"   # and again while it goes on
  if [ $((k % 4)) = 0 ]; then two_ranks --output "$run_k"; else timeout 120 "${run[@]}" --output "$run_k" < /dev/null; fi \
    > "$scratch/log" 2>&1 || fail "kill $k: the run after it exits with $?"
  # What had its final name was whole, whatever happened: the run read and verified it.
  if grep -q 'warning: .*\.h5: ' "$scratch/log"; then fail "kill $k: a damaged file had its final name"; fi
  runs+=("$run_k")
  if [ ${#runs[@]} = 10 ] || [ $((k + 1)) = "$n_kills" ]; then
    same "kills up to $((k + 1)): other results" "${runs[@]}"
    rm -rf "${runs[@]}"
    runs=()
    [ $(((k + 1) % 10)) != 0 ] || echo "$((k + 1)) killed and continued"
  fi
done
echo "kill -9: $n_kills runs killed and continued"
for phase in "${!n_in_phase[@]}"; do echo "  $phase: ${n_in_phase[$phase]}"; done

# refused RUN TEXT: exit code 4, one message with the text.
refused() {
  local status=0
  two_ranks --output "$1" > "$scratch/log-out" 2> "$scratch/log" || status=$?
  [ $status = 4 ] || fail "$1: exit code $status instead of 4"
  [ "$(grep -c 'driftwood: error: ' "$scratch/log")" = 1 ] || fail "$1: not exactly one error line"
  grep 'driftwood: error: ' "$scratch/log" | grep -qF -- "$2" || fail "$1: the message lacks: $2"
}
# A disk that is full at several moments; what was whole stays whole, and with room the same command completes.
mkdir "$scratch/disk"
if mount -t tmpfs -o size=8m tmpfs "$scratch/disk" 2> /dev/null; then
  mounted=$scratch/disk
  for free in 16 100 400; do
    rm -rf "$scratch/disk"/*
    fallocate -l "$(($(df --output=avail -k "$scratch/disk" | tail -n 1) - free))k" "$scratch/disk/ballast"
    refused "$scratch/disk/run" "$scratch/disk/run"
    rm "$scratch/disk/ballast"
    two_ranks --output "$scratch/disk/run" > "$scratch/log" 2>&1 || fail "the run after the full disk exits with $?"
    same "full disk, $free kB: other results" "$scratch/disk/run"
  done
  echo "full disk: 3 runs failed and continued"
else
  echo "full disk: skipped, mounting a tmpfs is not allowed here"
fi
# A directory that cannot be written (root may write anywhere but where the file system is read-only).
if [ -n "$mounted" ]; then
  mount -o remount,ro "$scratch/disk"
  refused "$scratch/disk/run/sub" "Read-only file system"
  status=0
  two_ranks --output "$scratch/disk/run" > "$scratch/log-out" 2> "$scratch/log" || status=$?
  [ $status = 4 ] || fail "a read-only run directory: exit code $status instead of 4"
  echo "read-only: 2 runs refused"
fi
# Truncated, flipped and empty files: named and computed again.
cp -r "$scratch/whole" "$scratch/damaged"
mapfile -t files < <(find "$scratch/damaged/points" -name '*.h5' | sort)
truncate -s -7 "${files[0]}"
flip_bit "${files[1]}"
: > "${files[2]}"
cp "${files[0]}" "${files[3]}"
two_ranks --output "$scratch/damaged" > "$scratch/log" 2>&1 || fail "the run after the damage exits with $?"
for file in "${files[@]}"; do grep -q "warning: .*$(basename "$file")" "$scratch/log" || fail "$(basename "$file") is not named"; done
same "damaged files: other results" "$scratch/damaged"
echo "damaged files: 4 named and computed again"
# Nobody reads, or reads no more.
"${run[@]}" --output "$scratch/closed" --training.time=1 >&- 2> "$scratch/log" < /dev/null || fail "exit code $? with stdout closed"
{ "${run[@]}" --output "$scratch/left" --training.time=1 2> "$scratch/log" < /dev/null; echo $? > "$scratch/code"; } | true
[ "$(cat "$scratch/code")" = 0 ] || fail "exit code $(cat "$scratch/code") with a reader that left"
echo "closed stdout: 2 runs complete"
