#!/usr/bin/env bash
# Bad input of every kind ends in one message from one rank, naming place, key and what is allowed, and its exit code.
# usage: bad_input.sh DRIFTWOOD SOURCE_DIR CASE      runs one case
#        bad_input.sh --list                         names the cases
set -uo pipefail
if [ "${1:-}" = --list ]; then sed -n 's/^case_\([a-z0-9_]*\)().*/\1/p' "$0"; exit 0; fi
driftwood=$1 source=$2 case=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ini=$scratch/small.ini
run=$scratch/run
ranks=2

# The config that the cases spoil; they count on its line numbers.
cat > "$ini" <<INI
[data]
file = $source/share/datasets/iris.csv
[network]
widths = 4-1-1-4
[training]
replicas = 20
learning_rate = 0.02
time = 0.1
snapshots = 2
[closure]
names = none
INI

fail() { echo "FAILED: $1"; echo "--- stderr"; cut -c 1-400 "$scratch/stderr"; exit 1; }
line() { sed -i "$1s|.*|$2|" "$ini"; }

start() { timeout 60 mpirun -n "$ranks" "$driftwood" "$@" > "$scratch/stdout" 2> "$scratch/stderr" < /dev/null; }

# expect EXIT_CODE TEXT... -- ARGUMENTS...: one error line, with every text in it.
expect() {
  local code=$1 texts=() status
  shift
  while [ "$1" != -- ]; do texts+=("$1"); shift; done
  shift
  start "$@"
  status=$?
  [ $status = "$code" ] || fail "exit code $status instead of $code"
  [ "$(grep -c 'driftwood: error: ' "$scratch/stderr")" = 1 ] || fail "not exactly one error line"
  local text
  for text in "${texts[@]}"; do
    grep 'driftwood: error: ' "$scratch/stderr" | grep -qF -- "$text" || fail "the message lacks: $text"
  done
}

# refused TEXT...: the spoilt config is refused and leaves nothing behind.
refused() {
  expect 2 "$@" -- run "$ini" --output "$run"
  [ ! -e "$run" ] || fail "a run directory was made"
}

accepted() { start run "$ini" --output "$run" "$@" || fail "exit code $?"; }

# bad_rate VALUE WHY: a learning rate in line 7.
bad_rate() {
  line 7 "learning_rate = $1"
  refused "small.ini:7: training.learning_rate = " "$2" "allowed: a number > 0"
}

