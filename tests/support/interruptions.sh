# shellcheck shell=bash
# For tests that interrupt a run. Sourced; the script has a function `fail MESSAGE`.

# wait_for_file DIRECTORY NAME: until a file of this name (a pattern) is there; half a minute at most.
wait_for_file() {
  for _ in $(seq 1500); do
    [ -n "$(find "$1" -maxdepth 2 -name "$2" 2>/dev/null)" ] && return 0
    sleep 0.02
  done
  fail "no file $2 in $1"
}

# kill_all JOB: kill -9 of mpirun, the job, and its ranks, and waits until they are gone.
kill_all() {
  local ranks
  mapfile -t ranks < <(pgrep -P "$1")
  kill -9 "$1" "${ranks[@]}" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  wait_for_end "${ranks[@]}"
}

# kill_one JOB: kill -9 of one of its ranks, upon which mpirun ends the others, and waits until they are gone.
kill_one() {
  local ranks
  mapfile -t ranks < <(pgrep -P "$1")
  [ ${#ranks[@]} = 0 ] || kill -9 "${ranks[RANDOM % ${#ranks[@]}]}" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  wait_for_end "${ranks[@]}"
}

# wait_for_end PROCESS...: half a minute at most.
wait_for_end() {
  local process
  for process in "$@"; do
    for _ in $(seq 600); do kill -0 "$process" 2>/dev/null || continue 2; sleep 0.05; done
    fail "process $process is still there"
  done
}

# stop_cleanly JOB: USR1, upon which it must end within 30 seconds, with exit status 75.
stop_cleanly() {
  local status=0 start=$SECONDS
  kill -USR1 "$1"
  wait "$1" || status=$?
  [ $((SECONDS - start)) -le 30 ] || fail "a run that is asked to stop ends after $((SECONDS - start)) s"
  [ $status = 75 ] || fail "a run that is asked to stop exits with $status"
}

# flip_bit FILE: near its end.
flip_bit() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import sys

with open(sys.argv[1], "r+b") as file:
    file.seek(-30, 2)
    byte = file.read(1)[0]
    file.seek(-1, 1)
    file.write(bytes([byte ^ 1]))
PYTHON
}
