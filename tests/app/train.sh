#!/usr/bin/env bash
# `train` gives the replicas that `run` gives, bit for bit, and no theory. So do the ranks and a second start.
# usage: train.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "FAILED: $1"; cat "$scratch"/log* 2>/dev/null; exit 1; }
cat > "$scratch/small.ini" <<INI
[data]
file = $source/share/datasets/iris.csv
[network]
widths = 4-1-1-4
[training]
replicas = 200
time = 1
snapshots = 3
[closure]
names = mean_trajectory
[fokker_planck]
cells = 64
[comparison]
test_inputs = 2
splits = 2
projections = 2
INI
mpirun -n 2 "$driftwood" run "$scratch/small.ini" --output "$scratch/run" > "$scratch/log" 2>&1 || fail "run exits with $?"
for ranks in 1 2 3 7; do
  mpirun -n $ranks "$driftwood" train "$scratch/small.ini" --output "$scratch/train-$ranks" > "$scratch/log" 2>&1 ||
    fail "train exits with $? on $ranks ranks"
done
/usr/bin/python3 - "$scratch" <<'PYTHON' || fail "the results are not those of run without theory"
import glob
import sys

import h5py

(run,), *others = (glob.glob(f"{sys.argv[1]}/{name}/points/*.h5") for name in ("run", *(f"train-{n}" for n in (1, 2, 3, 7))))
for (other,) in others:
    with h5py.File(run) as a, h5py.File(other) as b:
        for name in ("weights", "loss", "drift", "diffusion", "time"):
            assert a[name][()].tobytes() == b[name][()].tobytes(), (name, other)
        assert "closure" in a and "closure" not in b, "closures"
PYTHON
mpirun -n 1 "$driftwood" train "$scratch/small.ini" --output "$scratch/train-1" > "$scratch/log" 2>&1 || fail "again: $?"
grep -q "1 already done" "$scratch/log" || fail "the second start does not skip the finished point"
status=0
"$driftwood" train "$scratch/small.ini" --output "$scratch/x" --closure.names=fixed > "$scratch/log" 2>&1 || status=$?
[ $status = 2 ] || fail "a closure on train's command line exits with $status"
# Every way of training runs from the command line.
for option in --training.optimiser=adam "--training.optimiser=momentum --training.momentum=0.5" \
  "--training.precision=single --training.sampling=epochs" --training.sampling=full_batch \
  "--network.tied_decoder=true --network.activation=gelu --network.biases=true" --training.frozen_layers=1-3 \
  "--training.schedule=cosine --training.schedule_steps=20" --training.minibatches=shared \
  "--initial.scaling=orthogonal --initial.shared_layers=1" \
  "--training.snapshot_spacing=listed --training.snapshot_steps=1-7 --training.snapshots=41"; do
  # shellcheck disable=SC2086
  "$driftwood" train "$scratch/small.ini" --output "$scratch/$RANDOM$RANDOM" $option > "$scratch/log" 2>&1 ||
    fail "$option exits with $?"
done
# Data by formula and from other formats.
for kind in gaussian mixture "ring --network.widths=2-1-1-2" "two_moons --network.widths=2-1-1-2" \
  "swiss_roll --network.widths=3-1-1-3" "ising --data.whiten=true"; do
  grep -v '^file' "$scratch/small.ini" > "$scratch/generated.ini"
  # shellcheck disable=SC2086
  "$driftwood" train "$scratch/generated.ini" --output "$scratch/$RANDOM$RANDOM" --data.source=$kind > "$scratch/log" 2>&1 ||
    fail "$kind exits with $?"
done
/usr/bin/python3 - "$source/share/datasets/iris.csv" "$scratch" <<'PYTHON' || fail "the data files could not be made"
import sys

import h5py
import numpy

rows = numpy.genfromtxt(sys.argv[1], delimiter=",", skip_header=1, usecols=range(4))
with h5py.File(f"{sys.argv[2]}/iris.h5", "w") as file:
    file["flowers"] = rows
header = bytes([0, 0, 0x0E, 2]) + numpy.array(rows.shape, ">u4").tobytes()
with open(f"{sys.argv[2]}/iris.idx", "wb") as file:
    file.write(header + rows.astype(">f8").tobytes())
PYTHON
for file in "iris.h5 --data.dataset=flowers" iris.idx; do
  # shellcheck disable=SC2086
  "$driftwood" train "$scratch/small.ini" --output "$scratch/${file%% *}-run" --data.file=$scratch/$file \
    > "$scratch/log" 2>&1 || fail "$file exits with $?"
done
# Samples held out, all parameters in the file, and a run that starts where another ended.
"$driftwood" train "$scratch/small.ini" --output "$scratch/whole" --data.test_fraction=0.2 --network.activation=linear \
  --network.biases=true --training.snapshot_layers=0 > "$scratch/log" 2>&1 || fail "snapshot_layers exits with $?"
ended=$(echo "$scratch"/whole/points/*.h5)
"$driftwood" train "$scratch/small.ini" --output "$scratch/next" --data.test_fraction=0.2 --network.activation=linear \
  --network.biases=true --training.snapshot_layers=2-3 --initial.file="$ended" > "$scratch/log" 2>&1 ||
  fail "initial.file exits with $?"
/usr/bin/python3 - "$ended" "$scratch"/next/points/*.h5 <<'PYTHON' || fail "parameters, losses or invariants are wrong"
import sys

import h5py
import numpy

with h5py.File(sys.argv[1]) as whole, h5py.File(sys.argv[2]) as following:
    parameters, names = whole["parameters"][()], [name.decode() for name in whole["parameter"][()]]
    assert parameters.shape == (3, 200, 15), parameters.shape
    assert (parameters[..., names.index("W2[1,1]")] == whole["weights"][..., 0]).all(), "the tracked weight"
    w1, c1, w2 = parameters[..., :4], parameters[..., names.index("c1[1]")], parameters[..., names.index("W2[1,1]")]
    q1 = (w2**2 - (w1**2).sum(-1) - c1**2).mean(-1)
    assert [name.decode() for name in whole["invariant"][()]] == ["Q1[1,1]", "Q2[1,1]"]
    assert numpy.allclose(whole["balance"][:, 0], q1, rtol=1e-12), "the invariants"
    assert whole["balance_change"][0] == 0 and 0 < whole["balance_change"][-1] < 0.05, "their change"
    assert whole["n_test_samples"][()] == 30 and (whole["test_loss"][()] != whole["loss"][()]).any(), "the split"
    start = following["parameters"][0]
    listed = [name.decode() for name in following["parameter"][()]]
    for name in listed:
        assert (start[:, listed.index(name)] == parameters[-1, :, names.index(name)]).all(), name
PYTHON
status=0
"$driftwood" train "$scratch/small.ini" --output "$scratch/x" --initial.file="$ended" > "$scratch/log" 2>&1 || status=$?
[ $status = 2 ] || fail "initial weights of another network: $status"
grep -q "200 rows of 15 parameters, but the network has 9" "$scratch/log" || fail "their shape is not told"
