#!/usr/bin/env bash
# `train` gives the replicas that `run` gives, bit for bit, and no theory, on any number of ranks, in any grouping and order;
# every way to train and every source of data runs.
# usage: train.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
small_config '[training]
replicas = 200
learning_rate = 0.02
time = 1
snapshots = 3
[closure]
names = mean_trajectory
[fokker_planck]
cells = 64
[comparison]
test_inputs = 2
splits = 2
projections = 2'
# Two points, trained beside the theory; then alone by other numbers of ranks, groups of ranks, and in another order.
export DRIFTWOOD_TRAINING_LEARNING_RATE=0.02,0.04
mpirun -n 2 "$driftwood" run "$scratch/small.ini" --output "$scratch/run" > "$scratch/log" 2>&1 || fail "run exits with $?"
train() {
  local name=$1 ranks=$2
  shift 2
  mpirun -n "$ranks" "$driftwood" train "$scratch/small.ini" --output "$scratch/$name" "$@" > "$scratch/log" 2>&1 ||
    fail "train exits with $? on $ranks ranks: $*"
}
train train-1 1
train train-3 3 --run.ranks_per_point=1
train train-4 4 --run.ranks_per_point=2
train train-7 7 --training.learning_rate=0.04,0.02
/usr/bin/python3 - "$scratch" <<'PYTHON' || fail "the results are not those of run without theory"
import glob
import sys

import h5py

def points(name):
    files = glob.glob(f"{sys.argv[1]}/{name}/points/*.h5")
    assert len(files) == 2, files
    return {h5py.File(file).attrs["training.learning_rate"]: file for file in files}


for rate, run in points("run").items():
    for name in ("train-1", "train-3", "train-4", "train-7"):
        with h5py.File(run) as a, h5py.File(points(name)[rate]) as b:
            for array in ("weights", "loss", "drift", "diffusion", "time"):
                assert a[array][()].tobytes() == b[array][()].tobytes(), (array, name, rate)
            assert "closure" in a and "closure" not in b, "closures"
PYTHON
train train-1 1
grep -q "2 already done" "$scratch/log" || fail "the second start does not skip the finished points"
unset DRIFTWOOD_TRAINING_LEARNING_RATE
status=0
"$driftwood" train "$scratch/small.ini" --output "$scratch/x" --closure.names=fixed > "$scratch/log" 2>&1 || status=$?
[ $status = 2 ] || fail "a closure on train's command line exits with $status"
# Every way of training runs from the command line.
alone() {
  local name=$1 points=$2
  shift 2
  "$driftwood" train "$scratch/small.ini" --output "$scratch/$name" "$@" \
    > "$scratch/log" 2>&1 || fail "$name exits with $?"
  [ "$(find "$scratch/$name/points" -name '*.h5' | wc -l)" = "$points" ] || fail "$name has not $points points"
}
alone ways 24 --training.optimiser=momentum,rmsprop,adam --training.precision=double,single \
  --training.sampling=epochs,full_batch --network.tied_decoder=true,false
alone more_ways 18 --network.activation=gelu,relu,sigmoid --network.biases=true --training.frozen_layers=1 \
  --training.schedule=step,cosine,inverse_time --training.schedule_steps=50 --training.minibatches=shared,own \
  --initial.scaling=orthogonal --initial.shared_layers=1-2 \
  --training.snapshot_spacing=listed --training.snapshot_steps=1-7 --training.snapshots=41
# Data by formula and from other formats.
grep -v '^file' "$scratch/small.ini" > "$scratch/generated.ini"
for kind in gaussian mixture "ring --network.widths=2-1-1-2" "two_moons --network.widths=2-1-1-2" \
  "swiss_roll --network.widths=3-1-1-3" "ising --data.whiten=true"; do
  # shellcheck disable=SC2086
  "$driftwood" train "$scratch/generated.ini" --output "$scratch/${kind%% *}-run" \
    --data.source=$kind > "$scratch/log" 2>&1 || fail "$kind exits with $?"
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
alone hdf5 1 --data.file="$scratch/iris.h5" --data.dataset=flowers
alone idx 1 --data.file="$scratch/iris.idx"
# Replicas that diverge are counted and set aside; a point without any left has failed.
alone diverging 1 --network.activation=linear --training.learning_rate=0.2 --initial.std=1 --training.time=20
grep -q "done, [0-9]* of 200 replicas diverged and were set aside" "$scratch/log" || fail "the log has no diverged replicas"
status=0
"$driftwood" train "$scratch/small.ini" --output "$scratch/diverged" --network.activation=linear \
  --training.learning_rate=5 --training.time=100 > "$scratch/log" 2>&1 || status=$?
[ $status = 3 ] || fail "a training without a replica left exits with $status"
grep -q "failed, 200 of 200 replicas diverged" "$scratch/log" || fail "the log does not say that all diverged"
# Samples held out, all parameters in the file, and a run that starts where another ended.
alone whole 1 --data.test_fraction=0.2 --network.activation=linear --network.biases=true --training.snapshot_layers=0
ended=$(echo "$scratch"/whole/points/*.h5)
alone next 1 --data.test_fraction=0.2 --network.activation=linear --network.biases=true --training.snapshot_layers=2-3 \
  --initial.file="$ended" --network.tracked_weights="W1[1,2], c3[4], W3[4,1]"
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
    for column, name in enumerate(("W1[1,2]", "c3[4]", "W3[4,1]")):
        assert (following["weights"][0, :, column] == parameters[-1, :, names.index(name)]).all(), name
PYTHON
status=0
"$driftwood" train "$scratch/small.ini" --output "$scratch/x" --initial.file="$ended" > "$scratch/log" 2>&1 || status=$?
[ $status = 2 ] || fail "initial weights of another network: $status"
grep -q "200 rows of 15 parameters, but the network has 9" "$scratch/log" || fail "their shape is not told"
