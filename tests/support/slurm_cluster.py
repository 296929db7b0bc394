"""A real SLURM on this machine: a controller and two nodes, of this process' lifetime."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

NODES = 2
CPUS = 2
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "setpriv")
# A job's own steps look for the configuration here, whatever $SLURM_CONF says.
SYSTEM_CONFIGURATION = Path("/etc/slurm/slurm.conf")
OURS = "algoprog-test.conf"

# No munge, cgroups or slurmdbd: one user on one machine. Nodes have more processors and memory
# than the machine may have (config_overrides), so that requests and not the machine decide what
# runs.
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/none
CredType=cred/none
SlurmctldPort={port}
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/%n.pid
SlurmctldLogFile={directory}/slurmctld.log
SlurmdLogFile={directory}/%n.log
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={directory}/jobs.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=2
SchedulerType=sched/builtin
ReturnToService=2
KillWait=2
MinJobAge=3600
{nodes}
PartitionName=main Nodes=ALL Default=YES State=UP DefaultTime=1 MaxTime=1-0
"""


def missing() -> str | None:
    """Why no SLURM can be started here, if none can."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (Debian: apt-get install slurm-wlm)"
    if os.geteuid():
        return "slurmd starts jobs as their user, so it must be started by root"
    if SYSTEM_CONFIGURATION.exists() and not _left_over():
        return f"this machine has a SLURM of its own: {SYSTEM_CONFIGURATION}"
    try:
        socket.gethostbyname(socket.gethostname())
    except OSError:
        return f"the name of this machine, {socket.gethostname()}, has no address"
    return None


class StartError(Exception):
    """The daemons do not start, or run no job: another version, or a container that forbids it."""


@dataclass(frozen=True)
class Cluster:
    """A running SLURM."""

    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        """What its commands need."""
        return {"SLURM_CONF": str(self.directory / OURS)}

    def command(self, *arguments: str) -> str:
        """Output of one of its commands."""
        return subprocess.run(
            arguments,
            env=os.environ | self.environment,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        ).stdout

    def jobs(self) -> dict[str, tuple[str, str]]:
        """State and comment (rule and wildcards) of every job there has been, by its number."""
        listed = self.command("squeue", "--noheader", "--states=all", "--format=%i|%T|%k")
        rows = (line.split("|", 2) for line in listed.splitlines())
        return {number: (state, comment) for number, state, comment in rows}

    def requeue(self, number: str) -> None:
        """Put a running job back into the queue, to start as soon as it has ended.

        SLURM itself lets it wait for as long as a credential lasts, two minutes.
        """
        self.command("scontrol", "requeue", number)
        until(lambda: self.jobs()[number][0] == "PENDING", f"job {number} in the queue")
        self.command("scontrol", "update", f"JobId={number}", "StartTime=now")

    def history(self) -> list[dict[str, str]]:
        """What ended, in order, as SLURM wrote it down: field by name, and the comment."""
        comments = {number: comment for number, (_, comment) in self.jobs().items()}
        lines = (self.directory / "jobs.txt").read_text(encoding="utf-8").splitlines()
        ended = [dict(field.split("=", 1) for field in line.split()) for line in lines]
        return [row | {"Comment": comments[row["JobId"]]} for row in ended]


def until(condition: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)


def free_ports(number: int) -> list[int]:
    """Ports nobody listens on now."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


@contextmanager
def running(directory: Path) -> Iterator[Cluster]:
    """Start a SLURM that keeps its files in a directory; stop it, and its jobs, at the end.

    Raises
    ------
    StartError
        if it does not come to the end of a first job, with what its daemons said.
    """
    host = socket.gethostname().split(".")[0]
    port, *ports = free_ports(1 + NODES)
    names = [f"node{number}" for number in range(1, NODES + 1)]
    nodes = [
        f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={one} CPUs={CPUS} "
        f"RealMemory=16000 State=UNKNOWN"
        for name, one in zip(names, ports, strict=True)
    ]
    (directory / "state").mkdir(parents=True)
    configuration = directory / OURS
    configuration.write_text(
        CONFIGURATION.format(host=host, port=port, directory=directory, nodes="\n".join(nodes))
    )
    cluster = Cluster(directory)
    with ExitStack() as stack:
        SYSTEM_CONFIGURATION.parent.mkdir(exist_ok=True)
        if _left_over():
            SYSTEM_CONFIGURATION.unlink()
        SYSTEM_CONFIGURATION.symlink_to(configuration)
        stack.callback(SYSTEM_CONFIGURATION.unlink)
        commands = {"slurmctld": ["slurmctld", "-D", "-i"]} | {
            name: ["slurmd", "-D", "-N", name] for name in names
        }
        daemons = [
            stack.enter_context(_daemon(command, cluster, directory / f"{name}.out"))
            for name, command in commands.items()
        ]
        try:
            _run_a_first_job(cluster, daemons)
        except (StartError, TimeoutError, subprocess.CalledProcessError) as error:
            said = (line for name in commands for line in _complaints(directory / f"{name}.out"))
            raise StartError("\n".join([str(error), *said])) from None
        stack.callback(_cancel_all, cluster)
        yield cluster


def _run_a_first_job(cluster: Cluster, daemons: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for the nodes, then for a job with a step of its own, as those of Snakemake have."""

    def all_idle() -> bool:
        if any(daemon.poll() is not None for daemon in daemons):
            raise StartError("a daemon ended at once")
        return _idle(cluster) == NODES

    until(all_idle, "nodes that are idle")
    output = f"--output={cluster.directory / 'first.txt'}"
    number = cluster.command("sbatch", "--parsable", output, "--wrap=srun --ntasks=1 true").strip()
    unfinished = {"PENDING", "CONFIGURING", "RUNNING", "COMPLETING"}
    until(lambda: cluster.jobs()[number][0] not in unfinished, "the end of a first job")
    state, _ = cluster.jobs()[number]
    if state != "COMPLETED":
        raise StartError(f"a first job ended as {state}")


def _complaints(output: Path) -> list[str]:
    """The last errors among what a daemon said."""
    lines = output.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if "error:" in line or "fatal:" in line][-3:]


def _left_over() -> bool:
    """Whether the configuration is of a test that was killed, and its controller ended."""
    if not SYSTEM_CONFIGURATION.is_symlink():
        return False
    target = SYSTEM_CONFIGURATION.readlink()
    return target.name == OURS and not (target.parent / "slurmctld.pid").exists()


@contextmanager
def _daemon(
    arguments: list[str], cluster: Cluster, output: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon that ends with the block and, by the kernel, with this process if it is killed."""
    with output.open("w") as file:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *arguments],
            env=os.environ | cluster.environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt from the keyboard is for this process to handle
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _idle(cluster: Cluster) -> int:
    try:
        return cluster.command("sinfo", "--noheader", "-N", "-t", "idle", "-o", "%N").count("\n")
    except subprocess.CalledProcessError:  # not up yet
        return 0


def _cancel_all(cluster: Cluster) -> None:
    """End the jobs that a failed test left, before the daemons that could."""
    cluster.command("scancel", "--full", "--user=root")
    until(lambda: not cluster.command("squeue", "--noheader").strip(), "jobs that end")
