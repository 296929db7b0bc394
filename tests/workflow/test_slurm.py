"""The workflow through a real SLURM, with jobs killed on the way; what the profiles name."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import slurm_cluster
import yaml
from project import PROJECT, SMALL, Project, copy_project
from slurm_cluster import Cluster, until
from snakemake.iocontainers import Wildcards

OVERLAY = "tests/workflow/slurm.yaml"
TARGET = "results/tables/doubling_times.csv"  # of fits and draws, which run on the cluster


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    if reason := slurm_cluster.missing():
        pytest.skip(f"no SLURM can be started: {reason}")
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(slurm_cluster.running(tmp_path / "slurm"))
        except slurm_cluster.StartError as error:
            pytest.skip(f"SLURM is installed but does not start here: {error}")
        for name, value in cluster.environment.items():
            monkeypatch.setenv(name, value)
        yield cluster


def scripts(project: Project, rule: str) -> dict[str, int]:
    """Process of every running script of a rule, by the number of its SLURM job."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").readlink() != project.directory:
                continue
            command = process.joinpath("cmdline").read_bytes()
            variables = process.joinpath("environ").read_bytes().split(b"\0")
        except OSError:  # ended meanwhile
            continue
        if command.endswith(f".{rule}.py\0".encode()):
            (number,) = (v for v in variables if v.startswith(b"SLURM_JOB_ID="))
            found[number.partition(b"=")[2].decode()] = int(process.name)
    return found


