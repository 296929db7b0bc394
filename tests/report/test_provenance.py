"""The record of a run names what was installed, whether or not Stan or another extra was."""

from __future__ import annotations

import platform
import re
from importlib import metadata

import pytest
import yaml

from algoprog import __version__
from algoprog.report.provenance import run_config

ASKED = [
    "numpy>=2.2",
    "pandera[polars]>=0.26",
    "pystan>=3.10; (sys_platform == 'linux') and extra == 'stan'",
    "snakemake-executor-plugin-slurm<3,>=2.8; sys_platform == 'linux' and extra == 'cluster'",
]


def test_what_an_extra_needs_may_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"numpy": "2.4.6", "pandera": "0.35.0"}

    def version(name: str) -> str:
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(metadata, "requires", lambda _: ASKED)
    monkeypatch.setattr(metadata, "version", version)
    record = yaml.safe_load(run_config({"seed": 1}, []))
    ours = {"python": platform.python_version(), "algoprog": __version__}
    assert record["versions"] == ours | installed


def test_what_is_asked_for_always_is_named() -> None:
    versions = yaml.safe_load(run_config({"seed": 1}, []))["versions"]
    asked = metadata.requires("algoprog") or []
    always = {re.split(r"[^\w-]", one)[0] for one in asked if ";" not in one}
    assert "numpy" in always
    assert always <= set(versions)
