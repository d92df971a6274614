#!/usr/bin/env bash
# The same sweep on 1, 2 and 4 ranks, all ranks on each point: replicas bit-identical, densities within 1e-9.
# usage: rank_counts.sh DRIFTWOOD SOURCE_DIR DIMENSION
set -euo pipefail
driftwood=$1 source=$2 dimension=$3
# shellcheck source=tests/support/application.sh
source "$source/tests/support/application.sh"
widths=4-1-1-4 cells=128
# In two dimensions `fixed` has a diffusion of rank one and cell Peclet numbers of 1e5: where a scheme's bits depended on the
# number of ranks, the limited flux would multiply that.
if [ "$dimension" = 2 ]; then widths=4-2-1-4 cells=32; fi
cat > "$scratch/small.ini" <<INI
[data]
file = $source/share/datasets/iris.csv
[network]
widths = $widths
[initial]
mean = 0.5
std = 0.3
tracked_mean = 0.5
tracked_std = 0.3
[training]
replicas = 501
learning_rate = 0.02, 0.04
time = 2
snapshots = 5
[closure]
names = fixed, mean_trajectory, annealed, quenched, conditional, self_consistent
quenched_paths = 5
layer_samples = 64
[fokker_planck]
cells = $cells
[comparison]
test_inputs = 3
splits = 4
projections = 2
INI
for ranks in 1 2 4; do
  mpirun -n "$ranks" "$driftwood" run "$scratch/small.ini" --output "$scratch/run-$ranks" \
    --run.ranks_per_point="$ranks" > "$scratch/log-$ranks" || { cat "$scratch/log-$ranks"; exit 1; }
done
for ranks in 2 4; do
  /usr/bin/python3 "$source/tests/support/compare_runs.py" "$scratch/run-1" "$scratch/run-$ranks"
done
