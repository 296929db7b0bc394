"""What the main job costs, what of it is Snakemake's and start-up's, and how it grows.

    .venv/bin/python benchmarks/pipeline.py [--cores 1 2] [--scale 1 10 100] [--full]
        [--configfile FILE ...] [--before REV]

Everything runs in a temporary copy of the project, with the compiled solver copied too (run the
main job once before, or the first run compiles it). On an idle machine:

- the main job as `make` runs it, from clean, for each number of cores: wall and CPU time,
  Snakemake's own CPU time, that of process start-up (interpreter and imports, measured for each
  rule's script by running its imports alone), jobs, bytes left on disk;
- the same at so many times the bootstrap's draws. Scales above 10 are measured with --full, and
  else projected: for each rule a line through the times measured at the two largest scales;
- with --before, the main job of another revision too, twice, of which the first run compiles its
  solver, and the ratios of CPU and wall time;
- a dry run of a DAG of 2000 jobs or more, by cutting the bootstrap into more shards;
- a model, and called so, of the time at 64 cores: list scheduling of the real DAG with the measured
  times of its jobs, started one after another by a scheduler that takes a while for each.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from algoprog.config.loading import read_mapping

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("config", "config.yaml", "data/raw", "rules", "scripts", "src", "workflow")
BUILT = ("results", "data/processed", "logs", ".snakemake")
BENCHMARKS = "logs/benchmarks"
MEASURED_SCALE = 10  # the largest one that is run without --full
CLUSTER = 64

# Snakemake in a process that says at its end what it and what its jobs took.
WRAPPER = """
import atexit, json, resource, runpy, sys

def report(path=sys.argv.pop(1)):
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with open(path, "w") as file:
        json.dump([u.ru_utime + u.ru_stime for u in used], file)

atexit.register(report)
runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Job:
    """A job of the DAG: the name of its log without its ending, what it took, what it needs."""

    name: str
    seconds: float
    needs: frozenset[str]


def rule_of(name: str) -> str:
    """The rule of a job of that name: `draw/headline/0-1000` is one of rule `draw`."""
    return name.partition("/")[0]


def read_benchmarks(directory: Path) -> dict[str, float]:
    """Wall time of each job by its name, from Snakemake's benchmark files below `directory`."""
    found = {}
    for path in sorted(directory.rglob("*.tsv")):
        with path.open(newline="") as file:
            (row,) = csv.DictReader(file, delimiter="\t")
        found[path.relative_to(directory).with_suffix("").as_posix()] = float(row["s"])
    return found


def read_dag(summary: str, seconds: Mapping[str, float]) -> list[Job]:
    """The jobs that `seconds` has times of, from the text of `snakemake --detailed-summary`.

    It has a line for each output, with the job's log and inputs. A job without a time raises
    KeyError, unless it has no log: then it is a target and runs nothing.
    """
    rows = [
        row
        for row in csv.DictReader(summary.splitlines(), delimiter="\t")
        if row["log-file(s)"] not in ("", "-")
    ]
    names = {
        row["output_file"]: Path(row["log-file(s)"]).relative_to("logs").with_suffix("").as_posix()
        for row in rows
    }
    needs: dict[str, set[str]] = {name: set() for name in names.values()}
    for row in rows:
        made = {names[path] for path in row["input-file(s)"].split(",") if path in names}
        needs[names[row["output_file"]]] |= made
    return [Job(name, seconds[name], frozenset(needs[name])) for name in needs]


def remaining(jobs: Sequence[Job]) -> dict[str, float]:
    """Length of the longest path from the start of each job to the end of the last."""
    used_by = defaultdict(list)
    for job in jobs:
        for need in job.needs:
            used_by[need].append(job.name)
    lengths = {job.name: job.seconds for job in jobs}
    left: dict[str, float] = {}

    def length(name: str) -> float:
        if name not in left:
            left[name] = lengths[name] + max(map(length, used_by[name]), default=0.0)
        return left[name]

    for job in jobs:
        length(job.name)
    return left


