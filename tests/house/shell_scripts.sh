#!/usr/bin/env bash
# Every shell script passes shellcheck, and those that people call are executable.
# usage: shell_scripts.sh SOURCE_DIR
set -euo pipefail
cd "$1"
mapfile -t scripts < <(find jobs tests .ci -type f \( -name '*.sh' -o -name '*.sbatch' -o -path '.ci/*' \) | sort)
[ ${#scripts[@]} -gt 5 ] || { echo "FAILED: the scripts were not found"; exit 1; }
shellcheck "${scripts[@]}"
for script in jobs/*.sh tests/run.sh .ci/run share/python/plot_run.py; do
  [ -x "$script" ] || { echo "FAILED: $script is not executable"; exit 1; }
done
echo "${#scripts[@]} scripts"
