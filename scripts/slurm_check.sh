#!/usr/bin/env bash
# README's two Slurm scripts, run by hand on a real Slurm: its daemons and munge's are started on
# this machine's loopback, in a folder of their own, and ended afterwards. Both jobs' results are
# compared with those of one process. Needs root, and Debian's slurm-wlm, munge and openmpi-bin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PWD/build:/usr/sbin:$PATH
for program in slurmctld slurmd munged mpirun netdissect; do
  command -v "$program" >/dev/null || {
    echo "slurm_check.sh: expected $program, found none (apt-get install slurm-wlm munge" \
      "openmpi-bin; scripts/build.sh)" >&2
    exit 1
  }
done

place=$(mktemp -d)
pids=()
finish() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$place"
}
trap finish EXIT

host=$(hostname -s)
mkdir -p "$place"/{munge,state,spool,jobs}
chmod 755 "$place" && chmod 700 "$place/munge"
dd if=/dev/urandom of="$place/munge/key" bs=128 count=1 status=none
chmod 400 "$place/munge/key"
# munge's socket is for all; its folder says so.
mkdir -m 755 "$place/socket"
munged --foreground --force --key-file="$place/munge/key" --socket="$place/socket/munge" \
  --pid-file="$place/munge/pid" --log-file="$place/munge/log" --seed-file="$place/munge/seed" &
pids+=($!)
cat >"$place/slurm.conf" <<END
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$place/socket/munge
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$place/slurm.conf
slurmctld -D -f "$SLURM_CONF" >"$place/slurmctld.log" 2>&1 &
pids+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >"$place/slurmd.log" 2>&1 &
pids+=($!)
for _ in $(seq 60); do
  sinfo --noheader --format=%T 2>/dev/null | grep -q idle && break
  sleep 1
done
sinfo

# README's blocks with #SBATCH lines, as files.
python3 - "$place" <<'END'
import re
import sys
jobs = [block for block in re.findall(r"```sh[^\n]*\n(.*?)```", open("README.md").read(), re.S)
        if "#SBATCH" in block]
assert len(jobs) == 2, "expected two Slurm scripts in README.md, found %d" % len(jobs)
for name, job in zip(("mpi", "array"), jobs):
    open("%s/jobs/%s.sh" % (sys.argv[1], name), "w").write(job)
END

cd "$place/jobs"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
netdissect --threads 1 record --layer pool5 --layer fc7 --out runs/one 2>/dev/null >/dev/null
for name in mpi array; do
  echo "== sbatch $name.sh"
  sbatch --wait "$name.sh" || { tail -n 20 ./*.out "$place"/slurm*.log; exit 1; }
  cat slurm-*.out
  rm -f slurm-*.out
done
netdissect merge runs/array
python3 - <<'END'
import json
def of(folder):
    result = json.load(open("runs/%s/record.json" % folder))
    return result["layers"], result["recorded"], result["skipped"]
one = of("one")
for folder in ("mpi", "array"):
    assert of(folder) == one, folder + " differs from one process"
    print(folder + ": as one process")
END