def makespan(jobs: Sequence[Job], cores: int, dispatch: float) -> float:
    """Time until all jobs are done by list scheduling, the longest remaining path first.

    Each job takes one core; one scheduler starts them and takes `dispatch` seconds for each.
    """
    left, needs = remaining(jobs), {job.name: set(job.needs) for job in jobs}
    seconds = {job.name: job.seconds for job in jobs}
    waiting, running, now, scheduler = set(needs), [], 0.0, 0.0
    while waiting or running:
        ready = sorted((n for n in waiting if not needs[n]), key=lambda n: (-left[n], n))
        for name in ready[: cores - len(running)]:
            scheduler = max(scheduler, now) + dispatch
            running.append((scheduler + seconds[name], name))
            waiting.remove(name)
        if not running:
            raise ValueError("the jobs need each other in a circle")
        ended = min(running)
        running.remove(ended)
        now = ended[0]
        for name in waiting:
            needs[name].discard(ended[1])
    return now


def through(points: Sequence[tuple[float, float]], x: float) -> float:
    """The line through the last two of `points`, at `x`; never below the last point."""
    (x0, y0), (x1, y1) = points[-2:]
    return y1 + max(0.0, (y1 - y0) / (x1 - x0)) * (x - x1)


def scaled(settings: Mapping[str, Any], factor: int) -> dict[str, Any]:
    """What is laid over the settings for so many times the draws, in every bootstrap."""
    analyses = settings["bootstrap"]["analyses"]
    each = {name: {"replicates": factor * one["replicates"]} for name, one in analyses.items()}
    pools = {n: {"replicates": factor * one["replicates"]} for n, one in settings["pools"].items()}
    checks = settings["sensitivity"]["replicates"]
    return {
        "bootstrap": {"analyses": each},
        "pools": pools,
        "sensitivity": {"replicates": {name: factor * one for name, one in checks.items()}},
    }


