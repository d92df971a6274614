#!/usr/bin/env bash
# Closures that must agree where their definitions do,.
# usage: closures.sh DRIFTWOOD SOURCE_DIR constant|joint|ladder
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
  ladder)  # all layers trained: paths of their own keep the width that averages lose
    run 2 all --closure.names=annealed,quenched,self_consistent --training.time=8
    check all wider quenched annealed 1.5
    check all sound
    ;;
  *) echo "unknown study $study"; exit 2 ;;
esac
