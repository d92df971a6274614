#!/usr/bin/env bash
# Submits a sweep as an array of small jobs, and after them one that completes what they left, collects sweep.h5 and prints the table:
#
#   jobs/submit-array.sh TASKS CONFIG RUN_DIRECTORY [SBATCH_OPTION ...]
#   jobs/submit-array.sh 20 my-sweep.ini /scratch/me/run-mine --time=4:00:00 --partition=short
#
# Prints both job ids. An array starts as soon as single cores are free, where one large job would wait for many. The options go to both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ $# -lt 3 ]; then sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; fi
tasks=$1 config=$2 run=$3
shift 3
array=$(sbatch --parsable --array="1-$tasks" "$@" jobs/array.sbatch "$config" "$run")
# afterany: whatever a task came to, the run that follows knows what is left.
last=$(sbatch --parsable --dependency="afterany:$array" "$@" jobs/run.sbatch "$config" "$run")
echo "array $array ($tasks tasks), then $last collects; driftwood status $run"
