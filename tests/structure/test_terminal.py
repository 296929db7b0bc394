"""What a terminal is told of a run: a line for each stage, every error, nothing else."""

from __future__ import annotations

import inspect
import io
import logging
import logging.handlers
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.settings.types import OutputSettings
from snakemake_interface_logger_plugins.common import LogEvent

import snakemake_logger_plugin_algoprog as plugin
from snakemake_logger_plugin_algoprog.progress import TITLES, Progress, measured, stages_of

ROOT = Path(__file__).parents[2]
STAGES = {"fit": "fit", "merge_fits": "fit", "draw": "resample"}


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_stage_is_told_when_its_last_job_ends_with_counts_and_time_left() -> None:
    clock = Clock()
    run = Progress(STAGES, {"fit": 10.0, "merge_fits": 1.0, "draw": 20.0}, clock, cores=2)
    opened = run.planned({"fit": 2, "merge_fits": 1, "draw": 4, "all": 1, "total": 8})
    # 2 · 10 + 1 + 4 · 20 seconds on two cores
    assert opened == "7 jobs in 2 stages on 2 cores, about 50 s left"
    run.began(0, "fit")
    run.began(1, "fit")
    clock.now = 10.0
    assert run.ended(0) is None
    assert run.ended(1) is None
    run.began(2, "merge_fits")
    clock.now = 11.0
    assert run.ended(2) == "Scaling laws fitted: 3 jobs in 11 s; 3 of 7 in all, about 40 s left"
    run.began(3, "draw")
    assert run.now() == "3 of 7 jobs, about 40 s left [Bootstrap draws 0/4]"
    assert run.unfinished() == ["Bootstrap draws: 0 of 4 jobs done"]
    assert run.ended(99) is None  # a target


def test_what_is_guessed_is_corrected_by_what_jobs_took() -> None:
    clock = Clock()
    run = Progress(STAGES, {"fit": 100.0, "draw": 20.0}, clock)
    run.planned({"fit": 1, "draw": 1})
    run.began(0, "fit")
    clock.now = 300.0  # three times as long as an earlier run
    run.ended(0)
    # (300 + 60) / (100 + 60) times the guess: a minute of guesses is trusted
    assert run.seconds_left() == pytest.approx(2.25 * 20.0)


def test_a_first_job_that_compiles_says_little_of_the_others() -> None:
    clock = Clock()
    run = Progress(STAGES, {"fit": 6.0}, clock)
    run.planned({"fit": 23})
    run.began(0, "fit")
    clock.now = 120.0
    run.ended(0)
    assert run.seconds_left() < 23 * 120.0 / 1.5
    for number in (1, 2):
        run.began(number, "fit")
        clock.now += 6.0
        run.ended(number)
    assert run.seconds_left() < 23 * 10.0


def test_a_long_stage_says_how_far_it_is() -> None:
    clock = Clock()
    run = Progress(STAGES, {}, clock)
    run.planned({"draw": 3})
    run.began(0, "draw")
    clock.now = 45.0
    assert run.ended(0) == "Bootstrap draws: 1 of 3 jobs done; 1 of 3 in all, about 57 s left"


def test_a_job_that_is_tried_again_counts_once() -> None:
    run = Progress(STAGES, {}, Clock())
    run.planned({"draw": 1})
    run.began(0, "draw")
    run.began(0, "draw")
    said = run.ended(0)
    assert said is not None
    assert said.startswith("Bootstrap draws: 1 job in 1 s; 1 of 1 in all")


def test_every_stage_has_a_title_and_every_rule_a_stage() -> None:
    stages = stages_of(ROOT / "rules")
    assert set(stages.values()) <= set(TITLES)
    assert {"fit": "fit", "draw": "resample", "report": "report"}.items() <= stages.items()


def test_benchmarks_of_an_earlier_run_are_read_and_cut_short_ones_passed_over(
    tmp_path: Path,
) -> None:
    (tmp_path / "fit").mkdir()
    (tmp_path / "fit/a.tsv").write_text("s\th:m:s\n2.0\t0:00:02\n")
    (tmp_path / "fit/b.tsv").write_text("s\th:m:s\n4.0\t0:00:04\n")
    (tmp_path / "draw.tsv").write_text("s\th:")
    (tmp_path / "report.tsv").write_text("s\nx\n")
    assert measured(tmp_path) == {"fit": 3.0}


