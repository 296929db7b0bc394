"""What a terminal is told of a run: a line for each stage, with counts and the time left.

A stage is a file of `rules/`. This module knows nothing of Snakemake: it is told which jobs there
are, which began and which ended, and returns the lines to be shown.
"""

from __future__ import annotations

import csv
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

# What the stages do, for who has not read the rules.
TITLES = {
    "acquire": "sources read",
    "normalize": "records and samples drawn",
    "fit": "scaling laws fitted",
    "resample": "bootstrap draws",
    "crossval": "errors on records held out",
    "quantities": "doubling times and other quantities",
    "histories": "record histories",
    "capability": "capability across benchmarks",
    "audit": "published numbers compared",
    "sensitivity": "checks of single choices",
    "evidence": "what the answer rests on",
    "multiverse": "combinations of all choices",
    "sets": "confidence sets",
    "coverage": "intervals on simulated data",
    "bayes": "Bayesian models",
    "experiments": "experiments and other domains",
    "synthesis": "every estimate on one axis",
    "report": "figures and report",
    "refresh": "sources downloaded again",
}
# Seconds of a job of rules that compute, of the configuration as it comes on one processor; of all
# others one. A first run's guess, which this run's jobs correct as they end.
USUAL = {
    "check": 6.5, "confidence_set": 11, "cross_validate": 22, "doubling_times": 5, "draw": 8,
    "era_split": 2, "figures": 10, "fit": 2.5, "headline_interval": 2, "out_of_time": 5,
    "published_noise": 7, "published_scores": 7, "report": 12, "reproduction": 4,
    "multiverse_fits": 8.5, "multiverse_draws": 15, "averaged_model": 40, "coverage_shard": 300,
    "profile": 10, "bayes_compile": 60, "bayes_chain": 130, "bayes_capability_chain": 300,
    "bayes_calibration_shard": 400,
}  # fmt: skip
# So many seconds of guesses are taken to be right before any job has ended: the first job of a
# fresh project compiles the solver, and says nothing of those that follow.
TRUSTED = 60.0
SILENCE = 30.0  # seconds without a line after which one says how far the run is


@dataclass
class Stage:
    """The jobs of a stage: how many there are, how many have ended, since when it runs."""

    jobs: int = 0
    done: int = 0
    begun: float | None = None


