#!/usr/bin/env bash
# From a clone on a fresh Debian 12 to results and plots of the iris study, in one command:
#
#   jobs/quickstart.sh
#
# As root, or as a user who may use sudo (only if packages are missing). It can be called from any directory and works in
# the clone: build/release (the program), run-iris (results), run-iris/plots (pictures). Called again, it does only what
# is missing: a run that was stopped goes on, a finished one is only drawn again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
config=share/examples/iris.ini
run="run-iris"
ranks=2

step() { printf '\n== %s\n' "$1"; }
show_and_run() { printf '+ %s\n' "$*"; "$@"; }

# Open MPI refuses to run as root, and more ranks than cores, unless told to.
allow_mpi_on_this_machine() {
  export OMP_NUM_THREADS=1  # one thread a rank: the ranks are the parallelism
  if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
  if ! mpirun -n "$ranks" true > /dev/null 2>&1; then
    export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
  fi
}

step "Packages"
jobs/packages.sh build plots

step "Build"
cmake --preset release
cmake --build --preset release --target driftwood --parallel "$(nproc)"
export PATH=$root/build/release/src:$PATH

step "Run"
allow_mpi_on_this_machine
status=0
show_and_run mpirun -n "$ranks" driftwood run "$config" --output "$run" || status=$?
case $status in
  0) ;;
  3) echo "quickstart: some points failed; drawing the others" >&2 ;;
  75) echo "quickstart: stopped before the end; call it again to go on" >&2; exit 75 ;;
  *) echo "quickstart: driftwood ended with exit code $status (share/doc/exit-codes.md)" >&2; exit "$status" ;;
esac

step "Plots"
show_and_run /usr/bin/python3 share/python/plot_run.py "$run"

cat <<TEXT

Results:  $root/$run/sweep.h5 (the table), $root/$run/points/*.h5 (everything)
Plots:    $root/$run/plots/
Program:  $root/build/release/src/driftwood
Next:     share/doc/tutorial.md
TEXT
exit $status
