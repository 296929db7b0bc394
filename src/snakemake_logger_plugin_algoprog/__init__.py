"""Reads configuration files with care before Snakemake reads them.

Snakemake loads the files of `--configfile` before it looks at a Snakefile, and runs a file that
says `__use_yte__` as a template, that is as code. It imports packages of this name when it starts,
so what is done here comes first: every configuration file goes through
:func:`algoprog.config.documents.read_document`, which knows no template, or is refused. The package
belongs to a checkout, where `make` installs it; it is no part of a wheel. Its handler logs nothing.
"""

import sys
from logging import LogRecord
from pathlib import Path
from typing import Any

from snakemake.common import configfile
from snakemake_interface_logger_plugins.base import LogHandlerBase

from algoprog.common.errors import InputError
from algoprog.config.loading import read_layer

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


class LogHandler(LogHandlerBase):
    """A handler that logs nothing: Snakemake asks a plugin of this kind for one."""

    writes_to_stream = False
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def emit(self, record: LogRecord) -> None:
        """Log nothing."""
