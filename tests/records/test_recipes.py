"""The entries of docs/add-a-source.md, each on a small made-up file of the same shape."""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl
import pytest
import yaml
from project_files import ROOT

from algoprog.config.document import Config, parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.records.normalise import validate
from algoprog.records.sources import Reading, reading
from algoprog.records.specification import Source

PAGE = (ROOT / "docs/add-a-source.md").read_text(encoding="utf-8")
RECIPES = ("Papers with Code", "Chinchilla", "The README of the NanoGPT", "Observational")
MOST = 20  # lines of an entry


def entry(heading: str) -> str:
    """The YAML under a heading."""
    (section,) = [one for one in re.split(r"^## ", PAGE, flags=re.M) if one.startswith(heading)]
    (found,) = re.findall(r"```yaml\n(.*?)```", section, re.S)
    return str(found)


def config(heading: str) -> Config:
    """The project's configuration with an entry of the page over it."""
    return parse_config(merged(read_mapping(ROOT), yaml.safe_load(entry(heading))))


def read(heading: str, source: str, text: str) -> Reading:
    """What the entry reads of a text; its records are valid."""
    settings = config(heading).settings
    names = list(settings["benchmarks"]["definitions"])
    found = reading(Source.of(source, settings["sources"][source]), names, text.encode())
    if settings["sources"][source]["role"] == "records":
        validate(found.records, names)
    return found


@pytest.mark.parametrize("heading", RECIPES)
def test_each_entry_is_short(heading: str) -> None:
    lines = entry(heading).splitlines()
    assert 5 < len(lines) <= MOST
    assert max(map(len, lines)) <= 120  # and none of them is long


def a_row(name: str, **metrics: str) -> dict[str, Any]:
    return {
        "model_name": name,
        "paper_title": f"On {name}",
        "paper_url": "https://arxiv.org/abs/1904.08378",
        "paper_date": None,
        "metrics": {**metrics, "Number of params": "257M"},
    }


def a_set(name: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {"dataset": name, "sota": {"metrics": ["PPL"], "rows": list(rows)}, "subdatasets": []}


def test_papers_with_code() -> None:
    first = a_row("M1", **{"Test perplexity": "16.4"})
    vague = a_row("M2", PPL="20.1")
    vague["metrics"]["Number of params"] = "some"
    dated = {**a_row("M3"), "paper_date": "2020-05-01"}
    tasks = [
        {"task": "Words", "datasets": [a_set("WikiText-103", first)], "subtasks": [
            {"task": "Sub", "datasets": [a_set("WikiText-2", vague, dated), a_set("enwik8", first)]}
        ]},
    ]  # fmt: skip
    found = read("Papers with Code", "pwc", json.dumps(tasks))
    assert found.records.select(
        "system", "benchmark", "perplexity", "parameters", "dataset_tokens", "published"
    ).with_columns(pl.col("published").dt.to_string()).rows() == [
        ("M1", "wt103", 16.4, 257e6, 103227021, "2019-04-01"),
        ("M2", "wt2", 20.1, None, 2088628, "2019-04-01"),
        ("M3", None, None, 257e6, None, "2020-05-01"),
    ]
    assert found.warnings["value"].to_list() == ["some"]


def test_the_runs_of_chinchilla() -> None:
    text = "Model Size,Training FLOP,loss\n6.0e9,3.6e19,2.5\n5.0e7,1.0e18,4.0\n1.2e9,7.2e19,2.6\n"
    found = read("Chinchilla", "chinchilla_runs", text).records
    assert found["dataset_tokens"].to_list() == [1e9, 1e10]
    assert found["perplexity"].to_list() == [pytest.approx(12.18249396), pytest.approx(13.46373804)]
    assert found["system"].to_list() == ["6.0e9", "1.2e9"]


README = "\n".join(
    [
        "# Speedrun",
        "## World record history",
        "| # | Record time | Description | Date | Log |",
        "| - | - | - | - | - |",
        "1 | 45 minutes | [llm.c baseline](https://a.org/481) | 05/28/24 | [log](records/a.txt) |",
        "2 | 2.5 hours | [Muon](https://x.com/a) | 06/06/24 | none |",
    ]
)


def test_the_readme_of_the_speedrun() -> None:
    found = read("The README", "nanogpt", README).records
    compute = [2700 * 8 * 4e14, 9000 * 8 * 4e14]
    assert found["training_compute"].to_list() == compute
    assert found["dataset_tokens"].to_list() == [flop / (6 * 1.24e8) for flop in compute]
    assert found["perplexity"].to_list() == [pytest.approx(26.57577270)] * 2
    assert found["url"].to_list() == [
        "https://raw.githubusercontent.com/KellerJordan/modded-nanogpt/master/records/a.txt",
        None,
    ]
    assert found["published"].dt.to_string().to_list() == ["2024-05-28", "2024-06-06"]


def test_observational_scaling_laws() -> None:
    text = (
        "Model,Model Family,Model Size (B),Pretraining Data Size (T),FLOPs (1E21),MMLU\n"
        "facebook/opt-125m,OPT,0.125,0.18,0.135,0.26\n"
    )
    found = read("Observational", "obs_scaling", text).records
    assert found.select("parameters", "dataset_tokens", "training_compute").rows() == [
        (1.25e8, 1.8e11, pytest.approx(1.35e20)),
    ]
    assert config("Observational").sources["harness"].enabled