def imports(script: Path) -> str:
    """The import statements of a script, wherever in it, as a program; not those for types."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    conditional = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    typing = {inner for node in conditional for inner in ast.walk(node)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    nodes = [node for node in found if node not in typing]
    nodes.sort(key=lambda node: node.lineno)
    return "\n".join(map(ast.unparse, nodes))


@dataclass(frozen=True)
class Measured:
    """A run of the main job; times in seconds."""

    wall: float
    snakemake_cpu: float
    jobs_cpu: float
    jobs: dict[str, float]
    bytes_left: int

    @property
    def cpu(self) -> float:
        """CPU time of everything."""
        return self.snakemake_cpu + self.jobs_cpu


@dataclass(frozen=True)
class Call:
    """A call of Snakemake: what it printed; wall time, CPU time of it and of its jobs."""

    output: str
    messages: str
    wall: float
    own_cpu: float
    jobs_cpu: float


class Copy:
    """A copy of the project to run in."""

    def __init__(self, directory: Path, configurations: Sequence[Path], root: Path = ROOT) -> None:
        self.directory = directory
        self.environment = os.environ | {"PYTHONPATH": str(directory / "src")}
        self.configurations = [str(path.resolve()) for path in configurations]
        self.settings = read_mapping(ROOT, *configurations)
        for name in COPIED:
            source, target = root / name, directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, target)

    def clean(self) -> None:
        """Remove what was built."""
        for name in BUILT:
            shutil.rmtree(self.directory / name, ignore_errors=True)

    def call(self, *arguments: str, overlay: object = None) -> Call:
        """Run Snakemake, with `overlay` laid over the configuration."""
        configurations = list(self.configurations)
        if overlay:
            path = self.directory / "overlay.yaml"
            path.write_text(yaml.safe_dump(overlay))
            configurations.append(str(path))
        chosen = ["--configfile", *configurations] if configurations else []
        used = self.directory / "used.json"
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", WRAPPER, str(used), *arguments, *chosen],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        wall = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"Snakemake failed:\n{done.stdout}{done.stderr}")
        return Call(done.stdout, done.stderr, wall, *json.loads(used.read_text()))

    def main_job(self, cores: int, overlay: object = None) -> Measured:
        """The main job from clean, as `make` runs it: the samples first, then the rest."""
        self.clean()
        parts = [
            self.call(f"--cores={cores}", *target, overlay=overlay) for target in (["samples"], [])
        ]
        files = [p for name in BUILT for p in (self.directory / name).rglob("*") if p.is_file()]
        return Measured(
            wall=sum(part.wall for part in parts),
            snakemake_cpu=sum(part.own_cpu for part in parts),
            jobs_cpu=sum(part.jobs_cpu for part in parts),
            jobs=read_benchmarks(self.directory / BENCHMARKS),
            bytes_left=sum(path.stat().st_size for path in files),
        )

    def start_up(self, program: str) -> tuple[float, float]:
        """Wall and CPU time of a Python process that runs a program; the better of two."""
        times = []
        for _ in range(2):
            start, before = time.perf_counter(), os.times()
            subprocess.run(
                [sys.executable, "-c", program],
                cwd=self.directory / "scripts",
                env=self.environment | {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
                check=True,
            )
            after = os.times()
            cpu = (after.children_user + after.children_system) - (
                before.children_user + before.children_system
            )
            times.append((time.perf_counter() - start, cpu))
        return min(times)


def against(revision: str, cores: int, after: Measured) -> None:
    """The main job of another revision beside a run of this one: CPU and wall time, as ratios."""
    from against import checked_out

    with checked_out(revision) as tree, tempfile.TemporaryDirectory() as directory:
        copy = Copy(Path(directory), [], tree)
        copy.main_job(cores)
        before = copy.main_job(cores)
    print(
        f"\n{revision}: {before.wall:.1f} s wall, {before.cpu:.1f} s CPU, {len(before.jobs)} jobs; "
        f"now {100 * after.wall / before.wall:.0f} % of the wall time, "
        f"{100 * after.cpu / before.cpu:.0f} % of the CPU time, {len(after.jobs)} jobs"
    )


def start_ups(copy: Copy, jobs: Mapping[str, float]) -> tuple[float, float]:
    """Wall and CPU time of start-up over all the jobs, from each rule's script's imports."""
    known: dict[str, tuple[float, float]] = {}
    total = [0.0, 0.0]
    for name in jobs:
        program = imports(copy.directory / "scripts" / f"{rule_of(name)}.py")
        if program not in known:
            known[program] = copy.start_up(program)
        total = [sum(pair) for pair in zip(total, known[program], strict=True)]
    return total[0], total[1]


def show(cores: int, scale: int, run: Measured, start_up: tuple[float, float]) -> None:
    """One line of the table of runs."""
    shares = [run.snakemake_cpu, start_up[1]]
    own, starting = (100 * part / run.cpu for part in shares)
    in_jobs = 100 * sum(run.jobs.values()) / (cores * run.wall)
    print(
        f"{cores:6}{scale:7}{run.wall:9.1f}{run.cpu:9.1f}{len(run.jobs):7}"
        f"{own:12.1f}{starting:10.1f}{own + starting:8.1f}{in_jobs:10.1f}"
        f"{run.bytes_left / 1e6:10.1f}"
    )


def projected(runs: Mapping[int, Measured], scale: int) -> float:
    """Seconds in jobs at a scale, by a line for each rule through the two largest measured."""
    by_rule: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for factor in sorted(runs):
        totals: dict[str, float] = defaultdict(float)
        for name, seconds in runs[factor].jobs.items():
            totals[rule_of(name)] += seconds
        for rule, total in totals.items():
            by_rule[rule].append((factor, total))
    return sum(through(points, scale) for points in by_rule.values())


def many_jobs(copy: Copy, number: int) -> None:
    """A dry run of a DAG of so many jobs or more."""
    copy.clean()
    plain = copy.call("--dry-run", "--cores=1")
    draws = job_count(plain.output + plain.messages, "draw")
    total = job_count(plain.output + plain.messages, "total")
    jobs_a_shard = draws // copy.settings["bootstrap"]["shards"]
    shards = math.ceil((number - total + draws) / jobs_a_shard)
    analyses = copy.settings["bootstrap"]["analyses"].values()
    pools = copy.settings["pools"].values()
    fewest = min(one["replicates"] for one in [*analyses, *pools])
    overlay = scaled(copy.settings, math.ceil(shards / fewest))
    overlay["bootstrap"]["shards"] = shards
    cut = copy.call("--dry-run", "--cores=1", overlay=overlay)
    for run in (plain, cut):
        jobs = job_count(run.output + run.messages, "total")
        print(
            f"dry run of {jobs} jobs: {run.wall:.1f} s wall, {run.own_cpu:.1f} s CPU, "
            f"{1e3 * run.own_cpu / jobs:.2f} ms CPU a job"
        )


def job_count(output: str, rule: str) -> int:
    """How many jobs of a rule, or `total`, a dry run's output says there are."""
    found = re.search(rf"^{rule} +([0-9]+)$", output, flags=re.MULTILINE)
    return int(found.group(1)) if found else 0