@dataclass
class Progress:
    """How far a run is.

    Parameters
    ----------
    stages : the stage of each rule; a rule of none is a target and is not counted.
    known : seconds of a job of each rule, as an earlier run measured them.
    clock : the time in seconds.
    """

    stages: Mapping[str, str]
    known: Mapping[str, float] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    cores: int = 1
    _waiting: Counter[str] = field(default_factory=Counter)
    _running: dict[int, tuple[str, float]] = field(default_factory=dict)
    _measured: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _by_stage: dict[str, Stage] = field(default_factory=dict)
    _spoken: float = 0.0

    def planned(self, jobs: Mapping[str, int]) -> str:
        """Take the number of jobs of each rule, and return the line that a run opens with."""
        self._waiting = Counter({rule: n for rule, n in jobs.items() if rule in self.stages})
        self._by_stage = {}
        for rule, n in self._waiting.items():
            self._by_stage.setdefault(self.stages[rule], Stage()).jobs += n
        self._spoken = self.clock()
        total, parts = self._total(), len(self._by_stage)
        return (
            f"{_count(total, 'job')} in {_count(parts, 'stage')} on {_count(self.cores, 'core')}"
            f"{self._left()}"
        )

    def began(self, number: int, rule: str) -> None:
        """Take note that job ``number`` of a rule has begun, for the first time or again."""
        if rule not in self.stages:
            return
        now = self.clock()
        if number not in self._running:
            self._waiting[rule] -= 1
        self._running[number] = (rule, now)
        stage = self._by_stage.setdefault(self.stages[rule], Stage(1))
        stage.begun = now if stage.begun is None else stage.begun

    def ended(self, number: int) -> str | None:
        """Take note that a job has ended, and return a line where its stage has, or one is due."""
        if number not in self._running:
            return None
        rule, begun = self._running.pop(number)
        now = self.clock()
        self._measured[rule].append(now - begun)
        name = self.stages[rule]
        stage = self._by_stage[name]
        stage.done += 1
        if stage.done >= stage.jobs:
            took = _duration(now - (begun if stage.begun is None else stage.begun))
            said = f"{_title(name)}: {_count(stage.jobs, 'job')} in {took}"
        elif now - self._spoken >= SILENCE:
            said = f"{_title(name)}: {stage.done} of {_count(stage.jobs, 'job')} done"
        else:
            return None
        self._spoken = now
        return f"{said}; {self._done()} of {self._total()} in all{self._left()}"

    def now(self) -> str:
        """Return what runs at the moment, for a line that is written again and again."""
        names = dict.fromkeys(self.stages[rule] for rule, _ in self._running.values())
        parts = [
            f"{_title(name)} {self._by_stage[name].done}/{self._by_stage[name].jobs}"
            for name in names
        ]
        return f"{self._done()} of {self._total()} jobs{self._left()} [{', '.join(parts)}]"

    def unfinished(self) -> list[str]:
        """Return a line for each stage that has begun and has not ended."""
        return [
            f"{_title(name)}: {stage.done} of {_count(stage.jobs, 'job')} done"
            for name, stage in self._by_stage.items()
            if stage.begun is not None and stage.done < stage.jobs
        ]

    def _done(self) -> int:
        return sum(stage.done for stage in self._by_stage.values())

    def _total(self) -> int:
        return sum(stage.jobs for stage in self._by_stage.values())

    def _left(self) -> str:
        seconds = self.seconds_left()
        return "" if not seconds else f", about {_duration(seconds)} left"

    def seconds_left(self) -> float:
        """Return the seconds that the jobs that are left will take.

        A job is guessed to take as long as those of its rule in an earlier run, else the usual
        time, corrected by what this run's jobs took of their guesses; it takes the median of this
        guess and of the times of its rule in this run. All is shared among the cores, and nothing
        ends before its longest job.
        """
        guessed = {rule: self._guess(rule) * len(those) for rule, those in self._measured.items()}
        took = sum(seconds for those in self._measured.values() for seconds in those)
        factor = (took + TRUSTED) / (sum(guessed.values()) + TRUSTED)
        now, each = self.clock(), []
        jobs = [(rule, 0.0) for rule, n in self._waiting.items() for _ in range(n)]
        jobs += [(rule, now - begun) for rule, begun in self._running.values()]
        for rule, spent in jobs:
            takes = median([factor * self._guess(rule), *self._measured.get(rule, [])])
            each.append(max(takes - spent, 0.0))
        return max(sum(each) / max(self.cores, 1), *each) if each else 0.0

    def _guess(self, rule: str) -> float:
        return self.known.get(rule, USUAL.get(rule, 1.0))


def stages_of(folder: Path) -> dict[str, str]:
    """Return the stage of each rule: the file of a folder in which it stands."""
    found = {}
    for path in sorted(folder.glob("*.smk")):
        for rule in re.findall(r"^\s*rule (\w+):", path.read_text(encoding="utf-8"), re.MULTILINE):
            found[rule] = path.stem
    return found


def measured(folder: Path) -> dict[str, float]:
    """Return the mean seconds of a job of each rule, from Snakemake's files of benchmarks."""
    seconds = defaultdict(list)
    for path in folder.rglob("*.tsv"):
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        try:
            with path.open(encoding="utf-8", newline="") as file:
                lines = list(csv.DictReader(file, delimiter="\t"))
            seconds[rule] += [float(line["s"]) for line in lines]
        except (OSError, ValueError, KeyError):
            continue  # it is being written, or was cut short: it only guesses the time left
    return {rule: sum(those) / len(those) for rule, those in seconds.items() if those}


def _title(stage: str) -> str:
    title = TITLES.get(stage, stage.replace("_", " "))
    return title[0].upper() + title[1:]


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def _duration(seconds: float) -> str:
    """A time in words, as exactly as a reader needs it."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min"
