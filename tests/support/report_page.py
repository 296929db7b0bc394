"""A small page of invented numbers, and what a test reads of it."""

from __future__ import annotations

import copy
import datetime
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import yaml
from plain import Compiler

from algoprog.catalogue import TABLES
from algoprog.quantities.headline import Headline, Statement
from algoprog.report.inputs import Inputs
from algoprog.report.page import render
from algoprog.report.settings import PageSettings
from algoprog.tables.csv import read_table, write_table
from algoprog.tables.frames import schema_of

HOSTILE = "<img src=x onerror=alert(1)>&\"'{{ 7 * 7 }}"


CONST = {"alpha_const": "1 + b", "beta_const": "1 + b"}


FIRST = {"alpha_const": "1 + b", "alpha_year": "-t", "alpha_param": "-n"}


SECOND = {"beta_const": "1 + b", "beta_year": "-t", "beta_data": "-d"}


ANALYSIS = {"sample": "paper", "variant": "m07", "delta": 0.0025}


CONFIG: dict[str, Any] = {
    "seed": 7,
    "benchmarks": {
        "baseline": "wt103",
        "definitions": {
            "wt103": {"label": "WikiText-103", "vocabulary": 268000},
            "ptb": {"label": "Penn Treebank", "vocabulary": 10000},
        },
    },
    "histories": {"shown": "modded-nanogpt-1"},
    "exclusions": {"no_date": {"where": "published IS NULL", "reason": "date unknown"}},
    "samples": {
        "paper": {
            "models_per_paper": 3,
            "response": {"published": "first_available", "converged": "own"},
        },
        "same": {"response": {"published": "first_available", "converged": "first_available"}},
    },
    "variants": {
        "m07": {"exponentials": [FIRST, SECOND]},
        "m10": {
            "exponentials": [
                FIRST | {"alpha_year": "-t:(1+b)"},
                SECOND | {"beta_year": "-t:(1+b)"},
            ]
        },
        "m14": {
            "exponentials": [
                {"alpha_const": "1 + b", "alpha_param": "-n", "alpha_rate": "-n:log(Y)"},
                {"beta_const": "1 + b", "beta_data": "-d", "beta_rate": "-d:log(Y)"},
            ]
        },
    },
    "deltas": [0, 0.0025],
    "bootstrap": {
        "analyses": {
            "theirs": ANALYSIS | {"estimator": "published", "resampling": "rows"},
            "ours": ANALYSIS | {"estimator": "converged", "resampling": "papers"},
            "off": ANALYSIS | {"estimator": "converged", "resampling": "rows"},
        }
    },
    "headline": {"converged": "ours", "published": "theirs"},
}


HEADLINE = Headline(
    (Statement("It halves every 6.6 months."), Statement("By the published procedure 8.4 months."))
)
# What a test of a page need not say of its settings.
DEFAULTS: dict[str, Any] = {
    "benchmarks": {"baseline": "wt103", "definitions": {"wt103": {"label": "WikiText-103"}}},
    "samples": {},
    "exclusions": {},
    "variants": {},
    "deltas": [],
    "pools": {},
    "headline": {"converged": "ours", "published": "theirs"},
    "bootstrap": {"analyses": {
        "ours": ANALYSIS | {"estimator": "converged", "resampling": "papers"},
        "theirs": ANALYSIS | {"estimator": "published", "resampling": "rows"},
    }},
    "optimal_scaling": {"compute": 1e25, "year": 2023.0},
    "shapley": {"systems": {}},
    "transformer": {"year": 2023.0},
    "effective_compute": {
        "start": 2014.0, "doubling_months": 6.0, "anchor_year": 2018.0, "anchor": 1.5,
    },
    "direct_observation": {"least_systems": 6},
    "histories": {"shown": "modded-nanogpt-1"},
    "allocation": {"laws": {}, "baseline": {"name": "Kaplan-optimal"}},
    "audit": {"noise": {"repetitions": 10, "pool_repetitions": 4, "size": 1e-8}},
    "multiverse": {
        "sample": "paper", "choices": {}, "bootstrap": {"replicates": 100, "resampling": "papers"},
    },
    "profiles": {"losses": [0.01]},
    "sensitivity": {"systems": ["First system", "Last system"]},
    "bayes": {"calibration": {"bins": 20, "level": 0.05, "doubling_months": 8.0}},
}  # fmt: skip


