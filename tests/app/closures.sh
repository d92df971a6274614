#!/usr/bin/env bash
# Closures that must agree where their definitions do, and one closure in frames of every kind.
# usage: closures.sh DRIFTWOOD SOURCE_DIR constant|joint|ladder|frames
set -euo pipefail
driftwood=$1 source=$2 study=$3
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
check() { local run=$1; shift; /usr/bin/python3 "$source/tests/support/check_theory.py" "$scratch/$run" "$@"; }
run() {
  local ranks=$1 name=$2
  shift 2
  timeout 300 mpirun -n "$ranks" "$driftwood" run "$scratch/small.ini" "$@" --output "$scratch/$name" \
    > "$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
}
small_config '[training]
replicas = 400
learning_rate = 0.04
time = 4
snapshots = 6
[closure]
quenched_paths = 6
layer_samples = 128
[fokker_planck]
cells = 128
[comparison]
bootstrap = 10
permutations = 19'
case $study in
  constant)  # one vector of other parameters: every path is the same, and so is every average
    constant=(--training.trained=tracked --initial.others=shared)
    run 2 two "${constant[@]}" --closure.names=joint,fixed,mean_trajectory,annealed,quenched,self_consistent
    for closure in joint mean_trajectory annealed quenched self_consistent; do check two agree fixed "$closure" 2e-3; done
    check two sound
    ;;
  joint)  # all of a small network's parameters, tied copies among them
    sed -i '/^file = /d' "$scratch/small.ini"
    run 2 tied --data.source=gaussian --data.features=2 --network.widths=2-1-2 --network.tied_decoder=yes \
      --network.tracked_weights=all --closure.names=joint,self_consistent --fokker_planck.cells=48
    check tied agree joint self_consistent 2e-3
    check tied sound
    ;;
  frames)  # correlated weights, whose density a full frame turns with: its points differ from others by the grid's errors
    run 2 kinds --network.widths=4-2-1-4 --training.trained=tracked --initial.others=common --training.time=2 \
      --closure.names=fixed --fokker_planck.cells=64 --fokker_planck.flux=fourth_order --fokker_planck.frame=diagonal,full
    check kinds alike fixed 0.01
    check kinds sound
    /usr/bin/python3 "$source/share/python/plot_run.py" "$scratch/kinds" > "$scratch/plots" || { cat "$scratch/plots"; exit 1; }
    [ "$(find "$scratch/kinds/plots" -name 'point*-plane.png' | wc -l)" = 2 ] || { echo "a plane is missing"; exit 1; }
    # What draws the untracked weights is the seed alone: the same in points that differ in their training.
    run 2 rates --training.trained=tracked --initial.others=common --training.learning_rate=0.04,0.02 --training.time=0.08 \
      --training.snapshots=2 --closure.names=none --training.snapshot_layers=0
    /usr/bin/python3 - "$scratch/rates" << 'PYTHON'
import glob, sys, h5py, numpy
files = [h5py.File(path) for path in sorted(glob.glob(sys.argv[1] + "/points/*.h5"))]
names = [name.decode() for name in files[0]["parameter"][()]]
starts = [file["parameters"][0] for file in files]
others = [i for i, name in enumerate(names) if not name.startswith("W2")]
assert len(files) == 2 and len(others) == 8, names
assert all((start[:, others] == starts[0][0, others]).all() for start in starts), "the untracked weights differ"
assert not (starts[0] == starts[1]).all(), "the tracked weights are each point's own"
PYTHON
    ;;
  ladder)  # all layers trained: paths of their own keep the width that averages lose
    run 2 all --closure.names=annealed,quenched,self_consistent --training.time=8
    check all wider quenched annealed 1.5
    check all sound
    ;;
  *) echo "unknown study $study"; exit 2 ;;
esac
