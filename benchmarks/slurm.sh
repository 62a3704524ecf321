#!/usr/bin/env bash
# launch/slurm.sbatch on a real Slurm of two nodes, both on this machine: five jobs, and how each must end.
#
#     [GAMES=50] benchmarks/slurm.sh [VENV]        as root, with Debian's slurmctld, slurmd, slurm-client and munge
#
# 1 success: the record is there. 2 failure: the program's exit code 2 is the job's. 3 scancel: no rank is left.
# 4 time limit: a sweep is cut short, and the same command finishes it. 5 requeue: a sweep goes on by itself.
# Prints a line a job; exit code 0 if all end as they must, 77 where Slurm is not installed.
set -eu
cd -P "$(dirname "$0")/.."

for tool in munged slurmctld slurmd sbatch; do
    command -v $tool >/dev/null || { echo "skipped: no $tool here; try apt-get install slurmctld slurmd slurm-client munge"; exit 77; }
done

export WLRA_DIST_VENV=${1:-$PWD/.venv}
export MPIR_CVAR_CH4_NETMOD=ofi # MPICH's wheel: its UCX tells addresses that PMI-2 of Slurm 22.05 cuts: some jobs then do not start
home=$(mktemp -d)
export SLURM_CONF=$home/slurm.conf
host=$(hostname -s)
pids=()
failed=0

clean_up() {
    kill "${pids[@]}" $(cat "$home/munge.pid") 2>/dev/null || true
    sleep 1
    rm -rf "$home"
}
trap clean_up EXIT

start_cluster() {
    chmod 755 "$home"
    dd if=/dev/urandom bs=1 count=1024 of="$home/munge.key" status=none
    chmod 400 "$home/munge.key"
    munged --socket="$home/munge" --key-file="$home/munge.key" --pid-file="$home/munge.pid" --force \
        --log-file="$home/munge.log" --seed-file="$home/munge.seed"
    cat >"$SLURM_CONF" <<END
ClusterName=trial
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$home/munge
CredType=cred/munge
StateSaveLocation=$home/state
SlurmdSpoolDir=$home/spool.%n
SlurmctldPidFile=$home/slurmctld.pid
SlurmdPidFile=$home/slurmd.%n.pid
SlurmctldLogFile=$home/slurmctld.log
SlurmdLogFile=$home/slurmd.%n.log
SlurmctldPort=16817
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
MinJobAge=3600
OverTimeLimit=0
MessageTimeout=60
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=17001 CPUs=8 RealMemory=8000 State=UNKNOWN
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=17002 CPUs=8 RealMemory=8000 State=UNKNOWN
PartitionName=trial Nodes=one,two Default=YES MaxTime=INFINITE State=UP
END
    slurmctld -D >/dev/null 2>&1 & pids+=($!)
    slurmd -D -N one >/dev/null 2>&1 & pids+=($!)
    slurmd -D -N two >/dev/null 2>&1 & pids+=($!)
    for _ in $(seq 60); do
        if [ "$(sinfo -h -o %t%D 2>/dev/null)" = idle2 ]; then return; fi
        sleep 1
    done
    echo "Slurm did not start: $(tail -n 3 "$home"/*.log)"
    exit 1
}

submit() { # NAME [sbatch option…] -- [argument of the script…]: prints the job's number
    local name=$1 options=() && shift
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    WLRA_DIST_OUT=$home/$name sbatch --parsable --ntasks-per-node=2 --mem-per-cpu=100M --output="$home/$name.out" \
        "${options[@]}" launch/slurm.sbatch "$@"
}

field() { scontrol show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }

await() { # JOB STATE…: waits for one of the states
    local job=$1 && shift
    for _ in $(seq 600); do
        state=$(field "$job" JobState)
        for one in "$@"; do if [ "$state" = "$one" ]; then return; fi; done
        sleep 1
    done
}

await_point() { # NAME: waits until a game of the sweep is kept
    for _ in $(seq 300); do
        if ls "$home/$1/points/"*.json >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
}

say() { # NAME SHOULD IS
    if [ "$2" = "$3" ]; then echo "$1: $3"; else echo "$1: expected $2, got $3: $(tail -n 3 "$home/${1// /_}.out")" && failed=1; fi
}

ended() { echo "$(field "$1" JobState) $(field "$1" ExitCode)"; }

ranks_left() { pgrep -cf "wlra-dist run .*--out $home/$1" || true; }

start_cluster
long=(servers --set n=800 --set d=240 --set "sweep.game.seed=[$(seq -s, "${GAMES:-50}")]")

job=$(submit success -- lower_bound) && await "$job" COMPLETED FAILED
say success "COMPLETED 0:0, recorded" "$(ended "$job"), $([ -f "$home/success/record.json" ] && echo recorded)"

job=$(submit failure -- lower_bound --set s=-1) && await "$job" COMPLETED FAILED
say failure "FAILED 2:0" "$(ended "$job")"

job=$(submit scancel -- "${long[@]}") && await_point scancel && scancel "$job" && await "$job" CANCELLED
sleep 6
say scancel "CANCELLED, 0 ranks left" "$(field "$job" JobState), $(ranks_left scancel) ranks left"

job=$(submit limit --time=1 --signal=TERM@5 -- "${long[@]}") && await "$job" TIMEOUT FAILED COMPLETED
first=$(find "$home/limit/points" -name '*.json' | wc -l)
again=$(submit limit -- "${long[@]}") && await "$again" COMPLETED FAILED
say limit "cut short, then COMPLETED 0:0" "$([ "$(field "$job" JobState)" != COMPLETED ] && echo cut short), then $(ended "$again")"
echo "    the first job kept $first of ${GAMES:-50} games"

job=$(submit requeue -- "${long[@]}") && await_point requeue && scontrol requeue "$job" && await "$job" PENDING
while [ "$(ranks_left requeue)" != 0 ]; do sleep 1; done # or their end would be taken for that of the next ones
scontrol update jobid="$job" StartTime=now
await "$job" COMPLETED FAILED
say requeue "COMPLETED 0:0, restarted 1 time" "$(ended "$job"), restarted $(field "$job" Restarts) time"
exit $failed
