#!/usr/bin/env bash
# The Debian 12 packages that driftwood needs, in the one place that lists them; installs those that are missing.
#
#   jobs/packages.sh build           what compiling and running needs
#   jobs/packages.sh build plots     and what share/python/plot_run.py needs
#   jobs/packages.sh build plots test peers
#   jobs/packages.sh bench           what tests/bench races against
#   jobs/packages.sh slurm           a Slurm of two nodes on this machine, for tests/slurm
#   jobs/packages.sh build fuzz      clang with libFuzzer, for tests/fuzz
#   jobs/packages.sh --list build    only names them, one a line
#
# As root, or as a user who may use sudo. If nothing is missing it asks for neither and touches nothing.
set -euo pipefail

build=(
  cmake ninja-build pkg-config g++ git                          # tools
  openmpi-bin libopenmpi-dev libpetsc-real-dev libslepc-real-dev libhdf5-openmpi-dev
  libboost-program-options-dev libeigen3-dev librandom123-dev
  libgtest-dev libgmock-dev                                     # the build configures the tests, too
)
plots=(python3 python3-numpy python3-h5py python3-matplotlib)
test=(
  hdf5-tools netcdf-bin shellcheck
  python3-h5netcdf python3-netcdf4 python3-xarray               # the result files, read as users read them
)
peers=(python3-torch python3-numpy)                             # training compared with PyTorch, and raced against it
bench=(python3-scipy python3-petsc4py python3-mpi4py)           # Fokker-Planck solvers raced against
slurm=(slurmctld slurmd slurm-client munge)
fuzz=(clang libclang-rt-14-dev)                                 # libFuzzer

fail() { echo "packages.sh: $1" >&2; exit 2; }

# Prints the packages of the groups named.
packages_of() {
  local group
  for group in "$@"; do
    case $group in
      build) printf '%s\n' "${build[@]}" ;;
      plots) printf '%s\n' "${plots[@]}" ;;
      test) printf '%s\n' "${test[@]}" ;;
      peers) printf '%s\n' "${peers[@]}" ;;
      bench) printf '%s\n' "${bench[@]}" ;;
      slurm) printf '%s\n' "${slurm[@]}" ;;
      fuzz) printf '%s\n' "${fuzz[@]}" ;;
      *) fail "unknown group '$group'; there are: build, plots, test, peers, bench, slurm, fuzz" ;;
    esac
  done
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install_packages() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo > /dev/null || fail "missing packages: $*
packages.sh: installing them takes root, and there is no sudo; ask an administrator for
  apt-get install --no-install-recommends $*"
    as_root=(sudo)
  fi
  echo "installing: $*"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

only_list=no
if [ "${1:-}" = --list ]; then only_list=yes; shift; fi
[ $# -gt 0 ] || fail "name the groups of packages: build, plots, test, peers, bench, slurm, fuzz"
wanted=$(packages_of "$@")
if [ $only_list = yes ]; then echo "$wanted"; exit 0; fi
if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  fail "this is no Debian system; install what corresponds to: $(echo "$wanted" | tr '\n' ' ')"
fi
missing=()
for package in $wanted; do is_installed "$package" || missing+=("$package"); done
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
