# shellcheck shell=bash
# A real Slurm of two nodes on this machine, for tests. Sourced by slurm.sh, which has a function `fail MESSAGE` and a directory
# $scratch; as root. Each node is a slurmd with a host name, a /dev/shm and an /etc/hosts of its own: without them ranks on
# "different" nodes would meet in shared memory. Everything that is started is stopped by its process id.

write_cluster_config() {
  local lab=$1 port=$2 i
  mkdir -p "$lab"/{state,log,run}
  for i in 1 2; do mkdir -p "$lab/spool/n$i" "$lab/tmp/n$i"; done
  cat > "$lab/slurm.conf" <<CONF
ClusterName=driftwood-test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$lab/run/munge.sock,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$lab/state
SlurmdSpoolDir=$lab/spool/%n
TmpFS=$lab/tmp/%n
SlurmctldPidFile=$lab/run/slurmctld.pid
SlurmdPidFile=$lab/run/slurmd-%n.pid
SlurmctldLogFile=$lab/log/slurmctld.log
SlurmdLogFile=$lab/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
ReturnToService=2
MinJobAge=3600
KillWait=5
SlurmdTimeout=60
NodeName=n[1-2] NodeHostname=n[1-2] NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 2))] CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=10 State=UP
CONF
  { cat /etc/hosts; echo "127.0.0.1 n1"; echo "127.0.0.1 n2"; } > "$lab/hosts"
}

# start_cluster LAB PORT: returns 1 where this machine does not allow it.
start_cluster() {
  local lab=$1 i
  write_cluster_config "$@"
  export SLURM_CONF=$lab/slurm.conf
  dd if=/dev/urandom of="$lab/munge.key" bs=128 count=1 2> /dev/null
  chmod 600 "$lab/munge.key"
  unshare --uts --mount true 2> /dev/null || return 1
  munged --key-file="$lab/munge.key" --socket="$lab/run/munge.sock" --pid-file="$lab/run/munged.pid" \
    --log-file="$lab/log/munged.log" --seed-file="$lab/run/munged.seed" --num-threads=2 || return 1
  slurmctld -c -f "$SLURM_CONF" || return 1
  for i in 1 2; do start_node "$lab" "$i" || return 1; done
  for _ in $(seq 150); do
    [ "$(timeout 3 sinfo -h -N -o '%T' 2> /dev/null | grep -c '^idle$')" = 2 ] && return 0
    sleep 0.2
  done
  tail -n 5 "$lab"/log/*.log >&2
  return 1
}

start_node() {
  unshare --uts --mount --propagation private sh -ec "hostname n$2; mount --bind $1/hosts /etc/hosts
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm; exec slurmd -N n$2 -f $1/slurm.conf"
}

# stop_daemon PIDFILE NAME: only if the process has that name.
stop_daemon() {
  local pid
  pid=$(cat "$1" 2> /dev/null) || return 0
  case "$(cat "/proc/$pid/comm" 2> /dev/null)" in "$2"*) ;; *) return 0 ;; esac
  kill "$pid" 2> /dev/null || return 0
  for _ in $(seq 80); do kill -0 "$pid" 2> /dev/null || return 0; sleep 0.1; done
  kill -9 "$pid"
}

stop_cluster() {
  local lab=$1 file
  timeout 5 squeue -h -o %A 2> /dev/null | xargs -r timeout 5 scancel 2> /dev/null || true
  for _ in $(seq 50); do [ -z "$(timeout 3 squeue -h 2> /dev/null)" ] && break; sleep 0.2; done
  for file in "$lab"/run/slurmd-*.pid; do stop_daemon "$file" slurmd; done
  stop_daemon "$lab/run/slurmctld.pid" slurmctld
  stop_daemon "$lab/run/munged.pid" munged
}
