#!/usr/bin/env bash
# Lines grow to the same file on any number of ranks, to the width that is known; what cannot be is refused; TERM ends it
# with 75.
# usage: surfaces.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
small=(--sites "16,32,64" --nonlinearity 0 --replicas 40)
for ranks in 1 3; do
  mpirun -n "$ranks" "$driftwood" surfaces --output "$scratch/$ranks.h5" "${small[@]}" > "$scratch/log" ||
    { cat "$scratch/log"; exit 1; }
done
/usr/bin/python3 - "$scratch/1.h5" "$scratch/3.h5" <<'PY'
import sys
import h5py
import numpy as np
with h5py.File(sys.argv[1]) as one, h5py.File(sys.argv[2]) as other:
    for name in one:
        a, b = one[name][()], other[name][()]
        assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), name
    pulls = (one["settled"][()] - one["settled_known"][()]) / one["settled_error"][()]
    assert (np.abs(pulls) < 3.5).all(), pulls
    k, s, error = one["wave_number"][()], one["structure"][()], one["structure_error"][()]
    pulls = ((s - 1 / (k**2 * (1 - 0.05 * k**2))) / error)[np.isfinite(k)]
    assert np.abs(pulls).max() < 4, pulls
    alpha = (one["measured"][0] - 0.5) / one["measured_error"][0]
    assert abs(alpha) < 3 and one["measured_error"][0] < 0.05, one["measured"][()]
PY
/usr/bin/python3 "$source/tests/support/check_derive.py" surfaces "$scratch/1.h5"
/usr/bin/python3 "$source/share/python/plot_surfaces.py" "$scratch/1.h5" --output "$scratch/plots" > /dev/null
[ -s "$scratch/plots/1-collapse.png" ] || { echo "no picture"; exit 1; }

refused() {
  local status=0
  "$driftwood" surfaces "$@" > "$scratch/log" 2>&1 || status=$?
  [ "$status" = 2 ] || { echo "exit $status of: $*"; cat "$scratch/log"; exit 1; }
}
refused
refused --output "$scratch/a.h5" --sites 32
refused --output "$scratch/a.h5" --sites 64,32
refused --output "$scratch/a.h5" --sites 32,x
refused --output "$scratch/a.h5" --nonlinearity 3
grep -q '0..2.5' "$scratch/log"
echo mine > "$scratch/mine"
refused --output "$scratch/mine"

# The handler is there before the first line is grown.
"$driftwood" surfaces --output "$scratch/long.h5" --sites 64,128 --replicas 100000 > "$scratch/log" 2>&1 &
job=$!
for _ in $(seq 1500); do
  ! grep -q growing "$scratch/log" || break
  sleep 0.02
done
kill -TERM $job
status=0
wait $job || status=$?
if [ "$status" != 75 ] || [ -e "$scratch/long.h5" ]; then echo "exit $status after TERM"; cat "$scratch/log"; exit 1; fi
