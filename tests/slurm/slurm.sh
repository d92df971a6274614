#!/usr/bin/env bash
# The job scripts on a real Slurm of two nodes: one job over both nodes by srun and by mpirun, one that make-job wrote, a signal and
# its requeue, a node that is lost, an array that shares a run directory and the job that depends on it.
# usage: slurm.sh DRIFTWOOD SOURCE_DIR       exit status 77 where no Slurm can be started (needs root and Debian's Slurm)
set -euo pipefail
driftwood=$1 source=$2
command -v slurmctld slurmd munged sbatch > /dev/null || { echo "skipped: no Slurm (jobs/packages.sh slurm)"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "skipped: not root"; exit 77; }
scratch=$(mktemp -d)
chmod 755 "$scratch"  # munged asks for it
lab=$scratch/lab
# shellcheck source=tests/slurm/cluster.sh
source "$source/tests/slurm/cluster.sh"
clean() { stop_cluster "$lab"; rm -rf "$scratch"; }
trap clean EXIT
fail() { echo "FAILED: $1"; tail -n 20 "$scratch"/*.log 2> /dev/null; exit 1; }
say() { echo "$(($(date +%s) - started)) s: $1"; }
started=$(date +%s)
start_cluster "$lab" "$((20000 + RANDOM % 20000))" || { echo "skipped: Slurm does not start here"; exit 77; }
say "two nodes are up"
export DRIFTWOOD=$driftwood SLURM_CPU_BIND=none
export OMPI_MCA_btl=self,vader,tcp OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo PMIX_MCA_ptl_tcp_if_include=lo
cp -r "$source/jobs" "$scratch/jobs"
cd "$scratch"
cat > small.ini <<INI
[data]
file = $source/share/datasets/iris.csv
[network]
widths = 4-1-1-4
[training]
replicas = 200
learning_rate = range(0.01, 0.04, 6)
time = 20
snapshots = 3
[closure]
names = none
[run]
checkpoint_seconds = 0.5
INI
n_done() { find "$1/points" -name '*.h5' | wc -l; }
submit() { sbatch --parsable --time=10 --mem-per-cpu=500M --output="$scratch/%j.log" "$@"; }
state() { scontrol -o show job "$1" | grep -o "$2=[^ ]*" | head -n 1 | cut -d= -f2; }
# wait_for_state JOB PATTERN SECONDS
wait_for_state() {
  for _ in $(seq $(($3 * 5))); do
    [[ "$(state "$1" JobState)" =~ ^($2)$ ]] && return 0
    sleep 0.2
  done
  fail "job $1 is $(state "$1" JobState) after $3 s, not $2"
}
ends_with() { # JOB EXIT_CODE SECONDS
  wait_for_state "$1" "COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY" "$3"
  [ "$(state "$1" ExitCode)" = "$2:0" ] || fail "job $1 ends with $(state "$1" ExitCode) instead of $2"
}

# Over both nodes, started by srun; its file knows the job.
job=$(submit --nodes=2 --ntasks=4 jobs/run.sbatch small.ini run-srun)
ends_with "$job" 0 60
[ "$(n_done run-srun)" = 6 ] || fail "the job over two nodes has not 6 points"
/usr/bin/python3 -c 'import h5py, glob, sys
files = [h5py.File(name) for name in glob.glob("run-srun/points/*.h5")]
assert {str(file.attrs["slurm_job_id"]) for file in files} == {sys.argv[1]}
assert len({str(file.attrs["host"]) for file in files}) == 2' "$job" || fail "the files do not know job and nodes"
say "srun over two nodes"

# A script that make-job writes, as it is; beside it the same by mpirun inside the allocation.
"$driftwood" make-job small.ini --nominal --ranks 2 --output run-made > made.sbatch
made=$(sbatch --parsable made.sbatch)
job=$(submit --nodes=2 --ntasks=4 --wrap "mpirun --allow-run-as-root --bind-to none $driftwood train small.ini --output run-mpirun")
ends_with "$job" 0 60
[ "$(n_done run-mpirun)" = 6 ] || fail "mpirun over two nodes has not 6 points"
say "mpirun over two nodes"
ends_with "$made" 0 60
[ "$(n_done run-made)" = 6 ] || fail "the job that make-job wrote has not 6 points"
grep -q "driftwood ended with exit code 0" "driftwood-$made.log" || fail "the made job's log does not say how it ended"
say "a job that make-job wrote"

# A signal, as Slurm sends it before the limit: saved, 75, back into the queue, done at the second start.
sed 's/^time = .*/time = 40000/; s/^replicas = .*/replicas = 50/; s/^learning_rate = .*/learning_rate = 0.02, 0.03/' small.ini > long.ini
long=(long.ini run-signal)
job=$(submit --ntasks=2 jobs/run.sbatch "${long[@]}")
for _ in $(seq 150); do [ -z "$(find run-signal/points -name '.*.checkpoint' 2> /dev/null)" ] || break; sleep 0.2; done
scancel --signal=USR1 "$job"
for _ in $(seq 150); do [ "$(state "$job" Restarts)" = 1 ] && break; sleep 0.2; done
grep -q "ended with exit code 75" "$job.log" || fail "the signalled job does not end with 75"
[ "$(state "$job" Restarts)" = 1 ] || fail "the job did not go back into the queue"
wait_for_state "$job" RUNNING 40
say "signal, 75, requeued"

# Its node is lost: Slurm starts it again elsewhere, where it takes the directory over from its dead self.
for _ in $(seq 150); do [ "$(grep -c started run-signal/status.tsv)" -ge 4 ] && break; sleep 0.2; done
node=$(state "$job" BatchHost)
scontrol update "NodeName=$node" State=DOWN Reason=test
for _ in $(seq 100); do [ "$(state "$job" Restarts)" = 2 ] && break; sleep 0.2; done
[ "$(state "$job" Restarts)" = 2 ] || fail "the job of the lost node was not started again"
scontrol update "NodeName=$node" State=RESUME 2> /dev/null || true  # it may have come back by itself
ends_with "$job" 0 100
[ "$(n_done run-signal)" = 2 ] || fail "the job of the lost node has not made its points"
say "node lost, started again, done"

# An array whose tasks share a run directory, and the job that waits for them and collects.
submitted=$(jobs/submit-array.sh 3 "$scratch/small.ini" "$scratch/run-array" --time=10 --mem-per-cpu=500M --output="$scratch/%A_%a.log" --chdir="$scratch")
last=${submitted#*then }
last=${last%% *}
ends_with "$last" 0 100
[ "$(n_done run-array)" = 6 ] || fail "the array has not made 6 points"
[ "$(grep -c "done	" run-array/status.tsv)" = 6 ] || fail "points were made twice"
[ -e run-array/sweep.h5 ] || fail "the last job did not collect"
say "array and the job after it"
