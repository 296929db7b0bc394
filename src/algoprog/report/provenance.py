"""What a result was made from: configuration, versions, seed, checksums of the inputs."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import yaml

from algoprog import __version__
from algoprog.common.integrity import checksum
from algoprog.common.rows import Plain


def run_config(config: Plain, inputs: Iterable[Path], warnings: Sequence[str] = ()) -> str:
    """The record of a run as YAML: no time, no host, so the same run gives the same text.

    `warnings` are what users of its sources and records must know
    (:func:`algoprog.records.snapshots.warnings`, :func:`algoprog.records.warned.lines`).
    """
    record = {
        "versions": {"python": platform.python_version(), **_versions()},
        "seed": config["seed"],
        "warnings": list(warnings),
        "inputs": {path.as_posix(): f"sha256:{checksum(path)}" for path in inputs},
        "config": dict(config),
    }
    return yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=100)


def _versions() -> dict[str, str]:
    """Versions of this package and of what is installed of what it asks for.

    It also asks for what an extra alone needs, such as Stan, or another system: most have none.
    """
    requirements = metadata.requires("algoprog") or []
    names = {re.split(r"[^A-Za-z0-9_.-]", one, maxsplit=1)[0] for one in requirements}
    found = {"algoprog": __version__}
    for name in sorted(names):
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
