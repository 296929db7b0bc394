"""The documents: every link, command, path and piece of configuration they name exists."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import yaml
from plain import Compiler

from algoprog.catalogue import TABLES
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "data/raw").glob("*.md"), *(ROOT / "docs").glob("*.md")]
)
CONFIG = read_mapping(ROOT)

sys.path.append(str(ROOT / "docs"))

import dataflow  # noqa: E402


def blocks(document: Path, language: str) -> list[str]:
    text = document.read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return [body for _, body in found]


def code(document: Path) -> Iterator[str]:
    """What stands in backticks."""
    yield from re.findall(r"`([^`\n]+)`", document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    for link in links:
        if "://" not in link:
            assert (document.parent / link.partition("#")[0]).exists(), link


def test_every_document_is_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    pending = list(reached)
    while pending:
        document = pending.pop()
        for link in re.findall(r"\]\(([^)\s]+\.md)\)", document.read_text(encoding="utf-8")):
            target = (document.parent / link).resolve()
            if target not in reached:
                reached.add(target)
                pending.append(target)
    assert set(DOCUMENTS) <= reached


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_targets_of_make_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z% -]+):", makefile, re.MULTILINE))
    targets = [name.replace("%", "[a-z]+") for line in known for name in line.split()]
    for found in re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8")):
        assert any(re.fullmatch(target, found) for target in targets), found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_configuration_is_valid(document: Path) -> None:
    """Each block by what stands before it; one with `...` is an outline."""
    config = CONFIG
    for text in blocks(document, "yaml"):
        if "..." in text:
            continue
        config = merged(config, yaml.safe_load(text))
        parse_config(config)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_variants_can_be_compiled(
    document: Path, compiler: Compiler, paper_sample: pl.DataFrame
) -> None:
    for text in blocks(document, "yaml"):
        said = {} if "..." in text else yaml.safe_load(text)
        written = said.get("variants") or {}
        added = {f"variable_{name}": pl.lit(1.0) for name in said.get("variables") or {}}
        for name, spec in written.items():
            if "exponentials" in spec:
                assert (
                    compiler.rows(name, spec, paper_sample.with_columns(**added)).n
                    == paper_sample.height
                )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_settings_and_files_that_are_named_exist(document: Path) -> None:
    folders = r"(src|rules|scripts|docs|tests|workflow|benchmarks|data/raw)"
    for text in code(document):
        path = text.split(": ")[0]
        if re.fullmatch(r"\w+\.csv", text):
            assert text.removesuffix(".csv") in TABLES or (ROOT / "data/raw" / text).exists(), text
        elif document.name == "configuration.md":
            continue  # written from the types, and compared with them
        elif re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)+", path) and path.split(".")[0] in CONFIG:
            found = CONFIG
            for key in path.split("."):
                assert key in found, text
                found = found[key]
            if ": " in text:
                value = yaml.safe_load(text)[path]
                assert value in found if isinstance(found, list) else value == found, text
        elif re.fullmatch(rf"{folders}/[\w./-]+\.\w+", text):
            assert (ROOT / text).exists(), text


# ---- the figure of the data flow


DOT = """
	0[label = "all", color = "0.5 0.6 0.85", style="rounded"];
	1[label = "fit", color = "0.5 0.6 0.85", style="rounded"];
	2[label = "sample", color = "0.5 0.6 0.85", style="rounded"];
	3[label = "report", color = "0.5 0.6 0.85", style="rounded"];
	4[label = "shipped_table", color = "0.5 0.6 0.85", style="rounded"];
	1 -> 0
	2 -> 1
	1 -> 3
	2 -> 3
	4 -> 3
"""


def test_what_a_rule_reads_is_left_of_it_and_implied_lines_are_gone() -> None:
    graph = dataflow.parse(DOT)  # whether packed tables may be used or not
    assert graph == {
        "all": {"fit"}, "fit": {"sample"}, "sample": set(), "report": {"fit", "sample"},
    }  # fmt: skip
    kept = dataflow.reduced(graph)
    assert kept["report"] == {"fit"}
    assert dataflow.columns(kept) == [["sample"], ["fit"], ["all", "report"]]


def test_every_rule_of_the_figure_has_a_stage_with_a_look() -> None:
    stage = dataflow.stages(ROOT / "rules")
    drawn = (ROOT / "docs/dataflow.svg").read_text(encoding="utf-8")
    names = {
        text.replace(" ", "_") for text in re.findall(r"<text [^>]*>([^<]+)</text>", drawn)
    } - set(dataflow.STAGES)
    assert names <= set(stage)
    assert {stage[name] for name in names} <= set(dataflow.STAGES)
