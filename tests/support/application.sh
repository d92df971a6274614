# shellcheck shell=bash
# What the tests of the application share: a scratch directory that goes with the test, MPI on a small machine, `fail`. A test begins
#
#   set -euo pipefail
#   driftwood=$1 source=$2
#   source "$source/tests/support/application.sh"
#
# and has $scratch, where its logs are called log*.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
  OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl=${OMPI_MCA_btl:-self,vader} OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1
driftwood=$(realpath "$driftwood") source=$(realpath "$source")  # a test may go elsewhere
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# fail MESSAGE: ends the test, with the ends of its logs.
fail() {
  echo "FAILED: $1"
  tail -n 40 "$scratch"/log* 2> /dev/null
  exit 1
}

# small_config SECTIONS: $scratch/small.ini, a small network on the iris data, and these sections.
small_config() {
  printf '%s\n' "[data]" "file = $source/share/datasets/iris.csv" "[network]" "widths = 4-1-1-4" "$1" > "$scratch/small.ini"
}
