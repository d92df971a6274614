#!/usr/bin/env bash
# `driftwood solve` as a user does it: the exact solution is met, ranks agree, the file opens everywhere, a problem from a file
# of coefficients is the problem it tabulates, a failed solve is seen.
# usage: solve.sh DRIFTWOOD SOURCE_DIR
set -euo pipefail
driftwood=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
fail() { echo "FAILED: $1"; tail -n 40 log 2>/dev/null; exit 1; }
solve() { mpirun -n "$1" "$driftwood" solve "${@:2}" > log 2>&1; }
check() { /usr/bin/python3 "$source/tests/support/check_solve.py" "$@" || fail "check_solve.py $*"; }

cat > plane.ini <<INI
[problem]
family = ornstein_uhlenbeck
drift_matrix = 1, 0.8; -0.8, 0.6
diffusion = 0.3, 0.1; 0.1, 0.2
start_mean = 1, -0.5; 0, 1
start_std = 0.3
start_weights = 3, 1
time = 0.5
snapshots = 3
[fokker_planck]
cells = 40, 48
INI
for ranks in 1 2; do
  solve $ranks plane.ini --output plane-$ranks.h5 --problem.relaxation_rates=2 || fail "plane exits with $? on $ranks ranks"
  grep -q "L1 error" log || fail "the table has no errors"
done
check readable plane-1.h5
check accurate plane-1.h5 0.1
check same plane-1.h5 plane-2.h5 1e-9
check same_products plane-1.h5 plane-2.h5
"$driftwood" inspect plane-1.h5 > log || fail "inspect exits with $?"
grep -q "plane-1.h5: driftwood solve file" log || fail "inspect does not know the file"

# A table of the drift and diffusion that a family computes is the same problem.
check tabulate coefficients.h5
cat > well.ini <<INI
[problem]
start_mean = 0.2
start_std = 0.3
diffusion = 0.2
time = 1
snapshot_times = 0.25
[fokker_planck]
cells = 200
INI
solve 1 well.ini --output well.h5 --problem.family=double_well || fail "well exits with $?"
solve 1 well.ini --output box.h5 --problem.family=double_well --problem.relaxation_rates=3 --problem.time=40 \
  --fokker_planck.frame=fixed --fokker_planck.low=-2.5 --fokker_planck.high=2.5 || fail "box exits with $?"
grep -q "^relaxation rates: 0\.1[0-9]*, " log || fail "the table has no rates"
grep -q "free energy" log || fail "the table has no free energy"
check relaxed box.h5

# Rates that do not converge are a status, a line and exit code 3; the solve is kept.
status=0
PETSC_OPTIONS="-fp_spectrum_eps_max_it 1 -fp_spectrum_eps_ncv 8" solve 1 plane.ini --output slow.h5 \
  --problem.relaxation_rates=2 || status=$?
[ $status = 3 ] || fail "rates that do not converge exit with $status"
grep -q "^FAILED relaxation rates: not converged: " log || fail "the table does not tell of the rates"
check not_relaxed slow.h5
sed -i '/^diffusion/d; s|^\[problem\]|[problem]\nfamily = table\nfile = coefficients.h5|' well.ini
solve 1 well.ini --output table.h5 || fail "table exits with $?"
check same well.h5 table.h5 2e-3

# Absorbing walls: what is lost has left through the faces, and the survivors are those of the exact solution.
solve 2 "$source/share/examples/first-passage.ini" --output passage.h5 --problem.time=1 --problem.snapshots=5 \
  --problem.relaxation_rates=1 ||
  fail "first-passage exits with $?"
grep -q "^absorbed: w1 low 0\.[0-9]*, w1 high 0\.[0-9]*$" log || fail "the table does not tell where probability went"
grep -q "^mean first-passage time 0\.[0-9]*, splitting: w1 low 0\.5[0-9]*, w1 high 0\.4[0-9]*$" log ||
  fail "the table has no first passage"
check passage passage.h5

# An earlier result is replaced; what someone else wrote is not.
solve 1 well.ini --output table.h5 --problem.time=0.3 || fail "a second solve exits with $?"
cp coefficients.h5 mine.h5
status=0
solve 1 well.ini --output mine.h5 || status=$?
[ $status = 2 ] || fail "a file of someone else's is refused with $status"
cmp -s coefficients.h5 mine.h5 || fail "a file of someone else's was changed"

# A solve that fails ends with 3 and leaves what it reached.
status=0
solve 2 plane.ini --output failed.h5 --fokker_planck.z_max=2 --fokker_planck.frame=shifted \
  --fokker_planck.when_wall_is_reached=fail || status=$?
[ $status = 3 ] || fail "a failed solve exits with $status"
grep -q "^FAILED after .* wall reached" log || fail "the failure is not told"
check failed failed.h5

for file in plane-1 well; do
  /usr/bin/python3 -W error::RuntimeWarning -W error::UserWarning "$source/share/python/plot_solve.py" $file.h5 > log 2>&1 ||
    fail "plot_solve.py exits with $?"
done
[ "$(echo plane-1-*.png well-*.png)" = "plane-1-density.png plane-1-plane.png well-density.png" ] || fail "pictures: $(ls ./*.png)"
