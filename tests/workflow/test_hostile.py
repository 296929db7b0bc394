"""Hostile configurations end with one line, and nothing they say is run, read or shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from project import Project

OVERLAYS = {
    "template": (
        "__use_yte__: true\nseed: \"?1 + 0*__import__('os').system('touch PWN')\"\n",
        "__use_yte__: 'a template'",
    ),
    "template definitions": (
        "__use_yte__: true\n__definitions__:\n  - import os; os.system('touch PWN')\nseed: 1\n",
        "__use_yte__: 'a template'",
    ),
    "tag": ("seed: !!python/object/apply:os.system ['touch PWN']\n", "seed: 'the tag "),
    "formula": (
        "variants: {mine: {exponentials: [{a: '-{np.f2py.subprocess.os.system(\"touch PWN\")}'}]}}",
        "'.' in it",
    ),
    "formula import": (
        'variants: {mine: {exponentials: [{a: \'{__import__("os").system("touch PWN")}\'}]}}',
        "variants.mine.exponentials.0.a",
    ),
    "condition": (
        "exclusions: {no_counts: {where: \"EXISTS (SELECT 1 FROM read_csv('http://127.0.0.1:1/x'))\"}}",
        "'EXISTS' where a column or a value belongs",
    ),
    "alias": ("evil: &a [*a]\n", "line 1: 'the alias *a"),
    "depth": ("evil: " + "[" * 3000 + "]" * 3000, "line 1: 'nested over 40 deep'"),
    "json": ('{"evil": ' + "[" * 3000 + "]" * 3000 + "}", "line 1: 'nested over 40 deep'"),
    "digits": (f"seed: {'9' * 5000}\n", "seed: 'a number of 5,000 characters'"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay(fresh: Project, name: str) -> None:
    text, message = OVERLAYS[name]
    (fresh.directory / "evil.yaml").write_text(text)
    run = Project(fresh.directory, (*fresh.configurations, "evil.yaml")).dry_run("samples")
    assert run.returncode == 1
    assert "Traceback" not in run.output
    lines = [line for line in run.output.splitlines() if "evil.yaml" in line]
    assert 1 <= len(lines) <= 2
    assert message in lines[0]
    assert "Nothing was run." in run.output
    assert not list(fresh.directory.rglob("PWN*"))


@pytest.mark.slow
def test_the_project_s_own_file(fresh: Project) -> None:
    text, message = OVERLAYS["template"]
    fresh.edit("config.yaml", lambda before: text + before)
    run = fresh.dry_run("samples")
    assert run.returncode == 1
    assert f"config.yaml, {message}" in run.output
    assert not (fresh.directory / "PWN").exists()


@pytest.mark.slow
def test_no_file_and_the_command_line(fresh: Project, tmp_path: Path) -> None:
    absent = Project(fresh.directory, ("nosuch.yaml",)).dry_run("samples")
    assert "InputError: nosuch.yaml: 'No such file or directory'" in absent.output
    assert "Traceback" not in absent.output
    elsewhere = fresh.snakemake("--dry-run", "--directory", os.fspath(tmp_path), "samples")
    assert elsewhere.returncode == 1
    assert "Traceback" not in elsewhere.output
    listed = fresh.dry_run("--config", "deltas=[0,many]", "--")
    assert "--config, deltas.1: 'many'; expected a number" in listed.output
    assert "deltas.0" not in listed.output
