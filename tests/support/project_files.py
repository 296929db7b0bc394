"""What the tests of sources, records and samples read: the configuration and the register."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.records.sources import read_source
from algoprog.records.specification import Source

ROOT = Path(__file__).resolve().parents[2]
REGISTER = ROOT / "data/raw/lm_evaluations.csv"
SHEET = ROOT.parent / "shared/data/ho2024_sheet.csv"

needs_sheet = pytest.mark.skipif(
    not SHEET.exists(), reason="the authors' sheet is not here; it is not part of the project"
)


def settings() -> dict[str, Any]:
    """The configuration, checked, as plain built-ins: what the rules pass to the scripts."""
    return parse_config(read_mapping(ROOT)).settings


SETTINGS = settings()
BENCHMARKS = SETTINGS["benchmarks"]
NAMES = list(BENCHMARKS["definitions"])


def a_source(name: str, **changes: Any) -> Source:
    """A source of config.yaml, some of its settings changed."""
    return Source.of(name, {**SETTINGS["sources"][name], **changes})


def read(content: bytes | str, source: str = "register", **changes: Any) -> pl.DataFrame:
    """Records of `content` as a source of config.yaml, some of its settings changed."""
    content = content.encode() if isinstance(content, str) else content
    return read_source(a_source(source, **changes), NAMES, content)


def register(*rows: dict[str, object]) -> str:
    """A register of these rows, on top of a valid one; each entry has a link of its own."""
    valid = {
        "system": "A",
        "paper": "On A",
        "url": "https://example.org/",
        "published": "2019-02-14",
        "architecture": "transformer",
        "benchmark": "wt103",
        "perplexity": "20.5",
        "parameters": "1000000",
        "dataset_tokens": "103000000",
        "epochs": "10",
        "vocabulary": "",
        "training_compute": "1.5e18",
        "zero_shot": "0",
        "uses_cache": "0",
        "include": "1",
        "outlier": "0",
        "uncertain": "0",
    }
    out = io.StringIO()
    writer = csv.DictWriter(out, ["entry", *valid], lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(rows, 1):
        entry = row.get("entry", number)
        url = f"{valid['url']}{entry}"
        writer.writerow({"entry": entry, **valid, "url": url, **row})
    return out.getvalue()