case_unknown_key() {
  line 7 'learning_rte = 0.02'
  refused "small.ini:7: unknown key 'training.learning_rte'; did you mean 'training.learning_rate'?"
}
case_unknown_section() { line 5 '[trainign]'; refused "small.ini:5: unknown section '[trainign]'; did you mean 'training'?"; }
case_duplicate_key() { line 8 'learning_rate = 0.04'; refused "small.ini:8: the key 'training.learning_rate' is there twice" "line 7"; }
case_no_key() { line 7 'learning_rate 0.02'; refused "small.ini:7: 'learning_rate 0.02' is neither"; }
case_open_section() { line 5 '[training'; refused "small.ini:5: '[training' lacks"; }
case_empty_value() { bad_rate '' 'a value is missing'; }
case_empty_list_element() { bad_rate '0.02, , 0.04' 'a value is missing'; }
case_zero() { bad_rate 0 "'0' is too small"; }
case_minus_one() { bad_rate -1 "'-1' is too small"; }
case_nan() { bad_rate nan 'not a finite number'; }
case_inf() { bad_rate inf 'not a finite number'; }
case_beyond_double() { bad_rate 1e999 'beyond double precision'; }
case_log_range_from_zero() { bad_rate 'logrange(0, 1, 3)' 'needs a > 0 and b > 0'; }
case_zip() { bad_rate 'zip(0.1, 0.2)' "'zip(' is unknown"; }
case_unequal_zip() {
  line 7 'learning_rate = 0.02, 0.04'; line 6 'replicas = 20, 30, 40'
  printf '[sweep]\ncombine = zip(training.learning_rate, training.replicas)\n' >> "$ini"
  refused "small.ini:13: sweep.combine" "training.learning_rate has 2, training.replicas has 3"
}
case_filter_key() { printf '[sweep]\nfilter = training.tme > 1\n' >> "$ini"; refused "small.ini:13: sweep.filter" "did you mean 'training.time'?"; }
case_filter_leaves_nothing() { printf '[sweep]\nfilter = training.time > 1\n' >> "$ini"; refused "small.ini:13: sweep.filter" "it leaves no point"; }
case_points_file_missing() { printf '[sweep]\npoints_file = none.csv\n' >> "$ini"; refused "small.ini:13: sweep.points_file" "$scratch/none.csv" "No such file"; }
case_points_file_value() {
  printf 'training.replicas\n30\n-1\n' > "$scratch/points.csv"; line 6 ''
  printf '[sweep]\npoints_file = points.csv\n' >> "$ini"
  refused "points.csv:3: training.replicas = -1" "allowed: an integer 1.."
}
case_sampled_below_zero() { bad_rate 'normal(0, 1, 9)' 'is too small'; }
case_value_twice() { bad_rate '0.02, 2e-2' '0.02 is there twice'; }
case_zero_replicas() { line 6 'replicas = 0'; refused "small.ini:6: training.replicas = 0" "allowed: an integer 1.."; }
case_choice() { sed -i '4a activation = tahn' "$ini"; refused "small.ini:5: network.activation = tahn" "did you mean 'tanh'?" "one of: tanh, linear"; }
case_long_line() {
  { printf 'learning_rate = '; head -c 10000000 /dev/zero | tr '\0' 1; echo; } >> "$ini"
  refused "small.ini:12: the line has 100000" "at most 65536"
}
case_nul_byte() { printf 'seed = 1\0\n' >> "$ini"; refused "small.ini:12: the line holds bytes that are not text"; }
case_not_utf8() { printf '# \xff\xfe\n' >> "$ini"; refused "small.ini:12: the line holds bytes that are not text"; }
case_no_widths() { line 4 ''; refused "network.widths" "are not given"; }
case_no_data() { line 2 ''; refused "data.file" "not named"; }
case_missing_data() { line 2 'file = nowhere.csv'; refused "small.ini:2: data.file = $scratch/nowhere.csv" "No such file"; }
case_data_directory() { line 2 'file = .'; refused "small.ini:2: data.file" "is a directory"; }
case_changed_data() { line 3 'hash = 0123456789abcdef'; line 4 '[network]'; sed -i '4a widths = 4-1-1-4' "$ini"; refused "small.ini:3: data.hash"; }
case_wrong_features() { line 4 'widths = 5-1-1-5'; refused "small.ini:4: network.widths" "has 4 features"; }
case_unequal_ends() { line 4 'widths = 4-1-1-3'; refused "small.ini:4: network.widths" "4 and 3"; }
case_tracked_layer() { sed -i '4a tracked_layer = 4' "$ini"; refused "small.ini:5: network.tracked_layer = 4" "3 layers only"; }
case_tracked_weights() { sed -i '4a tracked_weights = W2[1,1], W1[2,1]' "$ini"; refused "small.ini:5: network.tracked_weights" "'W1[2,1]' is no weight of 4-1-1-4 tanh" "W1[1,1] .. W3[4,1]"; }
case_too_many_listed() { sed -i '4a tracked_weights = W1[1,1] W1[1,2] W1[1,3] W1[1,4] W2[1,1]' "$ini"; refused "small.ini:5: network.tracked_weights" "5 weights, at most 4"; }
case_too_many_tracked() { line 4 'widths = 4-3-3-4'; refused "small.ini:4: network.widths" "9 weights, at most 4"; }
four_dimensions() { line 4 'widths = 4-2-2-4'; line 6 'replicas = 200'; line 11 'names = conditional'; }
case_local_regression_in_four_dimensions() {
  four_dimensions; sed -i '11a regression = local_linear' "$ini"
  refused "small.ini:12: closure.regression = local_linear" "has 4 weights, and local_linear is for one or two"
}
case_degree_beyond_the_replicas() {
  four_dimensions; sed -i '11a degree = 6' "$ini"
  refused "small.ini:12: closure.degree = 6" "needs 420 replicas, there are 200"
}
case_degree_of_a_local_regression() {
  line 6 'replicas = 200'; line 11 'names = conditional'; sed -i '11a degree = 2' "$ini"
  refused "small.ini:12: closure.degree = 2" "no effect with 1 tracked weights"
}
case_too_few_replicas_for_closures() { line 11 'names = fixed'; refused "small.ini:6: training.replicas = 20" "at least 100"; }
case_schedule_ends_before_the_time() {
  sed -i '6a schedule = step\nschedule_steps = 2' "$ini"
  refused "small.ini:10: training.time = 0.1" "the learning rate schedule does not reach training.time"
}
case_scaling_ignores_the_mean() { sed -i '4a [initial]\nscaling = he\nmean = 0.1' "$ini"; refused "small.ini:7: initial.mean = 0.1" "no effect"; }
case_too_many_points() { line 7 'learning_rate = range(0.01, 0.1, 1000)'; line 6 'replicas = range(1, 1000, 1000)'; refused "1000000 points"; }
case_missing_config() { expect 2 "cannot read the config '$scratch/none.ini': No such file" -- run "$scratch/none.ini" --output "$run"; }
case_config_directory() { expect 2 "cannot read the config '$scratch': it is a directory" -- run "$scratch" --output "$run"; }
case_endless_config() { expect 2 "/dev/zero" -- run /dev/zero --output "$run"; }
case_too_few_ranks() { expect 2 "command line: run.ranks_per_point = 4" "only 2" "mpirun -n 4" -- run "$ini" --output "$run" --run.ranks_per_point=4; }
case_environment() {
  export DRIFTWOOD_TRAINING_LEARNING_RATE=nan
  refused "environment DRIFTWOOD_TRAINING_LEARNING_RATE: training.learning_rate = nan"
}
case_unknown_environment() {
  export DRIFTWOOD_TRAINING_LEARNING_RTE=1
  refused "unknown variable 'DRIFTWOOD_TRAINING_LEARNING_RTE'; did you mean 'DRIFTWOOD_TRAINING_LEARNING_RATE'?"
}
case_unknown_option() {
  expect 2 "command line: unknown option '--training.learning_rte'" "did you mean '--training.learning_rate'?" -- \
    run "$ini" --output "$run" --training.learning_rte=1
}
case_option_twice() { expect 2 "'--run.seed' is there twice" -- run "$ini" --output "$run" --run.seed=1 --run.seed=2; }
case_option_value() { expect 2 "command line: run.seed = -1" "allowed: an integer 0.." -- run "$ini" --output "$run" --run.seed=-1; }
case_single_dash() { expect 2 "unknown option '-x'" -- run "$ini" --output "$run" -x; }
case_two_configs() { expect 2 "one argument too many" -- run "$ini" "$ini" --output "$run"; }
case_no_config() { expect 2 "needs CONFIG" -- run --output "$run"; }
case_no_output() { expect 2 "--output DIR is needed" -- run "$ini"; }
case_output_without_value() { expect 2 "output" -- run "$ini" --output; }
case_no_command() { expect 2 "no command" --; }
case_unknown_command() { expect 2 "unknown command 'rnu'; did you mean 'run'?" -- rnu "$ini"; }
case_plan_ranks() { expect 2 "--ranks" "integers 1..1000000" -- plan "$ini" --ranks 4,0; }
case_collect_elsewhere() { expect 2 "no run directory" -- collect "$scratch"; }
case_inspect_text() { expect 4 "small.ini" -- inspect "$ini"; }
case_output_is_a_file() { touch "$run"; expect 4 "$run" "Not a directory" -- run "$ini" --output "$run"; }
case_output_in_proc() { expect 4 "/proc/driftwood" -- run "$ini" --output /proc/driftwood; }