def model(copy: Copy, run: Measured, cores: Sequence[int], measured: Mapping[int, float]) -> None:
    """The time at numbers of cores by list scheduling of the DAG with the times of a run."""
    jobs = read_dag(copy.call("--detailed-summary").output, run.jobs)
    plan = copy.call("--dry-run", "--forceall", "--cores=1")
    planning = 2 * plan.own_cpu  # for the samples, for the rest
    dispatch = max(0.0, run.snakemake_cpu - planning) / len(jobs)
    work, longest = sum(job.seconds for job in jobs), max(remaining(jobs).values())
    print(
        f"\nMODEL, not a measurement: {len(jobs)} jobs of {work:.1f} s, of which {longest:.1f} s "
        f"one after another; {1e3 * dispatch:.0f} ms of Snakemake for each, one at a time; "
        f"{planning:.1f} s for planning twice. No other queue, and cores as fast as here."
    )
    for number in cores:
        seconds = planning + makespan(jobs, number, dispatch)
        beside = f" (measured {measured[number]:.1f} s)" if number in measured else ""
        print(f"{number:6} cores: {seconds:.1f} s by the model{beside}")


def asked() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    available = len(os.sched_getaffinity(0))
    parser.add_argument("--cores", nargs="+", type=int, default=[1, *{2, available} - {1}])
    parser.add_argument("--scale", nargs="+", type=int, default=[1, 10, 100])
    parser.add_argument("--full", action="store_true", help="measure every scale")
    parser.add_argument("--jobs", type=int, default=2000, help="of the dry run")
    parser.add_argument("--configfile", nargs="+", type=Path, default=[])
    parser.add_argument(
        "--before",
        metavar="REV",
        help="compare with it: a revision whose main job runs",
    )
    return parser.parse_args()


def main() -> None:
    """Run all parts."""
    options = asked()
    cores, scales = sorted(set(options.cores)), sorted({1, *options.scale})
    with tempfile.TemporaryDirectory() as directory:
        copy = Copy(Path(directory), options.configfile)
        print(
            f"{'':13}{'wall s':>9}{'CPU s':>9}{'jobs':>7}{'Snakemake %':>12}{'start %':>10}"
            f"{'both %':>8}{'in jobs %':>10}{'MB left':>10}\n{'cores':>6}{'draws':>7}"
            "   (of CPU time: Snakemake, start-up; of the cores' wall time: in jobs)"
        )
        by_cores = {}
        for number in reversed(cores):
            run = by_cores[number] = copy.main_job(number)
            start_up = start_ups(copy, run.jobs)
            show(number, 1, run, start_up)
        least = by_cores[cores[0]]  # the one whose jobs had the machine most to themselves
        if options.before:
            against(options.before, cores[-1], by_cores[cores[-1]])
        model(copy, least, [*cores, CLUSTER], {n: run.wall for n, run in by_cores.items()})
        print()
        most, runs = cores[-1], {1: by_cores[cores[-1]]}
        for scale in scales[1:]:
            if options.full or scale <= MEASURED_SCALE:
                runs[scale] = copy.main_job(most, scaled(copy.settings, scale))
                show(most, scale, runs[scale], start_ups(copy, runs[scale].jobs))
            elif len(runs) > 1:
                seconds = projected(runs, scale)
                last = runs[max(runs)]
                busy = sum(last.jobs.values()) / last.wall
                print(
                    f"{most:6}{scale:7}{seconds / busy:9.1f}  PROJECTED, not measured: "
                    f"{seconds:.0f} s in jobs"
                )
        print()
        many_jobs(copy, options.jobs)


if __name__ == "__main__":
    main()