class Terminal(io.StringIO):
    """A stream that is, or is not, a terminal of an encoding."""

    def __init__(self, tty: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self.tty, self.known = tty, encoding

    def isatty(self) -> bool:
        return self.tty

    @property
    def encoding(self) -> str:
        return self.known

    def write(self, text: str) -> int:
        text.encode(self.known)  # as a terminal's stream: an error where it has no such letter
        return super().write(text)


def shown(
    monkeypatch: pytest.MonkeyPatch, terminal: Terminal, records: list[dict[str, Any]], **asked: Any
) -> str:
    """What the handler writes of records that come as Snakemake hands them over."""
    monkeypatch.setattr("sys.stderr", terminal)
    handler = plugin.LogHandler(OutputSettings(**asked), None)
    queue: Queue[logging.LogRecord] = Queue()
    sender = logging.handlers.QueueHandler(queue)
    for record in records:
        said = record.pop("msg", None)
        level = record.pop("level", logging.INFO)
        made = logging.LogRecord("snakemake", level, "", 0, said, None, None)
        made.__dict__.update(record)
        sender.emit(made)
        handler.handle(queue.get())
    handler.close()
    handler.close()
    return terminal.getvalue()


def records() -> list[dict[str, Any]]:
    """What Snakemake says of two jobs, the second of which fails."""
    started = {
        "event": LogEvent.WORKFLOW_STARTED,
        "snakefile_main": str(ROOT / "workflow/Snakefile"),
    }
    failed = {
        "rule_name": "draw", "rule_msg": None, "jobid": 2, "input": [], "output": ["draws.parquet"],
        "log": ["logs/draw.log"], "conda_env": None, "shellcmd": None, "aux": {}, "indent": False,
    }  # fmt: skip
    return [
        {"msg": "Building DAG of jobs..."},
        {"msg": "Workflow has started!"} | started,
        {"msg": "Provided cores: 2", "event": LogEvent.RESOURCES_INFO, "cores": 2},
        {"msg": "table", "event": LogEvent.RUN_INFO, "stats": {"fit": 1, "draw": 1, "total": 2}},
        {"msg": "Select jobs to execute..."},
        {"msg": "Rule: fit", "event": LogEvent.JOB_INFO, "jobid": 1, "rule_name": "fit"},
        {"msg": "Finished", "event": LogEvent.JOB_FINISHED, "job_id": 1},
        {"msg": None, "event": LogEvent.PROGRESS, "done": 1, "total": 2},
        {"msg": "Rule: draw", "event": LogEvent.JOB_INFO, "jobid": 2, "rule_name": "draw"},
        {"msg": "Error in draw", "event": LogEvent.JOB_ERROR, "level": logging.ERROR} | failed,
        {"msg": "Trying to restart job 2."},
        {"msg": "Größe of δ", "level": logging.WARNING},
        {"msg": "Complete log(s): /here/snakemake.log"},
    ]


def test_in_a_pipe_lines_only_and_every_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERBOSE", raising=False)
    monkeypatch.chdir(ROOT / "tests")
    said = shown(monkeypatch, Terminal(tty=False), records())
    assert "\r" not in said
    lines = said.splitlines()
    assert lines[0].startswith("2 jobs in 2 stages on 2 cores, about ")
    assert lines[1].startswith("Scaling laws fitted: 1 job in ")
    assert "Error in rule draw:" in lines
    assert "    log: logs/draw.log (check log file(s) for error details)" in lines
    assert "Trying to restart job 2." in lines
    assert "Größe of δ" in lines
    assert "Complete log(s): /here/snakemake.log" in lines
    assert lines[-2] == "Complete log(s): /here/snakemake.log"
    assert lines[-1] == "Not finished: Bootstrap draws: 0 of 1 job done"
    assert not any(line.startswith(("Building", "Select", "Provided")) for line in lines)


def test_a_terminal_has_a_line_that_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERBOSE", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    said = shown(monkeypatch, Terminal(tty=True), records())
    assert "0 of 2 jobs" in said
    assert said.count("\r") >= 4
    assert said.endswith("Not finished: Bootstrap draws: 0 of 1 job done\n")


def test_a_terminal_of_few_letters_shows_the_others_as_escapes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VERBOSE", raising=False)
    said = shown(monkeypatch, Terminal(tty=False, encoding="latin-1"), records())
    assert "Größe of \\u03b4" in said


@pytest.mark.parametrize(
    ("verbose", "asked"),
    [
        ("1", {}),
        ("", {"dryrun": True}),
        ("", {"verbose": True}),
        ("0", {"printshellcmds": True}),
        ("", {"quiet": {"rules"}}),
    ],
)
def test_snakemakes_own_output_comes_back(
    monkeypatch: pytest.MonkeyPatch, verbose: str, asked: dict[str, Any]
) -> None:
    monkeypatch.setenv("VERBOSE", verbose)
    handler = plugin.LogHandler(OutputSettings(**asked), None)
    assert not handler.writes_to_stream
    assert shown(monkeypatch, Terminal(tty=False), records(), **asked) == ""


def test_snakemake_has_the_limit_that_the_workflow_takes_away() -> None:
    # An attribute of the locked version: under another name the workflow would set it to no effect,
    # and Snakemake would take a third of the CPU time of a run with many jobs.
    assert "self.job_rate_limiter = (" in inspect.getsource(JobScheduler.__init__)
    assert "if self.job_rate_limiter is not None" in inspect.getsource(JobScheduler.schedule)
    rules = (ROOT / "rules/common.smk").read_text(encoding="utf-8")
    assert "workflow.scheduler.job_rate_limiter = None" in rules
    assert "look_when_a_job_ends()" in (ROOT / "workflow/Snakefile").read_text(encoding="utf-8")