# One rank fails while PETSc starts, the other waits for it: nobody may hang.
case_petsc_options_file() {
  start plan "$ini" -- -options_file "$scratch/none"
  local status=$?
  [ $status = 1 ] || fail "exit code $status instead of 1"
  grep -q 'driftwood: error: PetscInitialize' "$scratch/stderr" || fail "the message does not name PETSc"
}
case_another_sweep() {
  accepted
  cp -r "$run" "$scratch/before"
  expect 2 "training.learning_rate: was 0.02, is now 0.04" "--output" -- run "$ini" --output "$run" \
    --training.learning_rate=0.04
  diff -r "$run" "$scratch/before" || fail "the refused run changed files"
}

# Not bad: what the sources may look like.
case_accepts_bom_and_crlf() {
  sed -i 's/$/\r/; 1s/^/\xef\xbb\xbf/; 1a ; a comment\r' "$ini"
  accepted
}
case_accepts_later_sources_over_earlier() {
  export DRIFTWOOD_TRAINING_LEARNING_RATE=0.03 DRIFTWOOD_TRAINING_TIME=0.3
  accepted --training.learning_rate=0.04 --initial.mean -0.5
  grep -q '^learning_rate = 0.04  # command line$' "$run/effective.ini" || fail "the command line did not win"
  grep -q '^time = 0.3  # environment DRIFTWOOD_TRAINING_TIME$' "$run/effective.ini" || fail "the environment did not win"
  grep -q '^mean = -0.5  # command line$' "$run/effective.ini" || fail "a negative value was lost"
  grep -q "^replicas = 20  # $ini:6$" "$run/effective.ini" || fail "the file's origin is lost"
  grep -q '^std = 0.1  # default$' "$run/effective.ini" || fail "a default is not marked"
}
case_accepts_its_own_effective_config() {
  accepted
  start run "$run/effective.ini" --output "$scratch/again" || fail "exit code $?"
  diff <(ls "$run/points") <(ls "$scratch/again/points") || fail "other points"
}
case_plan_runs_nothing() {
  cd "$scratch" || exit 1
  start plan "$ini" --training.learning_rate=0.02,0.04 --training.batch_size="8, 16" --ranks 1,2,4 || fail "exit code $?"
  grep -q '^4 points; ' "$scratch/stdout" || fail "the plan does not count 4 points"
  grep -q '^ *2 .* 4 x 1 ' "$scratch/stdout" || fail "the plan does not give 4 points a rank each on 2 ranks"
  [ "$(ls)" = "$(printf 'small.ini\nstderr\nstdout')" ] || fail "the plan made files: $(ls)"
}
case_closed_stdout() {
  "$driftwood" options >&- 2> "$scratch/stderr" || fail "exit code $? with stdout closed"
  { "$driftwood" options 2> "$scratch/stderr"; echo $? > "$scratch/code"; } | true
  [ "$(cat "$scratch/code")" = 0 ] || fail "exit code $(cat "$scratch/code") with a reader that left"
}
case_help_and_version() {
  local command
  for command in run solve plan make-job status replay collect inspect options; do
    "$driftwood" $command --help 2> "$scratch/stderr" | grep -q "^usage: driftwood $command" || fail "no help of $command"
  done
  for word in driftwood commit compiler MPI PETSc HDF5 Boost; do
    "$driftwood" --version 2> "$scratch/stderr" | grep -q "$word" || fail "--version lacks $word"
  done
}

"case_$case"
