"""Reads configuration files with care before Snakemake reads them, and tells a terminal of a run.

Snakemake loads the files of `--configfile` before it looks at a Snakefile, and runs a file that
says `__use_yte__` as a template, that is as code. It imports packages of this name when it starts,
so what is done here comes first: every configuration file goes through
:func:`algoprog.config.documents.read_document`, which knows no template, or is refused. The package
belongs to a checkout, where `make` installs it; it is no part of a wheel.

Its handler (``--logger algoprog``, which workflow/profiles/default names) shows a line for each
stage, every warning and every error, and nothing of what Snakemake says of single jobs; that is in
Snakemake's log file. Snakemake's own output comes back by the environment variable ``VERBOSE=1``,
by a dry run and by each option that asks for more or less of it.
"""

import logging
import os
import re
import shutil
import sys
from logging import LogRecord
from pathlib import Path
from typing import Any

from snakemake.common import configfile
from snakemake.logging import DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from algoprog.common.errors import InputError
from algoprog.config.loading import read_layer
from snakemake_logger_plugin_algoprog.progress import Progress, measured, stages_of

_theirs = configfile._load_configfile


def _load_configfile(given: Any, filetype: str = "Config") -> Any:
    """Return what a configuration file says; a schema is left to Snakemake."""
    if filetype != "Config" or not isinstance(given, str | Path):
        return _theirs(given, filetype)
    path = Path(given)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    try:
        return read_layer(path, str(shown)).content
    except InputError as error:
        sys.exit(f"InputError: {error}\nNothing was run.")


configfile._load_configfile = _load_configfile


# What Snakemake says of every run or every job, none of it of use but in its log file. Everything
# else that it says is shown, as it says it.
USUAL = re.compile(
    "Assuming unrestricted shared filesystem|Building DAG of jobs|Using shell:|Provided |"
    "Rules claiming more threads|Group jobs: inactive|Conda environments: ignored|"
    "Singularity containers: ignored|Select jobs to execute|Execute \\d+ jobs|Elapsed time:|"
    "Removing temporary output|Touching output file|Write-protecting output|"
    "Processed \\d+ potential jobs|Job \\d+ has been submitted with SLURM jobid|"
    "Multiple includes of|None$|\\s*$"
)
LOG_FILE = re.compile("Complete log")  # said where a run has failed


class LogHandler(LogHandlerBase):
    """A handler that shows a line for each stage, and every warning and error as Snakemake does."""

    @property
    def writes_to_stream(self) -> bool:
        """Whether this handler stands in the place of Snakemake's own."""
        asked = self.common_settings
        return not (
            asked.dryrun
            or asked.verbose
            or asked.debug_dag
            or asked.printshellcmds
            or asked.quiet
            or os.environ.get("VERBOSE", "") not in {"", "0"}
        )

    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Begin with nothing known of the run."""
        self._stream = sys.stderr
        self._live = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._width = 0  # of the line that is written again and again
        self._failed = False
        self._progress = Progress({})
        self._words = DefaultFormatter(set(), self.common_settings.show_failed_logs)

    def emit(self, record: LogRecord) -> None:
        """Show what a user needs of a record."""
        if not self.writes_to_stream:
            return
        try:
            self._emit(record)
        except BrokenPipeError:
            raise
        except Exception:
            self.handleError(record)

    def _emit(self, record: LogRecord) -> None:
        event = getattr(record, "event", None)
        if record.levelno >= logging.WARNING:
            self._failed = self._failed or record.levelno >= logging.ERROR
            self._say(self._words.format(record))
        elif event == LogEvent.WORKFLOW_STARTED:
            rules = Path(record.snakefile_main).resolve().parent.parent / "rules"
            stages = stages_of(rules)
            stages |= dict.fromkeys(stages_of(rules.parent / "workflow"), "refresh")
            self._progress = Progress(stages, measured(Path("logs/benchmarks")))
        elif event == LogEvent.RESOURCES_INFO:
            # Of a cluster the number of jobs that may run at a time.
            said = getattr(record, "cores", None) or getattr(record, "nodes", None)
            self._progress.cores = min(said or self._progress.cores, 10**6)
        elif event == LogEvent.RUN_INFO and isinstance(getattr(record, "stats", None), dict):
            self._say(f"{self._progress.planned(record.stats)}; detail in .snakemake/log")
        elif event == LogEvent.JOB_INFO:
            self._progress.began(record.jobid, record.rule_name)
            self._show()
        elif event == LogEvent.JOB_FINISHED:
            line = self._progress.ended(record.job_id)
            if line:
                self._say(line)
            self._show()
        elif event is None and self._tells(record.getMessage()):
            self._say(record.getMessage())

    def _tells(self, text: str) -> bool:
        """Whether a message is of use to who watches."""
        return self._failed if LOG_FILE.match(text) else not USUAL.match(text)

    def _say(self, text: str) -> None:
        """Write a line that stays; a terminal of few letters shows the others as escapes."""
        self._clear()
        known = self._stream.encoding or "ascii"
        self._stream.write(text.encode(known, "backslashreplace").decode(known) + "\n")
        self._stream.flush()

    def _show(self) -> None:
        """Write the line of what runs over that before it, where there is a terminal."""
        if not self._live:
            return
        self._clear()
        text = self._progress.now()[: shutil.get_terminal_size().columns - 1]
        self._stream.write(text)
        self._stream.flush()
        self._width = len(text)

    def _clear(self) -> None:
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._width = 0

    def close(self) -> None:
        """Say how far the stages came that have not ended, and leave a clean line."""
        if self.writes_to_stream:
            for line in self._progress.unfinished() if self._failed else []:
                self._say(f"Not finished: {line}")
            self._failed = False  # Snakemake closes its handlers twice
            self._clear()
            self._stream.flush()
        super().close()
