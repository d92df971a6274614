#!/usr/bin/env bash
# What is planned before a sweep runs: a calibration is measured, kept, read back and refused where it is another's; make-job writes a
# batch script that has the plan's numbers and passes the shell's checks.
# usage: plan.sh DRIFTWOOD SOURCE_DIR
# shellcheck disable=SC2016  # words of the script that is made, not of this one
set -euo pipefail
driftwood=$1 source=$2
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
small_config '[training]
replicas = 600
batch_size = 4, 8
time = 40, 2000
snapshots = 4
[closure]
names = conditional
[fokker_planck]
cells = 64
[comparison]
test_inputs = 2
bootstrap = 10
permutations = 19'
# asked EXIT_CODE ARGUMENTS...: what the program says goes to log, its messages to log-errors.
asked() {
  local wanted=$1 status=0
  shift
  timeout 120 "$driftwood" "$@" > "$scratch/log" 2> "$scratch/log-errors" < /dev/null || status=$?
  [ $status = "$wanted" ] || fail "exit code $status instead of $wanted: $*"
}

# Measured once, kept, and what a plan rests on.
rates=$scratch/rates
asked 0 plan "$scratch/small.ini" --ranks 2 --calibration "$rates"
grep -q "measured here on 2 shortened points" "$scratch/log" || fail "two kinds of work (two batch sizes) are not two trials"
grep -q "^processor " "$rates" || fail "the calibration does not name its processor"
[ "$(grep -c "^[0-9]" "$rates")" = 3 ] || fail "the calibration has not two kinds and all together"
cp "$rates" "$scratch/kept"
asked 0 plan "$scratch/small.ini" --ranks 2 --calibration "$rates"
grep -qF "measured before ($rates)" "$scratch/log" || fail "the kept calibration is not used"
cmp -s "$rates" "$scratch/kept" || fail "a kept calibration was written again"
# Seconds of training of all points, from the plan's table.
training() { awk 'length($2) == 16 && $7 == "s" { sum += $6 } END { print sum }' "$scratch/log"; }
before=$(training)
awk '/^[0-9]/ { $1 = 10 * $1 } { print }' "$scratch/kept" > "$rates"
asked 0 plan "$scratch/small.ini" --ranks 2 --calibration "$rates"
awk -v before="$before" -v after="$(training)" 'BEGIN { exit !(after > 5 * before && after < 20 * before) }' ||
  fail "ten times slower training is planned as $(training) s instead of $before s"

# Another machine's, or none: refused by the plan, told by the run.
refused() {
  asked 2 plan "$scratch/small.ini" --calibration "$rates"
  grep -qF -- "$1" "$scratch/log-errors" || fail "the message lacks: $1"
}
sed 's/^processor .*/processor Abacus 3000/' "$scratch/kept" > "$rates"
refused "it was measured on another processor (Abacus 3000; this one is "
asked 0 train "$scratch/small.ini" --training.time=0.4 --output "$scratch/run" --calibration "$rates"
grep -q "warning: .*rates was measured on another processor" "$scratch/log-errors" || fail "the run says nothing of the other processor"
head -n 3 "$scratch/kept" > "$rates"
refused "it is no calibration: the line of all kinds together is missing"
asked 2 train "$scratch/small.ini" --output "$scratch/run" --calibration "$rates"
echo "not even close" > "$rates"
refused "it is no calibration: the first line is not"
asked 2 plan "$scratch/small.ini" --calibration "$scratch/kept" --nominal

# has TEXT...: lines of the script.
has() { for text in "$@"; do grep -qF -- "$text" "$scratch/job.sh" || fail "the job lacks: $text"; done; }
# job ARGUMENTS...: a script that the shell's checks pass, with the time and memory that `plan` advises for as many ranks.
job() {
  local ranks=$1 advice word
  shift
  asked 0 plan "$scratch/small.ini" --ranks "$ranks" --calibration "$scratch/kept"
  advice=$(grep '^sbatch ' "$scratch/log")
  asked 0 make-job "$scratch/small.ini" --calibration "$scratch/kept" --output "$scratch/out" "$@"
  cp "$scratch/log" "$scratch/job.sh"
  bash -n "$scratch/job.sh" || fail "the job is no shell script"
  shellcheck "$scratch/job.sh" > "$scratch/log" || fail "shellcheck"
  for word in $advice; do
    case $word in --time=* | --mem-per-cpu=*) has "#SBATCH $word" ;; esac
  done
  has "#SBATCH --signal=USR1@" "#SBATCH --requeue" 'if [ $status = 75 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt $most_requeues ]' "4 points"
}
job 2 --ranks 2 --training.weight_decay=0.001
has "#SBATCH --ntasks=2" "run '$scratch/small.ini'" "--output '$scratch/out'" "'--training.weight_decay=0.001'" 'scontrol requeue "$SLURM_JOB_ID"'
if grep -q -- "--share\|--array" "$scratch/job.sh"; then fail "one job shares its directory"; fi
job 3 --array 3
has "#SBATCH --array=1-3" "#SBATCH --ntasks=1" "--share" "%A_%a.log" 'requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"'
asked 2 make-job "$scratch/small.ini" --nominal
asked 2 make-job "$scratch/small.ini" --nominal --output "$scratch/out" --training.weight_decoy=1
asked 2 make-job "$scratch/small.ini" --nominal --output "$scratch/out" --ranks 0
