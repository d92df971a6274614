#!/usr/bin/env bash
# Theory against experiment on real data: the bottleneck alone is described within the sampling floor; with all layers
# trained the conditional closure is the best and the averaged ones collapse; the second basin is not lost.
# usage: theory.sh DRIFTWOOD SOURCE_DIR bottleneck|layers|plane
set -euo pipefail
driftwood=$1 source=$2 study=$3
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
check() { /usr/bin/python3 "$source/tests/support/check_theory.py" "$scratch/run" "$@"; }
run() {
  mpirun -n 2 "$driftwood" run "$@" --output "$scratch/run" > "$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
  tail -n 20 "$scratch/log"
}
case $study in
  bottleneck)
    run "$source/share/examples/iris-bottleneck.ini"
    check bounded fixed 2
    check sound
    ;;
  layers)
    run "$source/share/examples/iris.ini" --training.learning_rate=0.02 --training.batch_size=8 \
      --training.replicas=5000
    check best conditional 3
    check collapsed mean_trajectory 2
    check collapsed annealed 2
    check minority conditional 0
    check sound
    ;;
  plane)
    run "$source/share/examples/iris-plane.ini" --training.replicas=4000 --training.time=3 --training.snapshots=7
    check best conditional 1.5
    check sound
    ;;
  *) echo "unknown study $study"; exit 2 ;;
esac