@pytest.mark.slow
def test_jobs_killed_on_slurm_are_run_again_and_the_tables_are_those_of_a_local_run(
    slurm: Cluster, solver: None, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project", SMALL, OVERLAY)
    local = copy_project(tmp_path / "local", SMALL, OVERLAY)
    faults: list[Callable[[str, int], Any]] = [
        lambda number, _: slurm.command("scancel", number),
        lambda _, process: os.kill(process, signal.SIGKILL),
        lambda number, _: slurm.requeue(number),
    ]
    hit: list[str] = []  # what the jobs were to make

    def strike() -> None:
        """Kill jobs while their scripts run, each in another way and none twice."""
        running = scripts(project, "draw") if len(hit) < len(faults) else {}
        for number, process in running.items():
            _, what = slurm.jobs()[number]
            if "headline" in what and what not in hit and len(hit) < len(faults):
                faults[len(hit)](number, process)
                hit.append(what)

    output = tmp_path / "output.txt"
    with (
        output.open("w") as file,
        subprocess.Popen(
            [
                *(sys.executable, "-m", "snakemake", "--cores=200"),  # as from make CORES=200
                *("--profile", "workflow/profiles/slurm"),
                *("--slurm-status-command=squeue", "--slurm-init-seconds-before-status-checks=4"),
                *(TARGET, "--configfile", *project.configurations),
            ],
            cwd=project.directory,
            env=os.environ | {"PYTHONPATH": str(project.directory / "src")},
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as snakemake,
    ):
        try:
            until(lambda: strike() or snakemake.poll() is not None, "the end", 1800)
        finally:
            snakemake.kill()
    assert snakemake.returncode == 0, output.read_text()
    assert len(hit) == len(faults), output.read_text()

    # what became of the jobs, in SLURM's words; a second attempt asks for twice as much
    ended: dict[str, list[tuple[str, ...]]] = {}
    for row in slurm.history():
        asked = dict(one.split("=") for one in row["Tres"].split(","))
        what = (row["JobState"], asked["cpu"], asked["mem"], row["TimeLimit"])
        ended.setdefault(row["Comment"], []).append(what)
    assert len([what for what in ended if "draw" in what and "headline" in what]) == 4  # shards
    cancelled, killed, requeued = hit
    first, second = ("1", "1200M", "10"), ("COMPLETED", "1", "2400M", "20")
    assert ended.pop(cancelled) == [("CANCELLED", *first), second]
    assert ended.pop(killed) == [("FAILED", *first), second]
    assert ended.pop(requeued) == [("PENDING", *first), ("COMPLETED", *first)]
    assert all(len(found) == 1 and found[0][0] == "COMPLETED" for found in ended.values())
    assert ended["rule_doubling_times"] == [("COMPLETED", "1", "1000M", "10")]
    assert not any("rule_sample" in what for what in ended)  # ran where Snakemake does

    run = local.snakemake(TARGET, overlay={"bootstrap": {"shards": 3}})
    assert run.returncode == 0, run.output
    assert {"fits.csv", "parameters.csv", "doubling_times.csv"} <= set(local.tables())
    assert project.tables() == local.tables()
    for name in ("published", "headline"):
        draws = f"results/draws/{name}.parquet"
        made = [one.directory.joinpath(draws).read_bytes() for one in (project, local)]
        assert made[0] == made[1], name
    assert "Nothing to be done" in project.dry_run(TARGET).output


# --- what the profiles name ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules() -> dict[str, str]:
    """Text of every rule there is, by its name."""
    found = {}
    for path in [*PROJECT.glob("rules/*.smk"), *PROJECT.glob("workflow/Snakefile")]:
        parts = re.split(r"^ *rule (\w+):\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found |= dict(zip(parts[1::2], parts[2::2], strict=True))
    assert len(found) > 40
    return found


@pytest.fixture(scope="module")
def local(rules: dict[str, str]) -> set[str]:
    """The rules that run where Snakemake does."""
    # a target has no script and runs nothing
    return {name for name, text in rules.items() if "localrule: True" in text} | {
        name for name, text in rules.items() if "script:" not in text
    }


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    path = PROJECT / "workflow/profiles/default/config.yaml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def wildcards(text: str) -> set[str]:
    """Wildcards of a rule, all of which are in the name of its log."""
    log = re.search(r'^ *log:\n *"(.*)"', text, flags=re.MULTILINE)
    return set(re.findall(r"\{(\w+)\}", log[1])) if log else set()


def test_rules_named_for_a_cluster_exist(
    rules: dict[str, str], local: set[str], profile: dict[str, Any]
) -> None:
    """Snakemake itself says nothing of one that does not."""
    own = profile["set-resources"].keys()
    assert local | own <= rules.keys()
    assert not local & own
    # what is run many times over is where the time goes: not left to the defaults
    assert {name for name, text in rules.items() if wildcards(text)} <= local | own


def test_a_second_attempt_may_take_twice_as_much(
    rules: dict[str, str], profile: dict[str, Any]
) -> None:
    for name, asked in {"": profile["default-resources"], **profile["set-resources"]}.items():
        assert set(asked) == {"mem_mb", "runtime"}, name
        known = wildcards(rules.get(name, ""))
        of = Wildcards(fromdict={one: "100" if one == "last" else "0" for one in known})
        for expression in asked.values():
            once, twice = (asked_of(expression, attempt, of) for attempt in (1, 2))
            assert isinstance(once, int) and twice == 2 * once >= 20, (name, expression)


def test_what_fits_a_sample_asks_for_more_time_where_it_has_more_rows(
    rules: dict[str, str], profile: dict[str, Any]
) -> None:
    growing = set()
    for name, asked in profile["set-resources"].items():
        known = wildcards(rules[name])
        of = Wildcards(fromdict={one: "100" if one == "last" else "0" for one in known})
        small, large = (asked_of(asked["runtime"], 1, of, size) for size in (0.4, 7.2))
        assert large in (small, 8 * small), name
        if large > small:
            growing.add(name)
    assert {"fit", "draw", "check", "confidence_set", "coverage_shard", "profile"} <= growing


def asked_of(expression: str, attempt: int, of: Wildcards, megabytes: float = 0.4) -> Any:
    """What a job asks for, as Snakemake evaluates it."""
    inputs = SimpleNamespace(size_mb=megabytes)
    return eval(expression, {"attempt": attempt, "wildcards": of, "input": inputs})