def settings(config: dict[str, Any]) -> PageSettings:
    """The settings of a page, as scripts rebuild them."""
    return msgspec.convert(DEFAULTS | config, PageSettings)


def made_from(tables: dict[str, pl.DataFrame], config: dict[str, Any], **given: Any) -> Inputs:
    """What a page, or a section of it, is made from."""
    samples, draws = given.pop("samples", {}), given.pop("draws", {})
    return Inputs(tables, samples, draws, settings(config), **given)


def rendered(**given: Any) -> str:
    """The page of the arguments that `inputs` gives."""
    return render(made_from(given.pop("tables"), given.pop("config"), **given))


class _Blank(dict[str, str]):
    """A drawing without anything in it for each figure, as if drawn before."""

    def get(self, key: str, default: Any = None) -> Any:
        return '<svg xmlns="http://www.w3.org/2000/svg"></svg>'


def undrawn(**given: Any) -> str:
    """The page of these arguments without what its figures show, which takes most of the time."""
    return rendered(**given, figures=_Blank())


def rows() -> pl.DataFrame:
    generator = np.random.default_rng(1)
    n = 24
    perplexity = 90 * 0.9 ** np.arange(n)
    perplexity[n - 2] = 2.0  # a record to be named in the figure
    return pl.DataFrame(
        {
            "row": range(n),
            "source": ["register"] * n,
            "source_row": range(1, n + 1),
            "system": [HOSTILE if i == n - 2 else f"System {i}" for i in range(n)],
            "paper": [f"Paper {i // 2}" for i in range(n)],
            "published": [datetime.date(2013 + i // 3, 1 + i % 3, 1) for i in range(n)],
            "architecture": ["transformer"] * n,
            "benchmark": ["wt103", "wt103", "ptb"] * (n // 3),
            "perplexity": perplexity.tolist(),
            "perplexity_first_available": perplexity.tolist(),
            "parameters": (10 ** generator.uniform(6, 11, n)).tolist(),
            "dataset_tokens": (10 ** generator.uniform(6, 11, n)).tolist(),
            "epochs": [None] * n,
            "vocabulary": [None] * n,
        },
        schema_overrides={"epochs": pl.Float64, "vocabulary": pl.Float64},
    )


def fit(
    sample: str, estimator: str, response: str, objective: float, **changes: Any
) -> dict[str, Any]:
    return {
        "sample": sample, "variant": "m07", "delta": 0.0025, "estimator": estimator,
        "n": 24, "p": 8,
        "objective": objective, "mse": 0.04, "r2": 0.9, "subgradient": 2e-3, "converged": False,
        "n_starts": 13, "n_at_best": 9, "response": response,
    } | changes  # fmt: skip


def doubling(estimator: str, resampling: str, **changes: Any) -> dict[str, Any]:
    months = {"point": 5.7, "median": 6.6, "ci50_low": 5.0, "ci50_high": 9.0}
    months |= {"ci90_low": 3.0, "ci90_high": 20.0, "ci95_low": 2.9, "ci95_high": math.inf}
    growth = {f"growth_{name}": 1.25 for name in months}
    return (
        ANALYSIS
        | {"estimator": estimator, "resampling": resampling, "definition": "closed_form"}
        | {"quantity": "compute", "benchmark": "all", "n_draws": 40, "share_nonpositive": 0.025}
        | months | growth | changes
    )  # fmt: skip


def inputs(variant: str = "m07") -> dict[str, Any]:
    """Arguments of `render`, invented numbers throughout."""
    config = copy.deepcopy(CONFIG)
    for analysis in config["bootstrap"]["analyses"].values():
        analysis["variant"] = variant
    sample = rows()
    names = (
        Compiler.of(sample, config["benchmarks"])
        .rows(variant, config["variants"][variant], sample)
        .parameters
    )
    theta = {name: 0.02 if name.endswith("year") else 0.05 for name in names}
    generator = np.random.default_rng(0)
    drawn = {name: value + generator.normal(0, 0.01, 40) for name, value in theta.items()}
    parameters = [
        {"sample": sample, "variant": variant, "delta": 0.0025, "estimator": estimator}
        | {"term": name, "estimate": scale * value if name.endswith("year") else value}
        for sample, estimator, scale in (
            ("paper", "published", 1.0), ("paper", "converged", 2.0), ("same", "converged", 1.5),
        )
        for name, value in theta.items()
    ]  # fmt: skip
    fits = [
        fit("paper", "converged", "own", 0.0524278, converged=True, subgradient=6e-16),
        fit("paper", "published", "first_available", 0.0518129),
        fit("same", "converged", "first_available", 0.0507223, converged=True, subgradient=0.0),
    ]
    times = [doubling("published", "rows", ci50_low=-4.3), doubling("converged", "papers")]
    tables = {
        "fits": pl.DataFrame(fits),
        "parameters": pl.DataFrame(parameters),
        "doubling_times": pl.DataFrame(times),
        "exclusions": pl.DataFrame(
            {
                "sample": ["paper", "paper", "same"],
                "source": ["register"] * 3,
                "source_row": [31, 32, 31],
                "system": [HOSTILE] * 3,
                "benchmark": [None] * 3,
                "reason": ["date unknown", HOSTILE, "date unknown"],
            }
        ),
        "sample_steps": pl.DataFrame(
            {
                "sample": ["paper", "paper", "paper"],
                "step": ["records", "no_date", "models_per_paper"],
                "systems": [1408, 36, 24],
                "rows": [1420, 37, 24],
            }
        ),
    }
    tables = {
        name: table.with_columns(variant=pl.lit(variant)) if "variant" in table.columns else table
        for name, table in tables.items()
    }
    record = {"versions": {"algoprog": "0.1"}, "seed": 7, "inputs": {"a.csv": "sha256:00ff"}}
    return {
        "headline": HEADLINE,
        "record": yaml.safe_dump(record | {"config": {"note": HOSTILE}}),
        "tables": tables,
        "samples": {"paper": sample, "same": sample},
        "draws": {"ours": pl.DataFrame(drawn), "theirs": pl.DataFrame(drawn)},
        "config": config,
    }


SCHEMES = {"published_split": "published", "rows": "converged", "papers": "converged"}


def with_cross_validation(
    models: int = 12, schemes: tuple[str, ...] = tuple(SCHEMES), **changes: Any
) -> dict[str, Any]:
    """Arguments of `render` with a table of held-out errors; the headline's is second to last."""
    table = pl.DataFrame(
        [
            {"sample": "paper", "variant": "m07" if i == models - 2 else f"x{i:02d}"}
            | {"delta": 0.0025, "estimator": SCHEMES[scheme], "scheme": scheme}
            | {"n": 19 if scheme == "published_split" else 24}
            | {"mse": 0.05 + 0.001 * i + 0.01 * j, "r2": 0.95 - 0.01 * i, "rank": i + 1}
            | {"n_fits": 12 + j, "n_at_best_min": 3}
            | {"n_converged": 0 if scheme == "published_split" else 12 + j}
            for j, scheme in enumerate(schemes)
            for i in reversed(range(models))
        ]
    ).with_columns(**changes)
    given = inputs()
    given["tables"]["cross_validation"] = table
    return given


class Page(HTMLParser):
    """What the tests ask of a page: elements with attributes, visible text, nesting."""

    VOID = ("meta", "link", "br", "img")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def prose(html: str) -> str:
    return " ".join(Page(html).text.split())


def changed(table: str, **columns: Any) -> dict[str, Any]:
    given = inputs()
    given["tables"][table] = given["tables"][table].with_columns(
        **{name: pl.lit(value) for name, value in columns.items()}
    )
    return given


def cross_validation_rows(html: str) -> list[str]:
    section = html[html.index('<h3 id="cross-validation">') :]
    table = section[section.index("<tbody>") : section.index("</table>")]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [" ".join(" ".join(Page(row).words).split()) for row in rows]


def of_two_sources(tmp_path: Path, conflicts: list[dict[str, Any]]) -> dict[str, Any]:
    """Arguments of `render` with another source's evaluations, as the tables are read."""
    given = inputs()
    pair = {"kept_source": "register", "other_source": "mine"}
    disagreeing = len({row["other_row"] for row in conflicts})
    tables = {
        "duplicates": pl.DataFrame([{**pair, "agreeing": 5, "conflicting": disagreeing}]),
        "conflicts": pl.DataFrame(
            [{"benchmark": "ptb", "kept_row": 1, **pair, **row} for row in conflicts],
            schema=schema_of(TABLES["conflicts"]),
        ),
    }
    for name, table in tables.items():
        write_table(tmp_path / f"{name}.csv", TABLES[name], table)
        given["tables"][name] = read_table(tmp_path / f"{name}.csv", TABLES[name])
    return given
