#!/usr/bin/env bash
# What breaks a run from outside: kill -9 of all or of one rank at random moments, a full disk, a directory that cannot be
# written, damaged files, a reader that leaves. After each the same command gives the data of an undisturbed run, or one message and its
# exit code.
# usage: faults.sh DRIFTWOOD SOURCE_DIR [KILLS]     KILLS: how many runs are killed (5)
set -euo pipefail
driftwood=$1 source=$2 n_kills=${3:-5}
scratch=$(mktemp -d)
mounted=
clean() { [ -z "$mounted" ] || umount "$mounted"; chmod -R u+w "$scratch"; rm -rf "$scratch"; }
trap clean EXIT
fail() { echo "FAILED: $1"; tail -n 20 "$scratch"/log* 2>/dev/null; exit 1; }
# shellcheck source=tests/support/interruptions.sh
source "$source/tests/support/interruptions.sh"
cat > "$scratch/small.ini" <<INI
[data]
file = $source/share/datasets/iris.csv
[network]
widths = 4-1-1-4
[training]
replicas = 200
learning_rate = 0.02, 0.04
batch_size = 8, 16
time = 30
snapshots = 4
[closure]
names = conditional
[fokker_planck]
cells = 64
time_scheme = strang
[comparison]
test_inputs = 2
splits = 2
projections = 2
bootstrap = 10
permutations = 19
[run]
checkpoint_seconds = 0.02
INI
run=("$driftwood" run "$scratch/small.ini")
two_ranks() { timeout 60 mpirun -n 2 "${run[@]}" "$@" < /dev/null; }
same() {
  /usr/bin/python3 "$source/tests/support/compare_runs.py" "$scratch/whole" "$1" --density-tolerance 0 > "$scratch/log" || fail "$2"
  [ -z "$(find "$1/points" -name '.*' -type f)" ] || fail "$2: scratch files are left"
}
start=$(date +%s%N)
two_ranks --output "$scratch/whole" > "$scratch/log" 2>&1 || fail "the undisturbed run exits with $?"
milliseconds=$((($(date +%s%N) - start) / 1000000))

# killed RUN WHO: at a random moment of a run as long as the undisturbed one.
killed() {
  local job ranks delay=$((RANDOM * 32768 + RANDOM))
  mpirun -n 2 "${run[@]}" --output "$1" > "$scratch/log" 2>&1 < /dev/null &
  job=$!
  sleep "$(printf '%d.%03d' $((delay % milliseconds / 1000)) $((delay % milliseconds % 1000)))"
  if [ "$2" = all ]; then
    kill_all $job
  else
    mapfile -t ranks < <(pgrep -P $job)
    [ ${#ranks[@]} = 0 ] || kill -9 "${ranks[RANDOM % ${#ranks[@]}]}" 2> /dev/null || true
    wait $job || true
  fi
}
RANDOM=${SEED:-$$}
echo "kills: $n_kills, each within $milliseconds ms, seed ${SEED:-$$}"
for ((k = 0; k < n_kills; ++k)); do
  rm -rf "$scratch/killed"
  killed "$scratch/killed" "$([ $((k % 2)) = 0 ] && echo all || echo one)"
  # What has its final name is whole, whatever happened.
  for file in "$scratch"/killed/points/*.h5; do
    [ ! -e "$file" ] || "$driftwood" inspect "$file" > /dev/null 2> "$scratch/log" || fail "kill $k: $file does not open"
  done
  [ $((k % 4)) != 3 ] || killed "$scratch/killed" all   # and again while it goes on
  two_ranks --output "$scratch/killed" > "$scratch/log" 2>&1 || fail "kill $k: the run after it exits with $?"
  same "$scratch/killed" "kill $k: other results"
  [ $(((k + 1) % 10)) != 0 ] || echo "$((k + 1)) killed and continued"
done
echo "kill -9: $n_kills runs killed and continued"

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
    same "$scratch/disk/run" "full disk, $free kB: other results"
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
same "$scratch/damaged" "damaged files: other results"
echo "damaged files: 4 named and computed again"
# Nobody reads, or reads no more.
"${run[@]}" --output "$scratch/closed" --training.time=1 >&- 2> "$scratch/log" < /dev/null || fail "exit code $? with stdout closed"
{ "${run[@]}" --output "$scratch/left" --training.time=1 2> "$scratch/log" < /dev/null; echo $? > "$scratch/code"; } | true
[ "$(cat "$scratch/code")" = 0 ] || fail "exit code $(cat "$scratch/code") with a reader that left"
echo "closed stdout: 2 runs complete"
