#!/usr/bin/env bash
# Problems that cannot be solved as they stand: one message naming file:line, key and what is allowed, exit code 2, no file.
# usage: bad_problem.sh DRIFTWOOD SOURCE_DIR
set -uo pipefail
driftwood=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
n_failed=0
complain() { echo "FAILED: $1"; cut -c 1-400 stderr; n_failed=$((n_failed + 1)); }

# refused TEXT... -- SETTING...: settings appended to a good problem (from line 11 on), each `key = value` or `[section]`.
refused() {
  local texts=() status=0 text
  while [ "$1" != -- ]; do texts+=("$1"); shift; done
  shift
  cat > problem.ini <<INI
[problem]
family = ornstein_uhlenbeck
start_mean = 0, 0
start_std = 0.5
# 5
# 6
# 7
# 8
# 9
# 10
INI
  for setting in "$@"; do
    local key=${setting%% =*}
    grep -q "^$key =" problem.ini && sed -i "s|^$key =.*|# moved|" problem.ini
    printf '%s\n' "$setting" >> problem.ini
  done
  timeout 60 "$driftwood" solve problem.ini --output out.h5 > stdout 2> stderr < /dev/null || status=$?
  [ $status = 2 ] || complain "exit code $status instead of 2: $*"
  [ ! -e out.h5 ] || complain "a file was written: $*"
  [ "$(grep -c 'driftwood: error: ' stderr)" = 1 ] || complain "not exactly one error line: $*"
  for text in "${texts[@]}"; do grep -qF -- "$text" stderr || complain "'$*': the message lacks: $text"; done
}

refused "problem.ini:11: problem.family = ornstein_ulenbeck" "did you mean 'ornstein_uhlenbeck'?" -- "family = ornstein_ulenbeck"
refused "problem.ini:12: problem.potential" "there is no w3" "w1 .. w2" -- "family = polynomial_potential" "potential = w1^2 + w3"
refused "unknown key 'problem.diffusio'" "did you mean 'problem.diffusion'?" -- "diffusio = 5"
refused "unknown section '[training]'" -- "[training]"
refused "fokker_planck.walls" "did you mean 'absorbing'?" -- "[fokker_planck]" "walls = absorbin"
refused "problem.ini:14: fokker_planck.high" "not above" -- "[fokker_planck]" "frame = fixed" "low = 1" "high = 1"

# Files of coefficients, each spoilt in one way.
/usr/bin/python3 - <<'PYTHON' || complain "the files of coefficients could not be made"
import h5py
import numpy as np


def write(name, **changes):
    w = np.linspace(-1, 1, 5)
    parts = {"time": np.array([0.0, 1.0]), "w1": w, "w2": w, "drift": np.zeros((2, 5, 5, 2)),
             "diffusion": np.tile([1.0, 0.0, 1.0], (2, 5, 5, 1))}
    for key, change in changes.items():
        parts[key] = change(parts[key])
    with h5py.File(name + ".h5", "w") as file:
        for key, values in parts.items():
            file[key] = values


def put(index, value):
    def change(values):
        values[index] = value
        return values
    return change


write("good")
write("nan", drift=put((1, 2, 3, 0), np.nan))
write("shape", drift=lambda drift: drift[:, :4])
write("indefinite", diffusion=put((1, 0, 4), [1, 2, 1]))
write("nodes", w2=lambda w: w**3)
write("times", time=lambda time: 0 * time)
PYTHON
echo text > text.h5
table() { refused "problem.ini:12: problem.file" "${@:2}" -- "family = table" "file = $1.h5"; }
table none "none.h5"
table text "text.h5"
table nan "nan.h5: dataset 'drift'" "[1, 2, 3, 0] is not a finite number"
table shape "dataset 'drift'" "2 x 4 x 5 x 2 instead of 2 x 5 x 5 x 2"
table indefinite "dataset 'diffusion'" "at time 1, w = (-1, 1) is not positive semidefinite"
table nodes "dataset 'w2'" "not equally spaced"
table times "dataset 'time'" "do not ascend at 1"
refused "problem.dimension" "2 dimensions" -- "family = table" "file = good.h5" "dimension = 3"

# A sweep's config has no [problem], its environment no key of it, and a problem no command of a sweep.
printf '[problem]\nfamily = kinetic\n' > problem.ini
"$driftwood" run problem.ini --output run 2> stderr && complain "run takes a problem"
grep -qF "unknown section '[problem]'" stderr || complain "run does not name the section"
DRIFTWOOD_TRAINING_TIME=3 "$driftwood" solve problem.ini --output out.h5 2> stderr && complain "the environment is ignored"
grep -qF "DRIFTWOOD_TRAINING_TIME is set; it is a key of \`driftwood run\`" stderr || complain "the variable is not named"
"$driftwood" solve problem.ini 2> stderr && complain "no output is needed"
grep -qF -- "--output FILE" stderr || complain "--output is not named"
"$driftwood" solve "$source/share/examples/double-well.ini" --output nowhere/out.h5 2> stderr && complain "a missing directory is made"
grep -qF "there is no directory nowhere" stderr || complain "the missing directory is not named"
"$driftwood" solve problem.ini --output out.h5 --training.replicas=5 2> stderr && complain "a key of run is taken"
grep -qF "'--training.replicas' of \`driftwood solve\`; it is a key of \`driftwood run\`" stderr || complain "the key of run is not named"
[ $n_failed = 0 ]
