"""Drives Snakemake on copies of the project, on the small configuration."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import warm
import yaml
from solver import share_solver

PROJECT = Path(__file__).resolve().parents[2]
COPIED = [
    "config",
    "config.yaml",
    *(f"data/raw/{path.name}" for path in (PROJECT / "data/raw").glob("*.csv")),
    "studies",
    "rules",
    "scripts",
    "src",
    "workflow",
    "tests/workflow",
]
SMALL = "tests/workflow/small.yaml"
TARGETS = ("all", "samples", "refresh")
QUANTITIES = "tests/workflow/quantities.yaml"
TABLES = ("results/results.duckdb", "data/processed/evaluations.duckdb", "results/run_config.yaml")
DATABASE = "results/results.duckdb"  # made of all tables: a target for tests that look at no page
# Every rule but the figures', which take as long as all the rest of a small project: a page has
# those that are there, and draws others for itself.
RULES = [
    rule
    for file in [*(PROJECT / "rules").glob("*.smk"), PROJECT / "workflow/Snakefile"]
    for rule in re.findall(r"^ *rule (\w+):$", file.read_text(encoding="utf-8"), re.MULTILINE)
]
NO_FIGURES = ("--allowed-rules", *sorted({*RULES} - {"figures"}))
# Laid over a project in which nothing has run: the fewest jobs of fits that make every step.
QUICK = {
    "deltas": [0.0025],
    "bootstrap": {"shards": 1},
    "cross_validation": {"enabled": False},
    "temporal_hold_out": {"enabled": False},
}


def rows_of(table: bytes) -> list[dict[str, str]]:
    """The rows of a CSV table, each cell as text."""
    return list(csv.DictReader(io.StringIO(table.decode(), newline="")))


@dataclass(frozen=True)
class Run:
    """What one call of Snakemake did, or would do."""

    returncode: int
    output: str

    @property
    def jobs(self) -> list[tuple[str, dict[str, str]]]:
        """Rule and wildcards of each job, but for targets."""
        found = []
        for block in re.split(r"^(?:local)?rule ", self.output, flags=re.MULTILINE)[1:]:
            rule = block[: block.index(":")]
            line = re.search(r"^    wildcards: (.*)$", block.split("\n\n")[0], flags=re.MULTILINE)
            pairs = line.group(1).split(", ") if line else []
            found.append((rule, dict(pair.split("=", 1) for pair in pairs)))
        return [(rule, wildcards) for rule, wildcards in found if rule not in TARGETS]

    @property
    def rules(self) -> Counter[str]:
        """How many jobs of each rule."""
        return Counter(rule for rule, _ in self.jobs)

    @property
    def errors(self) -> list[str]:
        """The lines that tell a user what is wrong."""
        return [line for line in self.output.splitlines() if "InputError: " in line]


@dataclass(frozen=True)
class Project:
    """A copy of the project one test may change."""

    directory: Path
    configurations: tuple[str, ...] = (SMALL,)

    def snakemake(
        self,
        *arguments: str,
        cores: int = 2,
        overlay: object = None,
        verbose: bool = True,
        of: str = "first",
    ) -> Run:
        """Run Snakemake on the project's configurations, with `overlay` laid over them.

        What a terminal shows is Snakemake's own output, which tells the jobs, or ours. It and its
        jobs are forks `of` a process of that name, whose seed of hashes they have (see `warm`).
        """
        configurations = list(self.configurations)
        if overlay is not None:
            (self.directory / "overlay.yaml").write_text(yaml.safe_dump(overlay))
            configurations.append("overlay.yaml")
        variables = {"PYTHONPATH": str(self.directory / "src"), "NO_PROXY": "127.0.0.1"}
        variables["VERBOSE"] = "1" if verbose else ""
        command = ["-m", "snakemake", f"--cores={cores}", *arguments]
        command += ["--configfile", *configurations]
        return Run(*warm.run(command, self.directory, os.environ | variables, 1200, of))

    def make(self, *arguments: str, overlay: object = None) -> Run:
        """Run what `make` runs: the samples first, then the rest. The jobs are those of both."""
        first = self.snakemake(*arguments, "samples", overlay=overlay)
        if first.returncode:
            return first
        second = self.snakemake(*arguments, overlay=overlay)
        return Run(second.returncode, first.output + second.output)

    def make_part(self, *targets: str, overlay: object = None) -> Run:
        """Run what `make` runs, but only for these targets: figures take as long as all the rest.

        The jobs are those that `make` would run: planned by a dry run after the samples are there.
        """
        first = self.snakemake("samples", overlay=overlay)
        planned = self.dry_run(overlay=overlay)
        made = self.snakemake(*targets, overlay=overlay)
        for run in (first, planned, made):
            if run.returncode:
                return run
        return Run(0, first.output + planned.output)

    def dry_run(self, *arguments: str, overlay: object = None) -> Run:
        """Say what would run."""
        return self.snakemake("--dry-run", *arguments, overlay=overlay)

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        """Replace the text of a file by what `change` makes of it."""
        target = self.directory / path
        before = target.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        target.write_text(after, encoding="utf-8")

    def rows(self, table: str) -> list[dict[str, str]]:
        """The rows of a result table, each cell as text."""
        return rows_of(self.tables()[f"{table}.csv"])

    def tables(self) -> dict[str, bytes]:
        """The result tables as they stand."""
        return {
            path.name: path.read_bytes()
            for path in sorted((self.directory / "results/tables").glob("*.csv"))
        }


def copy_project(directory: Path, *configurations: str) -> Project:
    """Copy of what a run needs, nothing built."""
    for name in COPIED:
        source, target = PROJECT / name, directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            # With compiled modules, which are good for a copy of the same date.
            ignored = shutil.ignore_patterns("*.pyc.*", "*.nbi*", "*.nbc*", "*.tmp.*")
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy2(source, target)
    share_solver(directory)
    return Project(directory, configurations or (SMALL,))
